import assert from "node:assert/strict";
import { test } from "node:test";
import { requests, saturations } from "../../shared/promql/conventions.ts";
import { forService, serviceLabel, watches } from "../../shared/promql/for-service.ts";
import { foundIn, type Named, presenceQuery } from "../../shared/promql/presence.ts";
import { signalQueries } from "../../shared/promql/signal-queries.ts";
import { parsed } from "../../shared/promql/tree.ts";

const named: Named = { names: ["fx"], environment: "production", environmentLabel: "environment" };
const queriesOf = (rows: Record<string, string>[], over: Partial<Named> = {}, version?: string) =>
  signalQueries(foundIn(rows, { ...named, ...over }), version);
const counted = (labels: Record<string, string>) => ({ __name__: "http_requests_total", ...labels });
const matchers = (rows: Record<string, string>[], over: Partial<Named> = {}): string[] => {
  const { queries, ambiguous } = queriesOf(rows, over);
  const traffic = queries
    .filter(({ signal }) => signal === "traffic")
    .map(({ query }) => /\{(.*)\}/.exec(query)?.[1] ?? "");
  return [...traffic, ...ambiguous];
};

test("every query of every convention, and the one that looks for them, is PromQL", () => {
  const rows = requests.flatMap(({ labels, counted: metric, timed }) =>
    [metric, `${timed}_bucket`].map((name) => ({ __name__: name, [labels[0]!]: "fx" })),
  );
  for (const one of requests) {
    const own = rows.filter(({ __name__: name }) => name === one.counted || name === `${one.timed}_bucket`);
    const { queries } = queriesOf(own, {}, "version");
    assert.deepEqual(
      queries.map(({ signal }) => signal),
      ["errors", "latency", "traffic"],
      one.counted,
    );
    for (const { query, by } of queries)
      assert.ok(parsed(query) && (by === undefined || parsed(by.query)), query);
  }
  const pods = saturations.map(({ metric }) => ({ __name__: metric }));
  const { queries } = queriesOf(pods);
  assert.deepEqual(
    queries.map(({ is }) => is),
    ["restarts", "cpu throttled ratio", "memory working set"],
  );
  for (const { query } of queries) assert.ok(parsed(query), query);
  assert.ok(parsed(presenceQuery({ ...named, names: ['f"x', "a.b(c"] }, [{ metrics: ["m"], label: "svc" }])));
});

test("a service is found by its name, or by the one job that ends in it, and nothing else counts", () => {
  assert.deepEqual(matchers([counted({ service: "fx" })]), ['service="fx"']);
  assert.deepEqual(matchers([counted({ job: "shop/fx" })]), ['job="shop/fx"']);
  assert.deepEqual(matchers([counted({ job: "shop/fx" }), counted({ job: "pay/fx" })]), []);
  for (const lie of [
    {},
    counted({}),
    counted({ service: "fx-rates" }),
    { __name__: "constructor", service: "fx" },
  ])
    assert.deepEqual(matchers([lie]), [], JSON.stringify(lie));
});

test("of several environments and namespaces the alert's own is meant; where none is, nothing is added up", () => {
  const rows = ["production", "staging"].map((environment) => counted({ service: "fx", environment }));
  assert.deepEqual(matchers(rows), ['service="fx",environment="production"']);
  assert.deepEqual(matchers(rows, { environment: "live" }), ["environments"]);
  const spaces = ["shop", "test"].map((namespace) => counted({ service: "fx", namespace }));
  assert.deepEqual(matchers(spaces, { namespace: "shop" }), ['service="fx",namespace="shop"']);
  assert.deepEqual(matchers(spaces), ["namespaces"]);
  assert.deepEqual(matchers(spaces.slice(0, 1)), ['service="fx"']);
  const clusters = ["eu", "us"].map((cluster) => counted({ service: "fx", cluster }));
  assert.deepEqual(matchers(clusters), ['service="fx"']);
  assert.deepEqual(matchers(clusters, { cluster: "eu" }), ['service="fx",cluster="eu"']);
});

test("a service that answers HTTP and gRPC is read in both, and its mesh counts where it tells nothing itself", () => {
  const rows = [
    counted({ service: "fx" }),
    { __name__: "grpc_server_handled_total", service: "fx" },
    { __name__: "istio_requests_total", destination_service_name: "fx" },
  ];
  const told = (some: Record<string, string>[]) =>
    queriesOf(some).queries.map(({ is, from }) => `${is}: ${from}`);
  assert.deepEqual(told(rows), [
    "error ratio: RED",
    "traffic: RED",
    "rpc error ratio: gRPC",
    "rpc traffic: gRPC",
  ]);
  assert.deepEqual(told(rows.slice(2)), ["error ratio: Istio", "traffic: Istio"]);
});

const ruleOf = (expr: string, labels: Record<string, string> = {}) => ({ expr, labels, names: ["checkout"] });
const swapped = (expr: string, labels?: Record<string, string>, other: Record<string, string> = {}) => {
  const rule = ruleOf(expr, labels);
  const telling = serviceLabel(rule);
  return telling && forService(rule, telling, { [telling.label]: "fx", ...other })?.query;
};

test("the alert's expression is asked about another service where every selector names the alert's own", () => {
  assert.equal(
    swapped("sum(rate(e{app=\"checkout\"}[1m])) / sum(rate(r{app='checkout'}[1m])) > 0.1", {}, { env: "eu" }),
    '(sum(rate(e{env="eu",app="fx"}[1m])) / sum(rate(r{env="eu",app="fx"}[1m]))) or (sum(rate(r{env="eu",app="fx"}[1m]))) * 0',
  );
  assert.equal(
    swapped("histogram_quantile(0.9, sum by (le, svc) (rate(d_bucket[1m]))) > 1", { svc: "checkout" }),
    '(histogram_quantile(0.9, sum by (le, svc) (rate(d_bucket{svc="fx"}[1m]))))',
  );
  for (const expr of [
    'a{app="checkout"} / b > 1',
    'a{app=~"checkout|cart"} > 1',
    "a > 1",
    "vector(1) > 0",
    "not promql(",
  ])
    assert.equal(swapped(expr), undefined, expr);
});

test("an expression watches failures or durations by what it reads", () => {
  const of = [
    'rate(http_requests_total{code=~"5.."}[1m]) > 1',
    "rate(checkout_errors_total[1m]) > 1",
    "histogram_quantile(0.9, rate(d_bucket[1m])) > 1",
    "rate(http_requests_total[1m]) < 1",
    "queue_depth > 100",
  ];
  assert.deepEqual(of.map(watches), ["errors", "errors", "latency", undefined, undefined]);
});
