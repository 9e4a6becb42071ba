import assert from "node:assert/strict";
import { test } from "node:test";
import { grafanaAnnotations } from "../../shared/adapters/grafana/annotations.ts";
import { expressionOf, stage } from "../../shared/adapters/grafana/rule-expression.ts";
import { grafanaRules } from "../../shared/adapters/grafana/rules.ts";
import type { Annotation } from "../../shared/ports/annotations.ts";
import { errorsHigh, startGrafana } from "../support/grafana.ts";

const mark: Annotation = {
  ...{ key: "shop/production#1/merge", tags: ["countersteer", "merge"], at: 1_000 },
  ...{ text: "shop: merged #7 <b>Revert</b>", url: "https://cs.test/incidents/shop/production?a&b" },
};

test("an annotation is written once, brought up to date when it differs, and found by its key alone", async (t) => {
  const grafana = await startGrafana();
  t.after(grafana.stop);
  const { put } = grafanaAnnotations({ system: "grafana", url: grafana.url, token: "writer" });
  await put(mark);
  await put(mark);
  await put({ ...mark, key: "shop/production#2/merge", on: { dashboard: "abc", panel: 2 } });
  assert.deepEqual([...grafana.tokens], ["Bearer writer"]);
  const [first, second, ...more] = grafana.marks;
  assert.deepEqual(more, []);
  assert.deepEqual(
    { ...first, tags: first?.tags.slice(0, 2) },
    {
      ...{ id: 1, patched: 0, time: 1_000, timeEnd: 1_000, tags: ["countersteer", "merge"] },
      text: 'shop: merged #7 &#60;b&#62;Revert&#60;/b&#62; <a href="https://cs.test/incidents/shop/production?a&#38;b">Incident</a>',
    },
  );
  assert.deepEqual([second?.dashboardUID, second?.panelId], ["abc", 2]);
  await put({ ...mark, until: 5_000 });
  assert.deepEqual(
    grafana.marks.map(({ patched, timeEnd }) => [patched, timeEnd]),
    [
      [1, 5_000],
      [0, 1_000],
    ],
  );
  const { url: _, ...withoutPage } = mark;
  await put({ ...withoutPage, key: "shop/production#3/merge" });
  assert.equal(grafana.marks.at(-1)?.text, "shop: merged #7 &#60;b&#62;Revert&#60;/b&#62;");
});

test("a long name and a colon fit into tags, and Grafana's refusal is final", async (t) => {
  const grafana = await startGrafana();
  t.after(grafana.stop);
  const { put } = grafanaAnnotations({ system: "grafana", url: grafana.url });
  await put({ ...mark, key: "x".repeat(300), tags: ["a:b", "y".repeat(80)] });
  assert.deepEqual(grafana.marks[0]?.tags.slice(0, 2), ["a-b", "y".repeat(50)]);
  assert.match(grafana.marks[0]?.tags[2] ?? "", /^countersteer-[0-9a-f]{24}$/);
  grafana.state.status = 403;
  await assert.rejects(put(mark), { system: "grafana", retryable: false });
  grafana.state.status = 503;
  await assert.rejects(put(mark), { retryable: true });
});

test("the rule of a Grafana-managed alert is read by its title, in PromQL, and a paused one is none", async (t) => {
  const grafana = await startGrafana();
  t.after(grafana.stop);
  const rules = grafanaRules({ system: "grafana", url: grafana.url, token: "reader" });
  assert.deepEqual(await rules("PaymentErrorsHigh"), [
    {
      expr: '(rate(http_requests_total{code=~"5.."}[5s])) > 0.05',
      ...{ active: [], everyMs: 60_000, forMs: 0, keepFiringMs: 0, source: "Grafana payments/errors/abc" },
      labels: { severity: "page", grafana_folder: "{{ folder }}" },
      annotations: { summary: "5xx > 5%" },
    },
  ]);
  assert.deepEqual(await rules("Other"), []);
  grafana.state.rules = [{ ...errorsHigh, isPaused: true }, { title: "PaymentErrorsHigh" }, 7];
  assert.deepEqual(await rules("PaymentErrorsHigh"), []);
  grafana.state.rules = { message: "no" };
  await assert.rejects(rules("PaymentErrorsHigh"), /alert-rules: the answer is not a list of rules/);
  grafana.state.status = 403;
  await assert.rejects(rules("PaymentErrorsHigh"), { retryable: false, system: "grafana" });
});

type Model = Record<string, unknown>;
const query = (model: Model, datasourceUid = "prom") => ({
  ...{ refId: "A", datasourceUid, relativeTimeRange: { from: 600, to: 0 } },
  model: { expr: "errors", ...model },
});
const over = (refId: string, model: Model) => ({ refId, datasourceUid: "__expr__", model });
const instant = query({ instant: true });
const above = (type: string, ...params: number[]) =>
  over("C", { type: "threshold", expression: "A", conditions: [{ evaluator: { type, params } }] });
const classic = (reducer: string, more: object[] = []) =>
  over("C", {
    type: "classic_conditions",
    conditions: [
      { evaluator: { type: "lt", params: [3] }, query: { params: ["A"] }, reducer: { type: reducer } },
      ...more,
    ],
  });
const math = (expression: string) => over("C", { type: "math", expression });

for (const [what, expected, ...data] of [
  ["an instant query and a threshold", "(errors) > 1", instant, above("gt", 1)],
  ["a range", "(errors) > 1 and (errors) < 2", instant, above("within_range", 1, 2)],
  ["outside of a range", "(errors) < 1 or (errors) > 2", instant, above("outside_range", 1, 2)],
  ["a formula", "(errors) >= 0.5", instant, math(["$", "{A} >= 0.5"].join(""))],
  ["a formula with a space", "(errors) == 0", instant, math(" $A == 0 ")],
  ["the mean of a window", "(avg_over_time((errors)[600s:15s])) < 3", query({}), classic("avg")],
  ["the last of a window", "(errors) < 3", query({}), classic("last")],
  [
    "macros",
    "(rate(a[1m]) + rate(b[15s]) + c) > 1",
    query({ instant: true, expr: "rate(a[$__rate_interval]) + rate(b[$__interval]) + c" }),
    above("gt", 1),
  ],
  [
    "a query that is the condition",
    "(errors > 1) != 0",
    { ...query({ instant: true, expr: "errors > 1" }), refId: "C" },
  ],
  ["a window that is not reduced", undefined, query({}), above("gt", 1)],
  [
    "a data source of logs",
    undefined,
    query({ instant: true, datasource: { type: "loki" } }),
    above("gt", 1),
  ],
  ["two conditions of the old kind", undefined, query({}), classic("avg", [{}])],
  ["two queries in a formula", undefined, instant, math("$A / $B > 1")],
  [
    "a threshold for recovery",
    undefined,
    instant,
    over("C", {
      type: "threshold",
      expression: "A",
      conditions: [{ evaluator: { type: "gt", params: [1] }, unloadEvaluator: { type: "lt", params: [0] } }],
    }),
  ],
  ["a condition that is not there", undefined, instant],
  ["a circle", undefined, over("C", { type: "reduce", expression: "C", reducer: "last" })],
] as [string, string | undefined, ...object[]][])
  test(`a rule of Grafana in PromQL: ${what}`, () => {
    const stages = data.map((one) => stage.parse(one));
    assert.equal(expressionOf({ condition: "C", data: stages }), expected);
  });
