import type { EpochMs } from "../../brands.ts";
import type { CommandOf } from "../commands.ts";
import type { Event } from "../events.ts";
import { type Active, type Incident, isActive } from "../model.ts";
import type { Policy } from "../policy.ts";

/** The time for which an approval may stand while checks run. */
const maxApprovedMs = 24 * 60 * 60_000;

/** The next look at checks comes within a minute, however short the step's own time is: the approval stands until after it. */
const untilNextLookMs = 2 * 60_000;

/** A system that fails in ever new words is listed so often for one step. */
const maxDelays = 20;

/** The same delay is told once, unless it moves the due time on. */
export const delay = (incident: Incident, command: CommandOf<"Delay">, policy: Policy): Event[] => {
  if (!isActive(incident)) return [];
  const { at, step, detail, system, news, until, retryAt, verdict, failed } = command;
  const isKnown = isTold(incident, command);
  const due = extended(incident, until, policy);
  const isLater = due - incident.due >= policy.stepMs / 2;
  if (isKnown && !isLater) return [];
  const more = {
    ...(system && { system }),
    ...(news && !isKnown && { news }),
    ...(isLater && { due }),
    ...(retryAt && { retryAt }),
    ...(verdict && { verdict }),
    ...(failed && { failed }),
  };
  return [{ type: "StepDelayed", at, step, detail, ...more }];
};

const isTold = (
  { delay: before }: Active,
  { step, detail, retryAt, verdict, failed }: CommandOf<"Delay">,
): boolean => {
  if (before?.step !== step || before.verdict !== verdict) return false;
  if (failed !== undefined && before.failed === failed && (before.told ?? 0) >= maxDelays) return true;
  return before.detail === detail && before.retryAt === retryAt;
};

const extended = (incident: Active, until: EpochMs | undefined, policy: Policy): EpochMs => {
  if (until === undefined) return incident.due;
  const { stepMs } = policy;
  if (incident.status === "deployed")
    return Math.max(incident.due, withinDeadline(incident, until + stepMs, policy));
  if (incident.status !== "approved") return incident.due;
  const standsMs = Math.max(stepMs, untilNextLookMs);
  return Math.min(Math.max(incident.due, until + standsMs), incident.approval.at + maxApprovedMs);
};

/** The instant, or that of the deadline: nobody waits longer for a verdict. */
export const withinDeadline = (incident: Incident, at: EpochMs, { deadlineMs }: Policy): EpochMs => {
  if (deadlineMs <= 0 || !("openedAt" in incident)) return at;
  return Math.min(at, incident.openedAt + deadlineMs);
};
