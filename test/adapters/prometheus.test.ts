import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readAlert } from "../../functions/verify/read-alert.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Labels, Reading } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { type Asked, type Canned, serve } from "../support/answering.ts";

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/prometheus/${name}`, import.meta.url), "utf8");
const to = Date.UTC(2026, 10, 22, 14, 30);
const window = { from: to - 20_000, to };
const alert = {
  name: "HighErrorRate",
  labels: { alertname: "HighErrorRate", service: "payment", severity: "critical" },
};
const service = (verify: object = {}): Service => ({
  name: "payment",
  repository: "acme/payment",
  branch: "main",
  paths: [],
  environments: ["production"],
  channel: "C0OPS",
  approvers: [],
  verify: { holdMs: 20_000, ...verify },
});

const read = (
  url: string,
  of: Service,
  alert: { name: string; labels: Labels },
  window: { from: number; to: number },
): Promise<Reading> => readAlert(prometheus({ url }), of, { alert, window });

const success = (data: unknown, rest: object = {}) => ({
  body: JSON.stringify({ status: "success", data, ...rest }),
});
const rule = (query: string, labels: object = { severity: "critical" }, name = "HighErrorRate") => ({
  type: "alerting",
  name,
  query,
  labels,
  duration: 0,
});
const rules = (...list: object[]) => success({ groups: [{ name: "g", rules: list }] });
type Result = { metric: object; values?: [number, string][]; histograms?: [number, object][] };
const matrix = (...result: Result[]) => success({ resultType: "matrix", result });
/** A series with a point at each second of the window named, counted from its start. */
const series = (metric: object, seconds: number[], value = "1"): Result => ({
  metric,
  values: seconds.map((second) => [window.from / 1000 + second, value]),
});
const always = Array.from({ length: 21 }, (_, index) => index);
const expr = 'rate(errors_total{code=~"5.."}[1m]) / rate(requests_total[1m]) > 0.05';
/** Answers the rules, the expression and the query for data. */
const loop =
  (firing: Result[], data: Result[], listed = [rule(expr)]) =>
  ({ path, params }: Asked): Canned => {
    if (path === "/api/v1/rules") return rules(...listed);
    return listed.some(({ query }) => query === params.get("query")) ? matrix(...firing) : matrix(...data);
  };

test("an expression found by the alert's name is quiet when it returned nothing and its metrics have data", async () => {
  await using server = await serve(loop([], [series({ service: "payment" }, always)]));
  assert.deepEqual(await read(server.url, service(), alert, window), {
    result: "quiet",
    since: window.from,
  });
  const [listed, ...ranges] = server.asked;
  assert.equal(listed?.params.get("rule_name[]"), "HighErrorRate");
  assert.deepEqual(
    ranges.map(({ params }) => params.get("query")).sort(),
    [
      'count by (service) (errors_total{code=~"5.."})',
      "count by (service) (requests_total)",
      expr,
      expr.replace(" > 0.05", ""),
      "rate(requests_total[1m])",
    ].sort(),
  );
  for (const { params } of ranges)
    assert.deepEqual(
      [params.get("start"), params.get("end"), params.get("step")],
      [String((window.from / 1000).toFixed(3)), (to / 1000).toFixed(3), "1.000"],
    );
});

test("whatever the expression returns fires, NaN and histograms included", async () => {
  for (const last of [
    series({ service: "payment" }, [20], "NaN"),
    { metric: {}, histograms: [[to / 1000, { count: "1" }]] as [number, object][] },
  ]) {
    await using server = await serve(loop([last], [series({}, always)]));
    assert.deepEqual(await read(server.url, service(), alert, window), {
      result: "firing",
      at: to,
    });
  }
});

test("series of another service neither fire nor show data", async () => {
  const other = [series({ service: "checkout" }, always)];
  {
    await using server = await serve(loop(other, [series({ service: "payment" }, always)]));
    assert.equal((await read(server.url, service(), alert, window)).result, "quiet");
  }
  await using server = await serve(loop([], other));
  assert.deepEqual(await read(server.url, service(), alert, window), {
    result: "unknown",
    verdict: "telemetry_gone",
    detail:
      'HighErrorRate: no data to show that it is quiet, as its series have service="checkout", none has service="payment"; they are gone, or verify.labels must map the value',
  });
});

test("a pod that a deploy replaced is looked for in its successors", async () => {
  const podded = { ...alert, labels: { ...alert.labels, pod: "payment-old" } };
  await using server = await serve(
    loop([series({ service: "payment", pod: "payment-new" }, [3])], [series({ service: "payment" }, always)]),
  );
  assert.deepEqual(await read(server.url, service(), podded, window), {
    result: "quiet",
    since: window.from + 4000,
  });
});

test("of rules with one name those that agree with the alert's labels count, and all of these must be quiet", async () => {
  const listed = [
    rule("a > 1", { severity: "warning" }),
    rule("b > 1"),
    rule("c > 1", { severity: "{{ $labels.s }}" }),
    rule("b > 1"),
    rule("d > 1", {}, "Other"),
  ];
  await using server = await serve(({ path, params }) => {
    if (path === "/api/v1/rules")
      return rules(...listed, { type: "recording", name: "HighErrorRate", query: "e" }, { odd: true });
    return params.get("query") === "c > 1"
      ? matrix(series({}, [20]))
      : params.get("query") === "b > 1"
        ? matrix()
        : matrix(series({}, always));
  });
  assert.deepEqual(await read(server.url, service(), alert, window), {
    result: "firing",
    at: to,
  });
  const queries = server.asked.slice(1).map(({ params }) => params.get("query"));
  assert.deepEqual(queries.sort(), [
    ...["b", "b > 1", "c", "c > 1"],
    ...["count by (service) (b)", "count by (service) (c)"],
  ]);
});

test("the configuration's own expression and data query come before what is found", async () => {
  await using server = await serve(({ params }) =>
    params.get("query") === "mine > 1" ? matrix() : matrix(series({ pod: "any", service: "other" }, always)),
  );
  const verify = { expr: "mine > 1", data: "count(mine)" };
  assert.deepEqual(await read(server.url, service(verify), alert, window), {
    result: "quiet",
    since: window.from,
  });
  assert.deepEqual(
    server.asked.map(({ path, params }) => [path, params.get("query")]),
    [
      ["/api/v1/query_range", "mine > 1"],
      ["/api/v1/query_range", "count(mine)"],
    ],
  );
});

test("of several queries of one alert every expression must be quiet, and every one for data must return some", async () => {
  const listed = (...queries: string[]) => queries.map((query) => ({ alert: alert.name, query }));
  const answer = (empty: string[]) => async () => {
    await using server = await serve(({ params }) =>
      empty.includes(params.get("query") ?? "") ? matrix() : matrix(series({}, always)),
    );
    const verify = { expr: listed("one > 1", "two > 1"), data: listed("one", "two") };
    return (await read(server.url, service(verify), alert, window)).result;
  };
  assert.equal(await answer(["one > 1", "two > 1"])(), "quiet");
  assert.equal(await answer(["one > 1"])(), "firing");
  assert.equal(await answer(["one > 1", "two > 1", "two"])(), "unknown");
});

test("an expression without a selector needs a data query", async () => {
  await using server = await serve(() => ({ body: fixture("rules.json") }));
  const detail = "FromRuler: no selector in its expression could show that there is data; set verify.data";
  assert.deepEqual(await read(server.url, service(), { name: "FromRuler", labels: {} }, window), {
    result: "unknown",
    detail,
  });
});

test("the templates of a rule's annotations are read, those of a length that can be kept", async () => {
  const annotations = { summary: "{{ $labels.pod }} is slow", long: "x".repeat(501) };
  const slow = { type: "alerting", name: "Slow", query: "up", duration: 60, annotations };
  await using server = await serve(() => rules(slow));
  const [read] = await prometheus({ url: server.url }).rules(service(), "Slow");
  assert.deepEqual([read?.annotations, read?.forMs], [{ summary: "{{ $labels.pod }} is slow" }, 60_000]);
});

test("an alert without a rule is unknown", async () => {
  await using server = await serve(() => ({ body: fixture("rules.json") }));
  assert.deepEqual(await read(server.url, service(), alert, window), {
    result: "unknown",
    detail: "HighErrorRate: Prometheus has no alerting rule of this name; set verify.expr",
  });
});

test("a captured range is read", async () => {
  const captured = { from: 1795357326_000, to: 1795357346_000 };
  await using server = await serve(() => ({ body: fixture("query_range_ok.json") }));
  const reading = await read(
    server.url,
    service({ expr: "up" }),
    { name: "Up", labels: { job: "self" } },
    captured,
  );
  assert.deepEqual(reading, { result: "firing", at: 1795357346_000 });
});

test("whatever Prometheus answers instead is unknown, and says what came back", async () => {
  const refused = (name: string) => ({ status: 400, body: fixture(name).replace(/\n400\s*$/, "") });
  const cases: [Canned, string][] = [
    [refused("query_range_bad_query.txt"), "400 bad_data: 1:4: parse error: unclosed left parenthesis"],
    [
      refused("query_range_too_many_points.txt"),
      "400 bad_data: exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
    ],
    [{ status: 503, body: "<html>upstream down</html>" }, "HTTP 503"],
    [
      { status: 302, headers: { location: "http://169.254.169.254/" }, body: "" },
      "HTTP 302, a redirect to http://169.254.169.254/, which is not followed",
    ],
    [{ body: "<html>log in</html>" }, "the answer is not Prometheus'"],
    [{ body: "null" }, "the answer is not Prometheus'"],
    [{ body: "[]" }, "the answer is not Prometheus'"],
    [success({ resultType: "vector", result: [] }), "the answer is not a matrix"],
    [success(null), "the answer is not a matrix"],
    [
      success({ resultType: "matrix", result: [] }, { warnings: ["remote read: timeout"] }),
      "the answer may be partial: remote read: timeout",
    ],
    [
      { body: `{"status":"success","data":"${"x".repeat(5 * 1024 * 1024)}"}` },
      "the answer is larger than 5242880 bytes",
    ],
  ];
  for (const [canned, detail] of cases) {
    await using server = await serve(() => canned);
    assert.deepEqual(await read(server.url, service({ expr: "a > 1" }), alert, window), {
      ...{ result: "unknown", failed: "prometheus" },
      detail: `HighErrorRate could not be read (Prometheus query_range: ${detail})`,
    });
  }
});

test("remarks on the query are no warnings", async () => {
  await using server = await serve(({ params }) => ({
    body: JSON.stringify({
      status: "success",
      data: { resultType: "matrix", result: params.get("query") === "a > 1" ? [] : [series({}, always)] },
      warnings: ["PromQL info: metric might not be a counter"],
      infos: ["x"],
    }),
  }));
  assert.equal((await read(server.url, service({ expr: "a > 1" }), alert, window)).result, "quiet");
});

test("an unreachable Prometheus is unknown", async () => {
  const server = await serve(() => ({ body: "" }));
  await server[Symbol.asyncDispose]();
  const detail = "HighErrorRate could not be read (Prometheus rules: ECONNREFUSED)";
  assert.deepEqual(await read(server.url, service(), alert, window), {
    ...{ result: "unknown", failed: "prometheus" },
    detail,
  });
});

test("a path prefix, headers and credentials in the URL are honoured", async () => {
  await using server = await serve(() => rules());
  const url = `${server.url.replace("//", "//am:p%40ss@")}/select/0/prometheus/`;
  await readAlert(prometheus({ url, headers: { "x-scope-orgid": "acme" } }), service(), { alert, window });
  const { path, headers } = server.asked[0]!;
  assert.equal(path, "/select/0/prometheus/api/v1/rules");
  assert.equal(headers["x-scope-orgid"], "acme");
  assert.equal(headers.authorization, `Basic ${Buffer.from("am:p@ss").toString("base64")}`);
});

test("an answer of a server whose clock is ten minutes off is no answer, and the detail says so", async () => {
  await using server = await serve(() => matrix(series({}, always)));
  const off = (ms: number) => prometheus({ url: server.url, clock: () => Date.now() + ms });
  const asked = { alert, window };
  const ahead = await readAlert(off(10 * 60_000), service({ expr: "mine > 1", data: "up" }), asked);
  assert.deepEqual(ahead, {
    ...{ result: "unknown", failed: "prometheus" },
    detail:
      "HighErrorRate could not be read (Prometheus query_range: its clock is 10 min behind ours: set both by NTP)",
  });
  const right = await readAlert(off(5_000), service({ expr: "mine > 1", data: "up" }), asked);
  assert.equal(right.result, "firing");
});

test("a service's own Prometheus gets its own login and tenant, and never the usual token", async () => {
  const answer = ({ path }: Asked) => (path.endsWith("rules") ? success({ groups: [] }) : matrix());
  await using usual = await serve(answer);
  await using own = await serve(answer);
  await using basic = await serve(answer);
  const metrics = prometheus({
    ...{ url: usual.url, token: "usual", tenant: "all" },
    logins: `${new URL(own.url).host}=glsa_own, ${new URL(basic.url).host}=ann:s3cret`,
  });
  const ask = async (server: typeof usual, at?: { url?: string; tenant?: string }) => {
    const service = at === undefined ? {} : { metrics: at };
    await metrics.value(service, "up", to);
    await metrics.rules(service, "Any");
    const [value, rules] = server.asked.splice(0);
    assert.deepEqual(value?.headers.authorization, rules?.headers.authorization);
    return [value?.headers.authorization, value?.headers["x-scope-orgid"]];
  };
  assert.deepEqual(await ask(usual), ["Bearer usual", "all"]);
  assert.deepEqual(await ask(usual, { tenant: "pay" }), ["Bearer usual", "pay"]);
  assert.deepEqual(await ask(own, { url: own.url, tenant: "us" }), ["Bearer glsa_own", "us"]);
  assert.deepEqual(await ask(basic, { url: basic.url }), [
    `Basic ${Buffer.from("ann:s3cret").toString("base64")}`,
    undefined,
  ]);
});
