import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { Octokit } from "@octokit/rest";
import type { SandboxOptions } from "../../../infra/sandbox/index.ts";
import { github, githubClient } from "../../../shared/adapters/github/github.ts";
import { files } from "../../support/git.ts";
import { openShop, past, proposalFor, service } from "../../support/github-shop.ts";

const repo = { owner: "acme", repo: "shop" };
type Rule = { type: string; parameters?: object };

/** A revert's pull request, and the client of a person who administers. */
const opened = async (
  t: Parameters<typeof openShop>[0],
  {
    rules = [],
    autoMerge = true,
    ...options
  }: { rules?: Rule[]; autoMerge?: boolean } & Partial<SandboxOptions>,
) => {
  const shop = await openShop(t, { tokens: { "ann-token": "ann" }, ...options });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const ann = new Octokit({ baseUrl: shop.sandbox.github, auth: "ann-token", log });
  await ann.repos.update({ ...repo, allow_auto_merge: autoMerge });
  if (rules.length > 0)
    await ann.request("POST /repos/{owner}/{repo}/rulesets", {
      ...repo,
      ...{
        name: "main",
        enforcement: "active",
        conditions: { ref_name: { include: ["~ALL"], exclude: [] } },
      },
      rules: rules as [],
    });
  const pull = await shop.source.openPull(service, await proposalFor(shop.source, shop.shas[1]!));
  const check = (sha: string, conclusion: "success" | "failure" | undefined, name = "ci") =>
    ann.checks.create({
      ...repo,
      name,
      head_sha: sha,
      ...(conclusion ? { conclusion } : { status: "in_progress" }),
    });
  const approve = () => ann.pulls.createReview({ ...repo, pull_number: pull.number, event: "APPROVE" });
  const set = () =>
    shop.source.setCheck(service, { head: pull.head, state: "success", description: "approved by ann" });
  return { ...shop, ann, pull, check, approve, set };
};
const checks = (strict: boolean, ...names: string[]): Rule => ({
  type: "required_status_checks",
  parameters: {
    strict_required_status_checks_policy: strict,
    required_status_checks: names.map((context) => ({ context })),
  },
});
const review: Rule = {
  type: "pull_request",
  parameters: { required_approving_review_count: 1, allowed_merge_methods: ["squash"] },
};

test("a repository that asks for nothing has no gates", async (t) => {
  const { source, pull } = await opened(t, {});
  assert.deepEqual(await source.gates(service, pull), {
    // Our own status is pending, and GitHub does not ask for it.
    state: "unstable",
    ...{ reviews: 0, codeOwners: false, reviewMissing: false, upToDate: false, others: [], required: [] },
    checks: { failing: [], running: [] },
    autoMerge: { allowed: true, on: false },
  });
});

test("rules, reviews, checks and the methods that are left are read, and what is met is seen", async (t) => {
  const rules = [review, checks(true, "ci", "countersteer/approval")];
  const { source, pull, check, approve, set } = await opened(t, { rules });
  const before = await source.gates(service, pull);
  assert.deepEqual(before, {
    ...{ state: "blocked", reviews: 1, codeOwners: false, reviewMissing: true, upToDate: true, others: [] },
    required: ["ci", "countersteer/approval"],
    checks: { failing: [], running: [], absent: { required: ["ci"], usual: [], isBare: false } },
    ...{ methods: ["squash"], autoMerge: { allowed: true, on: false } },
  });
  await Promise.all([check(pull.head, "success"), approve(), set()]);
  const { state, reviewMissing } = await source.gates(service, pull);
  assert.deepEqual([state, reviewMissing], ["clean", false]);
});

test("classic protection counts as well, also where it may not be read itself", async (t) => {
  const { source, pull, ann } = await opened(t, {});
  await ann.request("PUT /repos/{owner}/{repo}/branches/{branch}/protection", {
    ...{ ...repo, branch: "main", enforce_admins: true, restrictions: null },
    required_status_checks: { strict: false, contexts: ["ci"] },
    required_pull_request_reviews: { required_approving_review_count: 2, require_code_owner_reviews: true },
    required_linear_history: true,
  });
  const { state, reviews, codeOwners, required, methods } = await source.gates(service, pull);
  assert.deepEqual(
    [state, reviews, codeOwners, required, methods],
    [...["blocked", 2, true], ["ci"], ["squash", "rebase"]],
  );
});

test("checks that the base, or the pull request merged last, had are missed on a new head", async (t) => {
  const { source, pull, check, ann, shas } = await opened(t, {});
  await check(shas.at(-1)!, "success", "ci");
  const first = await source.gates(service, pull);
  assert.deepEqual(first.checks.absent, { required: [], usual: ["ci"], isBare: false });
  const { data: other } = await ann.git.createRef({ ...repo, ref: "refs/heads/other", sha: shas[0]! });
  assert.equal(other.object.sha, shas[0]);
  const tree = (
    await ann.git.createTree({
      ...repo,
      base_tree: shas.at(-1)!,
      tree: [{ path: "new", mode: "100644", type: "blob", content: "1\n" }],
    })
  ).data;
  const made = (
    await ann.git.createCommit({ ...repo, message: "New", tree: tree.sha, parents: [shas.at(-1)!] })
  ).data;
  await ann.git.updateRef({ ...repo, ref: "heads/other", sha: made.sha, force: true });
  const { data: merged } = await ann.pulls.create({ ...repo, title: "New", head: "other", base: "main" });
  await check(made.sha, "success", "lint");
  await ann.pulls.merge({ ...repo, pull_number: merged.number });
  const later = await source.gates(service, pull);
  assert.deepEqual(later.checks.absent, { required: [], usual: ["lint", "ci"], isBare: true });
  await check(pull.head, undefined, "lint");
  const { running, absent } = (await source.gates(service, pull)).checks;
  assert.deepEqual([running, absent], [["lint"], { required: [], usual: ["ci"], isBare: false }]);
});

