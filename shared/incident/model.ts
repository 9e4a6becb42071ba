import type { EpochMs, IncidentId, Sha } from "../brands.ts";
import type { Turns } from "./flapping.ts";

/** An alert as Alertmanager reports it: one label set (`fingerprint`), one firing (`startsAt`). Instants are epoch ms. */
export type Alert = {
  fingerprint: string;
  name: string;
  status: "firing" | "resolved";
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: EpochMs;
  /** Only when resolved. */
  endsAt?: EpochMs;
};

/** An alerting rule as Prometheus evaluated it. Durations in ms. `source`: the group and its file. */
export type RuleText = {
  expr: string;
  labels: Record<string, string>;
  forMs: number;
  keepFiringMs: number;
  everyMs: number;
  source?: string;
  tenant?: string;
};

/** The question that recovery answers: the rules that raised an alert, as they were read at `at`. `series`: the alert's labels in Prometheus, before any relabelling. */
export type Question = { alert: string; at: EpochMs; rules: RuleText[]; series?: Record<string, string> };

/** The finding about recovery. Only `fixed` closes an incident as verified. */
export type Verdict =
  | "fixed"
  | "silenced"
  | "inhibited"
  | "muted"
  | "telemetry_gone"
  | "no_traffic"
  | "rule_changed"
  | "rule_gone"
  | "fix_not_live"
  | "still_firing";

/** Another service that a change belongs to, and who answers for it there. */
export type Owner = { service: string; repository: string; approvers: string[] };

/** A commit that may be to blame. `score` is its probability in [0, 1]; `reasons` are plain sentences, the strongest first. */
export type Suspect = {
  sha: Sha;
  score: number;
  title: string;
  author: string;
  at: EpochMs;
  url: string;
  reasons: string[];
  /** Of each reason: whether it rests on something measured or on words. Absent in what was stored before. */
  kinds?: ("measured" | "text")[];
  /** Something measured speaks for it: deploy times against a measured onset, versions, metrics, server-side logs. */
  measured?: boolean;
  /** Something measured speaks against it. */
  contradicted?: boolean;
  /** It is a commit of a GitOps repository of the service: of the first one, unless `repository` names another. */
  in?: "gitops";
  repository?: string;
  /** It is another service's, which nobody here may take back. */
  of?: Owner;
  /** Absent in incidents that an older version stored. */
  change?: Change;
};

/** What landed as one, and is taken back as one: a pull request, or a push of one commit. */
export type Change = {
  kind: "commit" | "pull";
  pull?: { number: number; title: string; url: string; labels: string[] };
  /** Its commits, newest first. */
  commits: Sha[];
  /** The deploy that brought it. */
  deploy?: { sha: Sha; from?: Sha; at: EpochMs; status: "succeeded" | "failed" | "started" };
  /** The branch that it is on, when that is not the service's. */
  branch?: string;
};

/** A feature flag that was changed before the trouble. `score` is the probability that it did it, a part of `none`; `reason` is a sentence. */
export type FlagSuspect = { flag: string; score: number; reason: string; url?: string };

/**
 * What was found: suspects, the likeliest first, the probability that none of them is to blame, what is to be known of the whole, and
 * what may be done about it, the best first.
 */
export type Diagnosis = {
  suspects: Suspect[];
  none: number;
  onsetAt: EpochMs;
  /** The likeliest first. Their reasons are among the notes, too. */
  flags?: FlagSuspect[];
  notes?: string[];
  remedies: Remedy[];
};

/**
 * Where a remedy's pull request goes: the service's own repository, or a GitOps repository (the first one, unless `repository` names
 * another). `score` is the probability that it helps.
 */
