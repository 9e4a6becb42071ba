import { replaced, type Sibling, siblingKinds } from "./sibling.ts";

const envoy =
  'sum by (upstream) (rate(envoy_cluster_upstream_rq_xx{%,envoy_response_code_class="5"}[4s])) > 1';
const failingHalf = [
  'envoy_cluster_upstream_rq_xx{upstream="pay",envoy_response_code_class="5"} +5',
  'envoy_cluster_upstream_rq_xx{upstream="pay",envoy_response_code_class="2"} +5',
];
const health = 'argocd_app_info{%,health_status!~"Healthy|Progressing"} > 0';

const buckets = (metric: string, counts: Record<string, string>): string[] =>
  Object.entries(counts).map(([le, rate]) => `${metric}{le="${le}"} ${rate}`);
const slow = (metric: string): string[] => buckets(metric, { "1": "+0", "5": "+9", "+Inf": "+9" });
/** The same slow requests, of which no bucket tells any more. */
const capped = (metric: string): string[] => buckets(metric, { "0.5": "+0", "1": "+0", "+Inf": "+9" });
const p99 = (metric: string): string =>
  `histogram_quantile(0.99, sum by (service, environment, le) (rate(${metric}{%}[4s])))`;
const window = (seconds: string): string =>
  `sum by (service) (rate(slothful_total{%,code=~"5.."}[${seconds}])) / sum by (service) (rate(slothful_total{%}[${seconds}]))`;

