import { verify } from "../../../functions/verify/verify.ts";
import { activeAlertsOf } from "../active-alerts.ts";
import { onLambda } from "../host.ts";
import { metricsOf } from "../metrics.ts";
import { sourceOf } from "../source.ts";
import { stepFunction } from "../step.ts";

export const definition = stepFunction(verify, {
  source: (host) => sourceOf(host, "GITHUB_READ"),
  metrics: metricsOf,
  activeAlerts: activeAlertsOf,
});
export const handler = onLambda(definition);
