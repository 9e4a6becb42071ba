import type { LogLine, Logs } from "../../ports/logs.ts";
import type { Service } from "../../ports/service.ts";
import type { TimeRange } from "../../ports/time-range.ts";

/** Reads the earliest lines of a window, at most `limit`. Throws UpstreamError. */
export type ReadLines<Query> = (query: Query, window: TimeRange & { service: string }) => Promise<LogLine[]>;

/** The log stores that are set up; a service's configuration says which of them holds its lines. */
export type Stores = {
  loki?: ReadLines<string>;
  elasticsearch?: ReadLines<{ index: string; query: string }>;
  cloudwatch?: ReadLines<{ group: string; pattern: string }>;
};

/** Log lines of services, from whichever store they are configured in. */
export const logs = (stores: Stores): Logs => ({
  lines: async ({ name, logs: configured }, window) => {
    if (configured === undefined) return { lines: [] };
    const [read, setting] = readerOf(stores, configured);
    if (read === undefined)
      return { lines: [], unread: `the logs of ${name} are not read: ${setting} is not set` };
    try {
      return { lines: await read({ ...window, service: name }) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { lines: [], unread: `the logs of ${name} could not be read (${why})` };
    }
  },
});

/** The reader of the store that the service names, and the variable without which there is none. */
const readerOf = (stores: Stores, configured: NonNullable<Service["logs"]>) => {
  if ("loki" in configured) return [bind(stores.loki, configured.loki), "LOKI_URL"] as const;
  if ("cloudwatch" in configured)
    return [bind(stores.cloudwatch, configured.cloudwatch), "AWS_REGION"] as const;
  return [bind(stores.elasticsearch, configured.elasticsearch), "ELASTICSEARCH_URL"] as const;
};

const bind = <Query>(read: ReadLines<Query> | undefined, query: Query) =>
  read === undefined
    ? undefined
    : (window: Parameters<ReadLines<Query>>[1]): Promise<LogLine[]> => read(query, window);
