/** Virtual time: everything that is due is done in its order, and between two instants nothing is waited for. */
export type Schedule = ReturnType<typeof createSchedule>;

type Entry = { at: number; order: number; run: () => void };

export const createSchedule = (begin: number, turns: Turns = promised) => {
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
  const next = (end: number): boolean => {
    const [first] = entries;
    if (first === undefined || first.at > end) return false;
    entries.shift();
    now = first.at;
    first.run();
    return true;
  };
  return {
    now: () => now,
    after,
    sleep: (ms: number): Promise<void> => new Promise((resolve) => void after(ms, resolve)),
    /** Goes on until `end`. `isOver` ends it earlier. */
    async run(end: number, isOver: () => boolean = () => false): Promise<void> {
      await eachSettled(() => !isOver() && next(end), turns);
      now = Math.max(now, end);
    },
  };
};

/** Turns that one round of Node's event loop takes: a round of its own for each would ask the kernel for news each time. */
export type Turns = { atOnce: number; between: number };
/** For code that goes on by promises alone. */
export const promised: Turns = { atOnce: 64, between: 0 };
/** For a store that lets others go first now and then, by `setImmediate`. */
export const givingWay: Turns = { atOnce: 1, between: 1 };

/** Does `step` until it says that nothing is left. Before each, every promise that can go on has gone on. */
const eachSettled = (step: () => boolean, { atOnce, between }: Turns): Promise<void> =>
  new Promise((resolve, reject) => {
    let isOver = false;
    const end = (how: () => void): void => {
      isOver = true;
      how();
    };
    // Node runs promises and ticks to their end between two immediates of one round.
    const turn = (): void => {
      if (isOver) return;
      try {
        if (!step()) end(resolve);
      } catch (error) {
        end(() => reject(error));
      }
    };
    const round = (): void => {
      for (let index = 0; index < atOnce; index++) setImmediate(turn);
      afterRounds(between, () => isOver || setImmediate(round));
    };
    round();
  });

const afterRounds = (count: number, then: () => void): void => {
  if (count === 0) then();
  else setImmediate(() => afterRounds(count - 1, then));
};
