export type Dice = {
  /** A number from 0 to below 1. */
  roll: () => number;
  /** A whole number from `low` to `high`, both included. */
  int: (low: number, high: number) => number;
  /** A number from `low` to `high`. */
  between: (low: number, high: number) => number;
  chance: (share: number) => boolean;
  pick: <T>(items: readonly T[]) => T;
  shuffle: <T>(items: readonly T[]) => T[];
  hex: (digits: number) => string;
  /** A generator of its own, so that more rolls in one part do not change another part. */
  fork: (name: string) => Dice;
};

const hash = (text: string, seed: number): number => {
  let sum = seed | 0;
  for (const letter of text) sum = Math.imul(sum ^ letter.charCodeAt(0), 0x01000193) + 0x9e37;
  return sum | 0;
};

/** The mulberry32 generator, seeded. */
export const diceOf = (seed: number): Dice => {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 0;
  const roll = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const int = (low: number, high: number) => low + Math.floor(roll() * (high - low + 1));
  const shuffle = <T>(items: readonly T[]) => {
    const keyed = items.map((item) => ({ item, key: roll() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  };
  return {
    roll,
    int,
    between: (low, high) => low + roll() * (high - low),
    chance: (share) => roll() < share,
    pick: (items) => items[int(0, items.length - 1)]!,
    shuffle,
    hex: (digits) => Array.from({ length: digits }, () => int(0, 15).toString(16)).join(""),
    fork: (name) => diceOf(hash(name, seed)),
  };
};
