import type { Commit } from "../../ports/history.ts";
import { ownersOf } from "../in-production/at-onset.ts";
import type { Live } from "../in-production/live.ts";
import type { Case, Evidence, Origin } from "../model.ts";
import type { Shift } from "../onset/change-point.ts";
import { externalCause } from "../onset/external-causes.ts";
import { knownTo, type Pattern } from "../onset/log-patterns.ts";
import type { Onset } from "../onset/onset.ts";
import { isHealth } from "../onset/signals.ts";
import { isUnseen, type Window } from "../ranking/window.ts";
import {
  byDeploy,
  byKind,
  byLanding,
  byOrigin,
  byRollout,
  byService,
  type Seen,
  servicesOf,
} from "./commit.ts";
import { constantLinks } from "./constant-links.ts";
import { byCorrelation, correlateDeploys, type DeployCorrelation } from "./deploy-correlation.ts";
import { deployMoments } from "./deploy-moment.ts";
import { deployWords } from "./deploy-words.ts";
import { broughtLoad, byAbility, type NamedCause } from "./external.ts";
import { failureModeLinks } from "./failure-modes.ts";
import { labelLinks, partiesOf } from "./label-links.ts";
import { lateStep } from "./late-step.ts";
import { logLinks } from "./log-links.ts";
import { metricLinks } from "./metric-links.ts";
import { stepAfterDeploys } from "./metric-step.ts";
import { missingLinks } from "./missing-links.ts";
import { pathLinks } from "./path-links.ts";
import { quotedLinks } from "./quoted-links.ts";
import { byEarlier } from "./recurrence.ts";
import { ruleLinks } from "./rule-links.ts";
import { byHealth, isWell, isWorst, type ServiceHealth } from "./service-health.ts";
import { byVersion, type VersionComparison } from "./version-comparison.ts";

type Observed = {
  onset: Onset;
  window: Window;
  live: Map<string, Live>;
  origins: Map<string, Origin>;
  comparisons: VersionComparison[];
  named: NamedCause | undefined;
  health: ServiceHealth | undefined;
};

/** Finds what is known of a commit beside the features of its window. */
export const evidenceOf = (given: Case, observed: Observed): ((commit: Commit) => Evidence[]) => {
  const { onset, window, live, origins, comparisons, named, health } = observed;
  const { links, modes, kindOf } = linksIn(window, given, { onset, live });
  const correlationOf = correlateDeploys(given, onset);
  const isBlamed = (service: string): boolean => service === given.service || isWorst(health, [service]);
  const momentOf = deployMoments(given, onset, isBlamed);
  const services = servicesOf(given);
  const loadBy = broughtLoad(given, onset);
  const ableTo = (commit: Commit, at: number): Evidence[] =>
    strongest([...byAbility(commit, named), ...optional(modes.get(commit.sha)), ...loadBy(commit, at)]);
  const stepOf = stepAfterDeploys(given, onset, isBlamed);
  const ranOf = ranBefore(given, observed);
  return (commit) => {
    const since = live.get(commit.sha);
    if (since === undefined) return [];
    const origin = origins.get(commit.sha);
    const context = { commit, live: since };
    const service = since.service ?? placeOf(commit, services, given);
    const correlation = withoutWell(correlationOf(since), { health, service });
    const kind = kindOf(context);
    const compared = byVersion(context, comparisons);
    const ran = correlation === undefined ? ranOf(context) : unknownRun;
    const byMoment = [
      ...momentOf(since),
      ...byCorrelation(correlation),
      ...byRollout(context),
      ...ran.step(stepOf(since, service)),
      ...byHealth(health, { service, dependsOn: given.dependsOn }),
    ];
    // Trouble that the former version has beside it is not explained by the moment of the deploy.
    const ofDeploy = [...(compared.some(isAgainst) ? byMoment.filter(isAgainst) : byMoment), ...compared];
    return [
      ...links.flatMap((one) => one.get(commit.sha) ?? []),
      ...kind,
      ...ableTo(commit, since.at),
      // Evidence for a deploy counts for those of its changes that can do it.
      ...(kind.length === 0 ? ofDeploy : ofDeploy.filter(isAgainst)),
      ...ran.found,
      ...byLanding(context, given, onset),
      ...(origin === undefined
        ? byService(context, { given, services, onset, isWorst: (owners) => isWorst(health, owners) })
        : byOrigin(origin, given, onset)),
    ];
  };
};

/** A change of the rule that fires is what watches, and still it is what was brought live. */
const kindUnlessRule = (given: Case): ((seen: Seen) => Evidence[]) => {
  const rules = ruleLinks(given.commits, given);
  return (seen) => (rules.has(seen.commit.sha) ? [] : byKind(seen, given));
};