test("auto-merge merges the approved head once it may, and the merge is the one approved", async (t) => {
  const rules = [review, checks(false, "ci", "countersteer/approval")];
  const { source, pull, check, approve, set } = await opened(t, { rules });
  await set();
  assert.equal(await source.arm(service, pull, "auto-merge"), undefined);
  assert.equal(await source.arm(service, pull, "auto-merge"), undefined);
  assert.deepEqual((await source.gates(service, pull)).autoMerge, { allowed: true, on: true });
  await check(pull.head, "success");
  assert.equal((await source.pull(service, pull)).state, "open");
  await approve();
  const now = await source.pull(service, pull);
  assert.equal(now.state, "merged");
  assert.equal(await source.isSameMerged(service, pull, now.mergeSha!), true);
  assert.equal(await source.isSameMerged(service, { ...pull, diff: "other" }, now.mergeSha!), false);
});

test("auto-merge of another head, or where it is off, is refused in GitHub's words; taken back, nothing is merged", async (t) => {
  const { source, pull, check, ann, set } = await opened(t, { rules: [checks(false, "ci")] });
  const stale = await source.arm(service, { ...pull, head: "0".repeat(40) }, "auto-merge");
  assert.match(stale ?? "", /enablePullRequestAutoMerge of acme\/shop#1: Head sha didn't match/);
  await source.arm(service, pull, "auto-merge");
  await source.disarm(service, pull);
  await source.disarm(service, pull);
  await set();
  await check(pull.head, "success");
  assert.equal((await source.pull(service, pull)).state, "open");
  await ann.repos.update({ ...repo, allow_auto_merge: false });
  assert.match((await source.arm(service, pull, "auto-merge")) ?? "", /Auto merge is not allowed/);
});

test("where GitHub does not let auto-merge be taken back, the pull request is closed", async (t) => {
  const { source, pull, sandbox } = await opened(t, { rules: [checks(false, "ci")] });
  await source.arm(service, pull, "auto-merge");
  sandbox.fault({
    ...{ match: /graphql/, times: 3 },
    fail: { status: 403, body: { message: "Resource not accessible by integration" } },
  });
  await source.disarm(service, pull);
  assert.equal((await source.pull(service, pull)).state, "closed");
});

test("the queue's merge is followed, its commit is known, and a place in it is given back", async (t) => {
  const rules = [{ type: "merge_queue", parameters: { merge_method: "SQUASH" } }, checks(false, "ci")];
  const { source, pull, check, set } = await opened(t, { rules });
  await Promise.all([set(), check(pull.head, "success")]);
  assert.deepEqual((await source.gates(service, pull)).queue, { in: false });
  assert.equal(await source.arm(service, pull, "queue"), undefined);
  const { queue } = await source.gates(service, pull);
  assert.ok(queue?.head);
  await source.disarm(service, pull);
  assert.deepEqual((await source.gates(service, pull)).queue, { in: false });
  await source.arm(service, pull, "queue");
  await check((await source.gates(service, pull)).queue!.head!, "success");
  const now = await source.pull(service, pull);
  assert.deepEqual([now.state, now.by], ["merged", "github-merge-queue[bot]"]);
  assert.equal(await source.isSameMerged(service, pull, now.mergeSha!), true);
});

test("a branch that is behind is updated from its base, with the expected head", async (t) => {
  const { source, pull, push } = await opened(t, { rules: [checks(true, "ci")] });
  push(new Map([...past.at(-1)!, ...files({ later: "1\n" })]));
  const stale = source.updateBranch(service, { ...pull, head: "0".repeat(40) });
  await assert.rejects(stale, { name: "UpstreamError", status: 422 });
  await source.updateBranch(service, pull);
  const now = await source.pull(service, pull);
  assert.notEqual(now.pull.head, pull.head);
  assert.equal(now.pull.diff, pull.diff);
});

test("an App calls GraphQL with the token of the repository's installation", async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  const app = { id: 7, publicKey: publicKey.export({ type: "spki", format: "pem" }).toString() };
  const { pull, sandbox } = await opened(t, { rules: [checks(false, "ci")], app });
  const source = github({
    client: githubClient({ apiUrl: sandbox.github, appId: 7, privateKey: pem }),
  });
  assert.equal(await source.arm(service, pull, "auto-merge"), undefined);
  const code = { contents: "read", pull_requests: "read" };
  assert.deepEqual(
    sandbox
      .issued()
      .map(({ repositories, permissions }) => [repositories, JSON.stringify(permissions)])
      .sort(),
    [{ ...code, checks: "read", statuses: "read" }, code, { contents: "write", pull_requests: "write" }]
      .map((permissions) => [["shop"], JSON.stringify(permissions)])
      .sort(),
  );
});
