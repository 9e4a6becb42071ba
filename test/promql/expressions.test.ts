import assert from "node:assert/strict";
import { test } from "node:test";
import { quantilesIn } from "../../shared/promql/buckets.ts";
import { withHeldLevels } from "../../shared/promql/edges.ts";
import { extremesIn } from "../../shared/promql/extremes.ts";
import { withoutGates } from "../../shared/promql/gates.ts";
import { grouped } from "../../shared/promql/grouped.ts";
import { inlined } from "../../shared/promql/inline.ts";
import { lasting, ownLabels, passing } from "../../shared/promql/labels.ts";
import { lookbackMs } from "../../shared/promql/lookback.ts";
import { narrowed } from "../../shared/promql/narrow.ts";
import { quoted, unquoted } from "../../shared/promql/quoted.ts";
import { candidates } from "../../shared/promql/rule-choice.ts";
import {
  absentOverTime,
  absentTargets,
  countBy,
  selectors,
  selectorText,
  sidesOf,
} from "../../shared/promql/selectors.ts";
import { withShortSlopes } from "../../shared/promql/slopes.ts";
import { comparisonOf, thresholdsOf } from "../../shared/promql/threshold.ts";
import { comparedValues, trafficQueries } from "../../shared/promql/traffic.ts";
import { namesTrouble, sibling } from "../../shared/promql/trouble.ts";

const sides = (expr: string) => sidesOf(expr).map(({ text, group }) => `${group} ${text}`);

test("selectors are found without their ranges, offsets, functions and comments", () => {
  const expr = `sum(rate(errors{code=~"5.."}[5m] offset 1w)) / sum(rate(job:total[1m] @ end())) > 0.05`;
  assert.deepEqual(selectors(expr), ['errors{code=~"5.."}', "job:total"]);
  assert.deepEqual(selectors('max_over_time(a{b="}"}[5m:30s]) > a{b="}"} # why'), ['a{b="}"}']);
  assert.deepEqual(selectors("vector(7) > 5"), []);
  assert.deepEqual(selectors("sum(rate(a[5m])"), []);
  assert.equal(countBy("a", ["service", "x) or vector(1", "été"]), "count by (service) (a)");
});

test("data is needed for every side, but not where absence is a value", () => {
  assert.deepEqual(sides("a > 1 and on() b"), ["0 a", "1 b"]);
  assert.deepEqual(sides("a > 1 or b > 2"), ["0 a", "1 b"]);
  assert.deepEqual(sides("(old_name or new_name) > 5"), ["0 old_name", "0 new_name"]);
  assert.deepEqual(
    sidesOf("(sum(a) or vector(0)) / b > 1").map(({ text, optional }) => [text, optional]),
    [
      ["a", true],
      ["b", undefined],
    ],
  );
  assert.deepEqual(sides("a > 1 unless on(x) maintenance == 1"), ["0 a"]);
  assert.deepEqual(sides('absent(up{job="x"} == 1)'), []);
  assert.deepEqual(sides("a >"), []);
});

test("a modifier belongs to its selector, whatever the parser takes it for", () => {
  for (const [expr, text] of [
    ["a > 1 unless a offset 5m > 1", "a > 1 unless (a offset 5m) > 1"],
    [
      "a - a offset 1h > 5 and b > c @ end() offset 1m",
      "a - (a offset 1h) > 5 and b > (c @ end() offset 1m)",
    ],
    ["sum(a - b offset 1h) > 2", "sum(a - (b offset 1h)) > 2"],
  ] as const)
    assert.equal(grouped(expr), text);
  for (const same of ["a offset 5m > 1", "rate(a[5m] offset 1h) > 2 * b", "a > 1", "a >"])
    assert.equal(grouped(same), same);
  assert.equal(withoutGates(grouped("a > 1 unless a offset 5m > 1")), "a > 1");
  assert.deepEqual(comparisonOf("a > 10 and b offset 5m > 3"), { query: "a", threshold: 10, above: true });
});