type Offered = { title: string; score: number; in?: "gitops"; repository?: string };
/** Takes one change back; with `from`, everything from there (exclusive) to `sha`: what one deploy brought. */
export type Revert = {
  kind: "revert";
  sha: Sha;
  from?: Sha;
  /** Measured evidence speaks for it and none against it: only then may it be merged without being asked about. */
  measured?: boolean;
  /** The application commit behind a bump that is put back: it gets a revert pull request of its own. */
  behind?: { sha: Sha; title: string };
  /** What is to be known of the pull request before it is approved. */
  notes?: string[];
} & Offered;
/** Sets one field of the object that owns the scale of `target` (`KIND/NAMESPACE/NAME`), for `forMs` when that is given. */
export type Scale = {
  kind: "scale";
  target: string;
  field: "replicas" | "min" | "max" | "memory" | "cpu";
  to: string;
  forMs?: number;
  /** What speaks for load, the strongest first, and what speaks against it. */
  reasons: string[];
  /** Once proposed: the one value that its pull request changes, and until when (epoch ms) when that is not for good. */
  edit?: { file: string; path: string; before: string; after: string };
  until?: EpochMs;
} & Offered;
/** Puts back what a merged remedy changed, as the trouble went on with it live. Always asked about. */
export type Withdraw = {
  kind: "withdraw";
  of: Revert | Scale;
  /** The merge of that remedy, and its pull request's number. */
  merge: Sha;
  pull: number;
} & Offered;
/** What is to be done about it. */
export type Remedy = Revert | Scale | Withdraw;
/** A remedy that was live and did not help, how that was seen, and the commits that it took back. */
export type Tried = { remedy: Revert | Scale; pull: Pull; merge: Merge; detail: string; commits: Sha[] };

/** A pull request as proposed. `diff` is a digest of what it changes; `head` and `diff` are what an approval binds. */
export type Pull = {
  number: number;
  url: string;
  branch: string;
  head: Sha;
  base: string;
  baseSha: Sha;
  diff: string;
};

export type Approval = { by: string; at: EpochMs; head: Sha; diff: string };
export type Merge = { sha: Sha; at: EpochMs; by: string };
/** What went live; `sha` is absent where no deploy was needed, such as for a flag that people turned back. */
export type Deploy = { sha?: Sha; at: EpochMs };
/**
 * What people did about the trouble themselves. `sha` is the commit that takes the change back, or the one that a deploy rolled back
 * to; `pull` the open pull request of theirs. `detail` is a sentence about it, `at` when it was done.
 */
export type Fix = {
  kind: "revert" | "pull" | "rollback" | "flag" | "scale";
  at: EpochMs;
  detail: string;
  by?: string;
  sha?: Sha;
  pull?: { number: number; url: string };
  /** The change that it takes back. */
  takesBack?: Sha;
};
/** A diagnosis that nothing is proposed for, and what is known that may change it. */
export type Review = {
  /** When the incident is diagnosed again by itself; absent after the last look. */
  lookAt?: EpochMs;
  /** What the latest diagnosis had to go by, as text to compare. */
  basis?: string;
  /** Remedies of this round that gave way to another, as keys. */
  dropped?: string[];
};
/** Why a merged fix does not run, by the deploy that tells it. */
type NotLive = { sha: Sha; detail: string; failed?: true };
/** Where the incident's one chat message is. */
export type Message = { channel: string; ts: string };
/** A step that cannot go on for now, and since when. Cleared by the next fact. */
export type Delay = {
  step: string;
  detail: string;
  since: EpochMs;
  system?: Outage;
  retryAt?: EpochMs;
  verdict?: Verdict;
};
/** The systems without which no person can be asked and nothing can be mended. */
export type Outage = "github" | "slack";
/** A person was called outside chat. */
type PageRequest = { since: EpochMs; detail: string };

export type Outcome =
  | "verified"
  | "recovered"
  | "recovered_by_people"
  | "rejected"
  | "withdrawn"
  | "observed";
export type Reason =
  | "no_suspect"
  | "elsewhere"
  | "low_confidence"
  | "unclean_revert"
  | "already_reverted"
  | "declined_before"
  | "unanswered"
  | "retargeted"
  | "merge_refused"
  | "deploy_failed"
  | "not_recovered"
  | "refused"
  | "overdue";

