import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Stage, startStage } from "../support/stage.ts";

const stage = await startStage({
  host: "aws-local",
  env: { AWS_LOCAL_SEED: "11", LEASE_MS: "8000", TICK_MS: "1000" },
});
after(() => stage.stop());

const facts = [
  "IncidentOpened",
  "IncidentDiagnosed",
  "RemedyProposed",
  "ApprovalRequested",
  "RemedyApproved",
  "RemedyMerged",
  "RemedyDeployed",
  "IncidentClosed",
];

const github = async ({ sandbox }: Stage, path: string): Promise<unknown> =>
  (await fetch(`${sandbox.github}${path}`, { headers: { authorization: `token ${sandbox.token}` } })).json();

/** Kills everything that runs on AWS at once, and starts it again over what the table holds. */
const kill = async (): Promise<void> => {
  await stage.server().kill();
  await stage.restart();
};

test("killed with -9 once an alert and once an approval were answered, while events come twice and in any order, the loop ends as if nothing had happened", async () => {
  // A lease that the killed process held must run out first.
  const seen = async (type: string) => {
    const shown = () => stage.until(type, ({ timeline }) => timeline.some((event) => event.type === type));
    return shown().catch(shown);
  };
  assert.equal((await stage.alert()).status, 202);
  await kill();
  await seen("ApprovalRequested");
  assert.equal(await stage.approve(), 200);
  await kill();
  const { merge } = await seen("RemedyMerged");
  assert.equal((await stage.deploy(merge!.sha)).status, 202);
  const { timeline } = await seen("IncidentClosed");

  const [pull] = (await github(stage, "/repos/acme/shop/pulls?state=all")) as { number: number }[];
  const comments = async () =>
    (
      (await github(stage, `/repos/acme/shop/issues/${pull!.number}/comments?per_page=100`)) as {
        body: string;
      }[]
    ).map(({ body }) => /\*\*(.+?)\*\*/.exec(body)?.[1]);
  for (const deadline = Date.now() + 20_000; (await comments()).length < 5 && Date.now() < deadline; )
    await delay(100);
  assert.deepEqual(
    timeline.map(({ type }) => type).filter((type) => type !== "StepDelayed" && type !== "MessagePosted"),
    facts,
  );
  assert.deepEqual(await comments(), [
    "Approval requested",
    "Approved",
    "Merged",
    "Live",
    "Verified: the trouble is over",
  ]);
  assert.equal(((await github(stage, "/repos/acme/shop/pulls?state=all")) as unknown[]).length, 1);
  assert.equal(
    stage.sandbox.messages(stage.channel).filter(({ threadTs }) => threadTs === undefined).length,
    1,
  );
  assert.equal(stage.shop.git("rev-list", "--count", "main"), "6");
});
