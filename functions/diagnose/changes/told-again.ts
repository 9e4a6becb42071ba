import type { DeployRecord } from "../../../shared/ports/store.ts";
import { clock, short } from "../../../shared/text/format.ts";
import type { ChangeQuery } from "./query.ts";

const minute = 60_000;
/** Reports of one rollout, such as those of its regions, come within this time. */
const oneRolloutMs = 5 * minute;
/** After this time it is a deploy of the same commit, such as a restart. */
const oneDeployMs = 24 * 60 * minute;
/** A later report that came longer ago could not be taken for the cause. */
const nearMs = 60 * minute;

/** Says which time counts when the deploy that runs was reported again for another time near the onset. */
export const toldAgain = ({ deploys, onsetAt }: Pick<ChangeQuery, "deploys" | "onsetAt">): string[] => {
  const live = deploys
    .filter(({ status, at }) => status === "succeeded" && at <= onsetAt)
    .toSorted((a, b) => a.at - b.at);
  const last = live.at(-1);
  const first = firstReport(live);
  if (first === undefined || last === undefined) return [];
  const apart = last.at - first.at;
  if (apart <= oneRolloutMs || apart > oneDeployMs || onsetAt - last.at > nearMs) return [];
  return [
    `the deploy of ${short(first.sha)} was reported for ${clock(first.at)} and again for ${clock(last.at)}: it counts from ${clock(first.at)}`,
  ];
};

/** The earliest of the last reports in a row that tell the same commit. */
const firstReport = (live: DeployRecord[]): DeployRecord | undefined => {
  const sha = live.at(-1)?.sha;
  return live[live.findLastIndex((deploy) => deploy.sha !== sha) + 1];
};