/** What every incident carries, whatever its status. */
type Common = {
  id: IncidentId;
  service: string;
  environment: string;
  round: number;
  /** The latest known firing of each alert, by fingerprint; the oldest are dropped past `maxAlerts`. */
  alerts: Alert[];
  /** By alert name. Absent in incidents that were stored before there were questions. */
  questions?: Question[];
  /** How often the trouble began and ended of late, over the rounds. */
  turns?: Turns;
  /** How many troubles of the service were ever open side by side; only the first of them knows. */
  troubles?: number;
  /** Ended rounds that may not have been told to the end, the oldest first. */
  untold?: UntoldRound[];
  /** Stays over rounds, until the trouble ends. */
  page?: PageRequest;
};
/** An interface, for a type that names itself. */
export interface UntoldRound {
  end: In<"closed" | "escalated">;
}
type Opened = Common &
  Review & {
    openedAt: EpochMs;
    /** When the trouble began, as the alerts tell it, never more than a day before the first of them arrived. */
    onsetAt: EpochMs;
    /** A truncated notification was seen: the alerts known here are not all there are. */
    truncated: boolean;
    /** W3C `traceparent` of the webhook that opened it: one trace spans the incident. */
    trace?: string;
    message?: Message;
    /** Remedies of this round that did not help, the latest last. */
    tried?: Tried[];
    /** The share of the deadline that people were last reminded at. */
    reminded?: number;
    delay?: Delay;
    /** How often, and when last, a step that was refused was tried again without a person. */
    retries?: { count: number; at: EpochMs };
    /** When silence in this status becomes an escalation. */
    due: EpochMs;
    /** The incident of another service, or of another trouble, that this one was opened or joined for. */
    origins?: IncidentId[];
  };
/** A first look that found too little: the incident is looked at again at `lookAt`. `detail` says why nothing is proposed. */
type Thin = { thin?: { diagnosis: Diagnosis; detail: string } };
type Diagnosed = Opened & {
  diagnosis: Diagnosis;
  /** Which of the diagnosis' remedies were taken up so far, the latest last; absent: only the first. */
  taken?: number[];
  /** The open pull request of the remedy that a person put another in the place of. */
  replaced?: Replaced;
};
/** A pull request that another takes the place of: a person chose another remedy (`by`), or it cannot be merged any more (`why`). `again`: it may be opened again. */
export type Replaced = { remedy: Remedy; pull: Pull; by: string; why?: string; again?: true };
/** `look`: what people are to look at twice before they decide, as sentences. */
type Proposed = Diagnosed & { remedy: Remedy; pull: Pull; look?: string[] };
type Approved = Proposed & { approval: Approval };
/** Waits for another incident, whose people decide about the cause. */
type Referred = Diagnosed & { referral: { to: IncidentId; detail: string } };
/**
 * A person may merge by hand, so a merged incident need not hold an approval of ours. With `fix` people did something themselves: then
 * `merge` is the commit that does it, and remedy and pull request are what was proposed beside it, if anything.
 */
type Merged = Diagnosed &
  Partial<Proposed> & {
    approval?: Approval;
    merge?: Merge;
    fix?: Fix;
    followUp?: FollowUp;
    notLive?: NotLive;
  } & Partial<Pick<Referred, "referral">>;
type Deployed = Merged & { deploy: Deploy };
type Ended = Omit<Opened, "due" | "delay" | "lookAt" | "basis"> &
  Partial<Omit<Deployed, keyof Opened>> & {
    endedAt: EpochMs;
    verdict?: Verdict;
    /** What becomes of it is not followed any more. */
    left?: true;
  };

/** The incident of one service in one environment. */
export type Incident =
  | ({ status: "none" } & Common)
  | ({ status: "opened" } & Opened & Thin)
  | ({ status: "diagnosed" } & Diagnosed)
  | ({
      status: "proposed";
      asked: boolean /** What has changed since people were asked before. */;
      moved?: string;
    } & Proposed)
  | ({ status: "approved" } & Approved)
  | ({ status: "referred" } & Referred)
  | ({ status: "merged" } & Merged)
  | ({ status: "deployed" } & Deployed)
  /** `over`: the time of its scale is over. */
  | ({ status: "closed"; outcome: Outcome; detail?: string; by?: string; over?: true } & Ended)
  | ({ status: "escalated"; reason: Reason; detail: string } & Ended);

