import assert from "node:assert/strict";
import { test } from "node:test";
import { untouched } from "../../shared/git/listing/revert.ts";
import type { Tree } from "../../shared/git/model.ts";
import { revertTree } from "../../shared/git/revert-tree.ts";
import { apply, blobId, files, listing, treeOf } from "../support/git.ts";
import { changed, history, seeded } from "./random.ts";

/** The paths that differ, as GitHub lists them. */
const changes = (from: Tree, to: Tree) =>
  [...new Set([...from.keys(), ...to.keys()])]
    .filter(
      (path) => from.get(path)?.sha !== to.get(path)?.sha || from.get(path)?.mode !== to.get(path)?.mode,
    )
    .map((path) => {
      const status = !from.has(path) ? "added" : to.has(path) ? "modified" : "removed";
      return { path, status };
    });

const commitOf = (theirs: Tree, base: Tree) => {
  const all = changes(theirs, base);
  return {
    paths: all.map(({ path }) => path),
    removed: all.filter(({ status }) => status === "removed").map(({ path }) => path),
  };
};

test("the short way for files that nobody touched comes to what the long way does", async () => {
  let taken = 0;
  for (let seed = 0; seed < 3000; seed++) {
    const random = seeded(seed);
    const { theirs: before, base: change } = history(random);
    const now = changed(random, change, random(2) === 0);
    const blobs = new Map(
      [before, change, now]
        .flatMap((tree) => [...tree.values()])
        .map(({ content }) => [blobId(content), content]),
    );
    const [theirs, base, ours] = [before, change, now].map(treeOf) as [Tree, Tree, Tree];
    const edits = untouched(commitOf(theirs, base), changes(base, ours), theirs);
    if (!edits) continue;
    taken++;
    const result = await revertTree({ theirs, base, ours }, async (sha) => blobs.get(sha)!);
    assert.ok("edits" in result, `seed ${seed}`);
    assert.deepEqual(listing(apply(ours, edits)), listing(apply(ours, result.edits)), `seed ${seed}`);
  }
  assert.ok(taken > 500, String(taken));
});

test("a file that comes back to a folder that is being emptied takes the long way", () => {
  const [theirs, base] = [
    files({ "app/a": "1\n", "app/b": "2\n", k: "k\n" }),
    files({ "app/a": "1\n", k: "k\n" }),
  ];
  const since = [{ path: "lib/a", status: "renamed", previous: "app/a" }];
  assert.equal(untouched(commitOf(treeOf(theirs), treeOf(base)), since, treeOf(theirs)), undefined);
});
