import type { EpochMs, IncidentId } from "../../brands.ts";
import { type Active, type Alert, type Incident, incidentId, isActive, maxTroubles } from "../model.ts";
import { latestOf } from "./alerts.ts";

/** A service's troubles in an environment: the first, and those beside it, by number. */
export const troubleIds = ({ service, environment, troubles = 1 }: Incident): IncidentId[] =>
  Array.from({ length: troubles }, (_, index) => incidentId(service, environment, index + 1));

/** Alerts further apart than this have one cause only if nothing else says so. */
const nearMs = 60 * 60 * 1000;

/**
 * Whether an alert plausibly has the cause of an open trouble. Before anything is approved: it began near the onset, and nothing was
 * deployed or switched in between that could explain it alone. Afterwards: it began before the approval, or it is the same alert rule
 * before the fix went live. An alert that begins after a fix went live never counts against it.
 */
const hasSameCause = (incident: Active, { name, startsAt }: Alert, changes: EpochMs[]): boolean => {
  if ("deploy" in incident || "merge" in incident || "approval" in incident) {
    const approvedAt = "approval" in incident ? incident.approval?.at : undefined;
    if (approvedAt !== undefined && startsAt <= approvedAt) return true;
    const liveAt = "deploy" in incident ? incident.deploy.at : Number.POSITIVE_INFINITY;
    return startsAt <= liveAt && incident.alerts.some((known) => known.name === name);
  }
  if (startsAt > incident.onsetAt + nearMs) return false;
  return !changes.some((at) => at > incident.onsetAt && at <= startsAt);
};

/** The number of the trouble that an alert belongs to; `full` when it joins one only because no other may be opened. */
export type Route = { trouble: number; full?: true };

/** `troubles` are the incidents of one service by number, the first at index 0; `changes` its deploys and flags, as instants. */
export const routeAlert = (troubles: Incident[], alert: Alert, changes: EpochMs[]): Route => {
  const known = troubles.findIndex((incident) => isItsOwn(incident, alert));
  if (known >= 0) return { trouble: known + 1 };
  if (alert.status === "resolved") return { trouble: 1 };
  const same = troubles.findIndex((incident) => isActive(incident) && hasSameCause(incident, alert, changes));
  if (same >= 0) return { trouble: same + 1 };
  const free = troubles.findIndex((incident) => !isActive(incident));
  if (free >= 0) return { trouble: free + 1 };
  return troubles.length < maxTroubles ? { trouble: troubles.length + 1 } : { trouble: 1, full: true };
};

/** An open trouble keeps the label sets that it knows, an ended one the firings that it knows. */
const isItsOwn = (incident: Incident, alert: Alert): boolean => {
  const last = latestOf(incident.alerts, alert);
  if (last === undefined) return false;
  return isActive(incident) || alert.status === "resolved" || last.startsAt >= alert.startsAt;
};
