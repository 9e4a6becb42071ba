import type { EpochMs } from "../brands.ts";
import type { Service } from "./service.ts";
import type { TimeRange } from "./time-range.ts";

/** One operation of one service within a request. `service` is the trace store's name of it. Texts are raw. */
export type Span = {
  trace: string;
  id: string;
  parent?: string;
  service: string;
  name: string;
  at: EpochMs;
  isFailed: boolean;
  /** Why it failed, and the stack trace of its exception. */
  text?: string;
  stack?: string;
};

/** The place where services are traced. Never throws: `unread` is a sentence about what could not be read. */
export interface Traces {
  /** All spans of at most `limit` traces of the service in [from, to); none for a service that is traced nowhere. */
  spans(service: Service, window: TimeRange): Promise<{ spans: Span[]; unread?: string }>;
  /** The page on which people see a trace; undefined where there is none. */
  pageOf(service: Service, trace: { id: string; at: EpochMs }): string | undefined;
}
