import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident, type Incident } from "../../shared/incident/model.ts";
import { approved as approval, diagnosed, opened, pull, revertOf, sha } from "../support/incident.ts";
import {
  approved,
  broken,
  configured,
  deployed,
  firstIn,
  given,
  lost,
  minute,
  redeployEnds,
  refused,
  tool,
} from "../support/redeploying.ts";
import { type World, world } from "../support/world.ts";

const notesIn = (incident: Incident): string[] =>
  ("diagnosis" in incident ? (incident.diagnosis?.notes ?? []) : []).filter((note) =>
    note.includes("put back"),
  );

/** Another trouble of the service, whose redeploy was ordered just now. `more` followed. */
const redeployingBeside = async (made: World, ...more: Event[]): Promise<void> => {
  const id = "payment-gateway/production/2";
  const first = { sha: sha("b"), deployedAt: 1_000, live: sha("c"), tool };
  const remedy = revertOf({ sha: sha("9"), first });
  const past: Event[] = [
    opened(),
    diagnosed([remedy]),
    { type: "RemedyProposed", at: 40, remedy, pull, due: 1040 },
    approval(),
    { type: "RedeployBegun", at: made.state.now, sha: sha("b"), id: "other", tool: "deploy.yml", due: 9e9 },
    ...more,
    { type: "IncidentClosed", at: made.state.now, outcome: "rejected" },
  ];
  await made.store.append(id, 0, past.reduce<Incident>(evolve, emptyIncident(id)), past);
  await made.handle({ type: "RecordSeparation", at: made.state.now, trouble: 2 });
};
const elsewhere = { services: [{ ...configured, environments: ["staging"] }] };
const ofStaging = {
  services: [
    {
      ...configured,
      environments: ["production", "staging"],
      rollback: { tool, environment: "staging" },
    },
  ],
};

for (const [what, change, expected] of [
  [
    "another commit is being deployed",
    (made) => deployed(made, "a", made.state.now - 1_000, { status: "started" }),
    "aaaaaaaaaaaa is being deployed to production since 00:00:19",
  ],
  [
    "the redeploy of another trouble goes on there",
    (made) => redeployingBeside(made),
    "payment-gateway/production/2 redeploys to production as well",
  ],
] as [string, (made: World) => Promise<void>, string][]) {
  test(`while ${what} no redeploy is offered`, async () => {
    const made = world(given);
    await broken(made, () => change(made));
    const asked = await made.settle();
    assert.deepEqual(
      [asked.status, firstIn(asked), notesIn(asked)],
      ["proposed", undefined, [`v1.8.1 cannot be put back first: ${expected}`]],
    );
  });
  test(`while ${what} the approved redeploy is left out, and the revert goes on`, async () => {
    const made = world(given);
    await broken(made);
    await change(made);
    await made.approve();
    await made.settle();
    assert.deepEqual(
      [await redeployEnds(made), made.state.orders, made.state.merges],
      [[`left_out: ${expected}`], [], 1],
    );
  });
}

test("once the redeploy of another trouble has ended, one is offered", async () => {
  const made = world(given);
  await broken(made, () =>
    redeployingBeside(made, {
      ...{ type: "RedeployEnded", at: made.state.now, sha: sha("b"), how: "failed", detail: "", due: 9e9 },
    }),
  );
  assert.equal(firstIn(await made.settle())?.sha, sha("b"));
});

for (const [what, config] of [
  ["the environment is no longer the service's", elsewhere],
  ["the redeploy is for another environment of the service", ofStaging],
] as const) {
  test(`where ${what}, no redeploy is offered`, async () => {
    const made = world(given);
    made.configure(config);
    assert.equal(firstIn((await broken(made)) && (await made.settle())), undefined);
    assert.deepEqual(notesIn(await made.settle()), []);
  });
  test(`where ${what} by the time of the approval, the redeploy is left out`, async () => {
    const made = world(given);
    await broken(made);
    made.configure(config);
    await made.approve();
    await made.settle();
    assert.deepEqual(
      [await redeployEnds(made), made.state.orders],
      [["left_out: the configuration says something else about redeploys than when people were asked"], []],
    );
  });
}

