import type { Reading } from "../ports/metrics.ts";

export type Labels = Record<string, string>;
/** The instants at which a window is looked at: `start + i · stepMs` for i in [0, count); the last is the window's end. Epoch ms. */
export type Grid = { start: number; stepMs: number; count: number };

/** How finely the hold time is looked at. */
const stepsPerHold = 20;
const minStepMs = 1000;
/** Prometheus refuses more than 11,000 points a series. */
const maxSteps = 10_000;
/** Missing data over more steps than this ends what is known to be quiet; one missed scrape does not. */
export const maxGap = 2;

/** Whole milliseconds, as Prometheus truncates steps to them; so `start` may lie some ms before the window. */
export const gridOf = ({ from, to }: { from: number; to: number }, holdMs: number): Grid => {
  const span = to - from;
  const wanted = Math.max(minStepMs, holdMs / stepsPerHold, span / maxSteps);
  const steps = Math.max(1, Math.floor(span / wanted));
  const stepMs = Math.max(1, Math.ceil(span / steps));
  return { start: to - steps * stepMs, stepMs, count: steps + 1 };
};

/** A series' samples, as instants in epoch ms. Their values do not matter: Prometheus fires for whatever an expression returns. */
export type Series = { labels: Labels; at: number[] };

/**
 * What the alert's own expression (`firing`) and the data under it (`data`) say about the window that `grid` spans: quiet since
 * the first instant of the unbroken tail in which the expression returned nothing although there was data.
 */
export const judge = (
  grid: Grid,
  from: number,
  { firing, data }: { firing: Series[]; data: Series[] },
): Reading => {
  const fires = marks(grid, firing);
  const has = marks(grid, data);
  const last = grid.count - 1;
  const fired = fires.lastIndexOf(true);
  if (fired === last) return { result: "firing", at: grid.start + last * grid.stepMs };
  const since = tail(has, fired + 1);
  if (since === undefined) return { result: "unknown", detail: "no data to show that it is quiet" };
  return { result: "quiet", since: Math.max(from, grid.start + since * grid.stepMs) };
};

const marks = ({ start, stepMs, count }: Grid, series: Series[]): boolean[] => {
  const marked = new Array<boolean>(count).fill(false);
  for (const { at } of series)
    for (const instant of at) {
      const index = Math.round((instant - start) / stepMs);
      if (index >= 0 && index < count) marked[index] = true;
    }
  return marked;
};

/** The first index, not below `first`, from which data goes on to the end without too large a gap. */
const tail = (has: boolean[], first: number): number | undefined => {
  let since: number | undefined;
  let gap = 0;
  for (let index = has.length - 1; index >= first; index--) {
    gap = has[index] ? 0 : gap + 1;
    if (gap > maxGap) return since;
    if (has[index]) since = index;
  }
  return since === undefined ? undefined : first;
};

/** Names of one replica of a service or of Prometheus. A deploy replaces replicas, so they tell no series apart here. */
const replica = new Set([
  "instance",
  "pod",
  "pod_name",
  "pod_template_hash",
  "container_id",
  "replica",
  "prometheus_replica",
]);

/** The alert's labels by which its series are known: not its name, not what the rule itself sets, not the replica's name. */
export const ownLabels = (alert: Labels, rule: Labels): Labels =>
  Object.fromEntries(
    Object.entries(alert).filter(
      ([name]) => name !== "alertname" && !Object.hasOwn(rule, name) && !replica.has(name),
    ),
  );

/** Whether a series or rule may be the alert's: no label that both carry differs. */
export const consistent = (labels: Labels, own: Labels): boolean =>
  Object.entries(labels).every(([name, value]) => !Object.hasOwn(own, name) || own[name] === value);

/** Several expressions as one: any that fires fires, any that is unknown is unknown, else quiet since the last fell quiet. */
export const worst = (readings: Reading[]): Reading => {
  const firing = readings.filter((reading) => reading.result === "firing");
  if (firing.length > 0) return { result: "firing", at: Math.max(...firing.map(({ at }) => at)) };
  const unknown = readings.find((reading) => reading.result === "unknown");
  if (unknown !== undefined) return unknown;
  const quiet = readings.filter((reading) => reading.result === "quiet");
  if (quiet.length === 0) return { result: "unknown", detail: "nothing was read" };
  return { result: "quiet", since: Math.max(...quiet.map(({ since }) => since)) };
};
