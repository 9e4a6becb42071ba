import { randomBytes } from "node:crypto";
import {
  type Attributes,
  type Context,
  context,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  type TimeInput,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { type Exporting, exporterTo, pairsOf, type Recorded } from "./otlp.ts";

/** Has spans recorded, and returns what sends those that have ended. */
export const exportSpans = (exporting: Exporting): (() => Promise<boolean>) => {
  const { keep, flush } = exporterTo(exporting, "/v1/traces", (resource, spans) => ({
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "countersteer" }, spans }] }],
  }));
  const tracer = tracerOf(exporting.clock, keep);
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  return flush;
};

const tracerOf = (clock: () => number, end: (span: Recorded) => void): Tracer => {
  const startSpan = (name: string, options: SpanOptions = {}, parent: Context = context.active()): Span =>
    spanOf(name, { options, parent: options.root ? undefined : trace.getSpanContext(parent), clock, end });
  return {
    startSpan,
    // The product's only call has four arguments; the API's shorter forms are taken too.
    startActiveSpan: (name: string, ...rest: unknown[]) => {
      const work = rest.at(-1) as (span: Span) => never;
      const [options, parent = context.active()] = rest.slice(0, -1) as [SpanOptions?, Context?];
      const span = startSpan(name, options, parent);
      return context.with(trace.setSpan(parent, span), work, undefined, span);
    },
  };
};

type Starting = {
  options: SpanOptions;
  parent: SpanContext | undefined;
  clock: () => number;
  end: (span: Recorded) => void;
};

const spanOf = (first: string, { options, parent, clock, end }: Starting): Span => {
  const own = {
    ...{
      traceId: parent?.traceId ?? randomBytes(16).toString("hex"),
      spanId: randomBytes(8).toString("hex"),
    },
    traceFlags: 1,
  };
  const state: State = {
    ...{ name: first, start: options.startTime ?? clock(), parent, isEnded: false },
    ...{ attributes: { ...options.attributes }, links: [...(options.links ?? [])], events: [] },
  };
  const span: Span = {
    spanContext: () => own,
    isRecording: () => !state.isEnded,
    setAttribute: (key, value) => span.setAttributes({ [key]: value }),
    setAttributes: (more) => {
      Object.assign(state.attributes, more);
      return span;
    },
    addEvent: (event, of, at) => {
      const given = typeof of === "object" && !Array.isArray(of) && !(of instanceof Date) ? of : {};
      state.events.push({ name: event, timeUnixNano: nanoOf(at ?? clock()), attributes: pairsOf(given) });
      return span;
    },
    addLink: (link) => span.addLinks([link]),
    addLinks: (more) => {
      state.links.push(...more);
      return span;
    },
    setStatus: (status) => Object.assign(state, { status }) && span,
    updateName: (name) => Object.assign(state, { name }) && span,
    recordException: (exception) => void span.addEvent("exception", exceptionOf(exception)),
    end: (at) => {
      if (!state.isEnded) end(recordOf(own, state, at ?? clock()));
      state.isEnded = true;
    },
  };
  return span;
};

type State = {
  name: string;
  start: TimeInput;
  parent: SpanContext | undefined;
  attributes: Attributes;
  links: Link[];
  events: Recorded[];
  status?: SpanStatus;
  isEnded: boolean;
};

const exceptionOf = (exception: Exception): Attributes => {
  const { name: type = "Error", message = "" } =
    typeof exception === "string" ? { message: exception } : exception;
  return { "exception.type": type, "exception.message": message };
};

const recordOf = (
  { traceId, spanId }: SpanContext,
  { name, start, parent, attributes, links, events, status = { code: 0 } }: State,
  at: TimeInput,
): Recorded => ({
  ...{ traceId, spanId, ...(parent && { parentSpanId: parent.spanId }), name, kind: 1 },
  ...{ startTimeUnixNano: nanoOf(start), endTimeUnixNano: nanoOf(at) },
  ...{ attributes: pairsOf(attributes), events, status },
  links: links.map(({ context: to, attributes: of = {} }) => ({
    ...{ traceId: to.traceId, spanId: to.spanId, attributes: pairsOf(of) },
  })),
});

const isHrTime = (at: TimeInput): at is HrTime => Array.isArray(at);

const nanoOf = (at: TimeInput): string => {
  if (isHrTime(at)) return `${BigInt(at[0]) * 1_000_000_000n + BigInt(at[1])}`;
  return `${BigInt(Math.round(Number(at) * 1_000)) * 1_000n}`;
};
