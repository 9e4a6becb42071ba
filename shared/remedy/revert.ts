import type { Edit, Snapshot, Tree } from "../ports.ts";
import { hasMergeRule } from "./attributes.ts";
import { folderClashes, folderMoves, parents } from "./folders.ts";
import { maxBytes, merge } from "./merge.ts";

/** Why a path is for a person. `detail` is a sentence about it. */
export type Conflict = { path: string; kind: ConflictKind; detail: string };
export type ConflictKind =
  /** The change wrote it, and it is not there any more. */
  | "gone"
  /** Not there any more, or its folder is not: it seems to live elsewhere now. */
  | "renamed"
  /** The same lines were changed again. */
  | "content"
  /** Added by the change and changed since. */
  | "changed"
  /** Removed by the change and added anew since, otherwise. */
  | "added"
  | "binary"
  | "symlink"
  | "submodule"
  | "type"
  /** A file where a folder is to be, or the reverse. */
  | "folder"
  /** `.gitattributes` has a merge rule for it. */
  | "attributes"
  | "too large"
  | "too complex"
  /** Its name is not UTF-8. */
  | "name";

/** Edits that turn `ours` into the reverted tree, by path; none when nothing is left to revert. */
export type Revert = { edits: Edit[] } | { conflicts: Conflict[] };
export type Trees = Pick<Snapshot, "base" | "ours" | "theirs">;
type Entry = { mode: string; sha: string; size?: number };
type ReadBlob = (sha: string) => Promise<Uint8Array>;
type Outcome = { edit: Edit } | { conflict: Conflict } | undefined;

/**
 * Reverts the change that led from `theirs` to `base` on top of `ours`: the same tree as `git revert` makes,
 * or the conflicts that leave it to a person. It follows no renames; where git's rename detection could
 * matter it conflicts.
 */
export async function revert(trees: Trees, readBlob: ReadBlob): Promise<Revert> {
  const paths = changedPaths(trees);
  const outcomes = await Promise.all(paths.map((path) => settle(path, trees, readBlob)));
  const edits = outcomes.flatMap((outcome) => (outcome && "edit" in outcome ? outcome.edit : []));
  const conflicts = outcomes.flatMap((outcome) => (outcome && "conflict" in outcome ? outcome.conflict : []));
  conflicts.push(...folderMoves(trees, edits), ...folderClashes(trees.ours, edits));
  if (conflicts.length === 0) return { edits };
  return { conflicts: conflicts.sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path))) };
}

const same = (a: Entry | undefined, b: Entry | undefined) => a?.sha === b?.sha && a?.mode === b?.mode;
const isFile = (entry: Entry) => entry.mode.startsWith("100");

function changedPaths({ base, theirs }: Trees): string[] {
  const paths = [...base.keys(), ...[...theirs.keys()].filter((path) => !base.has(path))];
  return paths.filter((path) => !same(base.get(path), theirs.get(path))).sort();
}

async function settle(path: string, trees: Trees, readBlob: ReadBlob): Promise<Outcome> {
  const [base, ours, theirs] = [trees.base.get(path), trees.ours.get(path), trees.theirs.get(path)];
  const conflict = (kind: ConflictKind, detail: string) => ({ conflict: { path, kind, detail } });

  if (path.includes("\uFFFD")) return conflict("name", "its name is not UTF-8");
  if ([base, ours, theirs].some((entry) => entry?.mode === "160000"))
    return conflict("submodule", "it is a submodule");
  if (base && !ours) return conflict(...whereabouts(path, base, trees));
  if (same(ours, theirs)) return undefined;
  if (same(ours, base)) return { edit: theirs ? { path, ...put(theirs) } : { path, deleted: true } };
  if (!base) return conflict("added", "the change removed it, and it was added anew since");
  if (!theirs) return conflict("changed", "the change added it, and it was changed since");
  if (!ours) return undefined;
  const entries = [base, ours, theirs];
  if (entries.every((entry) => entry.mode === "120000"))
    return conflict("symlink", "the symbolic link was changed since");
  if (!entries.every(isFile)) return conflict("type", "it was turned into another kind of file");

  const mode = canonical(pick(base.mode, ours.mode, theirs.mode) ?? ours.mode);
  const sha = pick(base.sha, ours.sha, theirs.sha);
  if (sha) return same(ours, { mode, sha }) ? undefined : { edit: { path, mode, sha } };
  if (await mergesOtherwise(path, trees.ours, readBlob))
    return conflict("attributes", "it was changed since, and .gitattributes has a merge rule for it");
  if (entries.some(({ size = 0 }) => size > maxBytes)) return conflict("too large", sentences["too large"]);
  const [from, left, right] = await Promise.all([base, ours, theirs].map((entry) => readBlob(entry.sha)));
  const merged = merge(from!, left!, right!);
  if ("conflict" in merged) return conflict(merged.conflict, sentences[merged.conflict]);
  if (!equal(merged.content, left!)) return { edit: { path, mode, content: merged.content } };
  return mode === ours.mode ? undefined : { edit: { path, mode, sha: ours.sha } };
}

const sentences = {
  content: "the same lines were changed again since",
  binary: "it is binary and was changed since",
  "too large": "it was changed since and is too large to merge here",
  "too complex": "it was changed since in too many places to merge here",
};

/** The side that changed, or either when both are the same; undefined when both changed differently. */
function pick(base: string, ours: string, theirs: string): string | undefined {
  if (ours === theirs || theirs === base) return ours;
  return ours === base ? theirs : undefined;
}

/** git writes no other modes for files, though old histories hold 100664. */
export const canonical = (mode: string): string =>
  mode.startsWith("100") && mode !== "100755" ? "100644" : mode;
/** What an edit says of an entry that is there already. */
const put = ({ mode, sha }: Entry) => ({ mode: canonical(mode), sha });

function whereabouts(path: string, entry: Entry, { base, ours }: Trees): [ConflictKind, string] {
  for (const [other, there] of ours)
    if (there.sha === entry.sha && !base.has(other)) return ["renamed", `it seems to be ${other} now`];
  const name = path.slice(path.lastIndexOf("/") + 1);
  for (const other of ours.keys())
    if (!base.has(other) && (other === name || other.endsWith(`/${name}`)))
      return ["renamed", `it may be ${other} now`];
  return ["gone", "it is not there any more: removed or renamed since"];
}

async function mergesOtherwise(path: string, ours: Tree, readBlob: ReadBlob): Promise<boolean> {
  for (const folder of ["", ...parents(path)]) {
    const file = ours.get(folder === "" ? ".gitattributes" : `${folder}/.gitattributes`);
    if (!file) continue;
    if (hasMergeRule(Buffer.from(await readBlob(file.sha)).toString("latin1"), folder, path)) return true;
  }
  return false;
}

const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
