import type { Sample } from "./exposition.ts";

/** `value` is undefined where the series ended: Prometheus' staleness marker. */
export type Point = { at: number; value: number | undefined };
export type OneSeries = { labels: Record<string, string>; points: Point[] };
export type Matcher = { name: string; op: "=" | "!=" | "=~" | "!~"; value: string };
export type Series = {
  /** Stores one scrape; series that it lacks end here. */
  append(samples: Sample[], at: number): void;
  select(matchers: Matcher[]): OneSeries[];
};

/** How long points are kept. */
const retentionMs = 30 * 60_000;

/** The samples scraped so far, in memory. */
export const createSeries = (): Series => {
  const all = new Map<string, OneSeries>();

  const add = (labels: Record<string, string>, at: number, value: number | undefined): void => {
    const key = keyOf(labels);
    const one = all.get(key) ?? { labels, points: [] };
    one.points.push({ at, value });
    while (one.points[0]!.at < at - retentionMs) one.points.shift();
    all.set(key, one);
  };

  return {
    append(samples, at) {
      const seen = new Set(samples.map(({ labels }) => keyOf(labels)));
      for (const { labels, value } of samples) add(labels, at, value);
      for (const [key, { labels, points }] of all) {
        if (!seen.has(key) && points.at(-1)?.value !== undefined) add(labels, at, undefined);
      }
    },
    select: (matchers) =>
      [...all.values()].filter(({ labels }) => matchers.every((one) => matches(one, labels[one.name] ?? ""))),
  };
};

/** The same for equal label sets, whatever their order. */
export const keyOf = (labels: Record<string, string>): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

const matches = ({ op, value }: Matcher, actual: string): boolean => {
  if (op === "=") return actual === value;
  if (op === "!=") return actual !== value;
  const found = new RegExp(`^(?:${value})$`, "s").test(actual);
  return op === "=~" ? found : !found;
};
