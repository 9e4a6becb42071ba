import { observedFetch } from "../../shared/adapters/http/observed-fetch.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Metrics } from "../../shared/ports/metrics.ts";
import { isMeasured, unmeasured } from "../host/services.ts";
import type { Host } from "./host.ts";

export const metricsOf = ({ env, secret, clock, config }: Host): Metrics => {
  const url = env.PROMETHEUS_URL || undefined;
  if (!isMeasured(config(), url)) return unmeasured;
  return prometheus({
    ...{ url, tenant: env.PROMETHEUS_TENANT, clock, fetch: observedFetch("prometheus") },
    ...{ token: secret("PROMETHEUS_TOKEN"), logins: secret("PROMETHEUS_LOGINS") },
  });
};
