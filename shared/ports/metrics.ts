import type { System } from "../brands.ts";
import type { RuleText, Verdict } from "../incident/recovery.ts";
import type { Service } from "./service.ts";

export type Labels = Record<string, string>;
/** The instants at which a window is looked at: `start + i · stepMs` for i in [0, count). Epoch ms. */
export type Grid = { start: number; stepMs: number; count: number };
/**
 * One series of a query's result. Points are [epoch ms, value]; the value of a native histogram is its count. `overflow`: the last point of a
 * native histogram holds observations above this bound, which is its largest.
 */
export type Series = { labels: Labels; points: [number, number][]; overflow?: number };

/** A reading of one alert over a window. `verdict` names a finding other than "still firing". `detail` is a sentence. `failed`: the system that could not be asked. `until`: when to look again. */
export type Reading =
  | { result: "quiet"; since: number }
  | { result: "firing"; at: number; verdict?: Verdict; detail?: string; until?: number }
  | { result: "unknown"; detail: string; verdict?: Verdict; failed?: System };

/**
 * The values that an alert compares: how long its expression must hold before it fires, and its series. `versions` are
 * the same, each of one value of the service's `versionLabel`. `unread` is a sentence about a failed read.
 */
export type Course = {
  forMs: number;
  series: Measured[];
  versions?: (Measured & { version: string })[];
  /** The rule's expression as it is evaluated, and the labels that the rule sets. */
  rule?: { expr: string; labels: Labels };
  unread?: string;
};

/** A metric's name for people, and its points as [epoch ms, value]. */
export type Measured = { metric: string; points: [number, number][] };

/** An alerting rule as Prometheus evaluates it now, and the labels of its alerts that are active now. */
export type ActiveRule = RuleText & { active: Labels[] };

/** Prometheus, or a system with its HTTP API. */
export interface Metrics {
  /** Every alerting rule of the name. Throws UpstreamError. */
  rules(service: Pick<Service, "metrics">, name: string): Promise<ActiveRule[]>;
  /** The expressions that record each of these metrics, of those that a rule records. Throws UpstreamError. */
  recordings(service: Pick<Service, "metrics">, names: string[]): Promise<Record<string, string[]>>;
  /** The result of a query at each instant of the grid. Throws UpstreamError, also for a partial answer. */
  range(service: Pick<Service, "metrics">, query: string, grid: Grid): Promise<Series[]>;
  /** The value of a query now: of one series, or the sum of several. Never throws. */
  value(
    service: Pick<Service, "metrics">,
    query: string,
    at: number,
  ): Promise<{ value: number } | { unread: string }>;
  /** The values of a query over a window: of one series, or the sum of several. Never throws. */
  values(
    service: Pick<Service, "metrics">,
    query: string,
    window: { from: number; to: number },
  ): Promise<{ points: [number, number][] } | { unread: string }>;
  /** The labels of the series that a query returns, as they are at `at` or were up to ten minutes before. Never throws. */
  labels(
    service: Pick<Service, "metrics">,
    query: string,
    at: number,
  ): Promise<{ labels: Labels[] } | { unread: string }>;
  /** The values that the alert's expression compares, up to `now` and as far back as `since`, at most a day. Never throws. */
  course(
    service: Service,
    alert: { name: string; labels: Labels; startsAt: number; since?: number },
    now: number,
  ): Promise<Course>;
}
