import { isMeasuredFor } from "./measured.ts";
import type { Case } from "./model.ts";
import type { Verdict } from "./verdict.ts";

/** The bar of `auto` when the policy does not say another. */
const usualBar = 0.9;

/** Probabilities this close below the bar are drawn together with those above it, so that the likelier of two cases stays the likelier. */
const drawnBelow = 0.001;

type Bars = Pick<Case, "textBar" | "proposedFrom">;

/**
 * A verdict in which words alone carry no change over the bar of `auto`. The sender of an alert chooses its words. The probability that a
 * change loses goes to the causes that are not a change.
 */
export const capText = (verdict: Verdict, { textBar: bar = usualBar, proposedFrom = 0 }: Bars): Verdict => {
  const from = Math.min(bar, Math.max(bar - drawnBelow, proposedFrom));
  const capped = ({ p, ...judged }: Verdict["ranked"][number]): number =>
    p <= from || isMeasuredFor(judged) ? p : from + ((p - from) * (bar - from)) / (1 - from);
  const ranked = verdict.ranked.map((judged) => ({ ...judged, p: capped(judged) }));
  const lost = verdict.ranked.reduce((sum, { p }, index) => sum + p - (ranked[index]?.p ?? p), 0);
  return lost === 0 ? verdict : { ...verdict, ranked, noSuspect: verdict.noSuspect + lost };
};
