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
 * Log-odds from which findings of a kind convict: `sure` are those that tie a change to the trouble by itself, such as versions compared, and
 * `log` those of new log lines that share several rare names, numbers or files with it. Two texts about the same thing share a few words.
 */
const needed = { sure: 2, time: 0.5, log: 3.5, about: 1.5, cause: 3 };
/** A deploy this long before is not told by its time. */
const soonMs = 60 * 60_000;

/**
 * A verdict in which one kind of evidence convicts no change: it may propose one. It takes a second kind, or a single change, a measured step
 * and nothing that contradicts. The probability that a change loses goes to the causes that are not a change.
 */
export const capKinds = (verdict: Verdict): Verdict => {
  const [first, ...others] = verdict.ranked;
  if (first === undefined || first.p <= unsure.from) return verdict;
  if (hasTwoKinds(first, verdict) || isMeasuredAlone(first, verdict)) return verdict;
  const p = drawn(first.p);
  return { ...verdict, ranked: [{ ...first, p }, ...others], noSuspect: verdict.noSuspect + first.p - p };
};

/** Whether its time and its content speak for a change, or one finding that is surer, and no cause from outside was found. */
const hasTwoKinds = (first: Judged, { against, flips, onset }: Verdict): boolean => {
  const { evidence, candidate, live } = first;
  const isElsewhere = against.some(({ place, weight }) => place === true && weight >= least);
  const sum = (is: (one: Evidence) => boolean): number =>
    evidence.reduce((all, one) => all + (is(one) ? Math.max(0, one.weight) : 0), 0);
  const able = sum(({ words }) => words === "able");
  const about = able + sum(({ words }) => words === "about");
  const causes = against.slice(flips.length).reduce((all, { weight }) => all + weight, 0);
  // A change that can cause the same errors is not cleared by them.
  if (causes - able >= needed.cause) return false;
  const sure = sum(
    ({ timing, words, place }) => timing === undefined && words === undefined && place !== true,
  );
  const log = sum(({ words }) => words === "log");
  if (sure >= needed.sure || log >= needed.log) return true;
  if (isUnsaid(first, onset)) return false;
  const isSoon = live !== undefined && onset.at - live.at < soonMs;
  // Where no deploy is on record, its time says nothing against a change.
  const isNear = isSoon || live?.by === "landing";
  const isTimed = sum(({ timing }) => timing !== undefined) >= needed.time;
  const place = isElsewhere ? 0 : sum((one) => one.place === true);
  const isSaid = place >= least || about >= needed.about;
  const isMentioned = (candidate?.mentions.length ?? 0) > 0;
  return (isNear && isMentioned) || (isSoon && isTimed && isSaid);
};

/** New log lines that hardly say what it changes leave a change unconvicted, whatever the alert and the names of metrics share with it. */
const isUnsaid = ({ evidence }: Judged, { patterns }: Verdict["onset"]): boolean =>
  patterns.length > 0 && !evidence.some(({ named }) => named === true);

const isMeasuredAlone = (first: Judged, { ranked, against, onset }: Verdict): boolean =>
  first.evidence.some(({ timing, weight }) => timing === "step" && weight > 0) &&
  !isContradicted(first, ranked) &&
  !isUnsaid(first, onset) &&
  against.every(({ weight }) => weight < least) &&
  !ranked.some((other) => other !== first && other.p >= first.p * rival && isTogether(first, other));

const isTogether = ({ live: a }: Judged, { live: b }: Judged): boolean =>
  a !== undefined && b !== undefined && Math.abs(a.at - b.at) <= slackMs;
