import assert from "node:assert/strict";
import { test } from "node:test";
import { readAlert } from "../../functions/verify/read-alert.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import { type Asked, type Canned, serve } from "../support/answering.ts";
import { service } from "../support/world.ts";

const to = Date.UTC(2026, 10, 22, 14, 30);
const window = { from: to - 5_000, to };
const success = (data: unknown): Canned => ({ body: JSON.stringify({ status: "success", data }) });
const matrix = (...result: object[]): Canned => success({ resultType: "matrix", result });
const always = (value: string): object => ({
  ...{ metric: {}, values: [0, 1, 2, 3, 4, 5].map((second) => [window.from / 1000 + second, value]) },
});
const buckets = "sum(rate(pay_seconds[5m]))";
const quantile = `histogram_quantile(0.9, ${buckets})`;
const expr = `${quantile} > 3`;

/** A Prometheus with a native histogram whose last bucket is as given, and its quantile. */
const native =
  (last: [string, string], value: string) =>
  ({ path, params }: Asked): Canned => {
    const query = params.get("query");
    if (path === "/api/v1/rules")
      return success({ groups: [{ rules: [{ type: "alerting", name: "Slow", query: expr }] }] });
    if (query === expr) return matrix();
    const histogram = {
      count: "9",
      sum: "9",
      buckets: [
        [0, "0.5", "1", "4"],
        [0, ...last, "5"],
      ],
    };
    return query === buckets
      ? matrix({ metric: {}, histograms: [[to / 1000, histogram]] })
      : matrix(always(query === quantile ? value : "1"));
  };

for (const [what, last, value, found] of [
  ["ends below the threshold, and the quantile is its bound", ["2.5", "+Inf"], "2.5", "unknown"],
  ["ends below the threshold, and the quantile lies within it", ["2.5", "+Inf"], "1", "quiet"],
  ["ends above the threshold", ["5", "+Inf"], "1", "quiet"],
  ["has no bucket without a bound", ["1", "2"], "1.8", "quiet"],
] as const)
  test(`a quiet quantile of a native histogram that ${what} is ${found}`, async () => {
    await using server = await serve(native([...last], value));
    const alert = { name: "Slow", labels: {} };
    const reading = await readAlert(prometheus({ url: server.url }), service(), { alert, window });
    assert.deepEqual(
      [reading.result, "detail" in reading ? reading.detail : undefined],
      [
        found,
        found === "unknown"
          ? 'Slow: no bucket to show that it is quiet, as the largest one (le="2.5") is not above the threshold 3'
          : undefined,
      ],
    );
  });

test("the expressions that record a metric are asked for by its name", async () => {
  const rules = [
    { type: "recording", name: "job:a", query: "sum(a)" },
    { type: "recording", name: "job:a", query: "sum(b)" },
    { type: "recording", name: "job:c", query: "sum(c)" },
    { type: "alerting", name: "job:a", query: "d" },
    { type: "recording", name: "__proto__", query: "e" },
  ];
  await using server = await serve(() => success({ groups: [{ rules }] }));
  const found = await prometheus({ url: server.url }).recordings(service(), ["job:a", "toString"]);
  assert.deepEqual(found, { "job:a": ["sum(a)", "sum(b)"] });
  assert.deepEqual(
    [server.asked[0]?.params.get("type"), server.asked[0]?.params.getAll("rule_name[]")],
    ["record", ["job:a", "toString"]],
  );
});
