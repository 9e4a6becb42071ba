import { conditions } from "./rule-conditions.ts";
import { quantiles } from "./rule-quantiles.ts";
import { replaced, type Sibling, siblingKinds } from "./sibling.ts";

const envoy =
  'sum by (upstream) (rate(envoy_cluster_upstream_rq_xx{%,envoy_response_code_class="5"}[4s])) > 1';
const failingHalf = [
  'envoy_cluster_upstream_rq_xx{upstream="pay",envoy_response_code_class="5"} +5',
  'envoy_cluster_upstream_rq_xx{upstream="pay",envoy_response_code_class="2"} +5',
];
const health = 'argocd_app_info{%,health_status!~"Healthy|Progressing"} > 0';

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
    ...replaced("heap_used 0+3", "heap_used 2"),
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
};

/** More rules as teams have them, by the verdict that each must come to. */
export const ruleSiblings = siblingKinds({ ...siblings, ...quantiles, ...conditions });
