import type { Commit } from "../../ports/history.ts";
import { type Candidate, readCandidate } from "./candidate.ts";
import { markIrrelevant, placeInTime } from "./order.ts";
import { readSymptom, type Symptom } from "./symptom.ts";

/** The commits that were live and new when the trouble began, newest first, and what the alert says. */
export type Window = {
  candidates: Candidate[];
  symptom: Symptom;
  servicePaths: string[];
  /** The weight of each word of the symptom, by its index: words that are rare among the candidates weigh more. */
  rarity: Float64Array;
  gramRarity: Float64Array;
  patchGramRarity: Float64Array;
};

/** A word said by this many candidates tells little; fixed, so that one more commit that does not say it changes nothing. */
const pseudoCount = 50;

const hour = 3_600_000;
/**
 * Commits that a short window does not show, at the pace of a usual history. Without them the only commit
 * of a quiet week would look certain.
 */
const unseen = [2, 12, 24, 36, 48, 72, 96, 120, 144, 168, 192, 240].map((hours) => ({
  commit: { sha: "", parents: [], title: "", message: "", author: "", at: 0, url: "", paths: [""] },
  age: hours * hour,
}));
/** Whether a candidate is there only for what the window does not show. */
export const isUnseen = ({ commit }: Candidate): boolean => commit.sha === "";

export const openWindow = (given: {
  commits: { commit: Commit; age: number }[];
  symptom: string;
  servicePaths: string[];
  ignored?: string;
  signals?: string;
}): Window => {
  const symptom = readSymptom(given.symptom, given.ignored, given.signals);
  const real = given.commits.map(({ commit, age }) => readCandidate(commit, { age, symptom }));
  if (symptom.words.size > 0) markIrrelevant(real, given.servicePaths);
  const relevant = real.filter(({ irrelevant }) => !irrelevant).length;
  const rest = unseen.slice(relevant).map(({ commit, age }) => readCandidate(commit, { age, symptom }));
  const candidates = [...real, ...rest].sort(
    (a, b) => a.age - b.age || b.commit.at - a.commit.at || (a.commit.sha < b.commit.sha ? -1 : 1),
  );
  placeInTime(candidates);
  return {
    candidates,
    symptom,
    servicePaths: given.servicePaths,
    rarity: rarity(
      symptom.words.size,
      candidates.map(({ mentions: hits }) => hits),
    ),
    gramRarity: rarity(
      symptom.grams.size,
      candidates.map(({ grams }) => grams),
    ),
    patchGramRarity: rarity(
      symptom.grams.size,
      candidates.map(({ patchGrams }) => patchGrams),
    ),
  };
};

const rarity = (size: number, hits: number[][]): Float64Array => {
  const count = new Float64Array(size);
  for (const indexes of hits) for (const index of indexes) count[index] = (count[index] ?? 0) + 1;
  return count.map((n) => (n === 0 ? 0 : Math.log(1 + pseudoCount / n)));
};
