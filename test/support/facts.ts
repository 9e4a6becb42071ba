import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { type Alert, emptyIncident, type Incident } from "../../shared/incident/model.ts";

/** Histories for stores, where only their shape matters: round after round, each instant the round's own number. */
export const openedEvent = (round: number, alerts: Alert[] = []): Event => ({
  ...{ type: "IncidentOpened", at: round, round, alerts, onsetAt: round, truncated: false, due: round },
});
export const closedEvent = (at: number): Event => ({ type: "IncidentClosed", at, outcome: "recovered" });

/** The incident that these facts make. */
export const after = (id: string, ...events: Event[]): Incident =>
  events.reduce(evolve, emptyIncident(id) as Incident);

/** The facts without their places in the chain. */
export const unchained = (log: Event[]): Event[] => log.map(({ chain: _, ...event }): Event => event);
