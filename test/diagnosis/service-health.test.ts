import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceHealth } from "../../shared/diagnosis/evidence/service-health.ts";
import { judge } from "../../shared/diagnosis/judge.ts";
import type { Series } from "../../shared/diagnosis/model.ts";
import { signalOf } from "../../shared/diagnosis/onset/signals.ts";
import { canary } from "./canaries/make.ts";

const some = Array.from({ length: 24 }, (_, seed) => seed);

test("told by golden signals alone, the bad one of several new versions comes first in nine of ten", () => {
  const first = some.filter((seed) => {
    const { read, culprit } = canary(seed);
    return judge(read.given).ranked[0]!.commit.sha === culprit;
  });
  assert.ok(first.length >= 22, `${first.length} of ${some.length}`);
});

test("with the bad version taken out, an innocent one is convicted in at most one of ten", () => {
  const convicted = some.filter((seed) => judge(canary(seed, true).read.given).ranked[0]!.p >= 0.7);
  assert.ok(convicted.length <= 2, `${convicted.length} of ${some.length}`);
});

/** Each version has its own, however it fares. */
const ofProcess = [
  ...["process_start_time_seconds", "process_uptime_seconds", "application_started_time_seconds"],
  ...["application_ready_time_seconds", "cache_age_seconds", "container_memory_failures_total"],
  "http_requests_created",
];

test("a metric's name tells its golden signal", () => {
  const of = (metric: string) => signalOf({ metric });
  assert.deepEqual(
    {
      errors: ["http_5xx_ratio", "grpc_failures", "success_rate", "checkout_errors_total"].map(of),
      latency: ["http_request_duration_seconds_p95", "latency_ms", "rpc_p99"].map(of),
      traffic: ["requests_per_second", "qps"].map(of),
      saturation: [
        "container_cpu_usage_seconds",
        "jvm_memory_used_bytes",
        "nodejs_eventloop_lag_seconds",
      ].map(of),
      other: ["orders_placed", "loaded_modules", ...ofProcess].map(of),
    },
    {
      errors: ["errors", "errors", "errors", "errors"],
      latency: ["latency", "latency", "latency"],
      traffic: ["traffic", "traffic"],
      saturation: ["saturation", "saturation", "saturation"],
      other: [undefined, undefined, ...ofProcess.map(() => undefined)],
    },
  );
});

const minute = 60_000;
const at = Date.UTC(2026, 10, 23, 12);
const onsetOf = (factors: Record<string, number>) => {
  const watched = Object.keys(factors).map(
    (service): Series => ({ service, metric: "errors_ratio", points: [] }),
  );
  const shifts = watched.flatMap((series) => {
    const factor = factors[series.service]!;
    const cause = { from: at - minute, to: at };
    return factor === 1
      ? []
      : [{ ...series, load: false, at, cause, before: 0.01, after: 0.01 * factor, strength: 9, riseMs: 0 }];
  });
  return { at, watched, shifts };
};

test("the trouble is at home in the service whose errors rose most, and in those that rose as much", () => {
  assert.deepEqual(
    [...serviceHealth(onsetOf({ cart: 30, shop: 29, ads: 4, mail: 1 }), [])!.worst],
    ["cart", "shop"],
  );
  assert.equal(serviceHealth(onsetOf({ shop: 30 }), []), undefined);
  assert.equal(serviceHealth(onsetOf({ shop: 1, cart: 1 }), []), undefined);
});

test("a service of which the newer version alone is bad is the home, however little its few requests move the whole", () => {
  const deploy = { service: "ads", environment: "", sha: "a", status: "succeeded" as const, at };
  const comparison = { weight: 3, reason: "worse", isWorse: true, deploy };
  const { worst, isByVersion } = serviceHealth(onsetOf({ shop: 30, ads: 2 }), [comparison])!;
  assert.deepEqual([[...worst], isByVersion], [["ads"], true]);
});
