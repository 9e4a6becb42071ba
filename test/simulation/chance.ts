import { randomSequence } from "../../infra/aws-local/random.ts";

/** Chance with a seed. */
export type Chance = {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [from, to]. */
  between(from: number, to: number): number;
  pick<T>(of: readonly [T, ...T[]]): T;
  is(share: number): boolean;
};

/** Each name has a sequence of its own, so that one more draw of one leaves the others as they are. */
export const chanceOf = (seed: number, name: string): Chance => {
  let mixed = seed >>> 0;
  for (const letter of name) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  const next = randomSequence(mixed);
  return {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick: (of) => of[Math.floor(next() * of.length)] ?? of[0],
    is: (share) => next() < share,
  };
};

/**
 * Things that may happen in a history beside what must: faults, and deeds of people. Each that happens has a number, by which a
 * smaller history leaves it out.
 */
export type Happenings = {
  happens(kind: string, share: number): boolean;
  /** Everything that happened, by number. */
  list(): { number: number; kind: string }[];
  /** From now on nothing happens any more. */
  heal(): void;
};

/** `left` are the numbers that are left out. Each seed knows only some of the kinds, so that a few of them come densely. */
export const happenings = (seed: number, left: ReadonlySet<number>): Happenings => {
  const kinds = new Map<string, { chance: Chance; weight: number }>();
  const happened: { number: number; kind: string }[] = [];
  let number = 0;
  let isHealed = false;
  const kindOf = (kind: string): { chance: Chance; weight: number } => {
    const known = kinds.get(kind);
    if (known !== undefined) return known;
    const chance = chanceOf(seed, kind);
    const made = { chance, weight: chance.pick([0, 0, 0.3, 1, 2, 8]) };
    kinds.set(kind, made);
    return made;
  };
  return {
    happens(kind, share) {
      if (isHealed) return false;
      const { chance, weight } = kindOf(kind);
      if (weight === 0 || !chance.is(share * weight)) return false;
      number += 1;
      if (left.has(number)) return false;
      happened.push({ number, kind });
      return true;
    },
    list: () => happened,
    heal: () => {
      isHealed = true;
    },
  };
};
