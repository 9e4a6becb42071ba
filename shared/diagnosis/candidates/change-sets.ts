import { ancestorsOf, type Graph } from "../../git/ancestry.ts";
import type { DeployRecord } from "../../ports/store.ts";
import type { Rollout } from "./rollouts.ts";

/** The commits that one deploy brought: those of `sha` that `from`, which ran before, has not. */
export type ChangeSet = {
  deploy: Rollout;
  /** Absent when no earlier deploy is on record. */
  from?: string;
  /** Every commit, those inside of pull requests too. */
  shas: string[];
};

export type Step = { deploy: DeployRecord; from?: string };

/** Each deploy with the one before it, oldest first. A deploy that was reported twice counts from its first report. */
export const stepsOf = (deploys: DeployRecord[]): Step[] => {
  const steps: Step[] = [];
  let live: string | undefined;
  for (const deploy of deploys.toSorted((a, b) => a.at - b.at)) {
    if (deploy.sha === live) continue;
    steps.push({ deploy, ...(live !== undefined && { from: live }) });
    if (deploy.status === "succeeded") live = deploy.sha;
  }
  return steps;
};

type Commits = Graph<{ sha: string; parents: string[] }>;

/** The change set of each deploy, as far as the graph contains its commits. */
export const changeSetsOf = (steps: Step[], graph: Commits): ChangeSet[] =>
  steps.map(({ deploy, from }) => {
    const before = from === undefined ? new Set<string>() : ancestorsOf(graph, from);
    return {
      deploy,
      ...(from !== undefined && { from }),
      shas: [...ancestorsOf(graph, deploy.sha, before)],
    };
  });

/** The deploy that ran when the trouble began. */
export const runningAt = (steps: Step[], onsetAt: number): DeployRecord | undefined =>
  steps.findLast(({ deploy }) => deploy.status === "succeeded" && deploy.at <= onsetAt)?.deploy;

type Past = { steps: Step[]; sets: ChangeSet[]; graph: Commits; onsetAt: number };
/** The commits that ran no longer at the onset: a later deploy had gone live without them. */
export const noLongerLive = ({ steps, sets, graph, onsetAt }: Past): Set<string> => {
  const last = runningAt(steps, onsetAt);
  if (last === undefined) return new Set();
  const live = ancestorsOf(graph, last.sha);
  const earlier = sets.filter(({ deploy }) => deploy.status === "succeeded" && deploy.at < last.at);
  return new Set(earlier.flatMap(({ shas }) => shas).filter((sha) => !live.has(sha)));
};
