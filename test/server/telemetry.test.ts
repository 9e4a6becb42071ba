import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { source } from "../support/program.ts";
import { startStage } from "../support/stage.ts";

type Span = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  links?: { traceId: string }[];
};
type Metric = {
  name: string;
  sum?: {
    dataPoints: {
      attributes: { key: string; value: { stringValue?: string } }[];
      asInt?: number | string;
      asDouble?: number;
    }[];
  };
};

type Attribute = { key: string; value: { stringValue?: string } };
type LogRecord = {
  timeUnixNano: string;
  severityNumber: number;
  severityText: string;
  body: { stringValue: string };
  attributes: Attribute[];
  traceId?: string;
};

/** An OTLP/HTTP receiver on loopback that keeps what it is sent. */
const receiver = async () => {
  const spans: Span[] = [];
  const metrics: Metric[] = [];
  const logs: LogRecord[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const sent = JSON.parse(body);
    for (const { scopeSpans } of sent.resourceSpans ?? [])
      for (const scope of scopeSpans) spans.push(...scope.spans);
    for (const { scopeMetrics } of sent.resourceMetrics ?? [])
      for (const scope of scopeMetrics) metrics.push(...scope.metrics);
    for (const { scopeLogs } of sent.resourceLogs ?? [])
      for (const scope of scopeLogs) logs.push(...scope.logRecords);
    response.setHeader("content-type", "application/json").end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    spans,
    metrics,
    logs,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
};

test("one trace spans the incident from the webhook to the verdict, also over a restart, and the counters count", async (t) => {
  const otlp = await receiver();
  t.after(() => otlp.close());
  const stage = await startStage({
    program: source,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
      OTEL_BSP_SCHEDULE_DELAY: "100",
      OTEL_METRIC_EXPORT_INTERVAL: "60000",
    },
  });
  t.after(() => stage.stop());
  await stage.alert();
  await stage.until("the question", ({ timeline }) =>
    timeline.some(({ type }) => type === "ApprovalRequested"),
  );
  await stage.server().stop();
  await stage.restart();
  await stage.approve();
  const { merge } = await stage.until("the merge", ({ status }) => status === "merged");
  await stage.deploy(merge!.sha);
  await stage.until("the verdict", ({ status }) => status === "closed");
  await stage.server().stop();

  const trace = otlp.spans.find(({ name }) => name === "alerts")?.traceId;
  const names = new Set(otlp.spans.filter(({ traceId }) => traceId === trace).map(({ name }) => name));
  for (const name of [
    "alerts",
    "diagnose",
    "propose",
    "ask",
    "merge",
    "watch",
    "verify",
    "announce",
    "call github",
    "call slack",
    "call prometheus",
  ])
    assert.ok(names.has(name), `${name} is not in the incident's trace: ${[...names].join(", ")}`);
  // The click has a trace of its own, which leads to the incident's.
  const click = otlp.spans.find(({ name, links = [] }) => name === "answers" && links.length > 0);
  assert.notEqual(click?.traceId, trace);
  assert.deepEqual(
    click?.links?.map(({ traceId }) => traceId),
    [trace],
  );
  const steps = otlp.spans.filter(({ name }) => name === "diagnose");
  assert.equal(steps[0]?.parentSpanId, otlp.spans.find(({ name }) => name === "alerts")?.spanId);

  const count = (name: string, key: string, value: string): number =>
    otlp.metrics
      .filter((metric) => metric.name === name)
      .flatMap(({ sum }) => sum?.dataPoints ?? [])
      .filter(({ attributes }) =>
        attributes.some((one) => one.key === key && one.value.stringValue === value),
      )
      .reduce((sum, { asInt, asDouble }) => sum + Number(asInt ?? asDouble), 0);
  assert.equal(count("countersteer.alerts", "outcome", "opened"), 1);
  assert.equal(count("countersteer.incidents", "status", "closed"), 1);
  // Each deploy and each look again is diagnosed anew, and counted once.
  assert.equal(count("countersteer.steps", "step", "diagnose"), steps.length);
  assert.ok(count("countersteer.calls", "system", "github") > 10);

  // The log too, each record with its time, its level and the trace in which it was written.
  const ready = otlp.logs.filter(({ body }) => body.stringValue === "ready");
  assert.deepEqual(
    ready.map(({ severityText, severityNumber, traceId = "" }) => [severityText, severityNumber, traceId]),
    Array(2).fill(["info", 9, ""]),
  );
  assert.ok(ready.every(({ timeUnixNano }) => Number(timeUnixNano) > Date.UTC(2026, 0) * 1e6));
  assert.ok(
    ready[0]?.attributes.some(({ key, value }) => key === "url" && value.stringValue?.startsWith("http:")),
  );
  assert.ok(otlp.logs.some(({ traceId }) => traceId === trace));
});
