export { percent } from "../incident/percent.ts";

const minute = 60_000;

/** The names of people without the ids by which Slack knows them, which the record keeps: `ann (U024BE7LH) and mei (GitHub)`. */
export const personName = (by: string): string => by.replace(/ \([UW][A-Z0-9]+\)/g, "");

/** A span of time in plain words. */
export const span = (ms: number): string => {
  if (ms < 2 * minute) return `${Math.round(ms / 1000)} s`;
  if (ms < 120 * minute) return `${Math.round(ms / minute)} min`;
  return ms < 48 * 60 * minute
    ? `${Math.round(ms / (60 * minute))} h`
    : `${Math.round(ms / (24 * 60 * minute))} d`;
};

/** The time of day, UTC; an instant past what a date can hold is told as it is. */
export const clock = (at: number): string =>
  Math.abs(at) < 8.64e15 ? new Date(at).toISOString().slice(11, 19) : String(at);

/** The day and the time to the minute, UTC. */
export const dateTime = (at: number): string =>
  Math.abs(at) < 8.64e15 ? `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC` : String(at);

/** Words of the name of a share. A `duration` is no `ratio`. */
const share = /(?<!du)(ratio|rate|share|fraction|error)/i;
const totals = /total|count|per_?(second|minute)/i;
/** Whether a metric is a share: by the alert that watches it, else by its name. */
const isShare = (metric: string): boolean =>
  metric.endsWith("'s ratio") || (!metric.endsWith("'s value") && share.test(metric) && !totals.test(metric));

/** Two values of one metric in one unit: at most three significant digits, and shares as percentages. */
export const amounts = ([a, b]: [number, number], metric: string): [string, string] => {
  const isPart = isShare(metric) && Math.abs(a) <= 1 && Math.abs(b) <= 1;
  const told = (value: number) => (isPart ? `${Number((value * 100).toPrecision(2))} %` : figure(value));
  return [told(a), told(b)];
};

/** The sentence with a capital at its beginning. */
export const capital = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());

/** `1 service`, `2 services`. */
export const counted = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : nouns}`;

export const figure = (value: number): string => String(Number(value.toPrecision(3)));

export const list = (paths: string[]): string =>
  paths.length <= 3 ? paths.join(", ") : `${paths.slice(0, 2).join(", ")} and ${paths.length - 2} more files`;

/** A commit as people name it. */
export const short = (sha: string): string => sha.slice(0, 12);

/** The text in at most `max` UTF-16 units, cut between characters. */
export const clip = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
