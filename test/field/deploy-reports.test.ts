import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { sha } from "../support/incident.ts";
import { burning, culprit, type World, world } from "../support/world.ts";

/** f is the merge and a a later commit that holds it; b and c do not hold it; 9 is of no repository we know. */
const merged = async (): Promise<World> => {
  const made = world();
  const { contains } = made.work.history;
  made.work.history.contains = async (service, { ancestor, descendant }) => {
    if (descendant === sha("9"))
      throw new UpstreamError("github", "compare f...9 of acme/payments: 404 Not Found", {
        retryable: false,
        status: 404,
      });
    return contains(service, { ancestor, descendant });
  };
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  made.state.now = 30_000;
  await made.settle();
  return made;
};
const report = (made: World, commit: string, at: number, status: "succeeded" | "failed" = "succeeded") =>
  made.store.recordDeploy({ service: "payment-gateway", environment: "production", sha: commit, status, at });
const settledAt = (made: World, now: number) => {
  made.state.now = now;
  return made.settle();
};

test("a report of a commit that GitHub does not know ends nothing and is named, and the right one afterwards counts", async () => {
  const made = await merged();
  await report(made, sha("9"), 31_000);
  const waiting = await settledAt(made, 32_000);
  assert.equal(waiting.status, "merged");
  assert.match(
    waiting.status === "merged" ? (waiting.delay?.detail ?? "") : "",
    /999999999999.*acme\/payments/,
  );
  await report(made, sha("f"), 33_000);
  assert.equal((await settledAt(made, 34_000)).status, "deployed");
});

test("an unknown commit reported after the right one does not hide it", async () => {
  const made = await merged();
  await report(made, sha("f"), 31_000);
  await report(made, sha("9"), 32_000);
  assert.equal((await settledAt(made, 33_000)).status, "deployed");
});

test("a report from before the merge ends nothing, whatever became of it", async () => {
  const made = await merged();
  await report(made, sha("c"), 21_000, "failed");
  await report(made, sha("b"), 22_000);
  assert.equal((await settledAt(made, 31_000)).status, "merged");
  await report(made, sha("a"), 31_500);
  assert.equal((await settledAt(made, 32_000)).status, "deployed");
});

test("a deploy that failed is told and waited on, and the one that succeeds afterwards is live", async () => {
  const made = await merged();
  await report(made, sha("f"), 31_000, "failed");
  const waiting = await settledAt(made, 32_000);
  assert.equal(waiting.status, "merged");
  assert.match([...made.state.replies.values()].join("\n"), /the deploy of ffffffffffff.*failed/);
  await report(made, sha("f"), 33_000);
  assert.equal((await settledAt(made, 34_000)).status, "deployed");
});

test("a failure that is never followed by a success is for a person when the time is over", async () => {
  const made = await merged();
  await report(made, sha("f"), 31_000, "failed");
  made.state.now = 32_000;
  await made.settle();
  made.state.now = 800_000;
  await made.handle({ type: "Expire", at: 800_000 });
  const ended = await made.settle();
  assert.equal(ended.status === "escalated" && ended.reason, "deploy_failed");
});

test("of two reports in one instant the one that holds the merge counts", async () => {
  for (const order of [
    [sha("f"), sha("b")],
    [sha("b"), sha("f")],
  ]) {
    const made = await merged();
    for (const commit of order) await report(made, commit!, 31_000);
    assert.equal((await settledAt(made, 32_000)).status, "deployed");
  }
});

test("an older deploy that is told late changes nothing", async () => {
  const made = await merged();
  await report(made, sha("f"), 32_000);
  await report(made, sha("b"), 31_000);
  assert.equal((await settledAt(made, 33_000)).status, "deployed");
});

test("a later deploy that does not hold the merge is what runs", async () => {
  const made = await merged();
  await report(made, sha("f"), 31_000);
  await report(made, sha("b"), 32_000);
  assert.equal((await settledAt(made, 33_000)).status, "merged");
});

test("while the trouble is looked at, a deploy without the fix takes it back to waiting and is told, and it is never verified", async () => {
  const made = await merged();
  await report(made, sha("f"), 31_000);
  assert.equal((await settledAt(made, 31_500)).status, "deployed");
  await report(made, sha("b"), 33_000);
  assert.equal((await settledAt(made, 40_000)).status, "merged");
  assert.match(
    [...made.state.replies.values()].join("\n"),
    /Not live: b{12}, deployed at 00:00:33, does not hold pull request #1; it is from before that change, so this is a rollback by hand: deploy main/,
  );
  await report(made, sha("a"), 41_000);
  assert.equal((await settledAt(made, 42_000)).status, "deployed");
  const ended = await settledAt(made, 50_000);
  assert.equal(ended.status === "closed" && ended.outcome, "verified");
});

test("while the trouble is looked at, a deploy with the change and without its revert is told as that", async () => {
  const made = await merged();
  made.work.history.contains = async (_, { ancestor, descendant }) =>
    ancestor === culprit.sha || descendant === "main";
  await report(made, sha("f"), 31_000);
  assert.equal((await settledAt(made, 31_500)).status, "deployed");
  await report(made, sha("b"), 33_000);
  assert.equal((await settledAt(made, 40_000)).status, "merged");
  assert.match(
    [...made.state.replies.values()].join("\n"),
    /does not hold pull request #1; the change that it takes back runs again: deploy main/,
  );
});

