import { names } from "./features/names.ts";
import { text } from "./features/text.ts";
import type { Candidate } from "./ranking/candidate.ts";
import { isUnseen, type Window } from "./ranking/window.ts";

type Sign = (first: Candidate, window: Window, shares: number[]) => number;
const logit = (p: number): number => Math.log(p + 1e-6) - Math.log(1 - p + 1e-6);

/** Signs that the culprit is among the candidates: how far the likeliest stands out. */
const signs: Record<string, Sign> = {
  base: () => 1,
  standsOut: ({ rank }, _, shares) => Math.max(-4, Math.min(4, logit(shares[rank] ?? 0))),
  says: (first, window) => text.logOverlap(first, window),
  bm25: (first, window) => text.bm25(first, window),
  share: (first, window) => text.saidShare(first, window),
  phrases: (first, window) => text.phrases(first, window),
  inPaths: (first, window) => text.inPaths(first, window),
  insidePaths: (first, window) => names.insidePaths(first, window),
  identifiers: (first, window) => names.identifiers(first, window),
  fresh: ({ age }) => -Math.log1p(age / 60_000),
};
export const signNames = Object.keys(signs);

export const signsOf = (window: Window, shares: number[]): Float64Array => {
  const unseen = (index: number): boolean => {
    const candidate = window.candidates[index];
    return candidate === undefined || isUnseen(candidate);
  };
  const bestIndex = shares.reduce(
    (best, share, index) => (unseen(best) || (share > (shares[best] ?? 0) && !unseen(index)) ? index : best),
    0,
  );
  const first = window.candidates[bestIndex];
  return Float64Array.from(Object.values(signs), (sign) =>
    first === undefined ? 0 : sign(first, window, shares),
  );
};

/** The probability that the culprit is among the candidates. */
export const confidence = (window: Window, shares: number[], weights: Record<string, number>): number => {
  if (window.candidates.every(isUnseen)) return 0;
  const values = signsOf(window, shares);
  const sum = signNames.reduce(
    (total, name, index) => total + (weights[name] ?? 0) * (values[index] ?? 0),
    0,
  );
  return 1 / (1 + Math.exp(-sum));
};
