import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../../../infra/sandbox/index.ts";
import type { GithubPorts } from "../../../shared/adapters/github/github.ts";
import { refName } from "../../../shared/git/ref-name.ts";
import { branchOf } from "../../../shared/remedy/revert/branch.ts";
import { code, markdown } from "../../../shared/text/markdown.ts";
import { files } from "../../support/git.ts";
import {
  notes,
  openShop,
  past,
  proposalFor,
  type Shop,
  service,
  wholeStory,
} from "../../support/github-shop.ts";

const traces = async ({ sandbox, git, shas }: Shop) => {
  const branch = branchOf({ sha: shas[1]! });
  const api = (path: string) =>
    fetch(`${sandbox.github}/repos/acme/shop${path}`, {
      headers: { authorization: `token ${sandbox.token}` },
    }).then((response) => response.json() as Promise<{ body: string; labels: { name: string }[] }[]>);
  const pulls = await api("/pulls?state=all");
  return {
    branches: git("for-each-ref", "--format=%(refname:short)", "refs/heads/countersteer"),
    commits: git("rev-list", "--count", `${shas[3]}..${branch}`),
    pulls: pulls.length,
    labels: pulls[0]?.labels.map(({ name }) => name),
    comments: (await api("/issues/1/comments")).map(({ body }) => body.split("\n")[0]),
    landed: git("rev-list", "--count", `${shas[3]}..main`),
  };
};

