import type { Event } from "../events.ts";

/** The latest rounds, and the latest comings and goings of alerts, that `recentOf` leaves. */
export const recently = { rounds: 40, alerts: 200 };

export const alertTypes = ["AlertsJoined", "AlertsResolved"] as const satisfies Event["type"][];
export const isOfAlerts = (type: string): boolean => alertTypes.some((known) => known === type);

/**
 * The facts that messages and pages need, oldest first: those of the latest rounds, and of alerts that come and go the latest. An alert that
 * fires anew for months adds nothing to them.
 */
export const recentOf = <F extends { type: string }>(facts: F[]): F[] => {
  const opened = facts.flatMap(({ type }, index) => (type === "IncidentOpened" ? [index] : []));
  const ofRounds = facts.slice(opened.at(-recently.rounds) ?? 0);
  let left = ofRounds.filter(({ type }) => isOfAlerts(type)).length - recently.alerts;
  return ofRounds.filter(({ type }) => !isOfAlerts(type) || left-- <= 0);
};

/** How many rounds began in these facts, and how many of them are of alerts that came or went. */
export const recentIn = (facts: { type: string }[]): { rounds: number; alerts: number } => ({
  rounds: facts.filter(({ type }) => type === "IncidentOpened").length,
  alerts: facts.filter(({ type }) => isOfAlerts(type)).length,
});
