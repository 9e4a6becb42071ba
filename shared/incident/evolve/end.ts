import type { EventOf } from "../events.ts";
import { type Active, type In, type Incident, isActive } from "../model.ts";
import { unasked } from "./parts.ts";

/** A step that fails in another way still fails since it failed first. */
export const delayed = (incident: Incident, event: EventOf<"StepDelayed">): Incident => {
  if (!isActive(incident)) return incident;
  const { at, step, detail, system, due, retryAt, verdict, failed } = event;
  const { since = at, told = 0 } = incident.delay?.step === step ? incident.delay : {};
  const delay = {
    ...{ step, detail, since },
    ...(failed && { failed, told: told + 1 }),
    ...(system && { system }),
    ...(retryAt && { retryAt }),
    ...(verdict && { verdict }),
  };
  return { ...incident, delay, ...(due !== undefined && { due }) };
};

export const closed = (incident: Incident, event: EventOf<"IncidentClosed">): Incident => {
  if (!isActive(incident) && incident.status !== "escalated") return incident;
  const { at, outcome, detail, by, verdict, chart } = event;
  return {
    ...{ ...ended(incident, at), status: "closed", outcome },
    ...(detail !== undefined && { detail }),
    ...(by !== undefined && { by }),
    ...(verdict && { verdict }),
    ...(chart && { chart }),
  };
};

export const escalated = (incident: Incident, event: EventOf<"IncidentEscalated">): Incident => {
  if (!isActive(incident) && incident.status !== "escalated") return incident;
  const { at, made, reason, detail, verdict, outage } = event;
  return {
    ...{ ...ended(incident, at), ...made, status: "escalated", reason, detail },
    ...(verdict && { verdict }),
    ...(outage && { outage }),
  };
};

const ended = (incident: Active | In<"escalated">, at: number) => {
  if (incident.status === "escalated") {
    const { status: _, reason: __, detail: ___, verdict: ____, outage: _____, ...rest } = incident;
    return { ...rest, endedAt: at };
  }
  const stood = incident.status === "proposed" ? unasked(incident) : incident;
  const {
    due: _,
    delay: __,
    status: ___,
    lookAt: ____,
    basis: _____,
    held: ______,
    ...rest
  } = {
    ...{ ...stood, delay: undefined, lookAt: undefined, basis: undefined, held: undefined },
  };
  if (incident.status !== "opened") return { ...rest, endedAt: at };
  const { thin, ...before } = { thin: undefined, ...rest };
  return { ...before, ...(thin !== undefined && { diagnosis: thin.diagnosis }), endedAt: at };
};
