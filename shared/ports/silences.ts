import type { EpochMs } from "../brands.ts";

/** Silences of exactly one label set each. `comment` is what a later call finds them by. */
export type WantedSilences = { labels: Record<string, string>[]; comment: string; until: EpochMs };

/** The silences of the alert manager. Every method throws UpstreamError. */
export interface Silences {
  /** Silences each label set until the given time, unless a silence with this comment does so already. */
  ensure(wanted: WantedSilences): Promise<void>;
  /** Ends every silence with this comment. */
  end(comment: string): Promise<void>;
}
