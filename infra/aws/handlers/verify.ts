import { verify } from "../../../functions/verify/verify.ts";
import { activeAlertsOf } from "../adapters/active-alerts.ts";
import { metricsOf } from "../adapters/metrics.ts";
import { sourceOf } from "../adapters/source.ts";
import { onLambda } from "../host.ts";
import { stepFunction } from "../step.ts";

export const definition = stepFunction(verify, {
  source: (host) => sourceOf(host, "GITHUB_READ"),
  metrics: metricsOf,
  activeAlerts: activeAlertsOf,
});
export const handler = onLambda(definition);
