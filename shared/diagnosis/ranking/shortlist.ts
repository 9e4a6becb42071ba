import type { Commit } from "../../ports/history.ts";
import { readSymptom } from "./symptom.ts";
import { eachWord } from "./tokens.ts";

type Aged = { commit: Commit; age: number };
/** Candidates looked at in full: the newest, and those whose title and paths say most of what the alert says. */
export const kept = { newest: 60, telling: 40 };
/** The number of the newest commits whose words are read. */
const scanned = 2000;

/** All of them when they are few; else those worth a full look, chosen by age and words alone. */
export const shortlist = (commits: Aged[], symptom: string): Aged[] => {
  if (commits.length <= kept.newest + kept.telling) return commits;
  const byAge = commits.toSorted((a, b) => a.age - b.age || (a.commit.sha < b.commit.sha ? -1 : 1));
  const { words } = readSymptom(symptom);
  const hits = byAge
    .slice(kept.newest, scanned)
    .map((aged) => ({ aged, said: mentionsOf(aged.commit, words) }));
  const count = new Float64Array(words.size);
  for (const { said: mentionsOf } of hits)
    for (const index of mentionsOf) count[index] = (count[index] ?? 0) + 1;
  const mentioning = hits
    .map(({ aged, said: mentionsOf }) => ({
      aged,
      score: [...mentionsOf].reduce((sum, index) => sum + 1 / (count[index] ?? 1), 0),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.aged.age - b.aged.age)
    .slice(0, kept.telling)
    .map(({ aged }) => aged);
  return [...new Set([...byAge.slice(0, kept.newest), ...readInFull(byAge), ...mentioning])];
};

/** Commits whose patches are known only because the alert or the log names them. */
const readInFull = (commits: Aged[]): Aged[] => {
  const read = commits.filter(({ commit }) => commit.patch !== undefined);
  return read.length <= kept.telling ? read : [];
};

const mentionsOf = ({ title, paths }: Commit, words: Map<string, number>): Set<number> => {
  const found = new Set<number>();
  if (words.size === 0) return found;
  eachWord(`${title.slice(0, 120)}\n${paths.slice(0, 3).join("\n").slice(0, 240)}`, (word) => {
    const index = words.get(word);
    if (index !== undefined) found.add(index);
  });
  return found;
};
