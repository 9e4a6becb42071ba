import { announce, isFinal } from "../../functions/announce/announce.ts";
import { followUp } from "../../functions/announce/follow-up.ts";
import type { Work } from "../../functions/step.ts";
import { runner } from "../../functions/steps.ts";
import { tick } from "../../functions/tick.ts";
import type { EpochMs } from "../../shared/brands.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { firing } from "../../shared/incident/alerts.ts";
import { retryPolicy } from "../../shared/incident/commands.ts";
import { isActive, isWatched } from "../../shared/incident/model.ts";
import { troubleIds } from "../../shared/incident/troubles.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Stored } from "../../shared/ports/store.ts";
import type { Process } from "../../shared/process.ts";

export type Loop = {
  /** Has the incident looked at as soon as possible; one look at a time per incident. */
  wake(id: string): void;
  /** Takes up what was left unfinished, then looks at waiting incidents at every tick. */
  start(): Promise<void>;
  /** Returns once nothing is under way. */
  settled(): Promise<void>;
  /** Takes no new work and waits for what is under way. */
  stop(): Promise<void>;
};

/** The latest instant before which a system asked not to be tried again. */
const retryAtOf = (error: unknown): EpochMs => {
  if (error instanceof AggregateError) return Math.max(0, ...error.errors.map(retryAtOf));
  return error instanceof UpstreamError ? (error.retryAt ?? 0) : 0;
};

/** Looks at the same time, over all incidents. */
const lanes = 16;
const minute = 60_000;

/** The events of the embedded host: stored events wake steps in this process, and what is not consumed is taken up again. */
export const createLoop = ({
  process,
  work,
  log,
  tickMs,
}: {
  process: Process;
  work: Work;
  log: Log;
  tickMs: number;
}): Loop => {
  const { store, clock } = work;
  const run = runner(process, work);
  const tell = announce(process, work, { follow: followUp });
  const waiting = new Set<string>();
  const looking = new Map<string, Promise<void>>();
  const onTick = tick({ store, process, clock, isBusy: (id) => looking.has(id) });
  const untold = new Map<string, { tries: number; until: number }>();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async (id: string): Promise<void> => {
    let seen: Stored = await store.load(id);
    for (const other of troubleIds(seen.incident).slice(1)) wake(other);
    while (!stopped && isWatched(seen.incident)) {
      const handled = await run(seen);
      if (handled === undefined || handled.events.length === 0) break;
      seen = handled;
      if (isActive(seen.incident) && seen.incident.delay !== undefined) break;
    }
    await tellNews(id, seen);
  };

  /** Announcing follows the work, so that a crowd of quick steps is told once. */
  const tellNews = async (id: string, seen: Stored): Promise<void> => {
    const { version } = seen;
    const news = (await store.pending()).find((pending) => pending.id === id);
    if (stopped || news === undefined || clock() < (untold.get(id)?.until ?? 0)) return;
    try {
      await tell(seen);
    } catch (error) {
      if (isFinal(error)) {
        log.error("announcing was refused for good, nobody is told this", { incident: id, error });
        untold.delete(id);
        return store.consume(id, version);
      }
      const tries = (untold.get(id)?.tries ?? 0) + 1;
      untold.set(id, {
        tries,
        until: Math.max(clock() + Math.min(minute, 1000 * 2 ** tries), retryAtOf(error)),
      });
      log.warn("announcing failed, it is tried again", { incident: id, tries, error });
      return;
    }
    untold.delete(id);
    await store.consume(id, version);
  };

  const drain = (): void => {
    for (const id of waiting) {
      if (stopped || looking.size >= lanes) return;
      if (looking.has(id)) continue;
      waiting.delete(id);
      const done = look(id)
        .catch((error: unknown) =>
          log.error("look failed, the next tick looks again", { incident: id, error }),
        )
        .finally(() => {
          looking.delete(id);
          drain();
        });
      looking.set(id, done);
    }
  };

  const wake = (id: string): void => {
    waiting.add(id);
    drain();
  };

  const beat = async (): Promise<void> => {
    try {
      const ids = new Set([
        ...(await onTick()).map(({ incident }) => incident.id),
        ...(await store.pending()).map(({ id }) => id),
      ]);
      for (const id of ids) wake(id);
    } catch (error) {
      log.error("tick failed", { error });
    }
    if (!stopped) timer = setTimeout(beat, tickMs).unref();
  };

  /** A start may follow on a mended configuration or credential. */
  const retryRefused = async (): Promise<void> => {
    for (const { incident } of await store.active()) {
      if (incident.status !== "escalated" || incident.reason !== "refused" || !firing(incident.alerts))
        continue;
      const { id, round } = incident;
      await process.handle(id, { type: "Retry", at: clock(), round, by: retryPolicy });
    }
  };

  return {
    wake,
    async start() {
      await retryRefused().catch((error: unknown) => log.error("retrying failed", { error }));
      await beat();
    },
    async settled() {
      while (looking.size > 0) await Promise.allSettled(looking.values());
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      waiting.clear();
      await Promise.allSettled(looking.values());
    },
  };
};
