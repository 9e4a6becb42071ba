import { recordDecision } from "./approval/decisions.ts";
import { recordRefusal } from "./approval/refusals.ts";
import type { Command, CommandOf } from "./commands.ts";
import { completeAlerts, recordAlerts, recordDoubt, recordSelfRecovery, separate } from "./decide/alerts.ts";
import { answerCommand, approve, reject, takeBack } from "./decide/approval.ts";
import { delay } from "./decide/delay.ts";
import { recordDiagnosis, recordFix, recordQuestions } from "./decide/diagnosis.ts";
import { abandon, escalate, expire, recordTold, withFinding } from "./decide/end.ts";
import {
  recordDeploy,
  recordFollowUp,
  recordIneffective,
  recordNotLive,
  recordRecovery,
  refuseFollowUp,
} from "./decide/live.ts";
import {
  recordArming,
  recordDisarming,
  recordLeftOpen,
  recordMerge,
  recordPromotion,
  withdraw,
} from "./decide/merge.ts";
import {
  choose,
  lookAgain,
  recordConflict,
  recordMessage,
  recordMove,
  recordProposal,
  recordRequest,
} from "./decide/proposal.ts";
import { refer, returnReferral, settleReferral } from "./decide/referral.ts";
import { ruleOut } from "./diagnosis/ruled-out.ts";
import type { Event } from "./events.ts";
import type { Incident } from "./model.ts";
import type { Policy } from "./policy.ts";
import { beginRedeploy, endRedeploy, recordReturn, recordRun } from "./remedies/redeploy.ts";
import { recordReland, refuseReland, requestReland } from "./remedies/reland.ts";
import { reopen, retry } from "./rounds/resume.ts";
import { remind, requestPage } from "./schedule/deadline.ts";
import { hold, release } from "./schedule/hold.ts";
import { snooze } from "./schedule/snooze.ts";

/** Returns the facts that follow from the command, or nothing when it comes late, twice or out of turn. Pure, and never throws. */
export const decide = (incident: Incident, command: Command, policy: Policy): Event[] => {
  if ("round" in command && command.round !== incident.round) return [];
  return decideBy(command.type, incident, command, policy).map((event) => withFinding(incident, event));
};

const decideBy = <T extends Command["type"]>(
  type: T,
  incident: Incident,
  command: CommandOf<T>,
  policy: Policy,
): Event[] => deciders[type](incident, command, policy);

const deciders: {
  [T in Command["type"]]: (incident: Incident, command: CommandOf<T>, policy: Policy) => Event[];
} = {
  RecordAlerts: recordAlerts,
  RecordSeparation: separate,
  RecordTold: recordTold,
  CompleteAlerts: completeAlerts,
  RecordSelfRecovery: recordSelfRecovery,
  RecordDoubt: recordDoubt,
  RecordDiagnosis: recordDiagnosis,
  RecordFix: recordFix,
  RecordQuestions: recordQuestions,
  RecordReferral: refer,
  SettleReferral: settleReferral,
  ReturnReferral: returnReferral,
  RecordProposal: recordProposal,
  RecordRequest: recordRequest,
  RecordMessage: recordMessage,
  Choose: choose,
  RuleOut: ruleOut,
  Snooze: snooze,
  LookAgain: lookAgain,
  RecordMove: recordMove,
  RecordConflict: recordConflict,
  Approve: approve,
  TakeBack: takeBack,
  Reject: reject,
  AnswerCommand: answerCommand,
  RecordRefusal: recordRefusal,
  RecordDecision: recordDecision,
  BeginRedeploy: beginRedeploy,
  RecordRedeployRun: recordRun,
  EndRedeploy: endRedeploy,
  RecordReturn: recordReturn,
  RecordPromotion: recordPromotion,
  RecordMerge: recordMerge,
  RecordArming: recordArming,
  RecordDisarming: recordDisarming,
  RecordLeftOpen: recordLeftOpen,
  Withdraw: withdraw,
  RecordDeploy: recordDeploy,
  RecordNotLive: recordNotLive,
  RecordIneffective: recordIneffective,
  RecordRecovery: recordRecovery,
  RecordFollowUp: recordFollowUp,
  RefuseFollowUp: refuseFollowUp,
  RequestReland: requestReland,
  RecordReland: recordReland,
  RefuseReland: refuseReland,
  RecordReopening: reopen,
  Retry: retry,
  Hold: hold,
  Release: release,
  Delay: delay,
  Remind: remind,
  RequestPage: requestPage,
  Expire: expire,
  Escalate: escalate,
  Abandon: abandon,
};
