import assert from "node:assert/strict";
import { test } from "node:test";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import { keptApart } from "../../shared/promql/group-by-label.ts";
import { type Asked, type Canned, serve } from "../support/answering.ts";
import { service as configured } from "../support/world.ts";

test("aggregations keep the label, and sides that are matched are matched by it", () => {
  const rewritten = {
    "sum(rate(x[5m]))": "sum by (v)(rate(x[5m]))",
    "sum by (a, b) (x)": "sum by (v, a, b) (x)",
    "sum(x) by ()": "sum(x) by (v)",
    "sum by (a # why\n) (x)": "sum by (v, a # why\n) (x)",
    "sum without (pod) (x)": "sum without (pod) (x)",
    "sum by (v) (x) / sum by (v) (y)": "sum by (v) (x) / sum by (v) (y)",
    'x{a="b"} offset 5m': 'x{a="b"} offset 5m',
    "sum(x) / sum(y)": "sum by (v)(x) / sum by (v)(y)",
    "sum by (s) (x) / on (s) sum by (s) (y)": "sum by (v, s) (x) / on (v, s) sum by (v, s) (y)",
    "sum by (s, c) (x) / on (s) group_left sum by (s) (y)":
      "sum by (v, s, c) (x) / on (v, s) group_left sum by (v, s) (y)",
    "x / ignoring (code) y": "x / ignoring (code) y",
    "sum(rate(x[5m]) * on (pod) group_left (v) info)":
      "sum by (v)(rate(x[5m]) * on (pod) group_left (v) info)",
    "(sum(x) or vector(0)) / sum(y)": "(sum by (v)(x) or vector(0)) / sum by (v)(y)",
    "sum(x) and on () (hour() > 8)": "sum by (v)(x) and on () (hour() > 8)",
    "sum(x) unless sum(y)": "sum by (v)(x) unless sum by (v)(y)",
    "histogram_quantile(0.99, sum by (le) (rate(x[5m])))":
      "histogram_quantile(0.99, sum by (v, le) (rate(x[5m])))",
    "100 * (1 - avg(rate(x[5m])))": "100 * (1 - avg by (v)(rate(x[5m])))",
    "max_over_time((sum(x) > bool 2)[5m:1m])": "max_over_time((sum by (v)(x) > bool 2)[5m:1m])",
    "sum(x) / scalar(sum(y))": "sum by (v)(x) / scalar(sum(y))",
    'label_replace(sum(x), "a", "$1", "b", "(.*)")': 'label_replace(sum by (v)(x), "a", "$1", "b", "(.*)")',
    "-count(up == 0) @ end()": "-count by (v)(up == 0) @ end()",
    "quantile(0.9, x)": "quantile by (v)(0.9, x)",
  };
  for (const [query, wanted] of Object.entries(rewritten)) assert.equal(keptApart(query, "v"), wanted, query);
});

test("what cannot be kept apart with certainty is not asked", () => {
  const uncertain = [
    ...["sum without (v) (x)", "topk(3, x)", 'count_values("v", x)', "absent(x)", "absent_over_time(x[5m])"],
    ...['label_replace(x, "v", "$1", "b", "(.*)")', "x / ignoring (v) y", "sum(x) / vector(60)", "vector(1)"],
    ...["1", "time()", "hour()", "no_such_function(x)", "sum(", "", "sum(x) and (hour() > 8)", "{"],
  ];
  for (const query of uncertain) assert.equal(keptApart(query, "v"), undefined, query);
});

const minute = 60_000;
const startsAt = Date.UTC(2026, 10, 22, 14, 30);
const now = startsAt + 2 * minute;
const alert = {
  name: "HighErrorRate",
  labels: { alertname: "HighErrorRate", service: "payment", currency: "JPY", version: "2" },
  startsAt,
};
const success = (data: unknown): Canned => ({ body: JSON.stringify({ status: "success", data }) });
const one = (metric: object, ...values: string[]) => ({
  metric,
  values: values.map((value, n) => [1795357336 + n * 15, value]),
});
const answering =
  (query: string, answers: (query: string) => Canned) =>
  ({ path, params }: Asked): Canned =>
    path === "/api/v1/rules"
      ? success({ groups: [{ name: "g", rules: [{ type: "alerting", name: alert.name, query }] }] })
      : answers(params.get("query")!);
const matrix = (...result: object[]): Canned => success({ resultType: "matrix", result });
const asked = (requests: Asked[]) =>
  requests.map(({ params }) => params.get("query")).filter((one) => one !== null);

