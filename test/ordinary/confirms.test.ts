import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../shared/diagnosis/judge.ts";
import type { Case } from "../../shared/diagnosis/model.ts";
import { caseOf, type Landing, lines, minute, noise, type Ordinary, second, step } from "./weigh.ts";

// Evidence that confirms a suspect never lowers it: over deploys, onsets, versions and logs.

const words = ["refund", "voucher", "session", "tariff", "invoice", "digest", "quota", "address"];
const minutes = [0.5, 1, 3, 10, 40];

const culpritOf = (index: number): Landing => [
  `${words[index % words.length]}: new rounding`,
  {
    [`src/${words[index % words.length]}.js`]: `-const x = 1;\n+const ${words[index % words.length]}Limit = ${index};`,
  },
  (index + 1) * 7 * minute + 60 * minute,
];
const others = (index: number): Landing[] =>
  Array.from({ length: index % 4 }, (_, n) => [
    `${words[(index + n + 3) % words.length]}: tidy ${n}`,
    { [`src/other-${n}.js`]: `+${n}` },
    (90 + 10 * n) * minute,
  ]);

const made = (index: number): { given: Ordinary; culprit: Landing; onset: number } => {
  const culprit = culpritOf(index);
  const onset = 5 * minute;
  const commits = [...others(index), culprit].toSorted((a, b) => b[2] - a[2]);
  const alert = {
    name: "ShopBroken",
    annotations: { summary: index % 2 === 0 ? `${words[index % words.length]} fails` : "it is broken" },
    ago: onset,
  };
  return { given: { commits, alert, isNew: index % 3 === 0 }, culprit, onset };
};

const chance = (given: Case, title: string): number =>
  judge(given).ranked.find(({ commit }) => commit.title === title)?.p ?? 0;

const cases = Array.from({ length: 40 }, (_, index) => ({ index, ...made(index) }));
const gapOf = (index: number): number => (minutes[index % minutes.length] ?? 1) * minute;
/** Rounding of sums. */
const tolerance = 1e-9;

const rises = (name: string, confirm: (one: (typeof cases)[number]) => [before: Ordinary, after: Ordinary]) =>
  test(name, () => {
    for (const one of cases) {
      const [before, after] = confirm(one);
      const [was, is] = [before, after].map((given) => chance(caseOf(given), one.culprit[0]));
      assert.ok(is! + tolerance >= was!, `case ${one.index}: ${was} → ${is}`);
    }
  });

const newest = (given: Ordinary): string => given.commits.at(-1)?.[0] ?? "";
const deployed = ({ given, onset, index }: (typeof cases)[number]): Ordinary => ({
  ...given,
  deploys: [[newest(given), onset + gapOf(index)]],
});

rises("the report of the deploy that brought it, minutes before the onset", (one) => [
  one.given,
  deployed(one),
]);

rises("the report of that deploy when its rollout has ended, after the onset", (one) => [
  one.given,
  { ...one.given, deploys: [[newest(one.given), one.onset - 30 * second]] },
]);

rises("a metric that steps as that deploy went live", (one) => [
  deployed(one),
  {
    ...deployed(one),
    series: [step(one.onset, 0.002, 0.2, { metric: "ShopBroken's ratio", alert: "ShopBroken" })],
  },
]);

rises("new log lines with a name that only this change holds", (one) => [
  { ...deployed(one), logs: noise },
  {
    ...deployed(one),
    logs: [...noise, ...lines(one.onset, `${words[one.index % words.length]}Limit reached`)],
  },
]);

rises("a version that is bad beside a good former one", (one) => {
  const of = (version: string, value: number, from: number) =>
    step(one.onset, value, value, {
      ...{ metric: "ratio", alert: "ShopBroken", versions: { version } },
      points: Array.from({ length: 60 }, (_, n): [number, number] => [
        step(0, 0, 0).points.at(-1)![0] - (59 - n) * 30 * second,
        value,
      ]).filter(([at]) => at >= step(0, 0, 0).points.at(-1)![0] - from),
    });
  const withVersion = deployed(one);
  const [[title, ago]] = withVersion.deploys as [[string, number]];
  const deploys: Ordinary["deploys"] = [[title, ago, { version: "v2" }]];
  return [
    { ...withVersion, deploys },
    { ...withVersion, deploys, series: [of("v1", 0.002, 30 * minute), of("v2", 0.2, ago)] },
  ];
});
