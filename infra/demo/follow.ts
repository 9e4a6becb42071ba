import { setTimeout as delay } from "node:timers/promises";
import type { Event } from "../../shared/incident/model.ts";

/** The incident as the server tells it, as far as the demo reads it. */
export type Told = {
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

/** What the server knows of the incident now; undefined while there is none or the server does not answer. */
export const readIncident = async (url: string): Promise<Told | undefined> => {
  const answer = await fetch(url, {
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  if (!answer?.ok) return void (await answer?.body?.cancel());
  const told = (await answer.json()) as Told & { timeline: { at: string | number }[] };
  return {
    ...told,
    timeline: told.timeline.map((event) => ({ ...event, at: Date.parse(String(event.at)) }) as Event),
  };
};

export type Following = {
  url: string;
  signal: AbortSignal;
  /** How long the incident may stand still in the status, in ms. */
  patience: (status: string) => number;
};

/** Every event of the incident once, in order, with the incident as it stood then, until it is closed or escalated. */
export async function* follow({
  url,
  signal,
  patience,
}: Following): AsyncGenerator<{ event: Event; told: Told }> {
  let seen = 0;
  let status = "none";
  let waiting = "";
  let movedAt = Date.now();
  for (;;) {
    const told = await readIncident(url);
    for (const event of told?.timeline.slice(seen) ?? []) {
      seen += 1;
      movedAt = Date.now();
      yield { event, told: told! };
    }
    status = told?.status ?? status;
    waiting = told?.waiting ? ` (${told.waiting.step}: ${told.waiting.detail})` : waiting;
    if (status === "closed" || status === "escalated") return;
    if (Date.now() - movedAt > patience(status))
      throw new Error(
        `nothing happened for ${patience(status) / 1000} s; the incident is ${status}${waiting}`,
      );
    await delay(pollMs, undefined, { signal });
  }
}
