/** A small seeded generator (mulberry32): the same seed gives the same numbers. */
export type Random = {
  next: () => number;
  /** A whole number from `low` to `high`, both included. */
  int: (low: number, high: number) => number;
  chance: (share: number) => boolean;
  pick: <T>(list: readonly T[]) => T;
  shuffle: <T>(list: readonly T[]) => T[];
  /** Roughly normal, mean 0, deviation 1. */
  normal: () => number;
  hex: (length: number) => string;
};

const mulberry = (seed: number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};

const shuffled = <T>(list: readonly T[], next: () => number): T[] => {
  const copy = [...list];
  for (let index = copy.length - 1; index > 0; index--) {
    const other = Math.floor(next() * (index + 1));
    const kept = copy[index]!;
    copy[index] = copy[other]!;
    copy[other] = kept;
  }
  return copy;
};

export const random = (seed: number): Random => {
  const next = mulberry(Math.imul(seed + 1, 0x9e3779b1));
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    int,
    chance: (share) => next() < share,
    pick: (list) => list[Math.floor(next() * list.length)]!,
    shuffle: (list) => shuffled(list, next),
    normal: () => next() + next() + next() + next() + next() + next() - 3,
    hex: (length) => Array.from({ length }, () => int(0, 15).toString(16)).join(""),
  };
};
