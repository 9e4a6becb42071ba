import { type Incident, takenUp } from "../model.ts";
import { type Of, settled, unasked } from "./parts.ts";

export const proposed = (incident: Incident, event: Of<"RemedyProposed">): Incident => {
  if (incident.status !== "diagnosed") return incident;
  const { replaced, ...rest } = settled(incident);
  const { remedy, pull, due, look } = event;
  const moved = replaced?.why;
  return {
    ...{ ...rest, status: "proposed", asked: false, remedy, pull, due },
    ...(look && { look }),
    ...(moved !== undefined && { moved }),
  };
};

export const chosen = (incident: Incident, { choice, by, due }: Of<"RemedyChosen">): Incident => {
  if (incident.status !== "proposed") return incident;
  const { remedy, pull, look: _, ...rest } = unasked(incident);
  const taken = [...takenUp(incident), choice];
  return { ...rest, status: "diagnosed", taken, replaced: { remedy, pull, by }, due };
};

export const asked = (incident: Incident, { message }: Of<"ApprovalRequested">): Incident => {
  if (incident.status !== "proposed") return incident;
  return { ...settled(incident), asked: true, message };
};

export const approved = (incident: Incident, event: Of<"RemedyApproved">): Incident => {
  if (incident.status !== "proposed") return incident;
  const { by, at, head, diff, due } = event;
  return { ...unasked(incident), status: "approved", approval: { by, at, head, diff }, due };
};

export const voided = (incident: Incident, { detail, pull, due }: Of<"ApprovalVoided">): Incident => {
  if (incident.status !== "proposed" && incident.status !== "approved") return incident;
  return { ...unasked(incident), status: "proposed", asked: false, moved: detail, pull, due };
};

export const outdated = (incident: Incident, { detail, again, due }: Of<"RemedyOutdated">): Incident => {
  if (incident.status !== "proposed" && incident.status !== "approved") return incident;
  const { remedy, pull, ...rest } = unasked(incident);
  const replaced = { remedy, pull, by: "", why: detail, ...(again && { again }) };
  return { ...rest, status: "diagnosed", replaced, due };
};
