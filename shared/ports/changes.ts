import type { EpochMs, Sha } from "../brands.ts";
import type { ListedChange } from "../git/model.ts";
import type { Commit, MergedPull, OpenPull } from "./history.ts";
import type { Service } from "./service.ts";

/** A commit as a list has it: without its files. */
export type ListedCommit = Omit<Commit, "paths" | "removed" | "patch" | "files">;

/** A merged pull request, and the commit that it left on the branch. */
export type ListedPull = MergedPull & { body: string; author: string; mergeSha: Sha; mergedAt: EpochMs };

export type Comparison = {
  /** The place of `to`, as seen from `from`. */
  status: "ahead" | "behind" | "identical" | "diverged";
  /** The commits of `to` that `from` has not: the newest `limit`, newest first. */
  commits: ListedCommit[];
  /** The total number, also of those not returned. */
  total: number;
  /** Their changed files together; absent where GitHub does not list them all. */
  files?: ListedChange[];
};

/** Reads the changes that deploys brought live, wherever they lie in the repository. Every method throws UpstreamError. */
export interface Changes {
  /** Undefined when the repository has one of the two no longer. */
  compare(service: Service, range: { from: Sha; to: Sha; limit: number }): Promise<Comparison | undefined>;
  /** Ancestors of `to` that landed in [since, until], newest first, at most `limit`. Undefined for an unknown `to`. */
  ancestors(
    service: Service,
    range: { to: string; since: EpochMs; until: EpochMs; limit: number },
  ): Promise<ListedCommit[] | undefined>;
  /** Pull requests that were merged, the latest touched first: out of the latest hundred of any branch. */
  mergedPulls(service: Service): Promise<ListedPull[]>;
  /** Open pull requests to the branch, the newest hundred. */
  openPulls(service: Service): Promise<OpenPull[]>;
  /** The newest ancestors of `to` that touch one of the paths, at most `limit` a path. */
  touching(service: Service, of: { to: string; paths: string[]; limit: number }): Promise<Set<Sha>>;
  /** The change with its files: from its first parent, or from its `base`. */
  withFiles(service: Service, change: Commit): Promise<Commit>;
  /** The branches whose head is this commit. */
  branchesAt(service: Service, sha: Sha): Promise<string[]>;
}
