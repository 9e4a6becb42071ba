import type { EpochMs, Sha } from "../brands.ts";
import type { ListedChange } from "../git/model.ts";
import type { Service } from "./service.ts";

/** A commit on the service's branch. `paths` are the files it touched. A merge commit has more than one parent. */
export type Commit = {
  sha: Sha;
  parents: Sha[];
  title: string;
  message: string;
  author: string;
  /** Committer date, epoch ms. */
  at: EpochMs;
  /** Author date, epoch ms, where it is known. */
  writtenAt?: EpochMs;
  url: string;
  paths: string[];
  /** The paths that it removed or renamed away; absent where that is not known. */
  removed?: string[];
  /** Added and removed lines in GitHub's patch format; absent where GitHub leaves it out. */
  patch?: string;
  /** Absent where the tree is not known. */
  tree?: Sha;
  /** Every file it changed from its first parent; absent where the list is not complete. */
  files?: ListedChange[];
  /** The pull request that it landed with. */
  pull?: MergedPull;
  /** Every commit of the change when there are several, newest first. */
  commits?: Sha[];
  /** The commit before the first one, where several lie on the branch's own line: merged by rebase. */
  base?: Sha;
  /** The branch that the change is on, when that is not the service's. */
  branch?: string;
};

export type MergedPull = { number: number; title: string; url: string; labels: string[] };

export type Landed = { sha: Sha; parents: Sha[]; message: string; author: string };

/** The commits on a branch after a change. A list that GitHub cuts is absent. */
export type Since = {
  head?: { sha: Sha; tree: Sha };
  /** The number of commits on the branch after the change. */
  age: number;
  commits: Landed[];
  files?: ListedChange[];
};

export type OpenPull = {
  number: number;
  url: string;
  title: string;
  body: string;
  branch: string;
  own: boolean;
};

/** A change on the branch, the commits after it, and the open pull requests. */
export type ChangeOnBranch = { commit: Commit; since: Since; pulls: OpenPull[] };

/** The way in which later commits undo a change: the paths that are as before it again, and the commit that says so. */
export type Undone = { paths: string[]; commit?: Landed };

type Window = { since: EpochMs; until: EpochMs };

/** The commits of the service's branch. Every method throws UpstreamError; a retryable one leaves the incident waiting. */
export interface History {
  /** Commits that touch the service's paths, landed in [since, until], newest first, at most `limit`, with paths and patch. */
  commits(service: Service, range: Window & { limit: number }): Promise<Commit[]>;
  /** Every sha that landed in [since, until], newest first, at most the newest 200. */
  shas(service: Service, range: Window): Promise<string[]>;
  /** `name` may be an abbreviated sha. Throws a final UpstreamError for an unknown sha and for one that is not on the branch. */
  change(service: Service, name: string): Promise<ChangeOnBranch>;
  commit(service: Service, name: string): Promise<Commit>;
  /** The commit that an abbreviated sha or `tags/NAME` names; undefined when none or several match. */
  find(service: Service, name: string): Promise<Commit | undefined>;
  /** Every commit of the pull request that was merged by rebase with this commit, newest first; undefined when it landed alone. */
  landed(service: Service, commit: Commit): Promise<{ number: number; commits: Landed[] } | undefined>;
  /** Later changes to one of the paths, newest first. `own`: all are first-parent commits of the branch, and few. Undefined when GitHub cannot list them. */
  dependents(
    service: Service,
    of: { paths: string[]; since: Since },
  ): Promise<{ commits: Landed[]; own: boolean } | undefined>;
  /** Commits of `to` that `from` has not and that touch the service's paths, newest first, out of the newest `limit`. Throws a final error for an unknown sha. */
  between(service: Service, range: { from: string; to: string; limit: number }): Promise<Commit[]>;
  /** Whether `ancestor` is `descendant` or an ancestor of it. */
  contains(service: Service, of: { ancestor: Sha; descendant: Sha }): Promise<boolean>;
  /** Returns the way in which the commits after `sha`, up to `by`, undo it; undefined when they do not. `by` must hold `sha`. */
  undone(service: Service, of: { sha: Sha; by: Sha }): Promise<Undone | undefined>;
  /** Paths that differ between two commits or branches. */
  changedPaths(service: Service, range: { from: string; to: string }): Promise<string[]>;
}
