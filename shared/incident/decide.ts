import type { EpochMs } from "../brands.ts";
import { firing } from "./alerts.ts";
import type { Command } from "./commands.ts";
import { remind, requestPage } from "./deadline.ts";
import { completeAlerts, openRest, recordAlerts, recordDoubt, recordSelfRecovery } from "./decide/alerts.ts";
import { answerCommand, approve, reject, takeBack } from "./decide/approval.ts";
import { recordDiagnosis, recordFix } from "./decide/diagnosis.ts";
import type { Event } from "./events.ts";
import { isDue } from "./follow-up.ts";
import { hold, release } from "./hold.ts";
import {
  type Active,
  dueOf,
  type In,
  type Incident,
  isActive,
  isKept,
  isUnsettled,
  maxTroubles,
  type Outcome,
  takenUp,
  type Unsettled,
  type Verdict,
} from "./model.ts";
import type { Policy } from "./policy.ts";
import { isOpen } from "./question.ts";
import { recordRefusal } from "./refusals.ts";
import { reopen, retry } from "./resume.ts";
import { ruleOut } from "./ruled-out.ts";
import { snooze } from "./snooze.ts";
import { afterWithdrawal, maxTried } from "./tried.ts";
import { awaitedDeploy } from "./undeployed.ts";

type Of<T extends Command["type"]> = Extract<Command, { type: T }>;

/** Returns the facts that follow from the command, or nothing when it comes late, twice or out of turn. Pure, and never throws. */
export const decide = (incident: Incident, command: Command, policy: Policy): Event[] => {
  if ("round" in command && command.round !== incident.round) return [];
  return decided(incident, command, policy).map((event) => withFinding(incident, event));
};

/** Each end tells what is known about recovery, also when people or a refusal ended it. */
const withFinding = (incident: Incident, event: Event): Event => {
  if (event.type !== "IncidentClosed" && event.type !== "IncidentEscalated") return event;
  if (event.verdict !== undefined || (event.type === "IncidentClosed" && recoveries.has(event.outcome)))
    return event;
  const verdict = verdictOf(incident);
  return verdict === undefined ? event : { ...event, verdict };
};

/** Ends that Alertmanager or Prometheus told: without a finding, only the alerts did. */
const recoveries = new Set<Outcome>(["verified", "recovered", "recovered_by_people"]);

