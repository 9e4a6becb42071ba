import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { verify } from "@octokit/webhooks-methods";
import { newSandbox, repo } from "./repository.ts";

type Got = { event: string; delivery: string; signature: string; body: string };

/** A receiver that remembers what arrived and answers `status`. */
const receiver = async (t: TestContext, status = 202) => {
  const got: Got[] = [];
  const header = (request: IncomingMessage, name: string) => String(request.headers[name]);
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const [event, delivery] = [header(request, "x-github-event"), header(request, "x-github-delivery")];
    got.push({ event, delivery, signature: header(request, "x-hub-signature-256"), body });
    response.writeHead(status).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/github` };
};
const story = (got: Got[]) =>
  got.map(({ event, body }) => [event, JSON.parse(body).action].filter(Boolean).join(" "));

test("what happens to a pull is told in order, each event signed over its bytes", async (t) => {
  const { got, url } = await receiver(t);
  const { shop, octokit, sandbox } = await newSandbox(t, { webhook: { url, secret: "s3cret" } });
  const before = shop.git("rev-parse", "HEAD");
  const first = shop.commit("Fix", { fix: "1\n" }, "fix");
  const { data: pull } = await octokit.pulls.create({ ...repo, title: "Fix", head: "fix", base: "main" });
  const second = shop.commit("More", { more: "1\n" }, "fix");
  await sandbox.pushed("acme/shop", "refs/heads/fix", first, second);
  const { data: merge } = await octokit.pulls.merge({ ...repo, pull_number: pull.number });
  await sandbox.settled();
  assert.deepEqual(story(got), [
    "pull_request opened",
    "push",
    "pull_request synchronize",
    "pull_request closed",
    "push",
  ]);
  for (const { body, signature } of got) assert.equal(await verify("s3cret", body, signature), true);
  const [opened, , synchronize, closed, push] = got.map(({ body }) => JSON.parse(body));
  assert.deepEqual(
    [opened.number, opened.pull_request.head.sha, opened.repository.full_name],
    [1, first, "acme/shop"],
  );
  assert.deepEqual(
    [synchronize.before, synchronize.after, synchronize.pull_request.head.sha],
    [first, second, second],
  );
  assert.deepEqual([closed.pull_request.merged, closed.pull_request.merge_commit_sha], [true, merge.sha]);
  assert.deepEqual(
    [push.ref, push.before, push.after, push.forced, push.created],
    ["refs/heads/main", before, merge.sha, false, false],
  );
  assert.deepEqual(
    push.commits.map(({ id, added }: { id: string; added: string[] }) => [id, added]),
    [
      [first, ["fix"]],
      [second, ["more"]],
      [merge.sha, ["fix", "more"]],
    ],
  );
});

test("refs made, forced and deleted say so, and a deleted head closes its pull", async (t) => {
  const { got, url } = await receiver(t);
  const { shop, octokit, sandbox } = await newSandbox(t);
  const first = shop.git("rev-parse", "HEAD");
  const fix = shop.commit("Fix", { fix: "1\n" }, "fix");
  sandbox.connect({ webhook: { url } });
  await octokit.git.createRef({ ...repo, ref: "refs/heads/copy", sha: fix });
  await octokit.pulls.create({ ...repo, title: "Fix", head: "copy", base: "main" });
  await octokit.git.updateRef({ ...repo, ref: "heads/main", sha: fix });
  await octokit.git.updateRef({ ...repo, ref: "heads/main", sha: first, force: true });
  await octokit.pulls.create({ ...repo, title: "Fix", head: "fix", base: "main" });
  await octokit.git.deleteRef({ ...repo, ref: "heads/fix" });
  await sandbox.settled();
  assert.deepEqual(story(got), [
    "push",
    "pull_request opened",
    "push",
    "pull_request closed",
    "push",
    "pull_request opened",
    "push",
    "pull_request closed",
  ]);
  const [created, , landed, indirectly, forced, , deleted, dropped] = got.map(({ body }) => JSON.parse(body));
  assert.deepEqual([created.created, created.commits.length], [true, 0]);
  assert.deepEqual([landed.forced, landed.head_commit.id], [false, fix]);
  assert.equal(indirectly.pull_request.merged, true);
  assert.equal(forced.forced, true);
  assert.deepEqual([deleted.deleted, deleted.after], [true, "0".repeat(40)]);
  assert.equal(dropped.pull_request.merged, false);
});

test("a deployment status is told with its deployment", async (t) => {
  const { got, url } = await receiver(t);
  const { shop, octokit, sandbox } = await newSandbox(t, { webhook: { url, secret: "x" } });
  const made = await octokit.repos.createDeployment({ ...repo, ref: "main", environment: "production" });
  const deployment_id = (made.data as { id: number }).id;
  for (const state of ["in_progress", "success", "inactive"] as const)
    await octokit.repos.createDeploymentStatus({ ...repo, deployment_id, state });
  await sandbox.settled();
  assert.deepEqual(story(got), [
    "deployment created",
    "deployment_status created",
    "deployment_status created",
  ]);
  const last = JSON.parse(got[2]!.body);
  assert.deepEqual(
    [last.deployment_status.state, last.deployment.sha, last.deployment.environment],
    ["success", shop.git("rev-parse", "HEAD"), "production"],
  );
});

test("a delivery that fails is logged once, not retried, and can be sent again", async (t) => {
  const { got, url } = await receiver(t, 503);
  const { octokit, sandbox, logged } = await newSandbox(t, { webhook: { url, secret: "x" } });
  await octokit.repos.createDeployment({ ...repo, ref: "main" });
  await sandbox.settled();
  assert.deepEqual(logged, [`webhook deployment to ${url}: 503`]);
  const [delivery] = sandbox.deliveries();
  assert.deepEqual([got.length, delivery!.status], [1, 503]);
  await sandbox.redeliver(delivery!.id);
  assert.deepEqual(
    got.map(({ delivery }) => delivery),
    [delivery!.id, delivery!.id],
  );
});