export type Status = Incident["status"];
/** The incident while it is in one status. */
export type In<S extends Status> = Extract<Incident, { status: S }>;
export const active = [
  "opened",
  "diagnosed",
  "proposed",
  "approved",
  "referred",
  "merged",
  "deployed",
] as const satisfies Status[];
export type Active = In<(typeof active)[number]>;
export const isActive = (incident: Incident): incident is Active =>
  active.some((status) => status === incident.status);

/** An ended incident that may still go on: by a merge, a deploy, an alert that resolves, or a retry. */
export type Unsettled = In<"closed" | "escalated">;
export const isUnsettled = (incident: Incident): incident is Unsettled => {
  if (incident.status === "escalated") return !incident.left;
  if (incident.status !== "closed" || incident.left || incident.pull === undefined) return false;
  return incident.merge === undefined && incident.outcome !== "verified" && incident.outcome !== "observed";
};
/** An incident that a step looks at: an active one, or an ended one that is followed. */
export type Watched = Active | Unsettled;
export const isWatched = (incident: Incident): incident is Watched =>
  isActive(incident) || isUnsettled(incident);

/** How long an ended incident is followed. */
const followMs = 7 * 24 * 60 * 60_000;

/** When something is to be done about the incident by itself: its deadline, the end of a scale that was for a time, or of being followed. */
export const dueOf = (incident: Incident): EpochMs | undefined => {
  if (isActive(incident)) return incident.due;
  if (incident.status === "closed" && incident.remedy?.kind === "scale" && incident.deploy !== undefined)
    return incident.over ? undefined : incident.remedy.until;
  return isUnsettled(incident) ? incident.endedAt + followMs : undefined;
};

/** The diagnosis' remedies that were taken up so far, by index, the latest last. */
export const takenUp = ({ taken = [0] }: Pick<Diagnosed, "taken">): number[] => taken;

/** How many troubles of a service may be open side by side. */
export const maxTroubles = 4;

/** The incident of a service's trouble in an environment: the first one, or the one beside it with that number. */
export const incidentId = (service: string, environment: string, trouble = 1): IncidentId =>
  trouble === 1 ? `${service}/${environment}` : `${service}/${environment}/${trouble}`;

/** The incident that never was. `id` is `service/environment`, or `service/environment/2`. */
export const emptyIncident = (id: IncidentId): In<"none"> => {
  const [service = "", environment = ""] = id.split("/");
  return { status: "none", id, service, environment, round: 0, alerts: [] };
};

/** An incident as a pull request is made for it, in whatever status it is by then. */
export type Reported = Pick<
  In<"diagnosed">,
  "id" | "service" | "environment" | "round" | "alerts" | "diagnosis"
>;

