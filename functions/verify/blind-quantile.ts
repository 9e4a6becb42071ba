import type { Grid, Metrics, Reading, Series } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { type Quantile, quantilesIn } from "../../shared/promql/buckets.ts";
import { countBy } from "../../shared/promql/selectors.ts";

type Asked = { metrics: Metrics; service: Service; grid: Grid };

/** A quiet quantile shows nothing where its buckets are others now, and end below the threshold; undefined where they do not. */
export const blindQuantile = async (asked: Asked, expr: string): Promise<Reading | undefined> => {
  for (const quantile of quantilesIn(expr)) {
    const [largest, threshold] = await Promise.all([
      largestBucket(asked, quantile),
      thresholdOf(asked, quantile),
    ]);
    if (largest === undefined || threshold === undefined || largest > threshold) continue;
    if (quantile.isReached && largest === threshold) continue;
    const detail = `no bucket to show that it is quiet, as the largest one (le="${largest}") is not above the threshold ${threshold}`;
    return { result: "unknown", verdict: "telemetry_gone", detail };
  }
  return undefined;
};

/** In the units of the buckets. Of a query it is the largest of its values now. */
const thresholdOf = async (asked: Asked, { threshold, factor }: Quantile): Promise<number | undefined> => {
  if (typeof threshold === "number") return threshold / factor;
  const values = await valuesNow(asked, threshold);
  return values.length === 0 ? undefined : Math.max(...values) / factor;
};

/** The largest finite bucket of now. */
const largestBucket = async (asked: Asked, quantile: Quantile): Promise<number | undefined> => {
  const { metrics, service, grid } = asked;
  const read = await Promise.all(
    quantile.selectors.map((text) => metrics.range(service, countBy(text, ["le"]), grid)),
  );
  const bounds = read
    .flat()
    .filter((series) => isNow(series, grid))
    .map(boundOf)
    .filter(Number.isFinite);
  return bounds.length === 0 ? overflow(asked, quantile) : Math.max(...bounds);
};

/** The largest bound of native histograms, where the quantile lies above it. Those with buckets of their own growing have none. */
const overflow = async (asked: Asked, { query, buckets }: Quantile): Promise<number | undefined> => {
  const { metrics, service, grid } = asked;
  const series = await metrics.range(service, buckets, lastOf(grid));
  const bounds = series.flatMap((one) => one.overflow ?? []);
  if (bounds.length === 0) return undefined;
  const largest = Math.max(...bounds);
  const quantiles = await valuesNow(asked, query);
  return quantiles.some((value) => value >= largest) ? largest : undefined;
};

const valuesNow = async ({ metrics, service, grid }: Asked, query: string): Promise<number[]> => {
  const series = await metrics.range(service, query, lastOf(grid));
  return series.flatMap(({ points }) => points.map(([, value]) => value)).filter(Number.isFinite);
};

const endOf = ({ start, stepMs, count }: Grid): number => start + (count - 1) * stepMs;
const lastOf = (grid: Grid): Grid => ({ start: endOf(grid), stepMs: grid.stepMs, count: 1 });
const isNow = ({ points }: Series, grid: Grid): boolean => (points.at(-1)?.[0] ?? 0) >= endOf(grid);
const boundOf = ({ labels: { le } }: Series): number => (le === undefined ? Number.NaN : Number(le));
