import { calibrated } from "../../shared/diagnosis/calibration.ts";
import type { Calibration } from "../../shared/diagnosis/model.ts";
import type { Result } from "./figures.ts";

/** The first suspect's probability in one window, and whether it was the culprit. */
type Told = { p: number; isRight: boolean; weight: number };

/** Of ten troubles three have no guilty change (`policy.changePrior`): windows without their culprit count so much beside the real ones. */
const freeWeight = 0.3 / 0.7;
/** Cases below which nothing is fitted. */
export const leastCases = 20;
/** How strongly the two numbers are held at 1 and 0, as so many cases would. */
const hold = 2;
const rounds = 50;

/** The fitted numbers, with the calibration error before, and after on cases that the fit did not see. */
export type Fitted = { calibration: Calibration; cases: number; before: number; after: number; safe?: Safe };
/** The lowest calibrated probability from which at least 95 % were right, with the share of cases that reach it. */
export type Safe = { bar: number; share: number };

/** Fits a team's calibration on its own history; undefined when there are too few cases. */
export const fitCalibration = (results: Result[]): Fitted | undefined => {
  if (results.length < leastCases) return undefined;
  const told = results.map(toldOf);
  const folds = Array.from({ length: parts }, (_, part) => told.filter((_, index) => index % parts === part));
  const heldOut = folds.flatMap((fold) => {
    const numbers = fit(folds.filter((other) => other !== fold).flat(2));
    return fold.flat().map((one) => ({ ...one, p: calibrated(numbers, one.p) }));
  });
  const safe = safeBar(heldOut);
  return {
    ...{ calibration: rounded(fit(told.flat())), cases: results.length },
    ...{ before: errorOf(told.flat()), after: errorOf(heldOut) },
    ...(safe !== undefined && { safe }),
  };
};
const parts = 5;

const toldOf = ({ p, place, free }: Result): Told[] => [
  { p, isRight: place === 0, weight: 1 },
  ...(free === undefined ? [] : [{ p: free, isRight: false, weight: freeWeight }]),
];

const logit = (p: number): number => {
  const bounded = Math.min(0.999, Math.max(0.001, p));
  return Math.log(bounded / (1 - bounded));
};

/** Logistic regression of “was right” on the log-odds, by Newton's method; `hold` keeps it near the numbers that change nothing. */
const fit = (told: Told[]): Calibration => {
  let [scale, shift] = [1, 0];
  for (let round = 0; round < rounds; round++) {
    const sums = { gs: hold * (scale - 1), gb: hold * shift, ss: hold, sb: 0, bb: hold };
    for (const { p, isRight, weight } of told) {
      const x = logit(p);
      const now = 1 / (1 + Math.exp(-(scale * x + shift)));
      const [pull, curve] = [weight * (now - (isRight ? 1 : 0)), weight * now * (1 - now)];
      sums.gs += pull * x;
      sums.gb += pull;
      sums.ss += curve * x * x;
      sums.sb += curve * x;
      sums.bb += curve;
    }
    const { gs, gb, ss, sb, bb } = sums;
    const det = ss * bb - sb * sb;
    scale -= (bb * gs - sb * gb) / det;
    shift -= (ss * gb - sb * gs) / det;
  }
  // A history in which the surer told less would turn the order around.
  return { scale: Math.min(5, Math.max(0.05, scale)), shift: Math.min(10, Math.max(-10, shift)) };
};

const rounded = ({ scale, shift }: Calibration): Calibration => ({
  scale: Math.round(scale * 1000) / 1000,
  shift: Math.round(shift * 1000) / 1000,
});

/** Mean distance of confidence from precision over ten bins. */
const errorOf = (told: Told[]): number => {
  const bins = Map.groupBy(told, ({ p }) => Math.min(9, Math.floor(p * 10)));
  const total = told.reduce((sum, { weight }) => sum + weight, 0);
  const apart = [...bins.values()].map((bin) =>
    Math.abs(bin.reduce((sum, { p, isRight, weight }) => sum + weight * (p - (isRight ? 1 : 0)), 0)),
  );
  return apart.reduce((a, b) => a + b, 0) / total;
};

const needed = 0.95;
const safeBar = (told: Told[]): Safe | undefined => {
  const sure = told.toSorted((a, b) => b.p - a.p);
  let [right, all, count] = [0, 0, 0];
  for (const [index, { isRight, weight }] of sure.entries()) {
    all += weight;
    if (isRight) right += weight;
    if (right >= needed * all && sure[index + 1]?.p !== sure[index]?.p) count = index + 1;
  }
  const last = sure[count - 1];
  if (last === undefined || count < leastCases) return undefined;
  return { bar: Math.ceil(last.p * 1000) / 1000, share: count / sure.length };
};
