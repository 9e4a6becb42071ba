import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { type TestContext, test } from "node:test";
import { permissionsFor } from "../../../shared/adapters/github/api/permissions.ts";
import { githubClient, redeploysOf } from "../../../shared/adapters/github/github.ts";
import { blobId, files } from "../../support/git.ts";
import { openShop, service } from "../../support/github-shop.ts";

const workflow = `name: Deploy
run-name: Deploy \${{ inputs.sha }} (\${{ inputs.by }})
on:
  workflow_dispatch:
    inputs:
      sha: { required: true }
      by: { default: a person }
`;
const file = "deploy.yml";
const trees = [files({ "src/pay.ts": "good\n", [`.github/workflows/${file}`]: workflow })];
const since = Date.parse("2026-11-29T12:00:00Z");

const shop = async (t: TestContext, clock = () => since + 5_000) => {
  const made = await openShop(t, { trees, clock });
  const sha = made.shas[0]!;
  const order = {
    sha,
    id: "nonce-1",
    since,
    tool: { workflow: file, ref: "main", inputs: { sha, by: "nonce-1" } },
  };
  const deployment = { ...order, tool: { deployment: "production" } };
  const client = githubClient({ apiUrl: made.sandbox.github, token: made.sandbox.token });
  return { ...made, source: redeploysOf({ client }), order, deployment };
};

test("a workflow is read at a ref with its blob id, and one that is not there is undefined", async (t) => {
  const { source } = await shop(t);
  assert.deepEqual(await source.workflow(service, { workflow: file, ref: "main" }), {
    digest: blobId(Buffer.from(workflow)),
    text: workflow,
  });
  assert.equal(await source.workflow(service, { workflow: "other.yml", ref: "main" }), undefined);
  assert.equal(await source.workflow(service, { workflow: file, ref: "nowhere" }), undefined);
});

test("a dispatch names its run, which is followed to its end, and its time is known for the next one", async (t) => {
  const { source, sandbox, order } = await shop(t);
  assert.equal(await source.findDeploy(service, order), undefined);
  const run = await source.startDeploy(service, order);
  assert.equal(run?.url, `${sandbox.github}/acme/shop/actions/runs/${run?.id}`);
  const [made] = sandbox.runs("acme/shop");
  assert.deepEqual(
    [made?.inputs, made?.title, made?.event],
    [order.tool.inputs, `Deploy ${order.sha} (nonce-1)`, "workflow_dispatch"],
  );
  const now = async () => source.readDeploy(service, { tool: order.tool, id: run!.id });
  const { id, url } = run!;
  assert.deepEqual(await now(), { id, url, state: "running", detail: "queued" });
  sandbox.moveRun("acme/shop", id);
  assert.deepEqual(await source.findDeploy(service, order), {
    id,
    url,
    state: "running",
    detail: "in_progress",
  });
  sandbox.moveRun("acme/shop", id, "failure");
  assert.deepEqual(await now(), { id, url, state: "failed", detail: "failure" });
  assert.deepEqual(await source.deployTimes(service, file), []);
});

test("an older server that refuses to name the run is asked without it, once more", async (t) => {
  const { source, sandbox, order } = await shop(t);
  sandbox.fault({
    ...{ match: /dispatches$/, times: 1 },
    fail: {
      status: 422,
      body: { message: 'Invalid request.\n\n"return_run_details" is not a permitted key.' },
    },
  });
  assert.equal(await source.startDeploy(service, order), undefined);
  assert.equal(sandbox.runs("acme/shop").length, 1);
});

test("a dispatch without an answer is retryable, and its run is found by the id in its title", async (t) => {
  const { source, sandbox, order } = await shop(t);
  sandbox.fault({ match: /dispatches$/, times: 1, drop: "after" });
  await assert.rejects(source.startDeploy(service, order), { retryable: true });
  const other = {
    ...order,
    id: "nonce-2",
    tool: { ...order.tool, inputs: { sha: order.sha, by: "nonce-2" } },
  };
  await source.startDeploy(service, other);
  const [first, second] = sandbox.runs("acme/shop");
  assert.deepEqual(
    [(await source.findDeploy(service, order))?.id, (await source.findDeploy(service, other))?.id],
    [first?.id, second?.id],
  );
});

test("a run without the id in its title is nobody's to follow, also where our own account is known to have begun it", async (t) => {
  const { source, order } = await shop(t);
  const plain = { ...order, tool: { ...order.tool, inputs: { sha: order.sha } } };
  await source.startDeploy(service, plain);
  assert.equal(await source.findDeploy(service, plain), undefined);
  assert.equal(await source.findDeploy(service, { ...plain, id: "never-sent" }), undefined);
});

test("GitHub refuses inputs that the workflow does not declare, and that is final", async (t) => {
  const { source, order } = await shop(t);
  const wrong = { ...order, tool: { ...order.tool, inputs: { commit: order.sha } } };
  await assert.rejects(source.startDeploy(service, wrong), {
    retryable: false,
    message: 'dispatch deploy.yml of acme/shop: 422 Unexpected inputs provided: ["commit"]',
  });
});

test("a deployment is created for exactly the commit, found by its id, and followed", async (t) => {
  const { source, sandbox, deployment } = await shop(t);
  sandbox.fault({ match: /^POST .*deployments$/, times: 1, drop: "after" });
  await assert.rejects(source.startDeploy(service, deployment), { retryable: true });
  const found = await source.findDeploy(service, deployment);
  assert.deepEqual([found?.state, found?.detail], ["running", "queued"]);
  assert.equal(await source.findDeploy(service, { ...deployment, id: "nonce-2" }), undefined);
  const tell = (state: string) =>
    fetch(`${sandbox.github}/repos/acme/shop/deployments/${found!.id}/statuses`, {
      method: "POST",
      headers: { authorization: `Bearer ${sandbox.token}` },
      body: JSON.stringify({ state, log_url: "https://ci.test/1" }),
    });
  await tell("success");
  const { tool } = deployment;
  assert.deepEqual(await source.readDeploy(service, { tool, id: found!.id }), {
    ...{ id: found!.id, url: "https://ci.test/1", state: "succeeded", detail: "success" },
  });
});

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});

test("an App's token for a dispatch may write Actions and nothing else, and that for a deployment deployments", async (t) => {
  const { sandbox, order, deployment } = await shop(t, Date.now);
  const apiUrl = sandbox.github;
  const app = redeploysOf({ client: githubClient({ apiUrl, appId: sandbox.app.id, privateKey }) });
  await app.startDeploy(service, order);
  await app.startDeploy(service, deployment);
  await app.readDeploy(service, { tool: order.tool, id: sandbox.runs("acme/shop")[0]!.id });
  assert.deepEqual(
    sandbox.issued().map(({ permissions, repositories }) => [permissions, repositories]),
    [
      [{ actions: "write" }, ["shop"]],
      [{ deployments: "write" }, ["shop"]],
      [{ actions: "read" }, ["shop"]],
    ],
  );
  const place = "/repos/{owner}/{repo}";
  assert.deepEqual(permissionsFor({ method: "POST", url: `${place}/actions/runs/{run_id}/cancel` }), []);
  assert.deepEqual(permissionsFor({ method: "DELETE", url: `${place}/deployments/{deployment_id}` }), []);
});
