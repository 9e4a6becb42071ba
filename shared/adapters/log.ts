import { isSpanContextValid, trace } from "@opentelemetry/api";
import { BadRequest, ConflictError, UpstreamError } from "../errors.ts";
import type { Log } from "../ports/log.ts";
import { redacted, scrub } from "../scrub.ts";
import { visible } from "../text/controls.ts";

type Fields = Record<string, unknown>;

/**
 * A log that hands `write` one JSON object a line, ending in a newline: time, level, message, trace_id (inside a
 * span), then the fields. Secrets and control characters do not get through; logging never throws because of a field.
 */
export const jsonLog = (write: (line: string) => void, clock: () => number, base: Fields = {}): Log => {
  const entry =
    (level: string) =>
    (message: string, fields: Fields = {}) =>
      write(
        line(
          { time: new Date(clock()).toISOString(), level, message: scrub(message), ...traced() },
          { ...base, ...fields },
        ),
      );
  return { info: entry("info"), warn: entry("warn"), error: entry("error") };
};

const traced = (): { trace_id?: string } => {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span) ? { trace_id: span.traceId } : {};
};

const fixed = new Set(["time", "level", "message", "trace_id"]);

const line = (head: Fields, fields: Fields): string => {
  const rest = tidyAll(Object.entries(fields), [fields]).map(([key, value]) => [
    fixed.has(key) ? `${key}_` : key,
    value,
  ]);
  // JSON.stringify escapes C0 alone.
  return `${visible(JSON.stringify({ ...head, ...Object.fromEntries(rest) }))}\n`;
};

const maxDepth = 6;
const maxEntries = 100;

/** The value as JSON can hold it: scrubbed, bounded, without cycles. `above` are the objects it sits in. */
const tidy = (value: unknown, above: unknown[]): unknown => {
  if (typeof value === "string") return scrub(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null)
    return value === null || typeof value === "boolean" ? value : undefined;
  if (above.includes(value)) return "[circular]";
  if (above.length >= maxDepth) return "[…]";
  const inside = [...above, value];
  if (value instanceof Error) return Object.fromEntries(tidyAll(errorFields(value), inside));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (value instanceof URL) return scrub(value.href);
  if (Array.isArray(value)) return value.slice(0, maxEntries).map((item) => tidy(item, inside) ?? null);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  return Object.fromEntries(tidyAll(entriesOf(value), inside));
};

const tidyAll = (entries: [string, unknown][], above: unknown[]): [string, unknown][] =>
  entries
    .slice(0, maxEntries)
    .map(([key, value]) => [scrub(key), secretKey.test(key) ? redacted : tidy(value, above)]);

/** A getter that throws hides its object, not the entry. */
const entriesOf = (value: object): [string, unknown][] => {
  try {
    return Object.entries(value);
  } catch {
    return [["unreadable", true]];
  }
};

/** The message of our own errors suffices, and of several the errors tell; any other error is logged with its stack. */
const errorFields = (error: Error): [string, unknown][] => {
  const { name, message, stack, cause } = error;
  const code = "code" in error ? error.code : undefined;
  const fields: [string, unknown][] = [
    ["name", name],
    ["message", message],
    ["code", code],
  ];
  if (error instanceof UpstreamError)
    fields.push(["system", error.system], ["retryable", error.retryable], ["status", error.status]);
  else if (error instanceof AggregateError) fields.push(["errors", error.errors]);
  else if (!(error instanceof BadRequest) && !(error instanceof ConflictError)) fields.push(["stack", stack]);
  return [...fields, ["cause", cause]];
};

const secretKey = /(authorization|cookie|passw(or)?d|secret|token|private[-_]?key|api[-_]?key)$/i;
