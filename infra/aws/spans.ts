import { randomBytes } from "node:crypto";
import { request as http } from "node:http";
import { request as https } from "node:https";
import {
  type Attributes,
  type AttributeValue,
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

/** The collector's address, the function that runs, and its time. */
type Exporting = { endpoint: string; name: string; clock: () => number };

/** An event is answered so many ms later at most, however slow the collector is. */
const patienceMs = 200;
/** Spans of so long a time after a failure are dropped, so that a collector that is down costs one event in a minute its patience. */
const pauseMs = 60_000;
/** More spans of one event are dropped. */
const most = 500;

type Recorded = Record<string, unknown>;

/**
 * Has spans recorded, and returns what sends those that have ended, as OTLP's JSON over HTTP
 * (https://opentelemetry.io/docs/specs/otlp/#otlphttp). The SDK of OpenTelemetry would be 150 KB in each function.
 */
export const exportSpans = ({ endpoint, name, clock }: Exporting): (() => Promise<boolean>) => {
  const url = new URL(`${endpoint.replace(/\/+$/, "")}/v1/traces`);
  const ended: Recorded[] = [];
  let pausedUntil = 0;
  const tracer = tracerOf(clock, (span) => {
    if (ended.length < most) ended.push(span);
  });
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  return async () => {
    const spans = ended.splice(0);
    if (spans.length === 0 || clock() < pausedUntil) return true;
    const isSent = await post(url, JSON.stringify(requestOf(name, spans)));
    if (!isSent) pausedUntil = clock() + pauseMs;
    return isSent;
  };
};

const requestOf = (name: string, spans: Recorded[]) => ({
  resourceSpans: [
    {
      resource: { attributes: pairsOf({ "service.name": "countersteer", "faas.name": name }) },
      scopeSpans: [{ scope: { name: "countersteer" }, spans }],
    },
  ],
});

const post = (url: URL, body: string): Promise<boolean> =>
  new Promise((resolve) => {
    const send = url.protocol === "http:" ? http : https;
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const signal = AbortSignal.timeout(patienceMs);
    const sent = send(url, { method: "POST", headers, signal }, (answer) => {
      answer.resume().on("error", () => resolve(false));
      resolve(answer.statusCode !== undefined && answer.statusCode < 300);
    });
    sent.on("error", () => resolve(false));
    sent.end(body);
  });

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

const pairsOf = (attributes: Attributes): Recorded[] =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValueOf(value) }],
  );

const anyValueOf = (value: AttributeValue): Recorded => {
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number")
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (typeof value === "string") return { stringValue: value };
  return { arrayValue: { values: value.map((one) => anyValueOf(one ?? "")) } };
};
