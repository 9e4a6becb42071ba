import assert from "node:assert/strict";
import { test } from "node:test";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import { compared } from "../../shared/promql/compared.ts";
import { type Asked, type Canned, serve } from "../support/answering.ts";
import { service as configured } from "../support/world.ts";

const minute = 60_000;
const startsAt = Date.UTC(2026, 10, 22, 14, 30);
const now = startsAt + 2 * minute;
const alert = {
  name: "HighErrorRate",
  labels: { alertname: "HighErrorRate", service: "payment", currency: "JPY", severity: "critical" },
  startsAt,
};
const service = (expr?: string) =>
  configured({ verify: { holdMs: 20_000, ...(expr === undefined ? {} : { expr }) } });
const expr = "sum by (currency) (rate(errors[1m])) / sum by (currency) (rate(requests[1m])) > 0.05";
const rule = {
  type: "alerting",
  name: "HighErrorRate",
  query: expr,
  duration: 120,
  labels: { severity: "critical" },
};
const success = (data: unknown): Canned => ({ body: JSON.stringify({ status: "success", data }) });
const answering =
  (values: Canned, rules: object[] = [rule]) =>
  ({ path }: Asked): Canned =>
    path === "/api/v1/rules" ? success({ groups: [{ name: "g", interval: 15, rules }] }) : values;
const matrix = (...result: object[]): Canned => success({ resultType: "matrix", result });
const yen = {
  metric: { currency: "JPY" },
  values: [
    [1795357336, "0.001"],
    [1795357351, "NaN"],
    [1795357366, "0.073"],
  ],
};

test("the course of an alert is what its expression compares, as finely as its rule looks, and how long it waits", async () => {
  const euro = { metric: { currency: "EUR" }, values: [[1795357336, "0.5"]] };
  await using server = await serve(answering(matrix(euro, yen)));
  const course = await prometheus({ url: server.url }).course(service(), alert, now);
  assert.deepEqual(course, {
    ...{ forMs: 120_000, rule: { expr, labels: { severity: "critical" } } },
    series: [
      {
        metric: "HighErrorRate's ratio",
        points: [
          [1795357336_000, 0.001],
          [1795357351_000, Number.NaN],
          [1795357366_000, 0.073],
        ],
      },
    ],
  });
  assert.deepEqual(
    server.asked.map(({ path }) => path),
    ["/api/v1/rules", "/api/v1/query_range"],
  );
  const { params } = server.asked[1]!;
  assert.equal(
    params.get("query"),
    "(sum by (currency) (rate(errors[1m])) / sum by (currency) (rate(requests[1m]))) or (sum by (currency) (rate(requests[1m]))) * 0",
  );
  const [start, end, step] = ["start", "end", "step"].map((name) => Number(params.get(name)));
  assert.deepEqual([end, step], [now / 1000, 15]);
  assert.ok(start! <= startsAt / 1000 - 120 - 6 * 3600 + 15 && (end! - start!) / step! <= 1500);
});

test("the course goes back to a deploy hours before, at most a day, in no more than 1,500 points", async () => {
  for (const [hoursBefore, expected] of [
    [1, 6],
    [9, 10],
    [40, 24],
  ] as const) {
    await using server = await serve(answering(matrix(yen)));
    const since = alert.startsAt - 120_000 - hoursBefore * 3_600_000;
    await prometheus({ url: server.url }).course(service(), { ...alert, since }, now);
    const [start, end, step] = ["start", "end", "step"].map((name) =>
      Number(server.asked[1]!.params.get(name)),
    );
    const hours = (alert.startsAt / 1000 - 120 - start!) / 3600;
    assert.ok(Math.abs(hours - expected) < 0.1, `${hoursBefore}: ${hours}`);
    assert.ok((end! - start!) / step! <= 1500);
  }
});

const listed = success({ groups: [{ name: "g", interval: 15, rules: [rule] }] });
/** Values of a window, by the share of it that has passed. */
const valuesOf = (value: (share: number) => number) => (params: URLSearchParams) => {
  const [start = 0, end = 0] = ["start", "end"].map((name) => Number(params.get(name)));
  const times = Array.from({ length: 101 }, (_, index) => start + ((end - start) * index) / 100);
  return matrix({
    metric: { currency: "JPY" },
    values: times.map((at, index) => [at, String(value(index / 100))]),
  });
};
for (const [what, value, asks] of [
  ["climbs from the first hour on", (share: number) => 0.2 + share / 2, true],
  ["falls from the first hour on", (share: number) => 9 - share, true],
  ["is level and then climbs", (share: number) => Math.max(0, share - 0.6), false],
  ["steps", (share: number) => (share > 0.9 ? 1 : 0.1), false],
  ["is level", () => 1, false],
] as const)
  test(`what ${what} is ${asks ? "" : "not "}asked for over seven days as well`, async () => {
    const answer = ({ path, params }: Asked) => (path === "/api/v1/rules" ? listed : valuesOf(value)(params));
    await using server = await serve(answer);
    const { series } = await prometheus({ url: server.url }).course(service(), alert, now);
    const [, first, ...more] = server.asked;
    assert.equal(more.length, asks ? 1 : 0);
    if (!asks) return;
    const [start, end, step] = ["start", "end", "step"].map((name) => Number(more[0]!.params.get(name)));
    assert.equal(Math.round((end! - start!) / 86_400), 7);
    assert.ok((end! - start!) / step! <= 1500);
    const times = series[0]!.points.map(([at]) => at);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.equal(times[0], Math.round(start! * 1000));
    assert.ok(times.includes(Math.round(Number(first!.params.get("start")) * 1000)));
  });

