import type { EpochMs } from "../../brands.ts";
import { dueOf, type Incident, isActive, isWatched, type Watched } from "../model.ts";
import { type Reminding, remindingOf } from "./deadline.ts";
import { isReviewed, type StepName, stepOf } from "./due-steps.ts";
import { followUpDue } from "./follow-up.ts";

/** The time from a look to the next, or the instant before which there is none. `share`: a part of the time since then. */
export type Pace =
  | { everyMs: number }
  | { from: EpochMs }
  | { since: EpochMs; share: number; leastMs: number; mostMs: number };

/** The tick goes by this. It stands beside the incident, so that one that cannot be read keeps no other waiting. */
export type Wait = {
  due?: EpochMs;
  /** The step that looks at the incident, and how often; absent when none does. */
  look?: { step: StepName; pace: Pace };
  /** The time set for another diagnosis. */
  reviewAt?: EpochMs;
  /** Whether a follow-up is due. */
  follows?: true;
  /** Whether the deadline waits for a merge under way. */
  holds?: true;
  remind?: Reminding;
};

const minute = 60_000;

export const waitOf = (incident: Incident): Wait => {
  const due = dueOf(incident);
  if (due === undefined) return {};
  const remind = remindingOf(incident);
  const lookAt = isReviewed(incident.status) && "lookAt" in incident ? incident.lookAt : undefined;
  return {
    due,
    ...(isWatched(incident) && { look: { step: stepOf[incident.status], pace: paceOf(incident) } }),
    ...(lookAt !== undefined && { reviewAt: lookAt }),
    ...(followUpDue(incident) !== undefined && { follows: true }),
    ...(incident.status === "approved" && { holds: true }),
    ...(remind !== undefined && { remind }),
  };
};

/**
 * A question waits for people, and webhooks wake it: it looks by itself every ten minutes. A first thin look waits for news. A delayed
 * incident is tried ever less often, once a minute in the end, and an ended one every ten minutes.
 */
const paceOf = (incident: Watched): Pace => {
  if (!isActive(incident)) return { since: incident.endedAt, share: 4, leastMs: minute, mostMs: 10 * minute };
  const { delay, held } = incident;
  if (held !== undefined) return { everyMs: minute };
  if (delay?.retryAt !== undefined) return { from: delay.retryAt };
  // The fix is live, and its verdict may come at any time.
  if (delay?.verdict === "still_firing") return { everyMs: 0 };
  if (delay !== undefined) return { since: delay.since, share: 2, leastMs: 0, mostMs: minute };
  if (incident.status === "opened" && incident.thin !== undefined) return { everyMs: minute };
  return { everyMs: incident.status === "proposed" && incident.asked ? 10 * minute : 0 };
};

/** The time from the last look to the next, in ms. */
export const intervalMs = (pace: Pace, now: EpochMs): number => {
  if ("everyMs" in pace) return pace.everyMs;
  if ("from" in pace) return now < pace.from ? Number.POSITIVE_INFINITY : 0;
  return Math.min(pace.mostMs, Math.max(pace.leastMs, (now - pace.since) / pace.share));
};
