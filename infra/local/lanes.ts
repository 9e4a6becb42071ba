/** Work on incidents: each at most once at a time, and so many of them side by side. */
export type Lanes = {
  /** Has the incident worked on as soon as there is room; once more when it is worked on now. */
  add(id: string): void;
  isBusy(id: string): boolean;
  isStopped(): boolean;
  /** Returns once nothing is under way. */
  settled(): Promise<void>;
  /** Takes no new work and waits for what is under way. */
  stop(): Promise<void>;
};

/** `work` must not reject. */
export const createLanes = (concurrency: number, work: (id: string) => Promise<void>): Lanes => {
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  let stopped = false;
  const start = (id: string): void => {
    waiting.delete(id);
    const done = work(id).finally(() => {
      running.delete(id);
      drain();
    });
    running.set(id, done);
  };
  const drain = (): void => {
    for (const id of waiting) {
      if (stopped || running.size >= concurrency) return;
      if (!running.has(id)) start(id);
    }
  };
  return {
    add(id) {
      waiting.add(id);
      drain();
    },
    isBusy: (id) => running.has(id),
    isStopped: () => stopped,
    async settled() {
      while (running.size > 0) await Promise.allSettled(running.values());
    },
    async stop() {
      stopped = true;
      waiting.clear();
      await Promise.allSettled(running.values());
    },
  };
};
