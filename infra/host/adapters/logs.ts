import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { elasticsearch } from "../../../shared/adapters/logs/elasticsearch.ts";
import { logs } from "../../../shared/adapters/logs/logs.ts";
import { loki } from "../../../shared/adapters/logs/loki.ts";
import type { Logs } from "../../../shared/ports/logs.ts";

/** Where log lines are read, as the environment says it. */
export type LogSettings = {
  loki?: { url: string; tenant?: string; token?: string };
  elasticsearch?: { url: string; apiKey?: string };
};

type Variable = "LOKI_URL" | "LOKI_TENANT" | "LOKI_TOKEN" | "ELASTICSEARCH_URL" | "ELASTICSEARCH_API_KEY";

export const logSettings = (given: Partial<Record<Variable, string | undefined>>): LogSettings => {
  const { LOKI_URL: loki, LOKI_TENANT: tenant, LOKI_TOKEN: token } = given;
  const { ELASTICSEARCH_URL: elasticsearch, ELASTICSEARCH_API_KEY: apiKey } = given;
  return {
    ...(loki && { loki: { url: loki, ...(tenant && { tenant }), ...(token && { token }) } }),
    ...(elasticsearch && { elasticsearch: { url: elasticsearch, ...(apiKey && { apiKey }) } }),
  };
};

export const logsOf = (settings: LogSettings): Logs =>
  logs({
    ...(settings.loki && { loki: loki({ ...settings.loki, fetch: observedFetch("loki") }) }),
    ...(settings.elasticsearch && {
      elasticsearch: elasticsearch({ ...settings.elasticsearch, fetch: observedFetch("elasticsearch") }),
    }),
  });
