import { type Candidate, type Field, fields, type Window } from "../window.ts";
import { type Feature, perWindow } from "./feature.ts";

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
const outdone: Feature = ({ rank, newer }, window) => {
  const scores = overlaps(window);
  let count = 0;
  for (let at = 0; at < Math.min(newer, 500); at++) if (scores[at]! >= scores[rank]!) count++;
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

const meanLength = perWindow(
  ({ candidates }) =>
    candidates.reduce((total, { length }) => total + length, 0) / Math.max(1, candidates.length),
);
/** Robertson's BM25 with k1 = 1.2 and b = 0.75. */
const bm25s = perWindow((window) =>
  window.candidates.map(({ counts, length }) => {
    let total = 0;
    const norm = 1.2 * (0.25 + (0.75 * length) / Math.max(1, meanLength(window)));
    for (const [place, n] of counts) total += (window.rarity[place]! * n * 2.2) / (n + norm);
    return total;
  }),
);
const bestBm25 = perWindow((window) => bm25s(window).reduce((a, b) => Math.max(a, b), 0));
const bm25: Feature = ({ rank }, window) => Math.log1p(bm25s(window)[rank]!);
const bm25OfBest: Feature = ({ rank }, window) =>
  bestBm25(window) === 0 ? 0 : bm25s(window)[rank]! / bestBm25(window);
const patchGramBest = perWindow((window) =>
  window.candidates.reduce(
    (top, { patchGrams }) => Math.max(top, sum(patchGrams, window.patchGramRarity)),
    0,
  ),
);
const patchGramOfBest: Feature = ({ patchGrams }, window) =>
  patchGramBest(window) === 0 ? 0 : sum(patchGrams, window.patchGramRarity) / patchGramBest(window);
const sharePlaces: Feature = ({ said }) => Math.log1p(said.length);

/** How many candidates say each word, and from it the length of each candidate as a vector of rarities. */
const norms = perWindow(({ candidates }) => {
  const count = new Map<string, number>();
  for (const { vocabulary } of candidates)
    for (const word of vocabulary) count.set(word, (count.get(word) ?? 0) + 1);
  return candidates.map(({ vocabulary }) => {
    let total = 0;
    for (const word of vocabulary) total += Math.log(1 + 50 / count.get(word)!) ** 2;
    return Math.sqrt(total) || 1;
  });
});
const cosines = perWindow((window) =>
  window.candidates.map(({ hits, rank }) => {
    const places = new Set([...hits.title, ...hits.body, ...hits.paths]);
    let total = 0;
    for (const place of places) total += window.rarity[place]! ** 2;
    return total / norms(window)[rank]!;
  }),
);
const bestCosine = perWindow((window) => cosines(window).reduce((a, b) => Math.max(a, b), 0));
const cosine: Feature = ({ rank }, window) => Math.log1p(cosines(window)[rank]!);
const cosineOfBest: Feature = ({ rank }, window) =>
  bestCosine(window) === 0 ? 0 : cosines(window)[rank]! / bestCosine(window);
const phraseCounts = perWindow(({ candidates }) => {
  const count = new Map<number, number>();
  for (const { phrases } of candidates)
    for (const phrase of phrases) count.set(phrase, (count.get(phrase) ?? 0) + 1);
  return count;
});
const phrases: Feature = ({ phrases }, window) =>
  Math.log1p(
    phrases.reduce((total, phrase) => total + Math.log(1 + 50 / phraseCounts(window).get(phrase)!), 0),
  );
const bm25Rank: Feature = ({ rank }, window) => {
  const scores = bm25s(window);
  const own = scores[rank]!;
  let count = 0;
  for (const score of scores) if (score > own) count++;
  return Math.log1p(count);
};
const bm25Outdone: Feature = ({ rank, newer }, window) => {
  const scores = bm25s(window);
  let count = 0;
  for (let at = 0; at < Math.min(newer, 500); at++) if (scores[at]! > scores[rank]! * 0.7) count++;
  return Math.log1p(count);
};

export const text = {
  cosine,
  cosineOfBest,
  phrases,
  bm25Rank,
  bm25Outdone,
  bm25,
  bm25OfBest,
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
