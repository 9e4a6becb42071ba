/** Reads that are made once: the latest `max` of them, forgotten when they fail. */
export type Memory<T> = {
  read(key: string, read: () => Promise<T>): Promise<T>;
  has(key: string): boolean;
  forget(key: string): void;
};

export function remember<T>(max: number): Memory<T> {
  const known = new Map<string, Promise<T>>();
  return {
    read(key, read) {
      const reading = known.get(key) ?? read();
      known.delete(key);
      known.set(key, reading);
      reading.catch(() => known.get(key) === reading && known.delete(key));
      for (const oldest of known.keys()) {
        if (known.size <= max) break;
        known.delete(oldest);
      }
      return reading;
    },
    has: (key) => known.has(key),
    forget: (key) => void known.delete(key),
  };
}

/** `work` on every item, at most `max` at a time; the results in order. */
export async function inParallel<T, R>(max: number, items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [at, item] of left) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(max, items.length) }, worker));
  return results;
}
