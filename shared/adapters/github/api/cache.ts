/** A cache of reads: the latest ones, as many as there is room for. A read that fails is forgotten. */
export type Cache<T> = {
  read(key: string, read: () => Promise<T>): Promise<T>;
  has(key: string): boolean;
  forget(key: string): void;
};

/** The latest `max`; with `weigh`, as many of them as weigh no more than `room` together. */
export const createCache = <T>(
  max: number,
  { weigh, room }: Scale<T> = { weigh: () => 0, room: 0 },
): Cache<T> => {
  const known = new Map<string, { reading: Promise<T>; weight: number }>();
  let held = 0;
  const forget = (key: string): void => {
    held -= known.get(key)?.weight ?? 0;
    known.delete(key);
  };
  const trim = (): void => {
    for (const oldest of known.keys()) {
      if (known.size <= max && (held <= room || known.size === 1)) return;
      forget(oldest);
    }
  };
  const begin = (key: string, read: () => Promise<T>) => {
    const entry = { reading: read(), weight: 0 };
    const settle = (value: T) => {
      if (known.get(key) !== entry) return;
      entry.weight = weigh(value);
      held += entry.weight;
      trim();
    };
    entry.reading.then(settle, () => known.get(key) === entry && forget(key));
    return entry;
  };
  return {
    read(key, read) {
      const entry = known.get(key) ?? begin(key, read);
      known.delete(key);
      known.set(key, entry);
      trim();
      return entry.reading;
    },
    has: (key) => known.has(key),
    forget,
  };
};
type Scale<T> = { weigh: (value: T) => number; room: number };

/** `work` on every item, at most `max` at a time; the results in order. */
export const inParallel = async <T, R>(
  max: number,
  items: T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [at, item] of left) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(max, items.length) }, worker));
  return results;
};
