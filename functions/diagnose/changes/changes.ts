import { type Step, stepsOf } from "../../../shared/diagnosis/candidates/change-sets.ts";
import { deploysBefore } from "../../../shared/diagnosis/in-production/before-onset.ts";
import type { Changes } from "../../../shared/ports/changes.ts";
import { readDeploys } from "./deploy-graph.ts";
import { broughtBy } from "./deployed-changes.ts";
import { landedOnBranch } from "./landed.ts";
import { type ChangeQuery, type Found, lookBackMs } from "./query.ts";
import { toldAgain } from "./told-again.ts";

/** The changes that deploys brought live. Without a deploy on record: those that landed. */
export const changesOf = async (changes: Changes, query: ChangeQuery): Promise<Found> => {
  const notes = toldAgain(query);
  const steps = recentSteps(query);
  const read = steps.length === 0 ? undefined : await readDeploys(changes, { ...query, steps, notes });
  const found =
    read === undefined ? await landedOnBranch(changes, query) : await broughtBy(changes, query, read);
  return { ...found, notes: [...notes, ...found.notes] };
};

/** The deploys of the look-back, or the last one before it; each with what ran before. */
const recentSteps = ({ deploys, onsetAt }: ChangeQuery): Step[] => {
  const steps = stepsOf(deploysBefore(deploys, onsetAt));
  const recent = steps.filter(({ deploy }) => deploy.at >= onsetAt - lookBackMs);
  return recent.length > 0 ? recent : steps.filter(({ deploy }) => deploy.status === "succeeded").slice(-1);
};
