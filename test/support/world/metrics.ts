import { UpstreamError } from "../../../shared/errors.ts";
import type { Metrics } from "../../../shared/ports/metrics.ts";
import type { Holder } from "./state.ts";

const plainRule = { labels: {}, forMs: 0, keepFiringMs: 0, everyMs: 60_000 };

export const metricsOf = ({ state }: Holder): Metrics => ({
  rules: async () => [{ ...plainRule, expr: "payments_failing > 0", active: [] }],
  recordings: async () => ({}),
  range: async (_, query, grid) => {
    const { reading } = state;
    if (reading.result === "unknown")
      throw new UpstreamError("prometheus", reading.detail, { retryable: true });
    const instants = Array.from({ length: grid.count }, (_, index) => grid.start + index * grid.stepMs);
    const quietAt = reading.result === "quiet" ? reading.since : Number.POSITIVE_INFINITY;
    const isFiring = query === "payments_failing > 0";
    const points = instants.filter((at) => !isFiring || at < quietAt).map((at): [number, number] => [at, 1]);
    return points.length === 0 ? [] : [{ labels: {}, points }];
  },
  value: async (_, query) => {
    const value = [...state.values].find(([part]) => query.includes(part))?.[1];
    return value === undefined ? { unread: `${query} returns nothing` } : { value };
  },
  values: async (_, query) => ({ unread: `${query} returns nothing` }),
  labels: async () => ({ labels: [] }),
  course: async () => state.course,
});
