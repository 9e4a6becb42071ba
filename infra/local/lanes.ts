import { createQueue, type Width } from "./queue.ts";

/** Work on incidents: each at most once at a time, and so many of them side by side. */
export type Lanes = {
  /** Has the incident worked on as soon as there is room; once more when it is worked on now. */
  add(id: string): void;
  /** Tells whether its loop is under way: something was proposed already. */
  known(id: string, isUnderWay: boolean): void;
  isBusy(id: string): boolean;
  isStopped(): boolean;
  /** Returns once nothing is under way. */
  settled(): Promise<void>;
  /** Takes no new work and waits for what is under way. */
  stop(): Promise<void>;
};

/** `work` must not reject. */
export const createLanes = (width: Width, work: (id: string) => Promise<void>): Lanes => {
  const queue = createQueue(width);
  const running = new Map<string, Promise<void>>();
  let stopped = false;
  const start = (id: string): void => {
    const done = work(id).finally(() => {
      running.delete(id);
      drain();
    });
    running.set(id, done);
  };
  const drain = (): void => {
    while (!stopped) {
      const id = queue.next(new Set(running.keys()));
      if (id === undefined) return;
      start(id);
    }
  };
  return {
    add(id) {
      queue.add(id);
      drain();
    },
    known: queue.known,
    isBusy: (id) => running.has(id),
    isStopped: () => stopped,
    async settled() {
      while (running.size > 0) await Promise.allSettled(running.values());
    },
    async stop() {
      stopped = true;
      queue.clear();
      await Promise.allSettled(running.values());
    },
  };
};
