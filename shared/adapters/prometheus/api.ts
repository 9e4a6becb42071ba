import { array, literal, number, object, optional, record, string, tuple, unknown } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { Grid, Series } from "../../policy/recovery.ts";
import { readText, reason, split } from "../http/response-text.ts";

export type PrometheusOptions = { url: string; headers?: Record<string, string>; fetch?: typeof fetch };
/** An alerting rule: the expression it evaluates, the labels it sets, how long it waits before it fires, how often it looks. */
export type Rule = { query: string; labels: Record<string, string>; forMs: number; everyMs: number };
export type Api = {
  /** Every alerting rule of that name. */
  rules(name: string): Promise<Rule[]>;
  /** What the query returns at each instant of the grid. */
  range(query: string, grid: Grid): Promise<Series[]>;
  /** The same with its values; native histograms have none. */
  values(
    query: string,
    grid: Grid,
  ): Promise<{ labels: Record<string, string>; points: [number, number][] }[]>;
};

const timeoutMs = 15_000;
const maxBytes = 5 * 1024 * 1024;

const matrix = object({
  resultType: literal("matrix"),
  result: array(
    object({
      metric: record(string(), string()),
      values: optional(array(tuple([number(), string()]))),
      histograms: optional(array(tuple([number(), unknown()]))),
    }),
  ),
});
const groups = object({ groups: array(object({ rules: array(unknown()), interval: optional(number()) })) });
const alerting = object({
  type: literal("alerting"),
  name: string(),
  query: string(),
  labels: optional(record(string(), string())),
  duration: optional(number()),
});
/** Prometheus' own default, for an answer that does not say how often a group is evaluated. */
const usualSeconds = 60;

/** Prometheus' HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/). Follows no redirect. Throws UpstreamError. */
export const prometheusApi = ({ url, headers = {}, fetch: get = fetch }: PrometheusOptions): Api => {
  const { base, login } = split(url);
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const attempt = `Prometheus ${path}`;
    const response = await get(`${base}/api/v1/${path}`, {
      ...init,
      headers: { accept: "application/json", ...login, ...headers },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: unknown) => {
      throw failed(attempt, reason(error), error);
    });
    const text = await readText(response, maxBytes, (what, cause) => failed(attempt, what, cause));
    return dataOf(response.status, text, attempt);
  };
  const queryRange = async (query: string, { start, stepMs, count }: Grid) => {
    const body = new URLSearchParams({
      query,
      start: seconds(start),
      end: seconds(start + (count - 1) * stepMs),
      step: seconds(stepMs),
      timeout: `${timeoutMs}ms`,
    });
    const parsed = matrix.safeParse(await ask("query_range", { method: "POST", body }));
    if (!parsed.success) throw failed("Prometheus query_range", "the answer is not a matrix");
    return parsed.data.result;
  };
  return {
    rules: async (name) => {
      const params = new URLSearchParams({ type: "alert", "rule_name[]": name, exclude_alerts: "true" });
      const parsed = groups.safeParse(await ask(`rules?${params}`, {}));
      if (!parsed.success) throw failed("Prometheus rules", "the answer is not a list of rules");
      return parsed.data.groups
        .flatMap(({ rules, interval = usualSeconds }) =>
          rules.flatMap((rule) => ({ interval, rule: alerting.safeParse(rule).data })),
        )
        .flatMap(({ interval, rule }) => (rule?.name === name ? { ...rule, interval } : []))
        .map(({ query, labels = {}, duration = 0, interval }) => ({
          ...{ query, labels },
          forMs: duration * 1000,
          everyMs: interval * 1000,
        }));
    },
    range: async (query, grid) =>
      (await queryRange(query, grid)).map(({ metric, values = [], histograms = [] }) => ({
        labels: metric,
        at: [...values, ...histograms].map(([at]) => Math.round(at * 1000)),
      })),
    values: async (query, grid) =>
      (await queryRange(query, grid)).map(({ metric, values = [] }) => ({
        labels: metric,
        points: values.map(([at, value]) => [Math.round(at * 1000), Number(value)]),
      })),
  };
};

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

type Envelope = {
  status?: unknown;
  data?: unknown;
  errorType?: unknown;
  error?: unknown;
  warnings?: unknown;
};

const dataOf = (status: number, text: string, attempt: string): unknown => {
  const envelope = parse(text);
  if (envelope?.status === "error")
    throw failed(attempt, `${status} ${envelope.errorType}: ${String(envelope.error).slice(0, 300)}`);
  if (status !== 200) throw failed(attempt, `HTTP ${status}`);
  if (envelope?.status !== "success") throw failed(attempt, "the answer is not Prometheus'");
  const warnings = (Array.isArray(envelope.warnings) ? envelope.warnings : []).map(String);
  // Prometheus 2.48 to 2.52 put its remarks on the query among the warnings.
  const partial = warnings.find((warning) => !warning.startsWith("PromQL info:"));
  if (partial !== undefined) throw failed(attempt, `the answer may be partial: ${partial.slice(0, 300)}`);
  return envelope.data;
};

const parse = (text: string): Envelope | undefined => {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
};

const failed = (attempt: string, what: string, cause?: unknown): UpstreamError =>
  new UpstreamError("prometheus", `${attempt.replace(/\?.*/, "")}: ${what}`, { retryable: true, cause });
