/** One file that changed. `sha` is the blob after it, or the one that is gone; `previous` is where it was before a rename. */
export type ListedChange = {
  path: string;
  status: string;
  sha?: string;
  previous?: string;
  /** Hunks only; absent for binary files and for what GitHub finds too large. */
  patch?: string;
};

/**
 * The files of a commit, by path. `mode` is git's (100644, 100755, 120000, 160000), `size` in bytes where it is known. Where GitHub does not
 * list a repository whole, a folder that nothing touches stands for its files (040000).
 */
export type Tree = Map<string, { mode: string; sha: string; size?: number }>;

export const folderMode = "040000";

/** Whether it is the commit of another repository, a gitlink. */
export const isSubmodule = ({ mode }: { mode: string }): boolean => mode === "160000";

/** Whether a folder stands for its files somewhere. */
export const isPart = (tree: Tree): boolean => [...tree.values()].some(({ mode }) => mode === folderMode);

/** One path of the new tree: an existing blob, new text, or gone. */
export type Edit =
  | { path: string; mode: string; sha: string }
  | { path: string; mode: string; content: Uint8Array }
  | { path: string; deleted: true };

/** A file as a change found it and left it; absent where it is not there. */
export type FileChange = { path: string; before?: string; after?: string };
