import { diagnose } from "../../../functions/diagnose/diagnose.ts";
import { parseMatcher } from "../../../shared/policy/match.ts";
import { activeAlertsOf } from "../adapters/active-alerts.ts";
import { logsOf } from "../adapters/logs.ts";
import { metricsOf } from "../adapters/metrics.ts";
import { opinionsOf } from "../adapters/opinions.ts";
import { registryOf } from "../adapters/registries.ts";
import { redeploysWith, sourceOf } from "../adapters/source.ts";
import { tracesOf } from "../adapters/traces.ts";
import { onLambda } from "../host.ts";
import { stepFunction } from "../step.ts";

export const definition = {
  ...stepFunction(diagnose, {
    source: (host) => sourceOf(host, "GITHUB_READ"),
    redeploys: (host) => redeploysWith(host, "GITHUB_READ"),
    metrics: metricsOf,
    activeAlerts: activeAlertsOf,
    ...{ logs: logsOf, traces: tracesOf, opinions: opinionsOf },
    places: ({ env }) => ({
      ...(env.GRAFANA_URL && { grafana: env.GRAFANA_URL }),
      ...(env.KIBANA_URL && { kibana: env.KIBANA_URL }),
    }),
    registry: registryOf,
  }),
  matcher: parseMatcher,
};
export const handler = onLambda(definition);
