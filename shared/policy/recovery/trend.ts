type Points = [number, number][];
type Limit = { threshold: number; above: boolean };
/** A straight line through points. `fit` is the coefficient of determination. */
type Line = { slope: number; fit: number };

const leastPoints = 3;
/** The least share of the variation that a straight line must explain before its slope counts. */
const leastFit = 0.9;
/** A value climbs as before from this part of the former slope on. */
const leastPace = 0.5;
/** A step back that is smaller than this part of the climb is noise. */
const noise = 0.1;

/** The way that a value took to its threshold when the alert fired: its slope, and the time from its lowest point. */
export type Ramp = { slope: number; ms: number };

/** The straight way to the threshold among these points; undefined where the value stepped over it. */
export const rampOf = (points: Points, limit: Limit): Ramp | undefined => {
  const upwards = towards(points, limit);
  const crossing = upwards.findLastIndex(
    ([, value], index) => value < 0 && (upwards[index + 1]?.[1] ?? -1) >= 0,
  );
  const end = upwards[crossing];
  const after = upwards[crossing + 1];
  if (end === undefined || after === undefined) return undefined;
  const start = troughBefore(upwards, crossing);
  const line = lineOf(upwards.slice(start, crossing + 1));
  const [first] = upwards[start] ?? end;
  return line === undefined || line.fit < leastFit || line.slope <= 0
    ? undefined
    : { slope: line.slope, ms: after[0] - first };
};

/** The index at which the climb to `crossing` began. */
const troughBefore = (points: Points, crossing: number): number => {
  const climb = Math.abs(Math.min(...points.slice(0, crossing + 1).map(([, value]) => value)));
  for (let index = crossing; index > 0; index--) {
    const [here, before] = [points[index], points[index - 1]];
    if (here === undefined || before === undefined || before[1] > here[1] + noise * climb) return index;
  }
  return 0;
};

/** Values below 0 while quiet, whatever the direction of the threshold. */
const towards = (points: Points, { threshold, above }: Limit): Points =>
  points
    .filter(([, value]) => Number.isFinite(value))
    .map(([at, value]) => [at, above ? value - threshold : threshold - value]);

/** The course of a quiet value: the time until it crosses the threshold, in ms from its last point, and whether it climbs as before. */
export type Climb = { crossingMs: number; isAsBefore: boolean };

/** Undefined when the value does not climb along a straight line. */
export const climbOf = (points: Points, limit: Limit, before?: Ramp): Climb | undefined => {
  const quiet = towards(points, limit).filter(([, value]) => value < 0);
  const line = lineOf(quiet);
  const last = quiet.at(-1);
  if (line === undefined || last === undefined || line.fit < leastFit || line.slope <= 0) return undefined;
  const isAsBefore = before !== undefined && line.slope >= leastPace * before.slope;
  return { crossingMs: -last[1] / line.slope, isAsBefore };
};

/** Least squares. */
const lineOf = (points: Points): Line | undefined => {
  if (points.length < leastPoints) return undefined;
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  return xx === 0 || yy === 0 ? undefined : { slope: xy / xx, fit: xy ** 2 / (xx * yy) };
};
