/**
 * Whether a set of incidents gives its answers away by form. Trivial rankers name commits without understanding anything; a set is
 * refused when one of them is right more often than ordinary life gives it, by more than chance.
 */
import type { Case } from "../../../shared/diagnosis/model.ts";
import { latestDeploy, type Ranker, rankers } from "./rankers.ts";
import type { Incident } from "./score.ts";

/** A ranker on one case: whether the culprit is among those that it names, and how likely that is in ordinary life. */
type Trial = { ranker: string; hit: boolean; expected: number };
/** The parts of a case that are counted, and in which of a pair's cases there is more. */
type Size = { guilty: boolean; counts: Record<string, number> };
/** The hits of a ranker in a set. `chance`: that of so many hits or more in ordinary life. */
export type Outcome = { ranker: string; cases: number; hits: number; expected: number; chance: number };

/** A set is refused below this chance, divided by the number of rankers. */
const refusedBelow = 0.01;

/**
 * The chance that ordinary life lets the culprit be among `named`: it went live with the latest deploy as often as the set declares,
 * and is any other commit as likely else.
 */
const expectedOf = (named: Set<string>, given: Case, { latest, granted }: Granted): number => {
  const late = new Set(latestDeploy(given));
  const inside = given.commits.filter(({ sha }) => late.has(sha) && named.has(sha)).length;
  const outside = named.size - inside;
  const rest = given.commits.length - late.size;
  if (late.size === 0) return Math.max(granted, outside / rest);
  if (rest === 0) return Math.max(granted, inside / late.size);
  return Math.max(granted, (latest * inside) / late.size + ((1 - latest) * outside) / rest);
};
type Granted = { latest: number; granted: number };

const trialOf = (
  { name: ranker, named, granted = 0 }: Ranker,
  incident: Incident,
  latest: number,
): Trial[] => {
  const { given, culprit } = incident;
  const found = new Set(named(given));
  if (culprit === undefined || found.size === 0) return [];
  return [{ ranker, hit: found.has(culprit), expected: expectedOf(found, given, { latest, granted }) }];
};

const isFlagged = ({ onsetAt, flags = [] }: Case): boolean =>
  flags.some(({ at }) => at <= onsetAt && at > onsetAt - 24 * 3_600_000);

const countsOf = ({
  commits,
  deploys,
  logs = [],
  series = [],
  flags = [],
}: Case): Record<string, number> => ({
  "more candidates than its twin": commits.length,
  "more files than its twin": commits.reduce((sum, { paths = [] }) => sum + paths.length, 0),
  "more deploys than its twin": deploys.length,
  "more log lines than its twin": logs.length,
  "more series than its twin": series.length,
  "more flags than its twin": flags.length,
});

/** Collects a set, a case at a time, and keeps no case. */
export const balance = (latest: number) => {
  const trials: Trial[] = [];
  const nobody = { flagged: 0, innocent: 0, none: 0, cases: 0 };
  const sizes = new Map<number, Size[]>();
  const add = (incident: Incident): void => {
    const { given, culprit, pair } = incident;
    for (const ranker of rankers) trials.push(...trialOf(ranker, incident, latest));
    nobody.cases++;
    if (culprit === undefined) nobody.none++;
    if (isFlagged(given)) nobody.flagged++;
    if (isFlagged(given) && culprit === undefined) nobody.innocent++;
    if (pair === undefined) return;
    const size = { guilty: culprit !== undefined, counts: countsOf(given) };
    sizes.set(pair, [...(sizes.get(pair) ?? []), size]);
  };
  const outcomes = (): Outcome[] => [
    ...[...Map.groupBy(trials, ({ ranker }) => ranker)].map(([ranker, of]) => outcomeOf(ranker, of)),
    flagged(nobody),
    ...pairedOutcomes([...sizes.values()]),
  ];
  return { add, outcomes };
};

/** The ranker that names no commit where a flag was changed within a day. */
const flagged = ({
  flagged,
  innocent,
  none,
  cases,
}: Record<"flagged" | "innocent" | "none" | "cases", number>) =>
  outcomeOf(
    "nearest flag",
    Array.from({ length: flagged }, (_, index) => ({
      ...{ ranker: "nearest flag", hit: index < innocent, expected: none / cases },
    })),
  );

/** The rankers that tell the guilty case from its twin by a count; more and fewer are one ranker, so both tails count. */
const pairedOutcomes = (pairs: Size[][]): Outcome[] => {
  const trials = pairs.flatMap((pair): Trial[] => {
    const [guilty, twin] = [true, false].map((is) => pair.find((one) => one.guilty === is)?.counts);
    if (guilty === undefined || twin === undefined) return [];
    return Object.entries(guilty).flatMap(([ranker, count]) => {
      const other = twin[ranker] ?? 0;
      return count === other ? [] : [{ ranker, hit: count > other, expected: 0.5 }];
    });
  });
  return [...Map.groupBy(trials, ({ ranker }) => ranker)].map(([ranker, of]) => {
    const more = outcomeOf(ranker, of);
    const fewer = tail(
      of.map(({ expected }) => expected),
      of.length - more.hits,
    );
    return { ...more, chance: Math.min(1, 2 * Math.min(more.chance, fewer)) };
  });
};

const outcomeOf = (ranker: string, of: Trial[]): Outcome => {
  const expected = of.map((one) => one.expected);
  const hits = of.filter(({ hit }) => hit).length;
  return {
    ...{ ranker, cases: of.length, hits },
    expected: expected.reduce((a, b) => a + b, 0),
    chance: tail(expected, hits),
  };
};

/** The exact chance of `hits` or more in independent trials of these chances (Poisson binomial). */
export const tail = (chances: number[], hits: number): number => {
  let counts = [1];
  for (const p of chances)
    counts = Array.from(
      { length: counts.length + 1 },
      (_, count) => (counts[count] ?? 0) * (1 - p) + (counts[count - 1] ?? 0) * p,
    );
  return counts.slice(hits).reduce((a, b) => a + b, 0);
};

/** The rankers for which a set is refused. */
export const refusals = (outcomes: Outcome[]): Outcome[] =>
  outcomes.filter(({ chance }) => chance < refusedBelow / outcomes.length);
