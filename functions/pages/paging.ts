import type { EpochMs } from "../../shared/brands.ts";

/** Services on one page of the list. */
export const pageSize = 50;

/** One page of all of them, by its number from 1 on, and whether another follows. */
export const pageOf = <T>(
  all: T[],
  text: string | undefined,
): { page: number; items: T[]; next?: number } => {
  const last = Math.max(1, Math.ceil(all.length / pageSize));
  const wanted = Number(text ?? "1");
  const page = Number.isInteger(wanted) ? Math.min(Math.max(wanted, 1), last) : 1;
  const items = all.slice((page - 1) * pageSize, page * pageSize);
  return { page, items, ...(page < last && { next: page + 1 }) };
};

/** A list that changes all the time is made anew at most so often. */
const keptMs = 1_000;
const maxKept = 20;

/** Work that readers share: those at the same time, and those within a second. Many readers cost as much as one. */
export const shared = <T>(clock: () => EpochMs): ((key: string, work: () => Promise<T>) => Promise<T>) => {
  const known = new Map<string, { at: EpochMs; isRunning: boolean; made: Promise<T> }>();
  return (key, work) => {
    const now = clock();
    const last = known.get(key);
    if (last !== undefined && (last.isRunning || (now > last.at && now - last.at < keptMs))) return last.made;
    const making = { at: now, isRunning: true, made: work() };
    if (known.size >= maxKept) known.clear();
    known.set(key, making);
    const end = () => {
      making.isRunning = false;
    };
    making.made.then(end, () => known.delete(key));
    return making.made;
  };
};
