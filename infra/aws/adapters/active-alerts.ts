import { alertmanagerAlerts } from "../../../shared/adapters/alertmanager/active-alerts.ts";
import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import type { ActiveAlerts } from "../../../shared/ports/active-alerts.ts";
import type { Host } from "../host.ts";

/** The alerts that Alertmanager holds, where its address is known. */
export const activeAlertsOf = ({ env, secret }: Host): ActiveAlerts | undefined =>
  env.ALERTMANAGER_URL
    ? alertmanagerAlerts({
        ...{ system: "alertmanager", url: env.ALERTMANAGER_URL, token: secret("ALERTMANAGER_API_TOKEN") },
        fetch: observedFetch("alertmanager"),
      })
    : undefined;
