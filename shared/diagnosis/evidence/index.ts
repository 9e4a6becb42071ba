import type { Commit } from "../../ports.ts";
import { type Case, type Evidence, isWatched, type Origin } from "../case.ts";
import type { Live } from "../live.ts";
import type { Onset } from "../onset.ts";
import { isUnseen, type Window } from "../window.ts";
import { type Beside, byVersion } from "./beside.ts";
import { byDeploy, byKind, byLanding, byMetric, byOrigin, byService } from "./commit.ts";
import { byEarlier } from "./earlier.ts";
import { foreignCause } from "./foreign.ts";
import { kinOf } from "./kin.ts";
import { labelLinks } from "./labels.ts";
import { logLinks } from "./links.ts";
import { isGrave, othersOf } from "./logs.ts";
import { metricLinks } from "./metrics.ts";
import { byTie, tiesOf } from "./tied.ts";

/** What is known of each commit beside its words and its moment, and how much the strongest link to one weighs. */
export const evidenceOf = (
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
          service: given.service,
          isForeign: ({ text }) => foreignCause(text, othersOf(given)) !== undefined,
        });
  const labels = labelLinks(commits, given);
  const moved = [...onset.shifts, ...onset.moved].filter(({ load }) => !load);
  const measured = metricLinks(commits, moved, given.service);
  const kin = kinOf(commits, [onset.symptom, ...moved.map(({ metric }) => metric)].join("\n"));
  const again = byEarlier(commits, given, onset);
  const versions = new Map(
    commits.flatMap(({ sha }) => {
      const known = live.get(sha);
      return known === undefined ? [] : [[sha, byVersion({ live: known }, found)]];
    }),
  );
  const tieTo = tiesOf(given, onset);
  const of = (commit: Commit): Evidence[] => {
    const known = live.get(commit.sha);
    if (known === undefined) return [];
    const origin = origins.get(commit.sha);
    const seen = { commit, live: known };
    const tie = tieTo(known);
    return [
      links.get(commit.sha) ?? [],
      labels.get(commit.sha) ?? [],
      measured.get(commit.sha) ?? [],
      kin.get(commit.sha) ?? [],
      again.get(commit.sha) ?? [],
      byKind(seen, given),
      // What landed elsewhere without a deploy on record is only assumed to have run since.
      (origin !== undefined && known.by === "landing") || tie !== undefined
        ? []
        : byDeploy(seen, given, onset),
      byTie(tie),
      byLanding(seen, given, onset),
      byMetric(seen, onset),
      versions.get(commit.sha) ?? [],
      origin === undefined ? byService(seen, given, onset) : byOrigin(origin, given, onset),
    ].flat();
  };
  const tied = commits.flatMap(({ sha }) => byTie(live.has(sha) ? tieTo(live.get(sha)!) : undefined));
  const all = [
    ...[links, labels, measured, kin, again].flatMap((one) => [...one.values()]),
    ...[...versions.values()].flat(),
    ...tied,
  ];
  return { of, strongest: all.reduce((top, { weight }) => Math.max(top, weight), 0) };
};

/** How far the strongest link explains what logs and metrics show: a link of this weight leaves nothing open. */
const explains = 2;
/** What a log and metrics show, and no commit explains, speaks for a cause outside them. */
export const unexplained = (strongest: number, { patterns }: Onset, given: Case): Evidence[] => {
  const open = 1 - Math.min(1, strongest / explains);
  if (!isWatched(given) || open === 0) return [];
  return patterns.some(isGrave)
    ? [{ weight: 4 * open, reason: "no commit shares much with the errors that are new in the log" }]
    : [{ weight: 3 * open, reason: "neither logs nor metrics point at a commit" }];
};
