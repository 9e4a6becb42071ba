export type Dice = {
  next: () => number;
  /** A whole number from `low` to `high`, both included. */
  int: (low: number, high: number) => number;
  between: (low: number, high: number) => number;
  chance: (p: number) => boolean;
  pick: <T>(items: readonly T[]) => T;
  shuffle: <T>(items: readonly T[]) => T[];
  normal: () => number;
  hex: (length: number) => string;
};

const hash = (text: string): number => {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
    state ^= state >>> 13;
  }
  return state >>> 0;
};

/** A mulberry32 generator; the same name always gives the same throws. */
const mulberry = (name: string): (() => number) => {
  let state = hash(name);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};

export const dice = (name: string): Dice => {
  const next = mulberry(name);
  const between = (low: number, high: number) => low + next() * (high - low);
  const int = (low: number, high: number) => Math.floor(between(low, high + 1));
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)]!;
  const shuffle = <T>(items: readonly T[]): T[] => {
    const result = [...items];
    for (let index = result.length - 1; index > 0; index--) {
      const other = int(0, index);
      [result[index], result[other]] = [result[other]!, result[index]!];
    }
    return result;
  };
  return {
    next,
    int,
    between,
    pick,
    shuffle,
    chance: (p) => next() < p,
    normal: () => (next() + next() + next() - 1.5) * 2,
    hex: (length) => Array.from({ length }, () => "0123456789abcdef"[int(0, 15)]).join(""),
  };
};
