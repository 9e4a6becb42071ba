import assert from "node:assert/strict";
import { test } from "node:test";
import type { Octokit } from "@octokit/rest";
import type { SandboxOptions } from "../../infra/sandbox/index.ts";
import { client, newSandbox, refusal, repo } from "./repository.ts";

type Rule = { type: string; parameters?: object };
const people = { tokens: { "ann-token": "ann", "ben-token": "ben" }, teams: { "acme/payments": ["ben"] } };

/** A pull from `fix` onto main, and the clients of the App and of two people. */
const opened = async (t: Parameters<typeof newSandbox>[0], options: Partial<SandboxOptions> = {}) => {
  const run = await newSandbox(t, { ...people, ...options });
  const { octokit, shop, sandbox } = run;
  const [ann, ben] = [client(sandbox, "ann-token"), client(sandbox, "ben-token")];
  const head = shop.commit("Fix", { "src/pay.js": "export const fee = 2;\n" }, "fix");
  const { data } = await octokit.pulls.create({ ...repo, title: "Fix", head: "fix", base: "main" });
  const pull = { ...repo, pull_number: data.number };
  const state = async () => (await octokit.pulls.get(pull)).data.mergeable_state;
  const merge = () => octokit.pulls.merge({ ...pull, merge_method: "squash" });
  const green = (sha: string, name = "ci") =>
    ann.checks.create({ ...repo, name, head_sha: sha, conclusion: "success" });
  return { ...run, ann, ben, head, data, pull, state, merge, green };
};

const protect = (ann: Octokit, rules: Rule[], include = ["~DEFAULT_BRANCH"]) =>
  ann.request("POST /repos/{owner}/{repo}/rulesets", {
    ...repo,
    ...{ name: "main", target: "branch", enforcement: "active" },
    conditions: { ref_name: { include, exclude: [] } },
    rules: rules as [],
  });
const checks = (strict = false, ...names: string[]): Rule => ({
  type: "required_status_checks",
  parameters: {
    strict_required_status_checks_policy: strict,
    required_status_checks: names.map((context) => ({ context })),
  },
});
const reviews = (more: object = {}): Rule => ({
  type: "pull_request",
  parameters: { required_approving_review_count: 1, ...more },
});
const mutate = (octokit: Octokit, name: string, id: string, input: object = {}) =>
  octokit.graphql<Record<string, { pullRequest: { state: string } }>>(
    `mutation($input: ${name}Input!) { ${name}(input: $input) { pullRequest { state } } }`,
    { input: { [name.startsWith("dequeue") ? "id" : "pullRequestId"]: id, ...input } },
  );
const failing = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "it did not fail",
    (error: { errors: { message: string }[] }) => error.errors[0]?.message ?? "",
  );

test("rules of a branch are listed, and each stands against a merge in GitHub's words until it is met", async (t) => {
  const { ann, ben, octokit, pull, state, merge, green, head, shop } = await opened(t);
  shop.commit("Own", { CODEOWNERS: "src/ @acme/payments\n" });
  await protect(ann, [reviews({ require_code_owner_review: true }), checks(false, "ci", "lint")]);
  await protect(ann, [{ type: "required_signatures" }], ["refs/heads/release"]);
  const { data: rules } = await octokit.repos.getBranchRules({ ...repo, branch: "main" });
  assert.deepEqual(
    rules.map(({ type }) => type),
    ["pull_request", "required_status_checks"],
  );
  assert.equal(await state(), "blocked");
  assert.match((await refusal(merge())).message, /^At least 1 approving review is required/);
  await ann.pulls.createReview({ ...pull, event: "APPROVE" });
  assert.equal((await refusal(merge())).message, "Waiting on code owner review from acme/payments.");
  await ben.pulls.createReview({ ...pull, event: "APPROVE" });
  assert.equal((await refusal(merge())).message, "2 of 2 required status checks are expected.");
  await green(head);
  assert.equal((await refusal(merge())).message, 'Required status check "lint" is expected.');
  await green(head, "lint");
  assert.equal(await state(), "clean");
  assert.equal((await merge()).data.merged, true);
});

