import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../shared/diagnosis/judge.ts";
import { rank, verdictOn } from "../../shared/diagnosis/rank.ts";
import { decide } from "../../shared/incident/decide.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident } from "../../shared/incident/model.ts";
import { diagnosed, opened, policy, pull } from "../support/incident.ts";
import { caseOf, hour, type Landing, lines, minute, noise, type Ordinary, step } from "./weigh.ts";

// The sender of an alert chooses its words: they may name a suspect, and never act.

const token: Landing = [
  "auth: shorter tokens",
  { "src/auth/token.js": "-const ttl = 3600;\n+const ttl = 60;" },
  3 * hour,
];
const other: Landing = ["search: synonyms", { "src/search.js": "+1" }, 2 * hour];

/** Whether mode auto acts on the first suspect of an incident. */
const acts = (given: Ordinary): boolean => {
  const { remedies, suspects } = rank({ ...caseOf(given), textBar: 0.9 });
  const [remedy] = remedies;
  if (remedy === undefined) return false;
  assert.ok(suspects[0]!.measured === true || remedy.score <= 0.9, String(remedy.score));
  const past: Event[] = [opened(), diagnosed()];
  const incident = past.reduce(evolve, emptyIncident("payment-gateway/production"));
  const events = decide(
    incident,
    { type: "RecordProposal", at: 50, round: 1, remedy, pull, guarded: false },
    { ...policy, mode: "auto", minConfidence: 0.3, autoConfidence: 0.5 },
  );
  return events.some(({ type }) => type === "RemedyApproved");
};

const alerts: [string, Ordinary["alert"]][] = [
  [
    "a label with the path of the file",
    { name: "AuthBroken", labels: { path: "src/auth/token.js" }, ago: minute },
  ],
  [
    "an annotation that repeats the title",
    { name: "AuthBroken", annotations: { summary: "auth: shorter tokens" }, ago: minute },
  ],
  [
    "an annotation that repeats the changed lines",
    { name: "AuthBroken", annotations: { description: "const ttl = 60;" }, ago: minute },
  ],
  [
    "all of that at once",
    {
      name: "AuthShorterTokens",
      labels: { handler: "/auth/token", file: "src/auth/token.js" },
      annotations: { summary: "auth: shorter tokens", description: "const ttl = 60; src/auth/token.js" },
      ago: minute,
    },
  ],
];

for (const [what, alert] of alerts) {
  test(`${what} never merges by auto without deploys, metrics and logs`, () => {
    assert.equal(acts({ commits: [token, other], alert }), false);
  });

  test(`${what} never merges by auto what ran well for hours before`, () => {
    const given: Ordinary = { commits: [token, other], deploys: [[other[0], 2 * hour]], alert };
    assert.equal(acts(given), false);
    assert.equal(acts({ ...given, series: [step(3 * minute, 0.002, 0.2)] }), false);
  });

  test(`${what} never merges by auto when another deploy is at the onset`, () => {
    const deploys: Ordinary["deploys"] = [
      [token[0], 50 * minute],
      [other[0], 4 * minute],
    ];
    assert.equal(
      acts({ commits: [token, other], deploys, alert, series: [step(3 * minute, 0.002, 0.2)] }),
      false,
    );
  });

  test(`log lines that only repeat ${what} are no measure`, () => {
    const words = [...Object.values(alert.labels ?? {}), ...Object.values(alert.annotations ?? {})].join(" ");
    assert.equal(
      acts({ commits: [token, other], alert, logs: [...noise, ...lines(2 * minute, words)] }),
      false,
    );
  });
}

test("of two that only words name, the likelier stays the likelier below the bar", () => {
  const told = [2, 4, 8, 16].map((minutes) =>
    caseOf({ commits: [token], deploys: [[token[0], minutes * minute]], alert: alerts[3]![1] }),
  );
  const pairs = told.map(
    (given) => [judge(given).ranked[0]!.p, verdictOn(given).verdict.ranked[0]!.p] as const,
  );
  const ordered = pairs.toSorted(([a], [b]) => a - b).map(([, p]) => p);
  assert.ok(pairs.some(([p]) => p > 0.9) && pairs.every(([, p]) => p <= 0.9), JSON.stringify(pairs));
  assert.deepEqual(
    ordered,
    ordered.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(ordered).size, new Set(pairs.map(([p]) => p)).size);
});

test("measured evidence that fits does act: its deploy against a measured onset", () => {
  const given: Ordinary = {
    commits: [token],
    deploys: [[token[0], 5 * minute]],
    alert: { name: "HighErrorRate", annotations: { summary: "errors" }, ago: minute },
    series: [step(4 * minute, 0.002, 0.3)],
  };
  const [suspect] = rank(caseOf(given)).suspects;
  assert.deepEqual([suspect?.measured, suspect?.contradicted], [true, false]);
  assert.ok(suspect?.kinds?.includes("measured"));
  assert.equal(acts(given), true);
});
