import { UpstreamError } from "../../shared/errors.ts";
import { unreachableMs } from "../../shared/incident/deadline.ts";
import { type Event, type In, type Incident, isActive } from "../../shared/incident/model.ts";
import type { Stored } from "../../shared/ports/store.ts";
import type { Process } from "../../shared/process.ts";
import { note } from "../../shared/remedy/revert/pull-request.ts";
import { span } from "../../shared/telemetry.ts";
import { comments, thread, view } from "../../shared/text/chat-message.ts";
import { placeOf, type Work } from "../step.ts";
import type { followUp } from "./follow-up.ts";
import { orAnew } from "./message.ts";
import { tellPage } from "./page.ts";
import { tellSilence } from "./silence.ts";

type Told = Exclude<Incident, { status: "none" }>;

/**
 * Brings the chat message, its thread and the pull request up to date with the incident as stored. Repeating it changes nothing:
 * every comment carries a marker and is added only where it is missing. `follow` opens what follows a merged remedy, on a host
 * where no other function does. One sink that fails does not keep the others from being told; then it throws, so that it is tried
 * again.
 */
export const announce =
  (process: Process, work: Work, { follow }: { follow?: typeof followUp } = {}) =>
  async (seen: Stored): Promise<void> => {
    const { incident } = seen;
    if (incident.status === "none") return;
    const { id } = incident;
    await span(
      "announce",
      { traceparent: incident.trace, attributes: { "countersteer.incident": id } },
      async () => {
        const log = await work.store.log(id);
        const told = { ...seen, incident };
        const results = await Promise.allSettled([
          tellChat(process, work, told, log).catch(async (error: unknown) => {
            await tellElsewhere(process, work, told, error);
            throw error;
          }),
          tellPull(work, incident, log),
          tellPage(work, incident),
          tellSilence(work, incident),
          ...(follow ? [follow(process, work, incident)] : []),
        ]);
        const failed = results
          .filter((result) => result.status === "rejected")
          .map(({ reason }) => reason as Error);
        if (failed.length > 0)
          throw new AggregateError(failed, failed.map(({ message }) => message).join("; "));
      },
    );
  };

/** Whether trying again can never help, whatever was refused. */
export const isFinal = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.every(isFinal)
    : error instanceof UpstreamError && !error.retryable;

/** Whether the message that announcing is about to post would be the incident's first. */
export const postsFirst = (incident: Incident): boolean =>
  incident.status !== "none" &&
  incident.message === undefined &&
  !(isActive(incident) && incident.delay === undefined);

const tellChat = async (
  process: Process,
  work: Work,
  seen: Stored & { incident: Told },
  log: Event[],
): Promise<void> => {
  const { chat, clock, serviceOf, pageOf } = work;
  const { incident } = seen;
  const oncall = oncallOf(serviceOf, incident.service);
  const now = view(incident, pageOf(incident.id), oncall);
  if (incident.message !== undefined) {
    const { message } = incident;
    const replies = thread(incident, log, oncall);
    const anew = await orAnew(work, { incident, message, now }, async () => {
      await chat.update(message, now);
      await chat.reply(message, replies);
    });
    if (anew === undefined) return;
    await chat.reply(anew, replies);
    const { id, round } = incident;
    const command = { type: "RecordMessage", at: clock(), round, message: anew, instead: message } as const;
    return void (await process.handle(id, command, seen));
  }
  // While all goes well the question is the first thing people see.
  if (!postsFirst(incident)) return;
  const message = await chat.post(serviceOf(incident.service).channel, now, incident.openedAt);
  const { id, round } = incident;
  await process.handle(id, { type: "RecordMessage", at: clock(), round, message }, seen);
};

/** People who are mentioned; none for a service that is no longer configured. */
const oncallOf = (serviceOf: Work["serviceOf"], service: string): string[] | undefined => {
  try {
    return serviceOf(service).policy.oncall;
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};

/** Calls a person outside chat when Slack cannot be told for good, or for too long, that a person is needed. */
const tellElsewhere = async (
  process: Process,
  { clock }: Work,
  seen: Stored & { incident: Told },
  error: unknown,
): Promise<void> => {
  const { id, round, status } = seen.incident;
  const since = "endedAt" in seen.incident ? seen.incident.endedAt : undefined;
  if (status !== "escalated" || since === undefined) return;
  if (!isFinal(error) && clock() - since < unreachableMs) return;
  const detail = `Slack could not be told: ${error instanceof Error ? error.message : String(error)}`;
  await process.handle(id, { type: "RequestPage", at: clock(), round, detail }, seen);
};

const tellPull = async (work: Work, incident: Told, log: Event[]): Promise<void> => {
  const { pulls } = work;
  const { pull, remedy, replaced } = incident as Partial<In<"proposed">>;
  // An incident that ended before the other remedy was proposed leaves the first one's pull request to be closed.
  if (!isActive(incident) && replaced !== undefined)
    await pulls.closePull(placeOf(work, incident.service, replaced.remedy), replaced.pull);
  if (pull === undefined || remedy === undefined) return;
  const service = placeOf(work, incident.service, remedy);
  const notes = comments(incident, log).map(({ marker, at, title, text }) =>
    note(marker, at, { title, text }),
  );
  await pulls.comment(service, pull, notes);
  if (isActive(incident) || incident.merge !== undefined) return;
  // A person must be able to merge what was approved.
  if (incident.status === "escalated" && incident.approval !== undefined) return;
  await pulls.setCheck(service, {
    head: pull.head,
    state: "failure",
    description: incident.status === "closed" ? incident.outcome : "needs a person",
  });
  if (incident.status === "closed" && incident.outcome !== "withdrawn") await pulls.closePull(service, pull);
};
