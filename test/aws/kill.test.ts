import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  commentTitles,
  factsOf,
  killServer,
  lifecycle,
  pullsOf,
  questionsIn,
  titlesOn,
} from "../support/kills.ts";
import { startStage } from "../support/stage.ts";
import { until } from "../support/until.ts";

const stage = await startStage({
  host: "aws-local",
  env: { AWS_LOCAL_SEED: "11", LEASE_MS: "8000", TICK_MS: "1000" },
});
after(() => stage.stop());

test("killed with -9 once an alert and once an approval were answered, while events come twice and in any order, the loop ends as if nothing had happened", async () => {
  // A lease that the killed process held must run out first.
  const seen = (type: string) =>
    stage.until(type, ({ timeline }) => timeline.some((event) => event.type === type));
  assert.equal((await stage.alert()).status, 202);
  await killServer(stage);
  await seen("ApprovalRequested");
  assert.equal(await stage.approve(), 200);
  await killServer(stage);
  const { merge } = await seen("RemedyMerged");
  assert.equal((await stage.deploy(merge!.sha)).status, 202);
  const { timeline } = await seen("IncidentClosed");

  const [pull] = await pullsOf(stage.sandbox);
  const titles = () => titlesOn(stage.sandbox, pull!.number);
  const told = await until("the last comment", titles, (found) => found.length >= commentTitles.length);
  assert.deepEqual(factsOf(timeline), lifecycle);
  assert.deepEqual(told, commentTitles);
  assert.equal((await pullsOf(stage.sandbox)).length, 1);
  assert.equal(questionsIn(stage.sandbox, stage.channel), 1);
  assert.equal(stage.shop.git("rev-list", "--count", "main"), "6");
});
