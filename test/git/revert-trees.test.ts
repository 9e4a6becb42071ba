import assert from "node:assert/strict";
import { after, test } from "node:test";
import { applied, treeId } from "../../shared/git/object-ids.ts";
import { revertTrees, within } from "../../shared/git/revert-trees.ts";
import { blobId, type Files, files, repository, treeOf, write } from "../support/git.ts";
import { kinds, numbered } from "./past.ts";

const repo = repository();
after(repo.remove);

/** Commits on one branch, and what takes changes of it back. */
function branch(past: Files[]) {
  const shas = write(
    repo,
    past.map((tree, at) => ({ files: tree, parents: at === 0 ? [] : [at - 1] })),
  );
  const trees = past.map(treeOf);
  const blobs = new Map(
    past.flatMap((tree) => [...tree.values()]).map(({ content }) => [blobId(content), content]),
  );
  const change = (at: number) => ({ sha: shas[at]!, base: trees[at]!, theirs: trees[at - 1]! });
  return { shas, ours: trees.at(-1)!, change, read: async (sha: string) => blobs.get(sha)! };
}

const revertedByGit = (head: string, shas: string[]): string => {
  repo.git(["reset", "-q", "--hard"]);
  repo.git(["checkout", "-q", "--detach", "-f", head]);
  repo.git(["revert", "--no-commit", ...shas]);
  return repo.git(["write-tree"]).trim();
};

const past = [
  files({ a: numbered(20), b: "b\n" }),
  files({ a: numbered(20, { 3: "first" }), b: "b\n" }),
  files({ a: numbered(20, { 3: "first", 4: "second" }), b: "b\n", c: "c\n" }),
  files({ a: numbered(20, { 3: "first", 4: "second", 15: "later" }), b: "b2\n", c: "c\n" }),
];

test("changes that build on one another go back together, the newest first, as git does it", async () => {
  const { shas, ours, change, read } = branch(past);
  const result = await revertTrees([change(2), change(1)], ours, read);
  assert.ok("edits" in result);
  assert.equal(treeId(applied(ours, result.edits)), revertedByGit(shas[3]!, [shas[2]!, shas[1]!]));
  assert.deepEqual(
    result.edits.map(({ path }) => path),
    ["a", "c"],
  );
});

test("the first of them alone does not come off, and the result says which change it was", async () => {
  const { shas, ours, change, read } = branch(past);
  const result = await revertTrees([change(1), change(2)], ours, read);
  assert.ok("conflicts" in result);
  assert.deepEqual([kinds(result.conflicts), result.at], [["a: content"], shas[1]]);
});

test("a change and its revert, both taken back, leave nothing to change", async () => {
  const { ours, change, read } = branch([past[0]!, past[1]!, past[0]!]);
  assert.deepEqual(await revertTrees([change(2), change(1)], ours, read), { edits: [] });
});

test("only what lies below the given paths goes back", async () => {
  const { ours, change, read } = branch([
    files({ "app/a": "1\n", "apple/a": "1\n", lib: "1\n" }),
    files({ "app/a": "2\n", "apple/a": "2\n", lib: "2\n", "app/new/b": "b\n" }),
  ]);
  const result = await revertTrees([within(change(1), ["app/"])], ours, read);
  assert.deepEqual("edits" in result && result.edits.map(({ path }) => path), ["app/a", "app/new/b"]);
});
