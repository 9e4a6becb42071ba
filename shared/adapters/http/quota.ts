/** The quota of one credential: after a "retry after" nothing is sent until then (epoch ms), whichever incident asks. */
export type Quota = {
  /** Until when nothing may be sent for `key`; undefined when it may be sent now. */
  blocked: (key: string) => number | undefined;
  /** Stops calls for `key` for this long. */
  block: (key: string, ms: number) => void;
};

export const quota = (clock: () => number): Quota => {
  const until = new Map<string, number>();
  return {
    blocked: (key) => {
      const at = until.get(key) ?? 0;
      return at > clock() ? at : undefined;
    },
    block: (key, ms) => void until.set(key, Math.max(clock() + ms, until.get(key) ?? 0)),
  };
};
