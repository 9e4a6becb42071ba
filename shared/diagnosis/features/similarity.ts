import { type Feature, newerThan, perWindow } from "./feature.ts";

const meanLength = perWindow(({ candidates }) => {
  const relevant = candidates.filter(({ irrelevant }) => !irrelevant);
  return Math.max(
    1,
    relevant.reduce((total, { length }) => total + length, 0) / Math.max(1, relevant.length),
  );
});
/** Robertson's BM25 with k1 = 1.2 and b = 0.75. */
const bm25s = perWindow((window) =>
  window.candidates.map(({ counts, length }) => {
    let total = 0;
    const norm = 1.2 * (0.25 + (0.75 * length) / meanLength(window));
    for (const [index, n] of counts) total += ((window.rarity[index] ?? 0) * n * 2.2) / (n + norm);
    return total;
  }),
);
const bestBm25 = perWindow((window) => bm25s(window).reduce((a, b) => Math.max(a, b), 0));
const bm25: Feature = ({ rank }, window) => Math.log1p(bm25s(window)[rank] ?? 0);
const bm25OfBest: Feature = ({ rank }, window) =>
  bestBm25(window) === 0 ? 0 : (bm25s(window)[rank] ?? 0) / bestBm25(window);
/** The length of each candidate as a vector of its words' rarities among those that are relevant. */
const norms = perWindow(({ candidates }) => {
  const count = new Map<string, number>();
  for (const { vocabulary, irrelevant } of candidates)
    if (!irrelevant) for (const word of vocabulary) count.set(word, (count.get(word) ?? 0) + 1);
  return candidates.map(({ vocabulary }) => {
    let total = 0;
    for (const word of vocabulary) total += Math.log(1 + 50 / (count.get(word) ?? 1)) ** 2;
    return Math.sqrt(total) || 1;
  });
});
const cosines = perWindow((window) =>
  window.candidates.map(({ hits, rank }) => {
    const indexes = new Set([...hits.title, ...hits.body, ...hits.paths]);
    let total = 0;
    for (const index of indexes) total += (window.rarity[index] ?? 0) ** 2;
    return total / (norms(window)[rank] ?? 0);
  }),
);
const bestCosine = perWindow((window) => cosines(window).reduce((a, b) => Math.max(a, b), 0));
const cosine: Feature = ({ rank }, window) => Math.log1p(cosines(window)[rank] ?? 0);
const cosineOfBest: Feature = ({ rank }, window) =>
  bestCosine(window) === 0 ? 0 : (cosines(window)[rank] ?? 0) / bestCosine(window);
const phraseCounts = perWindow(({ candidates }) => {
  const count = new Map<number, number>();
  for (const { phrases } of candidates)
    for (const phrase of phrases) count.set(phrase, (count.get(phrase) ?? 0) + 1);
  return count;
});
const phrases: Feature = ({ phrases }, window) =>
  Math.log1p(
    phrases.reduce((total, phrase) => total + Math.log(1 + 50 / (phraseCounts(window).get(phrase) ?? 1)), 0),
  );
const bm25Rank: Feature = ({ rank }, window) => {
  const scores = bm25s(window);
  const own = scores[rank] ?? 0;
  let count = 0;
  for (const score of scores) if (score > own) count++;
  return Math.log1p(count);
};
const bm25Outdone: Feature = ({ rank, newer, age }, window) => {
  const scores = bm25s(window);
  const own = scores[rank] ?? 0;
  if (own === 0) return Math.log1p(newer);
  const rivals = newerThan(window, { rank, age });
  return Math.log1p(rivals.filter((index) => (scores[index] ?? 0) > own * 0.7).length);
};

/** Text similarity of the alert and a commit: BM25, the cosine of their words, and the phrases they share. */
export const similarity = {
  cosine,
  cosineOfBest,
  phrases,
  bm25Rank,
  bm25Outdone,
  bm25,
  bm25OfBest,
} satisfies Record<string, Feature>;
