import { isMeasuredFor } from "./measured.ts";
import type { Verdict } from "./verdict.ts";

/** The bar of `auto` when the policy does not say another. */
const usualBar = 0.9;

/**
 * A verdict in which words alone carry no change over the bar of `auto`. The sender of an alert chooses its words. The probability that a
 * change loses goes to the causes that are not a change.
 */
export const capText = (verdict: Verdict, bar = usualBar): Verdict => {
  const isOver = ({ p, ...judged }: Verdict["ranked"][number]): boolean => p > bar && !isMeasuredFor(judged);
  const over = verdict.ranked.filter(isOver);
  if (over.length === 0) return verdict;
  const excess = over.reduce((sum, { p }) => sum + p - bar, 0);
  return {
    ...verdict,
    ranked: verdict.ranked.map((judged) => (isOver(judged) ? { ...judged, p: bar } : judged)),
    noSuspect: verdict.noSuspect + excess,
  };
};