const isAgainst = ({ weight }: Evidence): boolean => weight < 0;

/** Evidence of the time for which a change had run before the trouble, and what that leaves of a step after its deploy. */
type Ran = { found: Evidence[]; step: (found: Evidence[]) => Evidence[] };
const unknownRun: Ran = { found: [], step: (found) => found };

const ranBefore = (given: Case, { onset, live, origins }: Observed): ((seen: Seen) => Ran) => {
  const lateOf = lateStep(given, onset, live);
  return (seen) => {
    // A change of another repository without a deploy on record is only assumed to run.
    if (origins.has(seen.commit.sha) && seen.live.by === "landing") return unknownRun;
    const late = lateOf(seen);
    return {
      found: [...byDeploy(seen, given, onset), ...late.found],
      step: (found) => found.map(late.lessened),
    };
  };
};

/** The evidence that comes from a comparison of all changes of the window: by commit. */
const linksIn = (window: Window, given: Case, observed: Pick<Observed, "onset" | "live">) => {
  const { onset, live } = observed;
  const commits = window.candidates.flatMap((one) => (isUnseen(one) ? [] : [one.commit]));
  return {
    links: [...linksOf(commits, given, { onset, live }), deployWords(window, live)],
    modes: failureModeLinks(commits, troubleOf(onset)),
    kindOf: kindUnlessRule(given),
  };
};

/** Such a move of memory or CPU harms nobody while the requests of its service fare well: a fresh version takes other amounts. */
const withoutWell = (
  correlation: DeployCorrelation | undefined,
  { health, service }: { health: ServiceHealth | undefined; service: string },
): DeployCorrelation | undefined =>
  correlation !== undefined && !isHealth(correlation.shift) && isWell(health, service)
    ? undefined
    : correlation;

/** The service that a change without a deploy on record is of, by its paths. */
const placeOf = (commit: Commit, services: string[], { service }: Case): string => {
  const owners = ownersOf(commit, services);
  return owners.includes(service) ? service : (owners[0] ?? service);
};

/** A change that can cause the named errors counts once, by its failure mode or by the external cause. */
const strongest = (found: Evidence[]): Evidence[] =>
  found.toSorted((a, b) => b.weight - a.weight).slice(0, 1);
const optional = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

const movedIn = ({ shifts, moved }: Onset): Shift[] => [...shifts, ...moved].filter(({ load }) => !load);
const troubleOf = (onset: Onset): string =>
  [onset.symptom, ...movedIn(onset).map(({ metric }) => metric)].join("\n");

/** The links of commits, by SHA, to the alert's words and the measurements: a map for each kind of link. */
const linksOf = (
  commits: Commit[],
  given: Case,
  { onset, live }: Pick<Observed, "onset" | "live">,
): Map<string, Evidence>[] => {
  const isForeign = ({ text, service }: Pattern): boolean =>
    externalCause(text, knownTo(service, given)) !== undefined;
  return [
    logLinks(commits, onset.patterns, {
      usual: usualLines(given, onset),
      service: given.service,
      parties: partiesOf(given),
      alerts: onset.alerts,
      isForeign,
    }),
    whileFresh(labelLinks(commits, given), live),
    whileFresh(pathLinks(commits, given), live),
    quotedLinks(commits, given, onset),
    missingLinks(commits, given, onset),
    ruleLinks(commits, given),
    constantLinks(commits, movedIn(onset)),
    metricLinks(commits, movedIn(onset), [given.service, ...given.alerts.map(({ name }) => name)].join("\n")),
    byEarlier(commits, given, { onset, live }),
  ];
};

const hour = 60 * 60_000;
const day = 24 * hour;
/** A label says where it fails, which tells changes of the last hours apart. One that has run there for a day is not blamed for its place. */
const fresh = { fullMs: 6 * hour, noneMs: day };

const whileFresh = (links: Map<string, Evidence>, live: Map<string, Live>): Map<string, Evidence> =>
  new Map(
    [...links].map(([sha, found]) => {
      const { before = 0 } = live.get(sha) ?? {};
      const aged = Math.log(Math.max(1, before / fresh.fullMs)) / Math.log(fresh.noneMs / fresh.fullMs);
      return [sha, { ...found, weight: found.weight * Math.max(0, 1 - aged) }];
    }),
  );

/** The log lines before the onset. */
const usualLines = ({ logs = [] }: Case, { patterns, at }: Onset): string => {
  const since = patterns.reduce((least, pattern) => Math.min(least, pattern.at), at);
  return logs
    .filter((line) => line.at < since)
    .slice(-2000)
    .map(({ text, fields = "" }) => `${text} ${fields}`)
    .join("\n");
};
