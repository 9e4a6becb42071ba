import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readAlert } from "../../functions/verify/read-alert.ts";
import { type ActiveAlert, evaluateRule } from "../../infra/demo/monitor/alerts.ts";
import { monitorApi } from "../../infra/demo/monitor/api.ts";
import { evaluate } from "../../infra/demo/monitor/evaluate.ts";
import { parseExposition } from "../../infra/demo/monitor/exposition.ts";
import { parsePromql } from "../../infra/demo/monitor/promql.ts";
import { rule } from "../../infra/demo/monitor/rule.ts";
import { createSeries, type Series } from "../../infra/demo/monitor/series.ts";
import { fingerprint, webhookBody } from "../../infra/demo/monitor/webhook.ts";
import { parseWebhook } from "../../shared/adapters/alertmanager/notification.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Service } from "../../shared/ports/service.ts";

const fixture = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, "..", "fixtures", "alertmanager", name), "utf8"));

const line = (currency: string, code: number, value: number): string =>
  `http_requests_total{service="payment-gateway",method="POST",route="/payments",code="${code}",currency="${currency}"} ${value}`;

/** Ten seconds of scrapes from `from`: euro go well, of three payments in yen a second `failing` fail. */
const scrapes = (series: Series, from: number, failing: number): void => {
  for (let second = 0; second <= 10; second += 1) {
    const text = [
      line("EUR", 201, 10 * second),
      line("EUR", 500, 0),
      line("JPY", 201, (3 - failing) * second),
      line("JPY", 500, failing * second),
    ].join("\n");
    series.append(parseExposition(text), from + second * 1000);
  }
};

const query = (series: Series, text: string, at: number) => {
  const value = evaluate(parsePromql(text), series, at);
  return value.type === "scalar" ? value.value : value.samples;
};

test("the text format is read with escapes, comments, timestamps and infinities", () => {
  const text = '# HELP a b\n# TYPE a counter\na{x="1\\"2\\\\3\\n",y=""} 4 1700000000000\nb +Inf\n\n';
  assert.deepEqual(parseExposition(text), [
    { labels: { __name__: "a", x: '1"2\\3\n', y: "" }, value: 4 },
    { labels: { __name__: "b" }, value: Number.POSITIVE_INFINITY },
  ]);
  assert.throws(() => parseExposition("<html>"), /not a sample/);
});

test("a rate is extrapolated to the edges of its window and survives a restart of the counter", () => {
  const series = createSeries();
  for (const [second, value] of [
    [0, 10],
    [1, 20],
    [2, 30],
    [3, 5],
    [4, 15],
  ] as const)
    series.append(parseExposition(`c ${value}`), second * 1000);
  assert.deepEqual(query(series, "increase(c[4s])", 4000), [{ labels: {}, value: 35 }]);
  assert.deepEqual(query(series, "rate(c[4s])", 4000), [{ labels: {}, value: 8.75 }]);
  assert.deepEqual(query(series, "rate(c[4s])", 500), []);
});

test("a series that the scrape lacks has ended", () => {
  const series = createSeries();
  series.append(parseExposition("a 1\nb 2"), 1000);
  series.append(parseExposition("b 3"), 2000);
  assert.deepEqual(query(series, '{__name__=~"a|b"}', 2000), [{ labels: { __name__: "b" }, value: 3 }]);
  assert.deepEqual(query(series, "a", 1500), [{ labels: { __name__: "a" }, value: 1 }]);
});

test("the rule's expression finds the one currency that fails", () => {
  const series = createSeries();
  scrapes(series, 0, 3);
  assert.deepEqual(query(series, rule.expr, 10_000), [
    { labels: { service: "payment-gateway", currency: "JPY" }, value: 1 },
  ]);
  assert.deepEqual(
    query(series, 'count by (code) (http_requests_total{currency=~"E.*"}) or vector(7)', 10_000),
    [
      { labels: { code: "201" }, value: 1 },
      { labels: { code: "500" }, value: 1 },
      { labels: {}, value: 7 },
    ],
  );
});

