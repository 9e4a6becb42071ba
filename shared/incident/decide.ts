import type { EpochMs } from "../brands.ts";
import { firing, lastOf, learn, onset, type Sifted, sift } from "./alerts.ts";
import { remind, requestPage } from "./deadline.ts";
import { flagFirst } from "./flags.ts";
import { isCalm, isFlapping, turned } from "./flapping.ts";
import { isDue } from "./follow-up.ts";
import {
  type Active,
  type Alert,
  type Command,
  type Diagnosis,
  dueOf,
  type Event,
  type In,
  type Incident,
  isActive,
  isUnsettled,
  type Policy,
  type Reason,
  takenUp,
  type Unsettled,
  type Verdict,
} from "./model.ts";
import { isOpen } from "./question.ts";
import { reopen, retry } from "./resume.ts";

type Of<T extends Command["type"]> = Extract<Command, { type: T }>;

/** Pure and total: what follows from the command, or nothing when it comes late, twice or out of turn. */
export const decide = (incident: Incident, command: Command, policy: Policy): Event[] => {
  if ("round" in command && command.round !== incident.round) return [];
  const { at } = command;
  switch (command.type) {
    case "RecordAlerts":
      return recordAlerts(incident, command, policy);
    case "RecordDiagnosis":
      if (incident.status !== "opened") return [];
      return recordDiagnosis(command, policy);
    case "RecordProposal":
      if (incident.status !== "diagnosed") return [];
      return recordProposal(incident, command, policy);
    case "RecordRequest":
      if (incident.status !== "proposed" || incident.asked || command.head !== incident.pull.head) return [];
      return [{ type: "ApprovalRequested", at, message: command.message }];
    case "RecordMessage":
      if (incident.status === "none" || incident.message?.ts !== command.instead?.ts) return [];
      return [
        {
          ...{ type: "MessagePosted", at, message: command.message },
          ...(command.instead && { instead: command.instead }),
        },
      ];
    case "Approve":
      if (!isOpen(incident, command, at)) return [];
      return [approved(command.by, incident.pull, at, policy)];
    case "Choose":
      return choose(incident, command, policy);
    case "Reject":
      if (!isOpen(incident, command, at)) return [];
      return [{ type: "IncidentClosed", at, outcome: "rejected", detail: command.detail, by: command.by }];
    case "RecordMove":
      if (incident.status !== "proposed" && incident.status !== "approved") return [];
      if (command.pull.number !== incident.pull.number) return [];
      return [
        {
          type: "ApprovalVoided",
          at,
          detail: command.detail,
          pull: command.pull,
          due: at + policy.approvalMs,
        },
      ];
    case "RecordMerge":
      if (!isUnmerged(incident) || command.pull !== incident.pull?.number) return [];
      return [{ type: "RemedyMerged", at, sha: command.sha, by: command.by, due: at + policy.deployMs }];
    case "RecordDeploy":
      if (!isUndeployed(incident)) return [];
      return [
        {
          type: "RemedyDeployed",
          at,
          sha: command.sha,
          due: at + Math.max(policy.verifyMs, command.waitMs ?? 0),
        },
      ];
    case "RecordNotLive":
      return recordNotLive(incident, command, policy);
    case "RecordCalm":
      return recordCalm(incident, at);
    case "RecordRecovery":
      if (incident.status !== "deployed") return [];
      return [{ type: "IncidentClosed", at, outcome: "verified", detail: command.detail, verdict: "fixed" }];
    case "RecordQuestions":
      if (!isActive(incident)) return [];
      return questions(incident, command);
    case "RecordFollowUp": {
      if (!isDue(incident, command.remedy)) return [];
      return [{ type: "FollowUpOpened", at, remedy: command.remedy, pull: command.pull }];
    }
    case "RefuseFollowUp": {
      if (!isDue(incident, command.remedy)) return [];
      return [{ type: "FollowUpRefused", at, remedy: command.remedy, detail: command.detail }];
    }
    case "Withdraw":
      if (!isUnmerged(incident) || incident.status === "closed") return [];
      if (command.pull !== incident.pull?.number) return [];
      return [closed("withdrawn", command, at)];
    case "RecordReopening":
      return reopen(incident, command, policy);
    case "Retry":
      return retry(incident, command, policy);
    case "Escalate":
      if (!isActive(incident) && !isRetargetedLate(incident, command)) return [];
      return [{ type: "IncidentEscalated", at, reason: command.reason, detail: command.detail }];
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

/** How long an approval may stand while checks run. */
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

const extended = (incident: Active, until: EpochMs | undefined, { stepMs }: Policy): EpochMs => {
  if (until === undefined || incident.status !== "approved") return incident.due;
  return Math.min(Math.max(incident.due, until + stepMs), incident.approval.at + maxApprovedMs);
};

/** Told once. A fix that was live is waited for again; a deploy that failed changes nothing of what runs. */
const recordNotLive = (
  incident: Incident,
  { at, sha, detail, failed }: Of<"RecordNotLive">,
  policy: Policy,
): Event[] => {
  const told: Event = { type: "FixNotLive", at, sha, detail, ...(failed && { failed }) };
  if (incident.status === "merged") return incident.notLive?.detail === detail ? [] : [told];
  if (incident.status !== "deployed" || failed) return [];
  return [{ ...told, due: at + policy.deployMs }];
};

/** Whether its pull request may still be merged: also after it has ended, by a person or a merge queue. */
const isUnmerged = (incident: Incident): incident is In<"proposed" | "approved"> | Unsettled => {
  if (incident.status === "proposed" || incident.status === "approved") return true;
  return isUnsettled(incident) && incident.merge === undefined;
};

const isRetargetedLate = (incident: Incident, { reason }: Of<"Escalate">): boolean =>
  incident.status === "escalated" && reason === "retargeted" && incident.reason !== "retargeted";

/** Whether its merge may still go live: also after it was handed over. */
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

const recordAlerts = (incident: Incident, command: Of<"RecordAlerts">, policy: Policy): Event[] => {
  const { at, trace } = command;
  const sifted = sift(incident, command.alerts, at);
  const { news, resolves } = sifted;
  const truncated = command.truncated || sifted.crowded;
  const ended: Event[] =
    resolves.length > 0 ? [{ type: "AlertsResolved", at, alerts: resolves, truncated }] : [];
  if (isActive(incident)) {
    const joined: Event[] = news.length > 0 ? [{ type: "AlertsJoined", at, alerts: news, truncated }] : [];
    return [...joined, ...ended, ...recovery(incident, { ...command, truncated }, sifted)];
  }
  const known = learn(incident.alerts, [...news, ...resolves], at);
  const over = recoveredLate(incident, { at, truncated, known, resolves });
  // An alert that fired and resolved within one notification leaves nothing to open.
  const fresh = news.filter((alert) => lastOf(known, alert)?.status === "firing");
  if (fresh.length === 0) return [...ended, ...over];
  // What fires along with it is part of the new trouble, also when it has fired since an earlier round.
  const told = new Set(command.alerts.map(({ fingerprint }) => fingerprint));
  const burning = known.filter(({ fingerprint, status }) => status === "firing" && told.has(fingerprint));
  const opened: Event = {
    ...{ type: "IncidentOpened", at, round: incident.round + 1, alerts: burning },
    ...{ onsetAt: onset(fresh, at), truncated, due: at + policy.stepMs },
  };
  return [...ended, trace === undefined ? opened : { ...opened, trace }];
};

/** Trouble that went away by itself ends the incident while nothing is approved; a truncated notification says nothing about the rest. */
const recovery = (
  incident: Active,
  { at, truncated }: Of<"RecordAlerts">,
  { news, resolves }: Sifted,
): Event[] => {
  if (resolves.length === 0 || truncated || incident.truncated) return [];
  if (incident.status !== "opened" && incident.status !== "diagnosed" && incident.status !== "proposed")
    return [];
  if (firing(learn(incident.alerts, [...news, ...resolves], at))) return [];
  // A flapping alert is one question, which stays open until it is calm.
  if (isFlapping(turned(incident.turns, at), at)) return [];
  const detail = "every alert resolved before anything was merged";
  return [{ type: "IncidentClosed", at, outcome: "recovered", detail }];
};

/** A trouble that was handed over and goes away is over: nobody is needed any more. */
const recoveredLate = (
  incident: Incident,
  { at, truncated, known, resolves }: { at: number; truncated: boolean; known: Alert[]; resolves: Alert[] },
): Event[] => {
  if (incident.status !== "escalated" || incident.truncated || truncated) return [];
  if (resolves.length === 0 || firing(known)) return [];
  const fix =
    incident.merge === undefined || incident.pull === undefined
      ? ""
      : `; pull request #${incident.pull.number} was merged before`;
  const detail = `every alert resolved after this was handed over${fix}`;
  return [{ type: "IncidentClosed", at, outcome: "recovered", detail }];
};

const recordCalm = (incident: Incident, at: EpochMs): Event[] => {
  const { alerts, turns } = incident;
  if (incident.status !== "proposed" || incident.truncated || firing(alerts)) return [];
  if (turns === undefined || !isCalm(turns, at)) return [];
  const detail = `every alert has been quiet since ${instant(turns.recent.at(-1) ?? at)}, after it came and went ${turns.count} times; nothing was merged`;
  return [{ type: "IncidentClosed", at, outcome: "recovered", detail }];
};

const instant = (at: EpochMs): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

/** The diagnosis with the likeliest remedy first, where the one that stands first is below the bar and another is not. */
const withBestFirst = (diagnosis: Diagnosis, bar: number): Diagnosis => {
  const { remedies } = diagnosis;
  const [first] = remedies;
  const best = remedies.toSorted((a, b) => b.score - a.score)[0];
  if (first === undefined || best === undefined || first.score >= bar || best.score < bar) return diagnosis;
  return { ...diagnosis, remedies: [best, ...remedies.filter((remedy) => remedy !== best)] };
};

const recordDiagnosis = (command: Of<"RecordDiagnosis">, policy: Policy): Event[] => {
  const { at, questions } = command;
  const diagnosis = withBestFirst(command.diagnosis, policy.minConfidence);
  const diagnosed: Event = {
    ...{ type: "IncidentDiagnosed", at, diagnosis, due: at + policy.stepMs },
    ...(questions && questions.length > 0 && { questions }),
  };
  const [best] = diagnosis.remedies;
  if (policy.mode === "observe") return [diagnosed, { type: "IncidentClosed", at, outcome: "observed" }];
  if (best === undefined) {
    const { reason, detail } = unoffered(diagnosis);
    return [diagnosed, { type: "IncidentEscalated", at, reason, detail: flagFirst(diagnosis, detail) }];
  }
  if (best.score < policy.minConfidence)
    return [
      diagnosed,
      {
        type: "IncidentEscalated",
        at,
        reason: "low_confidence",
        detail: flagFirst(
          diagnosis,
          `the likeliest remedy has ${percent(best.score)}, the policy asks for ${percent(policy.minConfidence)}`,
        ),
      },
    ];
  return [diagnosed];
};

/** Why nothing is offered. */
const unoffered = ({ suspects: [first] }: Diagnosis): { reason: Reason; detail: string } =>
  first?.of === undefined
    ? { reason: "no_suspect", detail: "no change of this service is recent enough to be the cause" }
    : {
        reason: "elsewhere",
        detail: `the likeliest change, ${first.sha.slice(0, 12)} “${first.title}” (${percent(first.score)}), is ${first.of.service}'s, in ${first.of.repository}: ${first.of.approvers.length === 0 ? "its people" : `its approvers (${first.of.approvers.join(", ")})`} decide about it`,
      };

const recordProposal = (incident: Active, command: Of<"RecordProposal">, policy: Policy): Event[] => {
  const { at, remedy, pull, guarded, look } = command;
  const due = at + policy.approvalMs;
  const proposed: Event = { type: "RemedyProposed", at, remedy, pull, due, ...(look && { look }) };
  const bar = Math.max(policy.minConfidence, policy.autoConfidence);
  // The bar holds for one change at a time, not for all that a deploy brought, and words alone never act.
  const isMeasured = remedy.kind !== "revert" || (remedy.from === undefined && remedy.measured === true);
  // Alerts that a truncated notification left out may be about something else.
  const isWhole = !incident.truncated;
  const automatic = policy.mode === "auto" && isWhole && !guarded && isMeasured && remedy.score >= bar;
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
  type: "RemedyApproved",
  at,
  by,
  head,
  diff,
  due: at + policy.stepMs,
});

const percent = (p: number): string => `${Math.round(p * 100)} %`;

const overdue = {
  opened: ["overdue", "the diagnosis could not be finished in time"],
  diagnosed: ["overdue", "the pull request could not be opened in time"],
  proposed: ["unanswered", "nobody decided in time"],
  approved: ["overdue", "the approved pull request could not be merged in time"],
  merged: ["overdue", "the merged change was not reported live in time"],
  deployed: ["not_recovered", "the trouble was not seen to be over in time"],
} as const;

const verdictOf = (incident: Active): Verdict | undefined => {
  if (incident.status === "merged" && incident.notLive !== undefined) return "fix_not_live";
  if (incident.status !== "deployed") return undefined;
  return incident.delay === undefined ? "still_firing" : incident.delay.verdict;
};

const expire = (incident: Incident, at: number): Event[] => {
  const due = dueOf(incident);
  if (due === undefined || at < due) return [];
  if (isUnsettled(incident)) return [{ type: "FollowingEnded", at }];
  if (!isActive(incident)) return [{ type: "ScaleEnded", at }];
  const [reason, what] = overdue[incident.status];
  const notLive = incident.status === "merged" ? incident.notLive : undefined;
  const because = notLive?.detail ?? incident.delay?.detail;
  const detail = because === undefined ? what : `${what}: ${because}`;
  const escalated: Event = {
    ...{ type: "IncidentEscalated", at, detail },
    reason: notLive?.failed ? "deploy_failed" : reason,
  };
  const verdict = verdictOf(incident);
  return [{ ...escalated, ...(verdict && { verdict }) }];
};
