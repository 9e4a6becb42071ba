/**
 * The time at which a commit went live, by the deploy that brought it or, without one, by its landing; `before` is the time to the onset in
 * ms.
 */
export type Live = {
  at: number;
  by: "deploy" | "landing";
  service?: string;
  before?: number;
  /** The deployed commit, and the one that ran before, when that is known to be older. */
  deploy?: { sha: string; from?: string };
  /** The rollout that brought it failed, or had not ended. */
  rollout?: "failed" | "started";
  /** The time of a deploy's report, where that was after the onset: its rollout served before. */
  reportedAt?: number;
  /** The beginning of its rollout, where that was told. */
  beganAt?: number;
};
