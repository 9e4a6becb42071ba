import assert from "node:assert/strict";
import { test } from "node:test";
import { metricNotes } from "../../../shared/remedy/scale/metric-rules.ts";

const hpa = (name: string, kind = "pods") => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: api, namespace: shop }
spec:
  scaleTargetRef: { kind: Deployment, name: api }
  maxReplicas: 10
  metrics:
    - { type: Resource, resource: { name: cpu } }
    - type: Pods
      ${kind}: { metric: { name: ${name} }, target: { type: AverageValue, averageValue: "10" } }
`;
const configMap = (rules: string) => `apiVersion: v1
kind: ConfigMap
metadata: { name: adapter-config, namespace: monitoring }
data:
  config.yaml: |
    rules:
${rules.replace(/^/gm, "      ")}
`;
const perSecond = `- seriesQuery: 'http_requests_total{namespace!="",pod!=""}'
  resources: { template: <<.Resource>> }
  name: { matches: "^(.*)_total", as: "\${1}_per_second" }
  metricsQuery: 'sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)'`;
const notes = (files: Record<string, string>, kind = "HorizontalPodAutoscaler") =>
  metricNotes(new Map(Object.entries(files)), { kind, namespace: "shop", name: "api" });
const by = (metric: string, series: string, file: string) =>
  `its metric ${metric} is made by the rule of Prometheus Adapter for ${series} in ${file}: look there for what broke it`;
const series = 'http_requests_total{namespace!="",pod!=""}';

test("the rule of Prometheus Adapter that makes an HPA's metric is named, in a ConfigMap and in a chart's values", () => {
  const app = hpa("http_requests_per_second");
  assert.deepEqual(notes({ "hpa.yaml": app, "adapter.yaml": configMap(perSecond) }), [
    by("http_requests_per_second", series, "adapter.yaml"),
  ]);
  const values = `rules:\n  default: false\n  custom:\n${perSecond.replace(/^/gm, "    ")}\n`;
  assert.deepEqual(notes({ "hpa.yaml": app, "values.yaml": values }), [
    by("http_requests_per_second", series, "values.yaml"),
  ]);
});

test("a name that a rule gives outright, one from its pattern and the series' own name are known", () => {
  const queue = (name: string) => `- seriesQuery: queue_length\n  name: ${name}\n`;
  for (const [metric, rule] of [
    ["jobs", queue("{ as: jobs }")],
    ["queue_length", queue("{}")],
    ["queue", queue('{ matches: "^(.*)_length$" }')],
    ["queue_length", queue('{ matches: "^queue_.*$" }')],
  ])
    assert.deepEqual(
      notes({ "hpa.yaml": hpa(metric!, "external"), "adapter.yaml": configMap(rule!) }),
      [by(metric!, "queue_length", "adapter.yaml")],
      rule,
    );
  const any = `- seriesQuery: '{__name__=~"^http_.*"}'\n  name: { as: "\${1}_rate" }`;
  assert.deepEqual(notes({ "hpa.yaml": hpa("http_rate"), "adapter.yaml": configMap(any) }), [
    by("http_rate", '{__name__=~"^http_.*"}', "adapter.yaml"),
  ]);
});

test("a metric that no rule makes is told, and metrics of resources and other kinds are not", () => {
  const app = hpa("http_requests_per_minute");
  const sentence = (none: string) => [
    `its metric http_requests_per_minute is not one of the pods' resources, and ${none}`,
  ];
  assert.deepEqual(
    notes({ "hpa.yaml": app, "adapter.yaml": configMap(perSecond) }),
    sentence("no rule of Prometheus Adapter here makes it"),
  );
  assert.deepEqual(notes({ "hpa.yaml": app }), sentence("no rule of Prometheus Adapter is here"));
  assert.deepEqual(notes({ "hpa.yaml": app.slice(0, app.indexOf("    - type: Pods")) }), []);
  assert.deepEqual(notes({ "hpa.yaml": app }, "Deployment"), []);
  // A pattern that would take long is not tried.
  const slow = '- seriesQuery: aaaa\n  name: { matches: "^(a+)+$", as: "$1" }';
  assert.deepEqual(
    notes({ "hpa.yaml": app, "adapter.yaml": configMap(slow) }),
    sentence("no rule of Prometheus Adapter here makes it"),
  );
});
