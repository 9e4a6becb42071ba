import type { Expected, Past } from "./past.ts";

/**
 * A rule in three worlds. `lasts`: the trouble goes on, by default as it was. `gone`: nothing tells of it any more, by default since its target is
 * down.
 */
type Rule = {
  expr: string;
  for?: number;
  good: string[];
  bad: string[];
  before?: string[];
  fixed?: string[];
  fixedAs?: Expected;
  lasts?: string[];
  lastsAs?: Expected;
  gone?: string[];
  goneAs?: Expected;
};
const minutes = (count: number): number => count * 60_000;
const counts =
  (metric: string, label: string, bad: string, good: string) =>
  (failed: string, fine: string): string[] => [
    `${metric}{${label}="${bad}"} ${failed}`,
    `${metric}{${label}="${good}"} ${fine}`,
  ];
const buckets = (metric: string, fast: string, all: string): string[] => [
  `${metric}_bucket{le="0.1"} ${fast}`,
  `${metric}_bucket{le="5"} ${all}`,
  `${metric}_bucket{le="+Inf"} ${all}`,
];

const reported = (line: string): string => line.replace("{", '{reporter="d",destination="pay",');

const http = counts("mesh_requests_total", "response_code", "503", "200");
const ingress = counts("ingress_requests", "status", "502", "200");
const rpc = counts("grpc_handled_total", "grpc_code", "Unavailable", "OK");
const dns = counts("dns_answers_total", "rcode", "SERVFAIL", "NOERROR");
const syncs = counts("gitops_sync_total", "phase", "Failed", "Succeeded");
const tasks = counts("task_state_total", "state", "FAILURE", "SUCCESS");
const writes = counts("log_push_requests_total", "status_code", "500", "204");

