import type { Calibration } from "./model.ts";
import type { Verdict } from "./verdict.ts";

/** Probabilities of 0 and 1 have no log-odds. */
const nearest = 0.001;

/** The calibrated probability, which grows with `p`. */
export const calibrated = ({ scale, shift }: Calibration, p: number): number => {
  const bounded = Math.min(1 - nearest, Math.max(nearest, p));
  const logit = scale * Math.log(bounded / (1 - bounded)) + shift;
  return 1 / (1 + Math.exp(-logit));
};

/**
 * The verdict with the first suspect's probability calibrated. The order of the changes stays. A lower probability goes to the causes that
 * are not a change; a higher one is taken from all others alike.
 */
export const calibrate = (verdict: Verdict, calibration: Calibration | undefined): Verdict => {
  const [first] = verdict.ranked;
  if (calibration === undefined || first === undefined || first.p <= 0) return verdict;
  const p = calibrated(calibration, first.p);
  const isLower = p < first.p;
  const of = isLower ? p / first.p : first.p < 1 ? (1 - p) / (1 - first.p) : 1;
  const ranked = verdict.ranked.map((judged) => ({
    ...judged,
    p: judged === first ? p : judged.p * of,
  }));
  const kept = ranked.reduce((sum, judged) => sum + judged.p, 0);
  const noSuspect = Math.max(0, 1 - kept);
  const ofNone = verdict.noSuspect > 0 ? noSuspect / verdict.noSuspect : 1;
  return {
    ...verdict,
    ranked,
    noSuspect,
    flips: verdict.flips.map((flip) => ({ ...flip, p: flip.p * ofNone })),
  };
};