test("a quantile is held against a number, with the buckets that it is read from", () => {
  const query = "histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))";
  const read = { query, buckets: "sum by (le) (rate(a_bucket[5m]))", selectors: ["a_bucket"], factor: 1 };
  const over = { ...read, threshold: 3, isReached: false };
  for (const expr of [
    `${query} > 3 and b > 1`,
    `3 < ${query}`,
    `max by (x) (${query}) > 3`,
    `avg_over_time(${query}[10m:1m]) > 3`,
    `label_replace(max(${query} > 3) without (y), "a", "$1", "b", "(.*)")`,
    `(${query} or vector(0)) > 3`,
    `${query} - histogram_quantile(0.5, b) > 3`,
  ])
    assert.deepEqual(quantilesIn(expr), [over], expr);
  assert.deepEqual(quantilesIn(`(${query} >= 3) unless c`), [{ ...over, isReached: true }]);
  assert.deepEqual(quantilesIn(`${query} > on (x) slo`), [{ ...over, threshold: "slo" }]);
  assert.deepEqual(quantilesIn(`${query} * 1000 > 3000`), [{ ...over, threshold: 3000, factor: 1000 }]);
  assert.deepEqual(quantilesIn(`(${query}) / 60 > 2`), [{ ...over, threshold: 2, factor: 1 / 60 }]);
  for (const other of [
    `${query} < 3`,
    `${query} * b > 3`,
    `b unless ${query} > 3`,
    `sum(${query}) > 3`,
    "a > 3",
    "a >",
  ])
    assert.deepEqual(quantilesIn(other), [], other);
});

test("a recorded metric is what records it, its range is one of a subquery, and one with an offset stays", () => {
  const recorded = {
    "job:errs": ["sum(rate(errs[5m])) # five"],
    "job:share": ["job:errs / job:all"],
    "job:all": ["a", "b"],
  };
  assert.equal(inlined("job:errs > 1", recorded), "(sum(rate(errs[5m])) # five\n) > 1");
  assert.equal(
    inlined('avg_over_time(job:errs{x="1"}[10m]) > 1', { "job:errs": ["a"] }),
    "avg_over_time((a\n)[10m:]) > 1",
  );
  assert.deepEqual(selectors(inlined("job:share > 1", recorded) ?? ""), ["errs", "a", "b"]);
  assert.equal(lookbackMs(inlined("job:share > 1", recorded) ?? ""), 300_000);
  for (const same of ["a > 1", "job:errs offset 5m > 1", "constructor > 1", "job:errs >"])
    assert.equal(inlined(same, recorded), undefined, same);
  assert.equal(inlined("a > 1", { a: ["a + a"] })?.includes("a + a"), true);
  assert.equal(inlined("a > 1", { a: ["b ) or ("] }), undefined);
});

test("labels of one replica or its container identify nothing, and those of a release end with it", () => {
  const alert = {
    alertname: "A",
    service: "pay",
    pod: "pay-1",
    node: "n1",
    id: "/x",
    name: "k8s_pay_1",
    severity: "page",
  };
  assert.deepEqual(ownLabels(alert, { severity: "page" }), { service: "pay", id: "/x" });
  const probed = { instance: "https://pay.example.com/health" };
  assert.deepEqual([ownLabels(probed, {}), ownLabels({ instance: "10.0.0.1:9090" }, {})], [probed, {}]);
  assert.deepEqual(ownLabels({ node: "n1", name: "disk" }, {}), { node: "n1", name: "disk" });
  assert.deepEqual(lasting({ service: "pay", id: "/x", app_version: "2", image: "a:2", versions: "3" }), {
    ...{ service: "pay", versions: "3" },
  });
});

test("an expression remembers for its longest range, a pair of windows for the shorter", () => {
  assert.equal(lookbackMs("increase(a[1h]) > 0"), 3_600_000);
  assert.equal(lookbackMs("max_over_time(rate(a[5m])[30m:1m]) > 1"), 35 * 60_000);
  assert.equal(
    lookbackMs("(a[1h] > 1) and (a[5m] > 1)".replaceAll("a[", "rate(a[").replaceAll("] ", "]) ")),
    300_000,
  );
  assert.equal(
    lookbackMs("(rate(a[6h]) > 1 and rate(a[30m]) > 1) or (rate(a[1h]) > 2 and rate(a[5m]) > 2)"),
    1_800_000,
  );
  assert.equal(lookbackMs("rate(a[1h]) > 1 and on() b == 1"), 3_600_000);
  assert.equal(lookbackMs("a > 1"), 0);
  assert.equal(lookbackMs("job:errors:ratio_rate1h > 1 and job:errors:ratio_rate5m > 1"), 300_000);
  assert.equal(lookbackMs("requests_2xx > 1"), 0);
});

test("labels are put into selectors and nowhere else", () => {
  const labels = new Map([
    ["a", { cluster: "eu" }],
    ['b{x="1"}', { cluster: 'e"u' }],
  ]);
  assert.equal(
    narrowed('sum(rate(a[5m])) / sum(b{x="1"}) > 0.1', labels),
    'sum(rate(a{cluster="eu"}[5m])) / sum(b{cluster="e\\"u",x="1"}) > 0.1',
  );
  assert.equal(narrowed("a > 1", new Map([["a", { "k8s.cluster": "eu" }]])), undefined);
});

