import type { EpochMs, IncidentId, Sha, System } from "../brands.ts";
import type { DecisionCode, Moment, RefusalCode, Terms, Vote } from "./approval/votes.ts";
import type { Link } from "./chain/link.ts";
import type {
  Alert,
  Chart,
  Diagnosis,
  Fix,
  Message,
  Outage,
  Outcome,
  Pull,
  Reason,
  Remedy,
  Resumed,
  Review,
} from "./model.ts";
import type { Question, Verdict } from "./recovery.ts";
import type { RedeployEnd } from "./remedies/redeployment.ts";

/** Facts. `type` is also the EventBridge `detail-type`. `at` is epoch ms. `chain` is absent in what an older version stored. */
export type Event = { at: EpochMs; chain?: Link } & (
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
      originRound?: number;
    }
  /**
   * `full`: they may be another trouble, but no more of them may be open. `whole`: Alertmanager itself listed them, so
   * no alert is left out any more. `again`: they fire already, and were told with another start.
   */
  | { type: "AlertsJoined"; alerts: Alert[]; truncated: boolean; full?: true; whole?: true; again?: true }
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
  /** The differences as sentences; with `replace`, the first remedy of the new diagnosis replaces the one proposed. */
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
  /** The other incident ended without the change taken back; this one's own people are asked. */
  | { type: "ReferralReturned"; detail: string; due: EpochMs }
  /** Another incident counts on this one. */
  | { type: "OriginJoined"; origin: IncidentId; originRound?: number; alerts: Alert[]; shares?: true }
  /** A trouble of the same service is open beside this one. `names`: the alerts that it opens with. */
  | { type: "TroubleSeparated"; trouble: number; names?: string[] }
  /** The end of an earlier round was told. */
  | { type: "RoundTold"; round: number }
  | { type: "QuestionsRecorded"; questions: Question[] }
  | { type: "RemedyProposed"; remedy: Remedy; pull: Pull; due: EpochMs; look?: string[] }
  /** `asked`: the approvers by name. `link`: the message's address. */
  | { type: "ApprovalRequested"; message: Message; asked?: string[]; link?: string; terms?: Terms }
  /** `instead`: the deleted message that it replaces. */
  | { type: "MessagePosted"; message: Message; instead?: Message }
  | { type: "RemedyChosen"; choice: number; remedy: Remedy; by: string; due: EpochMs }
  /** A person said that it was not this one. `choice`: the remedy that is taken up next. */
  | {
      type: "RemedyRuledOut";
      by: string;
      remedy: Remedy;
      diagnosis: Diagnosis;
      choice?: number;
      due: EpochMs;
    }
  | { type: "QuestionSnoozed"; by: string; until: EpochMs; count: number; due: EpochMs }
  | { type: "SnoozeEnded" }
  /** A person asked for another look now. */
  | { type: "LookRequested"; by: string }
  /** One person approved; `missing` says who else must. `comment`: the comment on the pull request that said so. */
  | { type: "ApprovalGiven"; vote: Vote; missing: string[]; comment?: number; terms?: Terms }
  /** A person took their approval back. */
  | { type: "ApprovalTakenBack"; person: string; by: string; detail: string }
  /** `votes`: of people; absent where the policy approved. `quiet`: no alert fired any more. */
  | {
      type: "RemedyApproved";
      by: string;
      head: Sha;
      diff: string;
      due: EpochMs;
      votes?: Vote[];
      quiet?: true;
      comment?: number;
      /** Absent unless people could not be asked in Slack before. */
      terms?: Terms;
    }
  /** A command on the pull request that changed nothing got an answer there. `code`: its author may not decide. */
  | { type: "CommandAnswered"; comment: number; by: string; text: string; code?: RefusalCode }
  /** `overtaken`: every alert resolved after it, and people say whether it is still wanted. */
  | { type: "ApprovalVoided"; detail: string; pull: Pull; due: EpochMs; overtaken?: true; unapproved?: true }
  /** Somebody tried to decide and may not, or not now: nothing was changed. */
  | { type: "AttemptRefused"; by: string; attempt: string; code: RefusalCode; detail: string }
  /** The policy server was asked before a machine or people act. `decision`: its id of the decision; `detail`: its reasons. */
  | { type: "PolicyDecided"; moment: Moment; code: DecisionCode; decision?: string; detail?: string }
  /** GitHub merges the approved head by itself once its conditions are met. */
  | { type: "MergeArmed"; how: "auto-merge" | "queue"; head: Sha; detail: string }
  /** GitHub merges nothing by itself any more. */
  | { type: "MergeDisarmed"; detail: string }
  /** Noted before GitHub is told. `id` names it in the workflow's inputs, or in the deployment. */
  | { type: "RedeployBegun"; sha: Sha; id: string; tool: string; due: EpochMs }
  | { type: "RedeployStarted"; run: number; url: string }
  | { type: "RedeployEnded"; sha: Sha; how: RedeployEnd; detail: string; due: EpochMs }
  /** A deploy brings the culprit back before the revert is merged. */
  | { type: "CulpritReturned"; sha: Sha; detail: string }
  /** An open pull request of a bot would bring back what a merged rollback took away. */
  | { type: "ReturnProposed"; number: number; url: string; detail: string }
  /** `differs`: it is not what people approved. */
  | { type: "RemedyMerged"; sha: Sha; by: string; due: EpochMs; differs?: string }
  /** `again`: it was verified before, and a deploy in between did not hold it. `behind`: the redeploy before it was live already. */
  | { type: "RemedyDeployed"; sha: Sha; due: EpochMs; since?: EpochMs; again?: true; behind?: true }
  /** `due`: the fix was live before, and its deploy is waited for again. */
  | { type: "FixNotLive"; sha: Sha; detail: string; failed?: true; due?: EpochMs }
  /** The remedy is live and the trouble goes on, so the incident is diagnosed again. */
  | { type: "RemedyIneffective"; detail: string; due: EpochMs }
  /** A remedy that did not help is put back. `choice`: the remedy that is taken up next. */
  | { type: "RemedyWithdrawn"; choice: number; due: EpochMs }
  | { type: "FollowUpOpened"; remedy: Remedy; pull: Pull }
  /** `page`: nobody has done it, so a person is called. */
  | { type: "FollowUpRefused"; remedy: Remedy; detail: string; page?: true }
  /** A person asks for the draft that brings a reverted change back. */
  | { type: "RelandRequested"; by: string }
  | { type: "RelandOpened"; pull: Pull }
  | { type: "RelandRefused"; detail: string }
  | { type: "ScaleEnded" }
  /** `news`: people are told in the thread. `due`: it may take until then. `retryAt`: not to be tried before. `failed`: the system that could not be asked. */
  | {
      type: "StepDelayed";
      step: string;
      detail: string;
      system?: Outage;
      news?: true;
      due?: EpochMs;
      retryAt?: EpochMs;
      verdict?: Verdict;
      failed?: System;
    }
  /** The incident is held until it is released; an approval no longer counts. */
  | { type: "IncidentHeld"; by: "stop"; detail: string; due: EpochMs }
  | { type: "IncidentHeld"; by: "github"; who: string; detail: string; due: EpochMs; comment?: number }
  | {
      type: "IncidentHeld";
      by: "cause";
      cause: string;
      leader: IncidentId;
      services?: number;
      detail: string;
      due: EpochMs;
    }
  /** `by`: the person who released it. */
  | { type: "IncidentReleased"; detail: string; by?: string; due: EpochMs; comment?: number }
  /** Its pull request cannot be merged any more: another is opened for the same remedy. */
  | { type: "RemedyOutdated"; detail: string; again?: true; due: EpochMs; unapproved?: true }
  /** An ended incident goes on where it stood. Without `pull` the one that it has. */
  | {
      type: "IncidentResumed";
      to: Resumed;
      detail: string;
      by: string;
      pull?: Pull;
      due: EpochMs;
      comment?: number;
    }
  | { type: "FollowingEnded" }
  /** Nobody needs this pull request, and GitHub refuses for good to close it: a person does. */
  | { type: "PullLeftOpen"; number: number; url: string; detail: string }
  /** A share of the time until the deadline is over, and the trouble is not. */
  | { type: "DeadlineNeared"; share: number; deadline: EpochMs }
  | { type: "PageRequested"; detail: string }
  | {
      type: "IncidentClosed";
      outcome: Outcome;
      detail?: string;
      by?: string;
      verdict?: Verdict;
      chart?: Chart;
    }
  /** `made` is a pull request that was opened but could not be completed. */
  | {
      type: "IncidentEscalated";
      reason: Reason;
      detail: string;
      verdict?: Verdict;
      made?: { remedy: Remedy; pull: Pull };
      /** The system that could not be reached, which kept it from going on. */
      outage?: Outage;
    }
);

/** The fact of one type. */
export type EventOf<T extends Event["type"]> = Extract<Event, { type: T }>;
