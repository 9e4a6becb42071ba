import assert from "node:assert/strict";
import { test } from "node:test";
import { Octokit } from "@octokit/rest";
import { openShop, proposalFor, service } from "../../support/github-shop.ts";

const repo = { owner: "acme", repo: "shop" };
const approval = "countersteer/approval";

/** A shop whose branch asks for the approval, and a pull request of a person. */
const shared = async (t: Parameters<typeof openShop>[0], rules: object[] = []) => {
  const shop = await openShop(t, { tokens: { "ann-token": "ann" } });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const ann = new Octokit({ baseUrl: shop.sandbox.github, auth: "ann-token", log });
  const required = { required_status_checks: [{ context: approval }] };
  await ann.request("POST /repos/{owner}/{repo}/rulesets", {
    ...{ ...repo, name: "main", enforcement: "active" },
    conditions: { ref_name: { include: ["refs/heads/main"], exclude: [] } },
    rules: [{ type: "required_status_checks", parameters: required }, ...rules] as never,
  });
  const open = async (branch: string, sha: string, base = "main") => {
    await ann.git.createRef({ ...repo, ref: `refs/heads/${branch}`, sha });
    return (await ann.pulls.create({ ...repo, title: "Theirs", head: branch, base })).data;
  };
  const main = shop.shas.at(-1)!;
  const commit = async (name: string) => {
    const file = { path: name, mode: "100644", type: "blob", content: "1\n" } as const;
    const tree = (await ann.git.createTree({ ...repo, base_tree: main, tree: [file] })).data.sha;
    return (await ann.git.createCommit({ ...repo, message: name, tree, parents: [main] })).data.sha;
  };
  const status = async (ref: string) => {
    const { data } = await ann.repos.getCombinedStatusForRef({ ...repo, ref });
    return data.statuses.find(({ context }) => context === approval)?.state;
  };
  return { ...shop, ann, open, commit, status };
};

test("other people's pull requests get the status where their base asks for it", async (t) => {
  const { source, ann, open, commit, status, shas } = await shared(t);
  const theirs = await open("fix", await commit("fix"));
  assert.equal(await source.vouchForPull(service, theirs.number), "vouched");
  assert.equal(await status(theirs.head.sha), "success");
  await ann.pulls.merge({ ...repo, pull_number: theirs.number });
  await ann.git.createRef({ ...repo, ref: "refs/heads/next", sha: shas[0]! });
  const elsewhere = await open("other", await commit("other"), "next");
  assert.equal(await source.vouchForPull(service, elsewhere.number), "not_required");
  assert.equal(await status(elsewhere.head.sha), undefined);
});

test("neither our own pull request nor another of the same head gets it", async (t) => {
  const { source, open, shas, status } = await shared(t);
  const pull = await source.openPull(service, await proposalFor(source, shas[1]!));
  assert.equal(await source.vouchForPull(service, pull.number), "ours");
  const copy = await open("copy-of-it", pull.head);
  assert.equal(await source.vouchForPull(service, copy.number), "ours");
  assert.equal(await status(pull.head), "pending");
});

test("a queue goes on for other people, also behind one of ours that is approved, and not behind another", async (t) => {
  const queue = { type: "merge_queue", parameters: { merge_method: "SQUASH" } };
  const { source, ann, open, shas, commit, status, git } = await shared(t, [queue]);
  const ours = await source.openPull(service, await proposalFor(source, shas[1]!));
  const theirs = await open("fix", await commit("fix"));
  await source.vouchForPull(service, theirs.number);
  const set = (state: "success" | "pending") =>
    source.setCheck(service, { head: ours.head, state, description: "x" });
  await set("success");
  await source.arm(service, ours, "queue");
  const enqueue = `mutation($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { mergeQueueEntry { id } } }`;
  await ann.graphql(enqueue, { input: { pullRequestId: theirs.node_id } });
  const groupOf = (number: number) => {
    const refs = git(
      "for-each-ref",
      "--format=%(refname) %(objectname)",
      "refs/heads/gh-readonly-queue",
    ).split("\n");
    const [ref = "", head = ""] = refs.find((line) => line.includes(`/pr-${number}-`))?.split(" ") ?? [];
    return { head, base: ref.slice(-40), branch: "main", pull: number };
  };
  const [first, second] = [groupOf(ours.number), groupOf(theirs.number)];
  assert.equal(await source.vouchForGroup(service, first), "ours");
  const whole = { ...second, base: first.base };
  await set("pending");
  assert.equal(await source.vouchForGroup(service, whole), "ours");
  assert.equal(await status(second.head), undefined);
  await set("success");
  assert.equal(await source.vouchForGroup(service, whole), "vouched");
  assert.equal(await status(second.head), "success");
});