const decided = (incident: Incident, command: Command, policy: Policy): Event[] => {
  const { at } = command;
  switch (command.type) {
    case "RecordAlerts":
      return recordAlerts(incident, command, policy);
    case "RecordDiagnosis":
      return recordDiagnosis(incident, command, policy);
    case "RecordFix":
      return recordFix(incident, command.fix, at, policy);
    case "RecordReferral":
      return refer(incident, command, policy);
    case "SettleReferral":
      if (incident.status !== "referred") return [];
      return [{ type: "ReferralSettled", at, detail: command.detail, due: at + policy.verifyMs }];
    case "ReturnReferral":
      if (incident.status !== "referred") return [];
      return [{ type: "ReferralReturned", at, detail: command.detail, due: at + policy.stepMs }];
    case "RecordSeparation":
      return separate(incident, command);
    case "RecordTold":
      if (!(incident.untold ?? []).some(({ end }) => end.round <= command.told)) return [];
      return [{ type: "RoundTold", at, round: command.told }];
    case "RecordProposal":
      if (incident.status !== "diagnosed") return [];
      return recordProposal(incident, command, policy);
    case "RecordRequest":
      if (incident.status !== "proposed" || incident.asked || incident.held !== undefined) return [];
      if (command.head !== incident.pull.head) return [];
      return [requested(command)];
    case "RecordMessage":
      if (incident.status === "none" || incident.message?.ts !== command.instead?.ts) return [];
      return [
        {
          ...{ type: "MessagePosted", at, message: command.message },
          ...(command.instead && { instead: command.instead }),
        },
      ];
    case "Approve":
      return approve(incident, command, policy);
    case "TakeBack":
      return takeBack(incident, command, policy);
    case "AnswerCommand":
      return answerCommand(incident, command);
    case "Choose":
      return choose(incident, command, policy);
    case "RuleOut":
      return ruleOut(incident, command, policy);
    case "Snooze":
      return snooze(incident, command);
    case "LookAgain":
      return isOpen(incident, command, at) ? [{ type: "LookRequested", at, by: command.by }] : [];
    case "Reject":
      return reject(incident, command);
    case "RecordMove":
      if (incident.status !== "proposed" && incident.status !== "approved") return [];
      if (command.pull.number !== incident.pull.number) return [];
      return [
        {
          ...{ type: "ApprovalVoided", at, detail: command.detail, pull: command.pull },
          due: at + policy.approvalMs,
          ...(command.overtaken && { overtaken: command.overtaken }),
        },
      ];
    case "RecordMerge":
      if (!isUnmerged(incident) || command.pull !== incident.pull?.number) return [];
      return [mergedAs(command, policy)];
    case "RecordArming":
      return recordArming(incident, command);
    case "RecordRefusal":
      return recordRefusal(incident, command);
    case "RecordDisarming":
      if (!("armed" in incident) || incident.armed?.pull.number !== command.pull) return [];
      return [{ type: "MergeDisarmed", at, detail: command.detail }];
    case "RecordDeploy":
      if (isKept(incident)) return liveAgain(incident, command);
      if (!isUndeployed(incident)) return [];
      return recordDeploy(incident, command, policy);
    case "RecordIneffective":
      return recordIneffective(incident, command, policy);
    case "RecordNotLive":
      return recordNotLive(incident, command, policy);
    case "RecordSelfRecovery":
      return recordSelfRecovery(incident, command);
    case "RecordDoubt":
      return recordDoubt(incident, command);
    case "RecordRecovery":
      if (incident.status !== "deployed") return [];
      return [recovered(incident, command), ...openRest(incident, at, policy)];
    case "CompleteAlerts":
      return completeAlerts(incident, command);
    case "RecordQuestions":
      if (!isActive(incident)) return [];
      return questions(incident, command);
    case "RecordFollowUp": {
      if (!isDue(incident, command.remedy)) return [];
      return [{ type: "FollowUpOpened", at, remedy: command.remedy, pull: command.pull }];
    }
    case "RefuseFollowUp": {
      if (!isDue(incident, command.remedy)) return [];
      return refuseFollowUp(command);
    }
    case "Withdraw":
      if (!isUnmerged(incident) || incident.status === "closed") return [];
      if (command.pull !== incident.pull?.number) return [];
      return [closed("withdrawn", command, at)];
    case "RecordReopening":
      return reopen(incident, command, policy);
    case "Retry":
      if (isActive(incident) && incident.held?.by === "cause") return freed(incident, command, policy);
      return retry(incident, command, policy);
    case "Hold":
      return hold(incident, command, policy);
    case "Release":
      return release(incident, command, policy);
    case "Abandon":
      if (!isActive(incident)) return [];
      return [{ type: "IncidentClosed", at, outcome: "abandoned", detail: command.detail }];
    case "Escalate":
      if (!isActive(incident) && !isRetargetedLate(incident, command)) return [];
      return [escalated(command, at)];
    case "Delay":
      return isActive(incident) ? delay(incident, command, policy) : [];
    case "RecordConflict":
      if (incident.status !== "proposed" && incident.status !== "approved") return [];
      if (command.pull !== incident.pull.number) return [];
      return [
        {
          ...{ type: "RemedyOutdated", at, detail: command.detail, due: at + policy.stepMs },
          ...(command.again && { again: command.again }),
        },
      ];
    case "RequestPage":
      return requestPage(incident, at, command.detail);
    case "Expire":
      return expire(incident, at);
    case "Remind":
      return remind(incident, at, policy);
  }
};

