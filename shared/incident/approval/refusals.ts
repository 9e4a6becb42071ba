import type { CommandOf } from "../commands.ts";
import type { Event, EventOf } from "../events.ts";
import { type Incident, isActive, isUnsettled } from "../model.ts";

/** Refusals that a round keeps: anybody may press a button as often as they like. */
const most = 20;

type RecordRefusal = CommandOf<"RecordRefusal">;

/** A refusal is noted once for each person, attempt and reason. */
export const recordRefusal = (incident: Incident, command: RecordRefusal): Event[] => {
  const { at, by, attempt, code, detail } = command;
  if (!isNewRefusal(incident, command)) return [];
  return [{ type: "AttemptRefused", at, by, attempt, code, detail }];
};

type Attempt = Pick<RecordRefusal, "by" | "attempt" | "code">;

/** Whether the round lists this refusal yet, and has room for it. */
export const isNewRefusal = (incident: Incident, attempt: Attempt): boolean => {
  if (!isActive(incident) && !isUnsettled(incident)) return false;
  const { refusals = [] } = incident;
  return refusals.length < most && !refusals.includes(keyOf(attempt));
};

const keyOf = ({ by, attempt, code }: { by: string; attempt: string; code: string }): string =>
  `${by} ${attempt} ${code}`;

export const refused = (incident: Incident, event: EventOf<"AttemptRefused">): Incident =>
  isActive(incident) || isUnsettled(incident)
    ? { ...incident, refusals: [...(incident.refusals ?? []), keyOf(event)] }
    : incident;
