import assert from "node:assert/strict";
import { test } from "node:test";
import { observe } from "../../functions/diagnose/observe.ts";
import { isLoad } from "../../shared/diagnosis/onset/change-point.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import type { Course } from "../../shared/ports/metrics.ts";
import { alert, sha } from "../support/incident.ts";
import { service as configured, world } from "../support/world.ts";

const minute = 60_000;
const startsAt = Date.parse("2026-11-22T12:09:00Z");
const begun = Date.parse("2026-11-22T12:03:40Z");
const points = (value: (at: number) => number): [number, number][] =>
  Array.from({ length: 541 }, (_, n) => {
    const at = startsAt - 175 * minute + n * 20_000;
    return [at, value(at)];
  });
const usual = (at: number) => 118 + ((at / 20_000) % 5);
const rising = (at: number) => usual(at) + (at < begun ? 0 : 290);
const alerts = [alert({ name: "ErrorsHigh", labels: { service: "checkout" }, startsAt })];
const traffic = (value: (at: number) => number) => ({
  ...{ service: "checkout", metric: "traffic", load: true as const, points: points(value) },
});
const ranked = (series: object[], dependsOn: string[] = []) =>
  rank({
    dependsOn,
    ...{ service: "checkout", alerts, onsetAt: startsAt, deploys: [], history: [] },
    commits: [
      {
        ...{ sha: sha("a"), parents: [], title: "change a", message: "change a", author: "Ann", url: "" },
        ...{ paths: ["src/a.js"], at: begun - 4 * minute },
      },
    ],
    series: series as never,
  });

test("traffic that rises when the trouble begins speaks for none of the changes, with its numbers", () => {
  const errors = {
    service: "checkout",
    metric: "error_ratio",
    points: points((at) => (at < begun ? 0.001 : 0.07)),
  };
  const [risen, calm] = [ranked([errors, traffic(rising)]), ranked([errors, traffic(usual)])];
  assert.ok(
    risen.notes?.includes("traffic of checkout 120 → 410 at 12:03:40: more came in"),
    risen.notes?.join("\n"),
  );
  assert.ok(risen.none > calm.none);
  assert.deepEqual(calm, ranked([errors]));
});

test("requests of a service that is called rise by its caller's doing where the caller's own did not rise", () => {
  const told = (own: (at: number) => number) => {
    const series = [traffic(own), { ...traffic(rising), service: "cart" }];
    return ranked(series, ["cart"]).notes?.join("\n") ?? "";
  };
  assert.doesNotMatch(told(usual), /came in/);
  assert.match(told(rising), /more came in/);
});

test("traffic alone is no metric that moved, and tells nothing while it stays as it was", () => {
  assert.deepEqual(ranked([traffic(usual)]), ranked([]));
  const { suspects } = ranked([traffic(rising)]);
  assert.doesNotMatch(suspects[0]!.reasons.join("\n"), /traffic/);
});

test("traffic that falls, rose long before, or rises after the trouble began (retries) speaks for nothing", () => {
  const errors = {
    service: "checkout",
    metric: "error_ratio",
    points: points((at) => (at < begun ? 0.001 : 0.07)),
  };
  const step = (at: number, by: number) => traffic((now) => usual(now) + (now < at ? 0 : by));
  for (const one of [step(begun, -100), step(begun - 30 * minute, 300), step(begun + 3 * minute, 300)])
    assert.doesNotMatch(ranked([errors, one]).notes?.join("\n") ?? "", /came in/);
});

test("load is what is said to be, else what a metric's name tells; an alert on requests is load only when it is about how many come", () => {
  const of = (metric: string, alert?: string) =>
    isLoad({ metric, ...(alert === undefined ? {} : { alert }) });
  assert.deepEqual(
    ["http_requests_per_second", "request_errors", "cpu"].map((metric) => of(metric)),
    [true, false, false],
  );
  const alerting = [
    "RequestsSlow's value",
    "HighRequestRate's value",
    "TrafficHigh's ratio",
    "TrafficHigh's value",
  ];
  assert.deepEqual(
    alerting.map((metric) => of(metric, "x")),
    [false, true, false, true],
  );
  assert.equal(isLoad({ metric: "cpu", load: true }), true);
});

const measured = async (settings: Parameters<typeof configured>[0], course: Partial<Course> = {}) => {
  const { work } = world();
  const asked: unknown[] = [];
  const found = await observe(
    {
      ...work,
      clock: () => startsAt + minute,
      serviceOf: () => configured(settings),
      metrics: {
        ...work.metrics,
        course: async () => ({ forMs: 0, series: [], ...course }),
        values: async (_, query, window) => {
          asked.push([query, startsAt - window.from, window.to - startsAt]);
          return query === "rps" ? { points: [[1, 2]] } : { unread: `${query} returns nothing` };
        },
      },
    },
    { service: "checkout", environment: "production", alerts, onsetAt: startsAt },
  );
  return { ...found, asked };
};

test("what comes in is asked once when the service has a query for it, and what cannot be read is told", async () => {
  assert.deepEqual((await measured({})).asked, []);
  const read = await measured({ traffic: "rps" });
  assert.deepEqual(read.asked, [["rps", 180 * minute, minute]]);
  assert.deepEqual(read.series, [
    { service: "payment-gateway", metric: "traffic", load: true, points: [[1, 2]] },
  ]);
  const { series, unread } = await measured({ traffic: "none" });
  assert.deepEqual(
    [series, unread],
    [[], ["the traffic of payment-gateway could not be read (none returns nothing)"]],
  );
});

test("the signals of the service and of those that it depends on are asked, and what cannot be read is told", async () => {
  const { work } = world();
  const asked: string[] = [];
  const services: Record<string, Parameters<typeof configured>[0]> = {
    checkout: { dependsOn: ["cart", "mail"], signals: { errors: "checkout-errors", latency: "slow" } },
    cart: { signals: { errors: "cart-errors" } },
    mail: {},
  };
  const { series, unread } = await observe(
    {
      ...work,
      clock: () => startsAt + minute,
      serviceOf: (name) => configured({ ...services[name], name }),
      metrics: {
        ...work.metrics,
        course: async () => ({ forMs: 0, series: [] }),
        values: async (_, query) => {
          asked.push(query);
          return query === "slow" ? { unread: "slow returns nothing" } : { points: [[1, 2]] };
        },
      },
    },
    { service: "checkout", environment: "production", alerts, onsetAt: startsAt },
  );
  assert.deepEqual(asked, ["checkout-errors", "slow", "cart-errors"]);
  assert.deepEqual(series, [
    { service: "checkout", metric: "failed requests", points: [[1, 2]] },
    { service: "cart", metric: "failed requests", points: [[1, 2]] },
  ]);
  assert.deepEqual(unread, [
    "the latency of checkout could not be read (slow returns nothing)",
    "also looked at: errors of checkout (its signals); errors of cart (its signals)",
    "neither errors nor latency of mail could be read",
  ]);
});

test("the course by version is evidence by that label, pods by their ReplicaSet", async () => {
  const versions = ["checkout-7d9f8b6c5d-x2x4z", "checkout-0"].map((version) => ({
    ...{ metric: "ErrorsHigh's ratio", version, points: [] },
  }));
  const { series } = await measured({ versionLabel: "pod" }, { versions });
  assert.deepEqual(series, [
    {
      ...{ service: "checkout", alert: "ErrorsHigh", metric: "ErrorsHigh's ratio", points: [] },
      versions: { pod: "checkout-7d9f8b6c5d" },
    },
  ]);
});
