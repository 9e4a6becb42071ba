import type { EpochMs } from "../../brands.ts";

/** The instants at which the trouble began or ended: the latest few, how many there were in a row, and since when. */
export type Turns = { recent: EpochMs[]; count: number; since: EpochMs };

/** So many turns within `windowMs` are flapping. */
const turnsAt = 3;
const windowMs = 30 * 60_000;

/** One more turn at `at`. A calm of `windowMs` begins a new count. */
export const turned = (turns: Turns | undefined, at: EpochMs): Turns => {
  if (turns === undefined || isCalm(turns, at)) return { recent: [at], count: 1, since: at };
  return { ...turns, recent: [...turns.recent, at].slice(-turnsAt), count: turns.count + 1 };
};

export const isFlapping = (turns: Turns | undefined, at: EpochMs): boolean =>
  turns?.recent.length === turnsAt && at - (turns.recent[0] ?? 0) <= windowMs;

/** Whether the trouble flapped when it began or ended last, and may begin again. */
export const mayGoOn = (turns: Turns | undefined, at: EpochMs): boolean =>
  turns !== undefined && isFlapping(turns, turns.recent.at(-1) ?? at) && !isCalm(turns, at);

/** Whether nothing has begun or ended for as long as flapping is counted. */
export const isCalm = ({ recent }: Turns, at: EpochMs): boolean => at - (recent.at(-1) ?? 0) >= windowMs;
