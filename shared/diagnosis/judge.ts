import type { Commit } from "../ports.ts";
import type { Candidate } from "./candidate.ts";
import type { Case, Evidence, Origin } from "./case.ts";
import { confidence } from "./confidence.ts";
import { type Beside, besideAll, besides, byVersion } from "./evidence/beside.ts";
import { byDeploy, byKind, byMetric, byOrigin, byService } from "./evidence/commit.ts";
import { byEarlier, endedBefore } from "./evidence/earlier.ts";
import { type Flipped, flipped } from "./evidence/flags.ts";
import { foreignCause } from "./evidence/foreign.ts";
import { labelLinks } from "./evidence/labels.ts";
import { logLinks } from "./evidence/links.ts";
import { isGrave, othersOf } from "./evidence/logs.ts";
import { againstAll } from "./evidence/none.ts";
import { type Live, liveOf } from "./live.ts";
import { findOnset, type Onset, slackMs } from "./onset.ts";
import { logits, softmax } from "./score.ts";
import { shortlist } from "./shortlist.ts";
import { fitted, type Weights } from "./weights.ts";
import { isUnseen, openWindow, type Window } from "./window.ts";

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

/** How much less likely than the least of those looked at in full one is that was not. */
const passedOver = -1;

/** Judges every commit of a case; the probabilities and `none` sum to 1. */
export const judge = (unsorted: Case, weights: Weights = fitted): Verdict => {
  const { origins, commits } = everything(unsorted);
  const given = { ...unsorted, commits };
  const onset = findOnset(given);
  const { window, live } = look(given, onset, liveOf(unsorted));
  const scores = logits(window, weights.features);
  const shares = softmax(scores);
  const sure = confidence(window, shares, weights.confidence);
  const found = besides(given, onset);
  const flips = flipped(given, onset);
  const against: Evidence[] = [
    ...flips,
    ...againstAll(given, onset),
    ...endedBefore(given, onset),
    ...besideAll(found, live),
  ];
  const outside = evidenceOf(given, { onset, window, live, origins, found });
  const inFull = window.candidates.map((candidate, at) => {
    const evidence = outside.of(candidate.commit);
    return { candidate, evidence, logit: Math.log(shares[at]!) + Math.log(sure) + total(evidence) };
  });
  const elsewhere = inFull.reduce(
    (sum, { candidate }, at) => sum + (isUnseen(candidate) ? shares[at]! : 0),
    0,
  );
  against.push(...unexplained(outside.strongest, onset, given));
  const none = Math.log(1 - sure + sure * elsewhere) + total(against);
  const floor = inFull.reduce((least, { logit }) => Math.min(least, logit), 0) + passedOver;
  const seen = new Map(inFull.map((one) => [one.candidate.commit.sha, one]));
  const logit = ({ sha }: Commit) =>
    seen.get(sha)?.logit ?? (live.has(sha) ? floor : Number.NEGATIVE_INFINITY);
  const odds = softmax([none, ...given.commits.map(logit)]);
  const ranked = given.commits.map((commit, at): Judged => {
    const known = live.get(commit.sha);
    const full = seen.get(commit.sha);
    const origin = origins.get(commit.sha);
    return {
      commit,
      p: odds[at + 1]!,
      evidence: full?.evidence ?? [],
      ...(known === undefined ? {} : { live: known }),
      ...(full === undefined ? {} : { candidate: full.candidate }),
      ...(origin === undefined ? {} : { origin }),
    };
  });
  ranked.sort((a, b) => b.p - a.p || newestFirst(a.commit, b.commit));
  return { ranked, none: odds[0]!, against, flips: shared(flips, odds[0]!), onset, window };
};

/** What there is of `none` only because flags were changed is theirs, by how much each of them says. */
const shared = (flips: Flipped[], none: number): Verdict["flips"] => {
  const theirs = none * (1 - Math.exp(-total(flips)));
  let upTo = 0;
  const parts = flips.map(({ weight }) => {
    const from = upTo;
    upTo += weight;
    return Math.exp(upTo) - (from === 0 ? 0 : Math.exp(from));
  });
  const sum = parts.reduce((all, part) => all + part, 0);
  return flips.map((one, place) => ({ ...one, p: (theirs * parts[place]!) / sum }));
};

