import type { EpochMs, IncidentId, Sha, System } from "../brands.ts";
import type { Trouble } from "./alerts/alerts.ts";
import type { DecisionCode, Moment, RefusalCode, Requirement, Terms, Vote } from "./approval/votes.ts";
import type { Alert, Chart, Diagnosis, Fix, Message, Outage, Pull, Reason, Remedy } from "./model.ts";
import type { Question, Verdict } from "./recovery.ts";
import type { RedeployEnd } from "./remedies/redeployment.ts";

/** The author of a retry that no person asked for. */
export const retryPolicy = "policy:retry";
/** The author of a new diagnosis after a deploy or a flag change that was told late. */
export const newsPolicy = "policy:news";

/** The commands that a step may return; the process adds `at` and the `round` that the step saw. */
export type Intent =
  | {
      type: "RecordDiagnosis";
      diagnosis: Diagnosis;
      questions?: Question[];
      basis?: string;
      known?: number;
      fix?: Fix;
    }
  | { type: "RecordFix"; fix: Fix }
  | { type: "RecordReferral"; to: IncidentId; detail: string }
  | { type: "SettleReferral"; detail: string }
  /** The other incident's people said no, and this one's are asked now. */
  | { type: "ReturnReferral"; detail: string }
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
  | { type: "RecordRequest"; message: Message; head: Sha; asked?: string[]; link?: string; terms?: Terms }
  /** One person's approval, and who must approve by the configuration as it is now. */
  | { type: "Approve"; head: Sha; vote: Vote; required: Requirement; comment?: number; terms?: Terms }
  | { type: "TakeBack"; person: string; by: string; detail: string }
  /** A no of a person also stops what is approved and not merged yet. */
  | { type: "Reject"; head: Sha; by: string; detail: string; comment?: number }
  | { type: "AnswerCommand"; comment: number; by: string; text: string; code?: RefusalCode }
  | { type: "RecordMessage"; message: Message; instead?: Message }
  /** `overtaken`: every alert resolved after the approval. */
  | { type: "RecordMove"; detail: string; pull: Pull; overtaken?: true }
  /** `differs`: the merge is not what people approved. */
  | { type: "RecordMerge"; pull: number; sha: Sha; by: string; differs?: string }
  /** GitHub is about to merge the approved head by itself; `detail` says what that waits for. */
  | { type: "RecordArming"; how: "auto-merge" | "queue"; head: Sha; detail: string }
  | { type: "RecordDisarming"; pull: number; detail: string }
  /** The redeploy is about to be ordered; `id` names it. Only the caller whose command this is may order it. */
  | { type: "BeginRedeploy"; sha: Sha; id: string; tool: string }
  | { type: "RecordRedeployRun"; run: number; url: string }
  | { type: "EndRedeploy"; sha: Sha; how: RedeployEnd; detail: string }
  /** A deploy that holds the culprit, while the former one runs and the revert is not merged. */
  | { type: "RecordReturn"; sha: Sha; detail: string }
  /** An open pull request that would bring the culprit back. */
  | { type: "RecordPromotion"; number: number; url: string; detail: string }
  /** Somebody tried to decide and may not, or not now. */
  | { type: "RecordRefusal"; by: string; attempt: string; code: RefusalCode; detail: string }
  /** The policy server's answer. */
  | { type: "RecordDecision"; moment: Moment; code: DecisionCode; decision?: string; detail?: string }
  /** `waitMs`: the least time after which the rules can show that the trouble is over. The fix was not live before `since`. */
  | { type: "RecordDeploy"; sha: Sha; waitMs?: number; since?: EpochMs }
  /** A deploy that should have brought the fix live failed, or what runs does not hold the fix. */
  | { type: "RecordNotLive"; sha: Sha; detail: string; failed?: true }
  /** `judged`: the alerts that were looked at. One that is told meanwhile is looked at first. */
  | { type: "RecordRecovery"; detail: string; chart?: Chart; judged?: Trouble[] }
  /** The live remedy does not help. */
  | { type: "RecordIneffective"; detail: string }
  /** Every alert resolved before anything was merged. `verdict`: Prometheus shows it. `detail`: why it could not be asked. */
  | { type: "RecordSelfRecovery"; verdict?: Verdict; detail?: string; judged?: Trouble[] }
  /** Every alert of an escalated incident resolved, but Prometheus does not show a recovery. */
  | { type: "RecordDoubt"; verdict: Verdict; detail: string }
  | { type: "RecordFollowUp"; remedy: Remedy; pull: Pull }
  | { type: "RefuseFollowUp"; remedy: Remedy; detail: string; page?: true }
  /** The draft that brings a reverted change back: asked for, open, or why there is none. */
  | { type: "RequestReland"; by: string }
  | { type: "RecordReland"; pull: Pull }
  | { type: "RefuseReland"; detail: string }
  | { type: "Withdraw"; pull: number; detail: string; by?: string }
  /** The pull request of an ended incident is open again, as it was proposed. */
  | { type: "RecordReopening"; pull: Pull; detail: string; by: string }
  /** An escalated incident is to go on where it stood. */
  | { type: "Retry"; by: string; comment?: number }
  | { type: "Escalate"; reason: Reason; detail: string; made?: { remedy: Remedy; pull: Pull } }
  /** `until` is when the wait is expected to end; the step has its usual time after that. */
  | {
      type: "Delay";
      step: string;
      detail: string;
      system?: Outage;
      news?: true;
      until?: EpochMs | undefined;
      retryAt?: EpochMs;
      verdict?: Verdict;
      failed?: System;
    }
  /** `again`: the pull request was only closed, and may be opened again. */
  | { type: "RecordConflict"; pull: number; detail: string; again?: true }
  /** Stops all work on the incident for now. */
  | { type: "Hold"; by: "stop"; detail: string }
  | { type: "Hold"; by: "github"; who: string; detail: string; comment?: number }
  | { type: "Hold"; by: "cause"; cause: string; leader: IncidentId; services: number; detail: string }
  /** The reason of its hold is over. */
  | { type: "Release"; detail: string; comment?: number }
  /** Its service is no longer configured. */
  | { type: "Abandon"; detail: string }
  /** GitHub refuses for good to close a pull request that nobody needs. */
  | { type: "RecordLeftOpen"; number: number; url: string; detail: string }
  /** Slack could not be told. */
  | { type: "RequestPage"; detail: string };

