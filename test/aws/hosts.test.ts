import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type HostName, startLand, type World } from "../support/hosts.ts";

const land = await startLand();
after(() => land.stop());

const asked = ["IncidentOpened", "IncidentDiagnosed", "RemedyProposed", "ApprovalRequested"];

/** Approved and verified, with everything said twice, and by people who may not. */
const verified = async (world: World): Promise<void> => {
  const shop = "one";
  await world.alert(shop, ["a1", "a2"]);
  await world.alert(shop, ["a2", "a1"]);
  await world.until(shop, ...asked);
  world.pass(10_000);
  await world.alert(shop, ["a3"]);
  const joined = [...asked, "AlertsJoined"];
  await world.until(shop, ...joined);
  world.pass(10_000);
  await world.press(shop, "approve", "U0EVE");
  await world.press(shop, "approve");
  assert.equal(await world.pressLate(shop), 200);
  const merged = [...joined, "RemedyApproved", "RemedyMerged"];
  const { merge } = await world.until(shop, ...merged);
  world.pass(10_000);
  await world.deploy(shop, merge!.sha);
  await world.deploy(shop, merge!.sha);
  await world.until(shop, ...merged, "RemedyDeployed");
  world.pass(10_000);
  await world.alert(shop, ["a1", "a2", "a3"], { status: "resolved" });
  await world.until(shop, ...merged, "RemedyDeployed", "AlertsResolved");
  world.pass(25_000);
  await world.until(shop, ...merged, "RemedyDeployed", "AlertsResolved", "IncidentClosed");
};

/** Nobody answers; then it is back with a later firing, rejected with a reason, and pressed again too late. */
const unanswered = async (world: World): Promise<void> => {
  const shop = "two";
  await world.alert(shop, ["b1"]);
  await world.until(shop, ...asked);
  world.pass(3 * 60 * 60 * 1000);
  const before = [...asked, "IncidentEscalated"];
  await world.until(shop, ...before);
  await world.quiet();
  world.pass(10_000);
  await world.alert(shop, ["b1"], { again: 1_000 });
  await world.until(shop, ...before, ...asked);
  world.pass(10_000);
  await world.press(shop, "reject");
  const [view] = world.sandbox.views("U0ANN");
  await world.sandbox.submitView({
    ...{ viewId: view!.id, user: "U0ANN" },
    values: { reason: "we roll forward" },
  });
  await world.until(shop, ...before, ...asked, "IncidentClosed");
  assert.equal(await world.pressLate(shop), 200);
};

const play = async (name: HostName): Promise<Record<string, string>> => {
  const world = await land.world(name, { tickMs: name === "embedded" ? 100 : 500 });
  try {
    for (const story of [verified, unanswered]) {
      await story(world);
      // Slack counts messages within an instant: what is told late must not be counted among the next ones.
      await world.quiet();
      world.pass(10_000);
    }
    const logs: Record<string, string> = {};
    for (const shop of ["one", "two"]) logs[shop] = JSON.stringify((await world.read(shop))!.timeline);
    return logs;
  } finally {
    await world.stop();
  }
};

test("the same recorded inputs give byte-equal incident logs on one machine and on AWS", async () => {
  const embedded = await play("embedded");
  assert.deepEqual(await play("aws-local"), embedded);
});