test("the alert's expression is asked once more by version, and only what carries the label is one", async () => {
  await using server = await serve(
    answering("sum by (currency) (x) > 3", (query) =>
      query.includes("version")
        ? matrix(
            one({ currency: "JPY", version: "1" }, "0"),
            one({ currency: "JPY", version: "2" }, "7"),
            one({ currency: "EUR", version: "2" }, "9"),
            one({ currency: "JPY" }, "5"),
          )
        : matrix(one({ currency: "JPY" }, "7")),
    ),
  );
  const course = await prometheus({ url: server.url }).course(
    configured({ versionLabel: "version" }),
    alert,
    now,
  );
  const metric = "HighErrorRate's value";
  assert.deepEqual(course, {
    ...{ forMs: 0, rule: { expr: "sum by (currency) (x) > 3", labels: {} } },
    series: [{ metric, points: [[1795357336_000, 7]] }],
    versions: [
      { metric, version: "1", points: [[1795357336_000, 0]] },
      { metric, version: "2", points: [[1795357336_000, 7]] },
    ],
  });
  assert.deepEqual(asked(server.asked), ["(sum by (currency) (x))", "(sum by (version, currency) (x))"]);
});

test("an expression that is by version already is asked once, and of an alert of one version the others are there too", async () => {
  const both = matrix(one({ version: "1" }, "0"), one({ version: "2" }, "7"));
  await using server = await serve(answering("sum by (version) (x) > 3", () => both));
  const { series, versions } = await prometheus({ url: server.url }).course(
    configured({ versionLabel: "version" }),
    alert,
    now,
  );
  assert.deepEqual(
    [series.length, versions?.map(({ version }) => version), asked(server.asked).length],
    [1, ["1", "2"], 1],
  );
});

test("without a label configured, without it in the answer, or without certainty there are no versions and nothing is told", async () => {
  const courses = async (query: string, versionLabel?: string) => {
    await using server = await serve(answering(query, () => matrix(one({ currency: "JPY" }, "7"))));
    const service = configured(versionLabel === undefined ? {} : { versionLabel });
    const { versions, unread } = await prometheus({ url: server.url }).course(service, alert, now);
    return [versions, unread, asked(server.asked).length];
  };
  assert.deepEqual(await courses("sum(x) > 3"), [undefined, undefined, 1]);
  assert.deepEqual(await courses("sum(x) > 3", "version"), [undefined, undefined, 2]);
  assert.deepEqual(await courses("topk(3, x) > 3", "version"), [undefined, undefined, 1]);
});

test("versions that cannot be read are told, and the alert's course stays", async () => {
  await using server = await serve(
    answering("sum(x) > 3", (query) =>
      query.includes("version")
        ? {
            status: 422,
            body: JSON.stringify({ status: "error", errorType: "execution", error: "too many" }),
          }
        : matrix(one({ currency: "JPY" }, "7")),
    ),
  );
  const { series, versions, unread } = await prometheus({ url: server.url }).course(
    configured({ versionLabel: "version" }),
    alert,
    now,
  );
  assert.deepEqual([series.length, versions], [1, undefined]);
  assert.equal(
    unread,
    "what HighErrorRate watches, by version, could not be read (Prometheus query_range: 422 execution: too many)",
  );
});

test("one query over a window is one series: several are added up, and what is no number is left out", async () => {
  await using server = await serve(() =>
    matrix(one({ a: "1" }, "1", "NaN"), one({ a: "2" }, "2", "5", "NaN")),
  );
  const window = { from: startsAt - 180 * minute, to: startsAt };
  const api = prometheus({ url: server.url });
  assert.deepEqual(await api.values({}, "rps", window), {
    points: [
      [1795357336_000, 3],
      [1795357351_000, 5],
    ],
  });
  const [start, end, step] = ["start", "end", "step"].map((name) =>
    Number(server.asked[0]!.params.get(name)),
  );
  assert.deepEqual([start, end, step], [window.from / 1000, window.to / 1000, 18]);
  await using empty = await serve(() => matrix());
  assert.deepEqual(await prometheus({ url: empty.url }).values({}, "rps", window), {
    unread: "rps returns nothing",
  });
  await using broken = await serve(() => ({ status: 500, body: "" }));
  assert.deepEqual(await prometheus({ url: broken.url }).values({}, "rps", window), {
    unread: "rps could not be read (Prometheus query_range: HTTP 500)",
  });
});
