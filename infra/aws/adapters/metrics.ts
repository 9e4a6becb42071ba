import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { type MetricsOptions, prometheus } from "../../../shared/adapters/prometheus/prometheus.ts";
import type { Metrics } from "../../../shared/ports/metrics.ts";
import { grafanaRulesOf } from "../../host/adapters/grafana.ts";
import { isMeasured, unmeasured } from "../../host/settings/services.ts";
import type { Host } from "../host.ts";
import { signedFetch } from "./signed-fetch.ts";

export const metricsOf = (host: Host): Metrics => {
  const { env, secret, clock, config } = host;
  const url = env.PROMETHEUS_URL || undefined;
  if (!isMeasured(config(), url)) return unmeasured;
  return prometheus({
    ...{ url, tenant: env.PROMETHEUS_TENANT, clock, logins: secret("PROMETHEUS_LOGINS") },
    ...loginOf(host, url),
    ...grafanaRulesOf({ url: env.GRAFANA_URL || undefined, rulesToken: secret("GRAFANA_RULES_TOKEN") }),
  });
};

/** How the functions log in to the Prometheus of `PROMETHEUS_URL`, as `PROMETHEUS_AUTH` says. */
const loginOf = (
  host: Host,
  url: string | undefined,
): Pick<MetricsOptions, "fetch" | "token" | "headers"> => {
  const { env, secret } = host;
  const send = observedFetch("prometheus");
  const token = secret("PROMETHEUS_TOKEN");
  switch (env.PROMETHEUS_AUTH || "bearer") {
    case "bearer":
      return { fetch: send, token };
    case "basic":
      if (!token?.includes(":"))
        throw new Error(
          "PROMETHEUS_AUTH is basic: PROMETHEUS_TOKEN must be a user and a password, user:password",
        );
      return { fetch: send, headers: { authorization: `Basic ${Buffer.from(token).toString("base64")}` } };
    case "sigv4":
      if (url === undefined)
        throw new Error("PROMETHEUS_AUTH is sigv4: PROMETHEUS_URL must name the workspace");
      return { fetch: signedFetch(host, { origin: new URL(url).origin, fetch: send }) };
    default:
      throw new Error(`PROMETHEUS_AUTH is ${env.PROMETHEUS_AUTH}: it must be bearer, basic or sigv4`);
  }
};
