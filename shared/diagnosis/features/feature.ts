import type { Candidate } from "../ranking/candidate.ts";
import type { Window } from "../ranking/window.ts";

/** One number that may tell a guilty commit from an innocent one. None may look at who the author is. */
export type Feature = (candidate: Candidate, window: Window) => number;

/** Indexes of candidates that are newer than one of this rank and age, at most the newest 500. */
export const newerThan = (
  { candidates }: Window,
  { rank, age }: Pick<Candidate, "rank" | "age">,
): number[] => {
  const newer: number[] = [];
  for (const [index, other] of candidates.slice(0, Math.min(rank, 500)).entries()) {
    if (other.age >= age) break;
    newer.push(index);
  }
  return newer;
};

/** Computes once for each window. */
export const perWindow = <T>(compute: (window: Window) => T): ((window: Window) => T) => {
  const cache = new WeakMap<Window, T>();
  return (window) => {
    const known = cache.get(window);
    if (known !== undefined) return known;
    const value = compute(window);
    cache.set(window, value);
    return value;
  };
};
