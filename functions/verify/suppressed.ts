import { UpstreamError } from "../../shared/errors.ts";
import { troubles } from "../../shared/incident/alerts/alerts.ts";
import type { In } from "../../shared/incident/model.ts";
import type { Verdict } from "../../shared/incident/recovery.ts";
import type { ActiveAlert } from "../../shared/ports/active-alerts.ts";
import type { Work } from "../step.ts";
import { isAnother } from "./other-alertmanager.ts";

type Suppressed = { verdict: Verdict; detail: string };

/**
 * Whether a silence or another alert hides an alert that still fires; another Alertmanager's silence hides nothing. Undefined also when
 * Alertmanager cannot be asked.
 */
export const suppressed = async (
  { activeAlerts }: Work,
  incident: In<"deployed">,
): Promise<Suppressed | undefined> => {
  if (activeAlerts === undefined) return undefined;
  try {
    const asked = troubles(incident).map(({ labels }) => activeAlerts.list(labels));
    const held = (await Promise.all(asked)).flat();
    if (isAnother(incident, held)) return undefined;
    return held.map(hiddenBy).find((one) => one !== undefined);
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};

const hiddenBy = ({ alert, silencedBy, inhibitedBy }: ActiveAlert): Suppressed | undefined => {
  const [silence] = silencedBy;
  if (silence !== undefined)
    return { verdict: "silenced", detail: `${alert.name} still fires; a silence hides it (${silence})` };
  if (inhibitedBy.length === 0) return undefined;
  return { verdict: "inhibited", detail: `${alert.name} still fires; another alert inhibits it` };
};
