import type { Grid, Reading, Series } from "../../ports/metrics.ts";

/** The number of evaluations within the hold time. */
const stepsPerHold = 20;
const minStepMs = 1000;
/** Prometheus refuses more than 11,000 points a series. */
const maxSteps = 10_000;
/** Missing data over more steps than this ends the time that is known to be quiet; one missed scrape does not. */
export const maxGap = 2;

/** Whole milliseconds, as Prometheus truncates steps to them; so `start` may lie some ms before the window. */
export const gridOf = ({ from, to }: { from: number; to: number }, holdMs: number): Grid => {
  const span = to - from;
  const wanted = Math.max(minStepMs, holdMs / stepsPerHold, span / maxSteps);
  const steps = Math.max(1, Math.floor(span / wanted));
  const stepMs = Math.max(1, Math.ceil(span / steps));
  return { start: to - steps * stepMs, stepMs, count: steps + 1 };
};

/** The data of one selector, or of several that stand for each other. `name` is for people. */
export type Presence = { name: string; series: Series[] };

/**
 * The answers about one rule over a window. `firing`: the expression; `ungated`: the expression without the conditions
 * that can mute it; `rebased`: the expression beside its past from before the onset; `held`: with what changes read as changes since then; `data`: the series that it reads; `traffic`: values that must be numbers other than 0; `values`: the
 * compared values, which must be numbers where they exist.
 */
export type Evidence = {
  grid: Grid;
  from: number;
  forMs: number;
  firing: Series[];
  ungated?: Series[];
  rebased?: Series[];
  held?: Series[];
  data: Presence[];
  traffic: Presence[];
  values?: Presence[];
};

/** Quiet since the first instant of the unbroken tail in which the expression did not fire although there was data and traffic. */
export const judge = (evidence: Evidence): Reading => {
  const { grid, from } = evidence;
  const last = grid.count - 1;
  const at = (index: number): number => grid.start + index * grid.stepMs;
  const fired = lastFired(evidence, evidence.firing);
  if (fired === last) return { result: "firing", at: at(last) };
  const missing = tails(evidence, evidence.data, (points) => points);
  if ("name" in missing)
    return unknown("telemetry_gone", `no data to show that it is quiet, as ${missing.name} returns nothing`);
  const hidden = mutes.map(({ by, detail }) => ({ detail, last: lastFired(evidence, evidence[by] ?? []) }));
  const mute = hidden.find((one) => one.last === last);
  if (mute !== undefined) return { result: "firing", at: at(last), verdict: "muted", detail: mute.detail };
  const muted = Math.max(...hidden.map((one) => one.last));
  const idle = tails(evidence, evidence.traffic, countable);
  if ("name" in idle)
    return unknown("no_traffic", `no traffic to judge by, as ${idle.name} is 0 or not a number`);
  const blank = lastBlank(grid, evidence.values ?? []);
  if (blank?.last === last) return unknown("no_traffic", `no traffic to judge by, as ${blank.name} is NaN`);
  const since = Math.max(fired + 1, muted + 1, missing.since, idle.since, (blank?.last ?? -1) + 1);
  return { result: "quiet", since: Math.max(from, at(since)) };
};

const mutes = [
  { by: "ungated", detail: "only its own condition mutes it, and without that condition it still fires" },
  {
    by: "rebased",
    detail:
      "it is quiet only because its own past holds the trouble by now; beside the time before the onset it still fires",
  },
  {
    by: "held",
    detail:
      "it is quiet only because nothing changes any more, and its value is not back where it was before the onset; where that is well, verify.expr can say so",
  },
] as const;

const unknown = (verdict: "telemetry_gone" | "no_traffic", detail: string): Reading => ({
  result: "unknown",
  ...{ verdict, detail },
});

type Points = Series["points"];

/** The value that was last NaN in all of its series, and when. */
const lastBlank = (grid: Grid, values: Presence[]): { name: string; last: number } | undefined => {
  const blanks = values.map(({ name, series }) => {
    const points = series.flatMap((one) => one.points);
    const numbers = marks(
      grid,
      points.filter(([, value]) => !Number.isNaN(value)),
    );
    return { name, last: marks(grid, points).findLastIndex((has, index) => has && !numbers[index]) };
  });
  return blanks.toSorted((a, b) => b.last - a.last)[0];
};

