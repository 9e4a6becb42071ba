import assert from "node:assert/strict";
import { test } from "node:test";
import { balance, refusals, tail } from "../balance.ts";
import { looksTold, readLooks } from "../looks.ts";
import { figuresOf, type Incident, type Mark } from "../score.ts";
import { table } from "../table.ts";
import { authors, incidentsBy, latest, type Seeds, type Written } from "./index.ts";

/** A part of the seeds; `npm run exam` checks the balance of all. */
const seeds: Seeds = [0, 24];
const few: Seeds = [0, 12];

const refusedIn = (incidents: Iterable<Incident>): string[] => {
  const checked = balance(latest);
  for (const incident of incidents) checked.add(incident);
  return refusals(checked.outcomes()).map(({ ranker }) => ranker);
};

const checkForm = ({ id, at, candidates, deploys = [], logs = [], flags = [], series = [] }: Written) => {
  const landed = new Map(candidates.map((one) => [one.sha, one.at]));
  assert.equal(landed.size, candidates.length, id);
  const times = candidates.map((one) => one.at);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => b - a),
  );
  const points = series.flatMap((one) => one.points.map(([time]) => time));
  const told = [...deploys, ...logs, ...flags].map((one) => one.at);
  for (const time of [...times, ...told, ...points]) assert.ok(time <= at, id);
  for (const { sha, at: live } of deploys) assert.ok((landed.get(sha) ?? 0) < live, id);
  for (const { sha, files, patch } of candidates) {
    assert.match(sha, /^[0-9a-f]{40}$/);
    assert.ok(files.length > 0 && patch !== "", id);
  }
};

for (const [name, author] of Object.entries(authors)) {
  const pairs = Array.from({ length: seeds[1] }, (_, seed) => author.pairOf(seed));

  test(`the pairs of ${name} have the form of a case, and the culprit is in the guilty one alone`, () => {
    assert.ok(author.stories.length >= 20);
    assert.equal(new Set(author.stories).size, author.stories.length);
    assert.deepEqual(author.pairOf(7), pairs[7]);
    for (const { story, guilty, twin } of pairs) {
      assert.ok(author.stories.includes(story));
      for (const one of [guilty, twin]) checkForm(one);
      const culprit = guilty.candidates.find(({ sha }) => sha === guilty.culprit);
      assert.ok(culprit !== undefined && twin.candidates.every(({ patch }) => patch !== culprit.patch));
      assert.equal(twin.culprit, null);
      assert.ok(!JSON.stringify(twin.candidates).includes(guilty.culprit!));
      assert.equal(guilty.candidates.length, twin.candidates.length);
    }
  });

  test(`no trivial ranker does well on the incidents of ${name}`, () => {
    assert.deepEqual(refusedIn(incidentsBy({ ...author, pairOf: (seed) => pairs[seed]! }, seeds)), []);
  });
}

/** The incidents of an author, with something changed in each. */
function* changed(change: (incident: Incident) => Incident): Generator<Incident> {
  for (const incident of incidentsBy(authors.workspace, few)) yield change(incident);
}

test("a set whose culprit always has the most files is refused", () => {
  const set = changed(({ given, culprit, ...rest }) => ({
    ...{ ...rest, culprit },
    given: {
      ...given,
      commits: given.commits.map((commit) => ({
        ...commit,
        paths: commit.sha === culprit ? ["a", "b", "c", "d", "e", "f", "g"] : ["a"],
      })),
    },
  }));
  assert.deepEqual(refusedIn(set), ["most files", "more files than its twin"]);
});

test("a set in which a flag stands beside every innocent trouble is refused", () => {
  const set = changed((incident) => {
    const { given, culprit } = incident;
    const flip = { at: given.onsetAt - 60_000, service: "web", flag: "beta", change: "on" };
    return { ...incident, given: { ...given, flags: culprit === undefined ? [flip] : [] } };
  });
  assert.deepEqual(refusedIn(set), ["nearest flag", "more flags than its twin"]);
});

test("the chance of so many hits is exact, whatever the chance of each", () => {
  assert.equal(tail([0.5, 0.5], 1), 0.75);
  assert.equal(tail([0.5, 0.25], 2), 0.125);
  assert.equal(tail([0.5, 0.25], 0), 1);
});

const told = (over: Partial<Mark>): Mark => ({
  ...{ name: "", story: "", guilty: true, right: true, place: 0, convicted: false },
  ...{ p: 1, none: 0, first: "", ...over },
});
const pair = [told({ pair: 1 }), told({ pair: 1, guilty: false, place: 9, right: false, convicted: true })];

test("the figures count a pair as right when both of its cases are", () => {
  assert.deepEqual(figuresOf([...pair, told({ pair: 2, place: 1, right: false, p: 0.5, none: 0.5 })]), {
    ...{ cases: 3, right: [1, 3], first: [1, 2], firstTwo: [2, 2], none: [0, 1], convicted: [1, 3] },
    ...{ pairs: [0, 2], error: 0.5 },
  });
});

test("the table ends with the worst origin of each figure, and has no sum", () => {
  const results = [
    { name: "one", marks: pair, outcomes: [] },
    { name: "two", marks: [told({ place: 1, right: false, p: 0 })], outcomes: [] },
  ];
  const rows = table(results).split("\n").slice(2);
  assert.deepEqual(rows, [
    "| one | 2 | 1 / 2 | 1 / 1 | 1 / 1 | 0 / 1 | 1 (50.0 %) | .500 | 0 / 1 |",
    "| – guilty | 1 | 1 / 1 | 1 / 1 | 1 / 1 | – | 0 (0.0 %) | .000 | 1 / 1 |",
    "| – twins | 1 | 0 / 1 | – | – | 0 / 1 | 1 (100.0 %) | 1.000 | 0 / 1 |",
    "| two | 1 | 0 / 1 | 0 / 1 | 1 / 1 | – | 0 (0.0 %) | .000 | – |",
    "| **the worst** |  | two: 0 / 1 | two: 0 / 1 | one: 1 / 1 | one: 0 / 1 | one: 1 (50.0 %) | one: .500 | one: 0 / 1 |",
  ]);
});

test("the log of looks tells how often seeds were looked at, and every look has its reason", async () => {
  const look = { date: "2026-11-30", commit: "a", why: "first try", isShown: false, figures: {} };
  const looks = [
    { ...look, seeds: [0, 120] as const },
    { ...look, seeds: [0, 120] as const, isShown: true },
    { ...look, seeds: [1000, 1120] as const },
  ];
  assert.equal(
    looksTold(looks, [0, 120]),
    "Seeds 0 to 119 were looked at 2 times before, 1 of them with their cases.",
  );
  for (const { why, seeds, isShown } of await readLooks()) {
    assert.ok(why.length > 0);
    assert.ok(!isShown || seeds[0] < 1000, "the cases of kept seeds are not shown");
  }
});
