import { observedFetch } from "../shared/adapters/calls.ts";
import { elasticsearch } from "../shared/adapters/elasticsearch.ts";
import { logs } from "../shared/adapters/logs.ts";
import { loki } from "../shared/adapters/loki.ts";
import type { Logs } from "../shared/ports.ts";

/** Where log lines are read, as the environment says it. */
export type LogSettings = {
  loki?: { url: string; tenant?: string; token?: string };
  elasticsearch?: { url: string; apiKey?: string };
};

export const logsOf = (settings: LogSettings): Logs =>
  logs({
    ...(settings.loki && { loki: loki({ ...settings.loki, fetch: observedFetch("loki") }) }),
    ...(settings.elasticsearch && {
      elasticsearch: elasticsearch({ ...settings.elasticsearch, fetch: observedFetch("elasticsearch") }),
    }),
  });
