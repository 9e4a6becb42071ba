import { messageOf, UpstreamError } from "../../errors.ts";
import type { ActiveRule, Grid, Metrics, Series } from "../../ports/metrics.ts";
import type { Service } from "../../ports/service.ts";
import { type Api, type PrometheusOptions, prometheusApi } from "./api.ts";
import { readCourse } from "./history.ts";

type Window = { from: number; to: number };

/** `url` is for services without one of their own. `logins`: `HOST=TOKEN` or `HOST=USER:PASSWORD`, separated by commas. */
export type MetricsOptions = Omit<PrometheusOptions, "url"> & {
  url?: string | undefined;
  logins?: string | undefined;
  /** The rules of another system that evaluates queries of this one; asked where it has none of the name. Throws UpstreamError. */
  rulesElsewhere?: (name: string) => Promise<ActiveRule[]>;
};
type Measured = Pick<Service, "metrics">;

/** Prometheus, or a system with its HTTP API (Thanos, Mimir, VictoriaMetrics). */
export const prometheus = (options: MetricsOptions): Metrics => {
  const apiOf = apis(options);
  const range =
    (service: Measured): Range =>
    async (query, grid) =>
      apiOf(service).range(query, grid, service.metrics?.tenant);
  return {
    rules: async (service, name) => apiOf(service).rules(name, service.metrics?.tenant),
    recordings: async (service, names) => apiOf(service).recordings(names, service.metrics?.tenant),
    range: (service, query, grid) => range(service)(query, grid),
    value: (service, query, at) => readValue(range(service), query, at),
    values: (service, query, window) => readValues(range(service), query, window),
    labels: keptLabels(range),
    course: async (service, alert, now) => {
      try {
        return await readCourse(apiOf(service), { service, alert, now });
      } catch (error) {
        const unread = `what ${alert.name} watches could not be read (${messageOf(error)})`;
        return { forMs: 0, series: [], unread };
      }
    },
  };
};

/** The API of a service's own address, or of the usual one. Throws UpstreamError where there is neither. */
const apis = ({
  url: usual,
  logins = "",
  rulesElsewhere,
  ...options
}: MetricsOptions): ((service: Measured) => Api) => {
  const known = new Map<string, Api>();
  return ({ metrics }) => {
    const url = metrics?.url ?? usual;
    if (url === undefined)
      throw new UpstreamError("prometheus", "PROMETHEUS_URL is not set", { retryable: true });
    const given = { ...optionsFor(url, usual, options), ...loginOf(url, logins), url };
    const api = known.get(url) ?? withRules(prometheusApi(given), rulesElsewhere);
    known.set(url, api);
    return api;
  };
};

const withRules = (api: Api, rulesElsewhere: MetricsOptions["rulesElsewhere"]): Api =>
  rulesElsewhere === undefined
    ? api
    : {
        ...api,
        rules: async (name, tenant) => {
          const rules = await api.rules(name, tenant);
          return rules.length > 0 ? rules : rulesElsewhere(name);
        },
      };

/** The usual token, tenant and headers go to the usual server only. */
const optionsFor = (
  url: string,
  usual: string | undefined,
  options: Omit<PrometheusOptions, "url">,
): Omit<PrometheusOptions, "url"> => {
  if (usual !== undefined && new URL(usual).origin === new URL(url).origin) return options;
  const { token: _, tenant: __, headers: ___, ...rest } = options;
  return rest;
};

const loginOf = (url: string, logins: string): Partial<PrometheusOptions> => {
  const { host } = new URL(url);
  const own = logins.split(/[,\s]+/).find((login) => login.startsWith(`${host}=`));
  if (own === undefined) return {};
  const login = own.slice(host.length + 1);
  if (!login.includes(":")) return { token: login };
  return { headers: { authorization: `Basic ${Buffer.from(login).toString("base64")}` } };
};

/** Labels change seldom: an answer is kept for so long, and so many of them. */
const kept = { ms: 10 * 60_000, most: 500 };

const keptLabels = (range: (service: Measured) => Range): Metrics["labels"] => {
  const known = new Map<string, { at: number; labels: Series["labels"][] }>();
  return async (service, query, at) => {
    const { metrics = {} } = service;
    const key = JSON.stringify([metrics.url, metrics.tenant, query]);
    const before = known.get(key);
    if (before !== undefined && Math.abs(at - before.at) < kept.ms) return { labels: before.labels };
    try {
      const found = await range(service)(query, { start: at, stepMs: 1000, count: 1 });
      const labels = found.map((one) => one.labels);
      known.delete(key);
      known.set(key, { at, labels });
      const [oldest] = known.keys();
      if (known.size > kept.most && oldest !== undefined) known.delete(oldest);
      return { labels };
    } catch (error) {
      return { unread: messageOf(error) };
    }
  };
};

type Range = (query: string, grid: Grid) => ReturnType<Api["range"]>;

const readValue = async (range: Range, query: string, at: number): ReturnType<Metrics["value"]> => {
  try {
    const series = await range(query, { start: at, stepMs: 1000, count: 1 });
    const values = series.flatMap(({ points }) => points.map(([, value]) => value));
    if (values.length === 0) return { unread: `${query} returns nothing` };
    return { value: values.reduce((sum, value) => sum + value, 0) };
  } catch (error) {
    return { unread: `${query} could not be read (${messageOf(error)})` };
  }
};

const readValues = async (range: Range, query: string, window: Window): ReturnType<Metrics["values"]> => {
  try {
    const points = totalOf(await range(query, gridOf(window)));
    return points.length === 0 ? { unread: `${query} returns nothing` } : { points };
  } catch (error) {
    return { unread: `${query} could not be read (${messageOf(error)})` };
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
