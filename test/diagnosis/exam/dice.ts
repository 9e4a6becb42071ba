import { randomSequence as chance } from "../../../infra/aws-local/random.ts";

/** Chance from a seed: the same seed gives the same draws, one after another. */
export type Dice = {
  /** From 0 up to 1. */
  next: () => number;
  int: (from: number, to: number) => number;
  real: (from: number, to: number) => number;
  chance: (share: number) => boolean;
  pick: <T>(list: readonly T[]) => T;
  some: <T>(list: readonly T[], count: number) => T[];
  /** Normal, with mean 0 and deviation 1. */
  gauss: () => number;
  hex: (digits: number) => string;
};

export const diceOf = (seed: number): Dice => {
  const next = chance(seed);
  const below = (count: number): number => Math.floor(next() * count);
  return {
    next,
    int: (from, to) => from + below(to - from + 1),
    real: (from, to) => from + next() * (to - from),
    chance: (share) => next() < share,
    pick: (list) => list[below(list.length)]!,
    some: (list, count) => {
      const left = [...list];
      return Array.from(
        { length: Math.min(count, list.length) },
        () => left.splice(below(left.length), 1)[0]!,
      );
    },
    gauss: () => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(6.283185 * next()),
    hex: (digits) => {
      let text = "";
      while (text.length < digits) text += below(16).toString(16);
      return text;
    },
  };
};
