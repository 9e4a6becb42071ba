import type { Sha } from "../brands.ts";
import type { FileChange, ListedChange, Tree } from "../git/model.ts";
import type { Commit, Since } from "./history.ts";
import type { Service } from "./service.ts";

/** A commit with its tree and changed files, where they are known. */
export type Made = Pick<Commit, "sha" | "parents" | "tree" | "files">;

/** The files after a change (`base`) and before it (`theirs`); `files` lists the change where GitHub lists all of it. */
export type Sides = { base: Tree; theirs: Tree; files?: ListedChange[] };

/** A branch's head, its tree and the files in it. */
export type Tip = { head: Sha; headTree: Sha; ours: Tree };

type TextFile = { mode: string; sha: Sha; text: string };

/** Selects paths, and bounds how many are read. */
export type Selection = { wanted: (path: string) => boolean; limit: number };

/**
 * The folders that are read of a repository too large to be listed whole; every other folder stands for its files. Without them such a
 * repository is a final error.
 */
type Needed = { folders?: string[] | undefined };

/** The files of commits. Every method throws UpstreamError. */
export interface Trees {
  /** The files of the first parent. Throws a final UpstreamError for a root commit. */
  before(service: Service, of: { commit: Made } & Needed): Promise<Tree>;
  /** The files that a change touched; undefined where GitHub does not list all of them. With `from`, everything after `from` up to `commit` is one change. */
  changed(service: Service, of: { commit: Made; from?: string }): Promise<ListedChange[] | undefined>;
  /** The files after a change and before it. Throws a final UpstreamError when `from` is not an ancestor. */
  sides(service: Service, of: { commit: Made; from?: string } & Needed): Promise<Sides>;
  /** The branch's head and its files. `base`, the files of the change that `since` is about, saves reading them. */
  tip(service: Service, of: { since: Since; base?: Tree } & Needed): Promise<Tip>;
  blob(service: Service, sha: Sha): Promise<Uint8Array>;
  /** The text before and after of the selected files that `sha` changed. A file that is not text has none. */
  texts(service: Service, of: Selection & { sha: Sha }): Promise<FileChange[]>;
  /**
   * The text of the selected files at the branch's head. Throws a final error when more than `limit` match. Of a repository that GitHub
   * does not list whole, `only` the outermost folders of the service's paths are read.
   */
  files(
    service: Service,
    of: Selection,
  ): Promise<Pick<Tip, "head" | "headTree"> & { files: Map<string, TextFile>; only?: string[] }>;
}
