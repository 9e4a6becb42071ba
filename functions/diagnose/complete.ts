import { UpstreamError } from "../../shared/errors.ts";
import { sharedLabels } from "../../shared/incident/alerts/alerts.ts";
import type { Alert, In } from "../../shared/incident/model.ts";
import { isDrill } from "../../shared/policy/drill.ts";
import type { Work } from "../step.ts";

/**
 * The alerts that a truncated notification left out, from Alertmanager itself. Undefined when it cannot be asked, or
 * does not hold the alerts that are known: then it is another Alertmanager.
 */
export const complete = async (
  { activeAlerts }: Work,
  { alerts, truncated }: In<"opened">,
): Promise<Alert[] | undefined> => {
  if (!truncated || activeAlerts === undefined) return undefined;
  const firing = alerts.filter(({ status }) => status === "firing");
  const { alertname: _, ...labels } = sharedLabels(firing);
  if (Object.keys(labels).length === 0) return undefined;
  try {
    const held = (await activeAlerts.list(labels)).map(({ alert }) => alert).filter((one) => !isDrill(one));
    const prints = new Set(held.map(({ fingerprint }) => fingerprint));
    return firing.every(({ fingerprint }) => prints.has(fingerprint)) ? held : undefined;
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};
