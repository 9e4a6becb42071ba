import type { Course, Grid, Series } from "../../ports/metrics.ts";
import { queriesFor, type Service } from "../../ports/service.ts";
import { compared } from "../../promql/compared.ts";
import { keptApart } from "../../promql/group-by-label.ts";
import { knownBy } from "../../promql/known-labels.ts";
import { consistent, type Labels } from "../../promql/labels.ts";
import { candidates } from "../../promql/rule-choice.ts";
import { sidesOf } from "../../promql/selectors.ts";
import type { Api } from "./api.ts";

type Asked = {
  service: Service;
  alert: { name: string; labels: Labels; startsAt: number; since?: number };
  now: number;
};

const minute = 60_000;
const hour = 60 * minute;
/** The look-back for the usual values, and the time read past the alert's start. */
const lookBack = { usualMs: 6 * hour, mostMs: 24 * hour, climbMs: 7 * 24 * hour };
const pastMs = 15 * minute;
const steps = { leastMs: 1000, mostMs: minute, most: 1500 };
/** Series of one alert; the labels of the alert leave one as a rule. */
const maxSeries = 5;
/** Series of one alert by version: with pods for versions there are many. */
const maxVersions = 100;

/** The values that the alert's expression compares, from well before its start, as finely as its rule looks. Throws UpstreamError. */
export const readCourse = async (api: Api, asked: Asked): Promise<Course> => {
  const { service, alert, now } = asked;
  const { verify, versionLabel, metrics } = service;
  const [rule] = candidates(await api.rules(alert.name, metrics?.tenant), alert.labels);
  const query = queriesFor(verify.expr, alert.name)[0] ?? rule?.expr;
  const { forMs = 0, everyMs = minute, labels = {} } = rule ?? {};
  if (query === undefined) return { forMs, series: [] };
  const values = compared(query);
  const asRule = { rule: { expr: query, labels } };
  if (values === undefined) return { forMs, series: [], ...asRule };
  const own = knownBy({ alert: alert.labels, rule: labels }, verify.labels ?? {}, sidesOf(query));
  const grid = gridOf(
    {
      begun: alert.startsAt - forMs,
      until: Math.min(now, alert.startsAt + pastMs),
      lookBackMs: lookBackOf(alert, forMs),
    },
    everyMs,
  );
  const metric = `${alert.name}'s ${values.isRatio ? "ratio" : "value"}`;
  const read = (of: Grid): Promise<Values> => api.range(values.query, of, metrics?.tenant);
  const [recent, byVersion] = await Promise.all([
    read(grid),
    readVersions(api, { query: values.query, grid, versionLabel, tenant: metrics?.tenant }),
  ]);
  const found = recent.some(climbsThroughout) ? await withEarlier(read, recent, grid) : recent;
  const { split = found, unread } = byVersion;
  return {
    ...{ forMs, ...asRule },
    series: found
      .filter((one) => consistent(one.labels, own))
      .slice(0, maxSeries)
      .map(({ points }) => ({ metric, points })),
    ...versionsOf(split, { own, versionLabel, metric }),
    ...(unread === undefined ? {} : { unread: `what ${alert.name} watches, by ${versionLabel}, ${unread}` }),
  };
};

type Values = Series[];

/** Whether a series rises or falls from its first quarter to its last without a level beginning: then it began before. */
const climbsThroughout = ({ points }: Series): boolean => {
  const values = points.map(([, value]) => value).filter(Number.isFinite);
  const quarters = Array.from({ length: 4 }, (_, index) =>
    values.slice((index * values.length) / 4, ((index + 1) * values.length) / 4),
  );
  if (quarters.some(({ length }) => length < 5)) return false;
  const [a = 0, b = 0, c = 0, d = 0] = quarters.map(
    (some) => some.reduce((sum, one) => sum + one, 0) / some.length,
  );
  const step = (d - a) / 3;
  return step !== 0 && [b - a, c - b, d - c].every((one) => one / step > 0.5);
};

/** The same series with the days before, more coarsely. A failed read leaves them as they are. */
const withEarlier = async (
  read: (grid: Grid) => Promise<Values>,
  recent: Values,
  { start, stepMs, count }: Grid,
): Promise<Values> => {
  const until = start + (count - 1) * stepMs;
  const coarse = Math.max(stepMs, Math.ceil(lookBack.climbMs / steps.most / 1000) * 1000);
  const days = Math.min(steps.most, Math.floor(lookBack.climbMs / coarse));
  const whole = { start: until - (days - 1) * coarse, stepMs: coarse, count: days };
  const earlier = await read(whole).catch(() => []);
  return recent.map((series) => {
    const same = earlier.find(({ labels }) => isSame(labels, series.labels));
    const before = same?.points.filter(([at]) => at < start) ?? [];
    return { ...series, points: [...before, ...series.points] };
  });
};

const isSame = (a: Labels, b: Labels): boolean => consistent(a, b) && consistent(b, a);

type Versioned = { query: string; grid: Grid; versionLabel: string | undefined; tenant: string | undefined };

/** The same query by version. Nothing when that cannot be asked with certainty, or when the query does it anyway. */
const readVersions = async (
  api: Api,
  { query, grid, versionLabel, tenant }: Versioned,
): Promise<{ split?: Values; unread?: string }> => {
  const apart = versionLabel === undefined ? undefined : keptApart(query, versionLabel);
  if (apart === undefined || apart === query) return {};
  try {
    return { split: await api.range(apart, grid, tenant) };
  } catch (error) {
    return { split: [], unread: `could not be read (${error instanceof Error ? error.message : error})` };
  }
};

const versionsOf = (
  found: Values,
  { own, versionLabel, metric }: { own: Labels; versionLabel: string | undefined; metric: string },
): Pick<Course, "versions"> => {
  if (versionLabel === undefined) return {};
  // An alert that is of one version, or of one pod, is compared with the others.
  const { [versionLabel]: _, pod: __, instance: ___, ...rest } = own;
  const versions = found
    .filter(({ labels }) => Object.hasOwn(labels, versionLabel) && consistent(labels, rest))
    .slice(0, maxVersions)
    .map(({ labels, points }) => ({ metric, version: labels[versionLabel] ?? "", points }));
  return versions.length === 0 ? {} : { versions };
};

/** The look-back: to `since` and some time before it, where that is longer than usual, as a slow leak begins with a deploy hours before. */
const lookBackOf = ({ startsAt, since = startsAt }: Asked["alert"], forMs: number): number =>
  Math.min(lookBack.mostMs, Math.max(lookBack.usualMs, startsAt - forMs - since + hour));

type Span = { begun: number; until: number; lookBackMs: number };
const gridOf = ({ begun, until, lookBackMs }: Span, everyMs: number): Grid => {
  const usualMs = Math.round(Math.min(steps.mostMs, Math.max(steps.leastMs, everyMs)));
  const wholeMs = Math.max(begun, until) - begun + lookBackMs;
  const stepMs =
    lookBackMs <= lookBack.usualMs
      ? usualMs
      : Math.max(usualMs, Math.ceil(wholeMs / steps.most / 1000) * 1000);
  const count = Math.min(steps.most, Math.ceil((Math.max(begun, until) - begun + lookBackMs) / stepMs));
  return { start: until - (count - 1) * stepMs, stepMs, count };
};
