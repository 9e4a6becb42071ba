import type { EpochMs } from "../brands.ts";

const day = 24 * 60 * 60_000;

/** A time of day of ours, which is UTC: not a part of a date, a version or an address. */
const told =
  /(?<![\w.:=/-]|\d{4}-\d\d-\d\d )([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?![\w.:/]|-\d)(?: UTC)?/g;

const quotes = /(“[^”]*”|"[^"]*")/;
const isQuote = (part: string): boolean => /^["“]/.test(part);

/** `seconds`: it was told to the second. */
export type Instant = { at: EpochMs; seconds?: true };

/**
 * A sentence of ours with its times of day as instants, each on the day nearest to `near`. A time in quotes is somebody else's word and stays
 * as it is.
 */
export const instantsIn = (text: string, near: EpochMs): (string | Instant)[] =>
  text.split(quotes).flatMap((part) => (isQuote(part) ? [part] : split(part, near)));

const split = (text: string, near: EpochMs): (string | Instant)[] => {
  const parts: (string | Instant)[] = [];
  let from = 0;
  for (const { 0: all, 1: hours, 2: minutes, 3: seconds, index } of text.matchAll(told)) {
    const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0)) * 1000;
    parts.push(text.slice(from, index), {
      at: nearest(ms, near),
      ...(seconds !== undefined && { seconds: true }),
    });
    from = index + all.length;
  }
  return [...parts, text.slice(from)].filter((part) => part !== "");
};

const nearest = (ms: number, near: EpochMs): EpochMs => {
  const today = Math.floor(near / day) * day + ms;
  if (today - near > day / 2) return today - day;
  return near - today > day / 2 ? today + day : today;
};

/** The sentence for a place that cannot show a reader's own zone: each of its times says that it is UTC. */
export const inUtc = (text: string): string =>
  text
    .split(quotes)
    .map((part) => (isQuote(part) ? part : part.replace(told, (time) => `${time.replace(/ UTC$/, "")} UTC`)))
    .join("");
