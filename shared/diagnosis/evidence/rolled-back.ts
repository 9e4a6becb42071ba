import { clock, span } from "../../text/format.ts";
import { rollbackBefore } from "../in-production/at-onset.ts";
import type { Case, Evidence } from "../model.ts";
import { type Onset, slackMs } from "../onset/onset.ts";
import { momentWeight } from "./deploy-moment.ts";

const least = 2.5;
const recentMs = 6 * 60 * 60_000;

/** A rollback shortly before the trouble is the suspect: the version that runs may not cope with what the newer one left behind. */
export const rollbackEvidence = (given: Case, { at }: Onset): Evidence[] => {
  const rollback = rollbackBefore(given);
  // A rollback after the trouble began is an answer to it.
  if (rollback === undefined || at - rollback.at > recentMs || rollback.at > at + slackMs) return [];
  const others = given.deploys
    .map((deploy) => deploy.at)
    .filter((time) => time !== rollback.at && time <= at);
  const weight = Math.max(least, momentWeight({ liveAt: rollback.at, onsetAt: at, others }));
  const gap = span(Math.max(0, at - rollback.at));
  return [
    {
      weight,
      reason: `a rollback from ${rollback.from.slice(0, 12)} to ${rollback.sha.slice(0, 12)} went live at ${clock(rollback.at)}, ${gap} before the trouble began: it is the suspect, and what it took away no longer runs`,
    },
  ];
};
