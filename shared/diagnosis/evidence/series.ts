import type { Series } from "../case.ts";

/** Where a metric moved for good: the moment, the mean before and after, and by how many of its own deviations. */
export type Shift = {
  service: string;
  metric: string;
  at: number;
  before: number;
  after: number;
  strength: number;
};

const maxPoints = 5000;
/** Points there must be before a shift. */
const least = 3;
/** How many of its own deviations a metric must move; more while few points show it. */
const needed = { usual: 3, early: 8, points: 3 };

/** The split of the points whose two sides differ most (least squares), when they differ by more than the noise around them. */
export const shiftOf = ({ service, metric, points }: Series): Shift | undefined => {
  const sorted = points
    .filter(([at, value]) => Number.isFinite(at) && Number.isFinite(value))
    .slice(-maxPoints)
    .toSorted((a, b) => a[0] - b[0]);
  const total = sorted.reduce((sum, [, value]) => sum + value, 0);
  let left = 0;
  let best = { gain: 0, split: 0, before: 0, after: 0 };
  for (let n = 1; n < sorted.length; n++) {
    left += sorted[n - 1]![1];
    if (n < least) continue;
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
    : { service, metric, at: sorted[best.split]![0], before: best.before, after: best.after, strength };
};

/** How much of the way to its new value a metric must be to have left the usual. */
const left = 0.1;

/**
 * When what an alert watches left the usual, on its way to where it was when the alert's condition held, at `heldAt`. The usual is the
 * median before, which neither the way up nor an earlier spike moves.
 */
export const departureOf = ({ service, metric, points }: Series, heldAt: number): Shift | undefined => {
  const sorted = points
    .filter(([at, value]) => Number.isFinite(at) && Number.isFinite(value))
    .slice(-maxPoints)
    .toSorted((a, b) => a[0] - b[0]);
  const held = sorted.findIndex(([at]) => at >= heldAt);
  if (held < least) return undefined;
  const values = sorted.map(([, value]) => value);
  const before = median(values.slice(0, held));
  const after = median(values.slice(held));
  const spread = 1.4826 * median(values.slice(0, held).map((value) => Math.abs(value - before)));
  const jump = after - before;
  const deviation = spread + 0.02 * Math.abs(before) + 1e-9;
  if (Math.abs(jump) < needed.usual * deviation) return undefined;
  const enough = Math.max(needed.usual * deviation, left * Math.abs(jump));
  let first = held;
  while (first > 0 && (values[first - 1]! - before) * Math.sign(jump) > enough) first--;
  return { service, metric, at: sorted[first]![0], before, after, strength: Math.abs(jump) / deviation };
};

const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

const load = /request|rps|qps|traffic|throughput|connections?_total|queue_in/i;
/** A metric that counts what comes in: when it jumps, nobody's commit did it. */
export const isLoad = (metric: string): boolean =>
  load.test(metric) && !/error|fail|latency|duration|5xx|seconds/i.test(metric);
