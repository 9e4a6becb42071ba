/** Virtual time: everything that is due is done in its order, and between two instants nothing is waited for. */
export type Schedule = ReturnType<typeof createSchedule>;

type Entry = { at: number; order: number; run: () => void };

export const createSchedule = (begin: number) => {
  const entries: Entry[] = [];
  let now = begin;
  let order = 0;
  const add = (entry: Entry): void => {
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = entries[middle] ?? entry;
      if (other.at < entry.at || (other.at === entry.at && other.order < entry.order)) low = middle + 1;
      else high = middle;
    }
    entries.splice(low, 0, entry);
  };
  /** Does `run` after `ms`; the result cancels it. */
  const after = (ms: number, run: () => void): (() => void) => {
    order += 1;
    const entry = { at: now + Math.max(0, ms), order, run };
    add(entry);
    return () => {
      const index = entries.indexOf(entry);
      if (index >= 0) entries.splice(index, 1);
    };
  };
  const next = async (end: number): Promise<boolean> => {
    const [first] = entries;
    if (first === undefined || first.at > end) return false;
    entries.shift();
    now = first.at;
    first.run();
    await settled();
    return true;
  };
  return {
    now: () => now,
    after,
    sleep: (ms: number): Promise<void> => new Promise((resolve) => void after(ms, resolve)),
    /** Goes on until `end`. `isOver` ends it earlier. */
    async run(end: number, isOver: () => boolean = () => false): Promise<void> {
      await settled();
      while (!isOver()) if (!(await next(end))) break;
      now = Math.max(now, end);
    },
  };
};

/** Once every promise that can go on has gone on; the store lets others go first now and then. */
const settled = (): Promise<void> =>
  new Promise((resolve) => void setImmediate(() => void setImmediate(resolve)));
