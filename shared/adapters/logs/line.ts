import type { LogLine } from "../../ports/logs.ts";

const longest = { text: 2000, trace: 4000, logfmt: 8000 };
const grave = /\b(panic|fatal|critical|severe|error|exception|err|warn(?:ing)?)\b/i;

/** `fields` stand beside the text, where the store keeps them apart. */
type Raw = {
  at: number;
  service: string;
  text: string;
  level?: unknown;
  trace?: unknown;
  fields?: Record<string, unknown>;
};

/**
 * One line as people read it. Level, message, error and stack come from the fields of a JSON or logfmt line; otherwise the words give the
 * level.
 */
export const lineOf = ({ at, service, text, level, trace, fields = {} }: Raw): LogLine => {
  const said = fieldsOf(text);
  const told = first(said, "msg", "message", "error.message");
  const error = first(said, "err", "error", "exception", "err.message");
  const message =
    told === undefined ? text : error === undefined || told.includes(error) ? told : `${told}: ${error}`;
  const stack =
    plain(trace) ??
    first(
      said,
      "stack",
      "stacktrace",
      "stack_trace",
      "trace",
      "error.stack_trace",
      "error.stack",
      "err.stack",
    );
  const named = plain(level) ?? first(said, "level", "lvl", "severity", "log.level");
  return {
    ...{ at, service, text: message.slice(0, longest.text) },
    level:
      (named === undefined || named === "unknown" ? grave.exec(text)?.[1] : named)?.toLowerCase() ?? "info",
    ...(stack === undefined ? {} : { trace: stack.slice(0, longest.trace) }),
    ...otherFields(typeof said === "object" ? { ...said, ...fields } : fields),
  };
};

/** Fields that are the line itself, or that differ from line to line. */
const lineFields =
  /^(msg|message|level|lvl|severity|log\.level|err|error|exception|stack|stacktrace|stack_trace|trace|time|timestamp|ts|@timestamp|date|pid|tid|thread|pod|version|v)$|(^|[_.-]|[a-z])(id|uuid|at|time|span|trace)$/i;
const mostFields = { count: 20, value: 100, depth: 3 };
/** A short name is the machine that writes; a name with a domain may be the machine that was called. */
const isMachine = (name: string, value: unknown): boolean =>
  /^host(name)?$/i.test(name) && !/^(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?$/i.test(String(value));

/** The numbers and short texts that a line of JSON or logfmt holds beside its message, as `name=value`. */
const otherFields = (from: unknown): Pick<LogLine, "fields"> => {
  const fields = leavesOf(from, mostFields.depth)
    .slice(0, mostFields.count)
    .map(([name, value]) => `${name}=${String(value).replace(/\s+/g, "_")}`);
  return fields.length === 0 ? {} : { fields: fields.join(" ") };
};

/** The fields of objects within objects too, by their own names: `{"config": {"url": …}}` has `url`. */
const leavesOf = (from: unknown, depth: number): [string, unknown][] => {
  if (typeof from !== "object" || from === null || depth === 0) return [];
  return Object.entries(from).flatMap(([name, value]): [string, unknown][] => {
    if (lineFields.test(name) || isMachine(name, value)) return [];
    if (typeof value === "object" && !Array.isArray(value)) return leavesOf(value, depth - 1);
    const isShort = typeof value === "string" && value !== "" && value.length <= mostFields.value;
    return isShort || typeof value === "number" || typeof value === "boolean" ? [[name, value]] : [];
  });
};

const plain = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const fieldsOf = (text: string): unknown => {
  if (!text.startsWith("{")) return logfmtOf(text);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** `level=error msg="could not connect" err=…`, as https://brandur.org/logfmt describes it; undefined for a text that has no message in it. Quotes that nobody escaped are part of the value. */
const logfmtOf = (text: string): unknown => {
  if (!/(^|\s)(msg|message)=/.test(text)) return undefined;
  const pairs = text
    .slice(0, longest.logfmt)
    .matchAll(/(?:^|\s)([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.|"(?!\s|$)|"(?!\s*$|\s+[\w.-]+=))*"|[^\s"]*)/g);
  return Object.fromEntries(
    [...pairs].map(([, key, value = ""]) => [
      key,
      value.startsWith('"') ? value.slice(1, -1).replace(/\\n/g, "\n").replace(/\\(.)/g, "$1") : value,
    ]),
  );
};

/** The first of the fields that is there, as one name with dots or as objects in one another. */
export const first = (from: unknown, ...names: string[]): string | undefined => {
  for (const name of names) {
    const value = plain(own(from, name) ?? name.split(".").reduce(own, from));
    if (value !== undefined) return value;
  }
  return undefined;
};

const own = (from: unknown, key: string): unknown =>
  typeof from === "object" && from !== null && Object.hasOwn(from, key)
    ? Object.getOwnPropertyDescriptor(from, key)?.value
    : undefined;
