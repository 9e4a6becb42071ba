import type { Commit } from "../ports/history.ts";
import { confidence } from "./confidence.ts";
import { type Live, liveOf } from "./deployed.ts";
import { externalEvidence } from "./evidence/external.ts";
import { type Flipped, flagEvidence } from "./evidence/flags.ts";
import { evidenceOf, unexplained } from "./evidence/index.ts";
import { endedBefore } from "./evidence/recurrence.ts";
import { compareVersions, comparisonNotes } from "./evidence/version-comparison.ts";
import { type Case, type Evidence, isMeasured, type Origin } from "./model.ts";
import { findOnset, type Onset } from "./onset/onset.ts";
import type { Candidate } from "./ranking/candidate.ts";
import { fitted, type Weights } from "./ranking/weights.ts";
import { isUnseen, type Window } from "./ranking/window.ts";
import { logits, softmax } from "./score.ts";
import { selectCandidates } from "./select-candidates.ts";

/** One commit of a verdict. `candidate` is missing for one that was not looked at in full, `live` for one not live at the onset. */
export type Judged = {
  commit: Commit;
  p: number;
  live?: Live;
  candidate?: Candidate;
  /** Absent for a commit of the service's own repository. */
  origin?: Origin;
  evidence: Evidence[];
};
export type Verdict = {
  /** Every commit, the likeliest first. */
  ranked: Judged[];
  /** The probability that none of them did it. */
  none: number;
  against: Evidence[];
  /** Flags that were changed before; `p` is what each of them has of `none`. */
  flips: (Flipped & { p: number })[];
  onset: Onset;
  window: Window;
};

/**
 * What words and moments are worth where more is known. The learned weights come from accounts of people who knew the culprit; an
 * alert is terser, and the last deploy before it is a prior and no answer.
 */
const textWeightWithEvidence = 0.5;

/** How much less likely than the least of those looked at in full one is that was not. */
const notShortlistedOffset = -1;

/** Judges every commit of a case; the probabilities and `none` sum to 1. */
export const judge = (unsorted: Case, weights: Weights = fitted): Verdict => {
  const { origins, commits } = mergeCommits(unsorted);
  const given = { ...unsorted, commits };
  const onset = findOnset(given);
  const { window, live } = selectCandidates(given, onset, liveOf(unsorted));
  const scores = logits(window, weights.features);
  const weighed = isMeasured(given) ? scores.map((score) => score * textWeightWithEvidence) : scores;
  const shares = softmax(weighed);
  const sure = confidence(window, shares, weights.confidence);
  const comparisons = compareVersions(given, onset);
  const flips = flagEvidence(given, onset);
  const against: Evidence[] = [
    ...flips,
    ...externalEvidence(given, onset),
    ...endedBefore(given, onset),
    ...comparisonNotes(comparisons, live),
  ];
  const outside = evidenceOf(given, { onset, window, live, origins, comparisons });
  const inFull = window.candidates.map((candidate, index) => {
    const evidence = outside.of(candidate.commit);
    return { candidate, evidence, logit: Math.log(shares[index] ?? 0) + Math.log(sure) + total(evidence) };
  });
  const elsewhere = inFull.reduce(
    (sum, { candidate }, index) => sum + (isUnseen(candidate) ? (shares[index] ?? 0) : 0),
    0,
  );
  against.push(...unexplained(outside.strongest, onset, given));
  const none = Math.log(1 - sure + sure * elsewhere) + total(against);
  const floor = inFull.reduce((least, { logit }) => Math.min(least, logit), 0) + notShortlistedOffset;
  const judgedInFull = new Map(inFull.map((item) => [item.candidate.commit.sha, item]));
  const logit = ({ sha }: Commit) =>
    judgedInFull.get(sha)?.logit ?? (live.has(sha) ? floor : Number.NEGATIVE_INFINITY);
  const odds = softmax([none, ...given.commits.map(logit)]);
  const ranked = given.commits.map((commit, index): Judged => {
    const since = live.get(commit.sha);
    const full = judgedInFull.get(commit.sha);
    const origin = origins.get(commit.sha);
    return {
      commit,
      p: odds[index + 1] ?? 0,
      evidence: full?.evidence ?? [],
      ...(since === undefined ? {} : { live: since }),
      ...(full === undefined ? {} : { candidate: full.candidate }),
      ...(origin === undefined ? {} : { origin }),
    };
  });
  ranked.sort((a, b) => b.p - a.p || newestFirst(a.commit, b.commit));
  return { ranked, none: odds[0] ?? 0, against, flips: shareOut(flips, odds[0] ?? 0), onset, window };
};

/** What there is of `none` only because flags were changed is theirs, by how much each of them says. */
const shareOut = (flips: Flipped[], none: number): Verdict["flips"] => {
  const theirs = none * (1 - Math.exp(-total(flips)));
  let upTo = 0;
  const parts = flips.map(({ weight }) => {
    const from = upTo;
    upTo += weight;
    return Math.exp(upTo) - (from === 0 ? 0 : Math.exp(from));
  });
  const sum = parts.reduce((all, part) => all + part, 0);
  return flips.map((item, index) => ({ ...item, p: (theirs * (parts[index] ?? 0)) / sum }));
};

/** Own commits and those from elsewhere, each once and newest first. */
const mergeCommits = ({ commits, elsewhere = [] }: Case) => {
  const own = new Set(commits.map(({ sha }) => sha));
  const origins = new Map<string, Origin>();
  const all = [...commits];
  for (const { commits: others, history: _, deploys: __, changeSets: ___, ...origin } of elsewhere)
    for (const commit of others) {
      if (own.has(commit.sha) || origins.has(commit.sha)) continue;
      origins.set(commit.sha, origin);
      all.push(commit);
    }
  return { origins, commits: all.sort(newestFirst) };
};

const newestFirst = (a: Commit, b: Commit): number => b.at - a.at || (a.sha < b.sha ? -1 : 1);

const total = (evidence: Evidence[]): number => evidence.reduce((sum, { weight }) => sum + weight, 0);
