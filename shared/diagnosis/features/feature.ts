import type { Candidate } from "../ranking/candidate.ts";
import type { Window } from "../ranking/window.ts";

/** One number that may tell a guilty commit from an innocent one. None may look at who the author is. */
export type Feature = (candidate: Candidate, window: Window) => number;

/** Computes once for each window. */
export const perWindow = <T>(compute: (window: Window) => T): ((window: Window) => T) => {
  const known = new WeakMap<Window, T>();
  return (window) => {
    const found = known.get(window) ?? compute(window);
    known.set(window, found);
    return found;
  };
};
