import assert from "node:assert/strict";
import { after, test } from "node:test";
import { treeId } from "../../shared/git/object-ids.ts";
import { file, files, repository, treeOf, write } from "../support/git.ts";
import { history, seeded } from "./random.ts";

const repo = repository();
after(repo.remove);
const treeIn = (sha: string) => repo.git(["rev-parse", `${sha}^{tree}`]).trim();

test("a tree's id is git's: folders sort with a slash, names by bytes, modes without their zero", () => {
  const tree = files({
    ...{ "a.b": "1\n", "a/x": "2\n", a0: "3\n", "a-b": "4\n", "é/ü": "5\n", ａ: "6\n", "😀": "7\n" },
    run: file("#!/bin/sh\n", "100755"),
    "deep/er/link": file("../../run", "120000"),
    module: file("1".repeat(40), "160000"),
  });
  const [sha] = write(repo, [{ files: tree, parents: [] }]);
  assert.equal(treeId(treeOf(tree)), treeIn(sha!));
});

test("a tree without files has the id of git's empty tree", () => {
  assert.equal(treeId(new Map()), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
});

test("the ids of random trees are git's", () => {
  const trees = Array.from({ length: 100 }, (_, seed) => history(seeded(seed)).ours);
  const shas = write(
    repo,
    trees.map((tree) => ({ files: tree, parents: [] })),
  );
  assert.deepEqual(
    trees.map((tree) => treeId(treeOf(tree))),
    shas.map(treeIn),
  );
});
