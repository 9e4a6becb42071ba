import type { Candidate } from "../candidate.ts";
import type { Window } from "../window.ts";
import { type Feature, perWindow } from "./feature.ts";

const revertTitle = /^(?:\[[^\]]*\]\s*)?revert[:\s]+["“']?(.*?)["”']?(?:\s*\(#?\d+\))?$/i;
const relandTitle = /^\W*(re-?land|re-?apply|reintroduce|revert\W+revert)/i;

/** Titles and shas that later candidates took back. */
const takenBack = perWindow(({ candidates }) => {
  const back = new Map<string, number>();
  for (const { commit, rank } of candidates) {
    const title = revertTitle.exec(commit.title)?.[1]?.toLowerCase();
    if (title !== undefined && title.length > 5 && !relandTitle.test(commit.title)) back.set(title, rank);
    for (const [, sha] of commit.message.matchAll(/reverts commit ([0-9a-f]{7,40})/gi))
      back.set(sha!.slice(0, 7), rank);
  }
  return back;
});
const bare = ({ commit }: Candidate): string => commit.title.replace(/\s*\(#?\d+\)$/, "").toLowerCase();
const reverted: Feature = (candidate, window) => {
  const by =
    takenBack(window).get(bare(candidate)) ?? takenBack(window).get(candidate.commit.sha.slice(0, 7));
  return by !== undefined && by < candidate.rank ? 1 : 0;
};
const isRevert: Feature = ({ commit }) =>
  revertTitle.test(commit.title) && !relandTitle.test(commit.title) ? 1 : 0;
const isReland: Feature = ({ commit }) => (relandTitle.test(commit.title) ? 1 : 0);

/** Files of each window, by the ranks that touch them. */
const touched = perWindow(({ candidates }) => {
  const by = new Map<string, number[]>();
  for (const { commit, rank } of candidates)
    for (const path of commit.paths.slice(0, 30)) {
      const ranks = by.get(path) ?? [];
      if (ranks.length < 100) ranks.push(rank);
      by.set(path, ranks);
    }
  return by;
});
const neighbours = ({ commit, age, rank }: Candidate, window: Window, newer: boolean): Set<number> => {
  const found = new Set<number>();
  for (const path of commit.paths.slice(0, 30))
    for (const other of touched(window).get(path) ?? [])
      if (newer ? other < rank && window.candidates[other]!.age < age : other > rank) found.add(other);
  return found;
};
/** Newer commits on the same files: people already repairing, or a fix that came too late. */
const touchedAgain: Feature = (candidate, window) => Math.log1p(neighbours(candidate, window, true).size);
const fixedAgain: Feature = (candidate, window) =>
  [...neighbours(candidate, window, true)].some((rank) =>
    /\bfix|typo|follow.?up|hotfix/i.test(window.candidates[rank]!.commit.title),
  )
    ? 1
    : 0;
const touchedBefore: Feature = (candidate, window) => Math.log1p(neighbours(candidate, window, false).size);

export const history = {
  reverted,
  isRevert,
  isReland,
  touchedAgain,
  fixedAgain,
  touchedBefore,
} satisfies Record<string, Feature>;
