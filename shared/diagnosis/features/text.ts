import { type Candidate, type Field, fields } from "../ranking/candidate.ts";
import type { Window } from "../ranking/window.ts";
import { type Feature, perWindow } from "./feature.ts";
import { likeness } from "./similarity.ts";

const sum = (places: number[], rarity: Float64Array): number => {
  let total = 0;
  for (const place of places) total += rarity[place]!;
  return total;
};
const all = perWindow(({ rarity }) => rarity.reduce((a, b) => a + b, 0));
const allGrams = perWindow(({ gramRarity }) => gramRarity.reduce((a, b) => a + b, 0));

/** Everything that speaks for a candidate in words, fields weighed by how carefully people word them. */
const worth: Record<Field, number> = { title: 1, body: 0.6, paths: 0.8, names: 0.4, patch: 0.5 };
export const overlap = ({ hits }: Candidate, { rarity }: Window): number => {
  let total = 0;
  for (const field of fields) total += worth[field] * sum(hits[field], rarity);
  return total;
};
const overlaps = perWindow((window) => window.candidates.map((candidate) => overlap(candidate, window)));
const best = perWindow((window) => overlaps(window).reduce((a, b) => Math.max(a, b), 0));
const descending = perWindow((window) => Float64Array.from(overlaps(window)).sort().reverse());

const logOverlap: Feature = ({ rank }, window) => Math.log1p(overlaps(window)[rank]!);
const shareOfBest: Feature = ({ rank }, window) =>
  best(window) === 0 ? 0 : overlaps(window)[rank]! / best(window);
const saidShare: Feature = ({ said }, window) =>
  all(window) === 0 ? 0 : sum(said, window.rarity) / all(window);
const inField =
  (field: Field): Feature =>
  ({ hits }, { rarity }) =>
    Math.log1p(sum(hits[field], rarity));
const shareIn =
  (field: Field): Feature =>
  ({ hits }, window) =>
    all(window) === 0 ? 0 : sum(hits[field], window.rarity) / all(window);
const rarest: Feature = ({ said }, { rarity }) =>
  said.reduce((top, place) => Math.max(top, rarity[place]!), 0);
/** Words of the alert that no other candidate says. */
const alone: Feature = ({ said }, { rarity }) =>
  Math.log1p(said.filter((place) => rarity[place]! > Math.log(1 + 50 / 1.5)).length);
/** How many candidates say more of what the alert says. */
const textRank: Feature = ({ rank }, window) => {
  const own = overlaps(window)[rank]!;
  const sorted = descending(window);
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > own) low = middle + 1;
    else high = middle;
  }
  return Math.log1p(low);
};
const mostTold: Feature = (candidate, window) =>
  best(window) > 0 && textRank(candidate, window) === 0 ? 1 : 0;
/** Newer candidates that say at least as much: none of them makes this the first to look at. */
const outdone: Feature = ({ rank, newer, age }, window) => {
  const scores = overlaps(window);
  let count = 0;
  if (scores[rank]! === 0) return Math.log1p(newer);
  for (let at = 0; at < Math.min(rank, 500) && window.candidates[at]!.age < age; at++)
    if (scores[at]! >= scores[rank]!) count++;
  return Math.log1p(count);
};
const saysNothing: Feature = ({ said }, window) => (best(window) > 0 && said.length === 0 ? 1 : 0);
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
const sharePlaces: Feature = ({ said }) => Math.log1p(said.length);

export const text = {
  ...likeness,
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
