import type { Grid, Metrics, Reading, Series } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { type Quantile, quantilesIn } from "../../shared/promql/buckets.ts";
import { countBy } from "../../shared/promql/selectors.ts";

type Asked = { metrics: Metrics; service: Service; grid: Grid };

/** A quiet quantile shows nothing where its buckets are others now, and end below the threshold; undefined where they do not. */
export const blindQuantile = async (asked: Asked, expr: string): Promise<Reading | undefined> => {
  for (const quantile of quantilesIn(expr)) {
    const largest = await largestBucket(asked, quantile);
    const { threshold, isReached } = quantile;
    if (largest === undefined || largest > threshold || (isReached && largest === threshold)) continue;
    const detail = `no bucket to show that it is quiet, as the largest one (le="${largest}") is not above the threshold ${threshold}`;
    return { result: "unknown", verdict: "telemetry_gone", detail };
  }
  return undefined;
};

/** The largest finite bucket of now; undefined where there is none, as in a native histogram. */
const largestBucket = async (
  { metrics, service, grid }: Asked,
  { selectors }: Quantile,
): Promise<number | undefined> => {
  const read = await Promise.all(
    selectors.map((text) => metrics.range(service, countBy(text, ["le"]), grid)),
  );
  const end = grid.start + (grid.count - 1) * grid.stepMs;
  const isNow = ({ points }: Series): boolean => (points.at(-1)?.[0] ?? 0) >= end;
  const bounds = read.flat().filter(isNow).map(boundOf).filter(Number.isFinite);
  return bounds.length === 0 ? undefined : Math.max(...bounds);
};

const boundOf = ({ labels: { le } }: Series): number => (le === undefined ? Number.NaN : Number(le));
