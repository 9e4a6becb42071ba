import type { EpochMs } from "../../brands.ts";
import { firing } from "../alerts/alerts.ts";
import type { CommandOf } from "../commands.ts";
import type { Event, EventOf } from "../events.ts";
import { type Incident, isActive } from "../model.ts";
import type { Policy } from "../policy.ts";
import { wakeAtOf } from "./snooze.ts";

/** The shares of the deadline at which people are reminded. */
const reminders = [0.75, 0.5];
/** The time for which GitHub or Slack may fail before a person is called. */
export const unreachableMs = 5 * 60_000;

/** Whether the trouble still waits for its end: no verdict has come, and alerts fire. */
export const isUnresolved = (incident: Incident): boolean =>
  isActive(incident) || (incident.status === "escalated" && firing(incident.alerts));

/** Whether the page that was asked for still waits for a person: also when a follow-up could not be opened, whatever ended. */
export const needsPage = (incident: Incident): boolean =>
  isUnresolved(incident) ||
  ("followUp" in incident && incident.followUp !== undefined && "page" in incident.followUp);

/**
 * The next reminder depends on these: when the round began, the share told last, since when GitHub or Slack fails, and when a snooze ends.
 */
export type Reminding = { openedAt: EpochMs; reminded: number; outageSince?: EpochMs; wakeAt?: EpochMs };

/** Undefined when nobody is reminded any more. */
export const remindingOf = (incident: Incident): Reminding | undefined => {
  if (incident.status === "none" || incident.page !== undefined || !isUnresolved(incident)) return undefined;
  if (isQuietQuestion(incident)) return undefined;
  const { openedAt, reminded = 0 } = incident;
  const delay = isActive(incident) && incident.delay?.system !== undefined ? incident.delay : undefined;
  const wakeAt = wakeAtOf(incident);
  return {
    ...{ openedAt, reminded },
    ...(delay && { outageSince: delay.since }),
    ...(wakeAt !== undefined && { wakeAt }),
  };
};

/** Whether a reminder or a page is due at `at` that was not told yet. */
export const isRemindDue = (reminding: Reminding, at: EpochMs, { deadlineMs }: Deadline): boolean => {
  const { openedAt, reminded, outageSince = Number.POSITIVE_INFINITY, wakeAt } = reminding;
  if (at - outageSince >= unreachableMs || (wakeAt !== undefined && at >= wakeAt)) return true;
  if (deadlineMs <= 0) return false;
  if (at - openedAt >= deadlineMs) return true;
  return wakeAt === undefined && shareOf(at - openedAt, deadlineMs) > reminded;
};

type Deadline = Pick<Policy, "deadlineMs">;

const shareOf = (passed: number, deadlineMs: number): number =>
  reminders.find((one) => passed >= one * deadlineMs) ?? 0;

/** The reminder or the page that the deadline asks for at `at` and that was not told yet. */
export const remind = (incident: Incident, { at }: CommandOf<"Remind">, policy: Deadline): Event[] => {
  const reminding = remindingOf(incident);
  if (reminding === undefined || !isRemindDue(reminding, at, policy)) return [];
  const outage = outageOf(incident, at);
  if (outage !== undefined) return [{ type: "PageRequested", at, detail: outage }];
  const { deadlineMs } = policy;
  const { openedAt } = reminding;
  if (deadlineMs > 0 && at - openedAt >= deadlineMs)
    return [
      { type: "PageRequested", at, detail: `not verified ${minutes(deadlineMs)} after the first alert` },
    ];
  if (reminding.wakeAt !== undefined) return [{ type: "SnoozeEnded", at }];
  const share = shareOf(at - openedAt, deadlineMs);
  return [{ type: "DeadlineNeared", at, share, deadline: openedAt + deadlineMs }];
};

/** A question about a flapping alert stays open while the alert is quiet: nobody is called for it then. */
const isQuietQuestion = (incident: Incident): boolean =>
  incident.status === "proposed" && !incident.truncated && !firing(incident.alerts);

/** The page that a failure to reach people asks for. */
export const requestPage = (incident: Incident, { at, detail }: CommandOf<"RequestPage">): Event[] =>
  incident.page === undefined && isUnresolved(incident) ? [{ type: "PageRequested", at, detail }] : [];

const outageOf = (incident: Incident, at: number): string | undefined => {
  if (!isActive(incident) || incident.delay?.system === undefined) return undefined;
  const { system, since, detail } = incident.delay;
  if (at - since < unreachableMs) return undefined;
  const name = { github: "GitHub", slack: "Slack" }[system];
  return `${name} cannot be reached since ${minutes(at - since)} (${detail})`;
};

const minutes = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;

export const reminded = (incident: Incident, { share }: EventOf<"DeadlineNeared">): Incident =>
  incident.status === "none" ? incident : { ...incident, reminded: share };

export const pageRequested = (incident: Incident, { at, detail }: EventOf<"PageRequested">): Incident =>
  incident.status === "none" ? incident : { ...incident, page: { since: at, detail } };