test("a failed deploy while the trouble is looked at changes nothing of what runs", async () => {
  const made = await merged();
  await report(made, sha("f"), 31_000);
  made.state.now = 31_500;
  await made.settle();
  await report(made, sha("f"), 33_000, "failed");
  await report(made, sha("b"), 34_000, "failed");
  const ended = await settledAt(made, 40_000);
  assert.equal(ended.status === "closed" && ended.outcome, "verified");
});

test("a report whose clock is behind, and that holds the merge, counts", async () => {
  const made = await merged();
  await report(made, sha("f"), 9_000);
  assert.equal((await settledAt(made, 32_000)).status, "deployed");
});

test("GitHub out of reach while reports are looked at delays and ends nothing", async () => {
  const made = await merged();
  const { contains } = made.work.history;
  made.work.history.contains = async () => {
    throw new UpstreamError("github", "github is down", { retryable: true, status: 503 });
  };
  await report(made, sha("a"), 31_000);
  const waiting = await settledAt(made, 32_000);
  assert.equal(waiting.status === "merged" && waiting.delay?.detail, "github is down");
  made.work.history.contains = contains;
  assert.equal((await made.settle()).status, "deployed");
});

test("a deploy that holds the merge and a later commit that brings the change back is not the fix", async () => {
  const made = await merged();
  const { undone } = made.work.history;
  const back = { sha: sha("7"), parents: [], message: "Reapply", author: "bea" };
  made.work.history.undone = async (service, of) =>
    of.by === sha("a") ? { paths: ["src/fx.js"], commit: back } : undone(service, of);
  await report(made, sha("a"), 31_000);
  assert.equal((await settledAt(made, 40_000)).status, "merged");
  assert.match(
    [...made.state.replies.values()].join("\n"),
    /src\/fx\.js is as before it again by 777777777777 of bea/,
  );
  await report(made, sha("f"), 41_000);
  assert.equal((await settledAt(made, 42_000)).status, "deployed");
  await report(made, sha("a"), 43_000);
  assert.equal((await settledAt(made, 50_000)).status, "merged");
});

test("a deploy that admission control denied is told as that, in the deployer's words", async () => {
  for (const detail of [
    'admission webhook "validation.gatekeeper.sh" denied the request: [limits] no limits',
    'one or more objects failed to apply: admission webhook "validate.kyverno.svc-fail" denied the request: resource Deployment was blocked',
    "deployments.apps is forbidden: ValidatingAdmissionPolicy 'replicas' with binding 'all' denied request: too many",
  ]) {
    const made = await merged();
    await made.store.recordDeploy({
      ...{ service: "payment-gateway", environment: "production", sha: sha("f") },
      ...{ status: "failed", at: 31_000, detail },
    });
    const failed = await settledAt(made, 32_000);
    assert.equal(
      failed.status === "merged" && failed.notLive?.detail,
      `the deploy of ffffffffffff at 00:00:31, which holds pull request #1, was denied by an admission policy (denied_by_policy), which told “${detail}”; the next one that succeeds counts`,
    );
  }
  const made = await merged();
  await made.store.recordDeploy({
    ...{ service: "payment-gateway", environment: "production", sha: sha("f") },
    ...{ status: "failed", at: 31_000, detail: "image pull failed: access denied" },
  });
  const failed = await settledAt(made, 32_000);
  assert.match(
    failed.status === "merged" ? (failed.notLive?.detail ?? "") : "",
    /#1, failed, which told “image pull failed/,
  );
});

test("a rollout that has only started is neither live nor failed, and is told as under way when it holds the merge", async () => {
  const made = await merged();
  const waits = async (commit: string, at: number) => {
    await made.store.recordDeploy({
      ...{ service: "payment-gateway", environment: "production", sha: commit },
      ...{ status: "started", at },
    });
    made.state.now = at + 500;
    const now = await made.settle();
    return now.status === "merged" && now.delay?.detail;
  };
  assert.equal(await waits(sha("b"), 30_500), undefined);
  assert.equal(
    await waits(sha("f"), 31_000),
    "deploying ffffffffffff since 00:00:31, which holds pull request #1",
  );
  const waiting = await made.settle();
  assert.deepEqual(
    [waiting.status, [...made.state.replies.keys()].some((key) => key.includes("FixNotLive"))],
    ["merged", false],
  );
});

test("a merge that a forced push took from the branch is told with what to do, once, and a merge that comes again counts", async () => {
  const made = await merged();
  made.state.forcePushed = true;
  await report(made, sha("b"), 31_000);
  for (const now of [32_000, 33_000, 34_000]) {
    made.state.now = now;
    assert.equal((await made.settle()).status, "merged");
  }
  const told = [...made.state.replies.values()].filter((text) => /force-pushed since/.test(text));
  assert.deepEqual(told, [
    "Not live: bbbbbbbbbbbb, deployed at 00:00:31, does not hold pull request #1, and neither does main any more: it was force-pushed since; cherry-pick ffffffffffff to main, or revert by hand",
  ]);
  await report(made, sha("a"), 35_000);
  assert.equal((await settledAt(made, 36_000)).status, "deployed");
});
