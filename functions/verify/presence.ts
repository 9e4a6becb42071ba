import type { Presence } from "../../shared/policy/recovery/recovery.ts";
import type { Counted, Scoped } from "../../shared/policy/recovery/scope.ts";
import type { Grid, Labels, Metrics, Series } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { consistent, isLabelName } from "../../shared/promql/labels.ts";
import { quoted } from "../../shared/promql/quoted.ts";
import {
  absentOverTime,
  absentTargets,
  countBy,
  type Side,
  selectorText,
} from "../../shared/promql/selectors.ts";
import { trafficQueries } from "../../shared/promql/traffic.ts";
import {
  anyState,
  countsRequests,
  hasGoodState,
  isCounter,
  namesTrouble,
  sibling,
} from "../../shared/promql/trouble.ts";
import { ownValue } from "../../shared/records.ts";

type Window = { from: number; to: number };
/** `fired`: the time from the alert's start to the fix, in which its series existed. */
type Judging = { metrics: Metrics; service: Service; grid: Grid; fired?: Window | undefined };
export type Given = { scoped: Scoped; counts: Counted[] };

/**
 * One presence a group of sides. A side without data whose series name trouble is replaced by its sibling or its target. One of several
 * conditions (`a > 1 or b > 1`) needs no data where it had none while the alert fired. `isDeep`: so does every other side.
 */
export const presencesOf = async (
  judging: Judging,
  { scoped, counts }: Given,
  isDeep = false,
): Promise<Presence[]> => {
  const groups = [...Map.groupBy(counts, ({ side }) => side.group).values()];
  const found = await Promise.all(
    groups.map(async (group) => {
      const name = group.map(({ side }) => side.text).join(" or ");
      const series = group.flatMap((one) =>
        one.series.filter(({ labels }) => scoped.isOurs(one.side, labels)),
      );
      if (series.some(({ points }) => points.length >= judging.grid.count)) return { name, series };
      const isOptional = isDeep || group.every(({ side }) => side.alternative);
      if (isOptional && !(await hadData(judging, group, scoped))) return undefined;
      const trouble = group.find(({ side }) => namesTrouble(side))?.side;
      if (trouble === undefined || (await isAlwaysThere(judging, trouble, scoped))) return { name, series };
      return { name, series: [...series, ...(await substitutes(judging, trouble, scoped))] };
    }),
  );
  const back = await Promise.all([targetsBack(judging, scoped), seriesBack(judging, scoped)]);
  return [...found.filter((one) => one !== undefined), ...back.flat()];
};

/** The series that `absent_over_time` asks for, where it is there now and came more than once: one sample keeps the rule quiet for its whole range. */
const seriesBack = ({ metrics, service, grid }: Judging, { expr }: Scoped): Promise<Presence[]> => {
  const last = (grid.start + (grid.count - 1) * grid.stepMs) / 1000;
  const long = Math.max(leastSeen, grid.count * grid.stepMs);
  return Promise.all(
    absentOverTime(expr).map(async (name) => {
      const query = `count(${name} @ ${last} and count_over_time(${name}[${long}ms] @ ${last}) > 1)`;
      return { name, series: await metrics.range(service, query, grid) };
    }),
  );
};
/** A series is scraped or sent more often than this. */
const leastSeen = 15 * 60_000;

/** `up == 1` of what `absent(up)` asks for: a target that is scraped again, and does not answer, is not back. */
const targetsBack = ({ metrics, service, grid }: Judging, { expr }: Scoped): Promise<Presence[]> =>
  Promise.all(
    absentTargets(expr)
      .map((text) => `${text} == 1`)
      .map(async (name) => ({ name, series: await metrics.range(service, `count(${name})`, grid) })),
  );

/** Whether a gauge had series without trouble while the alert fired: then its exporter does not drop them when all is well. */
const isAlwaysThere = async (
  { metrics, service, fired }: Judging,
  side: Side,
  { labels, isOurs }: Scoped,
): Promise<boolean> => {
  if (fired === undefined || isCounter(side)) return false;
  const query = `max by (${Object.keys(labels).filter(isLabelName).join(", ")}) (${side.text})`;
  const series = await metrics.range(service, query, gridBefore(fired));
  const ours = series.filter((one) => isOurs(side, one.labels));
  return ours.length > 0 && ours.every(({ points }) => points.every(([, value]) => value === 0));
};

