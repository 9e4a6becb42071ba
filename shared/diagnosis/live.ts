import type { Commit, DeployRecord } from "../ports.ts";

/** When a commit went live: `at` epoch ms and the deploy that brought it, or only an assumption from when it landed. */
export type Live = { at: number; by: "deploy" | "landing" };
export type Landed = {
  commits: Commit[];
  /** Every sha of the branch, newest first. */
  history: string[];
  deploys: DeployRecord[];
  onsetAt: number;
};

/**
 * When each commit went live, for those that were live at the onset. A commit went live with the first deploy of it or of a newer
 * one. What the oldest deploy on record held may have been live long before it: that counts from when it landed, as everything does
 * without deploy records.
 */
export const liveAtOnset = ({ commits, history, deploys, onsetAt }: Landed): Map<string, Live> => {
  const order = new Map(history.map((sha, index) => [sha, index]));
  const place = ({ sha }: { sha: string }): number => order.get(sha) ?? history.length;
  const earliest = Math.min(...commits.map(({ at }) => at));
  // A deployed sha that is not in the history is of another branch, unless it is older than all that is looked at.
  const known = deploys
    .filter(
      ({ status, sha, at }) => status === "succeeded" && at <= onsetAt && (order.has(sha) || at < earliest),
    )
    .sort((a, b) => a.at - b.at);
  const [oldest, ...later] = known;
  const live = new Map<string, Live>();
  for (const commit of commits) {
    const heldBefore = oldest === undefined || place(commit) >= place(oldest);
    const brought = later.find((deploy) => place(commit) >= place(deploy));
    if (heldBefore && commit.at <= onsetAt)
      live.set(commit.sha, { at: Math.min(commit.at, oldest?.at ?? commit.at), by: "landing" });
    else if (!heldBefore && brought !== undefined) live.set(commit.sha, { at: brought.at, by: "deploy" });
  }
  return live;
};
