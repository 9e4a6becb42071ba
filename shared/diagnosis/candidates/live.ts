import type { Commit } from "../../ports/history.ts";
import type { ChangeSet } from "./change-sets.ts";

/** A rollout is reported as failed when it has timed out; Kubernetes waits ten minutes (`progressDeadlineSeconds`). */
const rolloutMs = 15 * 60_000;
/** The first deploy on record brought changes that landed within this time before it; older ones may have run for long. */
const firstDeployMs = 24 * 60 * 60_000;

/** Whether the deploy had touched what runs when the trouble began. */
export const isBefore = ({ deploy: { status, at } }: Pick<ChangeSet, "deploy">, onsetAt: number): boolean =>
  (status === "failed" ? at - rolloutMs : at) <= onsetAt;

/** When a change went live, and with which deploy. */
type WentLive = {
  at: number;
  by: "deploy" | "landing";
  service?: string;
  deploy?: { sha: string; from?: string };
  rollout?: "failed" | "started";
};
type Given = { commits: Commit[]; changeSets: ChangeSet[]; onsetAt: number };

/** When each change went live, by the first deploy that brought it: one that succeeded, or else a rollout that failed or has not ended. */
export const liveByChangeSets = ({ commits, changeSets, onsetAt }: Given): Map<string, WentLive> => {
  const before = changeSets
    .filter((set) => isBefore(set, onsetAt))
    .map((set) => ({ ...set, holds: new Set(set.shas) }));
  return new Map(
    commits.flatMap((commit) => {
      const sets = before.filter(({ holds }) => holds.has(commit.sha));
      const set = sets.find(({ deploy }) => deploy.status === "succeeded") ?? sets[0];
      return set === undefined ? [] : [[commit.sha, liveWith(commit, set, onsetAt)] as const];
    }),
  );
};

const liveWith = (commit: Commit, { deploy, from }: ChangeSet, onsetAt: number): WentLive => {
  if (from === undefined && commit.sha !== deploy.sha && commit.at < deploy.at - firstDeployMs)
    return { at: Math.min(commit.at, deploy.at), by: "landing" };
  return {
    ...{ at: Math.min(deploy.at, onsetAt), by: "deploy", service: deploy.service },
    deploy: { sha: deploy.sha, ...(from !== undefined && { from }) },
    ...(deploy.status !== "succeeded" && { rollout: deploy.status }),
  };
};
