import type { Conflict } from "./conflict.ts";
import type { Edit, Tree } from "./model.ts";
import { applied, blobId } from "./object-ids.ts";
import { type Revert, revertTree, type Trees } from "./revert-tree.ts";

/** A change to revert: `base` is the tree after the change, `theirs` the tree before it. */
export type Change = { sha: string; base: Tree; theirs: Tree };
/** Like `Revert`; `at` is the change with the conflict. */
export type RevertedTrees = Extract<Revert, { edits: Edit[] }> | { conflicts: Conflict[]; at: string };

/** Reverts the changes one after the other, in the order given (newest first), as `git revert A B C` does. */
export const revertTrees = async (
  changes: Change[],
  ours: Tree,
  readBlob: (sha: string) => Promise<Uint8Array>,
): Promise<RevertedTrees> => {
  const made = new Map<string, Uint8Array>();
  const read = async (sha: string) => made.get(sha) ?? readBlob(sha);
  let now = ours;
  for (const { sha, ...change } of changes) {
    const trees: Trees = { ...change, ours: now };
    const result = await revertTree(trees, read);
    if ("conflicts" in result) return { ...result, at: sha };
    for (const edit of result.edits) if ("content" in edit) made.set(blobId(edit.content), edit.content);
    now = applied(now, result.edits);
  }
  return { edits: between(ours, now, made) };
};

/** The edits that turn one tree into the other. */
const between = (from: Tree, to: Tree, made: Map<string, Uint8Array>): Edit[] => {
  const gone = [...from.keys()].filter((path) => !to.has(path));
  const edits: Edit[] = gone.map((path) => ({ path, deleted: true }));
  for (const [path, { mode, sha }] of to) {
    const before = from.get(path);
    if (before?.sha === sha && before.mode === mode) continue;
    const content = made.get(sha);
    edits.push(content ? { path, mode, content } : { path, mode, sha });
  }
  return edits.sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
};

/** The part of the change below `paths`; the whole change when there are none. */
export const within = (change: Change, paths: string[]): Change => {
  if (paths.length === 0) return change;
  const prefixes = paths.map((path) => path.replace(/^\.?\/+|\/+$/g, ""));
  const inside = (path: string) =>
    prefixes.some((prefix) => prefix === "" || path === prefix || path.startsWith(`${prefix}/`));
  const theirs: Tree = new Map();
  for (const [path, entry] of change.base) if (!inside(path)) theirs.set(path, entry);
  for (const [path, entry] of change.theirs) if (inside(path)) theirs.set(path, entry);
  return { ...change, theirs };
};

/** The change without what it did to these paths. */
export const leaving = (change: Change, paths: string[]): Change => {
  const theirs: Tree = new Map(change.theirs);
  for (const path of paths) {
    const entry = change.base.get(path);
    if (entry === undefined) theirs.delete(path);
    else theirs.set(path, entry);
  }
  return { ...change, theirs };
};
