import { clock, span } from "../../text/format.ts";
import { allDeploys } from "../candidates/case-rollouts.ts";
import type { Live } from "../in-production/live.ts";
import type { Case, Evidence } from "../model.ts";
import type { Onset } from "../onset/onset.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Clocks and scrapes differ by this much: a shorter gap says no more. */
const clockMs = 2 * minute;
/** The longest delay between a deploy and its trouble. */
const horizonMs = 7 * day;
/** Deploys a day that are assumed before any is on record; they count as much as one day of records. */
const assumedPerDay = 1;
/** Deploys this close in the time of day tell how often it is deployed at such hours. */
const sameHourMs = 2.5 * hour;
/** The limits of an hour's deploy rate, relative to the average. */
const hourFactor = { least: 1 / 3, most: 3 };

/**
 * Density per ms of the delay between a guilty deploy and its trouble: the Omori–Utsu law with exponent 1, normalised over the horizon.
 * A delay of minutes is about as likely as one of hours or of days.
 */
export const delayDensity = (gapMs: number): number =>
  1 / ((clockMs + Math.max(0, gapMs)) * Math.log((horizonMs + clockMs) / clockMs));

/** Deploys per ms about the time of day of `at`, by the `others` on record before it. */
export const deployRate = (others: number[], at: number): number => {
  const first = others.reduce((least, time) => Math.min(least, time), at);
  const perMs = (others.length + assumedPerDay) / (at - first + day);
  const expected = (others.length * 2 * sameHourMs) / day;
  const near = others.filter((time) => apartInDay(time, at) <= sameHourMs).length;
  const factor = (near + 2) / (expected + 2);
  return perMs * Math.min(hourFactor.most, Math.max(hourFactor.least, factor));
};

const apartInDay = (a: number, b: number): number => {
  const apart = Math.abs(a - b) % day;
  return Math.min(apart, day - apart);
};

/** Attempts at one deploy come within this time. */
const attemptsMs = hour;

type Moment = { liveAt: number; onsetAt: number; others: number[] };
/**
 * Likelihood ratio of a deploy at `liveAt` as the cause of trouble at `onsetAt`, against trouble that came by itself, per unit of prior
 * odds: φ(gap) / λ, as in stochastic declustering (Zhuang, Ogata and Vere-Jones, JASA 97, 2002). `others` are the other deploys.
 */
export const likelihoodRatio = ({ liveAt, onsetAt, others }: Moment): number =>
  delayDensity(onsetAt - liveAt) / deployRate(others, onsetAt);

/**
 * The learned weights already prefer the newest change, as `usual` log-odds of this ratio are worth. `slope` was chosen on the made
 * incidents of test/diagnosis: an innocent deploy beside the onset of a service that deploys several times a day stays below the bar.
 */
const excess = { usual: 3.6, slope: 2.5, most: 3.5, elsewhere: 1.5 };

/** Log-odds that the moment of a deploy adds to what it brought. */
export const momentWeight = (moment: Moment): number =>
  Math.min(excess.most, Math.max(0, excess.slope * (Math.log(likelihoodRatio(moment)) - excess.usual)));

/** Finds what the moment of the deploy that brought a change says. A deploy of another service says less. */
export const deployMoments = (
  given: Case,
  onset: Onset,
  isBlamed: (service: string) => boolean,
): ((live: Live) => Evidence[]) => {
  const done = deploysBefore(given, onset.at);
  return (live) => {
    const isLater = live.reportedAt === undefined && live.at > onset.at + clockMs;
    if (live.by !== "deploy" || isLater) return [];
    const service = live.service ?? given.service;
    const others = othersOf(done.get(service) ?? [], live);
    const own = given.service === "" || isBlamed(service);
    // A report after the onset is weighed by its distance, as one before it is.
    const liveAt = onset.at - Math.abs(onset.at - (live.reportedAt ?? live.at));
    const raw = momentWeight({ liveAt, onsetAt: onset.at, others });
    const weight = Math.max(0, own ? raw : raw - excess.elsewhere);
    return weight === 0 ? [] : [evidenceOf({ live, onset, others, weight })];
  };
};

type Found = { live: Live; onset: Onset; others: number[]; weight: number };
const evidenceOf = ({ live, onset, others, weight }: Found): Evidence => {
  const { reportedAt } = live;
  const when =
    reportedAt === undefined
      ? `${span(Math.max(0, onset.at - live.at))} before`
      : `reported ${span(Math.max(0, reportedAt - onset.at))} after`;
  const what = onset.isMeasured ? `trouble (${clock(onset.at)})` : "alert";
  const reason =
    others.length === 0
      ? `came with the first deploy on record, ${when} the ${what}`
      : `the ${others.length + 1} deploys on record are ${span(Math.round(1 / deployRate(others, onset.at)))} apart at this time of day, so one ${when} the ${what} is rarely chance`;
  return {
    weight,
    timing: "moment",
    reason,
    ...(onset.isMeasured ? { measured: true } : {}),
  };
};

type Deploys = Case["deploys"];

const deploysBefore = (given: Case, onsetAt: number): Map<string, Deploys> => {
  return Map.groupBy(
    allDeploys(given).filter(({ at }) => at <= onsetAt),
    ({ service }) => service,
  );
};

/** The times of the other deploys. An attempt of the same commit that failed just before belongs to this one. */
export const othersOf = (deploys: Deploys, { at, deploy }: Live): number[] => [
  ...new Set(
    deploys
      .filter((one) => one.at !== at && (one.sha !== deploy?.sha || Math.abs(one.at - at) > attemptsMs))
      .map((one) => one.at),
  ),
];
