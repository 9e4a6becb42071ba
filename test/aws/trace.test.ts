import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import { afterEach, type TestContext, test } from "node:test";
import { type Definition, onLambda } from "../../infra/aws/host.ts";
import { exportLog } from "../../infra/aws/log-records.ts";
import { exportSpans } from "../../infra/aws/spans.ts";
import { inTrace } from "../../infra/aws/trace.ts";
import { portOf } from "../../infra/host/server/listen.ts";
import { jsonLog } from "../../shared/adapters/log.ts";
import { linkTo, span, traceparent } from "../../shared/telemetry.ts";
import { hangMs } from "../support/until.ts";

/** Tells its trace, and that of a span of an incident that began in another. */
const telling: Definition<string | undefined, (string | undefined)[]> = {
  name: "tick",
  make:
    ({ log }) =>
    async (incident) => {
      const outside = traceparent();
      const inside = await span("verify", { traceparent: incident }, async () => {
        await Promise.resolve();
        log.info("looked");
        return traceparent();
      });
      return [outside, inside];
    },
};

const lines: string[] = [];
const { write } = process.stdout;
afterEach(() => {
  process.stdout.write = write;
  delete process.env._X_AMZN_TRACE_ID;
});
const listening = <T>(run: () => Promise<T>): Promise<T> => {
  // The runner's own reports go out by the same stream.
  process.stdout.write = ((line: string | Uint8Array) =>
    typeof line === "string" && line.startsWith("{")
      ? lines.push(line) > 0
      : write.call(process.stdout, line)) as typeof write;
  return run().finally(() => {
    process.stdout.write = write;
  });
};

test("an event runs in Lambda's own trace, and what belongs to an incident in the incident's, its log lines too", async () => {
  process.env._X_AMZN_TRACE_ID = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  const incident = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const [outside, inside] = await listening(() => onLambda(telling)(incident));
  assert.equal(outside, "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01");
  assert.equal(inside, incident);
  const line = lines.map((one) => JSON.parse(one)).find(({ message }) => message === "looked");
  assert.deepEqual([line.trace_id, line.function], ["0af7651916cd43dd8448eb211c80319c", "tick"]);
});

