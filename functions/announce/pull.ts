import { messageOf } from "../../shared/errors.ts";
import { blockOf, headBlock } from "../../shared/incident/chain/block.ts";
import type { Event } from "../../shared/incident/events.ts";
import { type Fix, isActive, type Pull, partsOf, type Started } from "../../shared/incident/model.ts";
import { pullId } from "../../shared/incident/remedies/remedies.ts";
import type { Check, Note, Repository } from "../../shared/ports/pulls.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { note } from "../../shared/remedy/revert/pull-request.ts";
import { comments } from "../../shared/text/chat-message.ts";
import { leadsOn } from "../../shared/text/story.ts";
import { isAskedElsewhere } from "../propose/shared-pull.ts";
import { type Unfinished, unfinishedOf } from "../propose/unfinished.ts";
import { reopenedSince } from "../pull-state.ts";
import { isNeededElsewhere } from "../refer.ts";
import type { Work } from "../step.ts";
import { isConfigured } from "../stop/hold.ts";
import { awaitAll, isFinal } from "./all.ts";
import { commentChart } from "./chart.ts";
import { deploysBefore } from "./deploys-before.ts";
import { type Proposal, placeOf } from "./pull-repository.ts";

/**
 * Tells the incident's story on its pull request, and closes one that is not needed any more. `now` is the incident in a later round:
 * a pull request that it asks about again stays open.
 */
export const updatePull = async (
  work: Work,
  incident: Started,
  log: Event[],
  now: Started = incident,
): Promise<void> => {
  const { pulls } = work;
  const { pull, remedy, replaced } = partsOf(incident);
  // An incident that ended before the other remedy was proposed leaves the first one's pull request open.
  if (replaced !== undefined && (!isActive(incident) || hasFix(incident)))
    await closeUnneeded(work, incident, replaced).catch(leftOpen(work, now, replaced.pull));
  const closing = closeUnfinished(work, incident, { log, now });
  if (pull === undefined || remedy === undefined) {
    const isToldThere = !isActive(incident) && replaced !== undefined;
    const telling = isToldThere ? [tellOn(work, replaced, { incident, log })] : [];
    return awaitAll([closing, ...telling]);
  }
  const service = placeOf(work, incident.service, { remedy, pull });
  const deploys = await deploysBefore(work, incident);
  const commenting = pulls.comment(service, pull, notesOf(work, { incident, log, pull, deploys }));
  // A comment that GitHub refuses does not keep the pull request open.
  const finishing = commenting
    .catch(() => {})
    .then(() => finish(work, incident, { service, remedy, pull, now }));
  await awaitAll([closing, commenting, finishing]);
};

/** The end of a round whose last pull request was closed for another one, which never came: a reader of GitHub learns it there. */
const tellOn = async (
  work: Work,
  { remedy, pull }: Proposal,
  { incident, log }: { incident: Started; log: Event[] },
): Promise<void> => {
  const place = placeOf(work, incident.service, { remedy, pull });
  const deploys = await deploysBefore(work, incident);
  await work.pulls.comment(place, pull, notesOf(work, { incident, log, pull, deploys }));
};

type Told = Proposal & { service: Repository; now: Started };

/** Brings the status up to date, and closes a pull request that is not needed any more. */
const finish = async (work: Work, incident: Started, { service, remedy, pull, now }: Told): Promise<void> => {
  const { pulls } = work;
  if (incident.status === "proposed" && incident.moved !== undefined)
    await pulls.setCheck(service, { head: pull.head, ...waiting, unlessSet: true });
  const end = endOf(incident);
  if (end === undefined || (now !== incident && isAbout(now, { remedy, pull }))) return;
  const { state, description } = end;
  const isLeft = leftOpen(work, now, pull);
  if (end.closes) {
    const reading = isReopened(work, incident, service);
    if (await reading.catch((error: unknown) => isLeft(error).then(() => true))) return;
    if (await isNeededElsewhere(work, incident)) return;
  }
  if (await isAskedElsewhere(work, incident, pull)) return;
  // One that GitHub refuses for good does not keep the other from being done.
  await awaitAll([
    pulls.setCheck(service, { head: pull.head, state, description, unlessSet: true }),
    ...(end.closes ? [pulls.closePull(service, pull).catch(isLeft)] : []),
  ]);
};

/** Has a person told of a pull request that nobody needs, where GitHub refuses for good to have it closed. */
const leftOpen =
  (work: Work, { id, round }: Started, { number, url }: Pull) =>
  async (error: unknown): Promise<void> => {
    if (!isFinal(error)) throw error;
    const told = { number, url, detail: messageOf(error) };
    const { events, incident } = await work.handle(id, {
      ...{ type: "RecordLeftOpen", at: work.clock(), round, ...told },
    });
    const isTold = events.length > 0 || ("leftOpen" in incident && incident.leftOpen?.includes(url));
    if (!isTold) throw error;
  };

const isAbout = (now: Started, told: Proposal): boolean => {
  const { pull, remedy } = partsOf(now);
  return pull !== undefined && remedy !== undefined && pullId({ pull, remedy }) === pullId(told);
};

