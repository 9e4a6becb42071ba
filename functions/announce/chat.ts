import { UpstreamError } from "../../shared/errors.ts";
import type { Event } from "../../shared/incident/events.ts";
import { type Incident, isActive, type Message, type Started } from "../../shared/incident/model.ts";
import type { Stored } from "../../shared/ports/store.ts";
import type { Process } from "../../shared/process.ts";
import { hasNewsSince, thread, view } from "../../shared/text/chat-message.ts";
import type { Work } from "../step.ts";
import { chartFor, withChart } from "./chart.ts";
import { deploysBefore } from "./deploys-before.ts";
import { orAnew, withThreadBefore } from "./message.ts";
import { besideTroubles } from "./other-troubles.ts";

/** Whether the message that announcing is about to post would be the incident's first. */
export const postsFirst = (incident: Incident): boolean =>
  incident.status !== "none" &&
  incident.message === undefined &&
  !comesToAsk(incident) &&
  !isToldElsewhere(incident);

/** The message of another incident tells of the cause that they share. */
const isToldElsewhere = (incident: Started): boolean =>
  isActive(incident) && incident.held?.by === "cause" && incident.held.leader !== incident.id;

/** People see the question first while all goes well. */
const comesToAsk = (incident: Started): boolean => {
  if (!isActive(incident) || incident.delay !== undefined || incident.held !== undefined) return false;
  if (incident.status === "opened") return incident.thin === undefined;
  return incident.status === "diagnosed" || incident.status === "proposed" || incident.status === "approved";
};

export const updateChat = async (
  process: Process,
  work: Work,
  seen: Stored & { incident: Started },
  log: Event[],
): Promise<void> => {
  const { chat, clock, serviceOf, pageOf } = work;
  const { incident } = seen;
  const { id, round, openedAt } = incident;
  if (incident.message === undefined && !postsFirst(incident)) return;
  const oncall = oncallOf(serviceOf, incident.service);
  const [beside, chart, deploys] = await Promise.all([
    besideTroubles(work.store, incident),
    chartFor(work, incident, log),
    deploysBefore(work, incident),
  ]);
  const around = { ...(oncall && { oncall }), deploys };
  const now = withChart(view(incident, pageOf(id), oncall, beside), { chart, incident, log });
  if (incident.message !== undefined) {
    const { message } = incident;
    const replies = thread(incident, log, around);
    const shown = await withThreadBefore(chat, now, message);
    const anew = await orAnew(work, { incident, message, now }, async () => {
      await chat.update(message, shown);
      await chat.reply(message, replies);
    }).catch((error: unknown) => {
      throw hasNewsSince(incident, log, message) ? later(error) : error;
    });
    const shows = chart && { chart };
    const record = (told: Message) =>
      process.handle(id, { type: "RecordMessage", at: clock(), round, message: told, instead: message });
    if (anew === undefined) {
      if (chart?.of !== message.chart?.of) await record({ ...message, ...shows });
      return;
    }
    // Its buttons count from the record on, whatever becomes of the thread.
    await record({ ...anew, ...shows });
    await chat.reply(anew, replies);
    return;
  }
  const posted = await chat.post(serviceOf(incident.service).channel, now, openedAt);
  const message = { ...posted, ...(chart && { chart }) };
  const { events } = await process.handle(id, { type: "RecordMessage", at: clock(), round, message });
  // An earlier round records no message, so no later announcement tells its story.
  if (events.length === 0) await chat.reply(message, thread(incident, log, around));
};

/** A message that was deleted too often to be posted anew now: its news is told later. Another failure stays as it is. */
const later = (error: unknown): unknown =>
  error instanceof UpstreamError && error.gone
    ? new UpstreamError(error.system, error.message, { retryable: true, gone: true, cause: error })
    : error;

/** People who are mentioned; none for a service that is no longer configured. */
const oncallOf = (serviceOf: Work["serviceOf"], service: string): string[] | undefined => {
  try {
    return serviceOf(service).policy.oncall;
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};
