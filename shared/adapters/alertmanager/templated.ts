import { BadRequest } from "../../errors.ts";
import { isRecord } from "../../records.ts";

/**
 * The message of the template in docs/connect-alertmanager.md, or of AWS's own for JSON, as the body of Alertmanager's webhook. `isCut`: the
 * message is longer than a topic takes, so only its first alerts are there. Throws BadRequest for other texts.
 */
export const readTemplated = (message: string, isCut: boolean): unknown => {
  const text = jsonEscapes(isCut ? wholeAlerts(message) : message);
  const json = parsed(text);
  if (!isRecord(json) || !Array.isArray(json.alerts))
    throw new BadRequest(400, "the message is not that of the template in docs/connect-alertmanager.md");
  return { version: "4", ...json, alerts: json.alerts.map(timed), ...(isCut && { truncatedAlerts: 1 }) };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The template writes each alert on a line of its own. The last line may be a part of one. */
const wholeAlerts = (message: string): string => {
  const lines = message.split("\n");
  const whole = lines.slice(0, -1).join("\n").replace(/,\s*$/, "");
  return `${whole}\n]}`;
};

/** Go's `%q` writes some escapes that JSON does not know: https://pkg.go.dev/strconv#Quote */
const jsonEscapes = (text: string): string =>
  text.replace(/\\(x[0-9a-f]{2}|U[0-9a-f]{8}|[\s\S])/g, (whole, code: string) => {
    if (code === "a") return "\\u0007";
    if (code === "v") return "\\u000b";
    // A byte that is not UTF-8.
    if (code[0] === "x" && code.length > 1) return code < "x80" ? `\\u00${code.slice(1)}` : "\\ufffd";
    if (code[0] !== "U" || code.length === 1) return whole;
    const point = Number.parseInt(code.slice(1), 16);
    return point > 0x10_ff_ff ? "\\ufffd" : String.fromCodePoint(point);
  });

const timed = (alert: unknown): unknown =>
  isRecord(alert) ? { ...alert, startsAt: instant(alert.startsAt), endsAt: instant(alert.endsAt) } : alert;

/** Go's text of a time, as `{{ .StartsAt }}` writes it: `2026-01-02 03:04:05.678 +0000 UTC`, maybe with a monotonic reading behind it. */
const goTime = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) ([+-]\d\d)(\d\d) \S+( m=[+-][\d.]+)?$/;

const instant = (time: unknown): unknown => {
  if (typeof time !== "string") return time;
  const [, date, clock, hours, minutes] = goTime.exec(time) ?? [];
  if (date === undefined) return time;
  const zone = `${hours}:${minutes}`;
  return `${date}T${clock}${zone === "+00:00" ? "Z" : zone}`;
};
