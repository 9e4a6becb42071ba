import assert from "node:assert/strict";
import { test } from "node:test";
import type { GithubPorts } from "../../../shared/adapters/github/github.ts";
import { computeRevert } from "../../../shared/remedy/revert/compute-revert.ts";
import { planChange } from "../../../shared/remedy/revert/plan.ts";
import { files } from "../../support/git.ts";
import { openShop, past, proposalFor, service } from "../../support/github-shop.ts";

const day = 86_400_000;
const start = 1_700_000_000_000;
const range = { since: start - day, until: start + day, limit: 50 };

test("commits come newest first with paths and patch, in two round trips", async (t) => {
  const { source, shas, calls } = await openShop(t);
  const commits = await source.commits(service, range);
  assert.deepEqual(
    commits.map(({ sha, title, paths, parents, at }) => ({ sha, title, paths, parents, at })),
    [3, 2, 1, 0].map((at) => ({
      sha: shas[at],
      title: `Change ${at}`,
      paths: [["docs/a.md", "lib/x.ts", "src/pay.ts"], ["src/pay.ts"], ["src/pay.ts"], ["docs/a.md"]][at],
      parents: at === 0 ? [] : [shas[at - 1]],
      at: start + at * 1000,
    })),
  );
  assert.match(commits[2]!.patch!, /^--- src\/pay.ts\n@@.*\n[\s\S]*^-line 3\n\+bad$/m);
  assert.deepEqual([calls.made.length, calls.rounds], [5, 2]);
});

test("commits of several path prefixes are listed at once, each once, and capped", async (t) => {
  const { source, shas, calls, count } = await openShop(t);
  const monorepo = { ...service, paths: ["src/", "docs", "lib"] };
  const commits = await source.commits(monorepo, { ...range, limit: 2 });
  assert.deepEqual(
    commits.map(({ sha }) => sha),
    [shas[3], shas[2]],
  );
  assert.deepEqual([calls.made.length, calls.rounds], [5, 2]);
  count();
  const between = { since: start + 1000, until: start + 2000, limit: 50 };
  assert.deepEqual(
    (await source.commits(monorepo, between)).map(({ sha }) => sha),
    [shas[2], shas[1]],
  );
  assert.deepEqual([calls.made.length, calls.rounds], [4, 2]);
});

const place = (source: GithubPorts) => ({ history: source, trees: source, service, paths: [] });

test("a change comes with its three trees, and only the one it was made on is asked for", async (t) => {
  const { source, shas, calls, count, git } = await openShop(t);
  const { commit, since } = await source.change(service, shas[1]!);
  const { base, theirs } = await source.sides(service, { commit });
  const { head, headTree, ours } = await source.tip(service, { since, base });
  assert.deepEqual([calls.made.length, calls.rounds], [4, 1]);
  assert.deepEqual([head, headTree], [shas[3], git("rev-parse", "main^{tree}")]);
  assert.deepEqual(commit.paths, ["src/pay.ts"]);
  const at = (commit: number) => git("rev-parse", `${shas[commit]}:src/pay.ts`);
  assert.deepEqual(
    [theirs, base, ours].map((tree) => tree.get("src/pay.ts")!.sha),
    [0, 1, 3].map(at),
  );
  assert.deepEqual([...ours.keys()].sort(), [...past[3]!.keys()].sort());
  count();
  assert.deepEqual((await source.change(service, shas[1]!)).commit, commit);
  assert.deepEqual([calls.made.length, calls.rounds], [2, 1]);
});

test("an unknown change and the first commit are final, in words, and so is a change of 301 files where GitHub does not list the repository whole", async (t) => {
  const { source, shas } = await openShop(t);
  const unknown = "e".repeat(40);
  await assert.rejects(source.change(service, unknown), {
    name: "UpstreamError",
    retryable: false,
    message: `acme/shop has no commit ${unknown}, or the token may not see it`,
  });
  const first = await planChange(place(source), shas[0]!);
  await assert.rejects(computeRevert(place(source), first), {
    retryable: false,
    message: `revert ${shas[0]} of acme/shop: it is the first commit, there is nothing to go back to`,
  });
  const many = files(Object.fromEntries(Array.from({ length: 301 }, (_, at) => [`many/${at}`, ""])));
  const large = await openShop(t, { treeLimit: 2, trees: [past[0]!, new Map([...past[0]!, ...many])] });
  const unit = await planChange(place(large.source), large.shas[1]!);
  await assert.rejects(computeRevert(place(large.source), unit), {
    retryable: false,
    message: /^read the tree of [\w~]+ of acme\/shop: it is too large for GitHub to list whole$/,
  });
});

