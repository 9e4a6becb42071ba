import type { EpochMs } from "../brands.ts";
import type { Chart } from "../incident/model.ts";

/** The most points of a stored course, and the time before the onset that it shows. */
const limits = { points: 90, beforeMs: 20 * 60_000, leastMs: 30_000 };

export type Given = {
  /** The series of the alerts' own expressions, those of the alert that fired first at the front. */
  series: { alert?: string; metric: string; points: [number, number][]; versions?: object }[];
  onsetAt: EpochMs;
  /** The comparison that an alert's rule makes. */
  compared: (alert: string) => { threshold: number; above: boolean } | undefined;
  /** After the trouble no series is bad at its end: the worst is the one that was worst at all. */
  isOver?: true;
};

/** The first alert's own course around the onset: of its series the one that is worst at the end. Undefined where none was read. */
export const courseOf = ({ series, onsetAt, compared, isOver }: Given): Chart | undefined => {
  const own = series.filter(({ alert, versions }) => alert !== undefined && versions === undefined);
  const alert = own[0]?.alert;
  if (alert === undefined) return undefined;
  const { threshold, above = true } = compared(alert) ?? {};
  const lines = own
    .filter((one) => one.alert === alert)
    .map(({ metric, points }) => ({ metric, points: around(points, onsetAt) }))
    .filter(({ points }) => points.length > 1);
  const sign = above ? 1 : -1;
  const badness = (points: [number, number][]): number =>
    isOver ? Math.max(...points.map(([, value]) => sign * value)) : sign * lastOf(points);
  const [worst] = lines.toSorted((a, b) => badness(b.points) - badness(a.points));
  if (worst === undefined) return undefined;
  const at = worst.points[0]![0];
  const isShare =
    worst.metric.endsWith("'s ratio") && worst.points.every(([, value]) => Math.abs(value) <= 1);
  return {
    ...{ alert, at, points: thinned(gapped(worst.points), sign).map(compact(at)) },
    ...(threshold !== undefined && { threshold, above }),
    ...(isShare && { isShare: true }),
  };
};

type Point = [number, number | null];

/** The course is as long before the onset as after it, within bounds. Only finite values count. */
const around = (points: [number, number][], onsetAt: EpochMs): [number, number][] => {
  const until = points.at(-1)?.[0] ?? onsetAt;
  const beforeMs = Math.min(limits.beforeMs, Math.max(limits.leastMs, 3 * (until - onsetAt)));
  return points.filter(([at, value]) => at >= onsetAt - beforeMs && Number.isFinite(value));
};

const lastOf = (points: [number, number][]): number => points.at(-1)?.[1] ?? 0;

/** The points with a null where twice the usual step or more is missing: a gap is never drawn as recovery. */
const gapped = (points: [number, number][]): Point[] => {
  const steps = points.slice(1).map(([at], index) => at - points[index]![0]);
  const usual = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  return points.flatMap((point, index): Point[] =>
    index > 0 && steps[index - 1]! > 2.5 * usual ? [[point[0] - usual, null], point] : [point],
  );
};

/** The points, thinned to as many as a course may have. Each part gives its worst, so that no peak is lost; the first and the last stay. */
const thinned = (points: Point[], sign: number): Point[] => {
  const size = Math.ceil((points.length - 2) / (limits.points - 2));
  const inner = points.slice(1, -1);
  const parts = Array.from({ length: Math.ceil(inner.length / size) }, (_, index) =>
    inner.slice(index * size, (index + 1) * size),
  );
  const worst = (part: Point[]): Point =>
    part.find(([, value]) => value === null) ??
    part.reduce((a, b) => (sign * (b[1] ?? 0) > sign * (a[1] ?? 0) ? b : a));
  return [points[0]!, ...parts.map(worst), ...points.slice(1).slice(-1)];
};

const compact =
  (at: EpochMs) =>
  ([when, value]: Point): Point => [
    Math.round((when - at) / 1000),
    value === null ? null : Number(value.toPrecision(4)),
  ];
