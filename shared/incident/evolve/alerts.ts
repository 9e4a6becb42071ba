import type { IncidentId } from "../../brands.ts";
import { firing, judgedNames, mergeAlerts } from "../alerts/alerts.ts";
import { turned } from "../alerts/flapping.ts";
import type { EventOf } from "../events.ts";
import {
  type Active,
  type Alert,
  emptyIncident,
  type In,
  type Incident,
  isActive,
  type UntoldRound,
} from "../model.ts";
import { isUnresolved } from "../schedule/deadline.ts";

export const opened = (incident: Incident, event: EventOf<"IncidentOpened">): In<"opened"> => {
  const { id, service, environment, alerts, troubles, turns } = incident;
  const { at, round, onsetAt, truncated, due, trace, origin, originRound } = event;
  const untold = untoldBy(incident);
  return {
    ...{ status: "opened", id, service, environment, round, openedAt: at, onsetAt, truncated, due },
    alerts: mergeAlerts(resolvedOf(alerts), event.alerts, at),
    turns: turned(turns, at),
    ...(incident.page !== undefined && isUnresolved(incident) ? { page: incident.page } : {}),
    ...(trace !== undefined && { trace }),
    ...(origin !== undefined && { origins: [origin], ...roundsOf(undefined, { origin, originRound }) }),
    ...(troubles !== undefined && { troubles }),
    ...(untold.length > 0 && { untold }),
  };
};

/** Ended rounds that are kept until they are told; older ones are forgotten first. */
const maxUntold = 5;

const untoldBy = (incident: Incident): UntoldRound[] => {
  const { untold: before = [], ...end } = incident;
  if (end.status !== "closed" && end.status !== "escalated") return before;
  return [...before, { end }].slice(-maxUntold);
};

/** A new round remembers the firings that have ended: they may still be reported late. */
const resolvedOf = (alerts: Alert[]): Alert[] => alerts.filter(({ status }) => status === "resolved");

export const alertsChanged = (
  incident: Incident,
  event: EventOf<"AlertsJoined" | "AlertsResolved">,
): Incident => {
  const { at } = event;
  const alerts = mergeAlerts(incident.alerts, event.alerts, at);
  const turn = firing(alerts) === firing(incident.alerts) ? {} : { turns: turned(incident.turns, at) };
  if (!isActive(incident)) return { ...incident, ...turn, alerts };
  const changed = {
    ...wantedAgain(undoubted(incident, alerts), alerts),
    ...turn,
    alerts,
    truncated: isTruncated(incident, event),
  };
  return stillJudged(incident, changed);
};

/** An alert that fires anew replaces its earlier firing, and is judged by the fix all the same. */
const stillJudged = (before: Incident, after: Active): Active => {
  if (before.status !== "deployed" || after.status !== "deployed") return after;
  const known = judgedNames(after);
  const lost = judgedNames(before).filter((name) => !known.includes(name));
  return lost.length === 0 ? after : { ...after, judged: [...(after.judged ?? []), ...lost] };
};

/** An alert that fires leaves no doubt about a recovery. */
const undoubted = (incident: Active, alerts: Alert[]): Active => {
  if (incident.status === "deployed" || incident.delay?.verdict === undefined || !firing(alerts))
    return incident;
  const { delay: _, ...rest } = incident;
  return rest;
};

/** The question whether an approval is still wanted becomes an ordinary one once an alert fires again. */
const wantedAgain = (incident: Active, alerts: Alert[]): Active => {
  if (incident.status !== "proposed" || !incident.overtaken || !firing(alerts)) return incident;
  const { overtaken: _, ...rest } = incident;
  return { ...rest, moved: "every alert resolved after the approval, and it fires again now" };
};

const isTruncated = ({ truncated }: Active, event: EventOf<"AlertsJoined" | "AlertsResolved">): boolean =>
  !("whole" in event && event.whole) && (truncated || event.truncated);

export const originJoined = (
  incident: Incident,
  { at, origin, originRound, alerts, shares }: EventOf<"OriginJoined">,
): Incident => {
  if (!isActive(incident)) return incident;
  const origins = [...new Set([...(incident.origins ?? []), origin])];
  const { service } = emptyIncident(origin);
  const more = {
    ...(shares && { sharers: [...new Set([...(incident.sharers ?? []), service])] }),
    ...roundsOf(incident.originRounds, { origin, originRound }),
  };
  return { ...incident, ...more, origins, alerts: mergeAlerts(incident.alerts, alerts, at) };
};

type Rounds = Record<IncidentId, number>;

const roundsOf = (
  known: Rounds | undefined,
  { origin, originRound }: { origin: IncidentId; originRound?: number | undefined },
): { originRounds?: Rounds } =>
  originRound === undefined ? {} : { originRounds: { ...known, [origin]: originRound } };

export const roundTold = (incident: Incident, { round }: EventOf<"RoundTold">): Incident => {
  const { untold = [], ...rest } = incident;
  const left = untold.filter(({ end }) => end.round > round);
  return left.length === 0 ? rest : { ...rest, untold: left };
};
