import { type Polling, poll } from "../../functions/poll.ts";

/** Asks the deployers what runs, one look after the other. The result ends it and waits for the questions that are under way. */
export const startPolling = (polling: Polling, everyMs: number): (() => Promise<void>) => {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const look = poll({
    ...polling,
    get config() {
      return polling.config;
    },
    get tools() {
      return polling.tools;
    },
    isStopped: () => stopped,
  });
  const beat = (): void => {
    running = look()
      .catch((error: unknown) => polling.log.error("asking the deployers failed", { error }))
      .finally(() => {
        if (!stopped) timer = setTimeout(beat, everyMs).unref();
      });
  };
  beat();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
};
