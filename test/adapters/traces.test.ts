import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { traceSettings, tracesOf } from "../../infra/host/adapters/traces.ts";
import { spansOf } from "../../shared/adapters/traces/otlp.ts";
import { serve } from "../support/answering.ts";
import { service } from "../support/world.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/traces/${name}.json`, import.meta.url), "utf8");
const from = Date.UTC(2026, 10, 22, 14, 0);
const window = { from, to: from + 60_000, limit: 10 };
const traceql = '{ resource.service.name = "payment-gateway" && status = error }';
const inTempo = service({ traces: { tempo: traceql } });
const inJaeger = service({ traces: { jaeger: "payment-gateway" } });
const trace = "2f3e0cee77ae5dc9c17ade3689eb4e54";
const stack = "TypeError: minorUnits\n    at rate (src/fx/rates.js:42:7)";

test("Tempo is searched by the configured query over the window, as its tenant, and each trace is read whole", async () => {
  await using server = await serve(({ path }) => ({
    body: fixture(path === "/api/search" ? "tempo-search" : "tempo-trace"),
  }));
  const given = { TEMPO_URL: server.url, TEMPO_TENANT: "team-a", TEMPO_TOKEN: "t0ken" };
  const { spans, unread } = await tracesOf(traceSettings(given)).spans(inTempo, window);
  assert.equal(unread, undefined);
  assert.deepEqual(
    spans.map(({ id, parent, service: at, name, isFailed, text }) => [id, parent, at, name, isFailed, text]),
    [
      ["563d623c76514f8e", undefined, "payment-gateway", "POST /charge", true, undefined],
      ["0000000000000002", "563d623c76514f8e", "payment-gateway", "GET", true, "HTTP 500"],
      [
        ...["0000000000000003", "0000000000000002", "fx", "GET /rates/{currency}", true],
        "TypeError: minorUnits of JPY is undefined",
      ],
      ["0000000000000004", "0000000000000003", "fx", "SELECT rates", false, undefined],
    ],
  );
  assert.deepEqual([spans[0]?.trace, spans[0]?.at, spans[2]?.stack], [trace, 1_795_355_000_000, stack]);
  const [search, read] = server.asked;
  const times = { start: String(from / 1000), end: String(from / 1000 + 60) };
  assert.deepEqual(Object.fromEntries(search!.params), { q: traceql, ...times, limit: "10", spss: "1" });
  assert.deepEqual(
    [read?.path, read?.headers["x-scope-orgid"], read?.headers.authorization],
    ["/api/traces/2f3e0cee77ae5dc9c17ade3689eb2e54", "team-a", "Bearer t0ken"],
  );
});

test("one trace that cannot be read keeps no other from being read, and when none can be it is told", async () => {
  let broken = 1;
  const traces = Array.from({ length: 3 }, (_, index) => ({ traceID: `${index + 1}`.repeat(32) }));
  await using server = await serve(({ path }) => {
    if (path === "/api/search") return { body: JSON.stringify({ traces }) };
    return Number(path.at(-1)) <= broken
      ? { status: 500, body: "too large" }
      : { body: fixture("tempo-trace") };
  });
  const store = tracesOf(traceSettings({ TEMPO_URL: server.url }));
  assert.equal((await store.spans(inTempo, window)).spans.length, 8);
  broken = 3;
  assert.match(
    (await store.spans(inTempo, window)).unread ?? "",
    /^the traces of payment-gateway could not be read \(.*500 too large\)$/,
  );
});

test("Jaeger is asked by its stable API for the service over the window, and its hex ids stay", async () => {
  await using server = await serve(() => ({ body: fixture("jaeger-traces") }));
  const store = tracesOf(traceSettings({ JAEGER_URL: `${server.url}/`, JAEGER_TOKEN: "t0ken" }));
  const { spans } = await store.spans(inJaeger, window);
  assert.deepEqual(
    spans.map(({ trace: of, name, isFailed, text }) => [of, name, isFailed, text]),
    [
      [trace, "POST /charge", true, "timeout of the bank"],
      ["3f3e0cee77ae5dc9c17ade3689eb4e54", "GET /healthz", false, undefined],
    ],
  );
  const [asked] = server.asked;
  assert.deepEqual([asked?.path, asked?.headers.authorization], ["/api/v3/traces", "Bearer t0ken"]);
  assert.deepEqual(Object.fromEntries(asked!.params), {
    "query.service_name": "payment-gateway",
    "query.start_time_min": "2026-11-22T14:00:00.000Z",
    "query.start_time_max": "2026-11-22T14:01:00.000Z",
    "query.num_traces": "50",
  });
  assert.equal(store.pageOf(inJaeger, { id: trace, at: from }), `${server.url}/trace/${trace}`);
});

test("a trace of Tempo is shown by Grafana's Explore, and by nothing where there is no Grafana", () => {
  const given = { TEMPO_URL: "http://tempo.test", GRAFANA_URL: "https://ann:x@grafana.test/g/" };
  const url = new URL(tracesOf(traceSettings(given)).pageOf(inTempo, { id: trace, at: from }) ?? "");
  assert.equal(`${url.origin}${url.pathname}`, "https://grafana.test/g/explore");
  const { trace: pane } = JSON.parse(url.searchParams.get("panes") ?? "");
  assert.deepEqual([pane.datasource, pane.queries[0].query], ["tempo", trace]);
  const bare = tracesOf(traceSettings({ TEMPO_URL: "http://tempo.test" }));
  assert.equal(bare.pageOf(inTempo, { id: trace, at: from }), undefined);
});

test("a store that is not set up, that answers nonsense or refuses is told in a sentence", async () => {
  const none = tracesOf({});
  assert.deepEqual(await none.spans(service(), window), { spans: [] });
  assert.deepEqual(
    (await none.spans(inTempo, window)).unread,
    "the traces of payment-gateway are not read: TEMPO_URL is not set",
  );
  assert.deepEqual(
    (await none.spans(inJaeger, window)).unread,
    "the traces of payment-gateway are not read: JAEGER_URL is not set",
  );
  for (const body of ["not json", "[]", "7"]) {
    await using server = await serve(() => ({ body }));
    for (const [of, given] of [
      [inTempo, { TEMPO_URL: server.url }],
      [inJaeger, { JAEGER_URL: server.url }],
    ] as const)
      assert.match(
        (await tracesOf(traceSettings(given)).spans(of, window)).unread ?? "",
        /could not be read/,
        body,
      );
  }
});

test("of more than 5,000 spans the first 5,000 are read", () => {
  const span = { traceId: trace, spanId: "563d623c76514f8e", startTimeUnixNano: "1795355000000000000" };
  const spans = Array.from({ length: 5_001 }, () => span);
  assert.equal(spansOf([{ scopeSpans: [{ spans }] }]).length, 5_000);
});
