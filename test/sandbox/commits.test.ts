import assert from "node:assert/strict";
import { test } from "node:test";
import { newSandbox, refusal, repo, type Shop } from "./repository.ts";

const shas = (commits: { sha: string }[]) => commits.map(({ sha }) => sha);
const log = (shop: Shop, ...args: string[]) =>
  shop
    .git("log", "--format=%H", ...args)
    .split("\n")
    .filter(Boolean);

test("commits by branch, path and time, page by page, are what git log lists", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  for (let n = 1; n <= 7; n += 1)
    shop.commit(`Change ${n}`, { [n % 2 ? "src/pay.js" : "docs/x.md"]: `${n}\n` });
  shop.commit("Elsewhere", { other: "1\n" }, "side");
  const all = await octokit.paginate(octokit.repos.listCommits, { ...repo, sha: "main", per_page: 3 });
  assert.deepEqual(shas(all), log(shop, "main"));
  const ofPath = await octokit.repos.listCommits({ ...repo, path: "src" });
  assert.deepEqual(shas(ofPath.data), log(shop, "main", "--", "src"));
  const [since, until] = ["2026-11-01T11:00:00Z", "2026-11-01T14:00:00Z"];
  const between = await octokit.repos.listCommits({ ...repo, since, until });
  assert.deepEqual(shas(between.data), log(shop, `--since=${since}`, `--until=${until}`, "main"));
  assert.equal(between.data.length, 4);
  const [newest] = all;
  assert.equal(newest!.commit.message, "Change 7");
  assert.deepEqual(newest!.commit.author, {
    name: "Ann",
    email: "ann@example.com",
    date: "2026-11-01T16:00:00Z",
  });
  assert.equal(newest!.author?.login, "ann");
  assert.equal((await refusal(octokit.repos.listCommits({ ...repo, sha: "nope" }))).status, 404);
});

test("the files of a commit are those of its diff with the first parent", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  shop.commit("Add", { long: "1\n2\n3\n4\n5\n6\n7\n8\n", gone: "x\n", binary: "\u0000\u0001" });
  const sha = shop.commit("Change", {
    long: null,
    "moved/long": "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
    gone: null,
    "a b": "new\n",
    binary: "\u0000\u0002",
    "src/pay.js": "export const fee = 2;\n",
  });
  const { data } = await octokit.repos.getCommit({ ...repo, ref: sha });
  const seen = data.files!.map(({ filename, status, additions, deletions, previous_filename = "" }) => [
    filename,
    status,
    additions,
    deletions,
    previous_filename,
  ]);
  assert.deepEqual(seen, [
    ["a b", "added", 1, 0, ""],
    ["binary", "modified", 0, 0, ""],
    ["gone", "removed", 0, 1, ""],
    ["moved/long", "renamed", 1, 0, "long"],
    ["src/pay.js", "modified", 1, 1, ""],
  ]);
  assert.deepEqual(
    data.files!.map(({ patch }) => patch),
    [
      "@@ -0,0 +1 @@\n+new",
      undefined,
      "@@ -1 +0,0 @@\n-x",
      "@@ -6,3 +6,4 @@\n 6\n 7\n 8\n+9",
      "@@ -1 +1 @@\n-export const fee = 1;\n+export const fee = 2;",
    ],
  );
  assert.equal(data.files![3]!.sha, shop.git("rev-parse", "HEAD:moved/long"));
  assert.equal(data.files![2]!.sha, shop.git("rev-parse", "HEAD~1:gone"));
  assert.deepEqual(data.stats, { total: 5, additions: 3, deletions: 2 });
  const unknown = octokit.repos.getCommit({ ...repo, ref: "1".repeat(40) });
  assert.deepEqual(await refusal(unknown), {
    status: 422,
    message: `No commit found for SHA: ${"1".repeat(40)}`,
  });
});

test("a root commit adds everything, a merge shows what it brought to its first parent", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  const root = await octokit.repos.getCommit({ ...repo, ref: "main" });
  assert.deepEqual(
    root.data.files!.map(({ filename, status }) => `${status} ${filename}`),
    ["added README.md", "added src/pay.js"],
  );
  shop.commit("Side", { side: "1\n" }, "side");
  shop.commit("Main", { main: "1\n" }, "main");
  shop.git("merge", "--quiet", "--no-ff", "--no-edit", "side");
  shop.git("push", "--quiet", "origin", "main");
  const merge = await octokit.repos.getCommit({ ...repo, ref: "main" });
  assert.equal(merge.data.parents.length, 2);
  assert.deepEqual(
    merge.data.files!.map(({ filename }) => filename),
    ["side"],
  );
});

test("more files than fit are on the next page", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  const sha = shop.commit(
    "Many",
    Object.fromEntries(Array.from({ length: 301 }, (_, n) => [`many/${1000 + n}`, `${n}\n`])),
  );
  const first = await octokit.repos.getCommit({ ...repo, ref: sha });
  assert.equal(first.data.files!.length, 300);
  assert.match(first.headers.link!, /page=2>; rel="next"/);
  const second = await octokit.repos.getCommit({ ...repo, ref: sha, page: 2 });
  assert.deepEqual(
    second.data.files!.map(({ filename }) => filename),
    ["many/1300"],
  );
});

test("a comparison is measured from where the two parted", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  const start = shop.git("rev-parse", "HEAD");
  const one = shop.commit("One", { one: "1\n" }, "feature/x");
  const two = shop.commit("Two", { two: "2\n" }, "feature/x");
  const compare = async (basehead: string) =>
    (await octokit.repos.compareCommitsWithBasehead({ ...repo, basehead })).data;
  const ahead = await compare("main...feature/x");
  assert.deepEqual([ahead.status, ahead.ahead_by, ahead.behind_by], ["ahead", 2, 0]);
  assert.deepEqual(shas(ahead.commits), [one, two]);
  assert.deepEqual(
    ahead.files!.map(({ filename }) => filename),
    ["one", "two"],
  );
  const behind = await compare("feature/x...main");
  assert.deepEqual([behind.status, behind.ahead_by, behind.behind_by, behind.files], ["behind", 0, 2, []]);
  shop.commit("Main", { main: "1\n" }, "main");
  const diverged = await compare(`main...${two}`);
  assert.deepEqual([diverged.status, diverged.ahead_by, diverged.behind_by], ["diverged", 2, 1]);
  assert.equal(diverged.merge_base_commit.sha, start);
  assert.deepEqual(
    diverged.files!.map(({ filename }) => filename),
    ["one", "two"],
  );
  assert.equal((await compare("main...main")).status, "identical");
  assert.equal((await refusal(compare("main...nope"))).status, 404);
});
