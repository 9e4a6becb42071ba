import assert from "node:assert/strict";
import { test } from "node:test";
import { startWorld } from "../../infra/demo/environment.ts";
import { readIncident } from "../../infra/demo/follow.ts";

const events = [
  "IncidentOpened",
  "IncidentDiagnosed",
  "RemedyProposed",
  "ApprovalRequested",
  "RemedyApproved",
  "RemedyMerged",
  "RemedyDeployed",
  "IncidentClosed",
];

test("the demo's server killed with -9 after every event ends verified all the same, with the right culprit", async (t) => {
  const world = await startWorld({ monitor: "builtin" });
  t.after(() => world.stop());
  const { culprit } = await world.release();
  await world.after();
  const seen = async (type: string) => {
    for (const deadline = Date.now() + 40_000; Date.now() < deadline; ) {
      const told = await readIncident(world.incidentUrl);
      const event = told?.timeline.find((one) => one.type === type);
      if (told !== undefined && event !== undefined) return { told, event };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${type} did not come; the logs are in ${world.logs}`);
  };
  for (const type of events) {
    const { event } = await seen(type);
    await world.server().kill();
    await world.restartServer();
    if (event.type === "ApprovalRequested") assert.equal(await world.approve(event.message), 200);
  }
  const { told } = await seen("IncidentClosed");
  assert.deepEqual([told.status, told.outcome, told.remedy?.sha], ["closed", "verified", culprit]);
  const order = told.timeline.map(({ type }) => type).filter((type) => events.includes(type));
  assert.deepEqual(order, events);
  const comments = await world.comments(told.pull!.number);
  assert.equal(new Set(comments.map((body) => /<!-- (\S+) -->/.exec(body)?.[1])).size, comments.length);
  assert.equal(
    world.sandbox.messages("C0PAYMENTS").filter(({ threadTs }) => threadTs === undefined).length,
    1,
  );
});
