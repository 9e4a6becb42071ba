import type { EpochMs } from "../../brands.ts";
import { firing } from "../alerts/alerts.ts";
import type { CommandOf } from "../commands.ts";
import type { Event } from "../events.ts";
import { type Active, dueOf, type In, type Incident, isActive, isUnsettled, type Outcome } from "../model.ts";
import type { Policy } from "../policy.ts";
import type { Verdict } from "../recovery.ts";
import { leftBehind } from "../remedies/redeploy.ts";
import { mayRecover } from "./alerts.ts";

/** Each end tells what is known about recovery, also when people or a refusal ended it. */
export const withFinding = (incident: Incident, told: Event): Event => {
  if (told.type !== "IncidentClosed" && told.type !== "IncidentEscalated") return told;
  const left = leftBehind(incident);
  const event =
    left === undefined ? told : { ...told, detail: told.detail ? `${told.detail}; ${left}` : left };
  if (event.verdict !== undefined || (event.type === "IncidentClosed" && recoveries.has(event.outcome)))
    return event;
  const verdict = verdictOf(incident);
  return verdict === undefined ? event : { ...event, verdict };
};

/** Ends that Alertmanager or Prometheus told: without a finding, only the alerts did. */
const recoveries = new Set<Outcome>(["verified", "recovered", "recovered_by_people"]);

/** The finding about recovery before Prometheus shows one: the merge is not known to be live, or the alert goes on. */
const verdictOf = (incident: Incident): Verdict | undefined => {
  if (!isActive(incident)) return "verdict" in incident ? incident.verdict : undefined;
  if (incident.delay?.verdict !== undefined) return incident.delay.verdict;
  const isFix = !("remedy" in incident) || incident.remedy?.kind !== "withdraw";
  if (incident.status === "merged" && isFix) return "fix_not_live";
  const isSeen = incident.status === "deployed" && incident.delay === undefined;
  return isSeen || firing(incident.alerts) ? "still_firing" : undefined;
};

/** The news of the rounds up to `told` has been told. */
export const recordTold = (incident: Incident, { at, told }: CommandOf<"RecordTold">): Event[] => {
  if (!(incident.untold ?? []).some(({ end }) => end.round <= told)) return [];
  return [{ type: "RoundTold", at, round: told }];
};

export const abandon = (incident: Incident, { at, detail }: CommandOf<"Abandon">): Event[] =>
  isActive(incident)
    ? [
        {
          type: "IncidentClosed",
          at,
          outcome: "abandoned",
          detail: [detail, ...unfollowed(incident)].join("; "),
        },
      ]
    : [];

/** A merge of ours that nobody watches any more. */
const unfollowed = (incident: Active): string[] =>
  (incident.status === "merged" || incident.status === "deployed") &&
  incident.merge &&
  incident.pull &&
  !incident.fix
    ? [
        incident.status === "merged"
          ? `pull request #${incident.pull.number} was merged, and a person must see that it goes live`
          : `pull request #${incident.pull.number} is live, and a person must see whether it helped`,
      ]
    : [];

export const escalate = (incident: Incident, command: CommandOf<"Escalate">): Event[] => {
  const { at, reason, detail, made } = command;
  if (!isActive(incident) && !isRetargetedLate(incident, command)) return [];
  return [{ type: "IncidentEscalated", at, reason, detail, ...(made !== undefined && { made }) }];
};

/** A pull request that goes elsewhere, or is merged there, is told also after something else was. */
const isRetargetedLate = (incident: Incident, { reason, detail }: CommandOf<"Escalate">): boolean =>
  incident.status === "escalated" &&
  reason === "retargeted" &&
  (incident.reason !== "retargeted" || incident.detail !== detail);

const overdue = {
  opened: ["overdue", "the diagnosis could not be finished in time"],
  diagnosed: ["overdue", "the pull request could not be opened in time"],
  proposed: ["unanswered", "nobody decided in time"],
  approved: ["overdue", "the approved pull request could not be merged in time"],
  referred: ["elsewhere", "the incident that this one waits for was not over in time"],
  merged: ["overdue", "the merged change was not reported live in time"],
  deployed: ["not_recovered", "the trouble was not seen to be over in time"],
} as const;

/** People's own fix. */
const overdueFix = ({ fix, merge }: In<"merged">): string | undefined => {
  if (fix === undefined) return undefined;
  if (merge !== undefined) return `${fix.detail}, and that was not reported live in time`;
  return fix.kind === "pull"
    ? "the pull request of a person was not merged in time"
    : "what people did was not live again in time";
};

/** Nobody can answer a question that was not put. */
const unput = (incident: Active): string | undefined =>
  incident.status === "proposed" && !incident.asked ? "people could not be asked in time" : undefined;

/** Deploys were reported, and the newest one does not hold the fix: it may have been live before. */
const lost = ({ notLive }: In<"merged">): string | undefined =>
  notLive === undefined || notLive.failed ? undefined : "the fix did not go live in time";

/** Either nothing was deployed, or its report never came. */
const unreported = ({ fix, pull, merge }: In<"merged">): string | undefined => {
  if (fix !== undefined && merge !== undefined)
    return `no deploy that holds ${merge.sha.slice(0, 12)} was reported: deploy it, or have its deploys reported`;
  return fix !== undefined || pull === undefined
    ? undefined
    : `no deploy that holds pull request #${pull.number} was reported: deploy ${pull.base}, or have its deploys reported`;
};

/** The least time for which an incident is looked at again after nothing has looked at it. */
const lookMs = 2 * 60_000;

/** Nothing could be decided, merged or seen while nothing looked: people and steps have their time again. */
const watchedAgain = (incident: Active, at: EpochMs, { approvalMs, stepMs }: Policy): Event => {
  const gap = `Countersteer did not look at this from ${instant(incident.due)} to ${instant(at)}`;
  // So old a yes merges nothing.
  if (incident.status === "approved" && at >= incident.approval.at + approvalMs)
    return { type: "ApprovalVoided", at, detail: gap, pull: incident.pull, due: at + approvalMs };
  const detail = `${gap}, and its time is given again`;
  const timeMs = incident.status === "proposed" ? approvalMs : Math.max(stepMs, lookMs);
  return { type: "IncidentReleased", at, detail, due: at + timeMs };
};

const instant = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 16)}Z`;

export const expire = (
  incident: Incident,
  { at, unwatched }: CommandOf<"Expire">,
  policy: Policy,
): Event[] => {
  const due = dueOf(incident);
  if (due === undefined || at < due) return [];
  if (isUnsettled(incident)) return [{ type: "FollowingEnded", at }];
  if (!isActive(incident)) return [{ type: "ScaleEnded", at }];
  if (mayRecover(incident, at, policy)) return [];
  if (unwatched && incident.held === undefined) return [watchedAgain(incident, at, policy)];
  const [reason, usual] = overdue[incident.status];
  const merged = incident.status === "merged" ? incident : undefined;
  const what = (merged && (overdueFix(merged) ?? lost(merged))) ?? unput(incident) ?? usual;
  const notLive = merged?.notLive;
  const because =
    notLive?.detail ?? incident.held?.detail ?? incident.delay?.detail ?? (merged && unreported(merged));
  const detail = because === undefined ? what : `${what}; ${because}`;
  const outage = incident.delay?.system;
  return [
    {
      ...{ type: "IncidentEscalated", at, detail, ...(outage && { outage }) },
      reason: notLive?.failed ? "deploy_failed" : reason,
    },
  ];
};
