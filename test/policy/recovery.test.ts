import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { gridOf, judge as judgeEvidence, maxGap, worst } from "../../shared/policy/recovery/recovery.ts";
import type { Grid, Series } from "../../shared/ports/metrics.ts";
import { consistent, ownLabels } from "../../shared/promql/labels.ts";

const minute = 60_000;
const from = Date.UTC(2026, 10, 22, 14);
const grid: Grid = { start: from, stepMs: 1000, count: 11 };
const to = from + 10_000;
const at = (...indexes: number[]): Series[] =>
  indexes.length === 0 ? [] : [{ labels: {}, points: indexes.map((index) => [from + index * 1000, 1]) }];
const judge = (grid: Grid, from: number, { firing, data }: { firing: Series[]; data: Series[] }) =>
  judgeEvidence({ grid, from, forMs: 0, firing, data: [{ name: "a", series: data }], traffic: [] });
const all = at(...Array.from({ length: 11 }, (_, index) => index));
const none = at();
const noData = {
  result: "unknown",
  verdict: "telemetry_gone",
  detail: "no data to show that it is quiet, as a returns nothing",
};

test("an expression that returned nothing while there was data is quiet since the window began", () => {
  assert.deepEqual(judge(grid, from, { firing: none, data: all }), { result: "quiet", since: from });
});

test("it is quiet only since it last fired", () => {
  assert.deepEqual(judge(grid, from, { firing: at(0, 4), data: all }), {
    result: "quiet",
    since: from + 5000,
  });
});

test("firing at the end of the window is firing, data or not", () => {
  assert.deepEqual(judge(grid, from, { firing: at(10), data: all }), { result: "firing", at: to });
  assert.deepEqual(judge(grid, from, { firing: at(10), data: none }), { result: "firing", at: to });
});

test("without data nothing is known", () => {
  assert.deepEqual(judge(grid, from, { firing: none, data: none }), noData);
  assert.deepEqual(judge(grid, from, { firing: none, data: at(0, 1, 2, 3, 4, 5, 6, 7) }), noData);
  assert.deepEqual(judge(grid, from, { firing: at(9), data: at(0, 1, 2, 3) }), noData);
});

test("a missed scrape or two is no gap, three are", () => {
  assert.deepEqual(judge(grid, from, { firing: none, data: at(0, 3, 6, 7, 8) }), {
    result: "quiet",
    since: from,
  });
  assert.deepEqual(judge(grid, from, { firing: none, data: at(0, 1, 5, 6, 7, 8, 9, 10) }), {
    result: "quiet",
    since: from + 5000,
  });
});

test("data that began later is what the quiet is counted from", () => {
  assert.deepEqual(judge(grid, from, { firing: none, data: at(4, 5, 6, 7, 8, 9, 10) }), {
    result: "quiet",
    since: from + 4000,
  });
  assert.deepEqual(judge(grid, from, { firing: none, data: at(2, 3, 4, 5, 6, 7, 8, 9, 10) }), {
    result: "quiet",
    since: from,
  });
});

test("a quiet stretch neither holds a firing nor a large gap, and lies in the window", () => {
  const indexes = fc.uniqueArray(fc.nat({ max: 10 }));
  fc.assert(
    fc.property(indexes, indexes, (fired, seen) => {
      const reading = judge(grid, from, { firing: at(...fired), data: at(...seen) });
      if (fired.includes(10)) return assert.equal(reading.result, "firing");
      if (reading.result !== "quiet") return;
      const since = (reading.since - from) / 1000;
      assert.ok(since >= 0 && since <= 10);
      assert.ok(fired.every((index) => index < since));
      for (let index = since; index + maxGap <= 10; index++)
        assert.ok(seen.some((one) => one >= index && one <= index + maxGap));
    }),
    { numRuns: 2000 },
  );
});

test("the grid ends at the window's end, begins no more than its rounding before, and stays within Prometheus' limit", () => {
  assert.deepEqual(gridOf({ from, to: from + 5 * minute }, 5 * minute), {
    start: from,
    stepMs: 15_000,
    count: 21,
  });
  assert.deepEqual(gridOf({ from, to: from + 5000 }, 5000), { start: from, stepMs: 1000, count: 6 });
  fc.assert(
    fc.property(
      fc.nat({ max: 7 * 24 * 60 * minute }),
      fc.integer({ min: 1, max: 24 * 60 * minute }),
      (span, hold) => {
        const { start, stepMs, count } = gridOf({ from, to: from + span }, hold);
        assert.ok(Number.isInteger(stepMs) && stepMs >= 1 && count <= 10_002);
        assert.equal(start + (count - 1) * stepMs, from + span);
        assert.ok(start <= from && from - start <= count);
      },
    ),
  );
});

test("a series is the alert's unless a label that both carry differs", () => {
  const alert = {
    alertname: "A",
    service: "payment",
    severity: "critical",
    environment: "production",
    pod: "a-1",
  };
  const own = ownLabels(alert, { severity: "critical" });
  assert.deepEqual(own, { service: "payment", environment: "production" });
  assert.equal(consistent({ __name__: "up", service: "payment", pod: "b-2", severity: "?" }, own), true);
  assert.equal(consistent({ service: "checkout" }, own), false);
  assert.equal(consistent({}, own), true);
  assert.equal(consistent({ constructor: "x" }, own), true);
});

test("several expressions are quiet when all are, since the last", () => {
  const quiet = (since: number) => ({ result: "quiet", since }) as const;
  assert.deepEqual(worst([quiet(1), quiet(3), quiet(2)]), quiet(3));
  assert.deepEqual(worst([quiet(1), { result: "unknown", detail: "x" }]), { result: "unknown", detail: "x" });
  assert.deepEqual(
    worst([
      { result: "unknown", detail: "x" },
      { result: "firing", at: 4 },
      { result: "firing", at: 5 },
    ]),
    { result: "firing", at: 5 },
  );
  assert.equal(worst([]).result, "unknown");
});

test("an expression that only its own condition mutes still fires", () => {
  const evidence = { grid, from, forMs: 0, firing: none, data: [], traffic: [] };
  assert.deepEqual(judgeEvidence({ ...evidence, ungated: at(9, 10) }), {
    ...{ result: "firing", at: to, verdict: "muted" },
    detail: "only its own condition mutes it, and without that condition it still fires",
  });
  assert.deepEqual(judgeEvidence({ ...evidence, rebased: at(9, 10) }), {
    ...{ result: "firing", at: to, verdict: "muted" },
    detail:
      "it is quiet only because its own past holds the trouble by now; beside the time before the onset it still fires",
  });
  assert.deepEqual(judgeEvidence({ ...evidence, ungated: at(3, 4) }), {
    ...{ result: "quiet", since: from + 5000 },
  });
});

test("traffic of 0 is no traffic to judge by", () => {
  const withTraffic = (value: number) =>
    judgeEvidence({
      ...{ grid, from, forMs: 0, firing: none, data: [] },
      traffic: [
        {
          name: "requests",
          series: all.map((one) => ({ ...one, points: one.points.map(([instant]) => [instant, value]) })),
        },
      ],
    });
  assert.deepEqual(withTraffic(1), { result: "quiet", since: from });
  for (const value of [0, Number.NaN])
    assert.deepEqual(withTraffic(value), {
      ...{ result: "unknown", verdict: "no_traffic" },
      detail: "no traffic to judge by, as requests is 0 or not a number",
    });
});
