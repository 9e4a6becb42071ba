import { replaced, type Sibling } from "./sibling.ts";

const buckets = (metric: string, counts: Record<string, string>): string[] =>
  Object.entries(counts).map(([le, rate]) => `${metric}{le="${le}"} ${rate}`);
const slow = (metric: string): string[] => buckets(metric, { "1": "+0", "5": "+9", "+Inf": "+9" });
/** The same slow requests, of which no bucket tells any more. */
const capped = (metric: string): string[] => buckets(metric, { "0.5": "+0", "1": "+0", "+Inf": "+9" });
const p99 = (metric: string): string =>
  `histogram_quantile(0.99, sum by (service, environment, le) (rate(${metric}{%}[4s])))`;

const window = (seconds: string): string =>
  `sum by (service) (rate(slothful_total{%,code=~"5.."}[${seconds}])) / sum by (service) (rate(slothful_total{%}[${seconds}]))`;

/** Rules about a quantile of a histogram, whose buckets may not show that it is over. */
export const quantiles: Record<string, Sibling> = {
  // A histogram whose buckets are others after the fix.
  bucketschange: {
    expr: "histogram_quantile(0.9, sum by (service, le) (rate(rebucketed_seconds_bucket{%}[4s]))) > 3",
    bad: [
      'rebucketed_seconds_bucket{le="1"} +0',
      'rebucketed_seconds_bucket{le="5"} +9',
      'rebucketed_seconds_bucket{le="+Inf"} +9',
    ],
    after: [
      'rebucketed_seconds_bucket{le="0.5"} +9',
      'rebucketed_seconds_bucket{le="4"} +9',
      'rebucketed_seconds_bucket{le="+Inf"} +9',
    ],
    expected: "verified",
  },
  bucketsblind: {
    expr: "histogram_quantile(0.9, sum by (service, le) (rate(capped_seconds_bucket{%}[4s]))) > 3",
    bad: [
      'capped_seconds_bucket{le="1"} +0',
      'capped_seconds_bucket{le="5"} +9',
      'capped_seconds_bucket{le="+Inf"} +9',
    ],
    after: [
      'capped_seconds_bucket{le="1"} +0',
      'capped_seconds_bucket{le="2.5"} +0',
      'capped_seconds_bucket{le="+Inf"} +9',
    ],
    expected: "telemetry_gone",
  },
  absentmatch: {
    expr: 'absent_over_time(probe_ok{%,target="a"}[4s])',
    ...replaced('probe_ok{target="b"} 1', 'probe_ok{target="a"} 1'),
    expected: "verified",
  },
  absentother: {
    expr: 'absent_over_time(probe_fine{%,target="a"}[4s])',
    ...replaced('probe_fine{target="b"} 1', 'probe_fine{target="c"} 1'),
    expected: "firing",
  },
  countbyzone: {
    expr: "count by (zone) (worker_busy{%} > 5) > 0",
    ...replaced('worker_busy{zone="a"} 9', 'worker_busy{zone="a"} 1'),
    expected: "verified",
  },
  countbyzonegone: {
    expr: "count by (zone) (worker_used{%} > 5) > 0",
    bad: ['worker_used{zone="a"} 9', 'worker_used{zone="b"} 1'],
    after: ['worker_used{zone="b"} 1'],
    expected: "telemetry_gone",
  },
  topone: {
    expr: "topk(1, shard_depth{%}) > 100",
    bad: ['shard_depth{shard="a"} 500', 'shard_depth{shard="b"} 5'],
    after: ['shard_depth{shard="a"} 3', 'shard_depth{shard="b"} 5'],
    expected: "verified",
  },
  toponegone: {
    expr: "topk(1, shard_length{%}) > 100",
    bad: ['shard_length{shard="a"} 500', 'shard_length{shard="b"} 5'],
    after: ['shard_length{shard="b"} 5'],
    expected: "telemetry_gone",
  },
  boolean: {
    expr: "(saturation{%} > bool 0.1) == 1",
    ...replaced("saturation 0.9", "saturation 0.05"),
    expected: "verified",
  },
  booleangone: {
    expr: "sum by (service) (gate_open{%} == bool 0) > 0",
    ...replaced("gate_open 0", "other 1"),
    expected: "telemetry_gone",
  },
  offsetboth: {
    expr: "depth_now{%} > 10 and on (service) depth_now{%} offset 2s > 10",
    ...replaced("depth_now 50", "depth_now 1"),
    expected: "verified",
  },
  offsetbothgone: {
    expr: "depth_then{%} > 10 and on (service) depth_then{%} offset 2s > 10",
    ...replaced("depth_then 50", "other 1"),
    expected: "telemetry_gone",
  },
  infogone: {
    expr: 'queue_age{%} * on (pod) group_left (team) pod_team{%,team!=""} > 60',
    bad: ['queue_age{pod="a"} 90', 'pod_team{pod="a",team="t"} 1'],
    after: ['queue_age{pod="a"} 90'],
    expected: "telemetry_gone",
  },
  clamped: {
    expr: "clamp_max(busy_percent{%}, 100) > 50",
    ...replaced("busy_percent 900", "busy_percent 3"),
    expected: "verified",
  },
  clampednan: {
    expr: "clamp_max(used_percent{%}, 100) > 50",
    ...replaced("used_percent 900", "used_percent NaN"),
    expected: "no_traffic",
  },
  sign: {
    expr: "sgn(credit_balance{%}) < 0",
    ...replaced("credit_balance -5", "credit_balance 7"),
    expected: "verified",
  },
  signgone: {
    expr: "sgn(debit_balance{%}) < 0",
    ...replaced("debit_balance -5", "other 1"),
    expected: "telemetry_gone",
  },
  groupwithout: {
    expr: "group without (pod) (pod_fit{%} == 0)",
    ...replaced('pod_fit{pod="a"} 0', 'pod_fit{pod="b"} 1'),
    expected: "verified",
  },
  groupwithoutgone: {
    expr: "group without (pod) (pod_serving{%} == 0)",
    ...replaced('pod_serving{pod="a"} 0', "other 1"),
    expected: "telemetry_gone",
  },
  // Quantiles that cannot be seen to be quiet: recorded, of several pods, held against another metric.
  recordedquantile: {
    expr: "recorded:latency:p99 * 1000 > 2000",
    records: { "recorded:latency:p99": p99("recorded_seconds_bucket") },
    bad: slow("recorded_seconds_bucket"),
    after: buckets("recorded_seconds_bucket", { "1": "+9", "5": "+9", "+Inf": "+9" }),
    expected: "verified",
  },
  recordedblind: {
    expr: "blind:latency:p99:ms > 2000",
    records: {
      "blind:latency:p99": p99("blind_seconds_bucket"),
      "blind:latency:p99:ms": "blind:latency:p99 * 1000",
    },
    bad: slow("blind_seconds_bucket"),
    after: capped("blind_seconds_bucket"),
    expected: "telemetry_gone",
  },
  quantileofpods: {
    expr: "max by (service) (histogram_quantile(0.99, sum by (service, pod, le) (rate(podded_seconds_bucket{%}[4s])))) > 2",
    bad: slow("podded_seconds_bucket"),
    after: capped("podded_seconds_bucket"),
    expected: "telemetry_gone",
  },
  quantilelimit: {
    expr: `${p99("limited_seconds_bucket")} > on (service) group_left () slo_seconds{%}`,
    bad: [...slow("limited_seconds_bucket"), "slo_seconds 2"],
    after: [...capped("limited_seconds_bucket"), "slo_seconds 2"],
    expected: "telemetry_gone",
  },
  slothidle: {
    expr: "max(slothful:rate4s > 0.144) without (w) and max(slothful:rate12s > 0.144) without (w)",
    records: { "slothful:rate4s": window("4s"), "slothful:rate12s": window("12s") },
    bad: ['slothful_total{code="500"} +5', 'slothful_total{code="200"} +5'],
    after: ['slothful_total{code="500"} +0', 'slothful_total{code="200"} +0'],
    expected: "no_traffic",
  },
};
