import { array, literal, number, object, optional, type output, record, string, tuple, unknown } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { ActiveRule, Grid, Series } from "../../ports/metrics.ts";
import { readText, reason, redirection, split } from "../http/response-text.ts";

/**
 * `headers` go with every call. `token` is a bearer token, `tenant` the default `X-Scope-OrgID`. A user and password
 * in the URL become basic authentication. With a `clock`, an answer of a server whose clock is another is refused: the
 * window that is asked about would not be the one that is meant.
 */
export type PrometheusOptions = {
  url: string;
  headers?: Record<string, string>;
  token?: string | undefined;
  tenant?: string | undefined;
  clock?: (() => number) | undefined;
  fetch?: typeof fetch;
};
export type Api = {
  /** Every alerting rule of the name. */
  rules(name: string, tenant?: string): Promise<ActiveRule[]>;
  /** Every alerting rule, with its name. */
  allRules(): Promise<(ActiveRule & { name: string })[]>;
  /** The expressions that record each of the metrics. */
  recordings(names: string[], tenant?: string): Promise<Record<string, string[]>>;
  range(query: string, grid: Grid, tenant?: string): Promise<Series[]>;
  /** The server's own version, where it tells one. */
  version(): Promise<string | undefined>;
};

/** Annotations are kept with the incident. */
const longest = { annotation: 500, annotations: 8 };
const timeoutMs = 15_000;
const maxBytes = 5 * 1024 * 1024;

/** A bucket: its kind of bounds, the lower and the upper bound, and its count. */
const bucket = tuple([number(), string(), string(), string()]);
const histogram = object({ count: optional(string()), buckets: optional(array(bucket)) });
const matrix = object({
  resultType: literal("matrix"),
  result: array(
    object({
      metric: record(string(), string()),
      values: optional(array(tuple([number(), string()]))),
      histograms: optional(array(tuple([number(), histogram]))),
    }),
  ),
});
const groups = object({
  groups: array(
    object({
      rules: array(unknown()),
      name: optional(string()),
      file: optional(string()),
      interval: optional(number()),
    }),
  ),
});
const labels = record(string(), string());
const alerting = object({
  type: literal("alerting"),
  name: string().min(1),
  query: string(),
  labels: optional(labels),
  annotations: optional(labels),
  duration: optional(number()),
  keepFiringFor: optional(number()),
  alerts: optional(array(object({ labels, state: optional(string()) }))),
});
type Alerting = output<typeof alerting>;
const recording = object({ type: literal("recording"), name: string().min(1), query: string() });
/** Prometheus' own default, for an answer that does not say how often a group is evaluated. */
const usualSeconds = 60;

/** Prometheus' HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/). Follows no redirect. Throws UpstreamError. */
export const prometheusApi = (options: PrometheusOptions): Api => {
  const ask = asking(options);
  return { ...rulesBy(ask), range: rangeBy(ask), version: versionBy(ask) };
};

const buildInfo = object({ version: string() });

