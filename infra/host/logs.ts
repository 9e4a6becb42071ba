import { observedFetch } from "../../shared/adapters/http/observed-fetch.ts";
import { elasticsearch } from "../../shared/adapters/logs/elasticsearch.ts";
import { logs } from "../../shared/adapters/logs/logs.ts";
import { loki } from "../../shared/adapters/logs/loki.ts";
import type { Logs } from "../../shared/ports/logs.ts";

/** Where log lines are read, as the environment says it. */
export type LogSettings = {
  loki?: { url: string; tenant?: string; token?: string };
  elasticsearch?: { url: string; apiKey?: string };
};

type Value = (name: string) => string | undefined;

/** `address` reads what must be an address. */
export const logSettings = (value: Value, address: Value): LogSettings => {
  const loki = address("LOKI_URL");
  const elasticsearch = address("ELASTICSEARCH_URL");
  const [tenant, token, apiKey] = ["LOKI_TENANT", "LOKI_TOKEN", "ELASTICSEARCH_API_KEY"].map(value);
  return {
    ...(loki === undefined
      ? {}
      : {
          loki: {
            url: loki,
            ...(tenant === undefined ? {} : { tenant }),
            ...(token === undefined ? {} : { token }),
          },
        }),
    ...(elasticsearch === undefined
      ? {}
      : { elasticsearch: { url: elasticsearch, ...(apiKey === undefined ? {} : { apiKey }) } }),
  };
};

export const logsOf = (settings: LogSettings): Logs =>
  logs({
    ...(settings.loki && { loki: loki({ ...settings.loki, fetch: observedFetch("loki") }) }),
    ...(settings.elasticsearch && {
      elasticsearch: elasticsearch({ ...settings.elasticsearch, fetch: observedFetch("elasticsearch") }),
    }),
  });
