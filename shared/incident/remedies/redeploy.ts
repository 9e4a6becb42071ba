import type { Sha } from "../../brands.ts";
import type { CommandOf } from "../commands.ts";
import type { Event, EventOf } from "../events.ts";
import { type Active, type In, type Incident, isActive, isKept, type Remedy } from "../model.ts";
import type { Policy } from "../policy.ts";
import type { Redeploy, Redeployment } from "./redeployment.ts";
import { pullKey } from "./remedies.ts";

/** The redeploy that comes before the remedy, if any. */
export const firstOf = (remedy: Remedy): Redeploy | undefined =>
  remedy.kind === "revert" ? remedy.first : undefined;

/** The commit that was put back, or may have been, by the incident's own redeploy. */
export const putBackBy = (incident: Incident): Redeployment | undefined => {
  const redeploy = "redeploy" in incident ? incident.redeploy : undefined;
  const how = redeploy?.end?.how;
  return redeploy?.id === undefined || how === "failed" || how === "held_back" ? undefined : redeploy;
};

/**
 * The redeploy whose revert is not merged yet. Once it is merged, and did not help, a trouble that goes away did so without it.
 */
export const unmergedRedeploy = (incident: Incident): Redeployment | undefined => {
  const redeploy = putBackBy(incident);
  return redeploy === undefined || isTried(incident, redeploy) ? undefined : redeploy;
};

/** Whether the revert of the redeploy was merged in this round, and did not help. */
export const isTried = (incident: Incident, { of }: Redeployment): boolean =>
  "tried" in incident && (incident.tried ?? []).some(({ remedy }) => pullKey(remedy) === of);

/** Whether alerts that ended since the approval may have been ended by the redeploy before the very revert that is approved. */
export const mayHaveEnded = (incident: In<"approved">): boolean => {
  const redeploy = putBackBy(incident);
  return redeploy?.of === pullKey(incident.remedy) && redeploy.end?.how !== "unknown";
};

/** Once a round, and only what is approved. Its end can still be told once it took too long. */
export const beginRedeploy = (
  incident: Incident,
  { at, sha, id, tool }: CommandOf<"BeginRedeploy">,
  { deployMs, stepMs }: Policy,
): Event[] => {
  if (incident.status !== "approved" || incident.redeploy !== undefined) return [];
  if (firstOf(incident.remedy)?.sha !== sha) return [];
  const due = Math.max(incident.due, at + deployMs + stepMs);
  return [{ type: "RedeployBegun", at, sha, id, tool, due }];
};

export const recordRun = (incident: Incident, { at, run, url }: CommandOf<"RecordRedeployRun">): Event[] => {
  const known = isActive(incident) ? incident.redeploy : undefined;
  if (known?.id === undefined || known.run !== undefined || known.end !== undefined) return [];
  return [{ type: "RedeployStarted", at, run, url }];
};

/** A begun redeploy ends also where it is not approved any more; only one to come is left out. The merge has its usual time from then on. */
export const endRedeploy = (
  incident: Incident,
  { at, sha, how, detail }: CommandOf<"EndRedeploy">,
  { stepMs }: Policy,
): Event[] => {
  if (!isActive(incident) || !(how === "left_out" ? isToCome : isBegun)(incident, sha)) return [];
  const due = incident.status === "approved" ? Math.max(incident.due, at + stepMs) : incident.due;
  return [{ type: "RedeployEnded", at, sha, how, detail, due }];
};

const isToCome = (incident: Active, sha: Sha): boolean =>
  incident.status === "approved" && incident.redeploy === undefined && firstOf(incident.remedy)?.sha === sha;

const isBegun = ({ redeploy }: Active, sha: Sha): boolean =>
  redeploy?.id !== undefined && redeploy.sha === sha && redeploy.end === undefined;

/** Whether the redeploy is live, and the revert behind it is not known to be. */
export const awaitsRevert = (incident: Incident): incident is In<"deployed" | "closed"> => {
  if (incident.status !== "deployed" && !isKept(incident)) return false;
  const { remedy, redeploy, deploy, notLive, revertLive } = incident;
  if (remedy === undefined || redeploy?.id === undefined || notLive !== undefined) return false;
  return revertLive === undefined && firstOf(remedy)?.sha === deploy?.sha;
};

/** Told once for each deploy. */
export const recordReturn = (incident: Incident, { at, sha, detail }: CommandOf<"RecordReturn">): Event[] => {
  const redeploy = isActive(incident) ? putBackBy(incident) : undefined;
  if (redeploy === undefined || redeploy.warned?.includes(sha)) return [];
  return [{ type: "CulpritReturned", at, sha, detail }];
};

export const redeployBegun = (
  incident: Incident,
  { at, sha, id, due }: EventOf<"RedeployBegun">,
): Incident =>
  incident.status === "approved"
    ? { ...incident, redeploy: { sha, at, id, of: pullKey(incident.remedy) }, due }
    : incident;

export const redeployStarted = (incident: Incident, { run, url }: EventOf<"RedeployStarted">): Incident =>
  isActive(incident) && incident.redeploy !== undefined
    ? { ...incident, redeploy: { ...incident.redeploy, run, url } }
    : incident;

export const redeployEnded = (
  incident: Incident,
  { at, sha, how, detail, due }: EventOf<"RedeployEnded">,
): Incident => {
  if (!isActive(incident)) return incident;
  const ended = { sha, at, ...incident.redeploy, end: { how, at, detail } };
  if (incident.status !== "approved") return { ...incident, redeploy: ended };
  const { delay: _, ...rest } = incident;
  return { ...rest, redeploy: { of: pullKey(incident.remedy), ...ended }, due };
};

export const culpritReturned = (incident: Incident, { sha }: EventOf<"CulpritReturned">): Incident => {
  if (!isActive(incident) || incident.redeploy === undefined) return incident;
  const warned = [...(incident.redeploy.warned ?? []), sha];
  return { ...incident, redeploy: { ...incident.redeploy, warned } };
};

/** The state that an end leaves behind when the former deploy was put back and the revert is not merged. */
export const leftBehind = (incident: Incident): string | undefined => {
  const redeploy = unmergedRedeploy(incident);
  const isOpen = isActive(incident) || incident.status === "escalated";
  if (redeploy === undefined || !isOpen || !("pull" in incident)) return undefined;
  if (("merge" in incident && incident.merge !== undefined) || incident.pull === undefined) return undefined;
  const { pull, remedy } = incident;
  const isOwn = remedy !== undefined && pullKey(remedy) === redeploy.of;
  const unless = isOwn ? ` unless #${pull.number} is merged` : "";
  return `${redeploy.sha.slice(0, 12)} ${howFar(redeploy)} put back, and ${pull.base} still holds the change: the next deploy of ${pull.base} brings it back${unless}`;
};

const howFar = ({ end }: Redeployment): string => {
  if (end === undefined) return "is being";
  return end.how === "unknown" ? "may have been" : "was";
};
