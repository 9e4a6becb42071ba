import { randomBytes } from "node:crypto";
import {
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";

/** `traceparent` alone, of version 00: https://www.w3.org/TR/trace-context/#traceparent-header */
const traceparent: TextMapPropagator = {
  inject(from, carrier, setter) {
    const span = trace.getSpanContext(from);
    if (span === undefined || !isSpanContextValid(span)) return;
    const flags = span.traceFlags.toString(16).padStart(2, "0");
    setter.set(carrier, "traceparent", `00-${span.traceId}-${span.spanId}-${flags}`);
  },
  extract(into, carrier, getter) {
    const [, traceId, spanId, flags] =
      /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(String(getter.get(carrier, "traceparent"))) ??
      [];
    if (traceId === undefined || spanId === undefined) return into;
    return trace.setSpanContext(into, {
      traceId,
      spanId,
      traceFlags: Number.parseInt(flags!, 16),
      isRemote: true,
    });
  },
  fields: () => ["traceparent"],
};

/** Has what runs know its trace, though nothing is exported: log lines carry it, and incidents and events carry it on. */
export const carryTraces = (): void => {
  propagation.setGlobalPropagator(traceparent);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
};

/** Runs an event in a trace of its own: Lambda's, where it has one (`_X_AMZN_TRACE_ID`). Spans of an incident join the incident's trace. */
export const inTrace = <T>(xray: string | undefined, run: () => T): T => context.with(rootOf(xray), run);

const rootOf = (xray: string | undefined): Context => {
  const [, time, rest] = /Root=1-([0-9a-f]{8})-([0-9a-f]{24})/.exec(xray ?? "") ?? [];
  const [, parent] = /Parent=([0-9a-f]{16})/.exec(xray ?? "") ?? [];
  const traceId = time === undefined ? randomBytes(16).toString("hex") : `${time}${rest}`;
  const spanId = parent ?? randomBytes(8).toString("hex");
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1, isRemote: true });
};
