import type { LogLine, Logs } from "../../ports/logs.ts";

/** Reads the earliest lines of a window, at most `limit`. Throws UpstreamError. */
export type ReadLines<Query> = (
  query: Query,
  window: { service: string; from: number; to: number; limit: number },
) => Promise<LogLine[]>;

/** The log stores that are set up; a service's configuration says which of them holds its lines. */
export type Stores = {
  loki?: ReadLines<string>;
  elasticsearch?: ReadLines<{ index: string; query: string }>;
};

/** Log lines of services, from whichever store they are configured in. */
export const logs = (stores: Stores): Logs => ({
  lines: async ({ name, logs: configured }, window) => {
    if (configured === undefined) return { lines: [] };
    const [read, setting] =
      "loki" in configured
        ? [bind(stores.loki, configured.loki), "LOKI_URL"]
        : [bind(stores.elasticsearch, configured.elasticsearch), "ELASTICSEARCH_URL"];
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

const bind = <Query>(read: ReadLines<Query> | undefined, query: Query) =>
  read === undefined
    ? undefined
    : (window: Parameters<ReadLines<Query>>[1]): Promise<LogLine[]> => read(query, window);
