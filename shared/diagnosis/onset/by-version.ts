import type { Series } from "../model.ts";
import { inOrder, isLoad, median, timeAt } from "./change-point.ts";
import { called, distinguishingLabel } from "./version-labels.ts";

type Points = Series["points"];
/**
 * One version of a service as one metric shows it; `named` is what people call it. Points are in order. Counts are per
 * request, where the requests of each version are known.
 */
export type Version = { version: string; named: string; points: Points };
/** One metric of a service, version by version, in the order in which they were first seen. */
export type Split = Pick<Series, "service" | "metric" | "alert"> & { versions: Version[] };

/** Series that are looked at, their points in all and of each, and versions of one metric that are compared: the newest. */
const limits = { series: 5000, points: 300_000, each: 5000, versions: 8 };

/**
 * Metrics as wholes and, where a label tells versions apart, version by version. Series that exist only by version are summed, so that each
 * metric is compared once.
 */
export const splitsOf = (series: Series[]): { whole: Series[]; splits: Split[] } => {
  const whole = series.filter(({ versions }) => versions === undefined);
  const known = new Set(whole.map(keyOf));
  const parts = series.filter(({ versions }) => versions !== undefined).slice(-limits.series);
  const room = Math.min(limits.each, Math.floor(limits.points / Math.max(1, parts.length)));
  const splits: Split[] = [];
  for (const [key, group] of Map.groupBy(parts, keyOf)) {
    const [first] = group;
    if (first === undefined) continue;
    const { service, metric, alert } = first;
    const [what, versions] = [kindOf(first), versionsOf(group, room)];
    if (!known.has(key)) {
      const together = merge(
        versions.map(({ points }) => points),
        across[what],
      );
      whole.push({ ...without(first), points: together });
    }
    if (versions.length > 1 && what !== "load")
      splits.push({
        ...{
          service,
          metric,
          versions: byRequest(
            versions.slice(-limits.versions),
            what === "amount" ? requestsOf(service, parts, room) : undefined,
          ),
        },
        ...(alert === undefined ? {} : { alert }),
      });
  }
  return { whole, splits };
};

/** The median of the requests of each version of a service; undefined where nothing tells them. */
const requestsOf = (service: string, parts: Series[], room: number): Map<string, number> | undefined => {
  const load = parts.filter((one) => one.service === service && one.alert === undefined && isLoad(one));
  const [first] = load;
  if (first === undefined) return undefined;
  const versions = versionsOf(
    load.filter(({ metric }) => metric === first.metric),
    room,
  );
  return new Map(versions.map(({ version, points }) => [version, median(points.map(([, value]) => value))]));
};

/** A canary has few errors because it has few requests. */
const byRequest = (versions: Version[], requests: Map<string, number> | undefined): Version[] => {
  const all = versions.map(({ version }) => requests?.get(version) ?? 0);
  const most = Math.max(...all);
  if (all.some((one) => one <= 0)) return versions;
  return versions.map((one, index) => ({
    ...one,
    points: one.points.map(([at, value]) => [at, (value * most) / (all[index] ?? most)]),
  }));
};

const keyOf = ({ service, metric, alert = "" }: Series): string => JSON.stringify([service, metric, alert]);
const without = ({ versions: _, ...rest }: Series): Series => rest;

const versionsOf = (group: Series[], room: number): Version[] => {
  const label = distinguishingLabel(group);
  const within = copies[group[0] === undefined ? "share" : kindOf(group[0])];
  const named = ({ versions = {} }: Series): string => (label === undefined ? "" : (versions[label] ?? ""));
  return [...Map.groupBy(group, named)]
    .filter(([version]) => label === undefined || version !== "")
    .map(([version, copies]) => ({
      version,
      named: called(label ?? "", version),
      points: merge(
        copies.map(({ points }) => inOrder(points, room)),
        within,
      ),
    }))
    .filter(({ points }) => points.length > 0)
    .sort((a, b) => timeAt(a.points, 0) - timeAt(b.points, 0) || (a.version < b.version ? -1 : 1));
};

/** Kinds of metrics by the words of their names. A ratio of errors counts as a share, not as an amount. */
const shares = /(^|_)(ratio|rate|share|fraction|percent|percentage)(_|$|\d)/;
const amounts = /(^|_)(total|count|errors?|fail\w*|per_second|per_minute|depth|length|bytes)(_|$)/;
const good = /(^|_)(success\w*|availab\w*|apdex|health\w*|hits?|ready|up)(_|$)/;
const bad = /(^|_)(unavailab\w*|unhealth\w*|errors?|fail\w*|latency|duration|5xx)(_|$)/;
/** A metric's name without its labels, in small letters and parts. */
const plain = (metric: string): string =>
  metric
    .slice(0, 200)
    .replace(/\{.*/s, "")
    .replace(/([a-z])(?=[A-Z])/g, "$1_")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();

/** Which way a metric moves when things get worse, by its name: up, down, or unknown. */
export const worseOf = (metric: string): 1 | -1 | undefined => {
  const name = plain(metric);
  if (bad.test(name)) return 1;
  return good.test(name) ? -1 : undefined;
};

const kindOf = (series: Series): keyof typeof across => {
  if (isLoad(series)) return "load";
  const name = plain(series.metric);
  if (!shares.test(name) && amounts.test(name)) return "amount";
  return worseOf(series.metric) === -1 ? "goodShare" : "share";
};

type Combine = (values: number[]) => number;
const sum: Combine = (values) => values.reduce((total, value) => total + value, 0);
const mean: Combine = (values) => sum(values) / values.length;
const highest: Combine = (values) => values.reduce((most, value) => Math.max(most, value));
const lowest: Combine = (values) => values.reduce((least, value) => Math.min(least, value));
/** Copies of one version share its amounts; of shares each has its own. A service is as bad as the worst of its versions. */
const copies = { load: sum, amount: sum, share: mean, goodShare: mean };
const across = { load: sum, amount: sum, share: highest, goodShare: lowest };

/** Several courses as one, moment by moment, as finely as the coarsest of them was sampled; one that misses a single moment is held. */
export const merge = (courses: Points[], combine: Combine): Points => {
  if (courses.length < 2) return courses[0] ?? [];
  const step = Math.max(1, ...courses.map(usualGap));
  const moments = new Map<number, { at: number; values: number[] }>();
  for (const course of courses)
    for (const [moment, { at, values }] of fillGaps(byMoment(course, step))) {
      const known = moments.get(moment);
      if (known === undefined) moments.set(moment, { at, values: [mean(values)] });
      else {
        known.at = Math.min(known.at, at);
        known.values.push(mean(values));
      }
    }
  return [...moments.values()]
    .map(({ at, values }): [number, number] => [at, combine(values)])
    .sort((a, b) => a[0] - b[0]);
};

const usualGap = (points: Points): number =>
  median(points.slice(1).map(([at], before) => at - (points[before]?.[0] ?? at)));

type Moments = Map<number, { at: number; values: number[] }>;
const byMoment = (points: Points, step: number): Moments => {
  const moments: Moments = new Map();
  for (const [at, value] of points) {
    const moment = Math.floor(at / step);
    const known = moments.get(moment);
    if (known === undefined) moments.set(moment, { at, values: [value] });
    else known.values.push(value);
  }
  return moments;
};

const fillGaps = (moments: Moments): Moments => {
  for (const [moment, { at, values }] of [...moments])
    if (!moments.has(moment + 1) && moments.has(moment + 2))
      moments.set(moment + 1, { at: (at + (moments.get(moment + 2)?.at ?? at)) / 2, values });
  return moments;
};