test("a flag that was switched after the former version was replaced counts, also where the culprit was deployed again since", async () => {
  const made = world(given);
  const flip = { service: "payment-gateway", environment: "production", flag: "minor", change: "on" };
  await made.store.recordFlip({ ...flip, at: 9_000 });
  await deployed(made, "c", 9_500);
  await broken(made);
  const asked = await made.settle();
  const offered = "diagnosis" in asked ? (asked.diagnosis?.remedies ?? []) : [];
  assert.deepEqual(
    offered.map((one) => one.kind === "revert" && one.first?.why),
    [undefined, ["flag minor was changed at 00:00:09, after v1.8.1 was replaced"]],
  );
});

const forbidden = "read run 41 of acme/payments: 403 Resource not accessible by integration";

for (const [what, named, failing] of [
  ["of the run that it named", true, "readDeploy"],
  ["of any run", false, "findDeploy"],
] as const)
  test(`where GitHub refuses to tell ${what}, the approved revert is merged after two minutes`, async () => {
    const made = world(given);
    if (!named) {
      await broken(made);
      made.state.failing["startDeploy after it was applied"] = lost("dispatch deploy.yml: no answer");
      await made.approve();
      await made.settle();
    } else await approved(made);
    made.state.failing = { [failing]: refused(forbidden) };
    made.state.now += 2 * minute - 1;
    assert.equal((await made.settle()).status, "approved");
    made.state.now += 1;
    assert.equal((await made.settle()).status, "merged");
    assert.deepEqual(
      [await redeployEnds(made), made.state.orders.length, made.state.merges],
      [[`unknown: GitHub tells nothing of its run (${forbidden}), and it is not ordered twice`], 1, 1],
    );
  });

test("where GitHub fails to tell of the run for as long as a deploy may take, the approved revert is merged", async () => {
  const made = world(given);
  await approved(made);
  made.state.failing = { readDeploy: lost("read run 41: 502") };
  made.state.now += configured.policy.deployMs - 1;
  assert.equal((await made.settle()).status, "approved");
  made.state.now += 1;
  assert.equal((await made.settle()).status, "merged");
});

test("a workflow whose file GitHub no longer shows is not run, and the revert goes on", async () => {
  const made = world(given);
  await broken(made);
  made.state.failing.workflow = refused("read .github/workflows/deploy.yml: 403 Forbidden");
  await made.approve();
  await made.settle();
  assert.deepEqual(
    [await redeployEnds(made), made.state.merges],
    [
      ["left_out: deploy.yml at main could not be read (read .github/workflows/deploy.yml: 403 Forbidden)"],
      1,
    ],
  );
});

test("a stop in the instant before the order holds the redeploy back, which is told, and nothing is ordered or merged", async () => {
  const made = world(given);
  await broken(made);
  const why = "Countersteer was stopped by ann at 12:00:00 UTC (drill)";
  made.state.failing.startDeploy = new UpstreamError("switch", why, { retryable: true });
  await made.approve();
  await made.settle();
  assert.deepEqual(
    [await redeployEnds(made), made.state.orders, made.state.merges],
    [[`held_back: ${why}`], [], 0],
  );
  const replies = [...made.state.replies.values()];
  assert.equal(replies.at(-1), `The redeploy was held back: ${why}`);
});

test("a revert that goes live after the redeploy was verified is told, once", async () => {
  const made = world(given);
  await approved(made);
  made.state.now += minute;
  await deployed(made, "b", made.state.now, { version: "v1.8.1" });
  made.state.reading = { result: "quiet", since: made.state.now };
  await made.settle();
  made.state.now += minute;
  assert.equal((await made.settle()).status, "closed");
  made.state.now += minute;
  await deployed(made, "f", made.state.now);
  await made.settle();
  const again = await made.settle();
  const log = await made.store.log(again.id);
  assert.deepEqual(
    log.flatMap((event) => (event.type === "RemedyDeployed" ? [[event.sha, event.behind ?? false]] : [])),
    [
      [sha("b"), false],
      [sha("f"), true],
    ],
  );
  assert.match([...made.state.replies.values()].at(-1) ?? "", /^The revert is live: ffffffffffff/);
});
