import { setTimeout as delay } from "node:timers/promises";
import type { Event } from "../../shared/incident/events.ts";

/** The incident as the server tells it, as far as the demo reads it. */
export type IncidentView = {
  status: string;
  outcome?: string;
  reason?: string;
  detail?: string;
  waiting?: { step: string; detail: string };
  suspects: { sha: string; score: number; title: string; reasons: string[] }[];
  remedy?: { kind: string; sha?: string; behind?: { sha: string } };
  pull?: { number: number; url: string };
  followUp?: { pull?: { number: number; url: string }; detail?: string };
  timeline: Event[];
};

const pollMs = 200;

/** The incident as the server shows it now; undefined while there is none or the server does not answer. */
export const readIncident = async (url: string): Promise<IncidentView | undefined> => {
  const answer = await fetch(url, {
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  if (!answer?.ok) return void (await answer?.body?.cancel());
  const incident = (await answer.json()) as IncidentView & { timeline: { at: string | number }[] };
  return {
    ...incident,
    timeline: incident.timeline.map((event) => ({ ...event, at: Date.parse(String(event.at)) }) as Event),
  };
};

export type Following = {
  url: string;
  signal: AbortSignal;
  /** How long the incident may stand still in the status, in ms. */
  idleTimeoutOf: (status: string) => number;
};

/** Every event of the incident once, in order, with the incident as it stood then, until it is closed or escalated. */
export async function* follow({
  url,
  signal,
  idleTimeoutOf,
}: Following): AsyncGenerator<{ event: Event; incident: IncidentView }> {
  let seen = 0;
  let status = "none";
  let waiting = "";
  let movedAt = Date.now();
  for (;;) {
    const incident = await readIncident(url);
    for (const event of incident?.timeline.slice(seen) ?? []) {
      seen += 1;
      movedAt = Date.now();
      yield { event, incident: incident! };
    }
    status = incident?.status ?? status;
    waiting = incident?.waiting ? ` (${incident.waiting.step}: ${incident.waiting.detail})` : waiting;
    if (incident !== undefined && isTold(incident)) return;
    if (Date.now() - movedAt > idleTimeoutOf(status))
      throw new Error(
        `nothing happened for ${idleTimeoutOf(status) / 1000} s; the incident is ${status}${waiting}`,
      );
    await delay(pollMs, undefined, { signal });
  }
}

/** The log is read before the incident, which may have ended in between: the last event comes with the next reading. */
const isTold = ({ status, timeline }: IncidentView): boolean => {
  const end =
    status === "closed" ? "IncidentClosed" : status === "escalated" ? "IncidentEscalated" : undefined;
  return end !== undefined && timeline.some(({ type }) => type === end);
};
