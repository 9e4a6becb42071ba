import type { Commit } from "../../ports/history.ts";
import type { ChangeSet } from "../candidates/change-sets.ts";
import { latestMs, type RolloutTime, rolloutTimes } from "../candidates/rollout-time.ts";
import type { Rollout } from "../candidates/rollouts.ts";
import type { Live } from "./live.ts";

/** The first deploy on record brought changes that landed within this time before it; older ones may have run for long. */
export const firstDeployMs = 24 * 60 * 60_000;

/**
 * Whether a deploy may have touched what runs when the trouble began: by the beginning of its rollout, where that was told. Else it is
 * told when it has ended, and has served before.
 */
const isBefore = ({ beganAt, status, at }: Rollout, onsetAt: number, time: RolloutTime): boolean =>
  (beganAt ?? (status === "started" ? at : at - latestMs(time[status]))) <= onsetAt;

/** The deploys that may have touched what runs when the trouble began. */
export const mayBeBefore = <T extends Rollout>(deploys: T[], onsetAt: number): T[] => {
  const timeOf = rolloutTimes(deploys);
  return deploys.filter((deploy) => isBefore(deploy, onsetAt, timeOf(deploy.service)));
};

/**
 * The deploys that may have changed the running code before the onset. A later deploy of an earlier version is left out, as it is an answer
 * to the trouble.
 */
export const deploysBefore = (deploys: Rollout[], onsetAt: number): Rollout[] => {
  const earlier = new Set(deploys.filter(({ at }) => at <= onsetAt).map(({ sha }) => sha));
  return mayBeBefore(deploys, onsetAt).filter(
    ({ at, status, sha }) => at <= onsetAt || status !== "succeeded" || !earlier.has(sha),
  );
};

/** Whether the deploy may have brought the change before the onset: a change that landed later answers the trouble. */
export const mayHaveBrought = ({ at }: Rollout, commit: Commit, onsetAt: number): boolean =>
  at <= onsetAt || commit.at <= onsetAt;

/** The time from which a deploy counts as live, the time of its report where that was after the onset, and when its rollout began. */
export const liveAtOf = (
  { status, at, beganAt }: Rollout,
  onsetAt: number,
): Pick<Live, "at" | "reportedAt" | "beganAt"> => ({
  at: Math.min(at, onsetAt),
  ...(status === "succeeded" && at > onsetAt && { reportedAt: at }),
  ...(beganAt !== undefined && { beganAt }),
});

type Given = { commits: Commit[]; changeSets: ChangeSet[]; deploys: Rollout[]; onsetAt: number };

/**
 * The time at which each change went live, by the first deploy that brought it: one that succeeded, or else a rollout that failed or has
 * not ended.
 */
export const liveByChangeSets = ({ commits, changeSets, deploys, onsetAt }: Given): Map<string, Live> => {
  const timeOf = rolloutTimes(deploys);
  const before = changeSets
    .filter(({ deploy }) => isBefore(deploy, onsetAt, timeOf(deploy.service)))
    .map((set) => ({ ...set, holds: new Set(set.shas) }));
  return new Map(
    commits.flatMap((commit) => {
      const sets = before.filter(
        ({ holds, deploy }) => holds.has(commit.sha) && mayHaveBrought(deploy, commit, onsetAt),
      );
      const set = sets.find(({ deploy }) => deploy.status === "succeeded" && deploy.at <= onsetAt) ?? sets[0];
      return set === undefined ? [] : [[commit.sha, liveWith(commit, set, onsetAt)] as const];
    }),
  );
};

const liveWith = (commit: Commit, { deploy, from }: ChangeSet, onsetAt: number): Live => {
  if (from === undefined && commit.sha !== deploy.sha && commit.at < deploy.at - firstDeployMs)
    return { at: Math.min(commit.at, deploy.at), by: "landing" };
  return {
    ...{ ...liveAtOf(deploy, onsetAt), by: "deploy", service: deploy.service },
    deploy: { sha: deploy.sha, ...(from !== undefined && { from }) },
    ...(deploy.status !== "succeeded" && { rollout: deploy.status }),
  };
};
