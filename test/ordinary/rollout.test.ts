import assert from "node:assert/strict";
import { test } from "node:test";
import { withRollouts } from "../../shared/diagnosis/candidates/case-rollouts.ts";
import { hadBegun, rolloutTimes } from "../../shared/diagnosis/candidates/rollout-time.ts";
import { rolloutsOf } from "../../shared/diagnosis/candidates/rollouts.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { played } from "./played.ts";
import {
  caseOf,
  css,
  type Deploying,
  docs,
  highErrors,
  hour,
  type Landing,
  minute,
  now,
  type Ordinary,
  step,
  told,
} from "./weigh.ts";

// A rollout takes minutes: its pods serve from its beginning on, and it is told when it ends, or at both times.

const onset = 15 * minute;
const pages: Landing = [
  "orders: answers in pages",
  { "src/orders.js": "-const PAGE = 50;\n+const PAGE = 500;" },
  2 * hour,
];
const [newest] = docs;
const incident = (...deploys: Deploying[]): Ordinary => ({
  commits: [css, pages, docs],
  deploys,
  alert: { ...highErrors, ago: minute },
  series: [step(onset, 0.002, 0.3)],
});
const begun = (ago: number): Deploying => [newest, ago, { status: "started" }];
const ended = (ago: number, over: Partial<DeployRecord> = {}): Deploying => [newest, ago, over];
const first = (given: Ordinary) => told(given).diagnosis.suspects[0]!;

for (const [what, deploys, text] of [
  ["three minutes after", [ended(onset - 3 * minute)], /whose rollout went on as the trouble began/],
  ["nine minutes after", [ended(onset - 9 * minute)], /whose rollout went on as the trouble began/],
  [
    "eight minutes after, and its beginning before",
    [begun(onset + minute), ended(onset - 8 * minute)],
    /ratio .* → .* at 11:45:00, as it was rolled out/,
  ],
  [
    "twelve minutes after, and its beginning before",
    [begun(onset + 2 * minute), ended(onset - 12 * minute)],
    /as it was rolled out/,
  ],
  [
    "eight minutes after, as failed",
    [ended(onset - 8 * minute, { status: "failed" })],
    /its rollout at 11:53:00 failed/,
  ],
  [
    "before, in two regions and with both beginnings",
    [begun(onset + 9 * minute), begun(onset + 6 * minute), ended(onset + 3 * minute), ended(onset + minute)],
    /the 5 deploys on record/,
  ],
  [
    "before, at the second attempt",
    [ended(onset + 20 * minute, { status: "failed" }), ended(onset + minute)],
    /the 5 deploys on record/,
  ],
] satisfies [string, Deploying[], RegExp][]) {
  const given = incident(...deploys);
  test(`a rollout that is told ${what} the trouble began is the suspect`, () => {
    const { title, score, reasons } = first(given);
    assert.equal(title, pages[0]);
    assert.ok(score >= 0.8, `${score}\n${reasons.join("\n")}`);
    assert.match(reasons.join("\n"), text);
  });

  test(`the loop comes to the same: told ${what}`, async () => {
    const { diagnosis, isProposed } = await played(given);
    assert.deepEqual([diagnosis.suspects[0]?.title, isProposed], [pages[0], true]);
    assert.equal(diagnosis.suspects[0]?.score.toFixed(6), first(given).score.toFixed(6));
  });
}

for (const [what, deploys] of [
  ["whose report came fourteen minutes after", [ended(onset - 14 * minute)]],
  ["that began three minutes after", [begun(onset - 3 * minute), ended(onset - 5 * minute)]],
  [
    "that began eleven minutes after and failed",
    [begun(onset - 11 * minute), ended(onset - 13 * minute, { status: "failed" })],
  ],
] satisfies [string, Deploying[]][])
  test(`a rollout ${what} the trouble is not proposed`, () => {
    assert.equal(told(incident(...deploys)).proposed, undefined);
  });

test("what landed after the trouble began was not part of the rollout that is told soon after", () => {
  const hotfix: Landing = [
    "orders: fifty again",
    { "src/orders.js": "+const PAGE = 50;" },
    onset - 2 * minute,
  ];
  const given = { ...incident([hotfix[0], onset - 6 * minute]), commits: [hotfix] };
  assert.equal(told(given).proposed, undefined);
});

test("the later its only report, the less a rollout is suspected", () => {
  const scores = [2.5, 4, 6, 8, 10].map((late) => first(incident(ended(onset - late * minute))).score);
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => b - a),
  );
  assert.equal(new Set(scores).size, scores.length);
});

