import type { Conflict } from "./conflict.ts";
import type { Edit, Tree } from "./model.ts";
import { applied, blobId } from "./object-ids.ts";
import { type Revert, revert, type Trees } from "./revert-tree.ts";

/** A change to take back: `base` is the tree it made, `theirs` the one it was made on. */
export type Change = { sha: string; base: Tree; theirs: Tree };
/** As Revert; `at` is the change that did not come off cleanly. */
export type Series = Extract<Revert, { edits: Edit[] }> | { conflicts: Conflict[]; at: string };

/** Takes the changes back one after the other, in the order given (newest first), as `git revert A B C` does. */
export const revertAll = async (
  changes: Change[],
  ours: Tree,
  readBlob: (sha: string) => Promise<Uint8Array>,
): Promise<Series> => {
  const made = new Map<string, Uint8Array>();
  const read = async (sha: string) => made.get(sha) ?? readBlob(sha);
  let now = ours;
  for (const { sha, ...change } of changes) {
    const trees: Trees = { ...change, ours: now };
    const result = await revert(trees, read);
    if ("conflicts" in result) return { ...result, at: sha };
    for (const edit of result.edits) if ("content" in edit) made.set(blobId(edit.content), edit.content);
    now = applied(now, result.edits);
  }
  return { edits: between(ours, now, made) };
};

/** What turns one tree into the other. */
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

/** Only what the change did below `paths`; all of it when there are none. */
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
