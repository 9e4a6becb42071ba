import assert from "node:assert/strict";
import { test } from "node:test";
import { startEnvironment } from "../../infra/demo/environment.ts";
import { readIncident } from "../../infra/demo/follow.ts";
import { lifecycle, questionsIn } from "../support/kills.ts";
import { program } from "../support/program.ts";

test("the demo's server killed with -9 after every event ends verified all the same, with the right culprit", async (t) => {
  const environment = await startEnvironment({ monitor: "builtin", program });
  t.after(() => environment.stop());
  const { culprit } = await environment.release();
  await environment.after();
  const seen = async (type: string) => {
    for (const deadline = Date.now() + 40_000; Date.now() < deadline; ) {
      const incident = await readIncident(environment.incidentUrl);
      const event = incident?.timeline.find((one) => one.type === type);
      if (incident !== undefined && event !== undefined) return { incident, event };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${type} did not come; the logs are in ${environment.logs}`);
  };
  for (const type of lifecycle) {
    const { event } = await seen(type);
    await environment.server().kill();
    await environment.restartServer();
    if (event.type === "ApprovalRequested") assert.equal(await environment.approve(event.message), 200);
  }
  const { incident } = await seen("IncidentClosed");
  assert.deepEqual(
    [incident.status, incident.outcome, incident.remedy?.sha],
    ["closed", "verified", culprit],
  );
  const order = incident.timeline.map(({ type }) => type).filter((type) => lifecycle.includes(type));
  assert.deepEqual(order, lifecycle);
  const comments = await environment.comments(incident.pull!.number);
  assert.equal(new Set(comments.map((body) => /<!-- (\S+) -->/.exec(body)?.[1])).size, comments.length);
  assert.equal(questionsIn(environment.sandbox, "C0PAYMENTS"), 1);
});
