import type { Series } from "../model.ts";

/** A lasting move of a metric: the moment, the mean before and after, and the size in its own deviations. */
export type Shift = {
  service: string;
  metric: string;
  /** Whether the metric counts incoming work. */
  load: boolean;
  /** The first point that has moved, and between which instants what moved it must lie, as far as the points tell. */
  at: number;
  cause: { from: number; to: number };
  before: number;
  after: number;
  strength: number;
  /** The time from the first point that has moved to the first that has gone nearly all the way. */
  riseMs: number;
  /** It began to climb or to fall steadily, instead of stepping. */
  isBend?: true;
  /** The alert whose own expression it is. */
  alert?: string;
};

const maxPoints = 5000;
/** Points there must be before a shift. */
const minPoints = 3;
/** The least move, in the metric's own deviations; more while few points show it. */
const needed = { usual: 3, early: 8, points: 3 };

/** The split of the points whose two sides differ most (least squares), when they differ by more than the noise around them. */
export const changePoint = (series: Series): Shift | undefined => {
  const sorted = inOrder(series.points);
  const total = sorted.reduce((sum, [, value]) => sum + value, 0);
  let left = 0;
  let best = { gain: 0, split: 0, before: 0, after: 0 };
  for (const [index, [, value]] of sorted.slice(0, -1).entries()) {
    const n = index + 1;
    left += value;
    if (n < minPoints) continue;
    const before = left / n;
    const after = (total - left) / (sorted.length - n);
    const gain = ((n * (sorted.length - n)) / sorted.length) * (before - after) ** 2;
    if (gain > best.gain) best = { gain, split: n, before, after };
  }
  if (best.split === 0) return undefined;
  const noise = sorted.reduce(
    (sum, [, value], index) => sum + (value - (index < best.split ? best.before : best.after)) ** 2,
    0,
  );
  const deviation = Math.sqrt(noise / sorted.length) + 0.02 * Math.abs(best.before) + 1e-9;
  const strength = Math.abs(best.after - best.before) / deviation;
  return strength < (sorted.length - best.split < needed.points ? needed.early : needed.usual)
    ? undefined
    : {
        ...{ service: series.service, metric: series.metric, load: isLoad(series) },
        ...{ at: timeAt(sorted, best.split), cause: causeOf(sorted, best.split) },
        ...{ before: best.before, after: best.after, strength },
        riseMs: riseOf(sorted, best.split, best),
      };
};

/** The share of the way to its new value at which a metric has arrived. */
const arrived = 0.8;

/** The time from the point at `first` until the metric has arrived at its new value. */
const riseOf = (
  points: Series["points"],
  first: number,
  { before, after }: Pick<Shift, "before" | "after">,
): number => {
  const jump = after - before;
  const at = points.findIndex(
    ([, value], index) => index >= first && (value - before) * Math.sign(jump) >= arrived * Math.abs(jump),
  );
  return timeAt(points, at < 0 ? points.length - 1 : at) - timeAt(points, first);
};

export const timeAt = (points: Series["points"], index: number): number => points[index]?.[0] ?? 0;

/** A step lies between two points; noise may move it by one more. */
const causeOf = (points: Series["points"], index: number): Shift["cause"] => ({
  from: timeAt(points, Math.max(0, index - 2)),
  to: timeAt(points, index),
});

/** The points that are numbers, the oldest first: the last ones given of too many. */
export const inOrder = (points: Series["points"], most = maxPoints): Series["points"] =>
  points
    .filter(([at, value]) => Number.isFinite(at) && Number.isFinite(value))
    .slice(-most)
    .toSorted((a, b) => a[0] - b[0]);

/** The share of the way to its new value from which a metric has left the usual range. */
const left = 0.1;

/**
 * The moment at which an alert's metric left its usual range, on the way to its value at `heldAt`, when the alert's condition held. The
 * usual is the median before, which neither the way up nor an earlier spike moves.
 */
export const departurePoint = (series: Series, heldAt: number): Shift | undefined => {
  const sorted = inOrder(series.points);
  const held = sorted.findIndex(([at]) => at >= heldAt);
  if (held < minPoints) return undefined;
  const values = sorted.map(([, value]) => value);
  const before = median(values.slice(0, held));
  const after = median(values.slice(held));
  const jump = after - before;
  const deviation = deviationOf(values.slice(0, held));
  if (Math.abs(jump) < needed.usual * deviation) return undefined;
  const enough = Math.max(needed.usual * deviation, left * Math.abs(jump));
  let first = held;
  while (first > 0 && ((values[first - 1] ?? before) - before) * Math.sign(jump) > enough) first--;
  return {
    ...{ service: series.service, metric: series.metric, load: isLoad(series) },
    ...(series.alert === undefined ? {} : { alert: series.alert }),
    ...{ at: timeAt(sorted, first), cause: causeOf(sorted, first) },
    ...{ before, after, strength: Math.abs(jump) / deviation },
    riseMs: riseOf(sorted, first, { before, after }),
  };
};

/** The median absolute deviation, never 0. */
export const deviationOf = (values: number[]): number => {
  const usual = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - usual))) + 0.02 * Math.abs(usual) + 1e-9;
};

export const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/** A `throughput` counts the work that a service gets done, which is not load: its fall is trouble. */
const load = /request|rps|qps|traffic|connections?_total|queue_in/i;
const noLoad = /error|fail|latency|duration|5xx|seconds|per_request/i;
/** An alert on requests is about how they fare unless it says that it is about how many come; a share of them never is. */
const loadAlert = /(request|connection)s?_?(rate|volume|count)|traffic|rps|qps/i;
/** Whether a series counts incoming work, by its configuration or its name. No commit causes a jump of that. */
export const isLoad = ({
  metric,
  load: configured,
  alert,
}: Pick<Series, "metric" | "alert"> & { load?: boolean }): boolean => {
  if (configured !== undefined) return configured;
  if (noLoad.test(metric)) return false;
  return alert === undefined ? load.test(metric) : loadAlert.test(metric) && !metric.endsWith("'s ratio");
};
