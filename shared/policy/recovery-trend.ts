type Points = [number, number][];

const leastPoints = 3;
/** How much of the variation a straight line must explain before its slope counts. */
const leastFit = 0.9;

/** When a value that moves along a straight line crosses the threshold, in ms from its last point; undefined when it does not. */
export const crossingMs = (
  points: Points,
  { threshold, above }: { threshold: number; above: boolean },
): number | undefined => {
  const isQuiet = (value: number): boolean => (above ? value < threshold : value > threshold);
  const quiet = points.filter(([, value]) => Number.isFinite(value) && isQuiet(value));
  const line = lineOf(quiet);
  const last = quiet.at(-1);
  if (line === undefined || last === undefined || line.fit < leastFit) return undefined;
  const left = threshold - last[1];
  const isTowards = above ? line.slope > 0 && left > 0 : line.slope < 0 && left < 0;
  return isTowards ? left / line.slope : undefined;
};

/** Least squares. `fit` is the coefficient of determination. */
const lineOf = (points: Points): { slope: number; fit: number } | undefined => {
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