/** Own commits and those from elsewhere, each once and newest first. */
const everything = ({ commits, elsewhere = [] }: Case) => {
  const own = new Set(commits.map(({ sha }) => sha));
  const origins = new Map<string, Origin>();
  const all = [...commits];
  for (const { commits: others, history: _, deploys: __, ...origin } of elsewhere)
    for (const commit of others) {
      if (own.has(commit.sha) || origins.has(commit.sha)) continue;
      origins.set(commit.sha, origin);
      all.push(commit);
    }
  return { origins, commits: all.sort(newestFirst) };
};

const newestFirst = (a: Commit, b: Commit): number => b.at - a.at || (a.sha < b.sha ? -1 : 1);

/** Words that alerting rules are made of. */
const everyAlert = "high low above below ratio minutes seconds last production prod staging service";

/** What was live at the onset, as features see it. */
export const look = (
  given: Case,
  onset: Onset,
  live = liveOf(given),
): { window: Window; live: Map<string, Live> } => {
  const aged = given.commits.flatMap((commit) => {
    const known = live.get(commit.sha);
    if (known === undefined) return [];
    const before = Math.max(0, onset.at - known.at);
    live.set(commit.sha, { ...known, before });
    // Metrics are sampled and alerts wait: which deploy of the last minutes was the last tells nothing.
    return [{ commit, age: known.by === "deploy" ? Math.max(slackMs, before) : before }];
  });
  const { symptom } = onset;
  const commits = shortlist(aged, symptom);
  return {
    window: openWindow({
      commits,
      symptom,
      servicePaths: given.servicePaths ?? [],
      ignored: `${given.service} ${given.servicePaths === undefined ? everyAlert : ""}`,
    }),
    live,
  };
};

const total = (evidence: Evidence[]): number => evidence.reduce((sum, { weight }) => sum + weight, 0);

const evidenceOf = (
  given: Case,
  {
    onset,
    window,
    live,
    origins,
    found,
  }: {
    onset: Onset;
    window: Window;
    live: Map<string, Live>;
    origins: Map<string, Origin>;
    found: Beside[];
  },
): { of: (commit: Commit) => Evidence[]; strongest: number } => {
  const commits = window.candidates.filter((one) => !isUnseen(one)).map(({ commit }) => commit);
  const since = onset.patterns.reduce((least, { at }) => Math.min(least, at), onset.at);
  const usual = (given.logs ?? [])
    .filter(({ at }) => at < since)
    .slice(-2000)
    .map(({ text }) => text)
    .join("\n");
  const links =
    onset.patterns.length === 0
      ? new Map<string, Evidence>()
      : logLinks(commits, onset.patterns, {
          usual,
          isForeign: ({ text }) => foreignCause(text, othersOf(given)) !== undefined,
        });
  const labels = labelLinks(commits, given);
  const again = byEarlier(commits, given, onset);
  const versions = new Map(
    commits.flatMap(({ sha }) => {
      const known = live.get(sha);
      return known === undefined ? [] : [[sha, byVersion({ live: known }, found)]];
    }),
  );
  const of = (commit: Commit): Evidence[] => {
    const known = live.get(commit.sha);
    if (known === undefined) return [];
    const origin = origins.get(commit.sha);
    const seen = { commit, live: known };
    return [
      links.get(commit.sha) ?? [],
      labels.get(commit.sha) ?? [],
      again.get(commit.sha) ?? [],
      byKind(seen, given),
      // What landed elsewhere without a deploy on record is only assumed to have run since.
      origin !== undefined && known.by === "landing" ? [] : byDeploy(seen, given, onset),
      byMetric(seen, onset),
      versions.get(commit.sha) ?? [],
      origin === undefined ? byService(seen, given, onset) : byOrigin(origin, given, onset),
    ].flat();
  };
  const all = [...links.values(), ...labels.values(), ...again.values(), ...[...versions.values()].flat()];
  return { of, strongest: all.reduce((top, { weight }) => Math.max(top, weight), 0) };
};

/** How far the strongest link explains what logs and metrics show: a link of this weight leaves nothing open. */
const explains = 3;
/** What a log and metrics show, and no commit explains, speaks for a cause outside them. */
const unexplained = (strongest: number, { patterns }: Onset, given: Case): Evidence[] => {
  // What comes in points at no commit, whatever it does.
  const series = (given.series ?? []).filter(({ load }) => load !== true);
  const watched = (given.logs?.length ?? 0) + series.length > 0;
  const open = 1 - Math.min(1, strongest / explains);
  if (!watched || open === 0) return [];
  return patterns.some(isGrave)
    ? [{ weight: 5 * open, reason: "no commit shares much with the errors that are new in the log" }]
    : [{ weight: 4 * open, reason: "neither logs nor metrics point at a commit" }];
};
