import assert from "node:assert/strict";
import { test } from "node:test";
import { newSandbox, refusal, repo } from "./repository.ts";

const sha40 = "0123456789012345678901234567890123456789";

test("a tree by branch, commit and tree sha is what git ls-tree lists", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  const sha = shop.commit("Add deep files", { "a/b/c d.txt": "x\n", "ümlaut.txt": "ü\n" });
  const listed = shop.git(
    "-c",
    "core.quotePath=false",
    "ls-tree",
    "-r",
    "-t",
    "--format=%(objectmode) %(objecttype) %(objectname) %(path)",
    "HEAD",
  );
  for (const tree_sha of ["main", sha, shop.git("rev-parse", "HEAD^{tree}")]) {
    const { data } = await octokit.git.getTree({ ...repo, tree_sha, recursive: "1" });
    assert.equal(
      data.tree.map(({ mode, type, sha, path }) => `${mode} ${type} ${sha} ${path}`).join("\n"),
      listed,
    );
    assert.equal(data.truncated, false);
  }
});

test("a tree past the cap says that it is truncated", async (t) => {
  const { octokit } = await newSandbox(t, { treeLimit: 2 });
  const { data } = await octokit.git.getTree({ ...repo, tree_sha: "main", recursive: "1" });
  assert.deepEqual([data.tree.length, data.truncated], [2, true]);
});

test("a commit made of blobs, a tree and parents is the one git would have made", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  const head = shop.commit("Add files", { "a/one": "1\n", "a/two": "2\n", run: "#!/bin/sh\n" });
  const bytes = Buffer.from([0, 255, 10, 13]);
  const blob = await octokit.git.createBlob({
    ...repo,
    content: bytes.toString("base64"),
    encoding: "base64",
  });
  const tree = await octokit.git.createTree({
    ...repo,
    base_tree: shop.git("rev-parse", "HEAD^{tree}"),
    tree: [
      { path: "bin", mode: "100644", type: "blob", sha: blob.data.sha },
      { path: "a/one", mode: "100644", type: "blob", sha: null },
      { path: "run", mode: "100755", type: "blob", content: "#!/bin/sh\n" },
    ],
  });
  const message = 'Revert "Add files"\n\nThis reverts nothing.';
  const author = { name: "Ben", email: "ben@example.com", date: "2026-11-02T10:00:00Z" };
  const made = await octokit.git.createCommit({
    ...repo,
    message,
    tree: tree.data.sha,
    parents: [head],
    author,
  });
  await octokit.git.createRef({ ...repo, ref: "refs/heads/made", sha: made.data.sha });
  shop.git("fetch", "--quiet");
  assert.equal(
    shop.git("ls-tree", "-r", "--format=%(objectmode) %(path)", "origin/made"),
    "100644 README.md\n100644 a/two\n100644 bin\n100755 run\n100644 src/pay.js",
  );
  assert.equal(
    shop.git("log", "-1", "--format=%an|%ae|%at|%cn|%P|%B", "origin/made"),
    `Ben|ben@example.com|${Date.parse(author.date) / 1000}|Ben|${head}|${message}`,
  );
  const { data } = await octokit.git.getBlob({ ...repo, file_sha: blob.data.sha });
  assert.deepEqual(Buffer.from(data.content, "base64"), bytes);
  const raw = await octokit.git.getBlob({ ...repo, file_sha: blob.data.sha, mediaType: { format: "raw" } });
  assert.deepEqual(Buffer.from(raw.data as unknown as ArrayBuffer), bytes);
});

test("a commit without author is the app's, committed by GitHub", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  const tree = shop.git("rev-parse", "HEAD^{tree}");
  const { data } = await octokit.git.createCommit({ ...repo, message: "Hello", tree, parents: [] });
  assert.equal(data.author.name, "countersteer[bot]");
  assert.match(data.author.email, /^\d+\+countersteer\[bot\]@users\.noreply\.github\.com$/);
  assert.equal(data.committer.email, "noreply@github.com");
});

test("a directory is removed by its path, and a file may take its place", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  shop.commit("Add", { "a/one": "1\n", "a/two": "2\n" });
  const base_tree = shop.git("rev-parse", "HEAD^{tree}");
  const gone = await octokit.git.createTree({
    ...repo,
    base_tree,
    tree: [{ path: "a", mode: "040000", type: "tree", sha: null }],
  });
  assert.deepEqual(
    gone.data.tree.map(({ path }) => path),
    ["README.md", "src"],
  );
  const file = await octokit.git.createTree({
    ...repo,
    base_tree,
    tree: [{ path: "a", mode: "100644", type: "blob", content: "a\n" }],
  });
  assert.deepEqual(
    file.data.tree.map(({ path, type }) => `${type} ${path}`),
    ["blob README.md", "blob a", "tree src"],
  );
});

test("objects that cannot be are refused as GitHub refuses them", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  const tree = shop.git("rev-parse", "HEAD^{tree}");
  const head = shop.git("rev-parse", "HEAD");
  const file = { path: "f", mode: "100644", type: "blob" } as const;
  const trees = (...entries: object[]) =>
    refusal(octokit.git.createTree({ ...repo, base_tree: tree, tree: entries as never }));
  assert.deepEqual(await trees({ ...file, path: "nope", sha: null }), {
    status: 422,
    message: "GitRPC::BadObjectState",
  });
  assert.deepEqual(await trees({ ...file, sha: sha40 }), {
    status: 422,
    message: `tree.sha ${sha40} is not a valid blob`,
  });
  assert.deepEqual(await trees(file), { status: 422, message: "Must supply tree.sha or tree.content" });
  assert.equal(
    (await trees({ ...file, path: "../f", content: "" })).message,
    "tree.path contains a malformed path component",
  );
  assert.equal(
    (await trees({ ...file, path: ".git/config", content: "" })).message,
    "tree.path contains a malformed path component",
  );
  assert.equal((await trees({ ...file, mode: "123", content: "" })).status, 422);
  assert.equal((await trees()).message, "Invalid tree info");
  assert.equal((await refusal(octokit.git.createTree({ ...repo, base_tree: sha40, tree: [] }))).status, 422);
  const commit = (one: object) => refusal(octokit.git.createCommit({ ...repo, message: "m", tree, ...one }));
  assert.deepEqual(await commit({ tree: sha40 }), { status: 422, message: "Tree SHA does not exist" });
  assert.equal(
    (await commit({ parents: [tree] })).message,
    "Parent SHA does not exist or is not a commit object",
  );
  assert.equal((await refusal(octokit.git.getCommit({ ...repo, commit_sha: tree }))).status, 404);
  assert.equal((await refusal(octokit.git.getBlob({ ...repo, file_sha: head }))).status, 404);
  assert.equal((await refusal(octokit.git.getTree({ ...repo, tree_sha: "nope" }))).status, 404);
});
