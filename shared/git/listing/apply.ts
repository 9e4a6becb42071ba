import type { ListedChange, Tree } from "../model.ts";
import { treeId } from "../object-ids.ts";

/**
 * Applies the listed changes to `tree`, when the id of the result proves that the list is complete; undefined otherwise. The list has no
 * modes: a file keeps the one it had, a new one is an ordinary file. It has no sizes either, which find renames cheaply, so it is not used
 * where files came and went.
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
