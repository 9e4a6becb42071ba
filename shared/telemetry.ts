import {
  type Attributes,
  context,
  type Meter,
  metrics,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";

/** Spans and counters through the OpenTelemetry API: free until a host registers an exporter. */
const tracer = trace.getTracer("countersteer");

/** Runs `work` in a span below the trace that `traceparent` names, else below the current span. */
export const span = <T>(
  name: string,
  { traceparent, attributes = {} }: { traceparent?: string | undefined; attributes?: Attributes },
  work: () => Promise<T>,
): Promise<T> => {
  const parent =
    traceparent === undefined ? context.active() : propagation.extract(ROOT_CONTEXT, { traceparent });
  return tracer.startActiveSpan(name, { attributes }, parent, async (current) => {
    try {
      return await work();
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      current.recordException(failure);
      current.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
      throw error;
    } finally {
      current.end();
    }
  });
};

/** The W3C `traceparent` of the current span, to be stored and carried on; undefined when nothing is traced. */
export const traceparent = (): string | undefined => {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
};

/** Links the current span to the trace that `traceparent` names, where that is another one: a click in chat to the incident that it decides. */
export const linkTo = (traceparent: string | undefined): void => {
  const current = trace.getActiveSpan();
  if (current === undefined || traceparent === undefined) return;
  const linked = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, { traceparent }));
  if (linked !== undefined && linked.traceId !== current.spanContext().traceId)
    current.addLink({ context: linked });
};

/** Each makes a meter tell the totals of one counter. */
const counters: ((meter: Meter) => void)[] = [];
/** Each reads the totals of one counter. */
const readers: (() => Counted[])[] = [];

/** The total of a counter for one set of attributes, since the process began. */
export type Counted = { name: string; attributes: Attributes; value: number };
export const counted = (): Counted[] => readers.flatMap((read) => read());

const counter = (name: string, description: string) => {
  const totals = new Map<string, { value: number; attributes: Attributes }>();
  const tellTotals = (meter: Meter): void =>
    meter.createObservableCounter(name, { description }).addCallback((result) => {
      for (const { value, attributes } of totals.values()) result.observe(value, attributes);
    });
  counters.push(tellTotals);
  readers.push(() => [...totals.values()].map((total) => ({ name, ...total })));
  let isTold = false;
  return (attributes: Attributes, by = 1): void => {
    if (!isTold) tellTotals(metrics.getMeter("countersteer"));
    isTold = true;
    const key = JSON.stringify(attributes);
    totals.set(key, { attributes, value: (totals.get(key)?.value ?? 0) + by });
  };
};

/** Makes `meter` tell what was counted since the process began, also before it asked. */
export const tellCounters = (meter: Meter): void => {
  for (const tellTotals of counters) tellTotals(meter);
};

/** Counters, by outcome: `joined`, `opened`, `resolved`, `repeat`, `stale`, `unknown_service`, `rejected`. */
export const countAlerts = counter("countersteer.alerts", "Alerts received, by what became of them");
export const countLeft = counter("countersteer.reports.left", "Reports left alone, by kind and reason");
export const countIncidents = counter("countersteer.incidents", "Incidents entering a status");
export const countSteps = counter("countersteer.steps", "Steps run, by result");
export const countCalls = counter("countersteer.calls", "Calls to other systems, by system and result");
export const countScarce = counter(
  "countersteer.calls.scarce",
  "Calls after which less than a fifth of the hour's calls to a system is left, by system",
);