test("denominators and quantiles tell whether there is traffic", () => {
  assert.deepEqual(trafficQueries("sum(a) / sum(b) > 0.1"), ["sum(b)"]);
  assert.deepEqual(trafficQueries("a / 100 > 0.1"), []);
  assert.deepEqual(trafficQueries("a / (b + c + a) > 0.1"), ["(b + c + a) or b or c or a"]);
  for (const guarded of ["clamp_min(sum(b), 1)", "(sum(b) + 1)", "(1 + sum(b))", "(sum(b) or vector(1))"])
    assert.deepEqual(trafficQueries(`sum(a) / ${guarded} > 0.1`), ["sum(b)"], guarded);
  const visits = "0.5 * sum(rate(visits_total[5m]))";
  assert.deepEqual(trafficQueries(`sum(rate(orders_total[5m])) < ${visits}`), [visits]);
  assert.deepEqual(trafficQueries("rate(a_total[5m]) < rate(a_total[5m] offset 1w)"), []);
  assert.deepEqual(trafficQueries("rate(a_total[5m]) > rate(errors_total[5m])"), []);
  assert.deepEqual(trafficQueries("sum(connections) > 0.8 * max_connections"), []);
  assert.deepEqual(trafficQueries("histogram_quantile(0.9, sum by (le) (rate(c[5m]))) > 1"), [
    "histogram_quantile(0.9, sum by (le) (rate(c[5m])))",
  ]);
});

test("a selector that names trouble has a sibling that does not", () => {
  const [error] = sidesOf('http_requests_total{service="pay",status=~"5.."} > 1');
  assert.ok(error && namesTrouble(error));
  const beside = sibling(error);
  assert.equal(beside && selectorText(beside), 'http_requests_total{service="pay"}');
  const gauges = [
    'queue_depth{service="pay"}',
    "job:errors:ratio",
    "container_restarts_total",
    "sync_errors",
  ];
  for (const gauge of gauges) assert.equal(sidesOf(`${gauge} > 1`).some(namesTrouble), false, gauge);
  for (const fails of [
    "rate(sync_errors[5m])",
    "sync_errors_total",
    "job_failed",
    "pod_waiting_reason",
    "rate(job_err[5m])",
  ])
    assert.equal(sidesOf(`${fails} > 1`).every(namesTrouble), true, fails);
  const values = [
    'a{topic="errors"}',
    'a{kind="terraform"}',
    'a{namespace="crash-reports"}',
    'a{kind="zoom"}',
  ];
  for (const value of values) assert.equal(sidesOf(`${value} > 1`).some(namesTrouble), false, value);
  const states = [
    'a{kind="task-failed"}',
    'a{sync_status="OutOfSync"}',
    'rq_xx{response_code_class="5"}',
    'a{x="OOMKilled"}',
  ];
  for (const state of states) assert.equal(sidesOf(`${state} > 1`).every(namesTrouble), true, state);
});

test("of rules with one name the one with an active alert of these labels fired", () => {
  const rule = (namespace: string) => ({
    ...{ expr: `a{namespace="${namespace}"} > 0`, labels: { severity: "page" } },
    active: [{ alertname: "A", severity: "page", namespace }],
  });
  const alert = { alertname: "A", severity: "page", namespace: "prod" };
  assert.deepEqual(candidates([rule("demo"), rule("prod")], alert), [rule("prod")]);
});

test("the compared values are asked for by themselves, and an error counter's traffic over its own range", () => {
  assert.deepEqual(comparedValues("max(a:ratio > 0.1) without (w) and b > 1"), [
    "max(a:ratio > 0.1) without (w)",
    "a:ratio",
    "b",
  ]);
  assert.deepEqual(comparedValues("a:quantile > 1 and b / c > 2 unless d"), ["a:quantile", "b / c"]);
  assert.deepEqual(
    sidesOf('rate(a{status="500"}[2m] offset 1m) > b').map(({ range }) => range),
    ["2m", undefined],
  );
});

test("only a gauge has a threshold that a leak comes to", () => {
  const condition = { query: "avg by (x) (a)", threshold: 1536, above: true };
  assert.deepEqual(thresholdsOf("avg by (x) (a) > 1.5 * 1024 and b == 1"), [condition]);
  assert.deepEqual(thresholdsOf("deriv(a[5m]) > 0 and avg by (x) (a) > 1536"), [condition]);
  assert.deepEqual(thresholdsOf("a > on (x) group_left () b * 0.8"), [
    { query: "a - on (x) group_left () b * 0.8", threshold: 0, above: true },
  ]);
  assert.deepEqual(thresholdsOf("a / on(x) b > 0.9"), [
    { query: "a / on(x) b", threshold: 0.9, above: true },
  ]);
  assert.deepEqual(thresholdsOf("max_over_time(a[5m]) > 9"), [
    { query: "max_over_time(a[5m])", threshold: 9, above: true },
  ]);
  for (const other of ["rate(a[5m]) > 1", "time() - a > 60", "a >"])
    assert.deepEqual(thresholdsOf(other), []);
});

