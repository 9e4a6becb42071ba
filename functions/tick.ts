import { type Active, dueOf, isActive } from "../shared/incident/model.ts";
import type { Store } from "../shared/ports/store.ts";
import type { Process } from "../shared/process.ts";

/** As it was when the tick read it. */
export type Waiting = { incident: Active; version: number };

const minute = 60_000;

/**
 * How long after the last look a waiting incident is looked at again, in ms. A question waits for people, and webhooks wake it
 * when something moves; what is delayed is tried ever less often, once a minute in the end.
 */
const patience = (incident: Active, now: number): number => {
  if (incident.delay !== undefined) return Math.min(minute, (now - incident.delay.since) / 2);
  return incident.status === "proposed" && incident.asked ? minute : 0;
};

/** Turns silence into an escalation where the due time has passed, and returns the incidents that want another look now. */
export const tick = ({ store, process, clock }: { store: Store; process: Process; clock: () => number }) => {
  const looked = new Map<string, number>();
  return async (): Promise<Waiting[]> => {
    const now = clock();
    const watched = await store.active();
    const waiting = watched.filter(({ incident }) => isActive(incident)) as Waiting[];
    // Nobody looks at an incident that has ended; that the time of its scale is over is news, and what follows it.
    for (const { incident } of watched)
      if (!isActive(incident) && now >= (dueOf(incident) ?? Number.POSITIVE_INFINITY))
        await process.handle(incident.id, { type: "Expire", at: now });
    const wanted = waiting.filter(
      ({ incident }) =>
        now >= incident.due || now - (looked.get(incident.id) ?? 0) >= patience(incident, now),
    );
    for (const {
      incident: { id, due },
    } of wanted)
      if (now >= due) await process.handle(id, { type: "Expire", at: now });
    const ids = new Set(waiting.map(({ incident }) => incident.id));
    for (const id of looked.keys()) if (!ids.has(id)) looked.delete(id);
    for (const { incident } of wanted) looked.set(incident.id, now);
    return wanted;
  };
};
