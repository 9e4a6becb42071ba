import type { EpochMs } from "../../shared/brands.ts";
import { ConflictError, messageOf, UpstreamError } from "../../shared/errors.ts";
import type { LookedAt } from "../../shared/policy/left.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { LeftRecord, Store } from "../../shared/ports/store.ts";
import { countLeft } from "../../shared/telemetry.ts";
import { clip } from "../../shared/text/format.ts";

/** A report, a call or an attempt that is left alone or refused. `about` is asked once an hour. */
export type Leaving = Pick<LeftRecord, "kind" | "name" | "reason"> & { about: () => LookedAt };
export type Leave = (all: Leaving[]) => Promise<void>;

type Noting = { store: Store; clock: () => EpochMs; log: Log };

const hourMs = 60 * 60_000;
/** Names that are remembered here. */
const mostKnown = 1000;
/** Entries of the page: a flood of one kind does not push out the others. */
const mostKept = { alerts: 100, deploys: 50, flags: 50, requests: 50, attempts: 50 } as const;
const reports = new Set<LeftRecord["kind"]>(["alerts", "deploys", "flags"]);
const maxName = 200;
const tries = 3;
const retryMs = 60_000;

/** `count`: the times since `at`, of which the page does not tell yet. */
type Known = { at: number; count: number };

/**
 * Notes what is left alone for the page, and logs it, once an hour for each name and reason; a repetition within the hour is only
 * counted. A note that cannot be stored is logged and kept for the next: the report itself is answered all the same.
 */
export const leftAlone = ({ store, clock, log }: Noting): Leave => {
  const known = new Map<string, Known>();
  const unstored = keptNotes();
  return async (all) => {
    const now = clock();
    for (const { kind, reason } of all) countLeft({ kind, outcome: reason });
    const fresh = all.flatMap(({ about, ...one }) => {
      const times = newTimes(known, keyOf(one), now);
      if (times === undefined) return [];
      return [{ ...one, name: clip(one.name, maxName), ...about(), at: now, since: now, count: times }];
    });
    const records = unstored.with(fresh, now);
    if (records.length === 0) return;
    try {
      const noted = await note(store, records);
      for (const record of records)
        if (!noted.includes(record)) remember(known, keyOf(record), { at: now, count: record.count });
      // Refused calls and attempts are in the log already, with more about them.
      for (const { at: _, since: __, ...record } of noted)
        if (reports.has(record.kind)) log.warn("report left alone", record);
    } catch (error) {
      records.forEach(unstored.keep);
      if (!(error instanceof UpstreamError) && !(error instanceof ConflictError)) throw error;
      log.warn("a report that was left alone is not on the page", { error: messageOf(error) });
    }
  };
};

type Note = LeftRecord & { since: number; count: number };

/** Notes that could not be stored. They go with the next one, or alone with the first call after a minute. */
const keptNotes = () => {
  const kept = new Map<string, Note>();
  let triedAt = Number.NEGATIVE_INFINITY;
  const keep = (one: Note): void => {
    const before = kept.get(keyOf(one));
    if (before === undefined && kept.size >= mostKnown) return;
    kept.set(keyOf(one), before === undefined ? one : counted(one, before));
  };
  return {
    keep,
    /** The new notes and those that were kept, each once. */
    with(fresh: Note[], now: number): Note[] {
      if (fresh.length === 0 && (kept.size === 0 || now - triedAt < retryMs)) return [];
      triedAt = now;
      fresh.forEach(keep);
      const all = [...kept.values()].map((one) => ({ ...one, at: now }));
      kept.clear();
      return all;
    },
  };
};

/** The times to note now; undefined within the hour. */
const newTimes = (known: Map<string, Known>, key: string, now: number): number | undefined => {
  const last = known.get(key);
  if (last !== undefined && now - last.at < hourMs) {
    last.count++;
    return undefined;
  }
  remember(known, key, { at: now, count: 0 });
  return 1 + (last?.count ?? 0);
};

/** Forgets the oldest beyond the bound. */
const remember = (known: Map<string, Known>, key: string, one: Known): void => {
  known.delete(key);
  known.set(key, one);
  for (const oldest of known.keys()) {
    if (known.size <= mostKnown) return;
    known.delete(oldest);
  }
};

const keyOf = ({ kind, name, reason }: Pick<LeftRecord, "kind" | "name" | "reason">): string =>
  JSON.stringify([kind, clip(name, maxName), reason]);

/** Puts the records first, and returns those that nobody noted in the last hour. */
const note = async <R extends LeftRecord>(store: Store, records: R[]): Promise<R[]> => {
  for (let attempt = 1; ; attempt++) {
    const { version, value = [] } = await store.register("left");
    const before = new Map(value.map((one) => [keyOf(one), one]));
    const added = records.filter(
      (one) => one.at - (before.get(keyOf(one))?.at ?? Number.NEGATIVE_INFINITY) >= hourMs,
    );
    if (added.length === 0) return [];
    const keys = new Set(added.map(keyOf));
    const kept = [
      ...added.map((one) => {
        const former = before.get(keyOf(one));
        return former === undefined ? one : counted(one, former);
      }),
      ...value.filter((one) => !keys.has(keyOf(one))),
    ];
    try {
      await store.setRegister("left", version, latest(kept));
      return added;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === tries) throw error;
    }
  }
};

const latest = (all: LeftRecord[]): LeftRecord[] => {
  const of = Map.groupBy(all, ({ kind }) => kind);
  const kept = new Set([...of].flatMap(([kind, some]) => some.slice(0, mostKept[kind])));
  return all.filter((one) => kept.has(one));
};

const counted = <R extends LeftRecord>(one: R, before: LeftRecord): R & { since: number; count: number } => ({
  ...one,
  count: (one.count ?? 1) + (before.count ?? 1),
  since: before.since ?? before.at,
});
