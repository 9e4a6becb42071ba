import { UpstreamError } from "../../errors.ts";
import type { TimeRange } from "../../ports/time-range.ts";
import type { Span } from "../../ports/traces.ts";
import { isRecord } from "../../records.ts";
import { spansOf } from "./otlp.ts";
import { askingJson, type StoreOptions } from "./store.ts";

/** Jaeger's stable API answers whole traces, the failed among the others. */
const factor = 5;

/**
 * Jaeger's `/api/v3/traces` (https://www.jaegertracing.io/docs/latest/architecture/apis/). It finds traces by service and time only, so more
 * are asked for than failed ones are wanted. The names of its parameters are those that every version takes.
 */
export const jaeger = (options: StoreOptions) => {
  const ask = askingJson("jaeger", options);
  return async (service: string, { from, to, limit }: TimeRange): Promise<Span[]> => {
    const params = new URLSearchParams({
      "query.service_name": service,
      "query.start_time_min": new Date(from).toISOString(),
      "query.start_time_max": new Date(to).toISOString(),
      "query.num_traces": String(limit * factor),
    });
    const answer = await ask(`/api/v3/traces?${params}`);
    if (!isRecord(answer))
      throw new UpstreamError("jaeger", "jaeger: the answer holds no traces", { retryable: true });
    const { resourceSpans } = isRecord(answer.result) ? answer.result : answer;
    return spansOf(resourceSpans);
  };
};
