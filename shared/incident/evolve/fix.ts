import type { EpochMs } from "../../brands.ts";
import type { EventOf } from "../events.ts";
import { type In, type Incident, isKept, type Remedy } from "../model.ts";
import { awaitsRevert } from "../remedies/redeploy.ts";
import { isDue } from "../schedule/follow-up.ts";
import { withoutArmed } from "./armed.ts";
import { settled, unasked } from "./parts.ts";

export const merged = (before: Incident, event: EventOf<"RemedyMerged">): Incident => {
  const { at, sha, by, due, differs } = event;
  const incident = withoutArmed(before);
  const merge = { sha, at, by, ...(differs !== undefined && { differs }) };
  if (incident.status === "proposed") return { ...unasked(incident), status: "merged", merge, due };
  if (incident.status === "approved") return { ...settled(incident), status: "merged", merge, due };
  return before;
};

/** The revert behind a redeploy that is live. The trouble is judged by the redeploy all the same. */
export const revertLive = (incident: Incident, { at, sha }: EventOf<"RemedyDeployed">): Incident =>
  awaitsRevert(incident) ? { ...incident, revertLive: { sha, at } } : incident;

/** A verified fix that is live again. */
export const liveAgain = (incident: Incident, { at, sha }: EventOf<"RemedyDeployed">): Incident => {
  if (!isKept(incident)) return incident;
  const { notLive: _, ...rest } = incident;
  return { ...rest, deploy: { sha, at } };
};

export const deployed = (
  incident: Incident,
  { at, sha, due, since }: EventOf<"RemedyDeployed">,
): Incident => {
  if (incident.status !== "merged") return incident;
  return {
    ...running(incident),
    ...(incident.remedy !== undefined && { remedy: timed(incident.remedy, at) }),
    ...{ status: "deployed", deploy: { sha, at, ...(since !== undefined && { since }) }, due },
  };
};

const running = ({ notLive: _, ...incident }: In<"merged">) => settled(incident);

/** The time of a scale that is for a time counts from when it is live. */
const timed = (remedy: Remedy, at: EpochMs): Remedy =>
  remedy.kind === "scale" && remedy.forMs !== undefined ? { ...remedy, until: at + remedy.forMs } : remedy;

export const notLive = (
  incident: Incident,
  { sha, detail, failed, due }: EventOf<"FixNotLive">,
): Incident => {
  const why = { sha, detail, ...(failed && { failed }) };
  if (incident.status === "merged" || isKept(incident)) return { ...incident, notLive: why };
  if (incident.status !== "deployed" || due === undefined) return incident;
  const { deploy: _, revertLive: __, ...rest } = settled(incident);
  return { ...rest, status: "merged", notLive: why, due };
};

export const fixed = (incident: Incident, { at, fix, due }: EventOf<"FixFound">): Incident => {
  const diagnosed = diagnosedOf(incident);
  if (diagnosed === undefined) return incident;
  const { sha, by = "someone" } = fix;
  const isMerged = fix.kind === "revert" || fix.kind === "deploy";
  const merge = sha !== undefined && isMerged ? { merge: { sha, at: fix.at, by } } : {};
  if (isMerged || fix.kind === "pull") return { ...diagnosed, ...merge, status: "merged", fix, due };
  const deploy = sha === undefined ? { at } : { sha, at };
  return { ...diagnosed, status: "deployed", fix, deploy, due };
};

/** The incident with its diagnosis, where people's own fix may take it from. */
const diagnosedOf = (incident: Incident) => {
  switch (incident.status) {
    case "opened": {
      const { thin, delay: _, ...rest } = incident;
      return thin === undefined ? undefined : { ...rest, diagnosis: thin.diagnosis };
    }
    case "proposed":
      return unasked(incident);
    case "diagnosed":
    case "merged":
      return settled(incident);
    default:
      return undefined;
  }
};

export const returnProposed = (incident: Incident, { number }: EventOf<"ReturnProposed">): Incident =>
  "merge" in incident && incident.merge !== undefined
    ? { ...incident, returning: [...(incident.returning ?? []), number] }
    : incident;

export const followedUp = (
  incident: Incident,
  event: EventOf<"FollowUpOpened" | "FollowUpRefused">,
): Incident => {
  const { remedy } = event;
  if (!isDue(incident, remedy)) return incident;
  const followUp =
    event.type === "FollowUpOpened"
      ? { remedy, pull: event.pull }
      : { remedy, detail: event.detail, ...(event.page && { page: event.page }) };
  return { ...incident, followUp };
};
