import type { CommandOf } from "../commands.ts";
import type { Event, EventOf } from "../events.ts";
import type { In, Incident, Merge, Pull, Reland, Revert } from "../model.ts";

/** A verified revert. */
export type Relandable = In<"closed"> & { remedy: Revert; merge: Merge; pull: Pull };

const isVerifiedRevert = (incident: Incident): incident is Relandable =>
  incident.status === "closed" &&
  incident.outcome === "verified" &&
  incident.remedy?.kind === "revert" &&
  incident.merge !== undefined &&
  incident.pull !== undefined;

/** Whether a draft may be asked for: once, and again where it could not be opened. */
export const isRelandable = (incident: Incident): incident is Relandable =>
  isVerifiedRevert(incident) && (incident.reland === undefined || "detail" in incident.reland);

/** The draft that was asked for and is not open yet. */
export const relandDue = (incident: Incident): Relandable | undefined => {
  if (!isVerifiedRevert(incident) || incident.reland === undefined) return undefined;
  return "detail" in incident.reland || incident.reland.pull !== undefined ? undefined : incident;
};

export const requestReland = (incident: Incident, { at, by }: CommandOf<"RequestReland">): Event[] =>
  isRelandable(incident) ? [{ type: "RelandRequested", at, by }] : [];

export const recordReland = (incident: Incident, { at, pull }: CommandOf<"RecordReland">): Event[] =>
  relandDue(incident) === undefined ? [] : [{ type: "RelandOpened", at, pull }];

export const refuseReland = (incident: Incident, { at, detail }: CommandOf<"RefuseReland">): Event[] =>
  relandDue(incident) === undefined ? [] : [{ type: "RelandRefused", at, detail }];

export const relandRequested = (incident: Incident, { by }: EventOf<"RelandRequested">): Incident =>
  isRelandable(incident) ? { ...incident, reland: { by } } : incident;

export const relandEnded = (
  incident: Incident,
  event: EventOf<"RelandOpened" | "RelandRefused">,
): Incident => {
  const due = relandDue(incident);
  if (due?.reland === undefined) return incident;
  const { by } = due.reland;
  const reland: Reland =
    event.type === "RelandOpened" ? { by, pull: event.pull } : { by, detail: event.detail };
  return { ...due, reland };
};
