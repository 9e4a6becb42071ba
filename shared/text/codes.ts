import type { Event } from "../incident/events.ts";

/** The closed code of a fact that gives a reason; undefined where it gives none. */
export const codeOf = (event: Event): string | undefined => {
  switch (event.type) {
    case "AttemptRefused":
    case "PolicyDecided":
    case "CommandAnswered":
      return event.code;
    case "StepDelayed":
      return event.failed === undefined ? event.verdict : `${event.failed}_failed`;
    case "IncidentEscalated":
      return event.reason;
    case "IncidentClosed":
      return event.outcome;
    case "IncidentHeld":
      return `held_by_${event.by}`;
    default:
      return undefined;
  }
};