const requested = ({ at, message, asked, link, terms }: Of<"RecordRequest">): Event => ({
  ...{ type: "ApprovalRequested", at, message },
  ...(asked && asked.length > 0 && { asked }),
  ...(link !== undefined && { link }),
  ...(terms && { terms }),
});

const mergedAs = ({ at, sha, by, differs }: Of<"RecordMerge">, policy: Policy): Event => ({
  ...{ type: "RemedyMerged", at, sha, by, due: at + policy.deployMs },
  ...(differs !== undefined && { differs }),
});

/** Only what is approved is armed, and once. */
const recordArming = (incident: Incident, { at, how, head, detail }: Of<"RecordArming">): Event[] => {
  if (incident.status !== "approved" || incident.approval.head !== head) return [];
  if (incident.armed?.how === how && incident.armed.pull.head === head) return [];
  return [{ type: "MergeArmed", at, how, head, detail }];
};

/** A person has it go on although many services have the same cause. */
const freed = (incident: Active, { at, by }: Of<"Retry">, policy: Policy): Event[] =>
  release(incident, { at, by, detail: `released by ${by}` }, policy);

/** The time for which an approval may stand while checks run. */
const maxApprovedMs = 24 * 60 * 60_000;

/** The same delay is told once, unless it moves the due time on. */
const delay = (incident: Active, command: Of<"Delay">, policy: Policy): Event[] => {
  const { at, step, detail, system, news, until, retryAt, verdict } = command;
  const isKnown =
    incident.delay?.step === step &&
    incident.delay.detail === detail &&
    incident.delay.retryAt === retryAt &&
    incident.delay.verdict === verdict;
  const due = extended(incident, until, policy);
  const isLater = due - incident.due >= policy.stepMs / 2;
  if (isKnown && !isLater) return [];
  const more = {
    ...(system && { system }),
    ...(news && !isKnown && { news }),
    ...(isLater && { due }),
    ...(retryAt && { retryAt }),
    ...(verdict && { verdict }),
  };
  return [{ type: "StepDelayed", at, step, detail, ...more }];
};

const extended = (incident: Active, until: EpochMs | undefined, policy: Policy): EpochMs => {
  if (until === undefined) return incident.due;
  const { stepMs } = policy;
  if (incident.status === "deployed")
    return Math.max(incident.due, withinDeadline(incident, until + stepMs, policy));
  if (incident.status !== "approved") return incident.due;
  return Math.min(Math.max(incident.due, until + stepMs), incident.approval.at + maxApprovedMs);
};

/** The instant, or that of the deadline: nobody waits longer for a verdict. */
const withinDeadline = (incident: Incident, at: EpochMs, { deadlineMs }: Policy): EpochMs => {
  if (deadlineMs <= 0 || !("openedAt" in incident)) return at;
  return Math.min(at, incident.openedAt + deadlineMs);
};

const liveAgain = ({ notLive }: In<"closed">, { at, sha }: Of<"RecordDeploy">): Event[] =>
  notLive === undefined ? [] : [{ type: "RemedyDeployed", at, sha, due: at, again: true }];

/** A withdrawal that is live leads to the next remedy. */
const recordDeploy = (
  incident: Incident,
  { at, sha, waitMs = 0 }: Of<"RecordDeploy">,
  policy: Policy,
): Event[] => {
  const due = Math.max(at + policy.verifyMs, withinDeadline(incident, at + waitMs, policy));
  const live: Event = { type: "RemedyDeployed", at, sha, due };
  const isWithdrawal = incident.status === "merged" && incident.remedy?.kind === "withdraw";
  return isWithdrawal ? [live, afterWithdrawal(incident, at, policy)] : [live];
};

const recordIneffective = (
  incident: Incident,
  { at, detail }: Of<"RecordIneffective">,
  policy: Policy,
): Event[] => {
  if (incident.status !== "deployed" || incident.fix !== undefined || incident.remedy === undefined)
    return [];
  if (incident.remedy.kind === "withdraw" || incident.merge?.differs !== undefined) return [];
  if ((incident.tried ?? []).length >= maxTried - 1)
    return [{ type: "IncidentEscalated", at, reason: "not_recovered", detail }];
  return [{ type: "RemedyIneffective", at, detail, due: at + policy.stepMs }];
};