test("a string of PromQL means what it means in Go, and is written so that it is read back", () => {
  const strings: [string, string][] = [
    ['"a\\nb"', "a\nb"],
    ["'it\\'s'", "it's"],
    ["`a\\nb`", "a\\nb"],
    ['"\\xc3\\xa9\\101\\u00e9\\U0001f600"', "éAé😀"],
    ['"\\\\x41"', "\\x41"],
    ["job", "job"],
  ];
  assert.deepEqual(
    strings.map(([text]) => unquoted(text)),
    strings.map(([, value]) => value),
  );
  for (const value of ['a"b\\c\n\t\u0000', "\u2028", "é😀"]) assert.equal(unquoted(quoted(value)), value);
  const [side] = sidesOf('errors{path="C:\\\\new\\n"} > 0');
  assert.deepEqual(side?.matchers, [{ label: "path", op: "=", value: "C:\\new\n" }]);
  assert.equal(selectorText(side!), side?.text);
});

test("a slope is cut to the time since the fix, and an extreme is read with the series that are over the threshold", () => {
  assert.equal(
    withShortSlopes("predict_linear(free[6h], 3600) < 0 and deriv(free[1m]) < 0", 300_000),
    "predict_linear(free[300000ms], 3600) < 0 and deriv(free[1m]) < 0",
  );
  assert.equal(withShortSlopes("deriv(free[1m]) < 0 and rate(a[1h]) > 1", 300_000), undefined);
  assert.deepEqual(extremesIn("min by (topic) (in_sync) < 3 and (max(lag) > 5 unless max(b) > 1)"), [
    { selector: "in_sync", bad: "in_sync < 3" },
    { selector: "lag", bad: "lag > 5" },
  ]);
  assert.deepEqual(extremesIn("max(rate(a[5m])) > 5 or avg(b) > 1"), []);
  assert.deepEqual(absentTargets('absent(up{job="a"}) or absent(x) or absent(up == 1)'), ['up{job="a"}']);
});

test("a short change of a value is read as its change since before the trouble; one of events, or of what is as good, is not", () => {
  const trouble = { from: 1_000_000, to: 1_600_000 };
  const held = (now: string, was: string, course: string): string =>
    `((${now} and abs(${now} - ${was}) <= 0.1 * (max_over_time(${course} @ 1600) - min_over_time(${course} @ 1600))) or ${was})`;
  const now = "last_over_time(a[5m])";
  const past = held(now, "last_over_time(a[5m] @ 700)", "a[900000ms]");
  const was = "last_over_time(a[5m] @ 700)";
  const most = `max without (${passing.join(", ")})`;
  const change = `((${now} - ${past}) or ((${most} (${now}) - ${most} (${was})) unless on () (${now} and ${was})))`;
  const state = `${now} != bool last_over_time(a[5m] @ 700)`;
  for (const [expr, text] of [
    ["delta(a[5m]) < 0", `${change} < 0`],
    ["deriv(a[5m]) > 2", `(${change} / 300) > 2`],
    ["max_over_time(a[5m]) - min_over_time(a[5m]) > 2", `abs(${now} - ${past}) > 2`],
    [
      "changes(a[5m]) > 0",
      `(changes(a[5m]) + 1e9 * (${state}) * ((${now} == bool 0) + (${now} == bool 1))) > 0`,
    ],
    [
      "b / (a offset 5m) < 0.5",
      `b / (${held("last_over_time(a[300000ms])", "last_over_time(a[300000ms] @ 400)", "a[1200000ms]")}) < 0.5`,
    ],
  ] as const)
    assert.equal(withHeldLevels(expr, trouble), text);
  for (const same of [
    "delta(a_total[5m]) > 0",
    "increase(a[5m]) > 0",
    "changes(process_start_time_seconds[5m]) > 0",
    "changes(a[5m]) == 0",
    "delta(a[5m] offset 1h) > 0",
    "a - a offset 1h > 5",
    "resets(a[5m]) > 0",
    "a > 5",
    "a >",
  ])
    assert.equal(withHeldLevels(same, trouble), same);
  assert.deepEqual(absentOverTime('absent_over_time(a{b="c"}[5m]) or absent(d)'), ['a{b="c"}']);
});
