import type { EpochMs, Sha } from "../brands.ts";
import type { ListedChange } from "../git/model.ts";
import type { ListedCommit } from "./changes.ts";
import type { History } from "./history.ts";
import type { Repository } from "./pulls.ts";

/** The commit status on a pull request that raises a version again which a rollback took out. */
export const knownBadCheck = "countersteer/known-bad";

/** An open pull request of other people: its head, the branch that it is for, and the files that it changes. */
export type TheirPull = { head: Sha; base: string; files: ListedChange[] };

/** A sentence about a head, and the page that tells more. */
export type Flag = { head: Sha; description: string; url: string };

/** The reads and the write by which GitHub is told of known bad versions. Every method throws UpstreamError. */
export interface KnownBad extends Pick<History, "commit"> {
  /** Undefined for a pull request that is closed, or ours. */
  theirPull(place: Repository, pull: number): Promise<TheirPull | undefined>;
  /** The newest commits of the branch that touch the path since an instant, newest first. */
  commitsOf(
    place: Repository,
    of: { branch: string; path: string; since: EpochMs; limit: number },
  ): Promise<ListedCommit[]>;
  /** The address of the merged pull request that a commit landed with; undefined when it landed alone. */
  landedBy(place: Repository, sha: Sha): Promise<string | undefined>;
  /** Sets the status `countersteer/known-bad` to failure. Setting it twice changes nothing. */
  flagKnownBad(place: Repository, flag: Flag): Promise<void>;
}
