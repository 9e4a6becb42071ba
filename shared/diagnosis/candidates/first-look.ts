import type { ListedChange } from "../../git/model.ts";
import type { Commit } from "../../ports/history.ts";
import { changedLines } from "../ranking/changed-lines.ts";
import { readSymptom } from "../ranking/symptom.ts";
import { eachWord } from "../ranking/tokens.ts";

/** Characters of a change's message that the first look reads. */
const maxMessage = 4_000;

/** The commits that touch a file which the alert or the errors name, file by file. */
export type Mentions = Set<string>[];

/**
 * Chooses the changes whose files are read, at most `most`: those of the files that are mentioned, those that say the rarest words of the
 * alert, then the newest.
 */
export const firstLook = (
  changes: Commit[],
  { symptom, most, mentions = [] }: { symptom: string; most: number; mentions?: Mentions },
): Set<string> => {
  if (changes.length <= most) return new Set(changes.map(({ sha }) => sha));
  const { words } = readSymptom(symptom);
  const hits = changes.map((change) => ({ change, said: wordsIn(change, words) }));
  const count = countOf(hits, words.size);
  const mentioned = mentionScores(changes, mentions);
  const telling = hits
    .map(({ change: { sha }, said }) => ({
      sha,
      score: [...said].reduce((sum, index) => sum + 1 / (count[index] ?? 1), 0) + (mentioned.get(sha) ?? 0),
    }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, Math.ceil(most / 2))
    .map(({ sha }) => sha);
  return new Set([...telling, ...changes.map(({ sha }) => sha)].slice(0, most));
};

/** A file of the alert counts more than all words that a change may say by chance, the less the more changes touch it. */
const mentionWeight = 10;
const mentionScores = (changes: Commit[], mentions: Mentions): Map<string, number> => {
  const scores = new Map<string, number>();
  for (const shas of mentions) {
    const touching = changes.filter(({ sha, commits = [] }) =>
      [sha, ...commits].some((one) => shas.has(one)),
    );
    for (const { sha } of touching) scores.set(sha, (scores.get(sha) ?? 0) + mentionWeight / touching.length);
  }
  return scores;
};

const countOf = (hits: { said: Set<number> }[], size: number): Float64Array => {
  const count = new Float64Array(size);
  for (const { said } of hits) for (const index of said) count[index] = (count[index] ?? 0) + 1;
  return count;
};

const wordsIn = ({ title, message, paths }: Commit, words: Map<string, number>): Set<number> =>
  wordsOf(`${title}\n${message.slice(0, maxMessage)}\n${paths.join("\n")}`, words);

const wordsOf = (text: string, words: Map<string, number>): Set<number> => {
  const found = new Set<number>();
  eachWord(text, (word) => {
    const index = words.get(word);
    if (index !== undefined) found.add(index);
  });
  return found;
};

/** A word of the alert that more files than this carry tells none of them apart. */
const maxFilesOfWord = 3;
/** A file that a stack trace runs through, and a name of the code in changed lines, tell more than a word in a path. */
const weights = { trace: 4, identifier: 2, word: 1 };
const maxPatch = 20_000;

/** Files that the alert or the errors name, the most telling first: by their path, by their place in a stack trace, by names in their changed lines. */
export const namedFiles = (files: ListedChange[], symptom: string): string[] => {
  const { words, identifiers } = readSymptom(symptom);
  const names = identifiers.filter((name) => name.length > 5);
  const hits = files.map(({ path, patch = "" }) => ({ path, said: wordsOf(path, words), lines: patch }));
  const count = countOf(hits, words.size);
  const lowered = hits.map(({ lines }) => changedLines(lines).slice(0, maxPatch).toLowerCase());
  const rare = names.filter((name) => {
    const holders = lowered.filter((lines) => lines.includes(name)).length;
    return holders > 0 && holders <= maxFilesOfWord;
  });
  return hits
    .map(({ path, said }, index) => ({
      path,
      score:
        weights.word * [...said].filter((word) => (count[word] ?? 0) <= maxFilesOfWord).length +
        weights.identifier * rare.filter((name) => lowered[index]?.includes(name)).length +
        (isInTrace(path, symptom) ? weights.trace : 0),
    }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ path }) => path);
};

/** A trace has the folder and the file; Java's has the file alone, as `(Cart.java:12)`. */
const isInTrace = (path: string, symptom: string): boolean => {
  const parts = path.split("/");
  return symptom.includes(parts.slice(-2).join("/")) || symptom.includes(`(${parts.at(-1)}:`);
};
