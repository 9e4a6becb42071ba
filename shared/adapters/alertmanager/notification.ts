import { BadRequest } from "../../errors.ts";
import type { Alert } from "../../incident/model.ts";
import { isRecord } from "../../records.ts";

/**
 * One webhook. `truncated`: the group holds more alerts than the webhook lists. `groupKey` is opaque. `malformed`: the alerts that cannot be
 * read, by their place in the list.
 */
export type Notification = {
  alerts: Alert[];
  malformed: MalformedAlert[];
  truncated: boolean;
  groupKey: string;
};
/** `problem` is a sentence without values. The name and the fingerprint are empty where they are not texts. */
export type MalformedAlert = { index: number; alertname: string; fingerprint: string; problem: string };

/** More alerts than this are left out, and the notification counts as truncated. */
export const maxAlerts = 2000;
const maxPairs = 128;
const maxName = 1024;
/** Longer label and annotation values are cut, in UTF-16 units. */
export const maxValue = 4096;

/**
 * Reads the JSON of an Alertmanager webhook, version 4 (prometheus/alertmanager, notify/webhook and template.Data), or of Grafana's, version 1.
 * Unknown fields are ignored. Throws BadRequest saying what is wrong and where, in one sentence without values; one malformed alert
 * refuses itself and not its group.
 * Walked by hand: a schema takes about three times the CPU of this, the hottest path there is; a test holds it to one.
 */
export const parseWebhook = (json: unknown): Notification => {
  if (!isRecord(json)) throw new BadRequest(400, "not a JSON object");
  const { version, alerts, truncatedAlerts = 0, groupKey = "" } = json;
  if (version !== "4" && !isGrafana(json)) throw new BadRequest(400, wrongVersion(version));
  if (!Array.isArray(alerts)) throw new BadRequest(400, "alerts: not a list");
  if (typeof truncatedAlerts !== "number") throw new BadRequest(400, "truncatedAlerts: not a number");
  if (typeof groupKey !== "string") throw new BadRequest(400, "groupKey: not a string");
  const truncated = truncatedAlerts > 0 || alerts.length > maxAlerts;
  return { ...readAlerts(alerts.slice(0, maxAlerts)), truncated, groupKey };
};

/** A malformed alert is left out of its group. Throws BadRequest with the first problem when no alert is valid. */
const readAlerts = (all: unknown[]): Pick<Notification, "alerts" | "malformed"> => {
  const alerts: Alert[] = [];
  const malformed: MalformedAlert[] = [];
  for (const [index, json] of all.entries()) {
    try {
      alerts.push(toAlert(json, index));
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      malformed.push({ index, ...identityOf(json), problem: error.message });
    }
  }
  const [first] = malformed;
  if (first !== undefined && alerts.length === 0) throw new BadRequest(400, first.problem);
  return { alerts, malformed };
};

const identityOf = (json: unknown): Pick<MalformedAlert, "alertname" | "fingerprint"> => {
  if (!isRecord(json)) return { alertname: "", fingerprint: "" };
  const name = isRecord(json.labels) ? json.labels.alertname : undefined;
  return { alertname: textOf(name), fingerprint: textOf(json.fingerprint) };
};
const textOf = (json: unknown): string => (typeof json === "string" ? bounded(json) : "");

/** Grafana-managed alerts come in the same form, with more fields (grafana/alerting, receivers/webhook/v1). */
const isGrafana = ({ version, orgId }: Record<string, unknown>): boolean =>
  version === "1" && typeof orgId === "number";

const wrongVersion = (version: unknown): string => {
  if (version === undefined)
    return 'version: missing; only Alertmanager\'s own webhook body, version "4", is understood';
  if (version === "1") return 'version: "1" is Grafana\'s webhook, which has a number orgId';
  return 'version: only Alertmanager\'s webhook version "4", and Grafana\'s version "1", are understood';
};

const toAlert = (json: unknown, index: number): Alert => {
  const at = `alerts[${index}]`;
  if (!isRecord(json)) throw new BadRequest(400, `${at}: not an object`);
  const { status, fingerprint } = json;
  if (status !== "firing" && status !== "resolved")
    throw new BadRequest(400, `${at}.status: neither "firing" nor "resolved"`);
  if (typeof fingerprint !== "string" || !/^[0-9a-fA-F]{1,64}$/.test(fingerprint))
    throw new BadRequest(400, `${at}.fingerprint: not a hexadecimal hash`);
  const labels = pairs(json.labels, at, "labels");
  const ended = status === "resolved" && json.endsAt !== undefined && json.endsAt !== never;
  // In the order of their names, in which the record is hashed.
  return {
    annotations: { ...pairs(json.annotations ?? {}, at, "annotations"), ...linksOf(json) },
    ...(ended && { endsAt: instant(json.endsAt, at, "endsAt") }),
    fingerprint,
    labels,
    name: labels.alertname ?? "unnamed",
    startsAt: instant(json.startsAt, at, "startsAt"),
    status,
  };
};

/** The page on which Grafana shows the alert. */
const linksOf = ({ dashboardURL, panelURL }: Record<string, unknown>): Record<string, string> => ({
  ...(typeof dashboardURL === "string" && dashboardURL !== "" && { dashboardURL: bounded(dashboardURL) }),
  ...(typeof panelURL === "string" && panelURL !== "" && { panelURL: bounded(panelURL) }),
});

/** Go's zero time: a resolved alert that carries it tells no end. */
const never = "0001-01-01T00:00:00Z";

const pairs = (json: unknown, at: string, field: string): Record<string, string> => {
  if (!isRecord(json)) throw new BadRequest(400, `${at}.${field}: not an object`);
  const result: Record<string, string> = {};
  let count = 0;
  for (const name in json) {
    const value = json[name];
    if (typeof value !== "string") throw new BadRequest(400, `${at}.${field}: a value is not a string`);
    if (++count > maxPairs) throw new BadRequest(400, `${at}.${field}: more than ${maxPairs} entries`);
    if (name.length > maxName)
      throw new BadRequest(400, `${at}.${field}: a name of more than ${maxName} characters`);
    // No real label, and on a plain object not a key like others.
    if (name !== "__proto__") result[name] = bounded(value);
  }
  return result;
};

const bounded = (value: string): string => {
  if (value.length > maxValue) return `${value.slice(0, maxValue - 1).toWellFormed()}…`;
  return value.isWellFormed() ? value : value.toWellFormed();
};

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** Epoch ms of an RFC 3339 time, its nanoseconds cut off. */
const instant = (json: unknown, at: string, field: string): number => {
  const ms = typeof json === "string" && rfc3339.test(json) ? Date.parse(json) : Number.NaN;
  if (Number.isNaN(ms)) throw new BadRequest(400, `${at}.${field}: not an RFC 3339 time`);
  return ms;
};