test("without one of Lambda's each event has a trace of its own", async () => {
  const handler = onLambda(telling);
  const [[first], [second]] = [
    await listening(() => handler(undefined)),
    await listening(() => handler(undefined)),
  ];
  assert.match(first!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.notEqual(first, second);
});

/** A collector on a busy machine may take longer than the functions wait for one. */
const patient = (): AbortSignal => AbortSignal.timeout(hangMs);

/** A collector on loopback: its address, and what it was sent. */
const collecting = async (
  t: TestContext,
  answer: (response: ServerResponse) => void = (response) => void response.end("{}"),
) => {
  const asked: { path: string | undefined; body: string }[] = [];
  const collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    asked.push({ path: request.url, body: Buffer.concat(chunks).toString() });
    answer(response);
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  t.after(() => collector.close().closeAllConnections());
  return { asked, endpoint: `http://127.0.0.1:${portOf(collector)}` };
};

test("with an endpoint the log of an event goes there too, each line with its span, and no counters", async (t) => {
  const { asked, endpoint } = await collecting(t);
  const { tell, flush } = exportLog({ endpoint, name: "verify", clock: () => 0, patience: patient });
  const log = jsonLog(tell, () => 1_700_000_000_123, { function: "verify" });
  inTrace("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1", () =>
    log.warn("step failed", { round: 2, late: true, error: { tries: [1] } }),
  );
  log.info("outside");
  tell('{"_aws":{"Timestamp":1},"step":"verify","countersteer.steps":1}\n');
  assert.equal(await flush(), true);
  assert.equal(asked[0]!.path, "/v1/logs");
  const [{ resource, scopeLogs }] = JSON.parse(asked[0]!.body).resourceLogs;
  assert.equal(resource.attributes[1].value.stringValue, "verify");
  const [failed, outside, ...more] = scopeLogs[0].logRecords;
  assert.deepEqual(failed, {
    ...{ timeUnixNano: "1700000000123000000", severityNumber: 13, severityText: "warn" },
    body: { stringValue: "step failed" },
    attributes: [
      { key: "function", value: { stringValue: "verify" } },
      { key: "round", value: { intValue: "2" } },
      { key: "late", value: { boolValue: true } },
      {
        key: "error",
        value: {
          kvlistValue: { values: [{ key: "tries", value: { arrayValue: { values: [{ intValue: "1" }] } } }] },
        },
      },
    ],
    ...{ traceId: "5759e988bd862e3fe1be46a994272793", spanId: "53995c3f42cd8ad8", flags: 1 },
  });
  assert.deepEqual([outside.body, "traceId" in outside, more], [{ stringValue: "outside" }, false, []]);
  assert.equal(await flush(), true);
  assert.equal(asked.length, 1, "nothing new, nothing sent");
});

test("with an endpoint the spans of an event go there before its answer, and a collector that does not answer is left alone for a minute", async (t) => {
  let answer = (response: ServerResponse): void => void response.end("{}");
  const { asked, endpoint } = await collecting(t, (response) => answer(response));
  let now = 1_700_000_000_123;
  let waiting = new AbortController();
  const patience = () => {
    waiting = new AbortController();
    return waiting.signal;
  };
  const flush = exportSpans({ endpoint: `${endpoint}/`, name: "verify", clock: () => now, patience });
  const xray = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  const event = () =>
    inTrace(xray, () =>
      span(
        "verify",
        { attributes: { "incident.id": "checkout/production", round: 2, share: 0.5, late: true } },
        async () => {
          linkTo("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
          now += 2;
          await span("query", {}, async () => {
            throw new TypeError("no answer");
          });
        },
      ),
    ).catch(() => {});
  await event();
  assert.equal(await flush(), true);
  assert.equal(asked[0]!.path, "/v1/traces");
  const [{ resource, scopeSpans }] = JSON.parse(asked[0]!.body).resourceSpans;
  assert.deepEqual(resource.attributes, [
    { key: "service.name", value: { stringValue: "countersteer" } },
    { key: "faas.name", value: { stringValue: "verify" } },
  ]);
  const [query, verify] = scopeSpans[0].spans;
  const failure = {
    ...{ name: "exception", timeUnixNano: "1700000000125000000" },
    attributes: [
      { key: "exception.type", value: { stringValue: "TypeError" } },
      { key: "exception.message", value: { stringValue: "no answer" } },
    ],
  };
  const traceId = "5759e988bd862e3fe1be46a994272793";
  const times = (start: string) => ({ startTimeUnixNano: start, endTimeUnixNano: "1700000000125000000" });
  assert.deepEqual(verify, {
    ...{ traceId, spanId: verify.spanId, parentSpanId: "53995c3f42cd8ad8", name: "verify", kind: 1 },
    ...times("1700000000123000000"),
    attributes: [
      { key: "incident.id", value: { stringValue: "checkout/production" } },
      { key: "round", value: { intValue: "2" } },
      { key: "share", value: { doubleValue: 0.5 } },
      { key: "late", value: { boolValue: true } },
    ],
    ...{ events: [failure], status: { code: 2, message: "no answer" } },
    links: [{ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", attributes: [] }],
  });
  assert.deepEqual(query, {
    ...{ traceId, spanId: query.spanId, parentSpanId: verify.spanId, name: "query", kind: 1 },
    ...{ ...times("1700000000125000000"), attributes: [], events: [failure] },
    ...{ status: { code: 2, message: "no answer" }, links: [] },
  });
  answer = () => waiting.abort();
  await event();
  assert.equal(await flush(), false);
  await event();
  assert.equal(await flush(), true);
  assert.equal(asked.length, 2);
  now += 60_000;
  answer = (response) => void response.end("{}");
  await event();
  assert.equal(await flush(), true);
  // Those of the minute between are gone.
  assert.deepEqual(
    asked.map(({ body }) => JSON.parse(body).resourceSpans[0].scopeSpans[0].spans.length),
    [2, 2, 2],
  );
});

test("a collector that takes an event and never answers costs the event no more than its patience", async (t) => {
  const { endpoint } = await collecting(t, () => {});
  const { tell, flush } = exportLog({ endpoint, name: "verify", clock: () => 0 });
  jsonLog(tell, () => 0).info("looked");
  assert.equal(await flush(), false);
});

// The global tracer is set once: after the test above.
test("a function whose environment names a collector sends its log before it answers, unless that is turned off", async (t) => {
  const { asked, endpoint } = await collecting(t);
  t.after(() => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    delete process.env.OTEL_LOGS_EXPORTER;
  });
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  await listening(() => onLambda(telling, patient)(undefined));
  const logged = () => asked.filter(({ path }) => path === "/v1/logs").map(({ body }) => body);
  assert.match(logged().join(), /"stringValue":"looked"/);
  process.env.OTEL_LOGS_EXPORTER = "none";
  await listening(() => onLambda(telling, patient)(undefined));
  assert.equal(logged().length, 1);
});
