import type { Conflict } from "../../git/conflict.ts";
import type { Edit, ListedChange, Tree } from "../../git/model.ts";
import type { Guard } from "../../policy/guarded-paths.ts";
import type { Landed } from "../../ports/history.ts";
import type { Tip } from "../../ports/trees.ts";

export type Read = (sha: string) => Promise<Uint8Array>;

/** The edits that revert a plan on top of `snapshot`. `ours` are the files there, where they were read. */
export type Clean = {
  edits: Edit[];
  snapshot: Pick<Tip, "head" | "headTree">;
  guards: Guard[];
  /** The changes that are reverted, by file, where GitHub lists them. */
  changes?: ListedChange[];
  ours?: Tree;
  read: Read;
  /** A file that the revert edits although the change did not touch it, because a file was moved there since. */
  moved?: string;
};

/** The revert without the files in conflict, which all follow from others: lock files, changelogs, generated files. */
export type WithoutFiles = { paths: string[]; taken: Clean };

/** A revert with conflicts. `later` are changes that touched the same files since; `together` reverts all of them, where that was tried. */
export type Unclean = {
  conflicts: Conflict[];
  at?: string;
  later?: Landed[];
  together?: Clean | "not clean";
  without?: WithoutFiles;
};

export type RevertResult =
  | ({ result: "clean" } & Clean)
  | { result: "exists"; reason: string; pull?: { number: number; url: string }; by?: Landed }
  /** `by` is the commit whose message says that it reverted the change. */
  | { result: "empty"; reason: string; by?: Landed }
  | ({ result: "conflict" } & Unclean);
