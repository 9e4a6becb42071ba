import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startEnvironment } from "../../infra/demo/environment.ts";
import { type IncidentView, readIncident } from "../../infra/demo/follow.ts";
import { distinctLines } from "../support/distinct-lines.ts";
import { lifecycle, questionsIn } from "../support/kills.ts";
import { program } from "../support/program.ts";
import { until } from "../support/until.ts";

test("the demo's server killed with -9 after every event ends verified all the same, with the right culprit", async (t) => {
  const environment = await startEnvironment({ monitor: "builtin", program });
  t.after(() => environment.stop());
  const { culprit } = await environment.release();
  // Else a slow machine deploys the innocent commits with the release, or before its first failure is seen.
  await until("the first payment to fail", environment.traffic.firstBadAt, (at) => at !== undefined);
  await environment.after();
  const logged = async () => distinctLines(await readFile(join(environment.logs, "server.log"), "utf8"));
  const seen = async (type: string) => {
    const eventOf = (incident: IncidentView | undefined) =>
      incident?.timeline.find((one) => one.type === type);
    const read = () => readIncident(environment.incidentUrl);
    const incident = await until(type, read, (one) => eventOf(one) !== undefined, { more: logged });
    return { incident: incident!, event: eventOf(incident)! };
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