/** Facts. `type` is also the EventBridge `detail-type`. `at` is epoch ms. */
export type Event = { at: EpochMs } & (
  | {
      type: "IncidentOpened";
      round: number;
      alerts: Alert[];
      onsetAt: EpochMs;
      truncated: boolean;
      due: EpochMs;
      trace?: string;
      /** The incident whose trouble this service is to blame for. */
      origin?: IncidentId;
    }
  /**
   * `full`: they may be another trouble, but no more of them may be open. `whole`: Alertmanager itself listed them, so
   * no alert is left out any more.
   */
  | { type: "AlertsJoined"; alerts: Alert[]; truncated: boolean; full?: true; whole?: true }
  | { type: "AlertsResolved"; alerts: Alert[]; truncated: boolean }
  | ({ type: "IncidentDiagnosed"; diagnosis: Diagnosis; due: EpochMs; questions?: Question[] } & Review)
  /** Too little was found; the incident is looked at again. */
  | ({
      type: "LookPostponed";
      diagnosis: Diagnosis;
      detail: string;
      due: EpochMs;
      questions?: Question[];
    } & Review)
  /** What has changed, as sentences; with `replace`, the remedy proposed gives way to the first of the new diagnosis. */
  | ({
      type: "DiagnosisRevised";
      diagnosis: Diagnosis;
      changes: string[];
      taken: number[];
      replace?: true;
      due: EpochMs;
    } & Review)
  | { type: "FixFound"; fix: Fix; due: EpochMs }
  /** The cause is another incident's to decide about. */
  | { type: "IncidentReferred"; to: IncidentId; detail: string; due: EpochMs }
  /** The other incident is over; this one's own alerts are looked at. */
  | { type: "ReferralSettled"; detail: string; due: EpochMs }
  /** Another incident counts on this one. */
  | { type: "OriginJoined"; origin: IncidentId; alerts: Alert[] }
  /** A trouble of the same service is open beside this one. */
  | { type: "TroubleSeparated"; trouble: number }
  /** The end of an earlier round was told. */
  | { type: "RoundTold"; round: number }
  | { type: "QuestionsRecorded"; questions: Question[] }
  | { type: "RemedyProposed"; remedy: Remedy; pull: Pull; due: EpochMs; look?: string[] }
  | { type: "ApprovalRequested"; message: Message }
  /** `instead`: the deleted message that it replaces. */
  | { type: "MessagePosted"; message: Message; instead?: Message }
  | { type: "RemedyChosen"; choice: number; remedy: Remedy; by: string; due: EpochMs }
  | { type: "RemedyApproved"; by: string; head: Sha; diff: string; due: EpochMs }
  | { type: "ApprovalVoided"; detail: string; pull: Pull; due: EpochMs }
  | { type: "RemedyMerged"; sha: Sha; by: string; due: EpochMs }
  | { type: "RemedyDeployed"; sha: Sha; due: EpochMs }
  /** `due`: it was live before and is waited for again. */
  | { type: "FixNotLive"; sha: Sha; detail: string; failed?: true; due?: EpochMs }
  /** It is live, and the trouble goes on as before: it is diagnosed again. */
  | { type: "RemedyIneffective"; detail: string; due: EpochMs }
  /** What did not help is put back. `choice`: the remedy that is taken up next. */
  | { type: "RemedyWithdrawn"; choice: number; due: EpochMs }
  | { type: "FollowUpOpened"; remedy: Remedy; pull: Pull }
  | { type: "FollowUpRefused"; remedy: Remedy; detail: string }
  | { type: "ScaleEnded" }
  /** `news`: people are told in the thread. `due`: it may take until then. `retryAt`: not to be tried before. */
  | {
      type: "StepDelayed";
      step: string;
      detail: string;
      system?: Outage;
      news?: true;
      due?: EpochMs;
      retryAt?: EpochMs;
      verdict?: Verdict;
    }
  /** Its pull request cannot be merged any more: another is opened for the same remedy. */
  | { type: "RemedyOutdated"; detail: string; again?: true; due: EpochMs }
  /** An ended incident goes on where it stood. Without `pull` the one that it has. */
  | { type: "IncidentResumed"; to: Resumed; detail: string; by: string; pull?: Pull; due: EpochMs }
  | { type: "FollowingEnded" }
  /** A share of the time until the deadline is over, and the trouble is not. */
  | { type: "DeadlineNeared"; share: number; deadline: EpochMs }
  | { type: "PageRequested"; detail: string }
  | { type: "IncidentClosed"; outcome: Outcome; detail?: string; by?: string; verdict?: Verdict }
  /** With `made`, a pull request that was opened but could not be completed. */
  | {
      type: "IncidentEscalated";
      reason: Reason;
      detail: string;
      verdict?: Verdict;
      made?: { remedy: Remedy; pull: Pull };
    }
);

/** Where an ended incident may go on. */
export type Resumed = "opened" | "proposed" | "approved" | "merged" | "deployed";
/** The author of a retry that no person asked for. */
export const retryPolicy = "policy:retry";

