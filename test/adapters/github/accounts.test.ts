import assert from "node:assert/strict";
import { test } from "node:test";
import { openShop, service } from "../../support/github-shop.ts";

const call = (url: string, token: string, init: { method: string; body?: object }) =>
  fetch(url, {
    method: init.method,
    headers: { authorization: `token ${token}` },
    ...(init.body && { body: JSON.stringify(init.body) }),
  });

test("opener, committers, co-authors, pushers and merger of a change are its authors, bots and GitHub itself are not", async (t) => {
  const { sandbox, source, git } = await openShop(t, { tokens: { olga: "olga", mara: "mara" } });
  const api = `${sandbox.github}/repos/acme/shop`;
  const tree = git("rev-parse", "main^{tree}");
  const message =
    "Change rates\n\nCo-authored-by: Cleo <17+cleo@users.noreply.github.com>\nCo-authored-by: bot <1+dependabot[bot]@users.noreply.github.com>";
  const commit = git(...["commit-tree", tree, "-p", git("rev-parse", "main"), "-m", message]);
  await call(`${api}/git/refs`, "olga", { method: "POST", body: { ref: "refs/heads/rates", sha: commit } });
  await call(`${api}/git/refs/heads/rates`, "olga", { method: "PATCH", body: { sha: commit } });
  await call(`${api}/pulls`, "olga", {
    method: "POST",
    body: { head: "rates", base: "main", title: "Rates" },
  });
  const merged = await call(`${api}/pulls/1/merge`, "mara", {
    method: "PUT",
    body: { merge_method: "merge" },
  });
  const { sha } = (await merged.json()) as { sha: string };
  assert.deepEqual(await source.authors(service, { commits: [sha, commit], pull: 1 }), {
    logins: ["ann", "cleo", "mara", "olga"],
    isComplete: true,
  });
});

test("a co-author's plain address, and a commit that is gone, leave somebody unknown", async (t) => {
  const { source, git } = await openShop(t);
  const commit = git(
    ...["commit-tree", git("rev-parse", "main^{tree}"), "-m", "x\n\nCo-authored-by: Cleo <cleo@example.com>"],
  );
  assert.deepEqual(await source.authors(service, { commits: [commit] }), {
    logins: ["ann"],
    isComplete: false,
  });
  assert.deepEqual(await source.authors(service, { commits: ["0".repeat(40)] }), {
    logins: [],
    isComplete: false,
  });
});

for (const [what, status] of [
  ["that does not exist", undefined],
  ["that the token may not read", 403],
] as const)
  test(`a pull request ${what} leaves somebody unknown, and the people of the commits are known`, async (t) => {
    const { sandbox, source, git } = await openShop(t);
    const commit = git("rev-parse", "main");
    if (status !== undefined) sandbox.fault({ match: /\/pulls\/31/, times: 9, fail: { status } });
    const { logins, isComplete } = await source.authors(service, { commits: [commit], pull: 31 });
    assert.deepEqual([logins.length, isComplete], [1, false]);
  });

test("whoever pushes to our pull request is among its pushers, and Countersteer is not", async (t) => {
  const { sandbox, source, git, push } = await openShop(t);
  const api = `${sandbox.github}/repos/acme/shop`;
  git("update-ref", "refs/heads/fix", "main");
  push(new Map(), "fix");
  await call(`${api}/pulls`, sandbox.token, {
    method: "POST",
    body: { head: "fix", base: "main", title: "Fix" },
  });
  const { logins, isComplete } = await source.pushers(service, 1);
  assert.deepEqual([logins.length, isComplete], [1, true]);
});

test("a member of a team is one while GitHub says so, and CODEOWNERS is read from where GitHub looks first", async (t) => {
  const { source } = await openShop(t, { teams: { "acme/payments": ["Ann"] } });
  assert.equal(await source.isMember({ org: "acme", slug: "payments" }, "ann"), true);
  assert.equal(await source.isMember({ org: "acme", slug: "payments" }, "eve"), false);
  assert.equal(await source.isMember({ org: "acme", slug: "gone" }, "ann"), false);
  assert.equal(await source.codeowners(service), undefined);
});

test("the latest review of each person and their commands are read, and comments of ours and edited ones are not", async (t) => {
  const { sandbox, source, git, push } = await openShop(t, { tokens: { ben: "ben", eve: "eve" } });
  const api = `${sandbox.github}/repos/acme/shop`;
  git("update-ref", "refs/heads/fix", "main");
  const head = push(new Map(), "fix");
  const as = (token: string, path: string, body: object, method = "POST") =>
    call(`${api}/${path}`, token, { method, body });
  await as(sandbox.token, "pulls", { head: "fix", base: "main", title: "Fix" });
  await as("ben", "pulls/1/reviews", { event: "REQUEST_CHANGES", body: "why?" });
  await as("ben", "pulls/1/reviews", { event: "APPROVE" });
  await as("ben", "pulls/1/reviews", { event: "COMMENT", body: "fine" });
  const changes = await as("eve", "pulls/1/reviews", { event: "REQUEST_CHANGES", body: "no" });
  const { id } = (await changes.json()) as { id: number };
  await as("eve", `pulls/1/reviews/${id}/dismissals`, { message: "done" }, "PUT");
  await as("ben", "issues/1/comments", { body: " /countersteer hold" });
  await as("ben", "issues/1/comments", { body: "I would not /countersteer approve" });
  await as(sandbox.token, "issues/1/comments", { body: "/countersteer approve" });
  await as("ben", "issues/1/labels", ["countersteer/hold"]);
  const now = await source.findPull(service, "fix" as never);
  assert.equal(now?.held, true);
  const said = await source.said(service, now!.pull);
  assert.deepEqual(said.reviews, [
    { by: "ben", state: "approved", head },
    { by: "eve", state: "dismissed", head },
  ]);
  assert.deepEqual(
    said.commands.map(({ by, text }) => [by, text]),
    [["ben", "/countersteer hold"]],
  );
});
