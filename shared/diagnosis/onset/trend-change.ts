import type { Series } from "../model.ts";
import { inOrder, isLoad, type Shift, timeAt } from "./change-point.ts";

/** Points there must be before a bend and after it. */
const minPoints = 5;
/** The least share of the points' variance about their mean that the bend must explain. */
const explained = 0.7;
/** The greatest time from the found position of a bend to its real one. */
const longest = 60 * 60_000;

/**
 * Finds where a level metric began to climb or to fall steadily, as leaks and filling disks do: the bend between a flat and a sloped line
 * that fit its points best (least squares); undefined where `step` fits better. `before` is the level, `after` the last value of the slope.
 */
export const trendChange = (series: Series, step?: Shift): Shift | undefined => {
  const points = upToReset(inOrder(series.points));
  if (points.length < 2 * minPoints) return undefined;
  const start = timeAt(points, 0);
  const mean = points.reduce((sum, [, value]) => sum + value, 0) / points.length;
  const variance = points.reduce((sum, [, value]) => sum + (value - mean) ** 2, 0);
  // Sums over the points from the bend on, taken back to front; time in minutes since the first, values about their mean.
  const sums = { n: 0, t: 0, tt: 0, y: 0, ty: 0 };
  let best = { left: variance, at: -1, level: 0, slope: 0 };
  for (let index = points.length - 1; index >= minPoints; index--) {
    const t = (timeAt(points, index) - start) / 60_000;
    const y = (points[index]?.[1] ?? mean) - mean;
    sums.n += 1;
    sums.t += t;
    sums.tt += t * t;
    sums.y += y;
    sums.ty += t * y;
    if (sums.n < minPoints) continue;
    const fit = fitAt((timeAt(points, index - 1) - start) / 60_000, sums, points.length);
    if (fit === undefined) continue;
    // Rounding makes a perfect fit explain a little more than all.
    const left = Math.max(0, variance - fit.gain);
    if (left < best.left) best = { left, at: index, level: fit.level, slope: fit.slope };
  }
  if (best.at < 0 || best.left > (1 - explained) * variance) return undefined;
  if (step !== undefined && leftByStep(points, step) <= best.left) return undefined;
  const from = timeAt(points, best.at - 1);
  const risen = (best.slope * (timeAt(points, points.length - 1) - from)) / 60_000;
  const at = timeAt(points, best.at);
  const deviation = Math.sqrt(best.left / points.length) + 0.02 * Math.abs(best.level + mean) + 1e-9;
  // The noise hides the beginning of the slope for as long as the slope needs to rise above it.
  const noise = Math.sqrt(best.left / points.length);
  const length = timeAt(points, points.length - 1) - from;
  const within = Math.min(longest, Math.abs(noise / best.slope) * 60_000 + at - from);
  return {
    ...{ service: series.service, metric: series.metric, load: isLoad(series) },
    ...{ at, cause: { from: at - within, to: at + within } },
    ...{ before: best.level + mean, after: best.level + mean + risen },
    ...{ strength: Math.abs(risen) / deviation, riseMs: length, isBend: true },
  };
};

/** The least part of its range that a metric falls by at once when a restart resets it. */
const reset = 0.6;
/** The points before the first fall that a restart explains: a leak climbs up to it. */
const upToReset = (points: Series["points"]): Series["points"] => {
  const values = points.map(([, value]) => value);
  const range =
    values.reduce((most, one) => Math.max(most, one), -Infinity) -
    values.reduce((least, one) => Math.min(least, one), Infinity);
  const at = values.findIndex(
    (value, index) => index > 0 && (values[index - 1] ?? value) - value > reset * range,
  );
  return at < 2 * minPoints ? points : points.slice(0, at);
};

/** The variance that a step leaves unexplained: less than a bend leaves where the metric jumped. */
const leftByStep = (points: Series["points"], { at, before, after }: Shift): number =>
  points.reduce((sum, [time, value]) => sum + (value - (time < at ? before : after)) ** 2, 0);

type Sums = { n: number; t: number; tt: number; y: number; ty: number };
/** Level and slope of `level + slope · max(0, t − bend)`, and by how much it lies closer to all `total` points than their mean. */
const fitAt = (bend: number, { n, t, tt, y, ty }: Sums, total: number) => {
  const x = t - n * bend;
  const xx = tt - 2 * bend * t + n * bend * bend;
  const xy = ty - bend * y;
  const spread = xx - (x * x) / total;
  if (!(spread > 0)) return undefined;
  const slope = xy / spread;
  return { slope, level: (-slope * x) / total, gain: (xy * xy) / spread };
};
