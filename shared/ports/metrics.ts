import type { Service } from "./service.ts";

/** What a query over a window showed about one alert. */
export type Reading =
  | { result: "quiet"; since: number }
  | { result: "firing"; at: number }
  | { result: "unknown"; detail: string };

/**
 * What an alert watches: how long its expression must hold before it fires, and the values that it compares. `metric` names them for
 * people, points are [epoch ms, value]. `versions` are the same, each of one value of the service's `versionLabel`. `unread` is a sentence
 * about what could not be read.
 */
export type Course = {
  forMs: number;
  series: Measured[];
  versions?: (Measured & { version: string })[];
  unread?: string;
};

/** A metric's name for people, and its points as [epoch ms, value]. */
export type Measured = { metric: string; points: [number, number][] };

/** The place where the trouble is measured. Never throws: what cannot be read is "unknown", or not there and told. */
export interface Metrics {
  /** Whether the alert's own expression has been quiet over [from, to], with data to show it. */
  read(
    service: Service,
    alert: { name: string; labels: Record<string, string> },
    window: { from: number; to: number },
  ): Promise<Reading>;
  /** What one query says now: its one value, or the sum of several; why there is none. */
  value(query: string, at: number): Promise<{ value: number } | { unread: string }>;
  /** What one query says over a window, from its start to its end: its one series, or the sum of several; why there is none. */
  values(
    query: string,
    window: { from: number; to: number },
  ): Promise<{ points: [number, number][] } | { unread: string }>;
  /** The course, up to `now`, of what the alert's own expression compares: one query, and one more by version where that is another. */
  course(
    service: Service,
    alert: { name: string; labels: Record<string, string>; startsAt: number },
    now: number,
  ): Promise<Course>;
}
