import { features } from "./features/index.ts";
import type { Candidate } from "./ranking/candidate.ts";
import type { Window } from "./ranking/window.ts";

const named = Object.entries(features);

/** The log-odds of each candidate, newest first, up to a constant of the window. */
export const logits = (window: Window, weights: Record<string, number>): number[] =>
  window.candidates.map((candidate) =>
    named.reduce((sum, [name, feature]) => sum + (weights[name] ?? 0) * feature(candidate, window), 0),
  );

/** Every feature of a candidate, in the order of their names in `features`. */
export const row = (candidate: Candidate, window: Window): Float64Array =>
  Float64Array.from(named, ([, feature]) => feature(candidate, window));

/** Shares that sum to 1. */
export const softmax = (values: number[]): number[] => {
  const top = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const grown = values.map((value) => Math.exp(value - top));
  const total = grown.reduce((a, b) => a + b, 0);
  return grown.map((value) => value / total);
};