type Answer = { at: EpochMs; round: number; head: Sha; by: string };

export type Command =
  | {
      type: "RecordAlerts";
      at: EpochMs;
      alerts: Alert[];
      truncated: boolean;
      trace?: string;
      origin?: IncidentId;
      /** The origin's round that counts on this incident. */
      originRound?: number;
      /** The origin would propose the same pull request, for another service. */
      shares?: true;
      full?: boolean;
    }
  | { type: "RecordSeparation"; at: EpochMs; trouble: number; names?: string[] }
  | { type: "RecordTold"; at: EpochMs; told: number }
  /** Another of the diagnosis' remedies instead of the one proposed. */
  | { type: "Choose"; at: EpochMs; round: number; head: Sha; choice: number; by: string }
  /** It was not this one; the question waits; look once more: a person's answers that merge nothing. */
  | ({ type: "RuleOut" } & Answer)
  | ({ type: "Snooze" } & Answer)
  | ({ type: "LookAgain" } & Answer)
  /** `unwatched`: nothing has looked at it for long after its due time, as when the host did not run. */
  | { type: "Expire"; at: EpochMs; unwatched?: true }
  | { type: "Remind"; at: EpochMs }
  | (Intent & { at: EpochMs; round: number });

/** The command of one type. */
export type CommandOf<T extends Command["type"]> = Extract<Command, { type: T }>;
