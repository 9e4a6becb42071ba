import type { Intent } from "../../shared/incident/commands.ts";
import type { ArmedMerge, Pull } from "../../shared/incident/model.ts";
import type { PullNow } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import { short } from "../../shared/text/format.ts";
import { doneOnGitHub } from "../pull-state.ts";
import type { Work } from "../step.ts";

type Followed = {
  pull: Pull;
  armed?: ArmedMerge;
  approval?: { by: string; head: string; diff: string };
};

/** The intent that follows from a merge or a close on GitHub. A merge that Countersteer left to GitHub is compared with what was approved. */
export const doneAsApproved = async (
  work: Pick<Work, "merging">,
  place: Service,
  incident: Followed,
  now: PullNow,
): Promise<Intent | undefined> => {
  const done = doneOnGitHub(place, incident.pull, now);
  if (done?.type !== "RecordMerge" || incident.armed?.pull.number !== incident.pull.number) return done;
  const differs = await difference(work, place, incident, done.sha);
  return differs === undefined ? done : { ...done, differs };
};

const difference = async (
  { merging }: Pick<Work, "merging">,
  place: Service,
  { pull, approval }: Followed,
  sha: string,
): Promise<string | undefined> => {
  if (approval === undefined) return "GitHub merged it before auto-merge could be taken back";
  const isSame = await merging.isSameMerged(place, { ...pull, diff: approval.diff }, sha);
  if (isSame) return undefined;
  return `its changes are not those of ${short(approval.head)}, which ${approval.by} approved`;
};
