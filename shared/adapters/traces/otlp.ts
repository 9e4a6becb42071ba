import type { Span } from "../../ports/traces.ts";
import { isRecord } from "../../records.ts";

/** Characters that are kept of one text. */
const longest = { name: 300, text: 1_000, stack: 4_000 };
const maxSpans = 5_000;

/**
 * The spans of OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): a list of resource spans, as Jaeger's
 * `/api/v3` and Tempo's `/api/traces` answer them, the latter also under older names. Parts that are not of this form are left out.
 */
export const spansOf = (resources: unknown): Span[] =>
  listOf(resources)
    .filter(isRecord)
    .flatMap((one) => {
      const service =
        text(attributesOf(isRecord(one.resource) ? one.resource : {})["service.name"]) ?? "unknown";
      const scopes = listOf(one.scopeSpans ?? one.instrumentationLibrarySpans);
      return scopes
        .filter(isRecord)
        .flatMap(({ spans }) => listOf(spans))
        .flatMap((span) => (isRecord(span) ? spanOf(span, service) : []));
    })
    .slice(0, maxSpans);

const spanOf = (span: Record<string, unknown>, service: string): Span[] => {
  const [trace, id, parent] = [span.traceId, span.spanId, span.parentSpanId].map(idOf);
  const at = Number(span.startTimeUnixNano) / 1e6;
  if (trace === undefined || id === undefined || !Number.isFinite(at)) return [];
  const isFailed = isError(span.status);
  const told = isFailed ? failureOf(span) : {};
  return [
    {
      ...{ trace, id, ...(parent !== undefined && { parent }) },
      ...{ service: service.slice(0, longest.name), name: (text(span.name) ?? "").slice(0, longest.name) },
      ...{ at: Math.round(at), isFailed, ...told },
    },
  ];
};

const isError = (status: unknown): boolean =>
  isRecord(status) && (status.code === 2 || status.code === "STATUS_CODE_ERROR");

/** The exception of a failed span, or else the message of its status. */
const failureOf = ({ events, status }: Record<string, unknown>): Pick<Span, "text" | "stack"> => {
  const exception = listOf(events)
    .filter(isRecord)
    .findLast(({ name }) => name === "exception");
  const told = attributesOf(exception ?? {});
  const [type, message] = [text(told["exception.type"]), text(told["exception.message"])];
  const stack = text(told["exception.stacktrace"]);
  const said = [type, message].filter((one) => one !== undefined).join(": ");
  const reason = said || (isRecord(status) ? text(status.message) : undefined);
  return {
    ...(reason && { text: reason.slice(0, longest.text).toWellFormed() }),
    ...(stack && { stack: stack.slice(0, longest.stack).toWellFormed() }),
  };
};

const attributesOf = ({ attributes }: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    listOf(attributes)
      .filter(isRecord)
      .flatMap(({ key, value }) =>
        typeof key === "string" && isRecord(value) ? [[key, value.stringValue]] : [],
      ),
  );

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** An id in lower-case hex: OTLP writes it so, and a JSON of protobuf's in base64. */
const idOf = (value: unknown): string | undefined => {
  if (typeof value !== "string" || value === "" || value.length > 100) return undefined;
  if (/^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(value)) return value.toLowerCase();
  const bytes = Buffer.from(value, "base64");
  return bytes.length === 8 || bytes.length === 16 ? bytes.toString("hex") : undefined;
};
