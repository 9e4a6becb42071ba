import { ownValue } from "../../records.ts";
import { firing } from "../alerts/alerts.ts";
import { type CommandOf, newsPolicy, retryPolicy } from "../commands.ts";
import type { Event, EventOf } from "../events.ts";
import { withAnswered } from "../evolve/parts.ts";
import {
  type Deploy,
  type Fix,
  type In,
  type Incident,
  isActive,
  isUnsettled,
  type Merge,
  type Resumed,
} from "../model.ts";
import type { Policy } from "../policy.ts";
import { release } from "../schedule/hold.ts";

/**
 * Tries an escalated incident again, from the status where it stopped. An incident that waits because many services have one cause
 * goes on without waiting.
 */
export const retry = (incident: Incident, command: CommandOf<"Retry">, policy: Policy): Event[] => {
  const { at, by, comment } = command;
  if (isActive(incident) && incident.held?.by === "cause")
    return release(incident, { at, by, detail: `released by ${by}` }, policy);
  if (incident.status !== "escalated") return [];
  if (comment !== undefined && comment <= (incident.answered ?? 0)) return [];
  const to = standsAt(incident, at, policy);
  const detail = ownValue(reasons, by) ?? `tried again by ${by}`;
  const from = comment === undefined ? {} : { comment };
  return [{ type: "IncidentResumed", at, to, detail, by, due: at + timeLimit(to, policy), ...from }];
};

/** Resumes an ended incident whose pull request was opened again. */
export const reopen = (
  incident: Incident,
  { at, pull, detail, by }: CommandOf<"RecordReopening">,
  policy: Policy,
): Event[] => {
  if (!isUnsettled(incident) || incident.pull?.number !== pull.number || incident.merge !== undefined)
    return [];
  return [{ type: "IncidentResumed", at, to: "proposed", detail, by, pull, due: at + policy.approvalMs }];
};

/** Whether it is tried again without being asked: its setup may be mended by now, or the system that was out of reach be back. */
export const retriesItself = (incident: Incident): incident is In<"escalated"> =>
  incident.status === "escalated" &&
  (incident.reason === "refused" || incident.outage !== undefined) &&
  firing(incident.alerts);

const reasons: Record<string, string> = {
  [retryPolicy]: "tried again by itself",
  [newsPolicy]: "a deploy or a flag change that may explain the trouble became known: it is diagnosed again",
};

/** An approval is taken up again only while its question could still be open. */
const standsAt = (
  { deploy, merge, pull, approval, reason }: In<"escalated">,
  at: number,
  policy: Policy,
): Resumed => {
  if (deploy !== undefined) return "deployed";
  if (merge !== undefined) return "merged";
  if (pull === undefined || reason === "declined_before") return "opened";
  const isFresh = approval !== undefined && at < approval.at + policy.approvalMs;
  return isFresh && reason !== "retargeted" ? "approved" : "proposed";
};

const timeLimit = (to: Resumed, { stepMs, approvalMs, deployMs, verifyMs }: Policy): number =>
  ({ opened: stepMs, proposed: approvalMs, approved: stepMs, merged: deployMs, deployed: verifyMs })[to];

type Ended = In<"closed" | "escalated">;
type Resumption = Omit<EventOf<"IncidentResumed">, "type">;

/** The ended incident in the status that it resumes; itself when it lacks what that status needs. */
export const resumed = (incident: Ended, event: Resumption): Incident => {
  const { to, due } = event;
  const {
    diagnosis,
    remedy,
    pull,
    approval,
    merge,
    deploy,
    fix,
    referral: _,
    ...rest
  } = unended(withAnswered(incident, event), event);
  if (to === "opened") {
    const {
      taken: _,
      dropped: __,
      replaced: ___,
      look: ____,
      followUp: _____,
      notLive: ______,
      ...opened
    } = rest;
    return { ...opened, status: "opened", due };
  }
  if (fix !== undefined && diagnosis !== undefined && (to === "merged" || to === "deployed"))
    return withFix({ ...rest, diagnosis, fix, due }, { to, merge, deploy });
  if (diagnosis === undefined || remedy === undefined || pull === undefined) return incident;
  const proposed = { ...rest, diagnosis, remedy, pull: event.pull ?? pull, due };
  if (to === "proposed") return { ...proposed, status: "proposed", asked: false, moved: event.detail };
  if (to === "approved")
    return approval === undefined ? incident : { ...proposed, status: "approved", approval };
  if (merge === undefined) return incident;
  const merged = { ...proposed, ...(approval && { approval }), merge };
  if (to === "merged") return { ...merged, status: "merged" };
  return deploy === undefined ? incident : { ...merged, status: "deployed", deploy };
};

/** Resumes the watch of a fix by people. */
const withFix = (
  base: Omit<In<"merged">, "status" | "merge"> & { fix: Fix },
  { to, merge, deploy }: { to: "merged" | "deployed"; merge: Merge | undefined; deploy: Deploy | undefined },
): Incident => {
  const merged = merge === undefined ? base : { ...base, merge };
  return to === "deployed" && deploy !== undefined
    ? { ...merged, status: "deployed", deploy }
    : { ...merged, status: "merged" };
};

/** The incident without the fields that its end added, and with the count of retries that no person asked for. */
const unended = (incident: Ended, { at, by }: Resumption) => {
  const { status: _, endedAt: __, left: ___, retries: before, ...rest } = incident;
  const {
    reason: ____,
    outcome: _____,
    detail: ______,
    by: _______,
    over: ________,
    verdict: _________,
    outage: __________,
    ...base
  } = {
    ...{ reason: undefined, outcome: undefined, detail: undefined, by: undefined, over: undefined },
    ...{ verdict: undefined, outage: undefined },
    ...rest,
  };
  return by === retryPolicy ? { ...base, retries: { count: (before?.count ?? 0) + 1, at } } : base;
};
