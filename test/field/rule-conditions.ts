import { replaced, type Sibling } from "./sibling.ts";

/** Rules whose condition on traffic, on their own past or on a gate may hide that the trouble goes on. */
export const conditions: Record<string, Sibling> = {
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
  // A target that is down, or no longer scraped, is missed by an aggregation over the others.
  oneofmany: {
    expr: 'count by (job) (count_values by (job) ("hash", config_hash{%})) != 1',
    bad: ['config_hash{instance="a"} 1', 'config_hash{instance="b"} 2', 'up{instance="b"} 1'],
    after: ['config_hash{instance="a"} 1', 'up{instance="b"} 0'],
    expected: "telemetry_gone",
  },
  memberleft: {
    expr: "sum by (job) (up{%} == bool 0) > 0",
    bad: ['up{instance="a"} 1', 'up{instance="b"} 0'],
    after: ['up{instance="a"} 1'],
    expected: "telemetry_gone",
  },
  worstgone: {
    expr: "min by (topic) (in_sync_replicas{%}) < 3",
    bad: ['in_sync_replicas{topic="t",partition="0"} 1', 'in_sync_replicas{topic="t",partition="1"} 3'],
    after: ['in_sync_replicas{topic="t",partition="1"} 3'],
    expected: "telemetry_gone",
  },
  alwaysthere: {
    expr: 'max by (name) (ready_condition{%,status="False"}) + on (name) max by (name) (ready_condition{%,status="Deleted"}) * 2 == 1',
    bad: ['ready_condition{name="k",status="False"} 1', 'ready_condition{name="k",status="Deleted"} 0'],
    after: ['ready_condition{name="k",status="False"} 1'],
    expected: "telemetry_gone",
  },
  comparedgate: {
    expr: "((seconds_behind{%} - wanted_delay{%}) and on (service) leader_server_id{%} > 0) > 30",
    bad: ["seconds_behind 90", "wanted_delay 0", "leader_server_id 7"],
    after: ["seconds_behind 90", "wanted_delay 0", "leader_server_id 0"],
    expected: "muted",
  },
  sharewithfloor: {
    expr: "sum by (service) (rate(bad_parcels_total{%}[4s])) > 0.1 * sum by (service) (rate(all_parcels_total{%}[4s])) and sum by (service) (rate(all_parcels_total{%}[4s])) > 2",
    bad: ["bad_parcels_total +5", "all_parcels_total +9"],
    after: ["bad_parcels_total +1", "all_parcels_total +1"],
    expected: "muted",
  },
  thirdcondition: {
    expr: "(time() - upload_seconds{%} > 60) and (upload_seconds{%} > 0) and (ingested_per_second{%} > 0)",
    bad: ["upload_seconds 1000", "ingested_per_second 5"],
    after: ["upload_seconds 1000", "ingested_per_second 0"],
    expected: "muted",
  },
};
