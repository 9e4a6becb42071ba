import { UpstreamError } from "../../shared/errors.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Started } from "../../shared/incident/model.ts";
import { unreachableMs } from "../../shared/incident/schedule/deadline.ts";
import type { Stored } from "../../shared/ports/store.ts";
import type { Process } from "../../shared/process.ts";
import { span } from "../../shared/telemetry.ts";
import type { Work } from "../step.ts";
import { awaitAll, isFinal } from "./all.ts";
import { annotate } from "./annotate.ts";
import { updateChat } from "./chat.ts";
import { disarm } from "./disarm.ts";
import type { followUp } from "./follow-up.ts";
import { tellPage } from "./page.ts";
import { tellPostmortem } from "./postmortem.ts";
import { linkEarlier, updatePull } from "./pull.ts";
import { warnOfReturn } from "./returned.ts";
import { tellSilence } from "./silence.ts";

type Seen = Stored & { incident: Started };

/**
 * Brings the chat message, its thread and the pull request up to date with the incident as stored; rounds that ended before come
 * first. Repeating it changes nothing: every comment carries a marker and is added only where it is missing. `follow` opens
 * the follow-up that is due, on a host where no other function does. A sink that fails does not keep the others from being told; then it throws an
 * AggregateError, so that it is tried again.
 */
export const announce =
  (process: Process, work: Work, { follow }: { follow?: typeof followUp } = {}) =>
  async ({ incident, version }: Stored): Promise<void> => {
    if (incident.status === "none") return;
    const attributes = { "countersteer.incident": incident.id };
    await span("announce", { traceparent: incident.trace, attributes }, async () => {
      await awaitAll([disarm(work, incident), tell(process, work, { incident, version }, follow)]);
    });
  };

const tell = async (
  process: Process,
  work: Work,
  seen: Seen,
  follow: typeof followUp | undefined,
): Promise<void> => {
  const { incident } = seen;
  const log = await work.store.recent(incident.id);
  // A person is called whatever becomes of the messages.
  await awaitAll([tellPage(work, incident), tellRounds(process, work, { seen, log, follow })]);
};

type Telling = { seen: Seen; log: Event[]; follow: typeof followUp | undefined };

const tellRounds = async (process: Process, work: Work, { seen, log, follow }: Telling): Promise<void> => {
  const { incident } = seen;
  const refused = await tellEnds(process, work, { seen, log });
  // That the alert fired again stands before all that followed, also where that is on the same pull request.
  const linking = linkEarlier(work, incident, log);
  const onPull = () => updatePull(work, incident, log);
  await awaitAll([
    ...refused.map((error) => Promise.reject(error)),
    tellChat(process, work, { seen, log }),
    linking,
    linking.then(onPull, onPull),
    warnOfReturn(work, incident, log),
    tellSilence(work, incident),
    tellPostmortem(work, incident, log),
    annotate(work, incident),
    ...(follow ? [follow(process, work, incident)] : []),
  ]);
};

/** Tells the message of `of`, an earlier round of the incident where it is given. */
const tellChat = (
  process: Process,
  work: Work,
  { seen, log, of = seen.incident }: Omit<Telling, "follow"> & { of?: Started },
): Promise<void> =>
  updateChat(process, work, { ...seen, incident: of }, log).catch(async (error: unknown) => {
    await tellElsewhere(process, work, seen, error);
    throw error;
  });

/**
 * An earlier round whose end may not have been told is told to the end before anything of a later one. Returns what was refused for
 * good, which keeps nothing of a later round from being told.
 */
const tellEnds = async (
  process: Process,
  work: Work,
  { seen, log }: Omit<Telling, "follow">,
): Promise<unknown[]> => {
  const { untold = [], id, page } = seen.incident;
  const refused: unknown[] = [];
  for (const { end } of untold) {
    await awaitAll([
      disarm(work, end),
      tellChat(process, work, { seen, log, of: end }),
      updatePull(work, end, log, seen.incident),
      annotate(work, end),
      tellPostmortem(work, end, log),
      // Rounds share one page: it stays while the present round needs a person.
      ...(page === undefined ? [tellPage(work, end)] : []),
    ]).catch((error: unknown) => {
      if (!isFinal(error)) throw error;
      refused.push(error);
    });
  }
  const last = untold.at(-1);
  if (last !== undefined)
    await process.handle(id, { type: "RecordTold", at: work.clock(), told: last.end.round });
  return refused;
};

/** Calls a person outside chat when Slack cannot be told for good, or for too long, that a person is needed. */
const tellElsewhere = async (
  process: Process,
  { clock }: Work,
  seen: Seen,
  error: unknown,
): Promise<void> => {
  const { id, round, status } = seen.incident;
  const since = "endedAt" in seen.incident ? seen.incident.endedAt : undefined;
  if (status !== "escalated" || since === undefined) return;
  const isLost = isFinal(error) || (error instanceof UpstreamError && error.gone);
  if (!isLost && clock() - since < unreachableMs) return;
  const detail = `Slack could not be told: ${error instanceof Error ? error.message : String(error)}`;
  await process.handle(id, { type: "RequestPage", at: clock(), round, detail }, seen);
};
