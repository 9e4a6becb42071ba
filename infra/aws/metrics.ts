import { observedFetch } from "../../shared/adapters/http/observed-fetch.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Metrics } from "../../shared/ports/metrics.ts";
import { unmeasured } from "../host/services.ts";
import type { Host } from "./host.ts";

export const metricsOf = ({ env, secret, clock }: Host): Metrics =>
  env.PROMETHEUS_URL
    ? prometheus({
        ...{ url: env.PROMETHEUS_URL, tenant: env.PROMETHEUS_TENANT, token: secret("PROMETHEUS_TOKEN") },
        ...{ clock, fetch: observedFetch("prometheus") },
      })
    : unmeasured;
