import type { Conflict, ConflictKind } from "./conflict.ts";
import { folderClashes } from "./directories.ts";
import { combine, type Entry, put, type ReadBlob, same } from "./merge-entry.ts";
import { type Edit, folderMode, isSubmodule, type Tree } from "./model.ts";
import { findMoves, type Moves } from "./renames/directory-renames.ts";

/** Edits that turn `ours` into the reverted tree, by path; none when nothing is left to revert. */
export type Revert = { edits: Edit[] } | { conflicts: Conflict[] };
/** `base` are the files after the change, `theirs` the files before it, and `ours` the branch's files now. */
export type Trees = { base: Tree; ours: Tree; theirs: Tree };
type Outcome = { edits: Edit[] } | { conflict: Conflict };

/**
 * Reverts the change that led from `theirs` to `base` on top of `ours`: the same tree as `git revert` makes,
 * renames followed, or the conflicts that leave it to a person.
 */
export const revertTree = async (trees: Trees, readBlob: ReadBlob): Promise<Revert> => {
  const moves = await findMoves(trees, readBlob);
  const paths = changedPaths(trees).filter((path) => !moves.arrived.has(path));
  const outcomes = await Promise.all(paths.map((path) => revertPath(path, { trees, moves, readBlob })));
  const edits = outcomes.flatMap((outcome) => ("edits" in outcome ? outcome.edits : []));
  const conflicts = outcomes.flatMap((outcome) => ("conflict" in outcome ? outcome.conflict : []));
  conflicts.push(...moves.conflicts, ...folderClashes(trees.ours, edits));
  if (conflicts.length === 0) return { edits: edits.sort(byPath) };
  return { conflicts: conflicts.sort(byPath) };
};

const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : Number(a.path > b.path));

const changedPaths = ({ base, theirs }: Trees): string[] => {
  const paths = [...base.keys(), ...[...theirs.keys()].filter((path) => !base.has(path))];
  return paths.filter((path) => !same(base.get(path), theirs.get(path)));
};

type Work = { trees: Trees; moves: Moves; readBlob: ReadBlob };

const revertPath = async (path: string, work: Work): Promise<Outcome> => {
  const { trees, moves } = work;
  const [base, ours, theirs] = [trees.base.get(path), trees.ours.get(path), trees.theirs.get(path)];
  const conflict = (kind: ConflictKind, detail: string): Outcome => ({ conflict: { path, kind, detail } });

  if (path.includes("\uFFFD")) return conflict("name", "its name is not UTF-8");
  if ([base, ours, theirs].some((entry) => entry?.mode === folderMode))
    return conflict("folder", "GitHub lists not all of the files in it");
  const isModule = [base, ours, theirs].flatMap((entry) => (entry ? isSubmodule(entry) : []));
  if (isModule.includes(true) && (isModule.includes(false) || !(same(ours, theirs) || same(ours, base))))
    return conflict("submodule", "it is a submodule, which moved again since");
  if (same(ours, theirs) && (ours || !base)) return { edits: [] };
  if (same(ours, base)) return { edits: [theirs ? { path, ...put(theirs) } : { path, deleted: true }] };
  if (!base) return conflict("added", "the change removed it, and it was added anew since");
  if (ours && theirs) return mergeAt(path, { from: path, base, ours, theirs }, work);

  const [here, there] = [moves.ours.get(path), moves.theirs.get(path)];
  if (ours)
    return there === undefined
      ? conflict("changed", "the change added it, and it was changed since")
      : moveBack(path, there, { base, ours }, work);
  if (here === undefined && there === undefined)
    return theirs ? conflict(...whereabouts(path, base, trees)) : { edits: [] };
  if (here === undefined) return conflict("gone", `the change moved it from ${there}, and it is gone since`);
  const target = theirs ? here : there;
  if (target === undefined) return conflict("renamed", `the change added it, and it is ${here} now`);
  if (target !== here) return conflict("renamed", `the change moved it from ${there}, and it is ${here} now`);
  if (theirs && trees.theirs.has(here))
    return conflict("renamed", `it is ${here} now, where a file comes back`);
  const three = { base, ours: trees.ours.get(here)!, theirs: theirs ?? trees.theirs.get(here)! };
  return mergeAt(here, { from: path, ...three }, work);
};

type Three = { from: string; base: Entry; ours: Entry; theirs: Entry };

/** Merges the three versions and writes the result to `path`; no edit when it is there already. */
const mergeAt = async (path: string, { from, ...three }: Three, work: Work): Promise<Outcome> => {
  const { trees, readBlob } = work;
  const kinds = new Set(Object.values(three).map(({ mode }) => mode.slice(0, 2)));
  if (from !== path && kinds.size > 1)
    return {
      conflict: { path: from, kind: "type", detail: "it was moved, and is another kind of file now" },
    };
  const version = await combine(three, { paths: [...new Set([path, from])], tree: trees.ours, readBlob });
  if ("kind" in version) return { conflict: { path: from, ...version } };
  if (Object.values(three).some(isSubmodule))
    return { conflict: { path: from, kind: "submodule", detail: "it is a submodule" } };
  const there = trees.ours.get(path);
  const nothing = "sha" in version && there && same(there, { ...version });
  return { edits: nothing ? [] : [{ path, ...version }] };
};

/** Reverts a rename: the file goes back to `target` with the changes that were made to it at `path` since. */
const moveBack = async (
  path: string,
  target: string,
  { base, ours }: { base: Entry; ours: Entry },
  work: Work,
): Promise<Outcome> => {
  const { trees } = work;
  if (trees.ours.has(target))
    return {
      conflict: { path, kind: "renamed", detail: `the change moved it from ${target}, where another is now` },
    };
  const three = { from: path, base, ours, theirs: trees.theirs.get(target)! };
  const outcome = await mergeAt(target, three, work);
  return "edits" in outcome ? { edits: [{ path, deleted: true }, ...outcome.edits] } : outcome;
};

/** A hint where a file that is gone may be now. */
const whereabouts = (path: string, entry: Entry, { base, ours }: Trees): [ConflictKind, string] => {
  for (const [other, there] of ours)
    if (there.sha === entry.sha && !base.has(other)) return ["renamed", `it seems to be ${other} now`];
  const name = path.slice(path.lastIndexOf("/") + 1);
  for (const other of ours.keys())
    if (!base.has(other) && (other === name || other.endsWith(`/${name}`)))
      return ["renamed", `it may be ${other} now`];
  return ["gone", "it is not there any more, removed or renamed since"];
};