/** Each comment has the facts since the one before it, so that together they have every fact of the round. */
const notesOf = (
  work: Work,
  { incident, log, pull, deploys }: { incident: Started; log: Event[]; pull: Pull; deploys: DeployRecord[] },
): Note[] => {
  const isOpening = (event: Event) => event.type === "IncidentOpened" && event.round === incident.round;
  let told = Math.max(0, log.findIndex(isOpening));
  return comments(incident, log, deploys).map(({ marker, at, event, entry }) => {
    const facts = log.slice(told, log.indexOf(event) + 1);
    told += facts.length;
    const isChart = event.type === "IncidentClosed" && event.chart;
    // Most comments are there already: only those that are missing are written.
    return {
      marker,
      get markdown() {
        return note(marker, at, entry()).markdown;
      },
      get record() {
        return blockOf(incident, facts, pull);
      },
      get picture() {
        return isChart ? commentChart(work, incident, { log, at }) : undefined;
      },
    };
  });
};

/** A pull request that was opened, and that the incident knows nothing of, is needed by nobody once the incident went another way. */
const closeUnfinished = async (
  work: Work,
  incident: Started,
  given: { log: Event[]; now: Started },
): Promise<void> => {
  if (!isConfigured(work.serviceOf, incident.service)) return;
  const { id, round } = incident;
  const told = {
    title: "Closed",
    text: "it was opened, and is not needed any more: the incident went another way",
  };
  const close = async ({ place, pull }: Unfinished): Promise<void> => {
    if (await isPersons(work, place, pull)) return;
    const isLeft = leftOpen(work, given.now, pull);
    const closing = {
      ...note(`${id}#${round}:unfinished`, work.clock(), told),
      record: headBlock(incident, pull),
    };
    const commenting = work.pulls.comment(place, pull, [closing]);
    await awaitAll([commenting, work.pulls.closePull(place, pull).catch(isLeft)]);
  };
  await awaitAll((await unfinishedOf(work, incident, given)).map(close));
};

/** Also this incident may be asking about it again: in a later round, or after a retry. */
const closeUnneeded = async (work: Work, incident: Started, { remedy, pull }: Proposal): Promise<void> => {
  const { incident: now } = await work.store.load(incident.id);
  if (isActive(now) && isAbout(now, { remedy, pull })) return;
  if (await isAskedElsewhere(work, incident, pull)) return;
  const place = placeOf(work, incident.service, { remedy, pull });
  if (await isPersons(work, place, pull)) return;
  await work.pulls.closePull(place, pull);
};

/** A pull request that a person opened again is theirs, also in the seconds before an incident takes it up. */
const isPersons = async ({ pulls }: Work, place: Repository, pull: Pull): Promise<boolean> => {
  const again = await pulls.reopened(place, pull);
  return again !== undefined && again.byUs === undefined;
};

/** A pull request that a person opened again after the end stays open, and can be merged. */
const isReopened = async ({ pulls }: Work, incident: Started, service: Repository): Promise<boolean> => {
  const { pull } = partsOf(incident);
  if (pull === undefined || !("endedAt" in incident)) return false;
  return (await reopenedSince(pulls, service, { pull, endedAt: incident.endedAt })) !== undefined;
};

/** Leads the readers of the earlier pull requests of the story on to what followed. */
export const linkEarlier = async (work: Work, incident: Started, log: Event[]): Promise<void> => {
  if (incident.status === "opened" || incident.status === "diagnosed") return;
  const led = leadsOn(incident, log, work.pageOf(incident.id));
  const deploys = await deploysBefore(work, incident);
  await Promise.all(
    led.map(({ remedy, pull, marker, at, told, isLast }) => {
      const record = headBlock(incident, pull);
      const story = isLast ? notesOf(work, { incident, log, pull, deploys }) : [];
      return work.pulls.comment(placeOf(work, incident.service, { remedy, pull }), pull, [
        { ...note(marker, at, told), record },
        ...story,
      ]);
    }),
  );
};

/** An earlier end may have failed the status of a pull request that people are asked about again. */
const waiting = { state: "pending", description: "waiting for an approval" } as const;
const hasFix = (incident: Started): boolean => "fix" in incident && incident.fix !== undefined;

type End = { state: Check; description: string; closes: boolean };

/** The end of the pull request; undefined while it is needed, and once it is merged. */
const endOf = (incident: Started): End | undefined => {
  if ("fix" in incident && incident.fix !== undefined) return besideFix(incident.fix);
  if (isActive(incident) || incident.merge !== undefined) return undefined;
  // A person must be able to merge what was approved.
  if (incident.status === "escalated" && incident.approval !== undefined) return undefined;
  if (incident.status === "escalated")
    return { state: "failure", description: "needs a person", closes: false };
  const { outcome } = incident;
  return { state: "failure", description: outcome, closes: outcome !== "withdrawn" };
};

/** A rollback by a deploy leaves the change on the branch: the revert stays open, so that people can make Git agree. */
const besideFix = ({ kind }: Fix): End =>
  kind === "rollback"
    ? {
        state: "success",
        description: "the rollback is live; reviewers decide about the revert",
        closes: false,
      }
    : { state: "failure", description: "people did it themselves", closes: true };