/** NaN and 0 mean that there is no traffic. */
const countable = (points: Points): Points =>
  points.filter(([, value]) => value !== 0 && !Number.isNaN(value));

/** The first index from which all are present to the end, or the first that is not. */
const tails = (
  { grid }: Evidence,
  presences: Presence[],
  keep: (points: Points) => Points,
): { since: number } | { name: string } => {
  let since = 0;
  for (const { name, series } of presences) {
    const start = tail(
      marks(
        grid,
        series.flatMap(({ points }) => keep(points)),
      ),
    );
    if (start === undefined) return { name };
    since = Math.max(since, start);
  }
  return { since };
};

/** The first index from which data goes on to the end without too large a gap. */
const tail = (has: boolean[]): number | undefined => {
  let since: number | undefined;
  let gap = 0;
  for (let index = has.length - 1; index >= 0; index--) {
    gap = has[index] ? 0 : gap + 1;
    if (gap > maxGap) return since;
    if (has[index]) since = index;
  }
  return since === undefined ? undefined : 0;
};

const marks = ({ start, stepMs, count }: Grid, points: Points): boolean[] => {
  const marked = new Array<boolean>(count).fill(false);
  for (const [at] of points) {
    const index = Math.round((at - start) / stepMs);
    if (index >= 0 && index < count) marked[index] = true;
  }
  return marked;
};

/**
 * The last index at which a series fires, or -1. A series fires once it was there for `for`. At the end of the window
 * it counts at once, and at its beginning it may have been there for long.
 */
const lastFired = ({ grid, forMs }: Evidence, series: Series[]): number => {
  const ends = series.map(({ points }) => {
    const runs = runsOf(marks(grid, points));
    const long = runs.filter(
      ({ first, last }) =>
        first === 0 || last === grid.count - 1 || (last - first + 2) * grid.stepMs >= forMs,
    );
    return long.at(-1)?.last ?? -1;
  });
  return Math.max(-1, ...ends);
};

/** The quiet times of a grid between two times in which a series fires for `for` at least, and the time since it last fired. In ms. */
export const pausesOf = ({ grid, forMs }: Pick<Evidence, "grid" | "forMs">, series: Series[]) => {
  const marked = marks(
    grid,
    series.flatMap(({ points }) => points),
  );
  const runs = runsOf(marked).filter(({ first, last }) => (last - first + 2) * grid.stepMs >= forMs);
  const between = runs.slice(1).map(({ first }, index) => first - (runs[index]?.last ?? first) - 1);
  const last = runs.at(-1)?.last ?? 0;
  return {
    pauses: between.map((steps) => steps * grid.stepMs),
    quietMs: (grid.count - 1 - last) * grid.stepMs,
  };
};

const runsOf = (marked: boolean[]): { first: number; last: number }[] => {
  const runs: { first: number; last: number }[] = [];
  for (const [index, isThere] of marked.entries()) {
    const run = runs.at(-1);
    if (!isThere) continue;
    if (run !== undefined && run.last === index - 1) run.last = index;
    else runs.push({ first: index, last: index });
  }
  return runs;
};

/** Several expressions as one: any that fires fires, any that is unknown is unknown, else quiet since the last fell quiet. */
export const worst = (readings: Reading[]): Reading => {
  const firing = readings.filter((reading) => reading.result === "firing");
  const [first] = firing.toSorted((a, b) => b.at - a.at || (a.verdict === undefined ? -1 : 1));
  if (first !== undefined) return first;
  const unread = readings.find((reading) => reading.result === "unknown");
  if (unread !== undefined) return unread;
  const quiet = readings.filter((reading) => reading.result === "quiet");
  if (quiet.length === 0) return { result: "unknown", detail: "nothing was read" };
  return { result: "quiet", since: Math.max(...quiet.map(({ since }) => since)) };
};
