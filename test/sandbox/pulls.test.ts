import assert from "node:assert/strict";
import { test } from "node:test";
import { client, newSandbox, type Run, refusal, repo } from "./repository.ts";

const custom = (message: string) => ({
  status: 422,
  message: "Validation Failed",
  errors: [{ resource: "PullRequest", code: "custom", message }],
});
const field = (name: string) => ({
  status: 422,
  message: "Validation Failed",
  errors: [{ resource: "PullRequest", field: name, code: "invalid" }],
});

/** A pull from `fix`, which changes the fee, onto main. */
const opened = async ({ shop, octokit }: Run) => {
  const head = shop.commit(
    "Fix the fee\n\nIt was wrong.",
    { "src/pay.js": "export const fee = 2;\n" },
    "fix",
  );
  const { data } = await octokit.pulls.create({
    ...repo,
    title: "Fix",
    head: "fix",
    base: "main",
    body: "Because.",
  });
  return { head, number: data.number, data };
};
const pull = async ({ octokit }: Run, pull_number: number) =>
  (await octokit.pulls.get({ ...repo, pull_number })).data;

test("a pull is opened once for a branch, and found by it", async (t) => {
  const run = await newSandbox(t);
  const { octokit } = run;
  const { head, data } = await opened(run);
  assert.deepEqual(
    [data.state, data.head.sha, data.base.ref, data.user.login, data.mergeable],
    ["open", head, "main", "countersteer[bot]", null],
  );
  const again = octokit.pulls.create({ ...repo, title: "Fix", head: "acme:fix", base: "main" });
  assert.deepEqual(await refusal(again), custom("A pull request already exists for acme:fix."));
  const found = await octokit.pulls.list({ ...repo, head: "acme:fix", state: "all", base: "main" });
  assert.deepEqual(
    found.data.map(({ number }) => number),
    [1],
  );
  assert.deepEqual((await octokit.pulls.list({ ...repo, head: "acme:other" })).data, []);
});

test("a pull that cannot be is refused as GitHub refuses it", async (t) => {
  const { octokit, shop } = await newSandbox(t);
  shop.git("push", "--quiet", "origin", "main:refs/heads/same");
  const create = (head: string, base = "main") =>
    refusal(octokit.pulls.create({ ...repo, title: "T", head, base }));
  assert.deepEqual(await create("nope"), field("head"));
  assert.deepEqual(await create("stranger:main"), field("head"));
  assert.deepEqual(await create("same", "nope"), field("base"));
  assert.deepEqual(await create("same"), custom("No commits between main and same"));
  assert.equal((await refusal(octokit.pulls.get({ ...repo, pull_number: 9 }))).status, 404);
});

test("the head of a pull follows its branch until it is closed", async (t) => {
  const run = await newSandbox(t);
  const { number, head } = await opened(run);
  const moved = run.shop.commit("More", { more: "1\n" }, "fix");
  assert.equal((await pull(run, number)).head.sha, moved);
  const stale = run.octokit.pulls.merge({ ...repo, pull_number: number, sha: head });
  assert.deepEqual(await refusal(stale), {
    status: 409,
    message: "Head branch was modified. Review and try the merge again.",
  });
  await run.octokit.pulls.update({ ...repo, pull_number: number, state: "closed" });
  run.shop.commit("Later", { later: "1\n" }, "fix");
  const closed = await pull(run, number);
  assert.deepEqual([closed.state, closed.merged, closed.head.sha], ["closed", false, moved]);
  const merge = run.octokit.pulls.merge({ ...repo, pull_number: number });
  assert.deepEqual(await refusal(merge), { status: 405, message: "Pull Request is not mergeable" });
});

for (const merge_method of ["merge", "squash", "rebase"] as const)
  test(`${merge_method} leaves on the base branch what git leaves there`, async (t) => {
    const run = await newSandbox(t);
    const { shop, octokit } = run;
    shop.commit("First", { first: "1\n" }, "fix");
    const { head, number } = await opened(run);
    const base = shop.commit("Meanwhile", { main: "1\n" }, "main");
    shop.git(
      "switch",
      "--quiet",
      "--create",
      "expected",
      ...(merge_method === "rebase" ? ["fix"] : ["main"]),
    );
    if (merge_method === "rebase") shop.git("rebase", "--quiet", "main");
    if (merge_method !== "rebase") shop.git("merge", "--quiet", "--no-edit", "--no-ff", "fix");
    const { data } = await octokit.pulls.merge({ ...repo, pull_number: number, merge_method, sha: head });
    shop.git("fetch", "--quiet", "origin");
    assert.equal(shop.git("rev-parse", "origin/main"), data.sha);
    assert.equal(shop.git("rev-parse", "origin/main^{tree}"), shop.git("rev-parse", "expected^{tree}"));
    const parents = {
      merge: `${base} ${head}`,
      squash: base,
      rebase: shop.git("rev-parse", "origin/main~1"),
    }[merge_method];
    assert.equal(shop.git("log", "-1", "--format=%P", "origin/main"), parents);
    const subjects = {
      merge: "Merge pull request #1 from acme/fix",
      squash: "Fix (#1)",
      rebase: "Fix the fee\nFirst",
    }[merge_method];
    assert.equal(shop.git("log", "--first-parent", "--format=%s", `${base}..origin/main`), subjects);
    const now = await pull(run, number);
    assert.deepEqual(
      [now.state, now.merged, now.merge_commit_sha, now.merged_by?.login],
      ["closed", true, data.sha, "countersteer[bot]"],
    );
    const twice = octokit.pulls.merge({ ...repo, pull_number: number, sha: head });
    assert.deepEqual(await refusal(twice), { status: 405, message: "Pull Request is not mergeable" });
  });

