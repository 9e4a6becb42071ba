/** What one credential may still ask: after a "retry after" nothing is sent until then. Instants are epoch ms. */
export type Quota = {
  /** Until when nothing may be sent for `key`; undefined when it may be sent now. */
  blocked: (key: string) => number | undefined;
  block: (key: string, until: number) => void;
};

export const quota = (clock: () => number): Quota => {
  const until = new Map<string, number>();
  return {
    blocked: (key) => {
      const at = until.get(key) ?? 0;
      return at > clock() ? at : undefined;
    },
    block: (key, at) => void until.set(key, Math.max(at, until.get(key) ?? 0)),
  };
};
