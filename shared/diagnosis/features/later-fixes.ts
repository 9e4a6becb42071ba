import type { Candidate } from "../ranking/candidate.ts";
import { isUnseen, type Window } from "../ranking/window.ts";
import { type Feature, perWindow } from "./feature.ts";
import { touched } from "./history.ts";
import { text } from "./text.ts";

const limits = { paths: 30, message: 1500 };
const fixTitle =
  /\b(fix(e[sd]|ing)?|hotfix|ignor\w*|avoid\w*|work.?around|handl\w*|prevent\w*|mitigat\w*|toler\w*|skip\w*|retr(y|ies)|silenc\w*|suppress\w*|unbreak\w*|restor\w*|repair\w*|correct\w*|resolv\w*|debug\w*|revert\w*|roll.?back|undo|follow.?up|typo|missing|stop|guard|recover\w*)\b/;
/** More of what ran short. */
const resourceIncrease =
  /\b(bump|increas\w*|rais\w*|more|double|extend\w*|longer)\b.*\b(memory|mem|cpu|timeouts?|limits?|disk|size|replicas?|workers?|quota)\b/;
const trouble =
  /\b(errors?|fail\w*|crash\w*|oom|time.?outs?|leaks?|panics?|broken|break\w*|missing|slow\w*|latency|exceptions?|segfault\w*|flak\w*|bugs?|outage|warnings?|noise|spam\w*|race|deadlock|hang\w*|stuck|unavailable|denied|invalid|wrong)\b/i;

/** The rank of a title: it reads as a fix, which comes after the culprit, or at least names trouble. */
const fixesByRank = perWindow(({ candidates }) =>
  candidates.map(({ title }) => fixTitle.test(title) || resourceIncrease.test(title)),
);
const mentionsTrouble = perWindow((window) =>
  window.candidates.map(({ title }, rank) => fixesByRank(window)[rank] || trouble.test(title)),
);

/** The number of the candidate's files that each newer (or older) commit also touches, for the commits for which `is` holds. */
const sharedFiles = (
  candidate: Candidate,
  window: Window,
  { newer, is }: { newer: boolean; is: (rank: number) => boolean },
): Map<Candidate, number> => {
  const counts = new Map<Candidate, number>();
  if (isUnseen(candidate)) return counts;
  for (const path of candidate.commit.paths.slice(0, limits.paths))
    for (const rank of touched(window).get(path) ?? []) {
      const other = window.candidates[rank];
      if (other === undefined) continue;
      if (newer ? other.age >= candidate.age : other.age <= candidate.age) continue;
      if (is(rank) && !other.irrelevant) counts.set(other, (counts.get(other) ?? 0) + 1);
    }
  return counts;
};

/**
 * The share of the alert's words in a newer fix that mostly touches this change's files: a fix often describes the fault of the change that
 * it mends.
 */
const mendedSaid: Feature = (candidate, window) => {
  const answers = mentionsTrouble(window);
  let most = 0;
  for (const [other, files] of sharedFiles(candidate, window, {
    newer: true,
    is: (rank) => answers[rank] === true,
  }))
    most = Math.max(
      most,
      (files / Math.min(limits.paths, other.commit.paths.length)) * text.bm25OfBest(other, window),
    );
  return most;
};

/** Answers trouble in files that an older change touched, which did not: the older one is the likelier cause. */
const mendsOlder: Feature = (candidate, window) => {
  const answers = fixesByRank(window);
  if (!answers[candidate.rank]) return 0;
  return sharedFiles(candidate, window, { newer: false, is: (rank) => !answers[rank] }).size > 0 ? 1 : 0;
};

/** Its message tells of trouble that was there before it. */
const tellsTrouble: Feature = ({ commit: { title, message } }) =>
  trouble.test(message.slice(title.length, title.length + limits.message)) ? 1 : 0;

export const laterFixes = { mendedSaid, mendsOlder, tellsTrouble } satisfies Record<string, Feature>;