const siblings: Record<string, Sibling> = {
  // The fix replaces a release: its labels have another value from then on.
  versionlabel: {
    expr: "sum by (version) (rate(released_calls_failed_total{%}[4s])) > 1",
    ...replaced('released_calls_failed_total{version="2"} +5', 'released_calls_failed_total{version="1"} +0'),
    expected: "verified",
  },
  versionstillbad: {
    expr: "avg by (version) (released_ratio{%}) > 0.1",
    ...replaced('released_ratio{version="2"} 0.9', 'released_ratio{version="1"} 0.8'),
    expected: "firing",
  },
  infojoin: {
    expr: "rate(joined_errs_total{%}[4s]) * on (pod) group_left (version) build_info{%} > 1",
    bad: ['joined_errs_total{pod="a"} +5', 'build_info{pod="a",version="1"} 1'],
    after: ['joined_errs_total{pod="b"} +0', 'build_info{pod="b",version="2"} 1'],
    expected: "verified",
  },
  imagelabel: {
    expr: "imaged_ratio{%} > 0.1",
    ...replaced(
      'imaged_ratio{image="r/pay:2",replicaset="pay-a"} 1',
      'imaged_ratio{image="r/pay:1",replicaset="pay-b"} 0',
    ),
    expected: "verified",
  },
  containerlabels: {
    expr: "contained_bytes{%} > 5",
    ...replaced(
      'contained_bytes{pod="p1",node="n1",id="/kubepods/a",name="k8s_a",container="pay"} 9',
      'contained_bytes{pod="p2",node="n2",id="/kubepods/b",name="k8s_b",container="pay"} 1',
    ),
    expected: "verified",
  },
  nodelabel: {
    expr: "machine_load{%} > 2",
    bad: ['machine_load{node="n1"} 9', 'machine_load{node="n2"} 1'],
    after: ['machine_load{node="n2"} 1'],
    expected: "telemetry_gone",
  },
  clusterlabel: {
    expr: "avg by (cluster) (clustered_ratio{%}) > 0.5",
    bad: ['clustered_ratio{cluster="eu"} 1', 'clustered_ratio{cluster="us"} 0'],
    after: ['clustered_ratio{cluster="us"} 0'],
    expected: "telemetry_gone",
  },
  // A state is a label: the thing is there under its good state, or it is gone.
  statelabel: {
    expr: health,
    bad: ['argocd_app_info{app="pay",health_status="Degraded"} 1'],
    after: ['argocd_app_info{app="pay",health_status="Healthy"} 1'],
    expected: "verified",
  },
  statelabelgone: {
    expr: health,
    bad: [
      'argocd_app_info{app="pay",health_status="Degraded"} 1',
      'argocd_app_info{app="b",health_status="Healthy"} 1',
    ],
    after: ['argocd_app_info{app="b",health_status="Healthy"} 1'],
    expected: "telemetry_gone",
  },
  routegone: {
    expr: 'sum by (path) (rate(routed_total{%,status=~"5.."}[4s])) > 1',
    bad: ['routed_total{path="/pay",status="500"} +5', 'routed_total{path="/health",status="200"} +5'],
    after: ['routed_total{path="/health",status="200"} +5'],
    expected: "telemetry_gone",
  },
  codeclass: { expr: envoy, bad: failingHalf, after: failingHalf.slice(1), expected: "verified" },
  codeclassidle: {
    expr: envoy,
    bad: failingHalf,
    after: ['envoy_cluster_upstream_rq_xx{upstream="pay",envoy_response_code_class="2"} +0'],
    expected: "no_traffic",
  },
  xxmetric: {
    expr: "httpcode_target_5_xx_count_sum{%} > 5",
    ...replaced("httpcode_target_5_xx_count_sum 50", "request_count_sum 500"),
    expected: "verified",
  },
  // A thing may be called like a trouble, and so may a part of another word.
  topicname: {
    expr: 'rate(consumed_total{%,topic="errors"}[4s]) > 1',
    ...replaced('consumed_total{topic="errors"} +5', "other 1"),
    expected: "telemetry_gone",
  },
  partofword: {
    expr: 'planned_runs{%,kind="terraform"} > 5',
    ...replaced('planned_runs{kind="terraform"} 9', "other 1"),
    expected: "telemetry_gone",
  },
  // Another alert is asked for.
  alertsbased: {
    expr: 'count by (service) (ALERTS{alertname="alertsbasedbase",alertstate="firing",%}) > 0',
    base: "alerted_depth{%} > 5",
    ...replaced("alerted_depth 9", "alerted_depth 1"),
    expected: "verified",
  },
  alertsbasedgone: {
    expr: 'count by (service) (ALERTS{alertname="alertsbasedgonebase",alertstate="firing",%}) > 0',
    base: "alerted_length{%} > 5",
    ...replaced("alerted_length 9", "other 1"),
    expected: "telemetry_gone",
  },
  unlessalerts: {
    expr: 'lagging{%} > 5 unless on (service) ALERTS{alertname="unlessalertsbase",alertstate="firing",%}',
    base: "broker_down{%} > 5",
    bad: ["lagging 9", "broker_down 0"],
    after: ["lagging 9", "broker_down 9"],
    expected: "muted",
  },
  // Quiet for another reason than recovery.
  forecastcametrue: {
    expr: "predict_linear(filling_free{%}[4s], 3600) < 0",
    ...replaced("filling_free 1000-5", "filling_free 0"),
    expected: "muted",
  },
  maintenance: {
    expr: "kept_errs{%} > 1 and on (service) maintenance_mode{%} == 0",
    bad: ["kept_errs 5", "maintenance_mode 0"],
    after: ["kept_errs 5", "maintenance_mode 1"],
    expected: "muted",
  },
  cordoned: {
    expr: "node_spec_unschedulable{%} == 1",
    ...replaced("node_spec_unschedulable 1", "node_spec_unschedulable 0"),
    expected: "verified",
  },
  limitgone: {
    expr: "waiting_jobs{%} > scalar(waiting_limit{%})",
    bad: ["waiting_jobs 50", "waiting_limit 10"],
    after: ["waiting_jobs 50"],
    expected: "telemetry_gone",
  },
  onereplica: {
    expr: "count(replica_up{%} == 1) < 2",
    bad: ['replica_up{pod="a"} 1', 'replica_up{pod="b"} 0'],
    after: ["other 1"],
    expected: "telemetry_gone",
  },
  // A pair of windows remembers for the shorter one.
  burnpair: {
    expr: "(slo_rate1h{%} > 0.0144 and slo_rate5m{%} > 0.0144) or (slo_rate6h{%} > 0.006 and slo_rate30m{%} > 0.006)",
    bad: ["slo_rate1h 1", "slo_rate5m 1", "slo_rate6h 1", "slo_rate30m 1"],
    after: ["slo_rate1h 0.3", "slo_rate5m 0", "slo_rate6h 0.1", "slo_rate30m 0.001"],
    expected: "verified",
  },
  consumergroup: {
    expr: "sum by (consumergroup, topic) (consumergroup_lag{%}) > 1000",
    bad: [
      'consumergroup_lag{consumergroup="g",topic="t"} 5000',
      'consumergroup_lag{consumergroup="h",topic="t"} 1',
    ],
    after: ['consumergroup_lag{consumergroup="h",topic="t"} 1'],
    expected: "telemetry_gone",
  },
  replication: {
    expr: "master_server_id{%} > 0 and ON (instance) slave_io_running{%} == 0",
    bad: ["master_server_id 4", "slave_io_running 0"],
    after: ["master_server_id 4", "slave_io_running 1"],
    expected: "verified",
  },
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
  // A warm-up: nothing fires in the first time after a restart.
  warmup: {
    expr: "stuck_jobs{%} > 5 and on (service) time() - node_boot_time_seconds{%} > 2",
    bad: ["stuck_jobs 9", "node_boot_time_seconds 1000"],
    after: ["stuck_jobs 9", "node_boot_time_seconds 4102444800"],
    expected: "muted",
  },
  warmupover: {
    expr: "halted_jobs{%} > 5 and on (service) time() - process_start_time_seconds{%} > 2",
    bad: ["halted_jobs 9", "process_start_time_seconds 1000"],
    after: ["halted_jobs 1", "process_start_time_seconds 4102444800"],
    expected: "verified",
  },
  uptime: {
    expr: "stalled_jobs{%} > 5 and on (service) service_uptime_seconds{%} > 60",
    bad: ["stalled_jobs 9", "service_uptime_seconds 1000"],
    after: ["stalled_jobs 9", "service_uptime_seconds 1"],
    expected: "muted",
  },
  startedbefore: {
    expr: "jammed_jobs{%} > 5 and on (service) container_start_time_seconds{%} < time() - 2",
    bad: ["jammed_jobs 9", "container_start_time_seconds 1000"],
    after: ["jammed_jobs 9", "container_start_time_seconds 4102444800"],
    expected: "muted",
  },
  // The time of the last work is the symptom, and what waits is there always.
  lastwork: {
    expr: "waiting_mails{%} > 0 and on (service) time() - last_sent_seconds{%} > 2",
    bad: ["waiting_mails 9", "last_sent_seconds 1000"],
    after: ["waiting_mails 9", "last_sent_seconds 4102444800"],
    expected: "verified",
  },
  bucketsequal: {
    expr: "histogram_quantile(0.9, sum by (service, le) (rate(edged_seconds_bucket{%}[4s]))) >= 3",
    bad: [
      'edged_seconds_bucket{le="1"} +0',
      'edged_seconds_bucket{le="3"} +9',
      'edged_seconds_bucket{le="5"} +9',
      'edged_seconds_bucket{le="+Inf"} +18',
    ],
    after: [
      'edged_seconds_bucket{le="1"} +9',
      'edged_seconds_bucket{le="3"} +9',
      'edged_seconds_bucket{le="+Inf"} +9',
    ],
    expected: "verified",
  },
  weekday: {
    expr: "slow_share{%} > 0.5 and on () day_of_week() >= 0",
    ...replaced("slow_share 0.9", "slow_share 0.1"),
    expected: "verified",
  },
  derivative: {
    expr: "deriv(heap_used{%}[4s]) > 0.5",
    ...replaced("heap_used 0+3", "heap_used 40"),
    expected: "verified",
  },
  derivativegone: {
    expr: "deriv(heap_taken{%}[4s]) > 0.5",
    ...replaced("heap_taken 0+3", "other 1"),
    expected: "telemetry_gone",
  },
  resetting: {
    expr: "resets(worker_sequence{%}[4s]) > 1",
    ...replaced("worker_sequence 1000-5", "worker_sequence 5"),
    expected: "verified",
  },
  resettinggone: {
    expr: "resets(worker_counter{%}[4s]) > 1",
    ...replaced("worker_counter 1000-5", "other 1"),
    expected: "telemetry_gone",
  },
  quantileover: {
    expr: "quantile_over_time(0.9, response_ms{%}[4s]) > 500",
    ...replaced("response_ms 900", "response_ms 90"),
    expected: "verified",
  },
  quantileovergone: {
    expr: "quantile_over_time(0.9, answer_ms{%}[4s]) > 500",
    ...replaced("answer_ms 900", "other 1"),
    expected: "telemetry_gone",
  },
  deviation: {
    expr: "stddev_over_time(throughput{%}[4s]) > 1",
    ...replaced("throughput 0+9", "throughput 50"),
    expected: "verified",
  },
  remembered: {
    expr: "last_over_time(backup_good{%}[60s]) == 0",
    ...replaced("backup_good 0", "other 1"),
    expected: "firing",
  },
  rolling: {
    expr: "behind_replicas{%} > 0 unless on (service) rollout_active{%} == 1",
    bad: ["behind_replicas 3", "rollout_active 0"],
    after: ["behind_replicas 3", "rollout_active 1"],
    expected: "muted",
  },
  drained: {
    expr: 'board_heat{%} > 80 unless on (host) host_state{%,state="drained"}',
    bad: ['board_heat{host="h"} 90', 'host_state{host="h",state="active"} 1'],
    after: ['board_heat{host="h"} 90', 'host_state{host="h",state="drained"} 1'],
    expected: "muted",
  },
  perscalar: {
    expr: "sum by (service) (rate(spoiled_total{%}[4s])) / scalar(sum(rate(baked_total{%}[4s]))) > 0.1",
    bad: ["spoiled_total +5", "baked_total +9"],
    after: ["spoiled_total +0", "baked_total +9"],
    expected: "verified",
  },
  perscalargone: {
    expr: "sum by (service) (rate(broken_total{%}[4s])) / scalar(sum(rate(made_total{%}[4s]))) > 0.1",
    bad: ["broken_total +5", "made_total +9"],
    after: ["broken_total +5"],
    expected: "telemetry_gone",
  },
  orzero: {
    expr: "(sum(rate(held_orders_total{%}[4s])) or vector(0)) > 1",
    ...replaced("held_orders_total +5", "held_orders_total +0"),
    expected: "verified",
  },
  orzerogone: {
    expr: "(sum(rate(kept_orders_total{%}[4s])) or vector(0)) > 1",
    ...replaced("kept_orders_total +5", "other 1"),
    expected: "verified",
  },
  // A rule that asks for some traffic says nothing where there is less.
  littletraffic: {
    expr: "sum by (service) (rate(lost_calls_total{%}[4s])) / sum by (service) (rate(all_calls_total{%}[4s])) > 0.1 and sum by (service) (rate(all_calls_total{%}[4s])) > 2",
    bad: ["lost_calls_total +5", "all_calls_total +9"],
    after: ["lost_calls_total +1", "all_calls_total +1"],
    expected: "muted",
  },
  enoughtraffic: {
    expr: "sum by (service) (rate(lost_mails_total{%}[4s])) / sum by (service) (rate(all_mails_total{%}[4s])) > 0.1 and sum by (service) (rate(all_mails_total{%}[4s])) > 2",
    bad: ["lost_mails_total +5", "all_mails_total +9"],
    after: ["lost_mails_total +0", "all_mails_total +9"],
    expected: "verified",
  },
  boolsubquery: {
    expr: "avg_over_time((gateway_fit{%} == bool 1)[4s:1s]) < 0.5",
    ...replaced("gateway_fit 0", "gateway_fit 1"),
    expected: "verified",
  },
  boolsubquerygone: {
    expr: "avg_over_time((gateway_sound{%} == bool 1)[4s:1s]) < 0.5",
    ...replaced("gateway_sound 0", "other 1"),
    expected: "telemetry_gone",
  },
  boundgone: {
    expr: "max by (pool) (used_conns{%}) / on (pool) max by (pool) (bound_conns{%}) > 0.9",
    bad: ['used_conns{pool="p"} 95', 'bound_conns{pool="p"} 100'],
    after: ['used_conns{pool="p"} 99'],
    expected: "telemetry_gone",
  },
  bucketsscaled: {
    expr: "histogram_quantile(0.9, sum by (service, le) (rate(scaled_seconds_bucket{%}[4s]))) * 1000 > 3000",
    bad: [
      'scaled_seconds_bucket{le="1"} +0',
      'scaled_seconds_bucket{le="5"} +9',
      'scaled_seconds_bucket{le="+Inf"} +9',
    ],
    after: [
      'scaled_seconds_bucket{le="1"} +0',
      'scaled_seconds_bucket{le="2.5"} +0',
      'scaled_seconds_bucket{le="+Inf"} +9',
    ],
    expected: "telemetry_gone",
  },
  apdexgone: {
    expr: '1 - sum by (service) (rate(apdex_seconds_bucket{%,le="0.5"}[4s])) / sum by (service) (rate(apdex_seconds_count{%}[4s])) > 0.1',
    bad: ['apdex_seconds_bucket{le="0.5"} +1', "apdex_seconds_count +9"],
    after: ['apdex_seconds_bucket{le="0.25"} +1', "apdex_seconds_count +9"],
    expected: "telemetry_gone",
  },
  difference: {
    expr: "(asked_items{%} - given_items{%}) / asked_items{%} * 100 > 5",
    bad: ["asked_items 100", "given_items 50"],
    after: ["asked_items 0", "given_items 0"],
    expected: "no_traffic",
  },
  differenceover: {
    expr: "(wished_items{%} - found_items{%}) / wished_items{%} * 100 > 5",
    bad: ["wished_items 100", "found_items 50"],
    after: ["wished_items 100", "found_items 99"],
    expected: "verified",
  },
  // A rule that compares with its own average: the trouble becomes its own yardstick.
  ownaverage: {
    expr: "inflight_now{%} > 1.4 * avg_over_time(inflight_now{%}[20s])",
    bad: ["inflight_now 0+9"],
    after: ["inflight_now 900"],
    expected: "muted",
  },
  ownaverageover: {
    expr: "inflight_then{%} > 1.4 * avg_over_time(inflight_then{%}[20s])",
    bad: ["inflight_then 0+9"],
    after: ["inflight_then 1"],
    expected: "verified",
  },
  zscore: {
    expr: "(pressure_now{%} - avg_over_time(pressure_now{%}[20s])) / stddev_over_time(pressure_now{%}[20s]) > 1.2",
    bad: ["pressure_now 0+9"],
    after: ["pressure_now 900"],
    expected: "muted",
  },
  // A denominator that is kept from being 0 hides that nothing comes.
  clampedidle: {
    expr: "sum(rate(clamped_errs_total{%}[4s])) / clamp_min(sum(rate(clamped_all_total{%}[4s])), 1) > 0.1",
    bad: ["clamped_errs_total +5", "clamped_all_total +9"],
    after: ["clamped_errs_total +0", "clamped_all_total +0"],
    expected: "no_traffic",
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
  // More conditions that mute, and others that do not.
  rollingout: {
    expr: "rolled_errors{%} > 5 and on (service) rollout_in_progress{%} == 0",
    bad: ["rolled_errors 9", "rollout_in_progress 0"],
    after: ["rolled_errors 9", "rollout_in_progress 1"],
    expected: "muted",
  },
  switchedoff: {
    expr: "time() - worked_seconds{%} > 100 and on (service) job_enabled{%} == 1",
    bad: ["worked_seconds 1000", "job_enabled 1"],
    after: ["worked_seconds 1000", "job_enabled 0"],
    expected: "muted",
  },
  littlecomes: {
    expr: "denied_ratio{%} > 0.1 and on (service) asked_requests_per_second{%} > 5",
    bad: ["denied_ratio 0.5", "asked_requests_per_second 9"],
    after: ["denied_ratio 0.5", "asked_requests_per_second 1"],
    expected: "muted",
  },
  deadman: {
    expr: "vector(1) unless on () (deadman_alive{%} == 1)",
    ...replaced("deadman_alive 0", "deadman_alive 1"),
    expected: "verified",
  },
  alternative: {
    expr: "left_errors_now{%} > 5 or right_errors_now{%} > 5",
    ...replaced("left_errors_now 9", "left_errors_now 1"),
    expected: "verified",
  },
  probed: {
    expr: "probed_up{%} == 0",
    bad: [
      'probed_up{instance="https://pay.example.com/"} 0',
      'probed_up{instance="https://b.example.com/"} 1',
    ],
    after: ['probed_up{instance="https://b.example.com/"} 1'],
    expected: "telemetry_gone",
  },
  // Labels of the alert that name its series, or do not.
  machinegone: {
    expr: "machine_busy_percent{%} > 80",
    bad: [
      'machine_busy_percent{instance="10.0.0.1:9100"} 95',
      'machine_busy_percent{instance="10.0.0.2:9100"} 9',
    ],
    after: ['machine_busy_percent{instance="10.0.0.2:9100"} 9'],
    expected: "telemetry_gone",
  },
  machinereplaced: {
    expr: "worker_busy_percent{%} > 80",
    bad: [
      'worker_busy_percent{instance="10.0.0.1:9100"} 95',
      'worker_busy_percent{instance="10.0.0.2:9100"} 9',
    ],
    after: [
      'worker_busy_percent{instance="10.0.0.3:9100"} 9',
      'worker_busy_percent{instance="10.0.0.2:9100"} 9',
    ],
    expected: "verified",
  },
  labelset: {
    expr: "set_inflight{%} > 100",
    labels: { team: "pay", app: "pay" },
    bad: ['set_inflight{app="pay-api"} 900', 'set_inflight{app="fx-api"} 5'],
    after: ['set_inflight{app="fx-api"} 5'],
    expected: "telemetry_gone",
  },
  outcomeidle: {
    expr: 'sum by (service) (rate(served_http_requests_count{%,outcome="SERVER_ERROR"}[4s])) > 1',
    bad: [
      'served_http_requests_count{outcome="SERVER_ERROR"} +5',
      'served_http_requests_count{outcome="SUCCESS"} +5',
    ],
    after: ['served_http_requests_count{outcome="SUCCESS"} +0'],
    expected: "no_traffic",
  },
  // A counter of failures that is not there before the first one.
  lazysum: {
    expr: "rate(job_failed_total{%}[4s]) / (rate(job_done_total{%}[4s]) + rate(job_failed_total{%}[4s])) > 0.1",
    bad: ["job_failed_total +5", "job_done_total +5"],
    after: ["job_done_total +9"],
    expected: "verified",
  },
  lazyrecorded: {
    expr: "lazy:share > 0.1",
    records: {
      "lazy:share":
        'sum by (service) (rate(lazy_hits_total{%,code=~"5.."}[4s])) / sum by (service) (rate(lazy_hits_total{%}[4s]))',
    },
    bad: ['lazy_hits_total{code="500"} +5', 'lazy_hits_total{code="200"} +5'],
    after: ['lazy_hits_total{code="200"} +9'],
    expected: "verified",
  },
  newname: {
    expr: "(former_depth{%} or latter_depth{%}) > 5",
    bad: ["former_depth 9"],
    after: ["latter_depth 1"],
    expected: "verified",
  },
  undoneidle: {
    expr: "sum by (queue) (rate(published_total{%}[4s])) > 1 and sum by (queue) (rate(taken_total{%}[4s])) < 0.1",
    bad: ['published_total{queue="q"} +5', 'taken_total{queue="q"} +0'],
    after: ['published_total{queue="q"} +0', 'taken_total{queue="q"} +0'],
    expected: "muted",
  },
  // Gates that are factors, or within an aggregation.
  factor: {
    expr: "factored_errors{%} * on (service) group_left () factor_alerting_enabled{%} > 5",
    bad: ["factored_errors 9", "factor_alerting_enabled 1"],
    after: ["factored_errors 9", "factor_alerting_enabled 0"],
    expected: "muted",
  },
  innergate: {
    expr: "count by (service) (counted_errors{%} > 5 and on (pod) pod_draining{%} == 0) > 0",
    bad: [
      'counted_errors{pod="a"} 9',
      'pod_draining{pod="a"} 0',
      'counted_errors{pod="b"} 9',
      'pod_draining{pod="b"} 1',
    ],
    after: [
      'counted_errors{pod="a"} 9',
      'pod_draining{pod="a"} 1',
      'counted_errors{pod="b"} 9',
      'pod_draining{pod="b"} 1',
    ],
    expected: "muted",
  },
  innergateover: {
    expr: "count by (service) (numbered_errors{%} > 5 and on (pod) pod_drained{%} == 0) > 0",
    bad: [
      'numbered_errors{pod="a"} 9',
      'pod_drained{pod="a"} 0',
      'numbered_errors{pod="b"} 9',
      'pod_drained{pod="b"} 1',
    ],
    after: [
      'numbered_errors{pod="a"} 1',
      'pod_drained{pod="a"} 0',
      'numbered_errors{pod="b"} 9',
      'pod_drained{pod="b"} 1',
    ],
    expected: "verified",
  },
};

/** More rules as teams have them, by the verdict that each must come to. */
export const ruleSiblings = siblingKinds(siblings);
