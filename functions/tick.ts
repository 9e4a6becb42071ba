import type { EpochMs, IncidentId } from "../shared/brands.ts";
import { remind } from "../shared/incident/deadline.ts";
import { isReviewed } from "../shared/incident/due-steps.ts";
import { dueOf, type Incident, isActive, isWatched, type Watched } from "../shared/incident/model.ts";
import type { Store, Stored } from "../shared/ports/store.ts";
import type { Process } from "../shared/process.ts";

/** An incident as the tick read it. */
export type Waiting = { incident: Watched; version: number };

const minute = 60_000;

/**
 * The time from the last look to the next, in ms. A question waits for people, a first thin look for news, and webhooks wake both; a
 * delayed incident is tried ever less often, once a minute in the end, and an ended one every ten minutes.
 */
const waitMs = (incident: Watched, now: EpochMs): number => {
  if (!isActive(incident)) return Math.min(10 * minute, Math.max(minute, (now - incident.endedAt) / 4));
  const { delay, held } = incident;
  if (held !== undefined) return minute;
  if (delay?.retryAt !== undefined) return now < delay.retryAt ? Number.POSITIVE_INFINITY : 0;
  // The fix is live, and its verdict may come at any time.
  if (delay?.verdict === "still_firing") return 0;
  if (delay !== undefined) return Math.min(minute, (now - delay.since) / 2);
  if (incident.status === "opened" && incident.thin !== undefined) return minute;
  return incident.status === "proposed" && incident.asked ? minute : 0;
};

const isWaiting = (stored: Stored): stored is Waiting => isWatched(stored.incident);
const isOverdue = (incident: Incident, now: EpochMs): boolean =>
  now >= (dueOf(incident) ?? Number.POSITIVE_INFINITY);

/** Whether the time set for another diagnosis has come. */
export const isReviewDue = (incident: Incident, now: EpochMs): boolean =>
  isReviewed(incident.status) &&
  "lookAt" in incident &&
  incident.lookAt !== undefined &&
  now >= incident.lookAt;

type Ticking = {
  store: Store;
  process: Process;
  clock: () => EpochMs;
  /** Whether a step works on the incident now: a deadline must not end it under a write. */
  isBusy?: (id: IncidentId) => boolean | Promise<boolean>;
};

/** Turns silence into an escalation where the due time has passed, and returns the incidents that want another look now. */
export const tick = ({ store, process, clock, isBusy = () => false }: Ticking) => {
  const looked = new Map<IncidentId, EpochMs>();
  const expire = async ({ id, status }: Incident, now: EpochMs): Promise<void> => {
    if (status === "approved" && (await isBusy(id))) return;
    await process.handle(id, { type: "Expire", at: now });
  };
  return async (): Promise<Waiting[]> => {
    const now = clock();
    const due = await store.active();
    for (const { incident } of due) {
      if (remind(incident, now, process.policyOf(incident.service)).length > 0)
        await process.handle(incident.id, { type: "Remind", at: now });
      if (isOverdue(incident, now)) await expire(incident, now);
    }
    const waiting = due.filter(isWaiting);
    const wanted = waiting.filter(
      ({ incident }) =>
        isOverdue(incident, now) ||
        isReviewDue(incident, now) ||
        now - (looked.get(incident.id) ?? 0) >= waitMs(incident, now),
    );
    const ids = new Set(waiting.map(({ incident }) => incident.id));
    for (const id of looked.keys()) if (!ids.has(id)) looked.delete(id);
    for (const { incident } of wanted) looked.set(incident.id, now);
    return wanted;
  };
};
