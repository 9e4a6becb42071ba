import type { EpochMs } from "../../brands.ts";
import { endedWithoutFix, isSameFiring, latestOf, repeatedMs } from "../alerts/alerts.ts";
import type { Event } from "../events.ts";
import { evolve } from "../evolve.ts";
import {
  type Alert,
  emptyIncident,
  type In,
  type Incident,
  type Pull,
  type Remedy,
  type Revert,
  type Scale,
  type Suspect,
} from "../model.ts";

/** An earlier round that is over: its alerts, and how it ended. Instants are epoch ms; `merge` is the revert's own sha. */
export type Earlier = { alerts: Alert[]; endedAt: number } & (
  | { ended: "reverted"; remedy: Revert; merge: string; pull?: number }
  | { ended: "scaled"; remedy: Scale }
  | { ended: "recovered" }
);

/**
 * The rounds before `round` that ended well, the latest first. Rounds that people ended elsewhere are left out: nothing is known about
 * their end.
 */
export const earlierRounds = (log: Event[], round: number): Earlier[] =>
  roundsBefore(log, round)
    .filter((incident) => !wentOn(incident, log))
    .flatMap((incident) => endOf(incident) ?? [])
    .reverse();

/** The rounds in which a merged fix did not end the trouble: it was over before, or went on after the verdict. */
export const roundsNotEnded = (log: Event[]): Set<number> =>
  new Set(
    roundsBefore(log, Number.POSITIVE_INFINITY)
      .filter((incident) => endedWithoutFix(incident) !== undefined || wentOn(incident, log))
      .map(({ round }) => round),
  );

/** Whether a firing that the fix was judged by went on, and opened the next round. */
const wentOn = (incident: Incident, log: Event[]): boolean => {
  const next = log.find((event) => event.type === "IncidentOpened" && event.round > incident.round);
  if (incident.status !== "closed" || next?.type !== "IncidentOpened") return false;
  if (next.at - incident.endedAt < repeatedMs) return false;
  const liveAt = incident.deploy?.at ?? 0;
  return next.alerts.some(
    (alert) => alert.startsAt <= liveAt && isSameFiring(latestOf(incident.alerts, alert), alert),
  );
};

/** A question that nobody answered in the round before. */
export type Unanswered = { alerts: Alert[]; remedy: Remedy; pull: Pull; suspect?: Suspect; endedAt: EpochMs };

/** The question of the round before `round`, when nobody answered it, also when the alert resolved afterwards. */
export const unanswered = (log: Event[], round: number): Unanswered | undefined => {
  const last = roundsBefore(withoutRecovery(log, round - 1), round).at(-1);
  if (last === undefined || !isUnanswered(last)) return undefined;
  const { alerts, remedy, pull, diagnosis } = last;
  if (remedy === undefined || pull === undefined) return undefined;
  const endedAt = last.status === "proposed" ? last.due : last.endedAt;
  const suspect =
    remedy.kind === "revert" ? diagnosis?.suspects.find(({ sha }) => sha === remedy.sha) : undefined;
  return { alerts, remedy, pull, endedAt, ...(suspect && { suspect }) };
};

/** Nobody answered, or nobody said whether an approval still held after every alert had resolved. */
const isUnanswered = (incident: Incident): incident is In<"escalated" | "proposed"> =>
  incident.status === "proposed"
    ? incident.overtaken === true
    : incident.status === "escalated" && incident.reason === "unanswered";

/** The facts without the recovery that ended a round which waited for a person. */
const withoutRecovery = (log: Event[], round: number): Event[] => {
  const opened = log.findIndex((event) => event.type === "IncidentOpened" && event.round === round);
  const waited = log.findIndex((event, index) => index > opened && waitsForPeople(event));
  if (opened < 0 || waited < 0) return log;
  return log.filter(
    (event, index) => index < waited || event.type !== "IncidentClosed" || event.outcome !== "recovered",
  );
};

const waitsForPeople = (event: Event): boolean =>
  event.type === "IncidentEscalated"
    ? event.reason === "unanswered"
    : event.type === "ApprovalVoided" && event.overtaken === true;

/** Each round before `round` as it ended, the first one first. */
export const roundsBefore = (log: Event[], round: number): Incident[] => {
  const rounds = new Map<number, Incident>();
  let current = 0;
  for (const event of log) {
    if (event.type === "IncidentOpened") current = event.round;
    rounds.set(current, evolve(rounds.get(current) ?? emptyIncident("/"), event));
  }
  return [...rounds].filter(([number]) => number > 0 && number < round).map(([, incident]) => incident);
};

const endOf = (incident: Incident): Earlier | undefined => {
  if (incident.status !== "closed") return undefined;
  const { alerts, endedAt, outcome, remedy, merge, pull } = incident;
  if (outcome === "verified" && endedWithoutFix(incident) !== undefined)
    return { alerts, endedAt, ended: "recovered" };
  // A trouble that went away after a merge did not go away by itself.
  if (outcome === "recovered")
    return merge === undefined ? { alerts, endedAt, ended: "recovered" } : undefined;
  if (outcome !== "verified" || remedy === undefined || merge === undefined) return undefined;
  if (remedy.kind === "withdraw") return undefined;
  return remedy.kind === "scale"
    ? { alerts, endedAt, ended: "scaled", remedy }
    : { alerts, endedAt, ended: "reverted", remedy, merge: merge.sha, ...(pull && { pull: pull.number }) };
};
