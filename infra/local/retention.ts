import type { SqliteStore } from "../../shared/adapters/sqlite/store.ts";
import type { EpochMs } from "../../shared/brands.ts";
import type { Log } from "../../shared/ports/log.ts";
import { writeArchive } from "../host/adapters/archive.ts";

type Deps = {
  store: Pick<SqliteStore, "archive" | "forget">;
  /** Where archives are written. */
  dir: string;
  clock: () => EpochMs;
  log: Log;
  /** How long an ended round is kept, in ms. */
  retentionMs: () => number;
};

const everyMs = 24 * 60 * 60 * 1000;

/** Archives what is old now and once a day, and forgets old deploys and flips. A failure is logged; the next day tries again. The result stops it. */
export const startRetention = (deps: Deps): (() => Promise<void>) => {
  let running = Promise.resolve();
  const look = (): void => {
    running = running
      .then(async () => void (await archiveOld(deps)))
      .catch((error: unknown) => {
        deps.log.error("archiving failed, it is tried again tomorrow", { error });
      });
  };
  look();
  const timer = setInterval(look, everyMs).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
};

/** Archives the rounds that ended longer ago than they are kept, and returns how many facts left the store. */
export const archiveOld = async ({ store, dir, clock, log, retentionMs }: Deps): Promise<number> => {
  const now = clock();
  const facts = await store.archive(now - retentionMs(), async (old) => {
    const file = writeArchive(dir, now, old);
    log.info("old facts were archived", { file, facts: old.length });
  });
  await store.forget(now);
  return facts;
};
