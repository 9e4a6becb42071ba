import { ConflictError, messageOf, UpstreamError } from "../../shared/errors.ts";
import type { LookedAt } from "../../shared/policy/left.ts";
import type { LeftRecord, Store } from "../../shared/ports/store.ts";
import { countLeft } from "../../shared/telemetry.ts";
import type { ReceiverContext } from "./context.ts";

/** A report that is about nothing here. `about` is asked once an hour. */
export type Leaving = Pick<LeftRecord, "kind" | "name" | "reason"> & { about: () => LookedAt };
export type Leave = (all: Leaving[]) => Promise<void>;

const hourMs = 60 * 60_000;
/** Names that are remembered here, and entries of the page. */
const [mostKnown, mostKept] = [1000, 100];
const tries = 3;

/**
 * Notes what is left alone for the page, and logs it, once an hour for each name and reason. A note that cannot be stored is logged: the
 * report itself is answered all the same.
 */
export const leftAlone = ({ store, clock, log }: Pick<ReceiverContext, "store" | "clock" | "log">): Leave => {
  const known = new Map<string, number>();
  const isNew = (one: Leaving, now: number): boolean => {
    const key = keyOf(one);
    if (now - (known.get(key) ?? Number.NEGATIVE_INFINITY) < hourMs) return false;
    if (known.size >= mostKnown) known.clear();
    known.set(key, now);
    return true;
  };
  return async (all) => {
    const now = clock();
    for (const { kind, reason } of all) countLeft({ kind, outcome: reason });
    const fresh = all.filter((one) => isNew(one, now));
    if (fresh.length === 0) return;
    try {
      const records = fresh.map(({ about, ...one }) => ({ ...one, ...about(), at: now }));
      for (const { at: _, ...record } of await note(store, records)) log.warn("report left alone", record);
    } catch (error) {
      if (!(error instanceof UpstreamError) && !(error instanceof ConflictError)) throw error;
      log.warn("a report that was left alone is not on the page", { error: messageOf(error) });
    }
  };
};

const keyOf = ({ kind, name, reason }: Pick<LeftRecord, "kind" | "name" | "reason">): string =>
  JSON.stringify([kind, name, reason]);

/** Puts the records first, and returns those that nobody noted in the last hour. */
const note = async (store: Store, records: LeftRecord[]): Promise<LeftRecord[]> => {
  for (let attempt = 1; ; attempt++) {
    const { version, value = [] } = await store.register("left");
    const last = new Map(value.map((one) => [keyOf(one), one.at]));
    const added = records.filter(
      (one) => one.at - (last.get(keyOf(one)) ?? Number.NEGATIVE_INFINITY) >= hourMs,
    );
    if (added.length === 0) return [];
    const keys = new Set(added.map(keyOf));
    const kept = [...added, ...value.filter((one) => !keys.has(keyOf(one)))].slice(0, mostKept);
    try {
      await store.setRegister("left", version, kept);
      return added;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === tries) throw error;
    }
  }
};
