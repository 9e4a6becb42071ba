import assert from "node:assert/strict";
import { test } from "node:test";
import { deploysBefore, liveByChangeSets } from "../../shared/diagnosis/in-production/before-onset.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import {
  caseOf,
  type Deploying,
  day,
  hour,
  type Landing,
  minute,
  type Ordinary,
  second,
  told,
} from "./weigh.ts";

// A controller reports a rollout when it has ended. Its pods have served before.

const alertAgo = 12 * minute;
const change: Landing = ["orders: answers in pages", { "src/orders.js": "+const PAGE = 500;" }, 2 * hour];
const incident = (deploys: Deploying[], over: Partial<Ordinary> = {}): Ordinary => ({
  commits: [change],
  deploys,
  alert: { name: "OrdersEmpty", annotations: { summary: "orders are empty" }, ago: alertAgo },
  ...over,
});

for (const late of [5 * second, 90 * second, 4 * minute, 9 * minute])
  test(`a deploy that is reported live ${late / second} s after the alert is the suspect`, () => {
    const { first, proposed, diagnosis } = told(incident([[change[0], alertAgo - late]]));
    assert.equal(first, change[0]);
    assert.ok(proposed !== undefined, JSON.stringify(diagnosis, null, 1));
    assert.match(diagnosis.suspects[0]!.reasons.join("\n"), /whose rollout went on as the trouble began/);
  });

for (const [hours, gap] of [
  [1, 20 * minute],
  [2, 4 * minute],
  [9, 29 * minute],
] as const)
  test(`a deployer whose clock is ${hours} h behind tells a time before the commit landed: it is set right, and said`, () => {
    const landed: Landing = [change[0], change[1], alertAgo + 3 * minute + gap];
    const given = incident([[change[0], alertAgo + 3 * minute + hours * hour]], { commits: [landed] });
    const { first, proposed, diagnosis } = told(given);
    assert.equal(first, change[0]);
    assert.ok(proposed !== undefined, JSON.stringify(diagnosis, null, 1));
    assert.match(diagnosis.suspects[0]!.reasons.join("\n"), /, 3 min before the trouble began/);
    assert.match(
      diagnosis.notes?.join("\n") ?? "",
      /the deployer's clock is behind, and it is taken for 11:45:00/,
    );
  });

test("a commit that carries a later date than its deploy, by no whole hours, changes no time", () => {
  const landed: Landing = [change[0], change[1], alertAgo + 55 * minute];
  const { diagnosis } = told(incident([[change[0], alertAgo + hour]], { commits: [landed] }));
  assert.doesNotMatch(diagnosis.notes?.join("\n") ?? "", /clock is behind/);
});

test("the later the report, the less its moment says", () => {
  const scores = [5 * second, 4 * minute, 9 * minute].map(
    (late) =>
      told(incident([[change[0], alertAgo - late]], { alert: { name: "X", ago: alertAgo } })).diagnosis
        .suspects[0]!.score,
  );
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => b - a),
  );
  assert.ok(scores[0]! > scores[2]!);
});

test("a deploy that is reported twenty minutes after the alert is none", () => {
  const ago = 25 * minute;
  const { diagnosis } = told(
    incident([[change[0], ago - 20 * minute]], { alert: { name: "OrdersEmpty", ago } }),
  );
  assert.equal(
    diagnosis.suspects.some(({ title }) => title === change[0]),
    false,
  );
});

test("what landed after the alert answers it, and is no suspect", () => {
  const hotfix: Landing = ["orders: no pages", { "src/orders.js": "-const PAGE = 500;" }, 10 * minute];
  const { diagnosis, first } = told({
    ...incident([
      [change[0], hour],
      [hotfix[0], 5 * minute],
    ]),
    commits: [change, hotfix],
  });
  assert.equal(first, change[0]);
  assert.equal(
    diagnosis.suspects.some(({ title }) => title === hotfix[0]),
    false,
  );
});

test("a rollback by a person minutes after the alert clears nobody", () => {
  const { first } = told(
    incident([
      [change[0], alertAgo + minute],
      ["orders: export as CSV", alertAgo - 3 * minute],
    ]),
  );
  assert.equal(first, change[0]);
});

const report = (sha: string, at: number, status: DeployRecord["status"] = "succeeded"): DeployRecord => ({
  ...{ service: "shop", environment: "production", sha, status, at },
});

test("by ancestry it is the same: brought by the report after the onset, unless it landed after that", () => {
  const { commits } = caseOf({ commits: [change], alert: { name: "X" } });
  const [newest] = commits;
  const onsetAt = newest!.at + hour;
  const deploy = report(newest!.sha, onsetAt + 3 * minute);
  const changeSets = [{ deploy, from: "before", shas: [newest!.sha] }];
  assert.deepEqual(
    [...liveByChangeSets({ commits, changeSets, deploys: [], onsetAt })],
    [
      [
        newest!.sha,
        {
          ...{ at: onsetAt, reportedAt: deploy.at, by: "deploy", service: "shop" },
          deploy: { sha: newest!.sha, from: "before" },
        },
      ],
    ],
  );
  const later = [{ ...newest!, at: onsetAt + minute }];
  assert.deepEqual([...liveByChangeSets({ commits: later, changeSets, deploys: [], onsetAt })], []);
});

test("a rollout that had begun before the onset counts from when it began", () => {
  const { commits } = caseOf({ commits: [change], alert: { name: "X" } });
  const [newest] = commits;
  const onsetAt = newest!.at + hour;
  const begun = report(newest!.sha, onsetAt - 2 * minute, "started");
  const ended = report(newest!.sha, onsetAt + 3 * minute);
  const changeSets = [begun, ended].map((deploy) => ({ deploy, from: "before", shas: [newest!.sha] }));
  const live = liveByChangeSets({ commits, changeSets, deploys: [], onsetAt }).get(newest!.sha);
  assert.deepEqual([live?.at, live?.rollout], [begun.at, "started"]);
});

test("which deploys may have touched what ran at the onset", () => {
  const [old, failed, late, back] = [
    report("a", -day),
    report("b", 14 * minute, "failed"),
    report("c", 9 * minute),
    report("a", 5 * minute),
  ];
  const others = [report("d", 18 * minute), report("e", 35 * minute, "failed"), report("f", 1, "started")];
  assert.deepEqual(deploysBefore([old!, failed!, late!, back!, ...others], 0), [old, failed, late]);
});