/** What a step may want; the process adds `at` and the `round` the step saw. */
export type Intent =
  | { type: "RecordDiagnosis"; diagnosis: Diagnosis; questions?: Question[]; basis?: string; fix?: Fix }
  | { type: "RecordFix"; fix: Fix }
  | { type: "RecordReferral"; to: IncidentId; detail: string }
  | { type: "SettleReferral"; detail: string }
  | { type: "RecordQuestions"; questions: Question[] }
  /** Every alert of the trouble, as Alertmanager itself lists them after a truncated notification. */
  | { type: "CompleteAlerts"; alerts: Alert[] }
  | {
      type: "RecordProposal";
      remedy: Remedy;
      pull: Pull /** Why a person must look, whatever the policy says. */;
      guarded: boolean;
      look?: string[];
    }
  | { type: "RecordRequest"; message: Message; head: Sha }
  | { type: "RecordMessage"; message: Message; instead?: Message }
  | { type: "RecordMove"; detail: string; pull: Pull }
  | { type: "RecordMerge"; pull: number; sha: Sha; by: string }
  /** `waitMs`: the least time after which the rules can show that the trouble is over. */
  | { type: "RecordDeploy"; sha: Sha; waitMs?: number }
  /** A deploy that should have brought the fix live failed, or what runs does not hold the fix. */
  | { type: "RecordNotLive"; sha: Sha; detail: string; failed?: true }
  | { type: "RecordRecovery"; detail: string }
  /** The live remedy does not help. */
  | { type: "RecordIneffective"; detail: string }
  /** A flapping alert has been quiet for long enough. */
  | { type: "RecordCalm" }
  | { type: "RecordFollowUp"; remedy: Remedy; pull: Pull }
  | { type: "RefuseFollowUp"; remedy: Remedy; detail: string }
  | { type: "Withdraw"; pull: number; detail: string; by?: string }
  /** The pull request of an ended incident is open again, as it was proposed. */
  | { type: "RecordReopening"; pull: Pull; detail: string; by: string }
  /** An escalated incident is to go on where it stood. */
  | { type: "Retry"; by: string }
  | { type: "Escalate"; reason: Reason; detail: string; made?: { remedy: Remedy; pull: Pull } }
  /** `until`: what is waited for is expected by then, and the step has its usual time after that. */
  | {
      type: "Delay";
      step: string;
      detail: string;
      system?: Outage;
      news?: true;
      until?: EpochMs;
      retryAt?: EpochMs;
      verdict?: Verdict;
    }
  /** `again`: it was only closed, and may be opened again. */
  | { type: "RecordConflict"; pull: number; detail: string; again?: true }
  /** Slack could not be told. */
  | { type: "RequestPage"; detail: string };

/** What may happen to an incident. */
export type Command =
  | {
      type: "RecordAlerts";
      at: EpochMs;
      alerts: Alert[];
      truncated: boolean;
      trace?: string;
      origin?: IncidentId;
      full?: boolean;
    }
  | { type: "RecordSeparation"; at: EpochMs; trouble: number }
  | { type: "RecordTold"; at: EpochMs; told: number }
  | { type: "Approve"; at: EpochMs; round: number; head: Sha; by: string }
  /** Another of the diagnosis' remedies instead of the one proposed. */
  | { type: "Choose"; at: EpochMs; round: number; head: Sha; choice: number; by: string }
  | { type: "Reject"; at: EpochMs; round: number; head: Sha; by: string; detail: string }
  | { type: "Expire"; at: EpochMs }
  | { type: "Remind"; at: EpochMs }
  | (Intent & { at: EpochMs; round: number });

/** How far the machine may go by itself, and how long it waits. Durations in ms. */
export type Policy = {
  mode: "observe" | "approve" | "auto";
  /** Below this probability of the best remedy nothing is proposed. */
  minConfidence: number;
  /** Below this one nothing is merged without being asked about, whatever the mode; measured to be right in at least 95 %. */
  autoConfidence: number;
  /** Ages of an incident at which it is diagnosed again while nothing is approved, in ms, ascending. */
  lookAgainMs: number[];
  /** For a step that calls another system: diagnose, propose, merge. */
  stepMs: number;
  approvalMs: number;
  deployMs: number;
  verifyMs: number;
  /** How long a person's no keeps its culprit from being proposed again. */
  cooldownMs: number;
  /** From the first alert to verified; then a person is called. 0: nobody is. */
  deadlineMs: number;
  /** The share of troubles that changes cause here. */
  changePrior: number;
};

/** What became of the follow-up: its pull request, or why there is none. */
export type FollowUp = { remedy: Remedy } & ({ pull: Pull } | { detail: string });
