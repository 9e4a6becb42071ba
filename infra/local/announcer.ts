import { isFinal } from "../../functions/announce/all.ts";
import { announce } from "../../functions/announce/announce.ts";
import { followUp } from "../../functions/announce/follow-up.ts";
import type { Work } from "../../functions/step.ts";
import type { EpochMs } from "../../shared/brands.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Stored } from "../../shared/ports/store.ts";
import type { Process } from "../../shared/process.ts";

const minute = 60_000;

type Deps = { process: Process; work: Work; log: Log; isStopped: () => boolean };
/** Failed announcements of an incident in a row, and the instant before which it is not tried again. */
type Failed = { tries: number; until: EpochMs };

/** Announces the stored events of an incident that nobody has announced, and tries again ever later after a failure. */
export const createAnnouncer = ({ process, work, log, isStopped }: Deps) => {
  const { store, clock } = work;
  const tell = announce(process, work, { follow: followUp });
  const failed = new Map<string, Failed>();
  return async (id: string, seen: Stored): Promise<void> => {
    const hasNews = (await store.pending()).some((pending) => pending.id === id);
    if (isStopped() || !hasNews || clock() < (failed.get(id)?.until ?? 0)) return;
    try {
      await tell(seen);
    } catch (error) {
      if (!isFinal(error)) {
        const tries = (failed.get(id)?.tries ?? 0) + 1;
        failed.set(id, { tries, until: nextTry(error, tries, clock()) });
        log.warn("announcing failed, it is tried again", { incident: id, tries, error });
        return;
      }
      log.error("announcing was refused for good, nobody is told this", { incident: id, error });
    }
    failed.delete(id);
    await store.consume(id, seen.version);
  };
};

const nextTry = (error: unknown, tries: number, now: EpochMs): EpochMs =>
  Math.max(now + Math.min(minute, 1000 * 2 ** tries), retryAtOf(error));

/** The latest instant before which a system asked not to be tried again. */
const retryAtOf = (error: unknown): EpochMs => {
  if (error instanceof AggregateError) return Math.max(0, ...error.errors.map(retryAtOf));
  return error instanceof UpstreamError ? (error.retryAt ?? 0) : 0;
};
