import type { Sha } from "../brands.ts";
import type { Repository } from "./pulls.ts";

/** A commit that the merge queue tests, on top of `base`; `pull`: the pull request that it was made for. */
export type MergeGroup = { head: Sha; base: Sha; branch: string; pull: number };

/** `ours`: an approval decides about it. */
export type Vouched = "vouched" | "not_required" | "ours";

/**
 * The status of the approval on pull requests of other people, so that requiring it does not block them. Nothing is set where the branch
 * does not require it. Every method throws UpstreamError.
 */
export interface Vouching {
  vouchForPull(place: Repository, pull: number): Promise<Vouched>;
  vouchForGroup(place: Repository, group: MergeGroup): Promise<Vouched>;
}