/** Whether a group of sides had the alert's data while the alert fired. */
const hadData = async (
  { metrics, service, fired }: Judging,
  group: Counted[],
  { labels, isOurs }: Scoped,
): Promise<boolean> => {
  if (fired === undefined) return true;
  const before = gridBefore(fired);
  const read = await Promise.all(
    group.map(async ({ side }) => {
      const series = await metrics.range(service, countBy(side.text, Object.keys(labels)), before);
      return series.some((one) => isOurs(side, one.labels));
    }),
  );
  return read.includes(true);
};

/**
 * The series that show that nothing is missing where an error's series are: the same metric without the error, or the
 * target that exports it, where there was no such metric while the alert fired either.
 */
const substitutes = async (judging: Judging, side: Side, scoped: Scoped): Promise<Series[]> => {
  const { metrics, service, grid, fired } = judging;
  const { labels } = scoped;
  const beside = sibling(side);
  const text = beside === undefined ? undefined : selectorText(beside);
  // The labels that name the trouble are not those of its sibling.
  const named = new Set(side.matchers.map(({ label }) => label));
  const shared = Object.fromEntries(Object.entries(labels).filter(([name]) => !named.has(name)));
  const read = async (query: string, over: Grid): Promise<Series[]> =>
    (await metrics.range(service, countBy(query, Object.keys(shared)), over)).filter((series) =>
      consistent(series.labels, shared),
    );
  const ours = text === undefined ? [] : await read(text, grid);
  if (ours.length > 0 || fired === undefined) return ours;
  const before = gridBefore(fired);
  if (text !== undefined) {
    const good = `${selectorText(anyState(side)) ?? text} unless ${side.text}`;
    const looks = hasGoodState(side)
      ? [metrics.range(service, good, before), metrics.range(service, good, grid)]
      : [read(good, before)];
    if ((await Promise.all(looks)).some((known) => known.length > 0)) return [];
  }
  return targetsUp(judging, { side, labels, before });
};

const maxPoints = 60;
/** The time while the alert fired, up to the fix. */
export const gridBefore = ({ from, to }: Window): Grid => {
  const stepMs = Math.max(1000, Math.ceil((to - from) / maxPoints));
  const count = Math.max(1, Math.floor((to - from) / stepMs) + 1);
  return { start: to - (count - 1) * stepMs, stepMs, count };
};

/**
 * `up` of the jobs that exported the selector while the alert fired; of a job whose targets carried the alert's labels
 * then, the targets that carry them.
 */
const targetsUp = async (
  { metrics, service, grid }: Judging,
  { side, labels, before }: { side: Side; labels: Labels; before: Grid },
): Promise<Series[]> => {
  const exported = await metrics.range(service, countBy(side.text, ["job"]), before);
  const jobs = [...new Set(exported.flatMap((series) => series.labels.job ?? []))];
  const ups = await Promise.all(
    jobs.map(async (job) => {
      const known = await metrics.range(service, countBy(upOf(job, {}), Object.keys(labels)), before);
      const own = known.find((series) => Object.entries(series.labels).some(isOf(labels)));
      const kept = Object.entries(own?.labels ?? {}).filter(isOf(labels));
      return metrics.range(service, `count(${upOf(job, Object.fromEntries(kept))} == 1)`, grid);
    }),
  );
  return ups.every((series) => series.length > 0) ? ups.flat() : [];
};

const isOf =
  (labels: Labels) =>
  ([name, value]: [string, string]): boolean =>
    ownValue(labels, name) === value;
const upOf = (job: string, labels: Labels): string => {
  const matchers = Object.entries({ job, ...labels }).filter(([name]) => isLabelName(name));
  return `up{${matchers.map(([name, value]) => `${name}=${quoted(value)}`).join(",")}}`;
};

/** The denominators and quantiles of the expression, and the requests beside an error counter. */
export const trafficOf = async (
  { scoped, counts }: Given,
  read: (query: string) => Promise<Series[]>,
): Promise<Presence[]> => {
  const requests = counts
    .map(({ side }) => side)
    .filter(countsRequests)
    .flatMap((side) => sibling(side) ?? [])
    .flatMap((side) => {
      const text = selectorText(side);
      return text === undefined ? [] : [`sum(rate(${text}[${side.range ?? "5m"}]))`];
    });
  const queries = [...trafficQueries(scoped.expr), ...requests];
  return Promise.all(queries.map(async (name) => ({ name, series: await read(name) })));
};
