import { record, string, unknown } from "zod";
import { visible } from "../../../shared/text/controls.ts";

const entry = record(string(), unknown());
const heads = ["time", "level", "message", "stack"];

/** A line of the log for people: `14:00:00.250 warn   request refused  door=/webhooks/flags status=401`. */
export const prettyLine = (line: string): string => {
  const fields = entry.parse(JSON.parse(line));
  const { time, level, message } = fields;
  const rest = Object.entries(fields).flatMap(([key, value]) =>
    heads.includes(key) ? [] : [`${key}=${shown(value)}`],
  );
  const head = `${String(time).slice(11, 23)} ${String(level).padEnd(5)}  ${String(message)}`;
  return `${visible([head, rest.join(" ")].filter((part) => part !== "").join("  "))}\n`;
};

/** Texts of one word need no quotes. */
const shown = (value: unknown): string =>
  typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
