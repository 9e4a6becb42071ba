import type { Event } from "../../shared/incident/events.ts";
import type { Started } from "../../shared/incident/model.ts";
import { note } from "../../shared/remedy/revert/pull-request.ts";
import { eventsOf } from "../../shared/text/story.ts";
import { timelineEntry } from "../../shared/text/timeline.ts";
import type { Work } from "../step.ts";
import { isConfigured } from "../stop/hold.ts";

/** Warns on the pull request whose deploy brings the culprit back, where the deployed commit is that of a merged pull request. */
export const warnOfReturn = async (work: Work, incident: Started, log: Event[]): Promise<void> => {
  const returned = eventsOf(log, incident.round).flatMap((event) =>
    event.type === "CulpritReturned" ? [event] : [],
  );
  if (returned.length === 0 || work.changes === undefined) return;
  if (!isConfigured(work.serviceOf, incident.service)) return;
  const place = work.serviceOf(incident.service);
  const merged = await work.changes.mergedPulls(place);
  for (const event of returned) {
    const pull = merged.find(({ mergeSha }) => mergeSha === event.sha);
    const told = timelineEntry(event);
    if (pull === undefined || told === undefined) continue;
    const marker = `${incident.id}#${incident.round}:returned:${event.sha}`;
    await work.pulls.comment(place, pull, [note(marker, event.at, told)]);
  }
};
