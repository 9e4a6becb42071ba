import type { EventOf } from "../events.ts";
import type { Incident } from "../model.ts";
import { settled } from "./parts.ts";

/** The pull request is noted with it, as the incident may leave that before auto-merge is taken back. */
export const armed = (incident: Incident, { how, at }: EventOf<"MergeArmed">): Incident => {
  if (incident.status !== "approved") return incident;
  const { pull, remedy } = incident;
  const place = {
    ...(remedy.in && { in: remedy.in }),
    ...(remedy.repository !== undefined && { repository: remedy.repository }),
  };
  return { ...settled(incident), armed: { how, at, pull, ...place } };
};

/** An approved incident goes on at once. */
export const disarmed = (incident: Incident): Incident =>
  withoutArmed(incident.status === "approved" ? settled(incident) : incident);

export const withoutArmed = <T extends Incident>(incident: T): T => {
  if (!("armed" in incident)) return incident;
  const { armed: _, ...rest } = { ...incident };
  return rest as T;
};
