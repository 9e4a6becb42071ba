import { isContradicted } from "./measured.ts";
import type { Evidence } from "./model.ts";
import { slackMs } from "./onset/onset.ts";
import type { Judged, Verdict } from "./verdict.ts";

/** A change counts as convicted from this probability on. */
const convicted = 0.7;
/** A probability above `from` is drawn together below `to`, so that what confirms still raises it: 1 becomes 0.69, 0.8 becomes 0.645. */
const unsure = { from: 0.6, to: convicted - 0.01 };
const drawn = (p: number): number =>
  unsure.from + ((p - unsure.from) * (unsure.to - unsure.from)) / (1 - unsure.from);
/** Weaker findings say nothing of their own. */
const least = 0.5;
/** Changes that went live together share the moment. A change stands alone when no other of them is a tenth as likely. */
const rival = 1 / 10;

/**
 * A verdict in which the moment of a deploy alone convicts no change: it may propose one. It takes a second kind of evidence, or a single
 * change, a measured step and nothing that contradicts. The probability that a change loses goes to the causes that are not a change.
 */
export const capTiming = (verdict: Verdict): Verdict => {
  const [first, ...others] = verdict.ranked;
  if (first === undefined || first.p <= unsure.from) return verdict;
  if (hasSecondKind(first, verdict.against) || isMeasuredAlone(first, verdict)) return verdict;
  const p = drawn(first.p);
  return { ...verdict, ranked: [{ ...first, p }, ...others], noSuspect: verdict.noSuspect + first.p - p };
};

/** Words that the alert shares, and every finding that is not about time. Where a service fares worst tells nothing while another fares as badly without a change. */
const hasSecondKind = ({ evidence, candidate }: Judged, against: Evidence[]): boolean => {
  const isElsewhere = against.some(({ place, weight }) => place === true && weight >= least);
  return (
    (candidate?.mentions.length ?? 0) > 0 ||
    evidence.some(
      ({ timing, place, weight }) =>
        timing === undefined && weight >= least && !(place === true && isElsewhere),
    )
  );
};

const isMeasuredAlone = (first: Judged, { ranked, against }: Verdict): boolean =>
  first.evidence.some(({ timing, weight }) => timing === "step" && weight > 0) &&
  !isContradicted(first, ranked) &&
  against.every(({ weight }) => weight < least) &&
  !ranked.some((other) => other !== first && other.p >= first.p * rival && isTogether(first, other));

const isTogether = ({ live: a }: Judged, { live: b }: Judged): boolean =>
  a !== undefined && b !== undefined && Math.abs(a.at - b.at) <= slackMs;