test("a head that must hold its base is behind until its branch is updated", async (t) => {
  const { ann, octokit, pull, state, merge, green, shop } = await opened(t);
  await protect(ann, [checks(true, "ci")]);
  const tip = shop.commit("Later", { later: "1\n" });
  const before = (await octokit.pulls.get(pull)).data.head.sha;
  await green(before);
  assert.equal(await state(), "behind");
  assert.equal((await refusal(merge())).status, 405);
  const stale = octokit.pulls.updateBranch({ ...pull, expected_head_sha: tip });
  assert.equal((await refusal(stale)).status, 422);
  await octokit.pulls.updateBranch({ ...pull, expected_head_sha: before });
  const { data } = await octokit.pulls.get(pull);
  assert.notEqual(data.head.sha, before);
  await green(data.head.sha);
  assert.equal(await state(), "clean");
});

test("classic protection is read by administrators only, and counts beside rulesets", async (t) => {
  const { ann, octokit, merge } = await opened(t);
  const branch = { ...repo, branch: "main" };
  await ann.request("PUT /repos/{owner}/{repo}/branches/{branch}/protection", {
    ...branch,
    ...{ required_status_checks: { strict: false, contexts: ["ci"] }, enforce_admins: true },
    ...{ required_pull_request_reviews: null, restrictions: null },
  });
  assert.equal((await refusal(octokit.repos.getBranchProtection(branch))).status, 403);
  const { data } = await octokit.repos.getBranch(branch);
  assert.deepEqual([data.protected, data.protection.required_status_checks?.contexts], [true, ["ci"]]);
  assert.equal((await refusal(merge())).message, 'Required status check "ci" is expected.');
});

test("auto-merge merges the expected head once it is green, and is refused where GitHub refuses it", async (t) => {
  const { ann, octokit, data, head, green, pull } = await opened(t);
  const enable = (input: object = {}) => mutate(octokit, "enablePullRequestAutoMerge", data.node_id, input);
  assert.equal(await failing(enable()), "Auto merge is not allowed for this repository");
  await ann.repos.update({ ...repo, allow_auto_merge: true });
  assert.match(await failing(enable()), /Protected branch rules not configured/);
  await protect(ann, [checks(false, "ci")]);
  assert.match(await failing(enable({ expectedHeadOid: "0".repeat(40) })), /expected head/);
  await enable({ expectedHeadOid: head, mergeMethod: "SQUASH" });
  assert.equal((await octokit.pulls.get(pull)).data.auto_merge?.enabled_by?.login, "countersteer[bot]");
  await mutate(octokit, "disablePullRequestAutoMerge", data.node_id);
  await green(head);
  assert.equal((await octokit.pulls.get(pull)).data.merged, false);
  assert.match(await failing(enable()), /is in clean status/);
});

test("auto-merge lands as soon as the last check is green", async (t) => {
  const { ann, octokit, data, head, green, pull } = await opened(t);
  await ann.repos.update({ ...repo, allow_auto_merge: true });
  await protect(ann, [checks(false, "ci")]);
  await mutate(octokit, "enablePullRequestAutoMerge", data.node_id, { mergeMethod: "SQUASH" });
  await green(head);
  const { data: now } = await octokit.pulls.get(pull);
  assert.deepEqual([now.merged, now.merged_by?.login], [true, "countersteer[bot]"]);
});

