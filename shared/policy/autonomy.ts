import type { EpochMs } from "../brands.ts";
import type { Event } from "../incident/events.ts";
import { roundsNotEnded } from "../incident/rounds/earlier.ts";

/**
 * The conditions on which mode `auto` is earned: so many verified remedies in a row, and after a wrong one a person decides for `pauseMs`.
 */
export type Autonomy = { verified: number; pauseMs: number };
/** Nothing has to be earned, and a wrong one is remembered for a week. */
export const defaultAutonomy: Autonomy = { verified: 0, pauseMs: 7 * 24 * 60 * 60_000 };
export type Merged = { at: EpochMs; isRight: boolean };

/** The results of the remedies that an incident merged, the oldest first. One that people mended otherwise counts for nothing, nor does one that did not end the trouble. */
export const mergedIn = (log: Event[]): Merged[] => {
  const merged: Merged[] = [];
  const without = roundsNotEnded(log);
  let isMerged = false;
  let round = 0;
  for (const event of log) {
    const { at, type } = event;
    if (event.type === "IncidentOpened") round = event.round;
    if (type === "IncidentOpened" || type === "FixFound") isMerged = false;
    if (type === "RemedyMerged") isMerged = true;
    if (!isMerged || (type === "IncidentClosed" && without.has(round))) continue;
    const isRight = type === "IncidentClosed" && event.outcome === "verified";
    if (!isRight && !isWrong(event)) continue;
    merged.push({ at, isRight });
    isMerged = false;
  }
  return merged;
};

const isWrong = (event: Event): boolean =>
  event.type === "RemedyIneffective" ||
  (event.type === "IncidentEscalated" && event.reason === "not_recovered");

/** Why mode `auto` asks all the same; undefined when it is earned. */
export const unearned = (
  merged: Merged[],
  at: EpochMs,
  { verified, pauseMs }: Autonomy,
): { detail: string; until?: EpochMs } | undefined => {
  const inOrder = merged.toSorted((a, b) => a.at - b.at);
  const wrong = inOrder.findLastIndex(({ isRight }) => !isRight);
  const last = inOrder[wrong];
  if (last !== undefined && at < last.at + pauseMs)
    return { detail: "a merged remedy of this service did not help", until: last.at + pauseMs };
  const row = inOrder.length - wrong - 1;
  if (row >= verified) return undefined;
  return {
    detail: `mode auto needs ${verified} verified in a row in this service, and has ${row}`,
  };
};
