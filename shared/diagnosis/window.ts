import type { Commit } from "../ports.ts";
import { readSymptom, type Symptom } from "./symptom.ts";
import { eachWord } from "./tokens.ts";

export const fields = ["title", "body", "paths", "names", "patch"] as const;
export type Field = (typeof fields)[number];

/** One commit as features see it. Times are epoch ms, `age` ms before the onset. Hits are places in the symptom's words. */
export type Candidate = {
  commit: Commit;
  age: number;
  /** Its place in the window. */
  rank: number;
  /** Candidates that are newer: those of one deploy share a place in time. */
  newer: number;
  hits: Record<Field, number[]>;
  /** Hits of all fields, each once. */
  said: number[];
  /** How often it says each word of the symptom, by place, and how many words it says in all. */
  counts: Map<number, number>;
  length: number;
  /** Neighbouring words of the symptom that are neighbours here. */
  phrases: number[];
  /** The words of message and paths, each once. */
  vocabulary: Set<string>;
  grams: number[];
  patchGrams: number[];
  /** Message and paths, and with them the changed lines, lower-cased. */
  told: string;
  /** Message and paths without anything between words. */
  squashed: string;
  title: string;
  paths: string;
  full: string;
};

/** The commits that were live and new when the trouble began, newest first, and what the alert says. */
export type Window = {
  candidates: Candidate[];
  symptom: Symptom;
  servicePaths: string[];
  /** How much each word of the symptom tells, by its place: rare among the candidates tells much. */
  rarity: Float64Array;
  gramRarity: Float64Array;
  patchGramRarity: Float64Array;
};

const limits = { body: 1500, paths: 60, patch: 4000, grams: 800 };
/** A word said by this many candidates tells little; fixed, so that one more commit that does not say it changes nothing. */
const usual = 50;

const hour = 3_600_000;
/**
 * Commits that a short window does not show, at the pace of a usual history: whatever else may have changed. Without them the one
 * commit of a quiet week would look certain.
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
}): Window => {
  const symptom = readSymptom(given.symptom);
  const commits = [...given.commits, ...unseen.slice(given.commits.length)];
  const candidates = commits
    .toSorted((a, b) => a.age - b.age || b.commit.at - a.commit.at || (a.commit.sha < b.commit.sha ? -1 : 1))
    .map(({ commit, age }, rank) => candidate(commit, { age, rank, newer: 0, symptom }));
  for (const one of candidates) {
    const before = candidates[one.rank - 1];
    one.newer = before === undefined ? 0 : before.age === one.age ? before.newer : one.rank;
  }
  return {
    candidates,
    symptom,
    servicePaths: given.servicePaths,
    rarity: rarity(
      symptom.words.size,
      candidates.map(({ said }) => said),
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

const rarity = (size: number, said: number[][]): Float64Array => {
  const count = new Float64Array(size);
  for (const places of said) for (const place of places) count[place]! += 1;
  return count.map((n) => (n === 0 ? 0 : Math.log(1 + usual / n)));
};

const candidate = (
  commit: Commit,
  { age, rank, newer, symptom }: { age: number; rank: number; newer: number; symptom: Symptom },
): Candidate => {
  const body = commit.message
    .slice(commit.message.indexOf(commit.title) + commit.title.length)
    .slice(0, limits.body);
  const paths = commit.paths.slice(0, limits.paths);
  const patch = (commit.patch ?? "").slice(0, limits.patch);
  const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1)).join("\n");
  const texts: Record<Field, string> = { title: commit.title, body, paths: paths.join("\n"), names, patch };
  const counts = new Map<number, number>();
  const phrases = new Set<number>();
  const vocabulary = new Set<string>();
  let length = 0;
  const hits = Object.fromEntries(
    fields.map((field) => {
      const found = new Set<number>();
      let before = -1;
      eachWord(texts[field], (word) => {
        if (word === "") return;
        length++;
        if (field !== "patch") vocabulary.add(word);
        const place = symptom.words.get(word) ?? -1;
        if (before >= 0 && symptom.pairs.has(before * 1000 + place)) phrases.add(before * 1000 + place);
        before = place;
        if (place < 0) return;
        found.add(place);
        counts.set(place, (counts.get(place) ?? 0) + 1);
      });
      return [field, [...found]];
    }),
  ) as Record<Field, number[]>;
  const told = `${texts.title}\n${body}\n${texts.paths}`.toLowerCase();
  return {
    commit,
    age,
    rank,
    newer,
    hits,
    said: [...new Set(fields.flatMap((field) => hits[field]))],
    counts,
    length,
    phrases: [...phrases],
    vocabulary,
    patchGrams: gramHits(patch.slice(0, 2500).toLowerCase(), symptom.grams),
    grams: gramHits(
      `${texts.title}\n${texts.paths}\n${body}`.slice(0, limits.grams).toLowerCase(),
      symptom.grams,
    ),
    told,
    squashed: symptom.compounds.length === 0 ? "" : told.replace(/[^\p{L}\p{N}\n]+/gu, ""),
    title: texts.title.toLowerCase(),
    paths: texts.paths.toLowerCase(),
    full: patch === "" ? told : `${told}\n${patch.toLowerCase()}`,
  };
};

const gramHits = (text: string, vocabulary: Map<string, number>): number[] => {
  if (vocabulary.size === 0) return [];
  const found = new Set<number>();
  for (let at = 0; at + 4 <= text.length; at++) {
    const place = vocabulary.get(text.slice(at, at + 4));
    if (place !== undefined) found.add(place);
  }
  return [...found];
};
