import { UpstreamError } from "../../shared/errors.ts";
import type { Grid, Metrics, Series } from "../../shared/ports/metrics.ts";
import type { Door } from "./door.ts";
import type { Repository } from "./repository.ts";

export type Place = { service: string; environment: string };
export const nameOf = ({ service, environment }: Place): string => `${service}_${environment}`;
/** A file that holds this word does harm where it is live. */
export const harm = "BUG";

/** The truth: the commit that is live in each place, and since when it does harm. */
export type Production = ReturnType<typeof createProduction>;

type Turn = { at: number; isBroken: boolean };

export const createProduction = (
  repository: Repository,
  {
    places,
    pathsOf,
    clock,
  }: { places: Place[]; pathsOf: (service: string) => string[]; clock: () => number },
) => {
  const live = new Map<string, string>();
  /** Troubles that no change explains, and the ends of data. */
  const ill = new Set<string>();
  const dark = new Set<string>();
  const turns = new Map<string, Turn[]>();
  const isHarmed = (place: Place): boolean => {
    const sha = live.get(nameOf(place));
    if (ill.has(nameOf(place))) return true;
    if (sha === undefined) return false;
    const paths = pathsOf(place.service);
    return [...repository.of(sha).files].some(
      ([path, text]) =>
        text.includes(harm) && (paths.length === 0 || paths.some((prefix) => path.startsWith(prefix))),
    );
  };
  const note = (): void => {
    for (const place of places) {
      const all = turns.get(nameOf(place)) ?? [];
      const isBroken = isHarmed(place);
      if ((all.at(-1)?.isBroken ?? false) !== isBroken)
        turns.set(nameOf(place), [...all, { at: clock(), isBroken }]);
    }
  };
  const wasBroken = (name: string, at: number): boolean =>
    turns.get(name)?.findLast((turn) => turn.at <= at)?.isBroken ?? false;
  return {
    ...{ live, places, wasBroken, dark },
    isBroken: (place: Place): boolean => wasBroken(nameOf(place), clock()),
    /** Since when it is as it is. */
    since: (place: Place): number => turns.get(nameOf(place))?.at(-1)?.at ?? 0,
    deploy: (place: Place, sha: string): void => {
      live.set(nameOf(place), sha);
      note();
    },
    /** A trouble of the machines. */
    harm: (place: Place, isHarmedNow: boolean): void => {
      isHarmedNow ? ill.add(nameOf(place)) : ill.delete(nameOf(place));
      note();
    },
  };
};

const plain = { labels: {}, forMs: 0, keepFiringMs: 0, everyMs: 15_000 };
const ruleName = /^Errors_(\w+)$/;
const seriesName = /errors_(\w+?)\b/;

/** Prometheus for one process of the product: one rule a place, `errors_PLACE > 0`. */
export const metricsOf = (production: Production, door: Door, clock: () => number): Metrics => {
  const call = <T>(name: string, work: () => T): Promise<T> => door.call("prometheus", name, work);
  const points = (query: string, { start, stepMs, count }: Grid): Series[] => {
    const name = seriesName.exec(query)?.[1] ?? "";
    const instants = Array.from({ length: count }, (_, index) => start + index * stepMs);
    if (production.dark.has(name)) return [];
    const isFiring = query === `errors_${name} > 0`;
    const found = instants
      .filter((at) => !isFiring || production.wasBroken(name, at))
      .map((at): [number, number] => [at, production.wasBroken(name, at) ? 5 : 0]);
    return found.length === 0 ? [] : [{ labels: {}, points: found }];
  };
  const read = async <T>(name: string, work: () => T): Promise<T | { unread: string }> => {
    try {
      return await call(name, work);
    } catch (error) {
      if (error instanceof UpstreamError) return { unread: error.message };
      throw error;
    }
  };
  return {
    rules: (_, name) =>
      call("read rules", () => {
        const place = ruleName.exec(name)?.[1];
        return place === undefined ? [] : [{ ...plain, expr: `errors_${place} > 0`, active: [] }];
      }),
    recordings: () => call("read rules", () => ({})),
    range: (_, query, grid) => call("query range", () => points(query, grid)),
    value: async (_, query, at) =>
      read("query", () => {
        const name = seriesName.exec(query)?.[1] ?? "";
        return { value: production.wasBroken(name, at) ? 5 : 0 };
      }),
    values: async (_, query, { from, to }) =>
      read("query values", () => {
        const [series] = points(query, { start: from, stepMs: Math.max(1000, (to - from) / 60), count: 61 });
        return { points: series?.points ?? [] };
      }),
    labels: async () => read("query labels", () => ({ labels: [] })),
    course: async (_, { name, startsAt }) => {
      const place = ruleName.exec(name)?.[1] ?? "";
      const read = async () =>
        call("query course", () =>
          points(`errors_${place}`, { start: startsAt - 1_800_000, stepMs: 60_000, count: 35 }),
        );
      const series = await read().catch((error: unknown) => {
        if (error instanceof UpstreamError) return undefined;
        throw error;
      });
      if (series === undefined) return { forMs: 0, series: [], unread: "the metrics could not be read" };
      const until = clock();
      return {
        forMs: 0,
        series: series.map((one) => ({
          metric: `errors_${place}`,
          points: one.points.filter(([at]) => at <= until),
        })),
      };
    },
  };
};
