import type { Live } from "../in-production/live.ts";
import type { Evidence } from "../model.ts";
import type { Candidate } from "../ranking/candidate.ts";
import { isUnseen, type Window } from "../ranking/window.ts";

/** A deploy of fewer changes is left to the learned weights, which were fitted on windows of that size. */
const minChanges = 20;
/** The probability that the culprit contains a word of the alert. Set by judgement. */
const saysWord = 0.3;
/** Words of one text come together, so two of them count as about one. */
const damping = 0.5;
/** Log-odds that the learned weights give already. */
const learned = 3;
const most = 4.5;

/**
 * Finds the words of the alert that few changes of a large deploy say. Each tells the more, the more changes came together and do not say
 * it: ln(P(guilty says it) / share of the deploy's changes that do).
 */
export const deployWords = (window: Window, live: Map<string, Live>): Map<string, Evidence> => {
  const brought = window.candidates.filter(
    (candidate) => !isUnseen(candidate) && live.get(candidate.commit.sha)?.by === "deploy",
  );
  const byDeploy = Map.groupBy(brought, ({ commit }) => live.get(commit.sha)?.deploy?.sha);
  return new Map(
    [...byDeploy.values()]
      .filter((together) => together.length >= minChanges)
      .flatMap((together) => evidenceWithin(together, window.symptom.written)),
  );
};

const evidenceWithin = (together: Candidate[], words: string[]): [string, Evidence][] => {
  const count = new Map<number, number>();
  for (const { mentions } of together)
    for (const word of mentions) count.set(word, (count.get(word) ?? 0) + 1);
  const ratioOf = (word: number): number =>
    Math.log(saysWord / (((count.get(word) ?? 1) - 0.5) / together.length));
  return together.flatMap(({ commit, mentions }): [string, Evidence][] => {
    const rare = mentions.filter((word) => ratioOf(word) > 1);
    const sum = rare.reduce((total, word) => total + ratioOf(word), 0);
    const weight = Math.min(most, sum * damping - learned);
    if (weight <= 0) return [];
    const quoted = rare.slice(0, 3).map((word) => `“${words[word] ?? ""}”`);
    const reason = `few of the ${together.length} changes of its deploy say ${quoted.join(", ")}, as the alert does`;
    return [[commit.sha, { weight, reason }]];
  });
};