test("the pull request holds the revert, in one commit that GitHub signs, labelled and with a pending check", async (t) => {
  const { source, shas, git, calls, count, sandbox } = await openShop(t);
  await source.commits(service, range);
  count();
  const proposal = await proposalFor(source, shas[1]!);
  assert.deepEqual([calls.made.length, calls.rounds], [3 + 1, 2]);
  count();
  const pull = await source.openPull(service, proposal);
  assert.deepEqual([calls.made.length, calls.rounds], [8, 5]);
  assert.deepEqual(
    { ...pull, diff: pull.diff.length, url: pull.url.replace(sandbox.url, "") },
    {
      ...{
        number: 1,
        url: "/github/acme/shop/pull/1",
        branch: `countersteer/revert-${shas[1]!.slice(0, 12)}`,
      },
      ...{ head: git("rev-parse", pull.branch), base: "main", baseSha: shas[3], diff: 64 },
    },
  );
  git("checkout", "-q", "--detach", shas[3]!);
  git("revert", "--no-edit", shas[1]!);
  assert.equal(git("rev-parse", `${pull.head}^{tree}`), git("rev-parse", "HEAD^{tree}"));
  assert.equal(git("rev-parse", `${pull.head}^`), shas[3]);
  assert.match(
    git("log", "-1", "--format=%B", pull.head),
    /^Revert "Change 1"\n\nThis reverts commit \w{40}\.\n\nCountersteer-Incident: payments\/production#1$/,
  );
  const commit = calls.made.find((call) => call === "POST /git/commits");
  assert.ok(commit);
  const now = await source.pull(service, pull);
  const size = { files: 1, added: 1, removed: 1 };
  assert.deepEqual(now, { state: "open", pull, paths: ["src/pay.ts"], size });
});

test("more files than GitHub lists in a comparison: all are told, and none is approved unseen", async (t) => {
  const { source, shas, push, calls, count } = await openShop(t);
  const many = Array.from({ length: 320 }, (_, at) => `many/${at}`);
  const head = push(files(Object.fromEntries([...past[3]!, ...many.map((path) => [path, "x\n"] as const)])));
  assert.deepEqual((await source.changedPaths(service, { from: shas[3]!, to: head })).sort(), many.sort());
  const proposal = await proposalFor(source, shas[1]!);
  const edits = many.map((path) => ({ path, deleted: true as const }));
  count();
  await assert.rejects(source.openPull(service, { ...proposal, edits }), {
    retryable: false,
    message: /it would change 320 files, too many to approve$/,
  });
  await assert.rejects(source.openPull(service, { ...proposal, edits: [] }), { retryable: false });
  assert.deepEqual(calls.made, []);
});

test("a check that is pending or red is told, required or not, and a green one is not", async (t) => {
  const { source, shas, sandbox } = await openShop(t);
  const pull = await source.openPull(service, await proposalFor(source, shas[1]!));
  const report = (state: string) =>
    fetch(`${sandbox.github}/repos/acme/shop/statuses/${pull.head}`, {
      method: "POST",
      headers: { authorization: `token ${sandbox.token}` },
      body: JSON.stringify({ state, context: "build" }),
    });
  await report("pending");
  const checks = async () => (await source.gates(service, pull)).checks;
  assert.deepEqual((await checks()).running, ["build"]);
  await report("failure");
  assert.deepEqual(
    (await checks()).failing.map(({ name }) => name),
    ["build"],
  );
  await report("success");
  assert.deepEqual(await checks(), { failing: [], running: [] });
  assert.equal((await source.merge(service, pull)).result, "merged");
});

test("a branch that was renamed is told with the default branch of now, and what to do", async (t) => {
  const shop = await openShop(t);
  const pull = await shop.source.openPull(service, await proposalFor(shop.source, shop.shas[1]!));
  shop.git("branch", "-m", "main", "trunk");
  shop.git("symbolic-ref", "HEAD", "refs/heads/trunk");
  const told =
    /404 .*; the default branch of acme\/shop is trunk, so name it as the branch in the configuration and press Retry$/;
  await assert.rejects(shop.again().pull(service, pull), { message: told, retryable: false });
});
