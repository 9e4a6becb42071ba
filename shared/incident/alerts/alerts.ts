import type { EpochMs } from "../../brands.ts";
import type { Active, Alert, In, Incident } from "../model.ts";

/** An alert beside the ones that the incident knows. */
type AlertClass = "fresh" | "resolved" | "repeat" | "stale";

/** Alerts an incident remembers; the oldest firings are forgotten first. */
export const maxAlerts = 100;
const day = 24 * 60 * 60 * 1000;

/** The latest time a notification about a firing that is over may still arrive. */
const lateMs = 5 * 60_000;

/**
 * Classifies an alert beside `last`, the known alert of its label set. Replicas tell one firing with several starts, so a firing is
 * compared by its start and an end by its end: the later one stands. `repeat`: known already. `stale`: something later is known.
 */
export const classify = (last: Alert | undefined, alert: Alert, at: number): AlertClass => {
  if (alert.status === "resolved") return classifyEnd(last, alert, at);
  if (last === undefined) return "fresh";
  const later = lastChange(alert, at) - lastChange(last, at);
  if (later > 0 || goesOn(last, at)) return "fresh";
  return last.startsAt === alert.startsAt ? "repeat" : "stale";
};

const classifyEnd = (last: Alert | undefined, alert: Alert, at: number): AlertClass => {
  if (last === undefined) return "resolved";
  const later = lastChange(alert, at) - lastChange(last, at);
  if (later > 0 || (later === 0 && last.status === "firing")) return "resolved";
  return last.startsAt === alert.startsAt ? "repeat" : "stale";
};

/** Alertmanager takes a firing for over when Prometheus cannot reach it: the same firing then arrives long after its end. */
const goesOn = (last: Alert, at: number): boolean =>
  last.status === "resolved" && at - lastChange(last, at) > lateMs;

/** A firing's start or an end. A time more than a day ahead of us is not a time. */
const lastChange = ({ status, startsAt, endsAt }: Alert, at: number): number => {
  const isTime = (instant: number | undefined): instant is number =>
    instant !== undefined && instant <= at + day;
  if (status === "resolved" && isTime(endsAt)) return endsAt;
  return isTime(startsAt) ? startsAt : 0;
};

const indexOf = (alerts: Alert[]): Map<string, Alert> =>
  new Map(alerts.map((alert) => [alert.fingerprint, alert]));
const oldestFirst = (a: Alert, b: Alert): number =>
  a.startsAt - b.startsAt || (a.fingerprint < b.fingerprint ? -1 : 1);
const isFiring = ({ status }: Alert): boolean => status === "firing";

/**
 * The alerts known after `alerts`, the oldest firing first, in whatever order and however often they come: the later
 * start or end of a label set stands. Past `maxAlerts` the ended ones are forgotten first.
 */
export const mergeAlerts = (known: Alert[], alerts: Alert[], at: number): Alert[] => {
  const index = indexOf(known);
  for (const alert of alerts) if (isNew(index, alert, at)) index.set(alert.fingerprint, alert);
  const all = [...index.values()].sort(oldestFirst);
  if (all.length <= maxAlerts) return all;
  const order = [...all.filter((alert) => !isFiring(alert)), ...all.filter(isFiring)];
  const forgotten = new Set(order.slice(0, all.length - maxAlerts));
  return all.filter((alert) => !forgotten.has(alert));
};

const isNew = (index: Map<string, Alert>, alert: Alert, at: number): boolean => {
  const kind = classify(index.get(alert.fingerprint), alert, at);
  return kind === "fresh" || kind === "resolved";
};

/** The alerts of a notification that are new to an incident. `overflow`: more alerts fire than it remembers one by one. */
export type Classified = { fresh: Alert[]; resolved: Alert[]; overflow: boolean };

export const classifyAll = (incident: Incident, alerts: Alert[], at: number): Classified => {
  const index = indexOf(incident.alerts);
  const classified: Classified = { fresh: [], resolved: [], overflow: false };
  let firingCount = incident.alerts.filter(isFiring).length;
  for (const alert of alerts) {
    if (!isNew(index, alert, at)) continue;
    const last = index.get(alert.fingerprint);
    if (last !== undefined && isFiring(last)) firingCount -= 1;
    if (isFiring(alert) && firingCount >= maxAlerts) {
      classified.overflow = true;
      continue;
    }
    if (isFiring(alert)) firingCount += 1;
    index.set(alert.fingerprint, alert);
    (isFiring(alert) ? classified.fresh : classified.resolved).push(alert);
  }
  return classified;
};