/** Shapes of public rules about clusters, nodes, pipelines, meshes, databases and queues. */
const rules: Record<string, Rule> = {
  // Kubernetes
  setmismatch: {
    expr: "(set_replicas_ready{%} != set_replicas{%}) and (changes(set_replicas_updated{%}[10m]) == 0)",
    for: minutes(5),
    good: ["set_replicas 3", "set_replicas_ready 3", "set_replicas_updated 3"],
    bad: ["set_replicas 3", "set_replicas_ready 1", "set_replicas_updated 3"],
    lasts: ["set_replicas 3", "set_replicas_ready 1", "set_replicas_updated 0+0.01"],
    lastsAs: "muted",
  },
  daemonstuck: {
    expr: "((daemon_current{%} != daemon_desired{%}) or (daemon_available{%} != daemon_desired{%})) and (changes(daemon_updated{%}[5m]) == 0)",
    good: ["daemon_current 5", "daemon_desired 5", "daemon_available 5", "daemon_updated 5"],
    bad: ["daemon_current 5", "daemon_desired 5", "daemon_available 2", "daemon_updated 5"],
  },
  jobslow: {
    expr: "time() - max by (job_name) (job_start_seconds{%} and job_active{%} > 0) > 4000",
    good: ['job_start_seconds{job_name="j"} 1000', 'job_active{job_name="j"} 0'],
    bad: ['job_start_seconds{job_name="j"} 1000', 'job_active{job_name="j"} 1'],
  },
  waiting: {
    expr: 'sum by (pod, container) (pod_container_waiting_reason{%,reason!="ContainerCreating"}) > 0',
    for: minutes(5),
    good: ['pod_container_info{pod="a",container="c"} 1'],
    bad: [
      'pod_container_info{pod="a",container="c"} 1',
      'pod_container_waiting_reason{pod="a",container="c",reason="ImagePullBackOff"} 1',
    ],
    lasts: [
      'pod_container_info{pod="a",container="c"} 1',
      'pod_container_waiting_reason{pod="a",container="c",reason="CrashLoopBackOff"} 1',
    ],
  },
  claimfull: {
    expr: 'volume_available_bytes{%} / volume_capacity_bytes{%} < 0.03 and volume_used_bytes{%} > 0 unless on (claim) claim_labels{%,excluded="true"} == 1',
    good: [
      'volume_available_bytes{claim="c"} 50',
      'volume_capacity_bytes{claim="c"} 100',
      'volume_used_bytes{claim="c"} 50',
    ],
    bad: [
      'volume_available_bytes{claim="c"} 1',
      'volume_capacity_bytes{claim="c"} 100',
      'volume_used_bytes{claim="c"} 99',
    ],
    lasts: [
      'volume_available_bytes{claim="c"} 1',
      'volume_capacity_bytes{claim="c"} 100',
      'volume_used_bytes{claim="c"} 99',
      'claim_labels{claim="c",excluded="true"} 1',
    ],
    lastsAs: "muted",
  },
  overcommit: {
    expr: "sum(pod_requested_cores{%}) - (sum(allocatable_cores{%}) - max(allocatable_cores{%})) > 0 and count(allocatable_cores{%}) > 1",
    good: ["pod_requested_cores 5", 'allocatable_cores{node="a"} 8', 'allocatable_cores{node="b"} 8'],
    bad: ["pod_requested_cores 12", 'allocatable_cores{node="a"} 8', 'allocatable_cores{node="b"} 8'],
    gone: ['allocatable_cores{node="a"} 8', 'allocatable_cores{node="b"} 8'],
  },
  throttled: {
    expr: "sum by (pod) (increase(cfs_throttled_total{%}[5m])) / sum by (pod) (increase(cfs_periods_total{%}[5m])) > 0.25",
    good: ['cfs_throttled_total{pod="a"} +0.1', 'cfs_periods_total{pod="a"} +10'],
    bad: ['cfs_throttled_total{pod="a"} +9', 'cfs_periods_total{pod="a"} +10'],
    gone: ['cfs_throttled_total{pod="a"} +0', 'cfs_periods_total{pod="a"} +0'],
    goneAs: "no_traffic",
  },
  nodeflapping: {
    expr: 'sum by (node) (changes(node_status{%,condition="Ready",status="true"}[15m])) > 2',
    before: ['node_status{node="n",condition="Ready",status="true"} 1'],
    bad: ['node_status{node="n",condition="Ready",status="true"} 1%90'],
    good: ['node_status{node="n",condition="Ready",status="true"} 1'],
    lasts: ['node_status{node="n",condition="Ready",status="true"} 0'],
    lastsAs: "muted",
  },
  certsoon: {
    expr: "histogram_quantile(0.01, sum by (job, le) (rate(client_cert_expiry_bucket{%}[5m]))) < 604800 and on (job) client_cert_expiry_count{%} > 0",
    good: [
      'client_cert_expiry_bucket{le="86400"} +0',
      'client_cert_expiry_bucket{le="864000"} +0',
      'client_cert_expiry_bucket{le="8640000"} +9',
      'client_cert_expiry_bucket{le="+Inf"} +9',
      "client_cert_expiry_count +9",
    ],
    bad: [
      'client_cert_expiry_bucket{le="86400"} +9',
      'client_cert_expiry_bucket{le="864000"} +9',
      'client_cert_expiry_bucket{le="8640000"} +9',
      'client_cert_expiry_bucket{le="+Inf"} +9',
      "client_cert_expiry_count +9",
    ],
    gone: [
      'client_cert_expiry_bucket{le="86400"} +0',
      'client_cert_expiry_bucket{le="864000"} +0',
      'client_cert_expiry_bucket{le="8640000"} +0',
      'client_cert_expiry_bucket{le="+Inf"} +0',
      "client_cert_expiry_count +0",
    ],
    goneAs: "no_traffic",
  },
  apidown: {
    expr: "absent(up{%} == 1)",
    for: minutes(3),
    good: ["up{} 1"],
    bad: ["up{} 0"],
    gone: ["up{} 0"],
    goneAs: "firing",
  },
  // Nodes
  diskfills: {
    expr: 'fs_avail_bytes{%,fstype!=""} / fs_size_bytes{%,fstype!=""} * 100 < 20 and predict_linear(fs_avail_bytes{%,fstype!=""}[5m], 3600) < 0 and fs_readonly{%,fstype!=""} == 0',
    good: [
      'fs_avail_bytes{fstype="ext4"} 60',
      'fs_size_bytes{fstype="ext4"} 100',
      'fs_readonly{fstype="ext4"} 0',
    ],
    bad: [
      'fs_avail_bytes{fstype="ext4"} 18-0.03',
      'fs_size_bytes{fstype="ext4"} 100',
      'fs_readonly{fstype="ext4"} 0',
    ],
    lasts: [
      'fs_avail_bytes{fstype="ext4"} 0',
      'fs_size_bytes{fstype="ext4"} 100',
      'fs_readonly{fstype="ext4"} 1',
    ],
    lastsAs: "muted",
  },
  cpuhigh: {
    expr: 'sum without (mode) (avg without (cpu) (rate(cpu_seconds_total{mode!~"idle|iowait",%}[2m]))) * 100 > 90',
    good: ['cpu_seconds_total{cpu="0",mode="user"} +0.1', 'cpu_seconds_total{cpu="0",mode="idle"} +0.9'],
    bad: ['cpu_seconds_total{cpu="0",mode="user"} +0.99', 'cpu_seconds_total{cpu="0",mode="idle"} +0.01'],
  },
  clockskew: {
    expr: "(clock_offset_seconds{%} > 0.05 and deriv(clock_offset_seconds{%}[5m]) >= 0) or (clock_offset_seconds{%} < -0.05 and deriv(clock_offset_seconds{%}[5m]) <= 0)",
    good: ["clock_offset_seconds 0.001"],
    bad: ["clock_offset_seconds 0.5"],
    lasts: ["clock_offset_seconds 0.6"],
  },
  raiddegraded: {
    expr: 'array_disks_required{%} - ignoring (state) array_disks{state="active",%} > 0',
    good: ["array_disks_required 4", 'array_disks{state="active"} 4'],
    bad: ["array_disks_required 4", 'array_disks{state="active"} 3'],
    gone: ["array_disks_required 4"],
  },
  netdrops: {
    expr: "rate(nic_receive_drop_total{%}[2m]) / rate(nic_receive_packets_total{%}[2m]) > 0.01",
    for: minutes(2),
    good: ["nic_receive_drop_total +0", "nic_receive_packets_total +100"],
    bad: ["nic_receive_drop_total +9", "nic_receive_packets_total +100"],
    gone: ["nic_receive_drop_total +0", "nic_receive_packets_total +0"],
    goneAs: "no_traffic",
  },
  // Logs, metrics and traces
  pusherrors: {
    expr: '100 * sum by (route) (rate(log_push_requests_total{%,status_code=~"5.."}[2m])) / sum by (route) (rate(log_push_requests_total{%}[2m])) > 10',
    good: writes("+0", "+9"),
    bad: writes("+5", "+5"),
    fixed: ['log_push_requests_total{status_code="204"} +9'],
    gone: writes("+0", "+0"),
    goneAs: "no_traffic",
  },
  pushslow: {
    expr: 'histogram_quantile(0.99, sum by (route, le) (rate(push_seconds_bucket{%,route!~"tail"}[2m]))) > 1',
    good: buckets("push_seconds", "+9", "+9"),
    bad: buckets("push_seconds", "+0", "+9"),
    gone: buckets("push_seconds", "+0", "+0"),
    goneAs: "no_traffic",
  },
  ingesterunhealthy: {
    expr: 'min by (cluster) (ring_members{state="Unhealthy",name="ingester",%}) > 0',
    good: [
      'ring_members{state="Unhealthy",name="ingester"} 0',
      'ring_members{state="ACTIVE",name="ingester"} 3',
    ],
    bad: [
      'ring_members{state="Unhealthy",name="ingester"} 1',
      'ring_members{state="ACTIVE",name="ingester"} 2',
    ],
  },
  compactorlate: {
    expr: "min by (instance) (time() - compactor_last_run_seconds{%}) > 2000 and max by (instance) (compactor_last_run_seconds{%}) > 0",
    good: ["compactor_last_run_seconds 4102444800"],
    bad: ["compactor_last_run_seconds 1000"],
    lasts: ["compactor_last_run_seconds 0"],
    lastsAs: "muted",
  },
  halted: {
    expr: "block_compact_halted{%} == 1",
    good: ["block_compact_halted 0"],
    bad: ["block_compact_halted 1"],
  },
  notsent: {
    expr: "rate(notifications_dropped_total{%}[2m]) > 0",
    good: ["notifications_dropped_total +0"],
    bad: ["notifications_dropped_total +1"],
  },
  behind: {
    expr: "(max_over_time(remote_newest_seconds{%}[2m]) - ignoring (url) group_right () max_over_time(remote_sent_seconds{%}[2m])) > 120",
    good: ["remote_newest_seconds 5000", 'remote_sent_seconds{url="u"} 4990'],
    bad: ["remote_newest_seconds 5000", 'remote_sent_seconds{url="u"} 100'],
    gone: ["remote_newest_seconds 5000"],
  },
  // Delivery
  outofsync: {
    expr: 'delivery_app_info{%,sync_status="OutOfSync"} == 1',
    for: minutes(5),
    good: ['delivery_app_info{name="pay",sync_status="Synced"} 1'],
    bad: ['delivery_app_info{name="pay",sync_status="OutOfSync"} 1'],
    gone: ['delivery_app_info{name="other",sync_status="Synced"} 1'],
  },
  syncfailed: {
    expr: 'increase(gitops_sync_total{%,phase!="Succeeded"}[5m]) > 0',
    good: syncs("+0", "+0.1"),
    bad: syncs("+0.1", "+0"),
    fixed: syncs("+0", "+0.1"),
  },
  suspended: {
    expr: 'max by (name) (reconcile_condition{%,type="Ready",status="False"}) == 1 and on (name) reconcile_suspended{%} == 0',
    good: ['reconcile_condition{name="k",type="Ready",status="False"} 0', 'reconcile_suspended{name="k"} 0'],
    bad: ['reconcile_condition{name="k",type="Ready",status="False"} 1', 'reconcile_suspended{name="k"} 0'],
    lasts: ['reconcile_condition{name="k",type="Ready",status="False"} 1', 'reconcile_suspended{name="k"} 1'],
    lastsAs: "muted",
  },
  // Meshes and gateways
  meshfailing: {
    expr: 'sum by (destination) (rate(mesh_requests_total{%,reporter="d",response_code=~"5.*"}[2m])) / sum by (destination) (rate(mesh_requests_total{%,reporter="d"}[2m])) > 0.05',
    good: http("+0", "+9").map(reported),
    bad: http("+5", "+5").map(reported),
    gone: http("+0", "+0").map(reported),
    goneAs: "no_traffic",
  },
  meshslow: {
    expr: "histogram_quantile(0.5, sum by (destination, le) (rate(mesh_milliseconds_bucket{%}[2m]))) / 1000 > 1",
    good: [
      'mesh_milliseconds_bucket{le="100"} +9',
      'mesh_milliseconds_bucket{le="5000"} +9',
      'mesh_milliseconds_bucket{le="+Inf"} +9',
    ],
    bad: [
      'mesh_milliseconds_bucket{le="100"} +0',
      'mesh_milliseconds_bucket{le="5000"} +9',
      'mesh_milliseconds_bucket{le="+Inf"} +9',
    ],
    gone: [
      'mesh_milliseconds_bucket{le="100"} +0',
      'mesh_milliseconds_bucket{le="5000"} +0',
      'mesh_milliseconds_bucket{le="+Inf"} +0',
    ],
    goneAs: "no_traffic",
  },
  ingressfailing: {
    expr: '100 * (sum by (ingress) (rate(ingress_requests{%,status=~"5.+"}[2m])) / sum by (ingress) (rate(ingress_requests{%}[2m]))) > 5 and sum by (ingress) (rate(ingress_requests{%}[2m])) > 3',
    good: ingress("+0", "+9"),
    bad: ingress("+5", "+5"),
    lasts: ingress("+0.5", "+0.5"),
    lastsAs: "muted",
    gone: ingress("+0", "+0"),
    goneAs: "no_traffic",
  },
  grpcfailing: {
    expr: 'sum by (method) (rate(grpc_handled_total{%,grpc_code=~"Unavailable|Internal"}[2m])) / sum by (method) (rate(grpc_handled_total{%}[2m])) > 0.01',
    good: rpc("+0", "+9"),
    bad: rpc("+5", "+5"),
    fixed: ['grpc_handled_total{grpc_code="OK"} +9'],
    gone: ["other 1"],
  },
  dnsfailing: {
    expr: 'sum by (server) (rate(dns_answers_total{%,rcode="SERVFAIL"}[2m])) / sum by (server) (rate(dns_answers_total{%}[2m])) > 0.03',
    good: dns("+0", "+9"),
    bad: dns("+5", "+5"),
    gone: dns("+0", "+0"),
    goneAs: "no_traffic",
  },
  backenddown: {
    expr: 'count by (proxy) (backend_server_status{%,state="DOWN"} == 1) / count by (proxy) (backend_server_status{%,state="UP"}) > 0.5',
    good: [
      'backend_server_status{proxy="p",server="a",state="DOWN"} 0',
      'backend_server_status{proxy="p",server="a",state="UP"} 1',
    ],
    bad: [
      'backend_server_status{proxy="p",server="a",state="DOWN"} 1',
      'backend_server_status{proxy="p",server="a",state="UP"} 0',
    ],
  },
  probefailing: {
    expr: 'probe_success{%,target="https://pay"} == 0',
    for: minutes(2),
    good: ['probe_success{target="https://pay"} 1'],
    bad: ['probe_success{target="https://pay"} 0'],
    gone: ['probe_success{target="https://other"} 1'],
  },
  // Databases and queues
  pglag: {
    expr: "db_replication_lag_seconds{%} > 30 and on (instance) db_is_replica{%} == 1",
    good: ["db_replication_lag_seconds 1", "db_is_replica 1"],
    bad: ["db_replication_lag_seconds 90", "db_is_replica 1"],
    lasts: ["db_replication_lag_seconds 90", "db_is_replica 0"],
    lastsAs: "muted",
  },
  pgconnections: {
    expr: "sum by (server) (db_activity_count{%}) / on (server) group_left () db_max_connections{%} > 0.8",
    good: [
      'db_activity_count{server="s",state="idle"} 5',
      'db_activity_count{server="s",state="active"} 5',
      'db_max_connections{server="s"} 100',
    ],
    bad: [
      'db_activity_count{server="s",state="idle"} 50',
      'db_activity_count{server="s",state="active"} 45',
      'db_max_connections{server="s"} 100',
    ],
    gone: ['db_activity_count{server="s",state="idle"} 5', 'db_activity_count{server="s",state="active"} 5'],
  },
  kafkaunder: {
    expr: "sum by (topic) (topic_partition_under_replicated{%}) > 0",
    good: ['topic_partition_under_replicated{topic="t",partition="0"} 0'],
    bad: ['topic_partition_under_replicated{topic="t",partition="0"} 1'],
  },
  kafkalag: {
    expr: "sum by (group, topic) (group_lag{%}) > 1000 and sum by (group, topic) (delta(group_lag{%}[5m])) > 0",
    good: ['group_lag{group="g",topic="t"} 20'],
    bad: ['group_lag{group="g",topic="t"} 1000+5'],
    lasts: ['group_lag{group="g",topic="t"} 4000'],
    lastsAs: "muted",
  },
  rabbitready: {
    expr: "sum by (queue) (queue_messages_ready{%}) > 1000",
    good: ['queue_messages_ready{queue="q"} 3'],
    bad: ['queue_messages_ready{queue="q"} 4000'],
    gone: ['queue_messages_ready{queue="other"} 3'],
  },
  noconsumers: {
    expr: "queue_consumers{%} == 0 and on (queue) queue_messages{%} > 0",
    good: ['queue_consumers{queue="q"} 2', 'queue_messages{queue="q"} 1'],
    bad: ['queue_consumers{queue="q"} 0', 'queue_messages{queue="q"} 50'],
  },
  noleader: {
    expr: "kv_has_leader{%} == 0",
    good: ["kv_has_leader 1"],
    bad: ["kv_has_leader 0"],
  },
  leaderchanges: {
    expr: "increase((max without (instance) (kv_leader_changes_total{%}) or 0 * absent(kv_leader_changes_total{%}))[5m:1m]) >= 3",
    good: ["kv_leader_changes_total +0"],
    bad: ["kv_leader_changes_total +0.05"],
  },
  slowfsync: {
    expr: "histogram_quantile(0.99, rate(kv_fsync_seconds_bucket{%}[2m])) > 0.5",
    good: buckets("kv_fsync_seconds", "+9", "+9"),
    bad: buckets("kv_fsync_seconds", "+0", "+9"),
    gone: buckets("kv_fsync_seconds", "+0", "+0"),
    goneAs: "no_traffic",
  },
  cephfull: {
    expr: "storage_used_bytes{%} / storage_total_bytes{%} > 0.85 or storage_health{%} == 2",
    good: ["storage_used_bytes 20", "storage_total_bytes 100", "storage_health 0"],
    bad: ["storage_used_bytes 90", "storage_total_bytes 100", "storage_health 1"],
    lasts: ["storage_used_bytes 80", "storage_total_bytes 100", "storage_health 2"],
    gone: ["storage_health 0"],
  },
  taskfailures: {
    expr: 'sum by (name) (rate(task_state_total{%,state=~"FAILURE|REJECTED"}[5m])) / sum by (name) (rate(task_state_total{%}[5m])) > 0.1',
    good: tasks("+0", "+3"),
    bad: tasks("+2", "+1"),
    fixed: ['task_state_total{state="SUCCESS"} +3'],
    gone: tasks("+0", "+0"),
    goneAs: "no_traffic",
  },
  backupold: {
    expr: 'time() - max by (schedule) (backup_last_success_seconds{%,schedule!=""}) > 90000',
    good: ['backup_last_success_seconds{schedule="s"} 4102444800'],
    bad: ['backup_last_success_seconds{schedule="s"} 1000'],
  },
};

const worldsOf = (name: string, rule: Rule): [string, Past][] => {
  const {
    expr,
    good,
    bad,
    before = good,
    fixed = good,
    fixedAs = "verified",
    lasts = bad,
    lastsAs = "firing",
  } = rule;
  const past = { expr, before, bad, ...(rule.for !== undefined && { for: rule.for }) };
  return [
    [`${name}fixed`, { ...past, after: fixed, expected: fixedAs }],
    [`${name}lasts`, { ...past, after: lasts, expected: lastsAs }],
    [`${name}gone`, { ...past, after: rule.gone, expected: rule.goneAs ?? "telemetry_gone" }],
  ];
};

export const ruleWorlds: Record<string, Past> = Object.fromEntries(
  Object.entries(rules).flatMap(([name, rule]) => worldsOf(name, rule)),
);