const versionBy = (ask: Ask) => async (): Promise<string | undefined> => {
  try {
    return buildInfo.safeParse(await ask("status/buildinfo", {})).data?.version;
  } catch (error) {
    // Some servers of the same API do not know this address.
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};

const rulesBy = (ask: Ask): Omit<Api, "range" | "version"> => {
  const groupsOf = async (type: "alert" | "record", names: string[], tenant?: string) => {
    const params = new URLSearchParams([["type", type], ...named(names)]);
    const parsed = groups.safeParse(await ask(`rules?${params}`, { tenant }));
    if (!parsed.success) throw failed("Prometheus rules", "the answer is not a list of rules");
    return parsed.data.groups;
  };
  const listed = async (names: string[], tenant?: string) =>
    (await groupsOf("alert", names, tenant)).flatMap(({ rules, interval = usualSeconds, ...group }) =>
      rules.flatMap((rule) => {
        const { data } = alerting.safeParse(rule);
        return data === undefined
          ? []
          : [{ ...ruleOf(data, interval), ...sourceOf(group), ...(tenant && { tenant }), name: data.name }];
      }),
    );
  return {
    // Servers that do not know `rule_name[]` list every rule.
    rules: async (name, tenant) =>
      (await listed([name], tenant)).filter((rule) => rule.name === name).map(({ name: _, ...rule }) => rule),
    allRules: () => listed([]),
    recordings: async (names, tenant) => {
      const rules = (await groupsOf("record", names, tenant)).flatMap((group) => group.rules);
      const wanted = rules.flatMap((rule) => recording.safeParse(rule).data ?? []);
      const byName = Map.groupBy(wanted, ({ name }) => name);
      const known = names.flatMap((name) => {
        const found = byName.get(name);
        return found === undefined ? [] : [[name, found.map(({ query }) => query)] as const];
      });
      return Object.fromEntries(known);
    },
  };
};

const rangeBy =
  (ask: Ask): Api["range"] =>
  async (query, { start, stepMs, count }, tenant) => {
    const body = new URLSearchParams({
      query,
      start: seconds(start),
      end: seconds(start + (count - 1) * stepMs),
      step: seconds(stepMs),
      timeout: `${timeoutMs}ms`,
    });
    const parsed = matrix.safeParse(await ask("query_range", { body, tenant }));
    if (!parsed.success) throw failed("Prometheus query_range", "the answer is not a matrix");
    return parsed.data.result.map(({ metric, values = [], histograms = [] }) => ({
      labels: metric,
      points: [
        ...values.map(([at, value]) => pointOf(at, value)),
        ...histograms.map(([at, { count = "1" }]) => pointOf(at, count)),
      ],
      ...overflowOf(histograms.at(-1)?.[1].buckets),
    }));
  };

const named = (names: string[]): [string, string][] => names.map((name) => ["rule_name[]", name]);

/** The lower bound of a native histogram's bucket without an upper one, when something was observed there. */
const overflowOf = (buckets: output<typeof bucket>[] = []): Pick<Series, "overflow"> => {
  const open = buckets.find(
    ([, , upper, count]) => numberOf(upper) === Number.POSITIVE_INFINITY && numberOf(count) > 0,
  );
  return open === undefined ? {} : { overflow: numberOf(open[1]) };
};

const ruleOf = (rule: Alerting, interval: number): ActiveRule => {
  const { query: expr, labels = {}, duration = 0, keepFiringFor = 0, alerts = [] } = rule;
  const annotations = Object.entries(rule.annotations ?? {})
    .filter(([, text]) => text.length <= longest.annotation)
    .slice(0, longest.annotations);
  return {
    ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
    ...{ expr, labels, forMs: duration * 1000, keepFiringMs: keepFiringFor * 1000, everyMs: interval * 1000 },
    active: alerts.map((alert) => alert.labels),
  };
};

const sourceOf = ({ name, file }: { name?: string | undefined; file?: string | undefined }) =>
  name === undefined ? {} : { source: file === undefined ? name : `${name} of ${file}` };

const pointOf = (at: number, value: string): [number, number] => [Math.round(at * 1000), numberOf(value)];
const numberOf = (value: string): number =>
  /^[+-]?Inf$/.test(value) ? Number(value.replace("Inf", "Infinity")) : Number(value);

type Call = { body?: URLSearchParams; tenant?: string | undefined };
type Ask = (path: string, call: Call) => Promise<unknown>;

const asking = (options: PrometheusOptions): Ask => {
  const { url, headers = {}, token, tenant: usual, clock, fetch: get = fetch } = options;
  const { base, login } = split(url);
  return async (path, { body, tenant = usual }) => {
    const attempt = `Prometheus ${path}`;
    const response = await get(`${base}/api/v1/${path}`, {
      ...(body && { method: "POST", body }),
      headers: {
        ...{ accept: "application/json", ...login, ...headers },
        ...(token && { authorization: `Bearer ${token}` }),
        ...(tenant && { "x-scope-orgid": tenant }),
      },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: unknown) => {
      throw failed(attempt, reason(error), error);
    });
    const elsewhere = redirection(response, base);
    if (elsewhere !== undefined) throw failed(attempt, elsewhere);
    const skew = clock === undefined ? undefined : skewOf(response.headers.get("date"), clock());
    if (skew !== undefined) throw failed(attempt, skew);
    const text = await readText(response, maxBytes, (what, cause) => failed(attempt, what, cause));
    return dataOf(response.status, text, attempt);
  };
};

/** An answer takes some seconds to arrive, and its date is in whole seconds. */
const maxSkewMs = 60_000;

const skewOf = (date: string | null, now: number): string | undefined => {
  const skewMs = Date.parse(date ?? "") - now;
  if (Number.isNaN(skewMs) || Math.abs(skewMs) <= maxSkewMs) return undefined;
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  return `its clock is ${minutes} min ${skewMs > 0 ? "ahead of" : "behind"} ours: set both by NTP`;
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
  // Prometheus 2.48 to 2.52 put remarks on the query among the warnings.
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
