import type { Event } from "../events.ts";
import { type Active, active, type Status, type Watched } from "../model.ts";

/** The name of the step that each status asks for. `steps.ts` holds the steps themselves, so that naming them loads none. */
export const stepOf = {
  opened: "diagnose",
  diagnosed: "propose",
  proposed: "ask",
  approved: "merge",
  referred: "watch",
  merged: "watch",
  deployed: "verify",
  escalated: "watch",
  closed: "watch",
} as const satisfies Record<Watched["status"], string>;
export type StepName = (typeof stepOf)[keyof typeof stepOf];

/** Facts after which nothing is due at once: the step has run already, or the tick comes back to it. */
const withoutStep: readonly string[] = [
  "ApprovalRequested",
  "MessagePosted",
  "LookPostponed",
  "FollowUpOpened",
  "ScaleEnded",
  "FollowingEnded",
  "FixNotLive",
  "FollowUpRefused",
  "StepDelayed",
  "AttemptRefused",
  "PolicyDecided",
  "QuestionSnoozed",
  "SnoozeEnded",
  "IncidentHeld",
  "DeadlineNeared",
  "PageRequested",
  "TroubleSeparated",
  "RoundTold",
  "RedeployBegun",
  "RedeployStarted",
  "CulpritReturned",
  "ReturnProposed",
  "PullLeftOpen",
] satisfies Event["type"][];
/** Facts that may change the diagnosis, as long as nothing is approved. */
const withReview: readonly string[] = [
  "AlertsJoined",
  "OriginJoined",
  "LookRequested",
] satisfies Event["type"][];
/** Statuses whose step sees whether the trouble has ended by itself. */
const recovering: readonly string[] = ["opened", "proposed", "referred", "merged"] satisfies Status[];

const isActiveStatus = (status: string): status is Active["status"] => active.some((one) => one === status);

/** The step that a fact asks for in the status that it leads to. */
export const stepAfter = (type: string, status: string): StepName | undefined => {
  if (!isActiveStatus(status) || withoutStep.includes(type)) return undefined;
  if (type === "MergeDisarmed" && status !== "approved") return undefined;
  if (type === "AlertsResolved" && !recovering.includes(status)) return undefined;
  if (withReview.includes(type)) return isReviewed(status) ? "diagnose" : undefined;
  if (type === "DiagnosisRevised" && status === "proposed") return undefined;
  return stepOf[status];
};

/** Whether an incident in this status is diagnosed again when more is known. */
export const isReviewed = (status: string): boolean => status === "opened" || status === "proposed";

/** The step that looks at a status, by the status as it is stored. */
export const stepIn = (status: string): StepName | undefined =>
  Object.entries(stepOf).find(([one]) => one === status)?.[1];

/** Every step that may have something to do in a status. */
export const stepsOf = (status: Watched["status"]): StepName[] =>
  status === "proposed" ? ["diagnose", "ask"] : [stepOf[status]];
