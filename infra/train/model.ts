import { signNames, signsOf } from "../../shared/diagnosis/confidence.ts";
import { features, groups } from "../../shared/diagnosis/features/index.ts";
import { softmax } from "../../shared/diagnosis/score.ts";
import { inverseCurvature } from "./curvature.ts";
import { type Choice, dot, fitLogit } from "./logit.ts";
import type { Sample, Seen } from "./windows.ts";

const names = Object.keys(features);
/** How much a case counts by its kind: a revert worded as an incident is what the product meets. */
const counts: Record<string, number> = { incident: 1, weak: 0.8, other: 0.3, planned: 0.2, gitops: 0.5 };
const countOf = (kind: string): number => {
  const count = counts[kind];
  if (count === undefined) throw new Error(`no count for cases of kind ${kind}`);
  return count;
};
/** The share of a case's count that goes to the form without changed lines. */
const withoutPatch = 0.4;
export type Settings = { l2: number; freePrior: number; signL2: number };

/** The data that fits on parts of the samples share: the units of the features, and the curvature of the loss. */
export type Ground = { spread: number[]; shape: Float64Array[] };
export const groundOf = (samples: Sample[], { l2 }: Settings): Ground => {
  const spread = spreads(samples);
  const choices = choicesOf(samples, spread);
  const shape = inverseCurvature(choices, new Float64Array(names.length), l2);
  const near = fitLogit(choices, { size: names.length, l2, shape });
  return { spread, shape: inverseCurvature(choices, near, l2) };
};

/** The weights of the ranker, in the features' own units. */
export const fitFeatures = (samples: Sample[], { spread, shape }: Ground, { l2 }: Settings): Float64Array =>
  fitLogit(choicesOf(samples, spread), { size: names.length, l2, shape }).map(
    (weight, at) => weight / (spread[at] ?? 1),
  );

const choicesOf = (samples: Sample[], spread: number[]): Choice[] => {
  const scaled = ({ rows }: Seen): Float64Array[] =>
    rows.map((row) => row.map((value, at) => value / (spread[at] ?? 1)));
  return samples.flatMap(({ kind, full, bare }): Choice[] => [
    { rows: scaled(full), chosen: full.chosen, weight: countOf(kind) * (1 - withoutPatch) },
    { rows: scaled(bare), chosen: bare.chosen, weight: countOf(kind) * withoutPatch },
  ]);
};

/** The share of the L2 penalty that features of time get: they are few, and steady from repository to repository. */
const timeHeld = 0.2;

/** The spread of each feature around the mean of its window, over all windows. */
const spreads = (samples: Sample[]): number[] => {
  const squares = new Float64Array(names.length);
  let count = 0;
  for (const { full } of samples) {
    const mean = new Float64Array(names.length);
    for (const row of full.rows)
      row.forEach((value, at) => {
        mean[at] = (mean[at] ?? 0) + value / full.rows.length;
      });
    for (const row of full.rows)
      row.forEach((value, at) => {
        squares[at] = (squares[at] ?? 0) + (value - (mean[at] ?? 0)) ** 2;
      });
    count += full.rows.length;
  }
  return names.map(
    (name, at) =>
      (Math.sqrt((squares[at] ?? 0) / count) || 1) * Math.sqrt(name in groups.time ? timeHeld : 1),
  );
};

export const sharesOf = ({ rows }: Seen, weights: Float64Array): number[] =>
  softmax(rows.map((row) => dot(row, weights)));

export type Signed = { signs: Float64Array; present: boolean; weight: number };
/** The signs of a case's window with its culprit in it, and without it. */
export const signsOfSample = (
  { kind, full, free }: Sample,
  weights: Float64Array,
  { freePrior }: Settings,
): Signed[] =>
  kind === "gitops"
    ? []
    : [
        {
          signs: signsOf(full.window, sharesOf(full, weights)),
          present: true,
          weight: countOf(kind) * (1 - freePrior),
        },
        {
          signs: signsOf(free.window, sharesOf(free, weights)),
          present: false,
          weight: countOf(kind) * freePrior,
        },
      ];

/** The weights of the confidence: a logistic regression, which is a choice between a row and nothing. */
export const fitSigns = (signed: Signed[], { signL2 }: Settings): Float64Array => {
  const size = signNames.length;
  const nothing = new Float64Array(size);
  const choices = signed.map(({ signs, present, weight }) => ({
    rows: [signs, nothing],
    chosen: present ? 0 : 1,
    weight,
  }));
  return fitLogit(choices, { size, l2: signL2 });
};

export const named = (keys: string[], weights: Float64Array): Record<string, number> =>
  Object.fromEntries(keys.map((key, at) => [key, Number((weights[at] ?? 0).toPrecision(5))]));
export const featureNames = names;
