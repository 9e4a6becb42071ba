import type { Active, Alert, Incident } from "./model.ts";

/** What an alert means to an incident that knows others already. */
export type Standing = "news" | "resolves" | "repeat" | "stale";

/** Alerts an incident remembers; the oldest firings are forgotten first. */
export const maxAlerts = 100;
const day = 24 * 60 * 60 * 1000;

/** The latest time a notification about a firing that is over may still arrive. */
const lateMs = 5 * 60_000;

/**
 * What the alert means beside `last`, which is known of its label set. Replicas tell one firing with several starts, so a firing is
 * compared by its start and an end by its end: the later one stands. `repeat`: known already. `stale`: something later is known.
 */
export const standing = (last: Alert | undefined, alert: Alert, at: number): Standing => {
  if (alert.status === "resolved") return standingOfEnd(last, alert, at);
  if (last === undefined) return "news";
  const later = tellingTime(alert, at) - tellingTime(last, at);
  if (later > 0 || goesOn(last, at)) return "news";
  return last.startsAt === alert.startsAt ? "repeat" : "stale";
};

const standingOfEnd = (last: Alert | undefined, alert: Alert, at: number): Standing => {
  if (last === undefined) return "resolves";
  const later = tellingTime(alert, at) - tellingTime(last, at);
  if (later > 0 || (later === 0 && last.status === "firing")) return "resolves";
  return last.startsAt === alert.startsAt ? "repeat" : "stale";
};

/** Alertmanager takes a firing for over when Prometheus cannot reach it: the same firing then arrives long after its end. */
const goesOn = (last: Alert, at: number): boolean =>
  last.status === "resolved" && at - tellingTime(last, at) > lateMs;

/** A firing's start or an end. A time more than a day ahead of us is not a time. */
const tellingTime = ({ status, startsAt, endsAt }: Alert, at: number): number => {
  const isTime = (instant: number | undefined): instant is number =>
    instant !== undefined && instant <= at + day;
  if (status === "resolved" && isTime(endsAt)) return endsAt;
  return isTime(startsAt) ? startsAt : 0;
};

const byPrint = (alerts: Alert[]): Map<string, Alert> =>
  new Map(alerts.map((alert) => [alert.fingerprint, alert]));
const oldestFirst = (a: Alert, b: Alert): number =>
  a.startsAt - b.startsAt || (a.fingerprint < b.fingerprint ? -1 : 1);
const isFiring = ({ status }: Alert): boolean => status === "firing";

/**
 * The alerts known after `alerts`, the oldest firing first, in whatever order and however often they come: the later
 * start or end of a label set stands. Past `maxAlerts` the ended ones are forgotten first.
 */
export const learn = (known: Alert[], alerts: Alert[], at: number): Alert[] => {
  const book = byPrint(known);
  for (const alert of alerts) if (tells(book, alert, at)) book.set(alert.fingerprint, alert);
  const all = [...book.values()].sort(oldestFirst);
  if (all.length <= maxAlerts) return all;
  const order = [...all.filter((alert) => !isFiring(alert)), ...all.filter(isFiring)];
  const forgotten = new Set(order.slice(0, all.length - maxAlerts));
  return all.filter((alert) => !forgotten.has(alert));
};

const tells = (book: Map<string, Alert>, alert: Alert, at: number): boolean => {
  const what = standing(book.get(alert.fingerprint), alert, at);
  return what === "news" || what === "resolves";
};

/** What a notification tells an incident: `crowded` when more alerts fire than it remembers one by one. */
export type Sifted = { news: Alert[]; resolves: Alert[]; crowded: boolean };

/** The alerts of a notification that tell this incident something, split by what they tell. */
export const sift = (incident: Incident, alerts: Alert[], at: number): Sifted => {
  const book = byPrint(incident.alerts);
  const sifted: Sifted = { news: [], resolves: [], crowded: false };
  let burning = incident.alerts.filter(isFiring).length;
  for (const alert of alerts) {
    if (!tells(book, alert, at)) continue;
    const last = book.get(alert.fingerprint);
    if (last !== undefined && isFiring(last)) burning -= 1;
    if (isFiring(alert) && burning >= maxAlerts) {
      sifted.crowded = true;
      continue;
    }
    if (isFiring(alert)) burning += 1;
    book.set(alert.fingerprint, alert);
    (isFiring(alert) ? sifted.news : sifted.resolves).push(alert);
  }
  return sifted;
};

/** What is known of one label set. */
export const lastOf = (known: Alert[], { fingerprint }: Alert): Alert | undefined =>
  known.find((alert) => alert.fingerprint === fingerprint);

/** Whether any known alert still fires. */
export const firing = (known: Alert[]): boolean => known.some(isFiring);

/** When the trouble began as the alerts tell it, kept within the day before `at`: their clocks are not ours. */
export const onset = (alerts: Alert[], at: number): number =>
  Math.min(at, Math.max(at - day, Math.min(...alerts.map((alert) => alert.startsAt))));

/** The alerts that fire or have ended since the round's trouble began: those of earlier rounds are remembered, and not shown. */
export const alertsOfRound = ({ alerts, onsetAt = 0 }: { alerts: Alert[]; onsetAt?: number }): Alert[] =>
  alerts.filter((alert) => isFiring(alert) || (alert.endsAt ?? 0) >= onsetAt);

/** The alerts of this round, those that have resolved included, by alert name with the labels they share. */
export const troubles = (incident: Active): { name: string; labels: Record<string, string> }[] => {
  const byName = Map.groupBy(alertsOfRound(incident), (alert) => alert.name);
  return [...byName].map(([name, alerts]) => ({ name, labels: shared(alerts) }));
};

const shared = (alerts: Alert[]): Record<string, string> => {
  const [first, ...rest] = alerts;
  const same = Object.entries(first?.labels ?? {}).filter(([label, value]) =>
    rest.every((alert) => alert.labels[label] === value),
  );
  return Object.fromEntries(same);
};
