import assert from "node:assert/strict";
import { test } from "node:test";
import { type Move, mergeMove } from "../../shared/policy/merge-move.ts";
import type { Gates } from "../../shared/ports/merging.ts";
import type { Checks } from "../../shared/ports/pulls.ts";
import { gateTexts } from "../../shared/text/gates.ts";
import { freeGates } from "../support/gates.ts";

const checks = (over: Partial<Checks>): Checks => ({ failing: [], running: [], ...over });
const absent = (over: Partial<NonNullable<Checks["absent"]>>): Checks =>
  checks({ absent: { required: [], usual: [], isBare: false, ...over } });
const gates = (over: Partial<Gates>): Gates => ({ ...freeGates, ...over });
const allowed = { autoMerge: { allowed: true, on: false } };
const soon = 60_000;
const late = 10 * 60_000;

const cases: [string, Partial<Gates>, Move, number?][] = [
  ["nothing is asked for", {}, { do: "merge" }],
  ["a check has failed", { checks: checks({ failing: [{ name: "ci" }] }) }, { do: "wait", unready: [] }],
  [
    "a check runs that GitHub does not require",
    { checks: checks({ running: ["e2e"] }) },
    { do: "wait", unready: ["e2e"] },
  ],
  [
    "a required check runs, and auto-merge is allowed",
    { ...allowed, state: "blocked", required: ["ci"], checks: checks({ running: ["ci"] }) },
    { do: "arm" },
  ],
  [
    "a required check runs, and auto-merge is not allowed",
    { state: "blocked", required: ["ci"], checks: checks({ running: ["ci"] }) },
    { do: "wait", unready: ["ci"] },
  ],
  [
    "a required check and another run: GitHub would not wait for the other",
    { ...allowed, state: "blocked", required: ["ci"], checks: checks({ running: ["ci", "e2e"] }) },
    { do: "wait", unready: ["ci", "e2e"] },
  ],
  [
    "a required check has not begun",
    { state: "blocked", required: ["ci"], checks: absent({ required: ["ci"] }) },
    { do: "wait", unready: ["ci"] },
    late,
  ],
  [
    "a usual check has not begun on a new head",
    { checks: absent({ usual: ["ci"] }) },
    { do: "wait", unready: ["ci"] },
  ],
  ["a usual check is for other paths", { checks: absent({ usual: ["ci"] }) }, { do: "merge" }, late],
  [
    "no check at all has begun, where pull requests have some",
    { checks: absent({ usual: ["ci"], isBare: true }) },
    { do: "wait", unready: ["ci"] },
    late,
  ],
  ["a review is missing", { ...allowed, state: "blocked", reviewMissing: true }, { do: "arm" }],
  [
    "a review is missing, and auto-merge is not allowed",
    { state: "blocked", reviewMissing: true },
    { do: "merge" },
  ],
  [
    "GitHub says blocked, and nothing is known to be missing",
    { ...allowed, state: "blocked" },
    { do: "merge" },
  ],
  ["it is behind", { state: "behind", upToDate: true }, { do: "update" }],
  ["a queue takes care of what is behind", { state: "behind", queue: { in: false } }, { do: "enqueue" }],
  ["it is in the queue", { queue: { in: true }, checks: checks({ running: ["ci"] }) }, { do: "follow" }],
  [
    "a review is missing before it may enter the queue",
    { ...allowed, state: "blocked", reviewMissing: true, queue: { in: false } },
    { do: "arm" },
  ],
];

for (const [name, over, move, shownFor = soon] of cases)
  test(`approved, and ${name}: ${move.do}`, () => assert.deepEqual(mergeMove(gates(over), shownFor), move));

test("the conditions are told in GitHub's words, and those that are met are not", () => {
  const told = (over: Partial<Gates>, owners: string[] = []) =>
    gateTexts(gates(over), owners, "countersteer/approval");
  assert.deepEqual(told({}), []);
  assert.deepEqual(told({ reviews: 1, codeOwners: true, reviewMissing: true }, ["@acme/payments"]), [
    "a review by @acme/payments",
  ]);
  assert.deepEqual(told({ reviews: 2, reviewMissing: true }), ["2 reviews"]);
  assert.deepEqual(told({ reviews: 2, reviewMissing: false }), []);
  assert.deepEqual(
    told({
      required: ["ci", "countersteer/approval"],
      checks: { ...checks({ running: ["ci"] }), absent: { required: ["lint"], usual: [], isBare: false } },
      methods: ["squash"],
      queue: { in: false },
    }),
    [
      "2 checks pending (ci, lint)",
      "this approval, as its own check",
      "a merge by squash",
      "the merge queue, which merges it after its own checks",
    ],
  );
  assert.deepEqual(told({ checks: checks({ failing: [{ name: "ci" }] }), state: "draft" }), [
    "1 check failed (ci)",
    "“Ready for review”, as it is a draft",
  ]);
});
