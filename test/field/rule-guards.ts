import { replaced, type Sibling, siblingKinds } from "./sibling.ts";

const guards: Record<string, Sibling> = {
  // Conditions that only ask that a rule makes sense.
  existence: {
    expr: "sidecar_up{%} == 0 and on (service) replay_seconds{%} != 0",
    bad: ["sidecar_up 0", "replay_seconds 9"],
    after: ["sidecar_up 0", "replay_seconds 0"],
    expected: "muted",
  },
  existences: {
    expr: "rate(appended_samples_total{%}[4s]) <= 0 and (metadata_entries{%} > 0 or rules_loaded{%} > 0)",
    bad: ["appended_samples_total +0", "metadata_entries 5", "rules_loaded 3"],
    after: ["appended_samples_total +0", "metadata_entries 0", "rules_loaded 0"],
    expected: "muted",
  },
  existsover: {
    expr: "follower_io{%} == 0 and on (service) leader_id{%} > 0",
    bad: ["follower_io 0", "leader_id 4"],
    after: ["follower_io 1", "leader_id 4"],
    expected: "verified",
  },
  workdone: {
    expr: "time() - shipped_seconds{%} > 2 and on (service) parcels_waiting{%} > 0",
    bad: ["shipped_seconds 1000", "parcels_waiting 9"],
    after: ["shipped_seconds 1000", "parcels_waiting 0"],
    expected: "verified",
  },
  shutdown: {
    expr: "if_oper_status{%} == 2 and on (service) if_admin_status{%} == 1",
    bad: ["if_oper_status 2", "if_admin_status 1"],
    after: ["if_oper_status 2", "if_admin_status 2"],
    expected: "muted",
  },
  promoted: {
    expr: "replica_lag_seconds{%} > 30 and on (service) node_is_replica{%} == 1",
    bad: ["replica_lag_seconds 90", "node_is_replica 1"],
    after: ["replica_lag_seconds 90", "node_is_replica 0"],
    expected: "muted",
  },
  parttoosmall: {
    expr: "inuse_bytes{%} / whole_bytes{%} < 0.5 and inuse_bytes{%} > 100",
    bad: ["inuse_bytes 200", "whole_bytes 1000"],
    after: ["inuse_bytes 99", "whole_bytes 1000"],
    expected: "muted",
  },
  lastnode: {
    expr: "sum(asked_cores{%}) - (sum(node_cores{%}) - max(node_cores{%})) > 0 and (sum(node_cores{%}) - max(node_cores{%})) > 0",
    bad: ["asked_cores 30", 'node_cores{node="a"} 16', 'node_cores{node="b"} 16'],
    after: ["asked_cores 30", 'node_cores{node="a"} 16'],
    expected: "muted",
  },
  innerfilter: {
    expr: "min by (service) (time() - (compacted_seconds{%} > 0)) > 60",
    ...replaced("compacted_seconds 1000", "compacted_seconds 0"),
    expected: "muted",
  },
  innerfilterover: {
    expr: "min by (service) (time() - (cleaned_seconds{%} > 0)) > 60",
    ...replaced("cleaned_seconds 1000", "cleaned_seconds 4102444800"),
    expected: "verified",
  },
  band: {
    expr: "3 <= round(days_left{%}, 0.1) < 20",
    ...replaced("days_left 10", "days_left 1"),
    expected: "muted",
  },
  bandover: {
    expr: "3 <= round(days_to_expiry{%}, 0.1) < 20",
    ...replaced("days_to_expiry 10", "days_to_expiry 90"),
    expected: "verified",
  },
  forecastfull: {
    expr: "predict_linear(mail_length{%}[4s], 1800) > min_over_time(mail_capacity{%}[4s])",
    bad: ["mail_length 0+10", "mail_capacity 10000"],
    after: ["mail_length 10000", "mail_capacity 10000"],
    expected: "muted",
  },
  countsbelow: {
    expr: "count by (service) (avg_over_time(member_up{%}[4s]) < 0.5) / count by (service) (member_up{%}) >= 0.5",
    bad: ['member_up{pod="a"} 0', 'member_up{pod="b"} 1'],
    after: ['member_up{pod="a"} 1', 'member_up{pod="b"} 1'],
    expected: "verified",
  },
  norequests: {
    expr: "un_healthy_hosts{%} > 0 and on (service) balanced_requests{%} > 0",
    bad: ["un_healthy_hosts 2", "balanced_requests 90"],
    after: ["un_healthy_hosts 2", "balanced_requests 0"],
    expected: "muted",
  },
  // One bad state that follows another, and good states.
  rolegone: {
    expr: 'member_optime{%,state="PRIMARY"} - on (set) member_optime{%,state="SECONDARY"} > 10',
    bad: ['member_optime{set="s",state="PRIMARY"} 100', 'member_optime{set="s",state="SECONDARY"} 10'],
    after: ['member_optime{set="s",state="PRIMARY"} 100'],
    expected: "telemetry_gone",
  },
  rcode: {
    expr: 'sum by (server) (rate(dns_responses_total{%,rcode="SERVFAIL"}[4s])) / sum by (server) (rate(dns_responses_total{%}[4s])) > 0.03',
    bad: [
      'dns_responses_total{server="s",rcode="SERVFAIL"} +5',
      'dns_responses_total{server="s",rcode="NOERROR"} +5',
    ],
    after: ['dns_responses_total{server="s",rcode="NOERROR"} +9'],
    expected: "verified",
  },
  withoutfailures: {
    expr: 'sum by (route) (rate(gated_seconds_sum{%,status!~"5.."}[4s])) / sum by (route) (rate(gated_seconds_count{%,status!~"5.."}[4s])) > 1',
    bad: ['gated_seconds_sum{route="p",status="200"} +50', 'gated_seconds_count{route="p",status="200"} +9'],
    after: ['gated_seconds_sum{route="p",status="500"} +1', 'gated_seconds_count{route="p",status="500"} +9'],
    expected: "telemetry_gone",
  },
  otherstate: {
    expr: 'volume_phase{%,phase=~"Failed|Pending"} > 0',
    bad: ['volume_phase{volume="v",phase="Failed"} 1', 'volume_phase{volume="v",phase="Bound"} 0'],
    after: ['volume_phase{volume="v",phase="Pending"} 1', 'volume_phase{volume="v",phase="Bound"} 0'],
    expected: "firing",
  },
  negatedstate: {
    expr: 'max by (name, condition) (certificate_ready{%,condition!="True"} == 1)',
    bad: [
      'certificate_ready{name="c",condition="False"} 1',
      'certificate_ready{name="c",condition="True"} 0',
    ],
    after: [
      'certificate_ready{name="c",condition="Unknown"} 1',
      'certificate_ready{name="c",condition="True"} 0',
    ],
    expected: "firing",
  },
  onlybadstate: {
    expr: 'delivered_app_info{%,sync_status!="Synced"} == 1',
    ...replaced(
      'delivered_app_info{app="pay",sync_status="OutOfSync"} 1',
      'delivered_app_info{app="b",sync_status="Synced"} 1',
    ),
    expected: "telemetry_gone",
  },
  goodstategone: {
    expr: 'node_condition{%,condition="Ready",status="true"} == 0',
    bad: [
      'node_condition{node="n1",condition="Ready",status="true"} 0',
      'node_condition{node="n2",condition="Ready",status="true"} 1',
    ],
    after: ['node_condition{node="n2",condition="Ready",status="true"} 1'],
    expected: "telemetry_gone",
  },
  tainted: {
    expr: 'node_taint{%,key="node/unreachable"} == 1',
    ...replaced('node_taint{node="n1",key="node/unreachable"} 1', 'node_known{node="n1"} 1'),
    expected: "verified",
  },
};

/** Rules whose conditions, filters, bands and states can hide that their trouble goes on, by the verdict that each must come to. */
export const ruleGuards = siblingKinds(guards);
