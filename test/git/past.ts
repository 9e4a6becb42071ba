import assert from "node:assert/strict";
import type { Conflict } from "../../shared/git/conflict.ts";
import type { Edit, Tree } from "../../shared/git/model.ts";
import { revertTree } from "../../shared/git/revert-tree.ts";
import { apply, blobId, type Files, judge, listing, type Repository, treeOf, write } from "../support/git.ts";

type Past = { before: Files; change: Files; now: Files };
type Given = {
  edits: Edit[];
  conflicts: Conflict[];
  read: number;
  git: Tree | undefined;
  ours: Tree;
  head: string;
};

/** Reverts `change` on top of `now`, here and with git, and checks that both made the same tree where both were clean. */
export async function reverted(repo: Repository, { before, change, now }: Past): Promise<Given> {
  const ids = write(repo, [
    { files: before, parents: [] },
    { files: change, parents: [0] },
    { files: now, parents: [1] },
  ]);
  const blobs = new Map(
    [before, change, now]
      .flatMap((tree) => [...tree.values()])
      .map(({ content }) => [blobId(content), content]),
  );
  const trees = { theirs: treeOf(before), base: treeOf(change), ours: treeOf(now) };
  let read = 0;
  const result = await revertTree(trees, async (sha) => {
    read++;
    return blobs.get(sha)!;
  });
  const { edits = [], conflicts = [] } = { edits: undefined, conflicts: undefined, ...result };
  const git = judge(repo, ids[1]!, ids[2]!);
  if ("edits" in result) {
    assert.ok(git, "git finds a conflict");
    assert.deepEqual(listing(apply(trees.ours, edits)), listing(git));
  }
  return { edits, conflicts, read, git, ours: trees.ours, head: ids[2]! };
}

export const kinds = (conflicts: Conflict[]) => conflicts.map(({ path, kind }) => `${path}: ${kind}`);
export const numbered = (count: number, change: Record<number, string> = {}) =>
  Array.from({ length: count }, (_, at) => `${change[at] ?? `line ${at}`}\n`).join("");
