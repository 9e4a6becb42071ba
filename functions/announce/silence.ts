import { type Alert, type Incident, isActive } from "../../shared/incident/model.ts";
import type { Work } from "../step.ts";
import { isConfigured } from "../stop/hold.ts";

/**
 * Silences exactly the incident's firing alerts from the approval on, for a bounded time, and ends the silence with the verdict.
 * Prometheus is asked whether the trouble is over, so a silence never counts as recovery. None begins while Countersteer is stopped.
 */
export const tellSilence = async (
  { silences, serviceOf, killSwitch }: Work,
  incident: Incident,
): Promise<void> => {
  if (silences === undefined || !("pull" in incident) || incident.pull === undefined) return;
  const isKnown = isConfigured(serviceOf, incident.service);
  const silenceMs = isKnown ? serviceOf(incident.service).policy.silenceMs : 0;
  if (silenceMs === undefined) return;
  const comment = `Countersteer ${incident.id}#${incident.round}: ${incident.pull.url}`;
  const isVoided = incident.status === "proposed" && incident.moved !== undefined;
  if (!isActive(incident) || isVoided) return silences.end(comment);
  if (!("approval" in incident) || incident.approval === undefined) return;
  if ((await killSwitch?.stopped()) !== undefined) return;
  const labels = incident.alerts.filter(isFiring).map((alert) => alert.labels);
  await silences.ensure({ labels, comment, until: incident.approval.at + silenceMs });
};

const isFiring = ({ status }: Alert): boolean => status === "firing";
