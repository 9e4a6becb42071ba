import { messageOf } from "../../errors.ts";
import type { Grid, Metrics } from "../../ports/metrics.ts";
import { type Api, type PrometheusOptions, prometheusApi } from "./api.ts";
import { readCourse } from "./history.ts";

type Window = { from: number; to: number };

/** Prometheus, or a system with its HTTP API (Thanos, Mimir, VictoriaMetrics). */
export const prometheus = (options: PrometheusOptions): Metrics => {
  const api = prometheusApi(options);
  return {
    rules: ({ metrics }, name) => api.rules(name, metrics?.tenant),
    range: ({ metrics }, query, grid) => api.range(query, grid, metrics?.tenant),
    value: (query, at) => readValue(api, query, at),
    values: (query, window) => readValues(api, query, window),
    course: async (service, alert, now) => {
      try {
        return await readCourse(api, { service, alert, now });
      } catch (error) {
        const unread = `what ${alert.name} watches could not be read: ${messageOf(error)}`;
        return { forMs: 0, series: [], unread };
      }
    },
  };
};

const readValue = async (api: Api, query: string, at: number): ReturnType<Metrics["value"]> => {
  try {
    const series = await api.range(query, { start: at, stepMs: 1000, count: 1 });
    const values = series.flatMap(({ points }) => points.map(([, value]) => value));
    if (values.length === 0) return { unread: `${query} returns nothing` };
    return { value: values.reduce((sum, value) => sum + value, 0) };
  } catch (error) {
    return { unread: `${query} could not be read: ${messageOf(error)}` };
  }
};

const readValues = async (api: Api, query: string, window: Window): ReturnType<Metrics["values"]> => {
  try {
    const points = totalOf(await api.range(query, gridOf(window)));
    return points.length === 0 ? { unread: `${query} returns nothing` } : { points };
  } catch (error) {
    return { unread: `${query} could not be read: ${messageOf(error)}` };
  }
};

const maxPoints = 600;
const gridOf = ({ from, to }: Window): Grid => {
  const stepMs = Math.max(1000, Math.ceil((to - from) / maxPoints));
  const count = Math.max(1, Math.floor((to - from) / stepMs) + 1);
  return { start: to - (count - 1) * stepMs, stepMs, count };
};

/** The sum of the series at each instant at which one of them has a number. */
const totalOf = (series: { points: [number, number][] }[]): [number, number][] => {
  const sums = new Map<number, number>();
  for (const { points } of series)
    for (const [at, value] of points) if (Number.isFinite(value)) sums.set(at, (sums.get(at) ?? 0) + value);
  return [...sums].sort((a, b) => a[0] - b[0]);
};
