import type { EpochMs } from "../brands.ts";

/** The most merges within an hour and within a day. */
export type Rate = { maxPerHour?: number; maxPerDay?: number };
export type OverRate = { limit: keyof Rate; max: number; until: EpochMs };

const windows = { maxPerHour: 60 * 60_000, maxPerDay: 24 * 60 * 60_000 } as const satisfies Record<
  keyof Rate,
  number
>;
/** Merges are remembered so long. */
export const longestMs = windows.maxPerDay;

/** The limit that one more merge at `at` would break, the one that holds longest, and when it no longer would. */
export const overRate = (merges: EpochMs[], at: EpochMs, rate: Rate): OverRate | undefined => {
  const broken = (["maxPerHour", "maxPerDay"] as const).flatMap((limit): OverRate[] => {
    const max = rate[limit];
    if (max === undefined) return [];
    const within = merges.filter((one) => one > at - windows[limit]).toSorted((a, b) => b - a);
    const last = within[max - 1];
    return last === undefined ? [] : [{ limit, max, until: last + windows[limit] }];
  });
  return broken.toSorted((a, b) => b.until - a.until)[0];
};
