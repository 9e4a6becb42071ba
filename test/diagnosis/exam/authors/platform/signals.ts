import type { Point, Series } from "./case.ts";
import type { Random } from "./random.ts";

/** Bends the undisturbed value at a moment. */
export type Bend = (value: number, at: number) => number;
export type Window = { from: number; to: number; everyMs: number };
export type Base = { level: number; noise?: number; daily?: number; whole?: boolean };

/** A count that stands still. */
export const whole = (level: number): Base => ({ level, noise: 0, whole: true });
/** A value without noise. */
export const fixed = (level: number): Base => ({ level, noise: 0 });
export const calm: Bend = (value) => value;
/** Adds `by` from `since` on, reached within about a minute. */
export const step =
  (since: number, by: number): Bend =>
  (value, at) =>
    at < since ? value : value + by * Math.min(1, (at - since + 15_000) / 60_000);
export const times =
  (since: number, factor: number): Bend =>
  (value, at) =>
    at < since ? value : value * (1 + (factor - 1) * Math.min(1, (at - since + 15_000) / 90_000));
/** Grows evenly from `since` until `until`, by `by` in total, and stays. */
export const ramp =
  (since: number, until: number, by: number): Bend =>
  (value, at) =>
    at < since ? value : value + by * Math.min(1, (at - since) / Math.max(1, until - since));
/** Climbs by `by` in each period and falls back, as a container that is killed and started again. */
export const saw =
  (since: number, periodMs: number, by: number): Bend =>
  (value, at) =>
    at < since ? value : value + by * (((at - since) % periodMs) / periodMs);
/** Exactly `after` from `since` on. */
export const becomes =
  (since: number, after: number): Bend =>
  (value, at) =>
    at < since ? value : after;
export const only =
  (from: number, to: number): Bend =>
  (value, at) =>
    at < from || at > to ? Number.NaN : value;
export const both =
  (first: Bend, second: Bend): Bend =>
  (value, at) =>
    second(first(value, at), at);

const dayMs = 86_400_000;

const rounded = (value: number, whole: boolean) => {
  const floor = Math.max(0, value);
  if (whole) return Math.round(floor);
  const scale = floor >= 1000 ? 1 : floor >= 10 ? 100 : 10_000;
  return Math.round(floor * scale) / scale;
};

/** The points of a metric: daily shape, noise that has some memory, gaps, then the bend. */
export const points = (r: Random, window: Window, base: Base, bend: Bend): Point[] => {
  const found: Point[] = [];
  const noise = base.noise ?? 0.06;
  const offset = r.int(0, window.everyMs - 1);
  let drift = 0;
  let gap = 0;
  for (let at = window.from + offset; at <= window.to; at += window.everyMs) {
    drift = drift * 0.7 + r.normal() * 0.7;
    const phase = Math.sin(((at % dayMs) / dayMs) * 2 * Math.PI - Math.PI / 2);
    const level = base.level * (1 + (base.daily ?? 0) * phase) * (1 + noise * drift);
    if (gap === 0 && r.chance(0.004)) gap = r.int(1, 4);
    const value = bend(level, at);
    if (Number.isNaN(value)) continue;
    found.push([at, gap > 0 ? null : rounded(value, base.whole ?? false)]);
    gap = Math.max(0, gap - 1);
  }
  return found;
};

const ordinary: readonly [string, Base][] = [
  ["http_requests_per_second", { level: 120, noise: 0.08, daily: 0.5 }],
  ["http_request_duration_p95_ms", { level: 84, noise: 0.1, daily: 0.15 }],
  ["container_cpu_usage_cores", { level: 1.4, noise: 0.08, daily: 0.4 }],
  ["container_memory_working_set_mib", { level: 610, noise: 0.02, daily: 0.05 }],
  ["kube_pod_restarts_total", { level: 3, noise: 0, whole: true }],
  ["db_pool_in_use", { level: 14, noise: 0.2, daily: 0.4, whole: true }],
  ["node_load1", { level: 5.2, noise: 0.15, daily: 0.3 }],
  ["queue_messages_ready", { level: 42, noise: 0.3, daily: 0.2, whole: true }],
  ["process_open_fds", { level: 230, noise: 0.05, whole: true }],
  ["outbound_request_errors_per_second", { level: 0.2, noise: 0.5 }],
  ["network_receive_mib_per_second", { level: 7.4, noise: 0.1, daily: 0.5 }],
  ["gc_pause_seconds_p99", { level: 0.031, noise: 0.2 }],
];

const counter = (r: Random, window: Window): Point[] => {
  let total = r.int(1000, 900_000);
  return points(r, window, { level: 40, noise: 0.2, daily: 0.4 }, calm).map(([at, value]): Point => {
    total = r.chance(0.004) ? 0 : total + Math.round(value ?? 0);
    return [at, value === null ? null : total];
  });
};

/** An undisturbed series of a service, other than those in `taken`. */
export const quietSeries = (
  r: Random,
  window: Window,
  names: readonly string[],
  taken: Set<string>,
): Series => {
  const service = r.pick(names);
  const [metric, base] = r.pick(ordinary);
  if (taken.has(`${service} ${metric}`)) {
    const suffix = `jobs_processed_total{queue="${r.pick(["default", "low", "mail", "export", "audit"])}${r.int(1, 9)}"}`;
    return { service, metric: suffix, points: counter(r, window) };
  }
  taken.add(`${service} ${metric}`);
  const level = base.level * (0.6 + r.next() * 1.2);
  return { service, metric, points: points(r, window, { ...base, level }, calm) };
};
