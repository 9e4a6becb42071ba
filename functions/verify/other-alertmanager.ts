import { UpstreamError } from "../../shared/errors.ts";
import { sharedLabels } from "../../shared/incident/alerts/alerts.ts";
import type { Alert } from "../../shared/incident/model.ts";
import type { ActiveAlert } from "../../shared/ports/active-alerts.ts";
import type { Work } from "../step.ts";

type Alerting = { alerts: Alert[] };

const another =
  "the Alertmanager of ALERTMANAGER_URL holds none of its alerts, so it is another one: silences and inhibitions are not seen";

/** A sentence where the Alertmanager that can be asked is another cluster's. Undefined where none can be asked. */
export const otherAlertmanager = async (
  { activeAlerts }: Pick<Work, "activeAlerts">,
  incident: Alerting,
): Promise<string | undefined> => {
  const labels = sharedLabels(incident.alerts.filter(isFiring));
  if (activeAlerts === undefined || Object.keys(labels).length === 0) return undefined;
  try {
    return isAnother(incident, await activeAlerts.list(labels)) ? another : undefined;
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};

/** Whether alerts fire, by what Alertmanager told, and this one holds none of them. */
export const isAnother = ({ alerts }: Alerting, held: ActiveAlert[]): boolean => {
  const firing = alerts.filter(isFiring);
  const prints = new Set(held.map(({ alert }) => alert.fingerprint));
  return firing.length > 0 && !firing.some(({ fingerprint }) => prints.has(fingerprint));
};

const isFiring = ({ status }: Alert): boolean => status === "firing";
