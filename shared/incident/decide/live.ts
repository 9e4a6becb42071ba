import { areJudged } from "../alerts/alerts.ts";
import type { CommandOf } from "../commands.ts";
import type { Event } from "../events.ts";
import { type In, type Incident, isKept } from "../model.ts";
import type { Policy } from "../policy.ts";
import { awaitsRevert } from "../remedies/redeploy.ts";
import { afterWithdrawal, maxTried } from "../remedies/tried.ts";
import { isDue } from "../schedule/follow-up.ts";
import { openRest } from "./alerts.ts";
import { withinDeadline } from "./delay.ts";

export const recordDeploy = (
  incident: Incident,
  command: CommandOf<"RecordDeploy">,
  policy: Policy,
): Event[] => {
  if (awaitsRevert(incident)) return revertBehind(incident, command);
  if (isKept(incident)) return liveAgain(incident, command);
  if (!isUndeployed(incident)) return [];
  return deployed(incident, command, policy);
};

const revertBehind = (
  incident: In<"deployed" | "closed">,
  { at, sha }: CommandOf<"RecordDeploy">,
): Event[] => {
  if (sha === incident.deploy?.sha) return [];
  const due = incident.status === "deployed" ? incident.due : at;
  return [{ type: "RemedyDeployed", at, sha, due, behind: true }];
};

const liveAgain = ({ notLive }: In<"closed">, { at, sha }: CommandOf<"RecordDeploy">): Event[] =>
  notLive === undefined ? [] : [{ type: "RemedyDeployed", at, sha, due: at, again: true }];

/** Whether the incident's merge may still go live, also after an escalation. */
const isUndeployed = (incident: Incident): boolean => {
  if (incident.status === "merged") return true;
  return incident.status === "escalated" && incident.merge !== undefined && incident.deploy === undefined;
};

/** A withdrawal that is live leads to the next remedy. */
const deployed = (
  incident: Incident,
  { at, sha, waitMs = 0, since }: CommandOf<"RecordDeploy">,
  policy: Policy,
): Event[] => {
  const due = Math.max(at + policy.verifyMs, withinDeadline(incident, at + waitMs, policy));
  const begun = since === undefined ? {} : { since: Math.min(at, since) };
  const live: Event = { type: "RemedyDeployed", at, sha, due, ...begun };
  const isWithdrawal = incident.status === "merged" && incident.remedy?.kind === "withdraw";
  return isWithdrawal ? [live, afterWithdrawal(incident, at, policy)] : [live];
};

/** Told once. A fix that was live is waited for again; a deploy that failed changes nothing of what runs. */
export const recordNotLive = (
  incident: Incident,
  { at, sha, detail, failed }: CommandOf<"RecordNotLive">,
  policy: Policy,
): Event[] => {
  const told: Event = { type: "FixNotLive", at, sha, detail, ...(failed && { failed }) };
  if (isKept(incident)) return incident.notLive === undefined && !failed ? [told] : [];
  if (incident.status === "merged") return incident.notLive?.detail === detail ? [] : [told];
  if (incident.status !== "deployed" || failed) return [];
  return [{ ...told, due: at + policy.deployMs }];
};

export const recordIneffective = (
  incident: Incident,
  { at, detail }: CommandOf<"RecordIneffective">,
  policy: Policy,
): Event[] => {
  if (incident.status !== "deployed" || incident.fix !== undefined || incident.remedy === undefined)
    return [];
  if (incident.remedy.kind === "withdraw" || incident.merge?.differs !== undefined) return [];
  if ((incident.tried ?? []).length >= maxTried - 1)
    return [{ type: "IncidentEscalated", at, reason: "not_recovered", detail }];
  return [{ type: "RemedyIneffective", at, detail, due: at + policy.stepMs }];
};

export const recordRecovery = (
  incident: Incident,
  command: CommandOf<"RecordRecovery">,
  policy: Policy,
): Event[] => {
  if (incident.status !== "deployed") return [];
  if (command.judged !== undefined && !areJudged(incident, command.judged)) return [];
  return [recovered(incident, command), ...openRest(incident, command.at, policy)];
};

const recovered = (
  { fix, merge }: In<"deployed">,
  { at, detail, chart }: CommandOf<"RecordRecovery">,
): Event => ({
  ...{ type: "IncidentClosed", at, detail },
  outcome: fix === undefined && merge?.differs === undefined ? "verified" : "recovered_by_people",
  verdict: "fixed",
  ...(fix?.by !== undefined && fix.kind !== "deploy" && { by: fix.by }),
  ...(chart && { chart }),
});

export const recordFollowUp = (
  incident: Incident,
  { at, remedy, pull }: CommandOf<"RecordFollowUp">,
): Event[] => (isDue(incident, remedy) ? [{ type: "FollowUpOpened", at, remedy, pull }] : []);

export const refuseFollowUp = (
  incident: Incident,
  { at, remedy, detail, page }: CommandOf<"RefuseFollowUp">,
): Event[] => {
  if (!isDue(incident, remedy)) return [];
  const refused: Event = { type: "FollowUpRefused", at, remedy, detail, ...(page && { page }) };
  if (!page) return [refused];
  return [
    refused,
    { type: "PageRequested", at, detail: `“${remedy.title}” could not be opened (${detail})` },
  ];
};
