import type { TimeRange } from "../../ports/time-range.ts";
import type { Span, Traces } from "../../ports/traces.ts";

/** Reads the spans of the traces that a query finds. Throws UpstreamError. */
export type ReadSpans = (query: string, window: TimeRange) => Promise<Span[]>;
type Page = (trace: { id: string; at: number }) => string;

/** The trace stores that are set up; a service's configuration says which of them knows it. */
export type Stores = {
  tempo?: { read: ReadSpans; pageOf?: Page | undefined };
  jaeger?: { read: ReadSpans; pageOf?: Page | undefined };
};

/** Traces of services, from whichever store they are configured in. */
export const traces = (stores: Stores): Traces => ({
  async spans({ name, traces: configured }, window) {
    if (configured === undefined) return { spans: [] };
    const [store, query, setting] =
      "tempo" in configured
        ? [stores.tempo, configured.tempo, "TEMPO_URL"]
        : [stores.jaeger, configured.jaeger, "JAEGER_URL"];
    if (store === undefined)
      return { spans: [], unread: `the traces of ${name} are not read: ${setting} is not set` };
    try {
      return { spans: await store.read(query, window) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { spans: [], unread: `the traces of ${name} could not be read (${why})` };
    }
  },
  pageOf({ traces: configured }, trace) {
    if (configured === undefined) return undefined;
    return ("tempo" in configured ? stores.tempo : stores.jaeger)?.pageOf?.(trace);
  },
});