test("a conflict is not mergeable, by any method", async (t) => {
  const run = await newSandbox(t);
  const { number } = await opened(run);
  run.shop.commit("Meanwhile", { "src/pay.js": "export const fee = 3;\n" }, "main");
  const now = await pull(run, number);
  assert.deepEqual([now.mergeable, now.mergeable_state], [false, "dirty"]);
  for (const merge_method of ["merge", "squash", "rebase"] as const) {
    const { status } = await refusal(run.octokit.pulls.merge({ ...repo, pull_number: number, merge_method }));
    assert.equal(status, 405);
  }
});

test("a required status holds the merge back until it succeeds on that very head", async (t) => {
  const run = await newSandbox(t, { requiredStatuses: { "acme/shop": ["countersteer/approval"] } });
  const { head, number } = await opened(run);
  const merge = () => refusal(run.octokit.pulls.merge({ ...repo, pull_number: number, sha: head }));
  const set = (state: "pending" | "success") =>
    run.octokit.repos.createCommitStatus({ ...repo, sha: head, state, context: "countersteer/approval" });
  assert.deepEqual(await merge(), {
    status: 405,
    message: 'Required status check "countersteer/approval" is expected.',
  });
  await set("pending");
  assert.deepEqual(await merge(), {
    status: 405,
    message: 'Required status check "countersteer/approval" is pending.',
  });
  assert.equal((await pull(run, number)).mergeable_state, "blocked");
  await set("success");
  const combined = await run.octokit.repos.getCombinedStatusForRef({ ...repo, ref: head });
  assert.deepEqual([combined.data.state, combined.data.total_count], ["success", 1]);
  const all = await run.octokit.repos.listCommitStatusesForRef({ ...repo, ref: "fix" });
  assert.deepEqual(
    all.data.map(({ state }) => state),
    ["success", "pending"],
  );
  await run.octokit.pulls.merge({ ...repo, pull_number: number, sha: head });
});

test("statuses that cannot be are refused", async (t) => {
  const { octokit, shop } = await newSandbox(t);
  const set = (given: object) =>
    refusal(
      octokit.repos.createCommitStatus({
        ...repo,
        sha: shop.git("rev-parse", "HEAD"),
        state: "success",
        ...given,
      }),
    );
  assert.equal((await set({ state: "fine" })).status, 422);
  assert.equal((await set({ sha: "1".repeat(40) })).message, `No commit found for SHA: ${"1".repeat(40)}`);
  assert.match(JSON.stringify(await set({ description: "x".repeat(141) })), /maximum is 140 characters/);
});

test("two merges at once: one merges, the other is told that there is nothing to merge", async (t) => {
  const run = await newSandbox(t);
  const { head, number } = await opened(run);
  const merge = () => run.octokit.pulls.merge({ ...repo, pull_number: number, sha: head });
  const results = await Promise.allSettled([merge(), merge()]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.equal(
    run.shop.git("ls-remote", "origin", "refs/heads/main").split("\t")[0],
    (await pull(run, number)).merge_commit_sha,
  );
});

test("mergeability is null at the first look when GitHub is slow about it", async (t) => {
  const run = await newSandbox(t, { lazyMergeable: true });
  const { number } = await opened(run);
  assert.equal((await pull(run, number)).mergeable, null);
  assert.equal((await pull(run, number)).mergeable, true);
});

test("files, labels and comments of a pull", async (t) => {
  const run = await newSandbox(t, { tokens: { "ann-token": "ann" } });
  const { octokit } = run;
  const { number } = await opened(run);
  const files = await octokit.pulls.listFiles({ ...repo, pull_number: number });
  assert.deepEqual(
    files.data.map(({ filename, status, changes }) => [filename, status, changes]),
    [["src/pay.js", "modified", 2]],
  );
  const issue = { ...repo, issue_number: number };
  await octokit.issues.addLabels({ ...issue, labels: ["countersteer"] });
  await octokit.issues.addLabels({ ...issue, labels: ["countersteer", "revert"] });
  assert.deepEqual(
    (await octokit.issues.listLabelsOnIssue(issue)).data.map(({ name }) => name),
    ["countersteer", "revert"],
  );
  assert.equal((await refusal(octokit.issues.addLabels({ ...issue, labels: ["x".repeat(51)] }))).status, 422);
  const { data: first } = await octokit.issues.createComment({ ...issue, body: "One" });
  for (const body of ["Two", "Three"])
    await client(run.sandbox, "ann-token").issues.createComment({ ...issue, body });
  await octokit.issues.updateComment({ ...repo, comment_id: first.id, body: "Uno" });
  const comments = await octokit.paginate(octokit.issues.listComments, { ...issue, per_page: 2 });
  assert.deepEqual(
    comments.map(({ body, user }) => [body, user?.login, user?.type]),
    [
      ["Uno", "countersteer[bot]", "Bot"],
      ["Two", "ann", "User"],
      ["Three", "ann", "User"],
    ],
  );
  assert.equal(
    (await refusal(octokit.issues.createComment({ ...issue, body: "x".repeat(65_537) }))).status,
    422,
  );
});