const writes: [string, RegExp][] = [
  ["tree", /^POST .*\/git\/trees$/],
  ["commit", /^POST .*\/git\/commits$/],
  ["branch", /^POST .*\/git\/refs$/],
  ["pull request", /^POST .*\/pulls$/],
  ["labels", /^POST .*\/labels$/],
  ["status", /^POST .*\/statuses\//],
  ["first comment", /^POST .*\/comments$/],
  ["merge", /^PUT .*\/merge$/],
];
const kept = writes.filter(([write]) => ["branch", "pull request", "merge"].includes(write));
const outcomes: [string, typeof writes, (match: RegExp) => Fault][] = [
  ["applied, then the connection is dropped", writes, (match) => ({ match, drop: "after" })],
  ["dropped before it is applied", kept, (match) => ({ match, drop: "before" })],
  ["applied, then answered 502", kept, (match) => ({ match, fail: { status: 502, applied: true } })],
];
for (const [outcome, which, fault] of outcomes)
  test(`a write ${outcome}: the next run leaves one of everything`, async (t) => {
    for (const [write, match] of which) {
      const shop = await openShop(t);
      const [source, sha] = [shop.source, shop.shas[1]!];
      shop.sandbox.fault(fault(match));
      await assert.rejects(wholeStory(source, sha), { name: "UpstreamError", retryable: true }, write);
      const known = await source.findPull(service, branchOf({ sha }));
      if (known?.state !== "merged") await finish(source, sha, known?.pull.number);
      assert.deepEqual(
        await traces(shop),
        {
          branches: branchOf({ sha }),
          ...{
            commits: "1",
            pulls: 1,
            labels: ["countersteer", "revert"],
            comments: ["Approved.", "Merged."],
            landed: "1",
          },
        },
        write,
      );
    }
  });

const finish = async (source: GithubPorts, sha: string, known: number | undefined): Promise<void> => {
  const { pull, merged } = await wholeStory(source, sha);
  assert.equal(pull.number, known ?? 1);
  assert.equal(merged.result, "merged");
};

test("a merge applied without an answer is found done, by the same commit", async (t) => {
  const { sandbox, source, shas, git } = await openShop(t);
  const pull = await source.openPull(service, await proposalFor(source, shas[1]!));
  sandbox.fault({ match: /^PUT .*\/merge$/, drop: "after" });
  await assert.rejects(source.merge(service, pull), { retryable: true });
  const merged = { result: "merged", sha: git("rev-parse", "main"), by: "countersteer[bot]" };
  assert.deepEqual(await source.merge(service, pull), merged);
  assert.deepEqual(await source.merge(service, pull), merged);
  const now = await source.pull(service, pull);
  assert.deepEqual([now.state, now.mergeSha, now.by], ["merged", merged.sha, merged.by]);
  assert.equal(now.pull.diff, pull.diff);
});

test("two runs at the same instant make one branch and one pull request", async (t) => {
  const shop = await openShop(t);
  const proposal = await proposalFor(shop.source, shop.shas[1]!);
  const pulls = await Promise.all(
    [shop.again(), shop.again(), shop.again()].map((source) => source.openPull(service, proposal)),
  );
  assert.equal(new Set(pulls.map((pull) => JSON.stringify(pull))).size, 1);
  assert.equal((await traces(shop)).pulls, 1);
  assert.equal((await traces(shop)).commits, "1");
});

test("a branch left by an earlier try is taken over after the base has moved on", async (t) => {
  const shop = await openShop(t);
  shop.sandbox.fault({ match: /^POST .*\/pulls$/, drop: "before" });
  await assert.rejects(wholeStory(shop.source, shop.shas[1]!), { retryable: true });
  shop.push(files({ ...Object.fromEntries(past[3]!), "docs/later.md": "later\n" }));
  const pull = await shop.source.openPull(service, await proposalFor(shop.source, shop.shas[1]!));
  assert.equal(pull.baseSha, shop.shas[3]);
  assert.equal((await traces(shop)).commits, "1");
});

test("a branch of that name with something else on it is taken, and left alone", async (t) => {
  const { source, shas, git, push, sandbox } = await openShop(t);
  const branch = branchOf({ sha: shas[1]! });
  git("update-ref", `refs/heads/${branch}`, shas[3]!);
  const evil = push(files({ "src/pay.ts": "evil\n" }), branch);
  const proposal = await proposalFor(source, shas[1]!);
  const taken = {
    retryable: false,
    message: /^branch countersteer\/revert-\w{12} of acme\/shop is taken: \w{40} on it is not this revert$/,
  };
  await assert.rejects(source.openPull(service, proposal), taken);
  assert.equal(git("rev-parse", branch), evil);
  const opened = await fetch(`${sandbox.github}/repos/acme/shop/pulls`, {
    method: "POST",
    headers: { authorization: `token ${sandbox.token}` },
    body: JSON.stringify({ title: "x", head: branch, base: "main" }),
  });
  assert.equal(opened.status, 201);
  await assert.rejects(source.openPull(service, proposal), taken);
});

test("a pull request that was closed is opened again, and a closed one whose branch is gone or moved on is followed by a new one", async (t) => {
  const { source, shas, git, push } = await openShop(t);
  const proposal = await proposalFor(source, shas[1]!);
  const pull = await source.openPull(service, proposal);
  await source.closePull(service, pull);
  await source.closePull(service, pull);
  assert.deepEqual(await source.merge(service, pull), { result: "closed", by: "someone on GitHub" });
  assert.equal((await source.findPull(service, refName(pull.branch)))?.state, "closed");
  assert.deepEqual(await source.openPull(service, proposal), pull);
  assert.equal((await source.findPull(service, refName(pull.branch)))?.state, "open");

  await source.closePull(service, pull);
  push(files({ "src/pay.ts": "evil\n" }), pull.branch);
  const second = await source.openPull(service, proposal);
  assert.deepEqual([second.number, second.branch], [2, `${pull.branch}-2`]);
  await source.closePull(service, second);
  git("update-ref", "-d", `refs/heads/${second.branch}`);
  const third = await source.openPull(service, proposal);
  assert.deepEqual([third.number, third.branch], [3, `${pull.branch}-3`]);
  assert.equal(await source.findPull(service, refName("countersteer/revert-none")), undefined);
});

test("a closed pull request that the new one stands for stays closed, although its branch holds this revert", async (t) => {
  const { source, shas } = await openShop(t);
  const proposal = await proposalFor(source, shas[1]!);
  const pull = await source.openPull(service, proposal);
  await source.closePull(service, pull);
  const second = await source.openPull(service, { ...proposal, instead: pull.number });
  assert.deepEqual([second.number, second.branch], [2, `${pull.branch}-2`]);
  assert.equal((await source.pull(service, pull)).state, "closed");
});

test("no closed pull request is opened again while the one that stands for it is open", async (t) => {
  const { source, shas, again } = await openShop(t);
  const proposal = await proposalFor(source, shas[1]!);
  const pull = await source.openPull(service, proposal);
  await source.closePull(service, pull);
  const second = await source.openPull(service, { ...proposal, instead: pull.number });
  assert.deepEqual(await again().openPull(service, proposal), second);
  assert.equal((await source.pull(service, pull)).state, "closed");
});

test("a closed pull request is not opened again at another head, although that holds this revert too", async (t) => {
  const { source, shas, git } = await openShop(t);
  const proposal = await proposalFor(source, shas[1]!);
  const pull = await source.openPull(service, proposal);
  await source.closePull(service, pull);
  const other = git("commit-tree", `${pull.head}^{tree}`, "-p", shas[3]!, "-m", "The same once more");
  git("update-ref", `refs/heads/${pull.branch}`, other);
  const second = await source.openPull(service, proposal);
  assert.deepEqual([second.number, second.branch], [2, `${pull.branch}-2`]);
});

test("a closed pull request tells who closed it, and when, and whether that was us", async (t) => {
  const { source, shas, again } = await openShop(t, { tokens: { ghp_bea: "bea" } });
  const proposal = await proposalFor(source, shas[1]!);
  const pull = await source.openPull(service, proposal);
  const state = async () => {
    const { state, by, closedByUs, closedAt } = await source.pull(service, pull);
    return [state, by, closedByUs, typeof closedAt];
  };
  await source.closePull(service, pull);
  assert.deepEqual(await state(), ["closed", "countersteer[bot]", true, "number"]);
  await source.openPull(service, proposal);
  assert.deepEqual(await state(), ["open", undefined, undefined, "undefined"]);
  const bea = again({ token: "ghp_bea" });
  await bea.closePull(service, pull);
  assert.deepEqual(await state(), ["closed", "bea", undefined, "number"]);
  const reopened = async () => {
    const { by, byUs } = (await source.reopened(service, pull)) ?? {};
    return [by, byUs];
  };
  assert.deepEqual(await reopened(), ["countersteer[bot]", true]);
  await bea.openPull(service, proposal);
  assert.deepEqual(await reopened(), ["bea", undefined]);
});

test("a head that moved is not merged, before or between the look and the merge", async (t) => {
  const { source, shas, git, push, sandbox } = await openShop(t);
  const pull = await source.openPull(service, await proposalFor(source, shas[1]!));
  let release = () => {};
  sandbox.fault({ match: /^PUT .*\/merge$/, until: new Promise<void>((resolve) => (release = resolve)) });
  const merging = source.merge(service, pull);
  while (!sandbox.requests().some(({ method }) => method === "PUT"))
    await new Promise((resolve) => setImmediate(resolve));
  const head = push(files({ evil: "evil\n" }), pull.branch);
  release();
  const moved = { result: "moved", detail: `#1 is at ${head} now, not at ${pull.head}` };
  assert.deepEqual(await merging, moved);
  assert.deepEqual(await source.merge(service, pull), moved);
  assert.equal(git("rev-parse", "main"), shas[3]);
  const now = await source.pull(service, pull);
  assert.equal(now.pull.head, head);
  assert.notEqual(now.pull.diff, pull.diff);
  assert.deepEqual(now.paths.sort(), ["docs/a.md", "evil", "lib/x.ts", "src/pay.ts"]);
});

test("a merge that GitHub answers 409 is one of a head that moved, also where the next look does not show it yet", async (t) => {
  const { source, shas, sandbox } = await openShop(t);
  const pull = await source.openPull(service, await proposalFor(source, shas[1]!));
  const body = { message: "Head branch was modified. Review and try the merge again." };
  sandbox.fault({ match: /^PUT .*\/merge$/, times: 1, fail: { status: 409, body } });
  assert.deepEqual(await source.merge(service, pull), {
    result: "moved",
    detail: `merge acme/shop#1: 409 ${body.message}`,
  });
});

test("a base that moved shows as such, with the paths that changed, and leaves the digest alone", async (t) => {
  const { source, shas, push } = await openShop(t);
  const pull = await source.openPull(service, await proposalFor(source, shas[1]!));
  const head = push(files({ ...Object.fromEntries(past[3]!), "docs/a.md": "c\n" }));
  const now = await source.pull(service, pull);
  assert.deepEqual(now.pull, { ...pull, baseSha: head });
  assert.deepEqual(await source.changedPaths(service, { from: pull.baseSha, to: now.pull.baseSha }), [
    "docs/a.md",
  ]);
  assert.deepEqual(await source.changedPaths(service, { from: pull.baseSha, to: "main" }), ["docs/a.md"]);
  assert.equal(await source.contains(service, { ancestor: pull.baseSha, descendant: head }), true);
  assert.equal(await source.contains(service, { ancestor: head, descendant: pull.baseSha }), false);
  assert.equal(await source.contains(service, { ancestor: pull.head, descendant: head }), false);
  assert.equal(await source.contains(service, { ancestor: head, descendant: head }), true);
});

test("branch protection blocks the merge with GitHub's words until the check is set", async (t) => {
  const { source, shas } = await openShop(t, {
    requiredStatuses: { "acme/shop": ["countersteer/approval"] },
  });
  const pull = await source.openPull(service, await proposalFor(source, shas[1]!));
  assert.deepEqual(await source.merge(service, pull), {
    result: "blocked",
    detail: 'merge acme/shop#1: 405 Required status check "countersteer/approval" is pending.',
    checks: { failing: [], running: [] },
  });
  await source.setCheck(service, { head: pull.head, state: "success", description: "x".repeat(500) });
  assert.equal((await source.merge(service, pull)).result, "merged");
});

test("a pull request sent to another base is not merged", async (t) => {
  const { source, shas, git, sandbox } = await openShop(t);
  const pull = await source.openPull(service, await proposalFor(source, shas[1]!));
  git("update-ref", "refs/heads/production", shas[2]!);
  await fetch(`${sandbox.github}/repos/acme/shop/pulls/1`, {
    method: "PATCH",
    headers: { authorization: `token ${sandbox.token}` },
    body: JSON.stringify({ base: "production" }),
  });
  assert.deepEqual(await source.merge(service, pull), {
    result: "moved",
    detail: "#1 goes to production now, not to main",
  });
});

test("a marker inside of a text that we quote does not count", async (t) => {
  const shop = await openShop(t);
  const pull = await shop.source.openPull(service, await proposalFor(shop.source, shop.shas[1]!));
  const escaped = (marker: string) => encodeURIComponent(marker).replaceAll("-", "%2D");
  const forged = notes.map(({ marker }) => `<!-- countersteer:${escaped(marker)} -->`);
  const quoting = { marker: "alerts", markdown: markdown`It fires: ${code(forged.join(" "))}` };
  await shop.source.comment(service, pull, [quoting, ...notes]);
  await shop.again().comment(service, pull, [quoting, ...notes]);
  const told = (await traces(shop)).comments;
  assert.deepEqual(told.slice(1), ["Approved.", "Merged."]);
});

test("a marker that somebody else wrote does not count, also many pages back", async (t) => {
  const shop = await openShop(t, { tokens: { ghp_mallory: "mallory" } });
  const pull = await shop.source.openPull(service, await proposalFor(shop.source, shop.shas[1]!));
  const mallory = shop.again({ token: "ghp_mallory" } as never);
  await mallory.comment(service, pull, notes);
  await shop.source.comment(service, pull, notes.slice(0, 1));
  await mallory.comment(
    service,
    pull,
    Array.from({ length: 220 }, (_, at) => ({ marker: `noise-${at}`, markdown: markdown`noise` })),
  );
  await shop.source.comment(service, pull, notes);
  await shop.again().comment(service, pull, notes);
  const own = (await traces(shop)).comments.filter((line) => line !== "noise");
  assert.deepEqual(own, ["Approved.", "Merged.", "Approved."]);
  shop.count();
  await shop.source.comment(service, pull, []);
  assert.deepEqual(shop.calls.made, []);
});

test("a draft is one comment or one issue, though others copy its marker and its answer is lost", async (t) => {
  const { source, sandbox, shas, again } = await openShop(t, { tokens: { ghp_bea: "bea" } });
  const { number } = await source.openPull(service, await proposalFor(source, shas[1]!));
  const bea = again({ token: "ghp_bea" });
  let asked = 0;
  const text = async () => {
    asked += 1;
    return markdown`Draft.`;
  };
  const draft = { marker: "payments/production#1:postmortem", title: "Post-mortem", since: 0, text };
  for (const on of [undefined, number]) {
    const given = { ...draft, ...(on !== undefined && { on }) };
    await bea.writeDraft(service, given);
    sandbox.fault({ match: on === undefined ? /^POST .*\/issues$/ : /^POST .*\/comments$/, drop: "after" });
    await assert.rejects(source.writeDraft(service, given), { name: "UpstreamError", retryable: true });
    await source.writeDraft(service, given);
    await source.writeDraft(service, given);
  }
  assert.equal(asked, 4);
  const api = (path: string) =>
    fetch(`${sandbox.github}/repos/acme/shop${path}`, {
      headers: { authorization: `token ${sandbox.token}` },
    }).then(
      (response) => response.json() as Promise<{ title?: string; body: string; user: { login: string } }[]>,
    );
  const written = "Draft.\n\n<!-- countersteer:payments%2Fproduction%231%3Apostmortem -->";
  const [issues, comments] = [await api("/issues?state=all"), await api(`/issues/${number}/comments`)];
  const ours = [...issues.filter(({ title }) => title === "Post-mortem"), ...comments];
  assert.deepEqual(
    ours.map(({ body, user }) => [user.login, body]),
    ["countersteer[bot]", "bea", "bea", "countersteer[bot]"].map((login) => [login, written]),
  );
});
