import {
  type Attributes,
  context,
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

const counter = (name: string, description: string) => {
  let instrument: ReturnType<ReturnType<typeof metrics.getMeter>["createCounter"]> | undefined;
  return (attributes: Attributes, by = 1): void => {
    instrument ??= metrics.getMeter("countersteer").createCounter(name, { description });
    instrument.add(by, attributes);
  };
};

/** Counters, by outcome: `joined`, `opened`, `resolved`, `repeat`, `stale`, `unknown_service`, `rejected`. */
export const countAlerts = counter("countersteer.alerts", "Alerts received, by what became of them");
export const countIncidents = counter("countersteer.incidents", "Incidents entering a status");
export const countSteps = counter("countersteer.steps", "Steps run, by result");
export const countCalls = counter("countersteer.calls", "Calls to other systems, by system and result");
