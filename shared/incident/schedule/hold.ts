import type { CommandOf } from "../commands.ts";
import type { Event, EventOf } from "../events.ts";
import { unasked, withAnswered } from "../evolve/parts.ts";
import { type Active, type Held, type Incident, isActive } from "../model.ts";
import type { Policy } from "../policy.ts";

type IncidentHeld = EventOf<"IncidentHeld">;

/** Told once. A common cause holds nothing that is merged, and nothing that a person has released from it. */
export const hold = (incident: Incident, command: CommandOf<"Hold">, policy: Policy): Event[] => {
  if (!isActive(incident)) return [];
  const { at, detail } = command;
  const due = waits(incident) && incident.held === undefined ? at + policy.approvalMs : incident.due;
  if (command.by === "stop")
    return incident.held?.by === "stop" ? [] : [{ type: "IncidentHeld", at, by: "stop", detail, due }];
  if (command.by === "github") return holdOnGithub(incident, command, due);
  const { cause, leader, services } = command;
  if (!waits(incident) || incident.released?.includes(cause) || isKnown(incident, command)) return [];
  return [{ type: "IncidentHeld", at, by: "cause", cause, leader, services, detail, due }];
};

/** A larger cause is told again, and never moves the time to wait. */
const isKnown = ({ held }: Active, command: Extract<CommandOf<"Hold">, { by: "cause" }>): boolean => {
  if (held === undefined) return false;
  return held.by !== "cause" || held.cause !== command.cause || command.services <= (held.services ?? 0);
};

/** An older hold goes on: it keeps more from happening. */
const holdOnGithub = (
  incident: Active,
  { at, who, detail, comment }: Extract<CommandOf<"Hold">, { by: "github" }>,
  due: number,
): Event[] => {
  if (incident.status !== "proposed" && incident.status !== "approved") return [];
  if (incident.held !== undefined) return [];
  return [
    { type: "IncidentHeld", at, by: "github", who, detail, due, ...(comment !== undefined && { comment }) },
  ];
};

export const release = (
  incident: Incident,
  { at, detail, by, comment }: { at: number; detail: string; by?: string; comment?: number },
  policy: Policy,
): Event[] => {
  if (!isActive(incident) || incident.held === undefined) return [];
  const due = waits(incident) ? at + timeLimit(incident, policy) : incident.due;
  return [
    {
      ...{ type: "IncidentReleased", at, detail, due },
      ...(by !== undefined && { by }),
      ...(comment !== undefined && { comment }),
    },
  ];
};

/** Whether the incident waits for a decision that is not carried out yet. */
const waits = ({ status }: Active): boolean =>
  status === "opened" || status === "diagnosed" || status === "proposed" || status === "approved";

const timeLimit = ({ status }: Active, { stepMs, approvalMs }: Policy): number =>
  status === "proposed" ? approvalMs : stepMs;

/** The incident once it is held: its question and its approval no longer count. */
export const held = (incident: Incident, event: IncidentHeld): Incident => {
  if (!isActive(incident)) return incident;
  const { detail, due } = event;
  const why = whyOf(incident, event);
  if (incident.status !== "proposed" && incident.status !== "approved")
    return { ...incident, held: why, wasHeld: true, due };
  const before = unasked("comment" in event ? withAnswered(incident, event) : incident);
  return {
    ...{ ...before, status: "proposed", asked: false, moved: detail, held: why, due },
    ...(event.by !== "github" && { wasHeld: true }),
  };
};

const causeOf = ({ cause, leader, services }: Extract<IncidentHeld, { by: "cause" }>) => ({
  ...{ cause, leader },
  ...(services !== undefined && { services }),
});

const whyOf = (incident: Active, event: IncidentHeld): Held => {
  const { at, detail } = event;
  if (event.by === "stop") return { by: "stop", detail, since: at };
  if (event.by === "github") return { by: "github", who: event.who, detail, since: at };
  return { by: "cause", detail, since: incident.held?.since ?? at, ...causeOf(event) };
};

/** The incident once it goes on. A cause from which a person has released it never holds it again. */
export const released = (incident: Incident, event: EventOf<"IncidentReleased">): Incident => {
  if (!isActive(incident)) return incident;
  const { held: before, ...rest } = withAnswered(incident, event);
  const causes = incident.released ?? [];
  const isForGood = event.by !== undefined && before?.by === "cause";
  return {
    ...rest,
    ...(rest.status === "proposed" && { moved: event.detail }),
    due: event.due,
    ...(isForGood && { released: [...causes, before.cause] }),
  };
};
