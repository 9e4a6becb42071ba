import { iso, regex, string } from "zod";
import { timeOf } from "../../shared/diagnosis/candidates/told-time.ts";
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
  receiver: Pick<ReceiverContext, "clock">,
  at: number | string | undefined,
): { at: number; heard?: { at: number; told: number } } => ({
  at: instantOf(receiver, at),
  ...(at !== undefined && { heard: { at: receiver.clock(), told: toldAt(at) } }),
});

/** The time of the event, never in the future. */
export const instantOf = (
  { clock }: Pick<ReceiverContext, "clock">,
  at: number | string | undefined,
): number => {
  const now = clock();
  return at === undefined ? now : timeOf({ at: now, told: toldAt(at) });
};