/** Told once. A fix that was live is waited for again; a deploy that failed changes nothing of what runs. */
const recordNotLive = (
  incident: Incident,
  { at, sha, detail, failed }: Of<"RecordNotLive">,
  policy: Policy,
): Event[] => {
  const told: Event = { type: "FixNotLive", at, sha, detail, ...(failed && { failed }) };
  if (isKept(incident)) return incident.notLive === undefined && !failed ? [told] : [];
  if (incident.status === "merged") return incident.notLive?.detail === detail ? [] : [told];
  if (incident.status !== "deployed" || failed) return [];
  return [{ ...told, due: at + policy.deployMs }];
};

/** Whether the incident's pull request may still be merged, by a person or a merge queue also after its end. */
const isUnmerged = (incident: Incident): incident is In<"proposed" | "approved"> | Unsettled => {
  if (incident.status === "proposed" || incident.status === "approved") return true;
  return isUnsettled(incident) && incident.merge === undefined;
};

const isRetargetedLate = (incident: Incident, { reason }: Of<"Escalate">): boolean =>
  incident.status === "escalated" && reason === "retargeted" && incident.reason !== "retargeted";

/** Whether the incident's merge may still go live, also after an escalation. */
const isUndeployed = (incident: Incident): boolean => {
  if (incident.status === "merged") return true;
  return incident.status === "escalated" && incident.merge !== undefined && incident.deploy === undefined;
};
/** Only questions that are not known yet: the question is fixed when its alert joins. */
const questions = (incident: Active, { at, questions }: Of<"RecordQuestions">): Event[] => {
  const fresh = questions.filter(({ alert }) => !incident.questions?.some((one) => one.alert === alert));
  return fresh.length === 0 ? [] : [{ type: "QuestionsRecorded", at, questions: fresh }];
};

const closed = (outcome: "withdrawn", { detail, by }: Of<"Withdraw">, at: number): Event =>
  by === undefined
    ? { type: "IncidentClosed", at, outcome, detail }
    : { type: "IncidentClosed", at, outcome, detail, by };

const recordProposal = (
  incident: In<"diagnosed">,
  command: Of<"RecordProposal">,
  policy: Policy,
): Event[] => {
  const { at, remedy, pull, guarded, look } = command;
  const due = at + policy.approvalMs;
  const proposed: Event = { type: "RemedyProposed", at, remedy, pull, due, ...(look && { look }) };
  const bar = Math.max(policy.minConfidence, policy.autoConfidence);
  // The bar holds for one change at a time, not for all that a deploy brought, and words alone never act.
  const isMeasured =
    remedy.kind === "scale" || (remedy.kind === "revert" && !remedy.from && remedy.measured === true);
  // Alerts that a truncated notification left out may be about something else, and so may a deploy that is told late.
  const isWhole = !incident.truncated && awaitedDeploy(incident.diagnosis) === undefined;
  // The policy of another service that shares the change may ask people.
  const isUnwatched = incident.wasHeld === undefined && !guarded && incident.sharers === undefined;
  const automatic = policy.mode === "auto" && isWhole && isUnwatched && isMeasured && remedy.score >= bar;
  return automatic ? [proposed, approved("policy:auto", pull, at, policy)] : [proposed];
};

/** Each remedy is taken up once. People can reopen the closed pull request of an earlier one. */
const choose = (incident: Incident, command: Of<"Choose">, policy: Policy): Event[] => {
  const { at, choice, by } = command;
  if (!isOpen(incident, command, at)) return [];
  const remedy = incident.diagnosis.remedies[choice];
  if (remedy === undefined || takenUp(incident).includes(choice)) return [];
  return [{ type: "RemedyChosen", at, choice, remedy, by, due: at + policy.stepMs }];
};

