import type { Scoped } from "../../shared/policy/recovery/scope.ts";
import type { Grid, Metrics, Reading } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { withoutGates } from "../../shared/promql/gates.ts";
import { consistent } from "../../shared/promql/labels.ts";
import { withShortSlopes } from "../../shared/promql/slopes.ts";

type Judging = {
  metrics: Metrics;
  service: Service;
  grid: Grid;
  window: { from: number; to: number };
  fired?: { from: number; to: number } | undefined;
};

/** A forecast that still sees the time before the fix, where its slope since the fix alone is as bad. Undefined where it is not. */
export const shortSlope = async (
  { metrics, service, grid, window, fired }: Judging,
  { expr, labels }: Scoped,
): Promise<Reading | undefined> => {
  if (fired === undefined || window.to <= fired.to) return undefined;
  const short = withShortSlopes(withoutGates(expr), window.to - fired.to);
  if (short === undefined) return undefined;
  const series = await metrics.range(service, short, { ...grid, start: window.to, count: 1 });
  if (!series.some((one) => consistent(one.labels, labels))) return undefined;
  const detail =
    "quiet only because its forecast still sees the time before the fix; by the values since the fix alone it still fires";
  return { result: "firing", at: window.to, verdict: "still_firing", detail };
};
