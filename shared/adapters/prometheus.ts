import { consistent, type Grid, gridOf, judge, type Labels, ownLabels, worst } from "../policy/recovery.ts";
import type { Metrics, Reading, Service } from "../ports.ts";
import { type Api, type PrometheusOptions, prometheusApi, type Rule } from "./prometheus/api.ts";
import { dataQuery } from "./prometheus/promql.ts";

type Verify = Service["verify"];
type Window = { from: number; to: number };
type Question = { alert: { name: string; labels: Labels }; verify: Verify; window: Window };

/** Prometheus, or what speaks its HTTP API (Thanos, Mimir, VictoriaMetrics). Query texts come from the configuration and from its own rules only. */
export const prometheus = (options: PrometheusOptions): Metrics => {
  const api = prometheusApi(options);
  return {
    read: async ({ verify }, alert, window) => {
      try {
        return await readAlert(api, { alert, verify, window });
      } catch (error) {
        return unknown(alert.name, error instanceof Error ? error.message : String(error));
      }
    },
  };
};

const unknown = (name: string, detail: string): Reading => ({
  result: "unknown",
  detail: `${name}: ${detail}`,
});

const readAlert = async (api: Api, question: Question): Promise<Reading> => {
  const { alert, verify, window } = question;
  if (window.to < window.from) return unknown(alert.name, "the window is empty");
  const grid = gridOf(window, verify.holdMs);
  const rules = verify.expr === undefined ? await rulesOf(api, alert) : [{ query: verify.expr, labels: {} }];
  if (rules.length === 0)
    return unknown(alert.name, "Prometheus has no alerting rule of this name; set verify.expr");
  return worst(await Promise.all(rules.map((rule) => readRule(api, rule, question, grid))));
};

/** The rules that may have raised the alert: those of its name whose labels agree with its own, else all of its name; each query once. */
const rulesOf = async (api: Api, { name, labels }: Question["alert"]): Promise<Rule[]> => {
  const named = await api.rules(name);
  const agreeing = named.filter((rule) => consistent(plainLabels(rule.labels), labels));
  const rules = agreeing.length > 0 ? agreeing : named;
  return [...new Map(rules.map((rule) => [JSON.stringify([rule.query, rule.labels]), rule])).values()];
};

/** What a templated label became is not known here. */
const plainLabels = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => !value.includes("{{")));

const readRule = async (api: Api, rule: Rule, question: Question, grid: Grid): Promise<Reading> => {
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
