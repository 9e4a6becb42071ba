import { request as http } from "node:http";
import { request as https } from "node:https";

/** The collector's address, the function that runs, and its time. `patience` ends the wait for one answer of the collector. */
export type Exporting = {
  endpoint: string;
  name: string;
  clock: () => number;
  patience?: (() => AbortSignal) | undefined;
};
export type Recorded = Record<string, unknown>;

/** An event is answered so many ms later at most, however slow the collector is. */
const patienceMs = 200;
const usualPatience = (): AbortSignal => AbortSignal.timeout(patienceMs);
/** Records of so long a time after a failure are dropped, so that a collector that is down costs one event in a minute its patience. */
const pauseMs = 60_000;
/** More records of one event are dropped. */
const most = 500;

/** Keeps what an event records, until `flush` sends it. */
export type Exporter = { keep: (record: Recorded) => void; flush: () => Promise<boolean> };

/**
 * Sends records as OTLP's JSON over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp). `resourced` is the request that holds them. The SDK
 * of OpenTelemetry would be 150 KB in each function.
 */
export const exporterTo = (
  { endpoint, name, clock, patience = usualPatience }: Exporting,
  path: string,
  resourced: (resource: Recorded, records: Recorded[]) => Recorded,
): Exporter => {
  const url = new URL(`${endpoint.replace(/\/+$/, "")}${path}`);
  const resource = { attributes: pairsOf({ "service.name": "countersteer", "faas.name": name }) };
  const kept: Recorded[] = [];
  let pausedUntil = 0;
  return {
    keep: (record) => {
      if (kept.length < most) kept.push(record);
    },
    flush: async () => {
      const records = kept.splice(0);
      if (records.length === 0 || clock() < pausedUntil) return true;
      const isSent = await post(url, JSON.stringify(resourced(resource, records)), patience());
      if (!isSent) pausedUntil = clock() + pauseMs;
      return isSent;
    },
  };
};

const post = (url: URL, body: string, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const send = url.protocol === "http:" ? http : https;
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = send(url, { method: "POST", headers, signal }, (answer) => {
      answer.resume().on("error", () => resolve(false));
      resolve(answer.statusCode !== undefined && answer.statusCode < 300);
    });
    sent.on("error", () => resolve(false));
    sent.end(body);
  });

/** Attributes of OTLP; those without a value are left out. */
export const pairsOf = (attributes: Readonly<Record<string, unknown>>): Recorded[] =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValueOf(value) }],
  );

const anyValueOf = (value: unknown): Recorded => {
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number")
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map((one) => anyValueOf(one ?? "")) } };
  if (typeof value === "object" && value !== null)
    return { kvlistValue: { values: pairsOf(value as Readonly<Record<string, unknown>>) } };
  return value === null ? {} : { stringValue: String(value) };
};