/** The latest known firing of the alert's label set. */
export const latestOf = (known: Alert[], { fingerprint }: Alert): Alert | undefined =>
  known.find((alert) => alert.fingerprint === fingerprint);

/** The latest time after a verdict at which Alertmanager may still repeat an alert that has ended. */
export const repeatedMs = 15 * 60_000;

/** Whether an alert is the very firing that is known, and goes on. */
export const isSameFiring = (known: Alert | undefined, alert: Alert): boolean =>
  known !== undefined && isFiring(known) && isFiring(alert) && known.startsAt === alert.startsAt;

/** Whether any known alert still fires. */
export const firing = (known: Alert[]): boolean => known.some(isFiring);

/** The earliest start of the alerts, within the day before `at`: their clocks are not ours. */
export const onset = (alerts: Alert[], at: number): number =>
  Math.min(at, Math.max(at - day, Math.min(...alerts.map((alert) => alert.startsAt))));

/** The alerts that fire or have ended since the round's trouble began: those of earlier rounds are remembered, and not shown. */
export const alertsOfRound = ({ alerts, onsetAt = 0 }: { alerts: Alert[]; onsetAt?: number }): Alert[] =>
  alerts.filter((alert) => isFiring(alert) || (alert.endsAt ?? 0) >= onsetAt);

/** A deploy takes effect while it goes on, and its report may tell only the end of it. */
const rolloutMs = 2 * 60_000;

/** The end of the last alert, where our own remedy did not bring it about: it was before the merge, or well before its deploy. */
export const endedWithoutFix = (
  incident: Incident,
): { at: EpochMs; before: "merge" | "deploy" } | undefined => {
  if (!("merge" in incident) || incident.merge === undefined) return undefined;
  const { merge, fix, tried, redeploy } = incident;
  const deploy = "deploy" in incident ? incident.deploy : undefined;
  const alerts = alertsOfRound(incident);
  const isOurs = fix === undefined && tried === undefined && redeploy === undefined;
  if (!isOurs || incident.truncated || firing(alerts)) return undefined;
  const at = Math.max(...alerts.flatMap(({ endsAt }) => endsAt ?? []));
  if (!Number.isFinite(at)) return undefined;
  if (at < merge.at) return { at, before: "merge" };
  return deploy?.since !== undefined && at < deploy.since - rolloutMs ? { at, before: "deploy" } : undefined;
};

/** Alerts of one name, with the labels that they share. */
export type Trouble = { name: string; labels: Record<string, string> };

/** The alerts of this round that the fix is judged by, resolved ones included, by alert name with the labels they share. */
export const troubles = (incident: Active | In<"escalated">): Trouble[] => {
  const late = new Set(incident.status === "deployed" ? unjudged(incident) : []);
  const judged = alertsOfRound(incident).filter((alert) => !late.has(alert));
  const byName = Map.groupBy(judged, (alert) => alert.name);
  return [...byName].map(([name, alerts]) => ({ name, labels: sharedLabels(alerts) }));
};

/** Whether a look at `judged` was a look at every alert that is known now: others may have been told while it read. */
export const areJudged = (incident: Active | In<"escalated">, judged: Trouble[]): boolean => {
  const looked = new Set(judged.map(asText));
  return troubles(incident).every((trouble) => looked.has(asText(trouble)));
};

const asText = ({ name, labels }: Trouble): string => JSON.stringify([name, Object.entries(labels).sort()]);

/** The names of the alerts that fired before the fix was live, also of those that resolved and fired anew since. */
export const judgedNames = ({ alerts, deploy, judged = [] }: In<"deployed">): string[] => [
  ...new Set([...judged, ...alerts.filter(({ startsAt }) => startsAt <= deploy.at).map(({ name }) => name)]),
];

/** Alerts of another name that began after the fix went live: they never count against it. */
export const unjudged = (incident: In<"deployed">): Alert[] => {
  const judged = new Set(judgedNames(incident));
  return incident.alerts.filter(({ name, startsAt }) => startsAt > incident.deploy.at && !judged.has(name));
};

/** The labels that all of the alerts carry with the same value. */
export const sharedLabels = (alerts: Alert[]): Record<string, string> => {
  const [first, ...rest] = alerts;
  const same = Object.entries(first?.labels ?? {}).filter(([label, value]) =>
    rest.every((alert) => alert.labels[label] === value),
  );
  return Object.fromEntries(same);
};