test("no minute of a late report is a cliff, with a measured onset and without", () => {
  const early = 30 * minute;
  for (const series of [[step(early, 0.002, 0.3)], undefined]) {
    const scores = Array.from({ length: 18 }, (_, late) => {
      const deploys: Deploying[] = [ended(early - late * minute)];
      const alert = { ...highErrors, ago: series === undefined ? early : minute };
      const { suspects } = told({
        commits: [css, pages, docs],
        deploys,
        alert,
        ...(series && { series }),
      }).diagnosis;
      return suspects.find(({ title }) => title === pages[0])?.score ?? 0;
    });
    const falls = scores.slice(1).map((score, index) => (scores[index] ?? 0) - score);
    assert.ok(Math.max(...falls) < 0.17, falls.map((fall) => fall.toFixed(2)).join(" "));
    assert.ok(Math.min(...falls) >= 0, falls.map((fall) => fall.toFixed(2)).join(" "));
  }
});

test("the rollouts of this service tell how late a report may be: one that takes twenty minutes, one that takes thirty seconds", () => {
  const former = ["orders: paginate the list", "search: boost exact titles", "mailer: plain text part"];
  const chance = (took: number, late: number): number => {
    const before = former.flatMap((title, index): Deploying[] => {
      const ago = (9 - 2 * index) * 24 * hour;
      return [
        [title, ago, { status: "started" }],
        [title, ago - took],
      ];
    });
    return first(incident(...before, ended(onset - late * minute))).score;
  };
  assert.ok(chance(20 * minute, 11) > 0.8, `${chance(20 * minute, 11)}`);
  assert.ok(chance(minute / 2, 11) < 0.4, `${chance(minute / 2, 11)}`);
  assert.deepEqual(rolloutTimes([])("shop"), { succeeded: 5 * minute, failed: 10 * minute });
  assert.ok(Math.abs(hadBegun(10 * minute, 5 * minute) - 0.1) < 1e-9);
});

test("a beginning that is told as well never lowers the suspect", () => {
  for (const late of [-4, -1, 3, 6, 9])
    for (const took of [3, 5, 12]) {
      if (took <= late) continue;
      const end = ended(onset - late * minute);
      const [without, withIt] = [incident(end), incident(begun(onset - (late - took) * minute), end)].map(
        (given) => first(given).score,
      );
      assert.ok(withIt! + 1e-9 >= without!, `${late} ${took}: ${without} → ${withIt}`);
    }
});

test("a rollback after the trouble began answers it, and is not told as its cause", () => {
  const back: Deploying = ["orders: export as CSV", onset - 5 * minute];
  const { diagnosis } = told(incident(ended(onset + minute), back));
  assert.doesNotMatch(diagnosis.notes?.join("\n") ?? "", /a rollback from .* it is the suspect/);
});

const report = (sha: string, at: number, over: Partial<DeployRecord> = {}): DeployRecord => ({
  ...{ service: "shop", environment: "production", sha, status: "succeeded", at: now + at },
  ...over,
});
const shapes = (deploys: DeployRecord[]) =>
  rolloutsOf(deploys).map(({ service, sha, status, at, beganAt, version }) =>
    [service, sha, status, at - now, ...(beganAt === undefined ? [] : [`from ${beganAt - now}`]), version]
      .filter((part) => part !== undefined)
      .join(" "),
  );
const start = { status: "started" } as const;

test("each rollout is one: with its beginning, of all regions, by service", () => {
  assert.deepEqual(
    shapes([
      report("b", 60, { version: "v2" }),
      report("b", 0, start),
      report("a", -900),
      report("b", 70),
      report("c", 20, { ...start, service: "mail" }),
      report("c", 90, { status: "failed", service: "mail" }),
      report("d", 99, start),
    ]),
    [
      "shop a succeeded -900",
      "shop b succeeded 60 from 0 v2",
      "shop d started 99",
      "mail c failed 90 from 20",
    ],
  );
});

test("what comes hours later is another deploy", () => {
  assert.deepEqual(
    shapes([report("a", 0, start), report("a", 7 * hour), report("a", 8 * hour), report("b", 9 * hour)]),
    [`shop a succeeded ${7 * hour}`, `shop a succeeded ${8 * hour}`, `shop b succeeded ${9 * hour}`],
  );
});

test("the change sets follow: one for each rollout, also where only its beginning was in time", () => {
  const given = caseOf(incident(begun(onset), ended(onset - 25 * minute)));
  const [beginning, end] = given.deploys.slice(-2);
  const sets = [beginning!, end!].map((deploy) => ({ deploy, from: "x", shas: ["y"] }));
  const of = (changeSets: typeof sets) =>
    withRollouts({ ...given, changeSets }).changeSets?.map(({ deploy: { status, beganAt, at } }) => [
      ...[status, beganAt, at],
    ]);
  const one = [["succeeded", beginning!.at, end!.at]];
  assert.deepEqual(of(sets), one);
  assert.deepEqual(of(sets.slice(0, 1)), one);
});