test("the days before that cannot be read are left out", async () => {
  const answer = ({ path, params }: Asked): Canned => {
    if (path === "/api/v1/rules") return listed;
    const days = Number(params.get("end")) - Number(params.get("start"));
    return days > 86_400 ? { status: 503, body: "" } : valuesOf((share) => share)(params);
  };
  await using server = await serve(answer);
  const { series, unread } = await prometheus({ url: server.url }).course(service(), alert, now);
  assert.deepEqual([series[0]?.points.length, unread], [101, undefined]);
});

test("a rule that looks every second is read over fewer hours: never more than 1,500 points", async () => {
  const often = ({ path }: Asked) =>
    path === "/api/v1/rules" ? success({ groups: [{ name: "g", interval: 0.5, rules: [rule] }] }) : matrix();
  await using server = await serve(often);
  await prometheus({ url: server.url }).course(service(), alert, now);
  const [start, end, step] = ["start", "end", "step"].map((name) =>
    Number(server.asked[1]!.params.get(name)),
  );
  assert.deepEqual([end! - start!, step], [1499, 1]);
});

test("what cannot be read is told and does not throw: no answer, an error, a redirect, too large an answer", async () => {
  const broken: Canned[] = [
    { status: 400, body: JSON.stringify({ status: "error", errorType: "bad_data", error: "parse error" }) },
    { status: 302, headers: { location: "http://169.254.169.254/" }, body: "" },
    { body: "x".repeat(6 * 1024 * 1024) },
    { body: "<html>" },
  ];
  for (const one of broken) {
    await using server = await serve(answering(one));
    const course = await prometheus({ url: server.url }).course(service(), alert, now);
    assert.deepEqual([course.forMs, course.series], [0, []]);
    assert.match(
      course.unread ?? "",
      /^what HighErrorRate watches could not be read \(Prometheus query_range: /,
    );
  }
  const gone = await prometheus({ url: "http://127.0.0.1:9" }).course(service(), alert, now);
  assert.match(gone.unread ?? "", /Prometheus rules: bad port/);
});

test("an alert without a rule has no course, and verify.expr stands in for one", async () => {
  await using server = await serve(answering(matrix(yen), []));
  const api = prometheus({ url: server.url });
  assert.deepEqual(await api.course(service(), alert, now), { forMs: 0, series: [] });
  const { series } = await api.course(service("errors > 3"), alert, now);
  assert.deepEqual(
    [series[0]?.metric, server.asked.at(-1)?.params.get("query")],
    ["HighErrorRate's value", "(errors)"],
  );
});

test("of an expression the side that is compared is what is shown", () => {
  const queries = (...exprs: string[]) => exprs.map((one) => compared(one)?.query);
  assert.deepEqual(
    queries(
      ...[
        'a{x="1"} > bool 0.05 and on(x) b == 3',
        "5 < a",
        "(a > 1) or b != 2 unless c",
        "up == 0",
        "absent(up)",
      ],
      ...["a / 2 > 1", "a / on(x) group_left b > 1", "avg_over_time((a > 2)[5m:])", "a > (", ""],
    ),
    [
      ...['(a{x="1"})', "(a)", "(a) or (b)", "(up)", "(absent(up))"],
      ...["(a / 2)", "(a / on(x) group_left b)", "(avg_over_time((a > 2)[5m:]))", undefined, undefined],
    ],
  );
});

test("what is divided by a number, however that is written, is not filled up with nothing", () => {
  const by = ["60", "(60 * 5)", "scalar(sum(b))", "-2", "(time() / 60)"];
  assert.deepEqual(
    by.map((divisor) => compared(`sum(a) / ${divisor} > 1`)?.query),
    by.map((divisor) => `(sum(a) / ${divisor})`),
  );
  assert.equal(compared("a / (b * 2) > 1")?.query, "(a / (b * 2)) or ((b * 2)) * 0");
});

test("only a division of series by series is a share", () => {
  const shares = [
    "a / b > 1",
    "(a / b) > 1",
    "sum(a) / sum(b) > 1",
    "100 * a / b > 1",
    "a / 60 > 1",
    "a > 1",
  ];
  assert.deepEqual(
    shares.map((one) => compared(one)?.isRatio),
    [true, true, true, false, false, false],
  );
});

test("what exists is asked once in ten minutes for each address, and a failed question is asked again", async () => {
  const answers = [{ status: 503, body: "" }, matrix(yen), matrix(yen), matrix(yen)];
  await using server = await serve(() => answers.shift() ?? success({}));
  const { labels } = prometheus({ url: server.url });
  assert.deepEqual(await labels({}, "up", now), { unread: "Prometheus query_range: HTTP 503" });
  assert.deepEqual(await labels({}, "up", now), { labels: [{ currency: "JPY" }] });
  assert.deepEqual(await labels({}, "up", now + 9 * minute), { labels: [{ currency: "JPY" }] });
  assert.equal(server.asked.length, 2);
  await labels({}, "up", now + 11 * minute);
  await labels({ metrics: { tenant: "other" } }, "up", now);
  assert.equal(server.asked.length, 4);
});
