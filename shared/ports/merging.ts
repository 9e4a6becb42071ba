import type { Sha } from "../brands.ts";
import type { Pull } from "../incident/model.ts";
import type { Checks, Repository } from "./pulls.ts";
import type { Service } from "./service.ts";

/** GitHub's one word for whether it merges now. `unknown`: it still computes, or does not tell. */
export type MergeState = "clean" | "unstable" | "blocked" | "behind" | "dirty" | "draft" | "unknown";

/** GitHub's own conditions for a merge, and how far they are met. */
export type Gates = {
  state: MergeState;
  /** Approving reviews that its rules ask for. */
  reviews: number;
  codeOwners: boolean;
  /** Whether the reviews that it asks for are missing; undefined where GitHub does not tell. */
  reviewMissing?: boolean;
  checks: Checks;
  /** Names of the checks that its rules require, ours included. */
  required: string[];
  /** The head must hold the whole base branch. */
  upToDate: boolean;
  /** More that a person must see to, each the rest of “GitHub asks for …”. */
  others: string[];
  /** Merge methods that are allowed, where not all of them are. */
  methods?: string[];
  autoMerge: { allowed: boolean; on: boolean };
  /** Present where merges go through a queue; `head`: the commit that the queue tests for this pull request. */
  queue?: { in: boolean; head?: Sha };
};

/** The way in which GitHub itself merges a pull request once its conditions are met. */
export type Armed = "auto-merge" | "queue";

/** The merge as GitHub guards it. Every method throws UpstreamError. */
export interface Merging {
  gates(service: Service, pull: Pull): Promise<Gates>;
  /** Merges the base branch into the head, if that is still `pull.head`. */
  updateBranch(service: Service, pull: Pull): Promise<void>;
  /** Has GitHub merge `pull.head` by itself. Armed already is success; a sentence: GitHub refuses it. */
  arm(service: Service, pull: Pull, how: Armed): Promise<string | undefined>;
  /** Takes auto-merge and a place in the queue back. Where GitHub refuses that, the pull request is closed. */
  disarm(place: Repository, pull: Pick<Pull, "number">): Promise<void>;
  /** Whether the merge brought exactly the changes whose digest `pull` carries. */
  isSameMerged(service: Service, pull: Pull, sha: Sha): Promise<boolean>;
}
