import type { Event, Watched } from "./model.ts";

/** The name of the step that each status asks for. `steps.ts` holds the steps themselves, so that naming them loads none. */
export const stepOf = {
  opened: "diagnose",
  diagnosed: "propose",
  proposed: "ask",
  approved: "merge",
  merged: "watch",
  deployed: "verify",
  escalated: "watch",
  closed: "watch",
} as const satisfies Record<Watched["status"], string>;
export type StepName = (typeof stepOf)[keyof typeof stepOf];

/** Facts after which the step of the status has nothing new to do: it has run already, or the tick comes back to it. */
const quiet: readonly Event["type"][] = [
  "AlertsJoined",
  "AlertsResolved",
  "ApprovalRequested",
  "MessagePosted",
  "FollowUpOpened",
  "ScaleEnded",
  "FollowingEnded",
  "FollowUpRefused",
  "StepDelayed",
  "FixNotLive",
  "DeadlineNeared",
  "PageRequested",
];

/** Whether a fact asks for the step of the status that it leads to. */
export const asks = (type: string): boolean => !(quiet as readonly string[]).includes(type);
