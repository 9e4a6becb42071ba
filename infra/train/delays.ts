import { likelihoodRatio } from "../../shared/diagnosis/evidence/deploy-moment.ts";
import type { Case } from "../../shared/diagnosis/model.ts";
import { readCases } from "./read-cases.ts";

const minute = 60_000;
/** The offset of φ, as the diagnosis has it. */
const clockMs = 2 * minute;
/** Moments of a history at which nothing was reverted, to compare with. */
const quietMoments = 5;

/** The times of the landings before a revert, the oldest first, and that of the culprit. */
export type Past = { kind: string; landings: number[]; culprit: number; at: number };

/** Reads the pasts of cases; of the service's own paths where they are known. */
export const readPasts = async (files: string[]): Promise<Past[]> => {
  const pasts: Past[] = [];
  for (const file of files)
    for await (const line of readCases(file))
      if ("read" in line) pasts.push(...pastOf(line.read.given, line.raw));
  return pasts;
};

const pastOf = (
  { commits, servicePaths = [], onsetAt }: Case,
  { culprit, kind }: Record<string, unknown>,
): Past[] => {
  const own = commits.filter(
    ({ paths }) =>
      servicePaths.length === 0 || paths.some((path) => servicePaths.some((start) => path.startsWith(start))),
  );
  const found = own.find(({ sha }) => sha === culprit);
  const landings = own.map(({ at }) => at).toSorted((a, b) => a - b);
  const known = { kind: servicePaths.length > 0 ? "gitops" : String(kind), landings, at: onsetAt };
  return found === undefined ? [] : [{ ...known, culprit: found.at }];
};

/** ln P(the culprit is the one that it is) where each landing is as likely as (gap + offset) to the power of −exponent. */
const fit = (pasts: Past[], exponent: number): number =>
  pasts.reduce((sum, { landings, culprit, at }) => {
    const log = (time: number): number => -exponent * Math.log(at - time + clockMs);
    const most = Math.max(...landings.map(log));
    const all = landings.reduce((total, time) => total + Math.exp(log(time) - most), 0);
    return sum + log(culprit) - most - Math.log(all);
  }, 0);

/** The likeliest exponent of φ, in steps of .05. */
export const exponentOf = (pasts: Past[]): number =>
  Array.from({ length: 41 }, (_, step) => step / 20).reduce((best, exponent) =>
    fit(pasts, exponent) > fit(pasts, best) ? exponent : best,
  );

/** ln(φ/λ) of the latest landing before a moment. */
const ratioAt = (landings: number[], at: number): number[] => {
  const before = landings.filter((time) => time <= at);
  const liveAt = before.at(-1);
  const others = before.filter((time) => time !== liveAt);
  return liveAt === undefined ? [] : [Math.log(likelihoodRatio({ liveAt, onsetAt: at, others }))];
};

const quietAt = ({ landings }: Past): number[] => {
  const [first, last] = [landings[2], landings.at(-1)];
  if (landings.length < 5 || first === undefined || last === undefined) return [];
  return Array.from({ length: quietMoments }, (_, index) =>
    Math.round(first + ((last - first) * (index + 1)) / (quietMoments + 1)),
  );
};

/** The slope of a logistic regression that tells reverts from other moments of the same histories by ln(φ/λ): 1 where the ratio is right. */
export const slopeOf = (pasts: Past[]): number => {
  const guilty = pasts.flatMap(({ landings, at }) => ratioAt(landings, at));
  const quiet = pasts.flatMap((past) => quietAt(past).flatMap((at) => ratioAt(past.landings, at)));
  const samples = [
    ...guilty.map((x) => ({ x, y: 1, weight: 1 })),
    ...quiet.map((x) => ({ x, y: 0, weight: guilty.length / quiet.length })),
  ];
  let [base, slope] = [0, 0];
  for (let round = 0; round < 50; round++) {
    const sums = { g0: 0, g1: 0, h00: 0, h01: 0, h11: 0 };
    for (const { x, y, weight } of samples) {
      const p = 1 / (1 + Math.exp(-(base + slope * x)));
      const [error, curve] = [(y - p) * weight, p * (1 - p) * weight];
      sums.g0 += error;
      sums.g1 += error * x;
      sums.h00 += curve;
      sums.h01 += curve * x;
      sums.h11 += curve * x * x;
    }
    const determinant = sums.h00 * sums.h11 - sums.h01 ** 2;
    base += (sums.h11 * sums.g0 - sums.h01 * sums.g1) / determinant;
    slope += (sums.h00 * sums.g1 - sums.h01 * sums.g0) / determinant;
  }
  return slope;
};

/** The figures of the law of delays, as lines. */
export const delayFigures = (name: string, pasts: Past[]): string => {
  const [flat, one, exponent] = [fit(pasts, 0), fit(pasts, 1), exponentOf(pasts)];
  const gain = (value: number): string => ((value - flat) / pasts.length).toFixed(3);
  return [
    `${name}: ${pasts.length} reverts`,
    `  exponent ${exponent.toFixed(2)}: ${gain(fit(pasts, exponent))} nats a revert above chance; exponent 1: ${gain(one)}`,
    `  slope of ln(φ/λ) between reverts and other moments: ${slopeOf(pasts).toFixed(2)}`,
  ].join("\n");
};
