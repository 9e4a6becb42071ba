import type { Work } from "../../functions/step.ts";
import { runner } from "../../functions/steps.ts";
import { tick } from "../../functions/tick.ts";
import { troubleIds } from "../../shared/incident/alerts/troubles.ts";
import { retryPolicy } from "../../shared/incident/commands.ts";
import { type Incident, isActive, isWatched } from "../../shared/incident/model.ts";
import { retriesItself } from "../../shared/incident/rounds/resume.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Stored } from "../../shared/ports/store.ts";
import type { Process } from "../../shared/process.ts";
import { createAnnouncer } from "./announcer.ts";
import { createLanes, type Lanes } from "./lanes.ts";
import { realTimer, type Timer } from "./timer.ts";

export type Loop = {
  /** Has the incident looked at as soon as possible; one look at a time per incident. */
  wake(id: string): void;
  /** Takes up what was left unfinished, then looks at waiting incidents at every tick. */
  start(): Promise<void>;
  /** Tries again what was refused for good: a configuration or a credential may be mended. */
  retry(): Promise<void>;
  /** Returns once nothing is under way. */
  settled(): Promise<void>;
  /** Takes no new work and waits for what is under way. */
  stop(): Promise<void>;
};

type Deps = { process: Process; work: Work; log: Log; tickMs: number; timer?: Timer };

/** Handles a command, and wakes the incident that it changed. */
export const waking =
  (process: Process, wake: (id: string) => void): Work["handle"] =>
  async (id, command, seen) => {
    const handled = await process.handle(id, command, seen);
    if (handled.events.length > 0) wake(id);
    return handled;
  };

/** Incidents that are worked on at the same time, and how many of these places only loops under way may take. */
const width = { lanes: 16, reserve: 4 };

/** Whether something is proposed, so that people or production wait for it. */
const isUnderWay = (incident: Incident): boolean =>
  isActive(incident) && incident.status !== "opened" && incident.status !== "diagnosed";

/** The events of the embedded host: stored events wake steps in this process, and what is not consumed is taken up again. */
export const createLoop = (deps: Deps): Loop => {
  const { process, work, log, tickMs, timer = realTimer } = deps;
  const { store, clock } = work;
  const lanes: Lanes = createLanes(width, (id) => visit(id).catch(logFailed(log, id)));
  const visit = visitor(deps, lanes);
  const wake = ({ looks, untold }: { looks: { id: string }[]; untold: { id: string }[] }): void => {
    for (const { id } of [...looks, ...untold]) lanes.add(id);
  };
  const onTick = tick({ store, process, clock, log, wake, isBusy: lanes.isBusy });
  let cancel = () => {};

  const beat = async (): Promise<void> => {
    try {
      await onTick();
      // The news of a deadline.
      for (const { id } of await store.pending()) lanes.add(id);
    } catch (error) {
      log.error("tick failed", { error });
    }
    if (!lanes.isStopped()) cancel = timer(tickMs, beat);
  };

  const retry = (): Promise<void> =>
    retryRefused(deps).catch((error: unknown) => log.error("retrying failed", { error }));

  return {
    wake: lanes.add,
    async start() {
      await retry();
      await beat();
    },
    retry,
    settled: lanes.settled,
    async stop() {
      cancel();
      await lanes.stop();
    },
  };
};

const logFailed = (log: Log, id: string) => (error: unknown) =>
  log.error("look failed, the next tick looks again", { incident: id, error });

/** Runs the steps of an incident until none has anything to do, and announces the result. */
const visitor = ({ process, work, log }: Deps, lanes: Lanes) => {
  const run = runner(process, work);
  const announceNews = createAnnouncer({ process, work, log, isStopped: lanes.isStopped });
  return async (id: string): Promise<void> => {
    let seen: Stored = await work.store.load(id);
    lanes.known(id, isUnderWay(seen.incident));
    for (const other of troubleIds(seen.incident).slice(1)) lanes.add(other);
    while (!lanes.isStopped() && isWatched(seen.incident)) {
      const handled = await run(seen);
      if (handled === undefined || handled.events.length === 0) break;
      seen = handled;
      if (isActive(seen.incident) && seen.incident.delay !== undefined) break;
    }
    lanes.known(id, isUnderWay(seen.incident));
    await announceNews(id, seen);
  };
};

/** A start may follow on a mended configuration or credential, so refused incidents are tried again. */
const retryRefused = async ({ process, work: { store, clock } }: Deps): Promise<void> => {
  for (const { incident } of await store.active()) {
    if (!retriesItself(incident)) continue;
    const { id, round } = incident;
    await process.handle(id, { type: "Retry", at: clock(), round, by: retryPolicy });
  }
};
