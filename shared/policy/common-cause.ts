import type { IncidentId } from "../brands.ts";
import { type Active, type Alert, type Incident, isActive } from "../incident/model.ts";
import { ownValue } from "../records.ts";

/** Services are held for one cause when so many of them share one value of a label, or all are in trouble, within `withinMs`. */
export type HoldRule = { labels: string[]; services: number; withinMs: number };

/** A cause that no change of one service explains. `leader` is the incident that tells people of it. */
export type Cause = { key: string; services: string[]; leader: IncidentId };

/** The key of the cause that every service shares. */
const every = "every service";

/**
 * The cause that the incident shares with other services. `active` are the incidents under way, `configured` is the number of services.
 * A cause that holds another incident already is joined at any time.
 */
export const commonCause = (
  rule: HoldRule,
  incident: Active,
  { active, configured }: { active: Incident[]; configured: number },
): Cause | undefined => {
  const open = active.filter(isActive);
  const keys = [...keysOf(rule, incident), every];
  const known = keys.find((key) => open.some((one) => isHeldBy(one, key)));
  if (known !== undefined) return joined(known, incident, open);
  for (const key of keys) {
    const sharing = [incident, ...open.filter(({ id }) => id !== incident.id)].filter((one) =>
      isSharing(rule, key, { one, incident }),
    );
    const services = [...new Set(sharing.map(({ service }) => service))].sort();
    if (services.length < Math.max(rule.services, key === every ? configured : 0)) continue;
    return { key, services, leader: leaderOf(key, sharing) };
  }
  return undefined;
};

const isHeldBy = ({ held }: Active, key: string): boolean => held?.by === "cause" && held.cause === key;

/** Most incidents of a storm join a known cause, so their alerts are not compared again. */
const joined = (key: string, incident: Active, open: Active[]): Cause => {
  const sharing = [...open.filter((one) => one.id !== incident.id && isHeldBy(one, key)), incident];
  const services = [...new Set(sharing.map(({ service }) => service))].sort();
  return { key, services, leader: leaderOf(key, sharing) };
};

/** The number of services that are still in trouble by the cause: with fewer than the rule's it is over. */
export const servicesIn = (rule: HoldRule, key: string, active: Incident[]): string[] => {
  const isIn = (one: Active): boolean =>
    one.alerts.some(isFiring) && (key === every || isHeldBy(one, key) || keysOf(rule, one).includes(key));
  const firing = active.filter(isActive).filter(isIn);
  return [...new Set(firing.map(({ service }) => service))].sort();
};

const isSharing = (
  rule: HoldRule,
  key: string,
  { one, incident }: { one: Active; incident: Active },
): boolean => {
  if (one.held?.by === "cause") return false;
  const [here, there] = [startOf(rule, key, incident), startOf(rule, key, one)];
  return here !== undefined && there !== undefined && Math.abs(here - there) <= rule.withinMs;
};

/** The start of the incident's trouble by this cause. */
const startOf = (rule: HoldRule, key: string, { alerts }: Active): number | undefined => {
  const starts = alerts
    .filter((alert) => isFiring(alert) && (key === every || keysOfAlert(rule, alert).includes(key)))
    .map(({ startsAt }) => startsAt);
  return starts.length === 0 ? undefined : Math.min(...starts);
};

const isFiring = ({ status }: Alert): boolean => status === "firing";

/** `LABEL=VALUE` of each label of the rule that a firing alert carries. */
const keysOf = (rule: HoldRule, { alerts }: Active): string[] => [
  ...new Set(alerts.filter(isFiring).flatMap((alert) => keysOfAlert(rule, alert))),
];

const keysOfAlert = ({ labels }: HoldRule, alert: Alert): string[] =>
  labels.flatMap((label) => {
    const value = ownValue(alert.labels, label);
    return value === undefined || value === "" ? [] : [`${label}=${value}`];
  });

/** The leader of those that are held already, else the one that opened first. */
const leaderOf = (key: string, sharing: Active[]): IncidentId => {
  const known = sharing.flatMap(({ held }) =>
    held?.by === "cause" && held.cause === key ? [held.leader] : [],
  );
  const ids = new Set(sharing.map(({ id }) => id));
  const leader = known.find((id) => ids.has(id));
  const first = sharing.toSorted((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1))[0];
  return leader ?? first?.id ?? "";
};
