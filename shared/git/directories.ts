import type { Conflict } from "./conflict.ts";
import type { Edit, Tree } from "./model.ts";

/** The folders above a path, the outermost first. */
export const parents = (path: string): string[] => {
  const found: string[] = [];
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1))
    found.push(path.slice(0, slash));
  return found;
};

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

/** Files that the edits would put where a folder is, and folders where a file is. */
export const folderClashes = (ours: Tree, edits: Edit[]): Conflict[] => {
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
};
