import type { ListedChange, Tree } from "../model.ts";
import { treeId } from "../object-ids.ts";

/**
 * What `tree` becomes by the listed changes, when the id of that tree proves that nothing is missing from the list;
 * undefined otherwise. The list has no modes: a file keeps the one it had, a new one is an ordinary file. It has no
 * sizes either, which tell renames apart cheaply: where files came and went it is not used.
 */
export const changedTree = (tree: Tree, changes: ListedChange[], id: string): Tree | undefined => {
  const some = (...statuses: string[]) => changes.some(({ status }) => statuses.includes(status));
  if (some("removed", "renamed") && some("added", "copied", "renamed")) return undefined;
  const result: Tree = new Map(tree);
  for (const { path, status, sha } of changes) {
    if (status === "removed") {
      result.delete(path);
      continue;
    }
    if (sha === undefined) return undefined;
    result.set(path, { mode: tree.get(path)?.mode ?? "100644", sha });
  }
  return treeId(result) === id ? result : undefined;
};
