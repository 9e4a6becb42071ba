import type { EpochMs } from "../brands.ts";

/** The part of a store that is read: [from, to), and at most `limit` of what lies in it. */
export type TimeRange = { from: EpochMs; to: EpochMs; limit: number };
