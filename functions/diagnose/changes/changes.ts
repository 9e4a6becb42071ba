import { type Step, stepsOf } from "../../../shared/diagnosis/candidates/change-sets.ts";
import { isBefore } from "../../../shared/diagnosis/candidates/live.ts";
import type { Changes } from "../../../shared/ports/changes.ts";
import { type Asked, type Found, lookBackMs } from "./asked.ts";
import { broughtBy } from "./brought.ts";
import { readDeploys } from "./deploy-graph.ts";
import { landed } from "./landed.ts";

/** The changes that deploys brought live. Without a deploy on record: those that landed. */
export const changesOf = async (changes: Changes, asked: Asked): Promise<Found> => {
  const notes: string[] = [];
  const steps = recentSteps(asked);
  const read = steps.length === 0 ? undefined : await readDeploys(changes, { ...asked, steps, notes });
  const found = read === undefined ? await landed(changes, asked) : await broughtBy(changes, asked, read);
  return { ...found, notes: [...notes, ...found.notes] };
};

/** The deploys of the look-back, or the last one before it; each with what ran before. */
const recentSteps = ({ deploys, onsetAt }: Asked): Step[] => {
  const steps = stepsOf(deploys.filter((deploy) => isBefore({ deploy }, onsetAt)));
  const recent = steps.filter(({ deploy }) => deploy.at >= onsetAt - lookBackMs);
  return recent.length > 0 ? recent : steps.filter(({ deploy }) => deploy.status === "succeeded").slice(-1);
};