test("a merge queue merges what its group's checks passed, and nothing else gets past it", async (t) => {
  const { ann, octokit, data, head, green, pull, merge, shop } = await opened(t);
  const rules = [checks(false, "ci"), { type: "merge_queue", parameters: { merge_method: "SQUASH" } }];
  await protect(ann, rules);
  assert.equal((await refusal(merge())).message, "Changes must be made through the merge queue");
  const enqueue = () => mutate(octokit, "enqueuePullRequest", data.node_id, { expectedHeadOid: head });
  assert.match(await failing(enqueue()), /"ci" is expected/);
  await green(head);
  await enqueue();
  const read = async () =>
    (
      await octokit.graphql<{
        repository: { pullRequest: { mergeQueueEntry: { headCommit: { oid: string } } | null } };
      }>(
        `query($owner: String!, $repo: String!, $number: Int!) { repository(owner: $owner, name: $repo) {
          pullRequest(number: $number) { mergeQueueEntry { headCommit { oid } } } } }`,
        { ...repo, number: data.number },
      )
    ).repository.pullRequest.mergeQueueEntry?.headCommit.oid;
  const first = await read();
  // The base moves, so the group is built anew.
  shop.commit("Later", { later: "1\n" });
  await green(first ?? "");
  const second = await read();
  assert.notEqual(second, first);
  await green(second ?? "");
  const { data: now } = await octokit.pulls.get(pull);
  assert.deepEqual([now.merged, now.merge_commit_sha], [true, second]);
  assert.equal(shop.git("ls-remote", "origin", "refs/heads/gh-readonly-queue/*"), "");
});

test("an entry whose group fails, or that is taken out, leaves the queue unmerged", async (t) => {
  const { ann, octokit, data, pull, sandbox } = await opened(t);
  await protect(ann, [{ type: "merge_queue" }, checks(false, "ci")]);
  const green = (sha: string, conclusion: string) =>
    ann.checks.create({ ...repo, name: "ci", head_sha: sha, conclusion: conclusion as "success" });
  await green(data.head.sha, "success");
  await mutate(octokit, "enqueuePullRequest", data.node_id);
  await mutate(octokit, "dequeuePullRequest", data.node_id);
  assert.match(await failing(mutate(octokit, "dequeuePullRequest", data.node_id)), /not in the queue/);
  await mutate(octokit, "enqueuePullRequest", data.node_id);
  const { data: refs } = await octokit.git.listMatchingRefs({ ...repo, ref: "heads/gh-readonly-queue/" });
  await green(refs[0]!.object.sha, "failure");
  assert.equal((await octokit.pulls.get(pull)).data.state, "open");
  assert.ok(sandbox.requests().length > 0);
  assert.match(await failing(mutate(octokit, "dequeuePullRequest", data.node_id)), /not in the queue/);
});

test("issues share numbers with pulls, and labels, issues and merge groups are told", async (t) => {
  const { ann, octokit, sandbox, data } = await opened(t, { webhook: { url: "http://127.0.0.1:9/" } });
  const { data: issue } = await ann.issues.create({ ...repo, title: "Stop", labels: ["countersteer/stop"] });
  assert.equal(issue.number, 2);
  await ann.issues.update({ ...repo, issue_number: 2, state: "closed" });
  await ann.issues.addLabels({ ...repo, issue_number: data.number, labels: ["countersteer/hold"] });
  await ann.issues.removeLabel({ ...repo, issue_number: data.number, name: "countersteer/hold" });
  await protect(ann, [{ type: "merge_queue" }]);
  await mutate(octokit, "enqueuePullRequest", data.node_id);
  await sandbox.settled();
  const { data: now } = await octokit.issues.get({ ...repo, issue_number: 2 });
  assert.deepEqual(
    [now.state, now.labels.map((one) => (one as { name: string }).name)],
    ["closed", ["countersteer/stop"]],
  );
  assert.deepEqual(
    sandbox.deliveries().map(({ event, action }) => `${event} ${action ?? ""}`.trim()),
    [
      ...["pull_request opened", "issues opened", "issues labeled", "issues closed"],
      ...["pull_request labeled", "pull_request unlabeled", "pull_request enqueued"],
      ...["merge_group checks_requested", "pull_request closed", "push", "merge_group destroyed"],
    ],
  );
});
