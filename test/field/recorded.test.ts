import assert from "node:assert/strict";
import { test } from "node:test";
import { readRecorded } from "../../functions/verify/recordings.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Grid, Series } from "../../shared/ports/metrics.ts";
import { burning, service, type World, world } from "../support/world.ts";

const minute = 60_000;
const expr = "job:failing:rate5m > 1";
const records: Record<string, string[]> = {
  "job:failing:rate5m": ["job:failures:rate5m / job:requests:rate5m"],
  "job:requests:rate5m": ["sum(rate(requests_total[5m]))"],
};

/** `gone` are parts of queries that return nothing any more. */
type Monitor = { gone: string[]; recorded: Record<string, string[]> };

const full = ({ start, stepMs, count }: Grid): Series => ({
  labels: {},
  points: Array.from({ length: count }, (_, index) => [start + index * stepMs, 1]),
});

/** The fix of an alert about a recorded metric is live for a minute; its expression is quiet since. */
const live = async (): Promise<{ made: World; monitor: Monitor }> => {
  const made = world();
  const { metrics } = made.work;
  const monitor: Monitor = { gone: [], recorded: records };
  const fixedAt = 2 * minute;
  metrics.rules = async () => [{ expr, labels: {}, forMs: 0, keepFiringMs: 0, everyMs: minute, active: [] }];
  metrics.recordings = async (_, names) =>
    Object.fromEntries(Object.entries(monitor.recorded).filter(([name]) => names.includes(name)));
  metrics.range = async (_, query, grid) => {
    const isAfter = grid.start >= fixedAt;
    if (query === expr) return isAfter ? [] : [full(grid)];
    return isAfter && monitor.gone.some((part) => query.includes(part)) ? [] : [full(grid)];
  };
  await made.alerts([burning]);
  await made.bringLive(fixedAt);
  made.state.now = fixedAt + minute;
  return { made, monitor };
};

const finding = async ({ made }: { made: World }): Promise<unknown[]> => {
  const now = await made.settle();
  if (now.status === "closed") return [now.outcome];
  return "delay" in now ? [now.delay?.verdict, now.delay?.detail] : [now.status];
};

test("the recording rules under a rule are stored with the question", async () => {
  const { made } = await live();
  const { incident } = await made.store.load("payment-gateway/production");
  assert.deepEqual(incident.questions?.[0]?.rules[0]?.recorded, records);
  assert.deepEqual(await finding({ made }), ["verified"]);
});

test("a metric that goes on being recorded without what it is recorded from shows no recovery", async () => {
  const all = await live();
  all.monitor.gone = ["count by (service) (requests_total", "count by (service) (job:failures"];
  assert.equal((await finding(all))[0], "telemetry_gone");
  const idle = await live();
  idle.monitor.gone = ["(rate(requests_total"];
  assert.equal((await finding(idle))[0], "no_traffic");
});

test("what was not there while the alert fired either is not missed", async () => {
  const { made } = await live();
  const { range } = made.work.metrics;
  made.work.metrics.range = async (service, query, grid) =>
    query.includes("requests_total") ? [] : range(service, query, grid);
  assert.deepEqual(await finding({ made }), ["verified"]);
});

test("a recording rule that has changed since the alert fired is a finding of its own", async () => {
  const { made, monitor } = await live();
  monitor.recorded = { ...records, "job:requests:rate5m": ["vector(1e9)"] };
  const [verdict, detail] = await finding({ made });
  assert.equal(verdict, "rule_changed");
  assert.match(
    String(detail),
    /the recording rule of job:requests:rate5m has changed since the alert fired \(now vector\(1e9\)\)$/,
  );
});

test("recording rules that are too many, too long, or of each other are kept within bounds", async () => {
  const { metrics } = world().work;
  metrics.recordings = async (_, names) =>
    Object.fromEntries(
      names.map((name) => [name, [name === "long" ? "a + ".repeat(2_000) : `${name} + ${name}x`]]),
    );
  const names = Array.from({ length: 40 }, (_, index) => `m${index}`);
  const kept = await readRecorded({ metrics, service: service() }, ["long", ...names].join(" + "));
  assert.deepEqual([Object.keys(kept).length, Object.hasOwn(kept, "long")], [30, false]);
  assert.deepEqual(Object.getPrototypeOf(kept), Object.prototype);
});

test("where Prometheus does not tell recording rules, the rule is judged as it is written", async () => {
  const { made } = await live();
  made.work.metrics.recordings = async () => {
    throw new UpstreamError("prometheus", "HTTP 400", { retryable: true });
  };
  assert.deepEqual(await finding({ made }), ["verified"]);
});

test("a share that is not recorded while nothing fails is judged by what records it, as long as that rule stands", async () => {
  for (const [recorded, found] of [
    [records, "verified"],
    [{}, "telemetry_gone"],
  ] as const) {
    const { made, monitor } = await live();
    monitor.gone = ["(job:failing:rate5m)", "job:failing:rate5m"];
    monitor.recorded = recorded;
    const { range } = made.work.metrics;
    made.work.metrics.range = async (service, query, grid) =>
      query.endsWith("> 1") ? [] : range(service, query, grid);
    assert.equal((await finding({ made }))[0], found);
  }
});
