import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type HostName, startLand, type World } from "../support/hosts.ts";

const land = await startLand();
after(() => land.stop());

const asked = ["IncidentOpened", "IncidentDiagnosed", "RemedyProposed", "ApprovalRequested"];
const hour = 60 * 60_000;

/** A deploy of no known commit, a failed one and the right one, and the alert that ends meanwhile. */
const reports = async (world: World): Promise<void> => {
  const shop = "one";
  await world.alert(shop, ["a1"]);
  await world.until(shop, ...asked);
  await world.press(shop, "approve");
  const merged = [...asked, "RemedyApproved", "RemedyMerged"];
  const { merge } = await world.until(shop, ...merged);
  world.pass(10_000);
  await world.deploy(shop, "9".repeat(40));
  await world.until(shop, ...merged, "StepDelayed");
  world.pass(70_000);
  await world.deploy(shop, merge!.sha);
  await world.until(shop, ...merged, "StepDelayed", "RemedyDeployed");
};

/** Nobody answers in time; a person merges by hand, and it is followed to live. */
const mergedLate = async (world: World): Promise<void> => {
  const shop = "two";
  await world.alert(shop, ["b1"]);
  await world.until(shop, ...asked);
  world.pass(3 * hour);
  const escalated = [...asked, "PageRequested", "IncidentEscalated"];
  await world.until(shop, ...escalated);
  await world.mergeByHand(shop);
  world.pass(15 * 60_000);
  const { merge } = await world.until(shop, ...escalated, "RemedyMerged");
  await world.deploy(shop, merge!.sha);
  await world.until(shop, ...escalated, "RemedyMerged", "RemedyDeployed");
};

for (const host of ["embedded", "aws-local"] satisfies HostName[])
  test(`${host}: no foreign report ends an incident, and a late merge is followed to live`, async () => {
    const world = await land.world(host, host === "embedded" ? {} : { tickMs: 500 });
    try {
      await reports(world);
      await mergedLate(world);
      assert.equal((await world.read("two"))?.status, "deployed");
    } finally {
      await world.stop();
    }
  });
