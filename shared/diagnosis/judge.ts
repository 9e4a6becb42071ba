import type { Commit } from "../ports/history.ts";
import { confidence } from "./confidence.ts";
import { capKinds } from "./convicted.ts";
import { externalEvidence, namedCause } from "./evidence/external.ts";
import { flagEvidence, flagLogit } from "./evidence/flags.ts";
import { evidenceOf } from "./evidence/index.ts";
import { priorEvidence } from "./evidence/prior.ts";
import { endedBefore } from "./evidence/recurrence.ts";
import { rollbackEvidence } from "./evidence/rolled-back.ts";
import { ruleLinks } from "./evidence/rule-links.ts";
import { serviceHealth, unchangedWhereWorst } from "./evidence/service-health.ts";
import { isTakenBack } from "./evidence/taken-back.ts";
import { compareVersions, comparisonNotes } from "./evidence/version-comparison.ts";
import { isRulesOnly } from "./file-kinds.ts";
import { liveOf } from "./in-production/at-onset.ts";
import type { Live } from "./in-production/live.ts";
import { type Case, type Evidence, isMeasured, isWatched, type Origin } from "./model.ts";
import { findOnset } from "./onset/onset.ts";
import type { Candidate } from "./ranking/candidate.ts";
import { fitted, type Weights } from "./ranking/weights.ts";
import { isUnseen, type Window } from "./ranking/window.ts";
import { logits, softmax } from "./score.ts";
import { selectCandidates } from "./select-candidates.ts";
import type { Judged, Verdict } from "./verdict.ts";

/**
 * Weight of the learned score. The score was fitted on accounts of people who knew the culprit, and an alert is terser. The weight does not
 * depend on whether logs and metrics were read, so that reading them never takes anything away.
 */
const textWeights = { account: 1, accountWithEvidence: 0.5, alert: 0.65 };

const textWeightOf = (given: Case): number => {
  if (given.alerts.some(({ name }) => name !== "")) return textWeights.alert;
  return isWatched(given) ? textWeights.accountWithEvidence : textWeights.account;
};

/** Log-odds of a commit that was not shortlisted, below the least likely one that was. */
const notShortlistedOffset = -1;

/** Judges every commit of a case; the probabilities and `noSuspect` sum to 1. */
export const judge = (given: Case, weights: Weights = fitted): Verdict => {
  const verdict = weigh(given, weights);
  return isMeasured(given) ? capKinds(verdict) : verdict;
};

/** The same before the bar that one kind of evidence does not pass. */
const weigh = (unsorted: Case, weights: Weights = fitted): Verdict => {
  const { origins, commits, live } = liveCommits(unsorted);
  const given = { ...unsorted, commits };
  const onset = findOnset(given);
  const named = namedCause(given, onset);
  const { window } = selectCandidates(given, onset, live);
  const comparisons = compareVersions(given, onset);
  const flips = flagEvidence(given, onset);
  const health = serviceHealth(onset, comparisons);
  const against = [
    ...priorEvidence(given),
    ...rollbackEvidence(unsorted, onset),
    ...externalEvidence(given, onset, named),
    ...endedBefore(given, onset),
    ...comparisonNotes(comparisons, live),
    ...unchangedWhereWorst(health, {
      live,
      serviceOf: ({ service = given.service }) => service,
      at: onset.at,
    }),
  ];
  const evidence = evidenceOf(given, { onset, window, live, origins, comparisons, named, health });
  const scored = score(window, { weights, textWeight: textWeightOf(given), evidence });
  const none = scored.none + total(against);
  const odds = oddsOf(commits, live, { ...scored, none, flags: flips.map(flagLogit) });
  const ranked = commits.map((commit, index): Judged => {
    const item = scored.bySha.get(commit.sha);
    return {
      ...{ commit, p: odds.commits[index] ?? 0, evidence: item?.evidence ?? [] },
      ...optional("live", live.get(commit.sha)),
      ...optional("candidate", item?.candidate),
      ...optional("origin", origins.get(commit.sha)),
    };
  });
  ranked.sort((a, b) => b.p - a.p || newestFirst(a.commit, b.commit));
  const flags = flips.map((flip, index) => ({ ...flip, p: odds.flags[index] ?? 0 }));
  const noSuspect = flags.reduce((sum, { p }) => sum + p, odds.none);
  return { ranked, noSuspect, against: [...flips, ...against], flips: flags, onset, window };
};

const optional = <K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: T });

type Scored = { candidate: Candidate; evidence: Evidence[]; logit: number };
type Scores = { bySha: Map<string, Scored>; none: number; floor: number };

/** Log-odds of each candidate, and of a cause that is not among them, before what speaks for such a cause is added. */
const score = (
  window: Window,
  given: { weights: Weights; textWeight: number; evidence: (commit: Commit) => Evidence[] },
): Scores => {
  const { weights, textWeight, evidence } = given;
  const shares = softmax(logits(window, weights.features).map((logit) => logit * textWeight));
  const sure = confidence(window, shares, weights.confidence);
  const scored = window.candidates.map((candidate, index): Scored => {
    const found = evidence(candidate.commit);
    const logit = Math.log(shares[index] ?? 0) + Math.log(sure) + total(found);
    return { candidate, evidence: found, logit };
  });
  const unseen = window.candidates.reduce(
    (sum, candidate, index) => sum + (isUnseen(candidate) ? (shares[index] ?? 0) : 0),
    0,
  );
  return {
    bySha: new Map(scored.map((item) => [item.candidate.commit.sha, item])),
    none: Math.log(1 - sure + sure * unseen),
    floor: scored.reduce((least, { logit }) => Math.min(least, logit), 0) + notShortlistedOffset,
  };
};

/** Probabilities of the commits and of the flags, in their order, and of neither: one of them did it. */
const oddsOf = (
  commits: Commit[],
  live: Map<string, Live>,
  { bySha, none, floor, flags }: Scores & { flags: number[] },
) => {
  const logit = ({ sha }: Commit): number =>
    bySha.get(sha)?.logit ?? (live.has(sha) ? floor : Number.NEGATIVE_INFINITY);
  const [first = 0, ...rest] = softmax([none, ...flags, ...commits.map(logit)]);
  return { none: first, flags: rest.slice(0, flags.length), commits: rest.slice(flags.length) };
};

/** Own commits and those from elsewhere, each once and newest first, without ours and those whose revert was live at the onset. */
const liveCommits = (given: Case) => {
  const { commits, origins } = mergeCommits(given);
  const live = liveOf(given);
  for (const [sha, since] of rulesInEffect(commits, given)) if (!live.has(sha)) live.set(sha, since);
  const isOver = isTakenBack(commits, live);
  const kept = commits.filter((commit) => !isOver(commit) && given.ours?.includes(commit.sha) !== true);
  if (kept.length === commits.length) return { commits, origins, live };
  const left = new Set(kept.map(({ sha }) => sha));
  return { commits: kept, origins, live: new Map([...live].filter(([sha]) => left.has(sha))) };
};

/** A change of nothing but the rule that fires counts from when it landed: rules are not deployed with the service. */
const rulesInEffect = (commits: Commit[], given: Case): [string, Live][] => {
  const changed = ruleLinks(commits, given);
  return commits
    .filter(({ sha, paths, at }) => changed.has(sha) && isRulesOnly(paths) && at <= given.onsetAt)
    .map(({ sha, at }) => [sha, { at, by: "landing" }]);
};

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
