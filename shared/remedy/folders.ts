import type { Edit, Snapshot, Tree } from "../ports.ts";
import type { Conflict } from "./revert.ts";

/** The folders above a path, the outermost first. */
export function parents(path: string): string[] {
  const found: string[] = [];
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1))
    found.push(path.slice(0, slash));
  return found;
}

export const directories = (tree: Iterable<string>): Set<string> => {
  const found = new Set<string>();
  for (const path of tree) {
    for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
      const folder = path.slice(0, slash);
      if (found.has(folder)) break;
      found.add(folder);
    }
  }
  return found;
};

/**
 * Where git would ask whether a folder was renamed, because one side emptied it while the other adds to it
 * (merge-ort's directory rename detection, `merge.directoryRenames=conflict`).
 */
export function folderMoves(trees: Pick<Snapshot, "base" | "ours" | "theirs">, edits: Edit[]): Conflict[] {
  const { base, ours, theirs } = trees;
  const added = edits.filter((edit) => !("deleted" in edit) && !base.has(edit.path));
  if (added.length === 0) return [];
  const [inBase, inOurs, inTheirs] = [base, ours, theirs].map((tree) => directories(tree.keys())) as [
    Set<string>,
    Set<string>,
    Set<string>,
  ];
  const comingBack = added.flatMap(({ path }) => {
    const folder = parents(path).find((parent) => inBase.has(parent) && !inOurs.has(parent));
    return folder ? moved(path, `its folder ${folder} is not there any more`) : [];
  });
  const emptied = new Set([...inBase].filter((folder) => !inTheirs.has(folder)));
  if (emptied.size === 0) return comingBack;
  const addedSince = [...ours.keys()].flatMap((path) => {
    const folder = base.has(path) ? undefined : parents(path).find((parent) => emptied.has(parent));
    return folder ? moved(path, `it was added since to ${folder}, which the revert would empty`) : [];
  });
  return [...comingBack, ...addedSince];
}

const moved = (path: string, detail: string): Conflict => ({ path, kind: "renamed", detail });

/** Files that the edits would put where a folder is, and folders where a file is. */
export function folderClashes(ours: Tree, edits: Edit[]): Conflict[] {
  const added = edits.filter((edit) => !("deleted" in edit) && !ours.has(edit.path));
  if (added.length === 0) return [];
  const files = new Set(ours.keys());
  for (const edit of edits) {
    if ("deleted" in edit) files.delete(edit.path);
    if (!("deleted" in edit)) files.add(edit.path);
  }
  const folders = directories(files);
  return added
    .filter(({ path }) => folders.has(path) || parents(path).some((parent) => files.has(parent)))
    .map(({ path }) => ({
      path,
      kind: "folder",
      detail: "a file is where a folder is to be, or the reverse",
    }));
}
