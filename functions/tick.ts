import { remind } from "../shared/incident/deadline.ts";
import { dueOf, type Incident, isActive, isWatched, type Watched } from "../shared/incident/model.ts";
import type { Store, Stored } from "../shared/ports/store.ts";
import type { Process } from "../shared/process.ts";

/** As it was when the tick read it. */
export type Waiting = { incident: Watched; version: number };

const minute = 60_000;

/**
 * How long after the last look a waiting incident is looked at again, in ms. A question waits for people, and webhooks wake it
 * when something moves; what is delayed is tried ever less often, once a minute in the end. So is one that has ended, every ten minutes.
 */
const patience = (incident: Watched, now: number): number => {
  if (!isActive(incident)) return Math.min(10 * minute, Math.max(minute, (now - incident.endedAt) / 4));
  const { delay } = incident;
  if (delay?.retryAt !== undefined) return now < delay.retryAt ? Number.POSITIVE_INFINITY : 0;
  if (delay !== undefined) return Math.min(minute, (now - delay.since) / 2);
  return incident.status === "proposed" && incident.asked ? minute : 0;
};

const isWaiting = (stored: Stored): stored is Waiting => isWatched(stored.incident);
const isOverdue = (incident: Incident, now: number): boolean =>
  now >= (dueOf(incident) ?? Number.POSITIVE_INFINITY);

/** Turns silence into an escalation where the due time has passed, and returns the incidents that want another look now. */
export const tick = ({ store, process, clock }: { store: Store; process: Process; clock: () => number }) => {
  const looked = new Map<string, number>();
  return async (): Promise<Waiting[]> => {
    const now = clock();
    const due = await store.active();
    for (const { incident } of due) {
      if (remind(incident, now, process.policyOf(incident.service)).length > 0)
        await process.handle(incident.id, { type: "Remind", at: now });
      if (isOverdue(incident, now)) await process.handle(incident.id, { type: "Expire", at: now });
    }
    const waiting = due.filter(isWaiting);
    const wanted = waiting.filter(
      ({ incident }) =>
        isOverdue(incident, now) || now - (looked.get(incident.id) ?? 0) >= patience(incident, now),
    );
    const ids = new Set(waiting.map(({ incident }) => incident.id));
    for (const id of looked.keys()) if (!ids.has(id)) looked.delete(id);
    for (const { incident } of wanted) looked.set(incident.id, now);
    return wanted;
  };
};
