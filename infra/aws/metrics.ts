import { observedFetch } from "../../shared/adapters/http/observed-fetch.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Metrics } from "../../shared/ports/metrics.ts";
import { unmeasured } from "../host/services.ts";
import type { Host } from "./host.ts";

export const metricsOf = ({ env }: Host): Metrics =>
  env.PROMETHEUS_URL
    ? prometheus({ url: env.PROMETHEUS_URL, fetch: observedFetch("prometheus") })
    : unmeasured;
