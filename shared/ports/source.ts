import type { Edit, FileChange, ListedChange, Tree } from "../git/model.ts";
import type { Pull } from "../incident/model.ts";
import type { Service } from "./service.ts";

/** A commit on the service's branch. `paths` are the files it touched; `parents` more than one for a merge commit. */
export type Commit = {
  sha: string;
  parents: string[];
  title: string;
  message: string;
  author: string;
  /** When it landed (committer date), epoch ms. */
  at: number;
  /** When it was written (author date), where that is known. */
  writtenAt?: number;
  url: string;
  paths: string[];
  /** Those of them that it removed or moved away; absent where that is not known. */
  removed?: string[];
  /** Added and removed lines as GitHub's patch tells them; absent where GitHub leaves it out. */
  patch?: string;
  /** Its tree, and every file it changed from its first parent; absent where they are not known, or not all of them. */
  tree?: string;
  files?: ListedChange[];
};

/** What has landed on a branch after a change. What GitHub does not list whole is absent. */
export type Since = {
  head?: { sha: string; tree: string };
  /** How many commits the branch has that the change has not: the larger, the older the change. */
  age: number;
  commits: Landed[];
  files?: ListedChange[];
};

export type Landed = { sha: string; parents: string[]; message: string; author: string };

export type OpenPull = {
  number: number;
  url: string;
  title: string;
  body: string;
  branch: string;
  own: boolean;
};

/** A change on the branch, what came after it, and the pull requests that are open. */
export type Known = { commit: Commit; since: Since; pulls: OpenPull[] };

export type Made = Pick<Commit, "sha" | "parents" | "tree" | "files">;

/** The files after a change and before it, and the list of what it did where GitHub lists all of it. */
export type Sides = { base: Tree; theirs: Tree; files?: ListedChange[] };

/** A branch's head, its tree and the files in it. */
export type Tip = { head: string; headTree: string; ours: Tree };

export type Proposal = {
  /** `countersteer/revert-<sha12>` */
  branch: string;
  snapshot: Pick<Tip, "head" | "headTree">;
  edits: Edit[];
  commitMessage: string;
  title: string;
  body: string;
  labels: string[];
  draft?: boolean;
};

/** A pull request as GitHub has it now. */
export type PullNow = {
  pull: Pull;
  state: "open" | "closed" | "merged";
  /** The paths it changes. */
  paths: string[];
  /** When merged: the commit on the base branch, and who did it. */
  mergeSha?: string;
  by?: string;
};

export type Check = "pending" | "success" | "failure";

/** The place where code lives. Every method throws UpstreamError; retryable ones leave the incident waiting. */
export interface Source {
  /** Commits on the service's branch that touch its paths, landed in [since, until], newest first, at most `limit`, with paths and patch. */
  commits(service: Service, range: { since: number; until: number; limit: number }): Promise<Commit[]>;
  /** Every sha on the service's branch landed in [since, until], newest first: what a deployed sha holds. At most the newest 200. */
  history(service: Service, range: { since: number; until: number }): Promise<string[]>;
  /** A change on the branch (`name` may be an abbreviated id), what came after it, and the open pull requests. Throws a final UpstreamError for an unknown sha and one that is not on the branch. */
  change(service: Service, name: string): Promise<Known>;
  commit(service: Service, name: string): Promise<Commit>;
  /** Every commit that landed with this one when they are a pull request merged by rebase, the newest first; undefined when it landed alone. */
  landed(service: Service, commit: Commit): Promise<{ number: number; commits: Landed[] } | undefined>;
  /** The files that a change was made on: its first parent's. Throws a final UpstreamError for a root commit or a truncated tree. */
  before(service: Service, of: Made): Promise<Tree>;
  /** The files a change made, and those it was made on, with what it did; with `from`, all that `commit` has and `from` has not as one change. Throws a final UpstreamError for a `from` that is not before it. */
  sides(service: Service, of: { commit: Made; from?: string }): Promise<Sides>;
  /** The branch's head and its files. `base`, the files of the change that `since` is about, saves asking for them. */
  tip(service: Service, of: { since: Since; base?: Tree }): Promise<Tip>;
  /** The changes that touched one of the paths since, the newest first; `own` when all of them are of the branch's own line and few. Undefined when they cannot be told. */
  dependents(
    service: Service,
    of: { paths: string[]; since: Since },
  ): Promise<{ commits: Landed[]; own: boolean } | undefined>;
  blob(service: Service, sha: string): Promise<Uint8Array>;
  /** The text of the files that `sha` changed and that are `wanted`, before and after, at most `limit` of them; without what is no text. */
  texts(
    service: Service,
    sha: string,
    files: { wanted: (path: string) => boolean; limit: number },
  ): Promise<FileChange[]>;
  /** The branch as it is now, and the text of its files that are `wanted`. Throws a final error when there are more than `limit`. */
  files(
    service: Service,
    which: { wanted: (path: string) => boolean; limit: number },
  ): Promise<
    { head: string; headTree: string } & { files: Map<string, { mode: string; sha: string; text: string }> }
  >;
  /** The commit that the beginning of an id, or `tags/NAME`, names; undefined when there is none, or more than one. */
  find(service: Service, name: string): Promise<Commit | undefined>;
  /** What `to` has and `from` has not, of the service's paths, newest first, looking at the newest `limit`. Throws a final error for an unknown sha. */
  between(service: Service, range: { from: string; to: string; limit: number }): Promise<Commit[]>;
  /** The pull request that was ever opened from `branch`, the newest, or undefined. */
  findPull(service: Service, branch: string): Promise<PullNow | undefined>;
  /** Opens the pull request for the proposal, labelled and with a pending check, or returns the one already open on its branch. */
  openPull(service: Service, proposal: Proposal): Promise<Pull>;
  /** The pull request as it is now, with the digest of its diff computed afresh. */
  pull(service: Service, pull: Pull): Promise<PullNow>;
  /** Paths changed on the base branch between `from` and `to` (or its head). */
  changedPaths(service: Service, from: string, to?: string): Promise<string[]>;
  /** Sets the commit status `countersteer/approval`. Setting it twice is one. */
  setCheck(service: Service, head: string, state: Check, description: string): Promise<void>;
  /** Merges exactly `pull.head`; the sha on the base branch. "Already merged at that head" is success. */
  merge(service: Service, pull: Pull): Promise<MergeResult>;
  /** Whether `descendant` holds `ancestor`. */
  contains(service: Service, ancestor: string, descendant: string): Promise<boolean>;
  /** Adds each comment whose marker no comment of ours carries yet. Reads first. */
  comment(service: Service, pull: Pull, notes: Note[]): Promise<void>;
  /** Closes the pull request without merging; already closed is success. */
  closePull(service: Service, pull: Pull): Promise<void>;
}

export type MergeResult =
  | { result: "merged"; sha: string; by: string }
  /** The head or the base is not what was approved. */
  | { result: "moved"; detail: string }
  /** GitHub will not merge yet (checks, reviews). */
  | { result: "blocked"; detail: string }
  | { result: "closed"; by: string };

/** One entry of the story, for sinks that show one at a time. `marker` makes it unique there; `markdown` is GitHub's. */
export type Note = { marker: string; markdown: string };
