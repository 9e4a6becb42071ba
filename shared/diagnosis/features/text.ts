import { type Candidate, type Field, fields } from "../ranking/candidate.ts";
import type { Window } from "../ranking/window.ts";
import { type Feature, newerThan, perWindow } from "./feature.ts";
import { similarity } from "./similarity.ts";

const sum = (indexes: number[], rarity: Float64Array): number => {
  let total = 0;
  for (const index of indexes) total += rarity[index] ?? 0;
  return total;
};
const all = perWindow(({ rarity }) => rarity.reduce((a, b) => a + b, 0));
const allGrams = perWindow(({ gramRarity }) => gramRarity.reduce((a, b) => a + b, 0));

/** Everything that speaks for a candidate in words, fields weighed by how carefully people word them. */
const fieldWeight: Record<Field, number> = { title: 1, body: 0.6, paths: 0.8, names: 0.4, patch: 0.5 };
export const overlap = ({ hits }: Candidate, { rarity }: Window): number => {
  let total = 0;
  for (const field of fields) total += fieldWeight[field] * sum(hits[field], rarity);
  return total;
};
const overlaps = perWindow((window) => window.candidates.map((candidate) => overlap(candidate, window)));
const best = perWindow((window) => overlaps(window).reduce((a, b) => Math.max(a, b), 0));
const descending = perWindow((window) => Float64Array.from(overlaps(window)).sort().reverse());

const logOverlap: Feature = ({ rank }, window) => Math.log1p(overlaps(window)[rank] ?? 0);
const shareOfBest: Feature = ({ rank }, window) =>
  best(window) === 0 ? 0 : (overlaps(window)[rank] ?? 0) / best(window);
const saidShare: Feature = ({ mentions }, window) =>
  all(window) === 0 ? 0 : sum(mentions, window.rarity) / all(window);
const inField =
  (field: Field): Feature =>
  ({ hits }, { rarity }) =>
    Math.log1p(sum(hits[field], rarity));
const shareIn =
  (field: Field): Feature =>
  ({ hits }, window) =>
    all(window) === 0 ? 0 : sum(hits[field], window.rarity) / all(window);
const rarest: Feature = ({ mentions }, { rarity }) =>
  mentions.reduce((top, index) => Math.max(top, rarity[index] ?? 0), 0);
/** Words of the alert that no other candidate says. */
const alone: Feature = ({ mentions }, { rarity }) =>
  Math.log1p(mentions.filter((index) => (rarity[index] ?? 0) > Math.log(1 + 50 / 1.5)).length);
/** The number of candidates that share more of the alert's words. */
const textRank: Feature = ({ rank }, window) => {
  const own = overlaps(window)[rank] ?? 0;
  const sorted = descending(window);
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) > own) low = middle + 1;
    else high = middle;
  }
  return Math.log1p(low);
};
const mostTold: Feature = (candidate, window) =>
  best(window) > 0 && textRank(candidate, window) === 0 ? 1 : 0;
/** Newer candidates that say at least as much: none of them makes this the first to look at. */
const outdone: Feature = ({ rank, newer, age }, window) => {
  const scores = overlaps(window);
  const own = scores[rank] ?? 0;
  if (own === 0) return Math.log1p(newer);
  const rivals = newerThan(window, { rank, age });
  return Math.log1p(rivals.filter((index) => (scores[index] ?? 0) >= own).length);
};
const saysNothing: Feature = ({ mentions }, window) => (best(window) > 0 && mentions.length === 0 ? 1 : 0);
const gramShare: Feature = ({ grams }, window) =>
  allGrams(window) === 0 ? 0 : sum(grams, window.gramRarity) / allGrams(window);
const gramBest = perWindow((window) =>
  window.candidates.reduce((top, { grams }) => Math.max(top, sum(grams, window.gramRarity)), 0),
);
const gramOfBest: Feature = ({ grams }, window) =>
  gramBest(window) === 0 ? 0 : sum(grams, window.gramRarity) / gramBest(window);

const patchGramBest = perWindow((window) =>
  window.candidates.reduce(
    (top, { patchGrams }) => Math.max(top, sum(patchGrams, window.patchGramRarity)),
    0,
  ),
);
const patchGramOfBest: Feature = ({ patchGrams }, window) =>
  patchGramBest(window) === 0 ? 0 : sum(patchGrams, window.patchGramRarity) / patchGramBest(window);
const sharePlaces: Feature = ({ mentions }) => Math.log1p(mentions.length);

export const text = {
  ...similarity,
  patchGramOfBest,
  sharePlaces,
  logOverlap,
  shareOfBest,
  saidShare,
  inTitle: inField("title"),
  inBody: inField("body"),
  inPaths: inField("paths"),
  inNames: inField("names"),
  inPatch: inField("patch"),
  titleShare: shareIn("title"),
  bodyShare: shareIn("body"),
  pathsShare: shareIn("paths"),
  patchShare: shareIn("patch"),
  rarest,
  alone,
  textRank,
  mostTold,
  outdone,
  saysNothing,
  gramShare,
  gramOfBest,
} satisfies Record<string, Feature>;
