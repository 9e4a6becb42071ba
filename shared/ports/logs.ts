import type { Service } from "./service.ts";
import type { TimeRange } from "./time-range.ts";

/** One line of a service's log. `trace` is a stack trace when it carries one, `fields` its other fields as `name=value`, apart by spaces. */
export type LogLine = {
  at: number;
  service: string;
  level: string;
  text: string;
  trace?: string;
  fields?: string;
};

/** The place where services log. Never throws: `unread` is a sentence about what could not be read. */
export interface Logs {
  /** The earliest lines in [from, to), at most `limit`; none for a service without a place for them. */
  lines(service: Service, window: TimeRange): Promise<{ lines: LogLine[]; unread?: string }>;
}
