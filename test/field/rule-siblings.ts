import { reached, sample } from "./rule-shapes.ts";
import type { Kind } from "./verify-kinds.ts";

/** The lines before and after the fix are written as in the shapes; `%` stands for the job. */
type Sibling = {
  expr: string;
  bad: string[];
  after: string[];
  expected: "verified" | "telemetry_gone" | "no_traffic" | "muted" | "firing";
  /** A rule whose alert the expression asks for. */
  base?: string;
};

const replaced = (bad: string, after: string): Pick<Sibling, "bad" | "after"> => ({
  ...{ bad: [bad], after: [after] },
});
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
};

const own = (name: string, expr: string): string => expr.replaceAll("%", `job="${name}"`);

/** More rules as teams have them, by the verdict that each must come to. */
export const ruleSiblings: Record<string, Kind & Pick<Sibling, "expected">> = Object.fromEntries(
  Object.entries(siblings).map(([name, { expr, base, bad, after, expected }]) => [
    name,
    {
      rules: [
        ...(base === undefined ? [] : [{ alert: `${name}base`, expr: own(name, base) }]),
        { alert: name, expr: own(name, expr), for: "1s" },
      ],
      world: (phase, seconds, since) => {
        if (phase === "bad") return bad.map((line) => sample(line, { seconds, before: 0 })).join("");
        const before = (line: string): number => reached(line, bad, seconds - since);
        return after.map((line) => sample(line, { seconds: since, before: before(line) })).join("");
      },
      expected,
    },
  ]),
);
