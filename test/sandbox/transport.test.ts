import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { git as runGit } from "../../infra/host/git.ts";
import { newSandbox, repo } from "./repository.ts";

const git = (...args: string[]) => runGit(".", args);

test("a repository is cloned over HTTP without credentials", async (t) => {
  const { shop, sandbox } = await newSandbox(t);
  const head = shop.commit(
    "Many",
    Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`many/${n}`, `${n}\n`.repeat(100)])),
  );
  for (const [name, url] of [
    ["a", `${sandbox.github}/acme/shop.git`],
    ["b", `${sandbox.url}/acme/shop.git`],
    ["c", `${sandbox.github}/acme/shop`],
  ]) {
    const path = join(shop.work, "..", name!);
    await git("clone", "--quiet", url!, path);
    assert.equal(await git("-C", path, "rev-parse", "HEAD"), head);
  }
  await assert.rejects(
    git("clone", "--quiet", `${sandbox.github}/acme/nope.git`, join(shop.work, "..", "d")),
    /not found/,
  );
});

test("a push takes the token as its password, moves the branch and the pull", async (t) => {
  const { shop, sandbox, octokit } = await newSandbox(t);
  const head = shop.commit("Fix", { fix: "1\n" }, "fix");
  await octokit.pulls.create({ ...repo, title: "Fix", head: "fix", base: "main" });
  const url = `${sandbox.github}/acme/shop.git`;
  const into = (to: string, ref: string) => git("-C", shop.work, "push", "--quiet", to, ref);
  await assert.rejects(into(url, "fix:new"), /could not read Username|Authentication failed/);
  await assert.rejects(into(url.replace("//", "//x:wrong@"), "fix:new"), /Authentication failed/);
  const withToken = url.replace("//", `//x-access-token:${sandbox.token}@`);
  await into(withToken, "fix:new");
  assert.equal((await octokit.git.getRef({ ...repo, ref: "heads/new" })).data.object.sha, head);
  await into(withToken, "fix:main");
  const { data: pull } = await octokit.pulls.get({ ...repo, pull_number: 1 });
  assert.deepEqual([pull.merged, pull.merge_commit_sha], [true, head]);
});
