import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import type { LogLine, Series } from "../../shared/diagnosis/model.ts";

/** Which signal of a service a series is, as OpenTelemetry, kube-state-metrics and cAdvisor would have it. */
export type Held = Series & { is: "errors" | "latency" | "traffic" | "restarts" | "throttled" | "memory" };
export type Telemetry = {
  series: Held[];
  logs?: LogLine[];
  /** A rule for each alert: its expression. */
  rules: Record<string, string>;
};

const kinds: [Held["is"], RegExp][] = [
  ["latency", /_bucket\{/],
  ["errors", /http_response_status_code=~/],
  ["traffic", /request_duration_seconds_count\{/],
  ["restarts", /restarts_total\{/],
  ["throttled", /throttled_periods_total\{/],
  ["memory", /working_set_bytes\{/],
];
export const isOfPods = ({ is }: { is: string }): boolean => ["restarts", "throttled", "memory"].includes(is);
export const metricOf: Record<Held["is"], string> = {
  errors: "http_server_request_duration_seconds_count",
  traffic: "http_server_request_duration_seconds_count",
  latency: "http_server_request_duration_seconds_bucket",
  restarts: "kube_pod_container_status_restarts_total",
  throttled: "container_cpu_cfs_throttled_periods_total",
  memory: "container_memory_working_set_bytes",
};

/** Prometheus and Loki on loopback, that hold the series and the lines of a case and answer the queries of a diagnosis with them. */
export const telemetry = async (t: TestContext, held: Telemetry) => {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url ?? "/", "http://telemetry");
    const given = new URLSearchParams(`${url.search.slice(1)}&${body}`);
    asked.push(`${url.pathname} ${given.get("query") ?? ""}`.trim());
    response.setHeader("content-type", "application/json");
    // The time of the tests is not the time of this machine.
    response.sendDate = false;
    response.end(JSON.stringify({ status: "success", data: answer(held, url.pathname, given) }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
};

const answer = (held: Telemetry, path: string, given: URLSearchParams): unknown => {
  if (path === "/api/v1/rules") {
    const rules = Object.entries(held.rules).map(([name, query]) => ({
      type: "alerting",
      name,
      query,
      labels: {},
    }));
    return { groups: [{ rules }] };
  }
  const query = given.get("query") ?? "";
  const [from, to] = ["start", "end"].map((name) => Number(given.get(name)));
  if (path === "/loki/api/v1/query_range") return linesOf(held, query, { from: from! / 1e6, to: to! / 1e6 });
  const result = query.startsWith("count by (__name__")
    ? presentIn(held, query)
    : valuesOf(held, query, { from: from! * 1000, to: to! * 1000 });
  return { resultType: "matrix", result };
};

type Span = { from: number; to: number };

const presentIn = ({ series }: Telemetry, query: string) =>
  series
    .filter(({ service }) => query.includes(`service_name=~"${service}"`))
    .map((one) => ({
      metric: { __name__: metricOf[one.is], ...(!isOfPods(one) && { service_name: one.service }) },
      values: [[0, "1"]],
    }));

const valuesOf = ({ series }: Telemetry, query: string, { from, to }: Span) => {
  const [kind] = kinds.find(([, shape]) => shape.test(query)) ?? [];
  const isByVersion = /by \((le, )?version\)/.test(query);
  return series
    .filter((one) => one.is === kind && (one.versions !== undefined) === isByVersion)
    .filter(({ service }) => query.includes(`service_name="${service}"`) || query.includes(`"(${service})(`))
    .map(({ points, versions }) => ({
      metric: versions ?? {},
      values: points
        .filter(([at]) => at >= from && at <= to)
        .map(([at, value]) => [at / 1000, String(value)]),
    }));
};

const linesOf = ({ logs = [] }: Telemetry, query: string, { from, to }: Span) => {
  const own = logs.filter(({ service, at }) => query.includes(`"${service}"`) && at >= from && at < to);
  const values = own.map(({ at, text }) => [`${at}000000`, text]);
  return { resultType: "streams", result: [{ stream: { level: "error" }, values }] };
};