const approved = (
  by: string,
  { head, diff }: { head: string; diff: string },
  at: number,
  policy: Policy,
): Event => ({
  ...{ type: "RemedyApproved", at, by, head, diff, due: at + policy.stepMs },
});

const overdue = {
  opened: ["overdue", "the diagnosis could not be finished in time"],
  diagnosed: ["overdue", "the pull request could not be opened in time"],
  proposed: ["unanswered", "nobody decided in time"],
  approved: ["overdue", "the approved pull request could not be merged in time"],
  referred: ["elsewhere", "the incident that this one waits for was not over in time"],
  merged: ["overdue", "the merged change was not reported live in time"],
  deployed: ["not_recovered", "the trouble was not seen to be over in time"],
} as const;

const escalated = ({ reason, detail, made }: Of<"Escalate">, at: number): Event =>
  made === undefined
    ? { type: "IncidentEscalated", at, reason, detail }
    : { type: "IncidentEscalated", at, reason, detail, made };

const recovered = ({ fix, merge }: In<"deployed">, { at, detail }: Of<"RecordRecovery">): Event => ({
  ...{ type: "IncidentClosed", at, detail },
  outcome: fix === undefined && merge?.differs === undefined ? "verified" : "recovered_by_people",
  verdict: "fixed",
  ...(fix?.by !== undefined && fix.kind !== "deploy" && { by: fix.by }),
});

/** Waits as long as people, the deploy and the check of the other incident may take. */
const refer = (incident: Incident, { at, to, detail }: Of<"RecordReferral">, policy: Policy): Event[] => {
  if (incident.status !== "diagnosed" && incident.status !== "proposed") return [];
  if (to === incident.id) return [];
  const due = at + 2 * policy.stepMs + policy.approvalMs + policy.deployMs + policy.verifyMs;
  return [{ type: "IncidentReferred", at, to, detail, due }];
};

const separate = (incident: Incident, { at, trouble, names }: Of<"RecordSeparation">): Event[] =>
  incident.status === "none" || trouble > maxTroubles || trouble <= (incident.troubles ?? 1)
    ? []
    : [{ type: "TroubleSeparated", at, trouble, ...(names && { names }) }];

/** The finding about recovery before Prometheus shows one: the merge is not known to be live, or the alert goes on. */
const verdictOf = (incident: Incident): Verdict | undefined => {
  if (!isActive(incident)) return "verdict" in incident ? incident.verdict : undefined;
  if (incident.delay?.verdict !== undefined) return incident.delay.verdict;
  const isFix = !("remedy" in incident) || incident.remedy?.kind !== "withdraw";
  if (incident.status === "merged" && isFix) return "fix_not_live";
  const isSeen = incident.status === "deployed" && incident.delay === undefined;
  return isSeen || firing(incident.alerts) ? "still_firing" : undefined;
};

const refuseFollowUp = ({ at, remedy, detail, page }: Of<"RefuseFollowUp">): Event[] => {
  const refused: Event = { type: "FollowUpRefused", at, remedy, detail, ...(page && { page }) };
  if (!page) return [refused];
  return [refused, { type: "PageRequested", at, detail: `${remedy.title}: could not be opened: ${detail}` }];
};

const expire = (incident: Incident, at: number): Event[] => {
  const due = dueOf(incident);
  if (due === undefined || at < due) return [];
  if (isUnsettled(incident)) return [{ type: "FollowingEnded", at }];
  if (!isActive(incident)) return [{ type: "ScaleEnded", at }];
  const [reason, what] = overdue[incident.status];
  const notLive = incident.status === "merged" ? incident.notLive : undefined;
  const because = notLive?.detail ?? incident.held?.detail ?? incident.delay?.detail;
  const detail = because === undefined ? what : `${what}: ${because}`;
  return [
    {
      ...{ type: "IncidentEscalated", at, detail },
      reason: notLive?.failed ? "deploy_failed" : reason,
    },
  ];
};
