import { Hono } from "hono";
import type { ActiveAlert } from "./alerts.ts";
import { evaluate, type Value } from "./evaluate.ts";
import type { Sample } from "./exposition.ts";
import { parsePromql } from "./promql.ts";
import { intervalMs, type Rule } from "./rule.ts";
import { keyOf, type Series } from "./series.ts";

type World = { series: Series; rule: Rule; alerts: () => ActiveAlert[]; now: () => number };
type Params = Record<string, string>;

/** Points a range query may ask for in one series: Prometheus' limit. */
const maxPoints = 11_000;

/** The part of Prometheus' HTTP API that a verification and a curious person use. */
export const monitorApi = ({ series, rule, alerts, now }: World) => {
  const app = new Hono();
  const answers = {
    "/api/v1/query": ({ query, time }: Params) => {
      const at = time === undefined ? now() : instant("time", time);
      return shown(evaluate(parsePromql(query ?? ""), series, at), at);
    },
    "/api/v1/query_range": (params: Params) => ranged(series, params),
    "/api/v1/rules": ({ type }: Params) => ({ groups: type === "record" ? [] : [groupOf(rule, alerts())] }),
    "/api/v1/alerts": () => ({ alerts: alerts().filter(unresolved).map(alertOf) }),
  };
  for (const [path, answer] of Object.entries(answers)) {
    app.on(["GET", "POST"], path, async (context) => {
      const form = context.req.method === "POST" ? ((await context.req.parseBody()) as Params) : {};
      try {
        return context.json({ status: "success", data: answer({ ...context.req.query(), ...form }) });
      } catch (error) {
        return context.json({ status: "error", errorType: "bad_data", error: (error as Error).message }, 400);
      }
    });
  }
  app.get("/-/ready", (context) => context.text("ready\n"));
  app.get("/alerts", (context) => context.text(page(rule, alerts())));
  return app;
};

/** An instant as the API takes it, Unix seconds or RFC 3339, in ms. */
const instant = (name: string, text: string | undefined): number => {
  const at = /^-?\d+(\.\d+)?$/.test(text ?? "") ? Number(text) * 1000 : Date.parse(text ?? "");
  if (Number.isNaN(at))
    throw new Error(
      `invalid parameter ${JSON.stringify(name)}: cannot parse ${JSON.stringify(text ?? "")} to a valid timestamp`,
    );
  return Math.round(at);
};

const ranged = (series: Series, { query, start, end, step }: Params) => {
  const [from, to] = [instant("start", start), instant("end", end)];
  const stepMs = Math.round(Number(step?.replace(/s$/, "")) * 1000);
  if (to < from) throw new Error('invalid parameter "end": end timestamp must not be before start time');
  if (!(stepMs > 0))
    throw new Error(
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  if ((to - from) / stepMs > maxPoints) {
    throw new Error(
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
    );
  }
  const expr = parsePromql(query ?? "");
  const result = new Map<string, { metric: Sample["labels"]; values: [number, string][] }>();
  for (let at = from; at <= to; at += stepMs) {
    for (const { labels, value } of listed(evaluate(expr, series, at))) {
      const one = result.get(keyOf(labels)) ?? { metric: labels, values: [] };
      one.values.push([at / 1000, text(value)]);
      result.set(keyOf(labels), one);
    }
  }
  return { resultType: "matrix", result: [...result.values()] };
};

const listed = (value: Value): Sample[] =>
  value.type === "scalar" ? [{ labels: {}, value: value.value }] : value.samples;

const shown = (value: Value, at: number) => {
  if (value.type === "scalar") return { resultType: "scalar", result: [at / 1000, text(value.value)] };
  return {
    resultType: "vector",
    result: value.samples.map(({ labels, value }) => ({ metric: labels, value: [at / 1000, text(value)] })),
  };
};

const text = (value: number): string => {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
};

const unresolved = ({ resolvedAt }: ActiveAlert): boolean => resolvedAt === undefined;
const stateOf = ({ firedAt }: ActiveAlert): string => (firedAt === undefined ? "pending" : "firing");

const alertOf = (alert: ActiveAlert) => ({
  labels: alert.labels,
  annotations: alert.annotations,
  state: stateOf(alert),
  activeAt: new Date(alert.activeAt).toISOString(),
  value: alert.value.toExponential(),
});

const groupOf = ({ group, alert, expr, forMs, labels, annotations }: Rule, alerts: ActiveAlert[]) => {
  const active = alerts.filter(unresolved);
  const state =
    active.length === 0
      ? "inactive"
      : active.some(({ firedAt }) => firedAt !== undefined)
        ? "firing"
        : "pending";
  const one = {
    state,
    name: alert,
    query: expr,
    duration: forMs / 1000,
    labels,
    annotations,
    alerts: active.map(alertOf),
    health: "ok",
    type: "alerting",
  };
  return { name: group, file: "rules.yml", rules: [one], interval: intervalMs / 1000, limit: 0 };
};

const page = ({ alert, expr }: Rule, alerts: ActiveAlert[]): string => {
  const active = alerts
    .filter(unresolved)
    .map((one) => `${stateOf(one)} ${JSON.stringify(one.labels)} ${one.annotations.summary}`);
  return [alert, expr, "", ...(active.length > 0 ? active : ["inactive"]), ""].join("\n");
};
