import { revertedIds } from "../../remedy/revert/revert-messages.ts";
import type { Candidate } from "../ranking/candidate.ts";
import { isUnseen, type Window } from "../ranking/window.ts";
import { type Feature, perWindow } from "./feature.ts";
import { text } from "./text.ts";

const revertTitle = /^(?:\[[^\]]*\]\s*)?revert[:\s]+["“']?(.*?)["”']?(?:\s*\(#?\d+\))?$/i;
const relandTitle = /^\W*(re-?land|re-?apply|reintroduce|revert\W+revert)/i;

/** Titles and shas that later candidates took back. */
const takenBack = perWindow(({ candidates }) => {
  const back = new Map<string, number>();
  for (const { commit, rank } of candidates) {
    const title = revertTitle.exec(commit.title)?.[1]?.toLowerCase();
    if (title !== undefined && title.length > 5 && !relandTitle.test(commit.title)) back.set(title, rank);
    for (const id of revertedIds(commit.message)) back.set(id.slice(0, 7), rank);
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
export const touched = perWindow(({ candidates }) => {
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
      if (newer ? other < rank && (window.candidates[other]?.age ?? age) < age : other > rank)
        found.add(other);
  return found;
};
/** Newer commits on the same files: people already repairing, or a fix that came too late. */
const touchedAgain: Feature = (candidate, window) => Math.log1p(neighbours(candidate, window, true).size);
const fixedAgain: Feature = (candidate, window) =>
  [...neighbours(candidate, window, true)].some((rank) =>
    /\bfix|typo|follow.?up|hotfix/i.test(window.candidates[rank]?.commit.title ?? ""),
  )
    ? 1
    : 0;
/** Whether `is` holds for any newer, or older, commit on the same files. */
const anyNeighbour = (
  candidate: Candidate,
  window: Window,
  { newer, is }: { newer: boolean; is: (other: Candidate) => boolean },
): boolean =>
  [...neighbours(candidate, window, newer)].some((rank) => {
    const other = window.candidates[rank];
    return other !== undefined && !other.irrelevant && is(other);
  });
const takesBack = /^revert|rollback|roll back|temp|back out|undo|disable/i;
const triesAgain = /attempt|try|take \d|again|debug|really|another|more/i;
/** A newer commit on the same files is already taking something back, or trying once more. */
const takenBackNearby: Feature = (candidate, window) =>
  anyNeighbour(candidate, window, { newer: true, is: ({ commit }) => takesBack.test(commit.title) }) ? 1 : 0;
const triedAgain: Feature = (candidate, window) =>
  anyNeighbour(candidate, window, { newer: true, is: ({ commit }) => triesAgain.test(commit.title) }) ? 1 : 0;
/** A commit on the same files says what the alert says: its text counts for this one too. */
const mostSaid = (candidate: Candidate, window: Window, newer: boolean): number => {
  let most = 0;
  for (const rank of neighbours(candidate, window, newer)) {
    const other = window.candidates[rank];
    if (other !== undefined) most = Math.max(most, text.bm25OfBest(other, window));
  }
  return most;
};
const saidLater: Feature = (candidate, window) => mostSaid(candidate, window, true);
const saidEarlier: Feature = (candidate, window) => mostSaid(candidate, window, false);
const fixedAgainByText: Feature = (candidate, window) =>
  fixedAgain(candidate, window) * text.bm25OfBest(candidate, window);

/** The similarity of its title to those of newer and of older commits: one of several attempts. */
const alike = perWindow(({ candidates }) => {
  const titles = candidates.map(
    ({ title }) => new Set(title.split(/\W+/).filter((word) => word.length > shortest)),
  );
  const likeness = (a: Set<string>, b: Set<string>): number =>
    [...a].reduce((sum, word) => sum + (b.has(word) ? 1 : 0), 0) / Math.max(3, Math.min(a.size, b.size));
  return candidates.map((candidate, rank) => {
    const most = { newer: 0, older: 0 };
    for (const other of candidates) {
      if (other === candidate || other.irrelevant || isUnseen(other)) continue;
      const side = other.age < candidate.age ? "newer" : "older";
      most[side] = Math.max(most[side], likeness(titles[rank] ?? noWords, titles[other.rank] ?? noWords));
    }
    return most;
  });
});
/** Titles are not alike by words of this many letters or fewer. */
const shortest = 3;
const noWords = new Set<string>();
const likeNewer: Feature = ({ rank }, window) => alike(window)[rank]?.newer ?? 0;
const likeOlder: Feature = ({ rank }, window) => alike(window)[rank]?.older ?? 0;

const touchedBefore: Feature = (candidate, window) => Math.log1p(neighbours(candidate, window, false).size);

export const history = {
  reverted,
  isRevert,
  isReland,
  touchedAgain,
  fixedAgain,
  touchedBefore,
  takenBackNearby,
  triedAgain,
  saidLater,
  saidEarlier,
  fixedAgainByText,
  likeNewer,
  likeOlder,
} satisfies Record<string, Feature>;
