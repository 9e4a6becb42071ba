import { iso, regex, string } from "zod";
import { type ReceiverContext, serviceNamed } from "./context.ts";

/** One line of text, at least a character of it. */
export const line = (max: number) =>
  string()
    .min(1)
    .max(max)
    .check(regex(/^\P{Cc}*$/u, "one line of text"));

/** The service, environment and time of a report; `at` defaults to the time of receipt. */
export const happened = {
  service: string().min(1).max(100),
  environment: string().min(1).max(100),
  at: iso.datetime({ offset: true }).optional(),
};

/** Why a report is left alone: its service, or its environment, is not in the configuration. */
export const unknown = (
  { config }: ReceiverContext,
  { service, environment }: { service: string; environment: string },
): "unknown_service" | "unknown_environment" | undefined => {
  const known = serviceNamed(config, service);
  if (known === undefined) return "unknown_service";
  return known.environments.includes(environment) ? undefined : "unknown_environment";
};

const toldAt = (at: number | string): number => (typeof at === "number" ? at : Date.parse(at));

/** The time of a deploy, and how it was told when the report has a time of its own. */
export const heardOf = (
  receiver: ReceiverContext,
  at: number | string | undefined,
): { at: number; heard?: { at: number; told: number } } => ({
  at: instantOf(receiver, at),
  ...(at !== undefined && { heard: { at: receiver.clock(), told: toldAt(at) } }),
});

const hour = 60 * 60_000;
/** A report comes this long after the event at most, when its clock is taken to be whole hours ahead. */
const lateMs = 30 * 60_000;

const farthestZoneMs = 14 * hour;

/**
 * The time of the event, never in the future. A clock that is ahead by whole hours tells local time as UTC, so they are taken off: 13:05,
 * told at 12:20, is 12:05. Any other time in the future is now.
 */
export const instantOf = ({ clock }: ReceiverContext, at: number | string | undefined): number => {
  const now = clock();
  if (at === undefined) return now;
  const told = toldAt(at);
  const ahead = told - now;
  if (ahead <= 0) return told;
  if (ahead > farthestZoneMs) return now;
  const since = Math.ceil(ahead / hour) * hour - ahead;
  return since <= lateMs ? now - since : now;
};
