import { UpstreamError } from "../../errors.ts";
import type { TimeRange } from "../../ports/time-range.ts";
import type { Span } from "../../ports/traces.ts";
import { isRecord } from "../../records.ts";
import { spansOf } from "./otlp.ts";
import { askingJson, type StoreOptions } from "./store.ts";

/** Traces that are read side by side. */
const together = 5;

/**
 * Grafana Tempo (https://grafana.com/docs/tempo/latest/api_docs/): searches by the configuration's TraceQL, then reads the traces that were
 * found. `tenant` goes into X-Scope-OrgID.
 */
export const tempo = ({ tenant, ...options }: StoreOptions & { tenant?: string }) => {
  const ask = askingJson("tempo", options, tenant === undefined ? {} : { "x-scope-orgid": tenant });
  return async (query: string, { from, to, limit }: TimeRange): Promise<Span[]> => {
    const times = { start: String(Math.floor(from / 1000)), end: String(Math.ceil(to / 1000)) };
    const params = new URLSearchParams({ q: query, ...times, limit: String(limit), spss: "1" });
    const found = await ask(`/api/search?${params}`);
    if (!isRecord(found))
      throw new UpstreamError("tempo", "tempo: the answer lists no traces", { retryable: true });
    const ids = idsIn(found.traces).slice(0, limit);
    const spans: Span[] = [];
    for (let index = 0; index < ids.length; index += together) {
      const read = ids.slice(index, index + together).map(async (id) => {
        const answer = await ask(`/api/traces/${id}?${new URLSearchParams(times)}`);
        const whole = isRecord(answer) && isRecord(answer.trace) ? answer.trace : answer;
        return isRecord(whole) ? spansOf(whole.batches ?? whole.resourceSpans) : [];
      });
      spans.push(...(await anyOf(read)).flat());
    }
    return spans;
  };
};

/** The results of those that can be read: one trace may be too large. Throws the first error when none can. */
const anyOf = async <T>(reading: Promise<T>[]): Promise<T[]> => {
  const settled = await Promise.allSettled(reading);
  const read = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const [first] = settled;
  if (read.length === 0 && first?.status === "rejected") throw first.reason;
  return read;
};

/** Tempo leaves leading zeros out. */
const idsIn = (traces: unknown): string[] =>
  (Array.isArray(traces) ? traces : []).flatMap((one) =>
    isRecord(one) && typeof one.traceID === "string" && /^[0-9a-f]{1,32}$/i.test(one.traceID)
      ? [one.traceID]
      : [],
  );
