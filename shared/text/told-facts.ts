import { sha256 } from "../incident/chain/link.ts";
import { retryPolicy } from "../incident/commands.ts";
import type { Event } from "../incident/events.ts";
import type { Incident } from "../incident/model.ts";
import { isAfterMerge } from "./story.ts";
import { type TimelineEntry, timelineEntry } from "./timeline.ts";

export const messageMarker = ({ id, round }: Incident): string => `${id}#${round}`;

export type Fact = TimelineEntry & { marker: string; at: number; event: Event };

/** The facts of this round that are of these types, each with a marker that is its own for ever. */
export const factsOf = (
  incident: Incident,
  log: Event[],
  types: Event["type"][],
  isToldToo: (event: Event) => boolean = () => false,
): Fact[] => {
  const [opened, next] = roundOf(log, incident.round);
  const quiet = vainRetries(log);
  const before = log.findIndex(({ chain }) => chain?.n === 1);
  const told = new Map<string, Fact>();
  for (const [index, event] of log.entries()) {
    if (index < opened || index >= next || quiet.has(event) || isQuietDelay(event)) continue;
    if (!types.includes(event.type) && !isAfterMerge(event, log) && !isToldToo(event)) continue;
    const entry = timelineEntry(event);
    const marker = `${messageMarker(incident)}:${placeOf(event, { index, before })}:${event.type}`;
    if (entry !== undefined && !told.has(marker)) told.set(marker, { marker, at: event.at, event, ...entry });
  }
  return [...told.values()];
};

/**
 * The place of a fact in the whole record, also where the log is a part of it. An alert that fires again and again is told once.
 * `before`: the facts that an earlier release stored without a place.
 */
const placeOf = (event: Event, { index, before }: { index: number; before: number }): string => {
  if (event.type === "AlertsJoined")
    return sha256(JSON.stringify(event.alerts.map(({ fingerprint }) => fingerprint).toSorted())).slice(0, 12);
  return String(event.chain === undefined ? index : event.chain.n - 1 + Math.max(0, before));
};

const isQuietDelay = (event: Event): boolean => event.type === "StepDelayed" && !event.news;

/** Facts that show that a retry went on from where it had stopped. */
const goingOn: Event["type"][] = [
  "RemedyProposed",
  "ApprovalRequested",
  "RemedyMerged",
  "FixFound",
  "IncidentReferred",
];

/** Retries that no person asked for and that came to nothing so far, and the escalations that say the same as before them. */
const vainRetries = (log: Event[]): Set<Event> => {
  const quiet = new Set<Event>();
  let before: string | undefined;
  let retry: Event | undefined;
  for (const event of log) {
    if (event.type === "IncidentResumed") retry = event.by === retryPolicy ? event : undefined;
    if (retry === event) quiet.add(event);
    if (retry !== undefined && goingOn.includes(event.type)) {
      quiet.delete(retry);
      retry = undefined;
    }
    if (event.type !== "IncidentEscalated") continue;
    if (retry !== undefined && event.detail === before) quiet.add(event);
    before = event.detail;
  }
  return quiet;
};

/** The range of a round's facts in the log. */
export const roundOf = (log: Event[], round: number): [number, number] => {
  const starts = (after: (opened: number) => boolean) =>
    log.findIndex((event) => event.type === "IncidentOpened" && after(event.round));
  const next = starts((opened) => opened > round);
  return [starts((opened) => opened === round), next < 0 ? log.length : next];
};
