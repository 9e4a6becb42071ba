import type { ListedChange } from "../../git/model.ts";
import type { Commit } from "../../ports/history.ts";
import { readSymptom } from "../ranking/symptom.ts";
import { eachWord } from "../ranking/tokens.ts";

/** Characters of a change's message that the first look reads. */
const maxMessage = 4_000;

/**
 * Chooses the changes whose files are read, at most `most`: those that say the rarest words of the alert, then the newest. `mentioned`
 * are commits that touch a file which the alert names.
 */
export const firstLook = (
  changes: Commit[],
  { symptom, most, mentioned = new Set() }: { symptom: string; most: number; mentioned?: Set<string> },
): Set<string> => {
  if (changes.length <= most) return new Set(changes.map(({ sha }) => sha));
  const { words } = readSymptom(symptom);
  const hits = changes.map((change) => ({ change, said: wordsIn(change, words) }));
  const count = new Float64Array(words.size);
  for (const { said } of hits) for (const index of said) count[index] = (count[index] ?? 0) + 1;
  const telling = hits
    .map(({ change, said }) => ({
      sha: change.sha,
      score:
        [...said].reduce((sum, index) => sum + 1 / (count[index] ?? 1), 0) +
        Number([change.sha, ...(change.commits ?? [])].some((sha) => mentioned.has(sha))),
    }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, Math.ceil(most / 2))
    .map(({ sha }) => sha);
  return new Set([...telling, ...changes.map(({ sha }) => sha)].slice(0, most));
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

/** Files whose path carries a word of the alert that few others carry, the most telling first. */
export const namedFiles = (files: ListedChange[], symptom: string): string[] => {
  const { words } = readSymptom(symptom);
  const hits = files.map(({ path }) => ({ path, said: wordsOf(path, words) }));
  const count = new Float64Array(words.size);
  for (const { said } of hits) for (const index of said) count[index] = (count[index] ?? 0) + 1;
  return hits
    .map(({ path, said }) => ({
      path,
      score: [...said].filter((index) => (count[index] ?? 0) <= maxFilesOfWord).length,
    }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ path }) => path);
};
