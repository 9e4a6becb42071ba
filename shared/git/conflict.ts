/** Why a path is for a person. `detail` is a sentence about it. */
export type Conflict = { path: string; kind: ConflictKind; detail: string };
export type ConflictKind =
  /** The change wrote it, and it is not there any more. */
  | "gone"
  /** The file or its folder is not there any more: it seems to live elsewhere now. */
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
