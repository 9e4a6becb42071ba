import type { CommandOf } from "../commands.ts";
import type { Event } from "../events.ts";
import type { Incident } from "../model.ts";
import type { Policy } from "../policy.ts";

/** Waits as long as people, the deploy and the check of the other incident may take. */
export const refer = (
  incident: Incident,
  { at, to, detail }: CommandOf<"RecordReferral">,
  policy: Policy,
): Event[] => {
  if (incident.status !== "diagnosed" && incident.status !== "proposed") return [];
  if (to === incident.id) return [];
  const due = at + 2 * policy.stepMs + policy.approvalMs + policy.deployMs + policy.verifyMs;
  return [{ type: "IncidentReferred", at, to, detail, due }];
};

export const settleReferral = (
  incident: Incident,
  { at, detail }: CommandOf<"SettleReferral">,
  policy: Policy,
): Event[] => {
  if (incident.status !== "referred") return [];
  return [{ type: "ReferralSettled", at, detail, due: at + policy.verifyMs }];
};

export const returnReferral = (
  incident: Incident,
  { at, detail }: CommandOf<"ReturnReferral">,
  policy: Policy,
): Event[] => {
  if (incident.status !== "referred") return [];
  return [{ type: "ReferralReturned", at, detail, due: at + policy.stepMs }];
};
