import type { EpochMs, Sha } from "../../brands.ts";

/** How the service's own tools deploy a commit. Inputs may hold `{sha}`, `{id}` and `{environment}`. */
export type RedeployTool =
  | { workflow: string; ref: string; inputs: Record<string, string> }
  | { deployment: string };

/**
 * Puts the last good deploy back before the revert is merged. `deployedAt`: when it went live before; `live`: the commit that ran when this
 * was offered. `digest` is the Git blob id of the workflow's file.
 */
export type Redeploy = {
  sha: Sha;
  version?: string;
  deployedAt: EpochMs;
  live: Sha;
  tool: RedeployTool;
  digest?: Sha;
  /** The median time that it took before, in ms. */
  takesMs?: number;
  /** The reasons why a person must choose it, as sentences. */
  why?: string[];
};

/**
 * The redeploy of this round: ordered at `at`, `id` names it, and `run` is GitHub's number for it. Without `id` it was left out. `of` names the
 * pull request that follows it. `warned` are deploys that would bring the culprit back.
 */
export type Redeployment = {
  sha: Sha;
  at: EpochMs;
  id?: string;
  of?: string;
  run?: number;
  url?: string;
  end?: { how: RedeployEnd; at: EpochMs; detail: string };
  warned?: Sha[];
};

/**
 * `ran`: its run succeeded, and no report says yet that it is live. `unknown`: nobody can tell how it ended, or whether it began. `held_back`: a
 * stop came before its order. `left_out`: it was not begun.
 */
export type RedeployEnd = "live" | "ran" | "failed" | "unknown" | "held_back" | "left_out";
