import { isOpen } from "../approval/question.ts";
import type { CommandOf } from "../commands.ts";
import type { Event, EventOf } from "../events.ts";
import type { Incident } from "../model.ts";

/** The length of one snooze, and the most of one question: nobody puts it off for ever. */
export const snoozeMs = 15 * 60_000;
const most = 4;

/** The question is put off: people are asked again after that, and have as long again to answer. A page at the deadline goes out all the same. */
export const snooze = (incident: Incident, command: CommandOf<"Snooze">): Event[] => {
  const { at, by } = command;
  if (!isOpen(incident, command, at) || wakeAtOf(incident) !== undefined) return [];
  const count = (incident.snoozed?.count ?? 0) + 1;
  if (count > most) return [];
  const until = at + snoozeMs;
  return [{ type: "QuestionSnoozed", at, by, count, until, due: Math.max(incident.due, until + snoozeMs) }];
};

/** The time at which people are asked again; undefined once they were, and without a snooze. */
export const wakeAtOf = (incident: Incident): number | undefined =>
  incident.status === "proposed" && !incident.snoozed?.over ? incident.snoozed?.until : undefined;

export const snoozed = (incident: Incident, event: EventOf<"QuestionSnoozed">): Incident => {
  if (incident.status !== "proposed") return incident;
  const { by, until, count, due } = event;
  return { ...incident, snoozed: { by, until, count }, due };
};

export const woken = (incident: Incident): Incident => {
  if (incident.status !== "proposed" || incident.snoozed === undefined) return incident;
  return { ...incident, snoozed: { ...incident.snoozed, over: true } };
};
