import type { Event } from "../../shared/incident/events.ts";
import { partsOf, type Started } from "../../shared/incident/model.ts";
import type { Repository } from "../../shared/ports/pulls.ts";
import { note } from "../../shared/remedy/revert/pull-request.ts";
import { eventsOf } from "../../shared/text/story.ts";
import { timelineEntry } from "../../shared/text/timeline.ts";
import type { Work } from "../step.ts";
import { isConfigured } from "../stop/hold.ts";
import { awaitAll } from "./all.ts";
import { placeOf } from "./pull-repository.ts";

/** Warns on each pull request that brings the culprit back: one whose merge is deployed, and an open one. */
export const warnOfReturn = async (work: Work, incident: Started, log: Event[]): Promise<void> => {
  if (!isConfigured(work.serviceOf, incident.service)) return;
  const events = eventsOf(log, incident.round);
  await awaitAll([warnMerged(work, incident, events), warnOpen(work, incident, events)]);
};

/** The pull request that the deployed commit is the merge of, if any. */
const warnMerged = async (work: Work, incident: Started, events: Event[]): Promise<void> => {
  const returned = events.flatMap((event) => (event.type === "CulpritReturned" ? [event] : []));
  if (returned.length === 0 || work.changes === undefined) return;
  const place = work.serviceOf(incident.service);
  const merged = await work.changes.mergedPulls(place);
  for (const event of returned) {
    const pull = merged.find(({ mergeSha }) => mergeSha === event.sha);
    if (pull !== undefined) await warn(work, incident, { place, pull, event, key: event.sha });
  }
};

const warnOpen = async (work: Work, incident: Started, events: Event[]): Promise<void> => {
  const { remedy, pull: own } = partsOf(incident);
  if (remedy === undefined || own === undefined) return;
  for (const event of events) {
    if (event.type !== "ReturnProposed") continue;
    const place = placeOf(work, incident.service, { remedy, pull: own });
    await warn(work, incident, { place, pull: event, event, key: `#${event.number}` });
  }
};

type Warning = { place: Repository; pull: { number: number }; event: Event; key: string };

const warn = async (
  { pulls }: Work,
  { id, round }: Started,
  { place, pull: { number }, event, key }: Warning,
): Promise<void> => {
  const told = timelineEntry(event);
  if (told === undefined) return;
  await pulls.comment(place, { number }, [note(`${id}#${round}:returned:${key}`, event.at, told)]);
};
