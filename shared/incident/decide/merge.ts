import type { CommandOf } from "../commands.ts";
import type { Event } from "../events.ts";
import { type In, type Incident, isUnsettled, type Unsettled } from "../model.ts";
import type { Policy } from "../policy.ts";

export const recordMerge = (
  incident: Incident,
  { at, pull, sha, by, differs }: CommandOf<"RecordMerge">,
  policy: Policy,
): Event[] => {
  if (!isUnmerged(incident) || pull !== incident.pull?.number) return [];
  const due = at + policy.deployMs;
  return [{ type: "RemedyMerged", at, sha, by, due, ...(differs !== undefined && { differs }) }];
};

/** Only what is approved is armed, and once. */
export const recordArming = (
  incident: Incident,
  { at, how, head, detail }: CommandOf<"RecordArming">,
): Event[] => {
  if (incident.status !== "approved" || incident.approval.head !== head) return [];
  if (incident.armed?.how === how && incident.armed.pull.head === head) return [];
  return [{ type: "MergeArmed", at, how, head, detail }];
};

export const recordDisarming = (
  incident: Incident,
  { at, pull, detail }: CommandOf<"RecordDisarming">,
): Event[] => {
  if (!("armed" in incident) || incident.armed?.pull.number !== pull) return [];
  return [{ type: "MergeDisarmed", at, detail }];
};

/** Told once for each pull request. */
export const recordLeftOpen = (
  incident: Incident,
  { at, number, url, detail }: CommandOf<"RecordLeftOpen">,
): Event[] => {
  if (incident.status === "none" || incident.leftOpen?.includes(url)) return [];
  return [{ type: "PullLeftOpen", at, number, url, detail }];
};

/** Told once for each pull request. */
export const recordPromotion = (
  incident: Incident,
  { at, number, url, detail }: CommandOf<"RecordPromotion">,
): Event[] => {
  const isMerged = "merge" in incident && incident.merge !== undefined;
  if (!isMerged || incident.returning?.includes(number)) return [];
  return [{ type: "ReturnProposed", at, number, url, detail }];
};

export const withdraw = (incident: Incident, { at, pull, detail, by }: CommandOf<"Withdraw">): Event[] => {
  if (!isUnmerged(incident) || incident.status === "closed") return [];
  if (pull !== incident.pull?.number) return [];
  return [{ type: "IncidentClosed", at, outcome: "withdrawn", detail, ...(by !== undefined && { by }) }];
};

/** Whether the incident's pull request may still be merged, by a person or a merge queue also after its end. */
const isUnmerged = (incident: Incident): incident is In<"proposed" | "approved"> | Unsettled => {
  if (incident.status === "proposed" || incident.status === "approved") return true;
  return isUnsettled(incident) && incident.merge === undefined;
};