test("what the monitor cannot evaluate is refused, never guessed", () => {
  for (const text of [
    "",
    "foo(",
    "histogram_quantile(0.9, a)",
    "a * on (b) group_left c",
    "a[5m]",
    "topk(1, a)",
  ])
    assert.throws(() => query(createSeries(), text, 0), Error, text);
});

test("an alert fires after its wait, keeps its start while it fires, and resolves once", () => {
  const sample = { labels: { service: "payment-gateway", currency: "JPY" }, value: 0.155 };
  const states = ({ activeAt, firedAt, resolvedAt }: ActiveAlert) => ({ activeAt, firedAt, resolvedAt });
  const pending = evaluateRule(rule, [], [sample], 1000);
  const firing = evaluateRule(rule, pending, [sample], 2000);
  const still = evaluateRule(rule, firing, [sample], 3000);
  const resolved = evaluateRule(rule, still, [], 4000);
  assert.deepEqual(
    [pending, firing, still, resolved].map((alerts) => alerts.map(states)),
    [
      [{ activeAt: 1000, firedAt: undefined, resolvedAt: undefined }],
      [{ activeAt: 1000, firedAt: 2000, resolvedAt: undefined }],
      [{ activeAt: 1000, firedAt: 2000, resolvedAt: undefined }],
      [{ activeAt: 1000, firedAt: 2000, resolvedAt: 4000 }],
    ],
  );
  assert.deepEqual(evaluateRule(rule, resolved, [], 5000), []);
  assert.deepEqual(evaluateRule(rule, pending, [], 2000), []);
  assert.equal(firing[0]!.annotations.summary, "15.5% of the JPY payments fail");
});

test("a notification has the fields of a captured one, and the product reads it as one", () => {
  const captured = fixture("prometheus-firing.json").body;
  const alerts = evaluateRule(
    rule,
    [],
    [{ labels: { currency: "JPY", service: "payment-gateway" }, value: 1 }],
    1000,
  );
  const firing = alerts.map((alert) => ({ ...alert, firedAt: 2000 }));
  const body = webhookBody(firing, { externalURL: "http://m", generatorURL: "http://m/graph" });
  assert.deepEqual(Object.keys(body).sort(), Object.keys(captured).sort());
  assert.deepEqual(Object.keys(body.alerts[0]!).sort(), Object.keys(captured.alerts[0]).sort());
  assert.equal(body.groupKey, '{}:{alertname="PaymentErrorsHigh", service="payment-gateway"}');
  assert.equal(fingerprint(captured.alerts[0].labels), captured.alerts[0].fingerprint);
  assert.equal(parseWebhook(body).alerts[0]!.startsAt, 2000);
});

const service = { verify: { holdMs: 5000 } } as Service;
const alert = {
  name: rule.alert,
  labels: { ...rule.labels, alertname: rule.alert, service: "payment-gateway", currency: "JPY" },
};

/** The product's own reading of the monitor, over the last five of ten seconds. */
const reading = (series: Series) => {
  const api = monitorApi({ series, rule, alerts: () => [], now: () => 10_000 });
  const fetch = async (input: string | URL | Request, init?: RequestInit) => api.request(String(input), init);
  return readAlert(prometheus({ url: "http://monitor", fetch }), service, {
    alert,
    window: { from: 5_000, to: 10_000 },
  });
};

test("the product reads a failing currency as firing, a sound one as quiet, and no data as unknown", async () => {
  const results = [];
  for (const failing of [3, 0]) {
    const series = createSeries();
    scrapes(series, 0, failing);
    results.push((await reading(series)).result);
  }
  results.push((await reading(createSeries())).result);
  assert.deepEqual(results, ["firing", "quiet", "unknown"]);
});

test("a query that Prometheus refuses is refused in its words", async () => {
  const api = monitorApi({ series: createSeries(), rule, alerts: () => [], now: () => 0 });
  const paths = [
    "query?query=foo(",
    "query_range?query=up&start=1&end=50000&step=1",
    "query_range?query=up&start=9&end=4&step=1",
  ];
  for (const path of paths) {
    const answer = await api.request(`/api/v1/${path}`);
    const { status, errorType } = (await answer.json()) as Record<string, string>;
    assert.deepEqual([answer.status, status, errorType], [400, "error", "bad_data"], path);
  }
});
