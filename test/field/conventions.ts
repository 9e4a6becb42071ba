import { readSignals } from "../../functions/diagnose/signals/read.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import { service, world } from "../support/world.ts";
import { remoteWrite, type Written } from "./remote-write.ts";

type Labels = Record<string, string>;
/** A counter's series: so many a second before the trouble began, and since. */
type Counter = { labels: Labels; before: number; since: number };

const stepMs = 15_000;

/** Series that climb at one rate until `onset` and at another since, as scrapes every 15 s leave them; a gauge holds its value. */
const written = (
  counters: Counter[],
  { from, onset, to, isGauge }: { from: number; onset: number; to: number; isGauge?: true },
): Written[] =>
  counters.map(({ labels, before, since }) => {
    const samples: [number, number][] = [];
    let total = 0;
    for (let at = from; at <= to; at += stepMs) {
      const rate = at <= onset ? before : since;
      total = isGauge ? rate : total + (rate * stepMs) / 1000;
      samples.push([total, at]);
    }
    return { labels: Object.entries(labels), samples };
  });

const buckets = (of: Labels, fast: [number, number], slow: [number, number]): Counter[] => {
  const all = { before: fast[0] + slow[0], since: fast[1] + slow[1] };
  return [
    { labels: { ...of, le: "0.1" }, before: fast[0], since: fast[1] },
    ...["1", "+Inf"].map((le) => ({ labels: { ...of, le }, ...all })),
  ];
};

/** A shop whose services count in different conventions. The errors of cart rise from 0 to a quarter, and its requests get slow. */
const shop = (): { counters: Counter[]; gauges: Counter[] } => {
  const http = {
    __name__: "http_server_request_duration_seconds_count",
    job: "shop/cart",
    service_name: "cart",
  };
  const mesh = {
    __name__: "istio_requests_total",
    destination_service_name: "pricing",
    response_code: "200",
  };
  const pod = { namespace: "shop", pod: "cart-7d9f8b6c5d-x2x4z", container: "cart" };
  return {
    counters: [
      { labels: { ...http, http_response_status_code: "200", version: "1.0.0" }, before: 10, since: 10 },
      { labels: { ...http, http_response_status_code: "200", version: "1.1.0" }, before: 10, since: 5 },
      { labels: { ...http, http_response_status_code: "500", version: "1.1.0" }, before: 0, since: 5 },
      ...buckets(
        { __name__: "http_server_request_duration_seconds_bucket", service_name: "cart", job: "shop/cart" },
        [20, 10],
        [0, 10],
      ),
      { labels: { ...mesh, destination_version: "v1" }, before: 8, since: 8 },
      { labels: { ...mesh, response_code: "503", destination_version: "v2" }, before: 2, since: 2 },
      { labels: { ...mesh, grpc_response_status: "14", destination_version: "v2" }, before: 0, since: 2 },
      {
        labels: { __name__: "http_requests_total", job: "mail", code: "200", namespace: "shop" },
        before: 4,
        since: 4,
      },
      {
        labels: { __name__: "http_requests_total", job: "mail", code: "200", namespace: "test" },
        before: 4,
        since: 4,
      },
      {
        labels: { __name__: "grpc_server_handled_total", service: "stock", grpc_code: "OK" },
        before: 3,
        since: 3,
      },
      {
        labels: { __name__: "grpc_server_handled_total", service: "stock", grpc_code: "Unavailable" },
        before: 1,
        since: 1,
      },
      { labels: { ...pod, __name__: "kube_pod_container_status_restarts_total" }, before: 0, since: 0.01 },
      { labels: { ...pod, __name__: "container_cpu_cfs_throttled_periods_total" }, before: 1, since: 8 },
      { labels: { ...pod, __name__: "container_cpu_cfs_periods_total" }, before: 10, since: 10 },
    ],
    gauges: [
      { labels: { ...pod, __name__: "container_memory_working_set_bytes" }, before: 4e8, since: 9e8 },
      {
        labels: {
          ...pod,
          pod: "cart-worker-7d9f8b6c5d-x2x4z",
          __name__: "container_memory_working_set_bytes",
        },
        before: 8e9,
        since: 8e9,
      },
    ],
  };
};

const minute = 60_000;

/** The signals of the shop's services, read from a Prometheus into which they were written: each by its values before the trouble and at the end. */
export const signalsOfShop = async (url: string) => {
  const to = Math.floor(Date.now() / 1000) * 1000;
  const times = { from: to - 20 * minute, onset: to - 5 * minute, to };
  const { counters, gauges } = shop();
  await remoteWrite(url, [...written(counters, times), ...written(gauges, { ...times, isGauge: true })]);
  const names = ["cart", "pricing", "mail", "stock", "ghost"];
  const others = names.map((name) => service({ name, ...(name === "cart" && { versionLabel: "version" }) }));
  const { work, state } = world({ configured: service({ name: "shop" }), others });
  state.now = to;
  const around = { service: "shop", environment: "production", alerts: [], rules: [] };
  const { series, unread, looked } = await readSignals(
    { ...work, metrics: prometheus({ url }) },
    { around, services: names, onsetAt: times.onset },
  );
  const values = series.map(({ service: name, metric, versions = {}, points }) => {
    const before = points.findLast(([at]) => at <= times.onset - minute)?.[1] ?? Number.NaN;
    const since = points.at(-1)?.[1] ?? Number.NaN;
    return [
      [name, metric, ...Object.values(versions)].join(" "),
      [before, since].map((value) => Number(value.toPrecision(2))),
    ] as const;
  });
  return {
    values: Object.fromEntries(values),
    unread,
    from: Object.fromEntries(looked.map((one) => [one.service, one.from])),
  };
};
