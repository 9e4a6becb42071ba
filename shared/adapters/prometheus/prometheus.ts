import {
  consistent,
  type Grid,
  gridOf,
  judge,
  type Labels,
  ownLabels,
  worst,
} from "../../policy/recovery.ts";
import type { Metrics, Reading } from "../../ports/metrics.ts";
import type { Service } from "../../ports/service.ts";
import { type Api, type PrometheusOptions, prometheusApi, type Rule } from "./api.ts";
import { readCourse } from "./history.ts";
import { dataQuery } from "./promql.ts";
import { rulesOf } from "./rules.ts";

type Verify = Service["verify"];
type Window = { from: number; to: number };
type Expression = Pick<Rule, "query" | "labels">;
type Question = { alert: { name: string; labels: Labels }; verify: Verify; window: Window };

/** Prometheus, or what speaks its HTTP API (Thanos, Mimir, VictoriaMetrics). Query texts come from the configuration and from its own rules only. */
export const prometheus = (options: PrometheusOptions): Metrics => {
  const api = prometheusApi(options);
  return {
    read: async ({ verify }, alert, window) => {
      try {
        return await readAlert(api, { alert, verify, window });
      } catch (error) {
        return unknown(alert.name, reasonOf(error));
      }
    },
    value: async (query, at) => {
      try {
        const series = await api.values(query, { start: at, stepMs: 1000, count: 1 });
        const values = series.flatMap(({ points }) => points.map(([, value]) => value));
        if (values.length === 0) return { unread: `${query} returns nothing` };
        return { value: values.reduce((sum, value) => sum + value, 0) };
      } catch (error) {
        return { unread: `${query} could not be read: ${reasonOf(error)}` };
      }
    },
    values: async (query, window) => {
      try {
        const points = totalOf(await api.values(query, traceGrid(window)));
        return points.length === 0 ? { unread: `${query} returns nothing` } : { points };
      } catch (error) {
        return { unread: `${query} could not be read: ${reasonOf(error)}` };
      }
    },
    course: async ({ verify, versionLabel }, alert, now) => {
      try {
        return await readCourse(api, { alert, verify, now, versionLabel });
      } catch (error) {
        return {
          forMs: 0,
          series: [],
          unread: `what ${alert.name} watches could not be read: ${reasonOf(error)}`,
        };
      }
    },
  };
};

/** As many points as tell when something moved. */
const tracePoints = 600;
const traceGrid = ({ from, to }: Window): Grid => {
  const stepMs = Math.max(1000, Math.ceil((to - from) / tracePoints));
  const count = Math.max(1, Math.floor((to - from) / stepMs) + 1);
  return { start: to - (count - 1) * stepMs, stepMs, count };
};

/** Series added up, at each instant at which one of them has a number. */
const totalOf = (series: { points: [number, number][] }[]): [number, number][] => {
  const sums = new Map<number, number>();
  for (const { points } of series)
    for (const [at, value] of points) if (Number.isFinite(value)) sums.set(at, (sums.get(at) ?? 0) + value);
  return [...sums].sort((a, b) => a[0] - b[0]);
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const unknown = (name: string, detail: string): Reading => ({
  result: "unknown",
  detail: `${name}: ${detail}`,
});

const readAlert = async (api: Api, question: Question): Promise<Reading> => {
  const { alert, verify, window } = question;
  if (window.to < window.from) return unknown(alert.name, "the window is empty");
  const grid = gridOf(window, verify.holdMs);
  const rules: Expression[] =
    verify.expr === undefined ? await rulesOf(api, alert) : [{ query: verify.expr, labels: {} }];
  if (rules.length === 0)
    return unknown(alert.name, "Prometheus has no alerting rule of this name; set verify.expr");
  return worst(await Promise.all(rules.map((rule) => readRule(api, rule, question, grid))));
};

const readRule = async (api: Api, rule: Expression, question: Question, grid: Grid): Promise<Reading> => {
  const { alert, verify, window } = question;
  const own = ownLabels(alert.labels, rule.labels);
  const data = verify.data ?? dataQuery(rule.query, Object.keys(own));
  if (data === undefined)
    return unknown(
      alert.name,
      "no selector in its expression could show that there is data; set verify.data",
    );
  const [firing, present] = await Promise.all([api.range(rule.query, grid), api.range(data, grid)]);
  // What the rule sets hides what the series carried, so it tells nothing about the series.
  const ours = (series: { labels: Labels }) => consistent(series.labels, own);
  const reading = judge(grid, window.from, {
    firing: firing.filter(ours),
    data: verify.data === undefined ? present.filter(ours) : present,
  });
  return reading.result === "unknown" ? unknown(alert.name, reading.detail) : reading;
};
