import { evolve } from "./evolve.ts";
import { type Alert, type Event, type Incident, none, type Revert, type Scale } from "./model.ts";

/** An earlier round of an incident that is over: what alerted, and what ended it. Instants are epoch ms; `merge` is the revert's own sha. */
export type Earlier = { alerts: Alert[]; endedAt: number } & (
  | { ended: "reverted"; remedy: Revert; merge: string }
  | { ended: "scaled"; remedy: Scale }
  | { ended: "recovered" }
);

/** The rounds before `round` that ended well, the latest first. What people ended elsewhere is not known, so it is not told. */
export const earlierRounds = (log: Event[], round: number): Earlier[] => {
  const rounds = new Map<number, Incident>();
  let current = 0;
  for (const event of log) {
    if (event.type === "IncidentOpened") current = event.round;
    rounds.set(current, evolve(rounds.get(current) ?? none("/"), event));
  }
  return [...rounds]
    .filter(([number]) => number < round)
    .flatMap(([, incident]) => endOf(incident) ?? [])
    .reverse();
};

const endOf = (incident: Incident): Earlier | undefined => {
  if (incident.status !== "closed") return undefined;
  const { alerts, endedAt, outcome, remedy, merge } = incident;
  if (outcome === "recovered") return { alerts, endedAt, ended: "recovered" };
  if (outcome !== "verified" || remedy === undefined || merge === undefined) return undefined;
  return remedy.kind === "scale"
    ? { alerts, endedAt, ended: "scaled", remedy }
    : { alerts, endedAt, ended: "reverted", remedy, merge: merge.sha };
};
