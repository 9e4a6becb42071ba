import type { Commit } from "../../ports/history.ts";
import type { Live } from "../deployed.ts";
import { type Case, type Evidence, isWatched, type Origin } from "../model.ts";
import { externalCause } from "../onset/external-causes.ts";
import { isErrorLevel, othersOf, type Pattern } from "../onset/log-patterns.ts";
import type { Onset } from "../onset/onset.ts";
import { isUnseen, type Window } from "../ranking/window.ts";
import { byDeploy, byKind, byLanding, byMetric, byOrigin, byService } from "./commit.ts";
import { byCorrelation, correlateDeploys } from "./deploy-correlation.ts";
import { failureModeLinks } from "./failure-modes.ts";
import { labelLinks } from "./label-links.ts";
import { logLinks } from "./log-links.ts";
import { metricLinks } from "./metric-links.ts";
import { byEarlier } from "./recurrence.ts";
import { byVersion, type VersionComparison } from "./version-comparison.ts";

type Observed = {
  onset: Onset;
  window: Window;
  live: Map<string, Live>;
  origins: Map<string, Origin>;
  comparisons: VersionComparison[];
};

/** What is known of each commit beside its words and its moment, and how much the strongest link to one weighs. */
export const evidenceOf = (
  given: Case,
  { onset, window, live, origins, comparisons }: Observed,
): { of: (commit: Commit) => Evidence[]; strongest: number } => {
  const commits = window.candidates.filter((one) => !isUnseen(one)).map(({ commit }) => commit);
  const links = linksOf(commits, given, onset);
  const correlationOf = correlateDeploys(given, onset);
  const ran = commits.flatMap(({ sha }) => live.get(sha) ?? []);
  const of = (commit: Commit): Evidence[] => {
    const since = live.get(commit.sha);
    if (since === undefined) return [];
    const origin = origins.get(commit.sha);
    const context = { commit, live: since };
    const correlation = correlationOf(since);
    // What landed elsewhere without a deploy on record is only assumed to have run since.
    const isAssumed = origin !== undefined && since.by === "landing";
    return [
      ...links.flatMap((one) => one.get(commit.sha) ?? []),
      ...byKind(context, given),
      ...(isAssumed || correlation !== undefined ? [] : byDeploy(context, given, onset)),
      ...byCorrelation(correlation),
      ...byLanding(context, given, onset),
      ...byMetric(context, onset),
      ...byVersion(context, comparisons),
      ...(origin === undefined ? byService(context, given, onset) : byOrigin(origin, given, onset)),
    ];
  };
  const strong = [
    ...links.flatMap((one) => [...one.values()]),
    ...ran.flatMap((live) => [...byVersion({ live }, comparisons), ...byCorrelation(correlationOf(live))]),
  ];
  return { of, strongest: strong.reduce((top, { weight }) => Math.max(top, weight), 0) };
};

/** What ties commits, by sha, to what was said and measured: each kind of link by itself. */
const linksOf = (commits: Commit[], given: Case, onset: Onset): Map<string, Evidence>[] => {
  const moved = [...onset.shifts, ...onset.moved].filter(({ load }) => !load);
  const trouble = [onset.symptom, ...moved.map(({ metric }) => metric)].join("\n");
  const others = othersOf(given);
  const isForeign = ({ text }: Pattern): boolean => externalCause(text, others) !== undefined;
  return [
    logLinks(commits, onset.patterns, { usual: usualLines(given, onset), service: given.service, isForeign }),
    labelLinks(commits, given),
    metricLinks(commits, moved, given.service),
    failureModeLinks(commits, trouble),
    byEarlier(commits, given, onset),
  ];
};

/** What the log said before anything was new. */
const usualLines = ({ logs = [] }: Case, { patterns, at }: Onset): string => {
  const since = patterns.reduce((least, pattern) => Math.min(least, pattern.at), at);
  return logs
    .filter((line) => line.at < since)
    .slice(-2000)
    .map(({ text }) => text)
    .join("\n");
};

/** How far the strongest link explains what logs and metrics show: a link of this weight leaves nothing open. */
const fullyExplained = 2;
/** What a log and metrics show, and no commit explains, speaks for a cause outside them. */
export const unexplained = (strongest: number, { patterns }: Onset, given: Case): Evidence[] => {
  const open = 1 - Math.min(1, strongest / fullyExplained);
  if (!isWatched(given) || open === 0) return [];
  return patterns.some(isErrorLevel)
    ? [{ weight: 4 * open, reason: "no commit shares much with the errors that are new in the log" }]
    : [{ weight: 3 * open, reason: "neither logs nor metrics point at a commit" }];
};
