import type { Command } from "./commands.ts";
import type { Event } from "./events.ts";
import { type Active, type Held, type In, type Incident, isActive } from "./model.ts";
import type { Policy } from "./policy.ts";

type Of<T extends Command["type"]> = Extract<Command, { type: T }>;

/** Told once. A common cause holds nothing that is merged, and nothing that a person has released from it. */
export const hold = (incident: Incident, command: Of<"Hold">, policy: Policy): Event[] => {
  if (!isActive(incident)) return [];
  const { at, detail } = command;
  const due = waits(incident) ? at + policy.approvalMs : incident.due;
  if (command.by === "stop")
    return incident.held?.by === "stop" ? [] : [{ type: "IncidentHeld", at, by: "stop", detail, due }];
  const { cause, leader } = command;
  if (!waits(incident) || incident.held !== undefined || incident.released?.includes(cause)) return [];
  return [{ type: "IncidentHeld", at, by: "cause", cause, leader, detail, due }];
};

export const release = (
  incident: Incident,
  { at, detail, by }: { at: number; detail: string; by?: string },
  policy: Policy,
): Event[] => {
  if (!isActive(incident) || incident.held === undefined) return [];
  const due = waits(incident) ? at + patience(incident, policy) : incident.due;
  return [{ type: "IncidentReleased", at, detail, due, ...(by !== undefined && { by }) }];
};

/** Whether it waits for a decision that is not carried out yet. */
const waits = ({ status }: Active): boolean =>
  status === "opened" || status === "diagnosed" || status === "proposed" || status === "approved";

const patience = ({ status }: Active, { stepMs, approvalMs }: Policy): number =>
  status === "proposed" ? approvalMs : stepMs;

/** The incident once it is held: its question and its approval no longer count. */
export const held = (incident: Active, event: Extract<Event, { type: "IncidentHeld" }>): Incident => {
  const { at, detail, due } = event;
  const why: Held =
    event.by === "stop"
      ? { by: "stop", detail, since: at }
      : { by: "cause", detail, since: at, cause: event.cause, leader: event.leader };
  if (incident.status !== "proposed" && incident.status !== "approved")
    return { ...incident, held: why, wasHeld: true, due };
  return { ...unanswered(incident), asked: false, moved: detail, held: why, wasHeld: true, due };
};

const unanswered = (incident: In<"proposed" | "approved">): Omit<In<"proposed">, "asked" | "moved"> => {
  const { delay: _, ...rest } = incident;
  if (rest.status === "proposed") {
    const { asked: __, moved: ___, ...proposed } = rest;
    return proposed;
  }
  const { approval: __, ...approved } = rest;
  return { ...approved, status: "proposed" };
};

/** The incident once it goes on. A cause from which a person has released it never holds it again. */
export const released = (incident: Active, event: Extract<Event, { type: "IncidentReleased" }>): Incident => {
  const { held: before, ...rest } = incident;
  const causes = incident.released ?? [];
  const isForGood = event.by !== undefined && before?.by === "cause";
  return {
    ...rest,
    ...(rest.status === "proposed" && { moved: event.detail }),
    due: event.due,
    ...(isForGood && { released: [...causes, before.cause] }),
  };
};
