/**
 * The shapes of public alerting rules, in expressions of our own: `%` stands for the job of the shape, windows are in
 * seconds. `bad` and `good` are the series while it fires and once the trouble is over; `idle` once no request arrives,
 * where that differs. A counter is given by its rate a second.
 */
export type Shape = {
  expr: string;
  bad: string[];
  good: string[];
  idle?: string[];
  /** Its series exist only while there is trouble: their absence is quiet as long as the target is up. */
  absentWhenQuiet?: true;
  /** The metric that stands first counts failures: its exporter may create it only with the first of them. */
  isLazy?: true;
  /** The reason for which it can never be verified. */
  never?: RegExp;
};

/** The value after `+` is the rate of a counter. */
const requests = (metric: string, code: string): Pick<Shape, "bad" | "good" | "idle"> => ({
  bad: [`${metric}{${code}="500"} +5`, `${metric}{${code}="200"} +5`],
  good: [`${metric}{${code}="500"} +0`, `${metric}{${code}="200"} +9`],
  idle: [`${metric}{${code}="500"} +0`, `${metric}{${code}="200"} +0`],
});
const latency = (metric: string): Pick<Shape, "bad" | "good" | "idle"> => {
  const buckets = (fast: string, all: string) => [
    `${metric}{le="0.1"} ${fast}`,
    `${metric}{le="10"} ${all}`,
    `${metric}{le="+Inf"} ${all}`,
  ];
  return { bad: buckets("+0", "+9"), good: buckets("+9", "+9"), idle: buckets("+0", "+0") };
};
const share = (failed: string, all: string): Pick<Shape, "bad" | "good" | "idle"> => ({
  bad: [`${failed} +5`, `${all} +9`],
  good: [`${failed} +0`, `${all} +9`],
  idle: [`${failed} +0`, `${all} +0`],
});
const gauges = (bad: string[], good: string[]): Pick<Shape, "bad" | "good"> => ({ bad, good });
const burn = (bad: string, good: string): Pick<Shape, "bad" | "good"> => {
  const windows = (value: string) => ["5m", "30m", "1h", "6h"].map((one) => `slo_errors_${one} ${value}`);
  return { bad: windows(bad), good: windows(good) };
};
const pair = (limit: string): string =>
  `((slo_errors_5m{%} > (14.4 * ${limit})) and ignoring(window) (slo_errors_1h{%} > (14.4 * ${limit}))) or ignoring(window) ((slo_errors_30m{%} > (6 * ${limit})) and ignoring(window) (slo_errors_6h{%} > (6 * ${limit})))`;
const restarts = (limit: string): Shape => ({
  ...{ expr: `rate(container_restarts_total{%}[4s]) * 300 > ${limit}` },
  ...gauges(["container_restarts_total +2"], ["container_restarts_total +0"]),
});
const jobFailed: Shape = {
  expr: "job_status_failed{%} > 0",
  ...gauges(["job_status_failed 1"], []),
  absentWhenQuiet: true,
};
const quota: Shape = {
  expr: 'quota{%,type="used"} / ignoring(type) (quota{%,type="hard"} > 0) > 0.9',
  ...gauges(
    ['quota{type="used"} 10', 'quota{type="hard"} 10'],
    ['quota{type="used"} 3', 'quota{type="hard"} 10'],
  ),
};
const mismatch: Shape = {
  expr: "wanted_replicas{%} != available_replicas{%}",
  ...gauges(["wanted_replicas 3", "available_replicas 1"], ["wanted_replicas 3", "available_replicas 3"]),
};
const crashLoop: Shape = {
  expr: 'max_over_time(container_waiting_reason{reason="CrashLoopBackOff",%}[4s]) >= 1',
  ...gauges(['container_waiting_reason{reason="CrashLoopBackOff"} 1'], []),
  absentWhenQuiet: true,
};
const whileRolledOut = (value: string): Pick<Shape, "bad" | "good"> =>
  gauges([`${value} 1`, "desired 3", "updated 3"], [`${value} 3`, "desired 3", "updated 3"]);
const percent = (expr: string): string => `${expr} * 100 > 10`;
const byCode = (metric: string, label: string, code: string): string =>
  `sum by (job) (rate(${metric}{${label}=~"${code}",%}[4s])) / sum by (job) (rate(${metric}{%}[4s]))`;

/** By the number of the rule that each is shaped like. */
export const shapes: Record<string, Shape> = {
  "01": crashLoop,
  "02": {
    expr: 'sum by (namespace, pod) (max by (namespace, pod) (pod_phase{%,phase=~"Pending|Unknown"}) * on (namespace, pod) group_left (owner_kind) topk by (namespace, pod) (1, max by (namespace, pod, owner_kind) (pod_owner{%,owner_kind!="Job"}))) > 0',
    ...gauges(
      [
        'pod_phase{namespace="n",pod="a",phase="Pending"} 1',
        'pod_owner{namespace="n",pod="a",owner_kind="ReplicaSet"} 1',
      ],
      [
        'pod_phase{namespace="n",pod="b",phase="Pending"} 0',
        'pod_owner{namespace="n",pod="b",owner_kind="ReplicaSet"} 1',
      ],
    ),
    isLazy: true,
  },
  "03": {
    expr: "(desired{%} > available{%}) and (changes(updated{%}[4s]) == 0)",
    ...whileRolledOut("available"),
  },
  "04": {
    expr: 'deployment_condition{%,condition="Progressing",status="false"} != 0',
    ...gauges(
      [
        'deployment_condition{condition="Progressing",status="false"} 1',
        'deployment_condition{condition="Progressing",status="true"} 0',
      ],
      ['deployment_condition{condition="Progressing",status="false"} 0'],
    ),
  },
  "05": {
    expr: "(ready{%} != desired{%}) and (changes(updated{%}[4s]) == 0)",
    ...whileRolledOut("ready"),
  },
  "06": {
    expr: "sum by (namespace, pod, container) (container_status_waiting_reason{%}) > 0",
    ...gauges(['container_status_waiting_reason{container="c",reason="ImagePull"} 1'], []),
    absentWhenQuiet: true,
  },
  "07": {
    expr: "hpa_current{%} == hpa_max{%}",
    ...gauges(["hpa_current 9", "hpa_max 9"], ["hpa_current 3", "hpa_max 9"]),
  },
  "08": {
    expr: "(desired{%} != current{%}) and (current{%} > low{%}) and (current{%} < high{%}) and changes(current{%}[4s]) == 0",
    ...gauges(["desired 5", "current 3", "low 1", "high 9"], ["desired 5", "current 5", "low 1", "high 9"]),
  },
  "09": { ...jobFailed, expr: "batch_job_failed{%} > 0", bad: ["batch_job_failed 1"] },
  "10": {
    expr: "sum by (container) (increase(throttled_periods_total{%}[4s])) / sum by (container) (increase(periods_total{%}[4s])) > (25 / 100)",
    ...share("throttled_periods_total", "periods_total"),
  },
  "11": { ...quota, expr: quota.expr.replace("> 0.9", "> 0.99") },
  "12": {
    expr: `(${byCode("client_requests_total", "code", "5..")}) > 0.01`,
    ...requests("client_requests_total", "code"),
  },
  "13": {
    expr: "sum by (job) (slo_errors_1h{%}) > (14.4 * 0.01) and sum by (job) (slo_errors_5m{%}) > (14.4 * 0.01)",
    ...burn("1", "0.001"),
  },
  "14": {
    expr: "sum by (job) (rate(terminations_total{%}[4s])) / (sum by (job) (rate(served_total{%}[4s])) + sum by (job) (rate(terminations_total{%}[4s]))) > 0.2",
    ...share("terminations_total", "served_total"),
  },
  "15": {
    expr: 'pleg_seconds:quantile{%,quantile="0.99"} >= 10',
    ...gauges(['pleg_seconds:quantile{quantile="0.99"} 12'], ['pleg_seconds:quantile{quantile="0.99"} 0.5']),
    idle: ['pleg_seconds:quantile{quantile="0.99"} NaN'],
  },
  "16": {
    expr: "(disk_free{%} / disk_size{%} * 100 < 15 and predict_linear(disk_free{%}[4s], 60) < 0 and disk_readonly{%} == 0)",
    ...gauges(
      ["disk_free 10-0.5", "disk_size 100", "disk_readonly 0"],
      ["disk_free 80", "disk_size 100", "disk_readonly 0"],
    ),
  },
  "17": {
    expr: "(entries{%} / entries_limit{%}) > 0.75",
    ...gauges(["entries 90", "entries_limit 100"], ["entries 9", "entries_limit 100"]),
  },
  "18": {
    expr: "(offset_seconds{%} > 0.05 and deriv(offset_seconds{%}[4s]) >= 0) or (offset_seconds{%} < -0.05 and deriv(offset_seconds{%}[4s]) <= 0)",
    ...gauges(["offset_seconds 1"], ["offset_seconds 0.01"]),
  },
  "19": {
    expr: "100 * (count by (job) (target_up{%} == 0) / count by (job) (target_up{%})) > 10",
    ...gauges(["target_up 0"], ["target_up 1"]),
  },
  "20": {
    expr: "# A failed scrape must not look like a success.\nmax_over_time(reload_successful{%}[4s]) == 0",
    ...gauges(["reload_successful 0"], ["reload_successful 1"]),
  },
  "21": {
    expr: "# See the runbook.\n(max_over_time(newest_seconds{%}[4s]) - ignoring(remote, url) group_right max_over_time(sent_seconds{%}[4s])) > 120",
    ...gauges(
      ["newest_seconds 1000", 'sent_seconds{remote="r"} 100'],
      ["newest_seconds 1000", 'sent_seconds{remote="r"} 990'],
    ),
  },
  "22": {
    expr: "min without (peer) (rate(notify_errors_total{%,peer!~``}[4s]) / rate(notify_sent_total{%,peer!~``}[4s])) * 100 > 3",
    ...share('notify_errors_total{peer="a"}', 'notify_sent_total{peer="a"}'),
    isLazy: true,
  },
  "23": {
    expr: "(sum by (controller) (rate(reconcile_errors_total{%}[4s]))) / (sum by (controller) (rate(reconcile_total{%}[4s]))) > 0.1",
    ...share("reconcile_errors_total", "reconcile_total"),
    isLazy: true,
  },
  "24": {
    expr: 'count by (job) (count by (version, job) (label_replace(build_info{%,component!~"dns"}, "version", "$1", "version", "(v[0-9]*.[0-9]*).*"))) > 1',
    ...gauges(
      ['build_info{version="v1.2.3",component="a"} 1', 'build_info{version="v1.3.3",component="b"} 1'],
      ['build_info{version="v1.3.3",component="a"} 1', 'build_info{version="v1.3.3",component="b"} 1'],
    ),
  },
  "25": { expr: "vector(1)", ...gauges([], []), never: /no selector/ },
  "26": { expr: pair("0.001"), ...burn("1", "0.0001") },
  "27": { expr: pair("0.01"), ...burn("1", "0.0001") },
  "28": { expr: pair("0.05"), ...burn("1", "0.0001") },
  "29": {
    expr: "(slo_errors_30m{%} > (3 * 0.05)) and ignoring(window) (slo_errors_6h{%} > (3 * 0.05))",
    ...gauges(["slo_errors_30m 1", "slo_errors_6h 1"], ["slo_errors_30m 0.0001", "slo_errors_6h 0.0001"]),
  },
  "30": { expr: pair("0.002"), ...burn("1", "0.0001") },
  "31": {
    expr: 'sum by (job, route) (request_count:irate{status_code=~"5..",%}) / sum by (job, route) (request_count:irate{%}) * 100 > 10',
    bad: ['request_count:irate{status_code="500"} 5', 'request_count:irate{status_code="200"} 5'],
    good: ['request_count:irate{status_code="500"} 0', 'request_count:irate{status_code="200"} 5'],
    idle: ['request_count:irate{status_code="500"} 0', 'request_count:irate{status_code="200"} 0'],
  },
  "32": {
    expr: 'histogram_quantile(0.99, sum by (job, le) (irate(route_seconds_bucket{%,route!~"(?i).*tail.*"}[4s]))) > 1',
    ...latency("route_seconds_bucket"),
  },
  "33": {
    expr: "sum by (job) (increase(panic_total{%}[4s])) > 0",
    ...gauges(["panic_total +1"], []),
    absentWhenQuiet: true,
  },
  "34": {
    expr: 'sum(rate({app="pay",%} |= "error" [5m])) by (job) / sum(rate({app="pay"}[5m])) by (job) > 0.05',
    ...gauges([], []),
    never: /is not PromQL/,
  },
  "35": { ...crashLoop, expr: crashLoop.expr.replace("{", '{namespace=~"(pay|)",') },
  "36": {
    expr: "rate(duplicate_samples_total{%}[4s]) > 0",
    ...gauges(["duplicate_samples_total +1"], ["duplicate_samples_total +0"]),
  },
  "37": {
    expr: `(${byCode("query_requests_total", "code", "5..")}) * 100 > 5`,
    ...requests("query_requests_total", "code"),
  },
  "38": {
    expr: "max_over_time(config_reload_ok{%}[4s]) == 0 # see above",
    ...gauges(["config_reload_ok 0"], ["config_reload_ok 1"]),
  },
  "39": {
    expr: "# Without the maximum a failed scrape would look like a lost member.\nmax_over_time(cluster_members{%}[4s]) < on (job) group_left count by (job) (max_over_time(cluster_members{%}[4s]))",
    ...gauges(
      ['cluster_members{member="a"} 1', 'cluster_members{member="b"} 1'],
      ['cluster_members{member="a"} 2', 'cluster_members{member="b"} 2'],
    ),
  },
  "40": {
    expr: "(rate(notifications_failed_total{%}[4s]) / ignoring(reason) group_left rate(notifications_total{%}[4s])) > 0.01",
    ...share('notifications_failed_total{reason="other"}', "notifications_total"),
    isLazy: true,
  },
  "41": {
    expr: 'delta(workflows{status="Failed",%}[4s]) > 0',
    ...gauges(['workflows{status="Failed"} +1'], ['workflows{status="Failed"} +0']),
    absentWhenQuiet: true,
  },
  "42": {
    expr: 'sum(rate(hits_total{%,status=~"5..",status!~"503"}[4s])) / (sum(rate(hits_total{%}[4s])) / 100) > 10',
    ...requests("hits_total", "status"),
  },
  "43": {
    expr: "quantile(0.75, sum(rate(seconds_sum{%}[4s])) / sum(rate(seconds_count{%}[4s]))) > 1",
    bad: ["seconds_sum +20", "seconds_count +5"],
    good: ["seconds_sum +1", "seconds_count +5"],
    idle: ["seconds_sum +0", "seconds_count +0"],
  },
  "44": {
    expr: 'sum by (container) (container_cpu:sum_irate{%,pod=~"pay-....",container=~"app|nginx"}) > 0.8',
    ...gauges(
      ['container_cpu:sum_irate{pod="pay-aaaa",container="app"} 2'],
      ['container_cpu:sum_irate{pod="pay-bbbb",container="app"} 0.1'],
    ),
  },
  "45": {
    expr: 'avg by (container) (container_memory{%,pod=~"pay-.*"}) > 1.6 * 1024',
    ...gauges(['container_memory{pod="pay-a"} 2000'], ['container_memory{pod="pay-b"} 200']),
  },
  "46": {
    expr: '(memory_available{%} / memory_total{%} * 100 < 10) * on (job) group_left (nodename) uname_info{%,nodename=~".+"}',
    ...gauges(
      ["memory_available 5", "memory_total 100", 'uname_info{nodename="n"} 1'],
      ["memory_available 60", "memory_total 100", 'uname_info{nodename="n"} 1'],
    ),
  },
  "47": {
    expr: "sum by (container) (rate(cfs_throttled_total{%}[4s])) / sum by (container) (rate(cfs_periods_total{%}[4s])) > 0.25",
    ...share("cfs_throttled_total", "cfs_periods_total"),
  },
  "48": {
    expr: percent(byCode("proxy_requests_total", "status", "^5..")),
    ...requests("proxy_requests_total", "status"),
  },
  "49": {
    expr: percent(byCode("proxied_requests_total", "status", "^5..")),
    ...requests("proxied_requests_total", "status"),
  },
  "50": {
    expr: "histogram_quantile(0.99, sum by (host, le) (rate(served_seconds_bucket{%}[4s]))) > 3",
    ...latency("served_seconds_bucket"),
  },
  "51": {
    expr: "sum by (queue) (messages_ready{%}) > 1000",
    ...gauges(["messages_ready 5000"], ["messages_ready 2"]),
  },
  "52": { ...restarts("3"), expr: "increase(container_restarts_total{%}[4s]) > 3" },
  "53": {
    expr: "sum by (job) (activity_count{%}) > min by (job) (max_connections{%} * 0.8)",
    ...gauges(["activity_count 95", "max_connections 100"], ["activity_count 9", "max_connections 100"]),
  },
  "54": {
    expr: 'avg by (ingress) (rate(ingress_requests_total{%,status=~"5.*"}[4s]) * 60 > 0)',
    bad: [
      'ingress_requests_total{ingress="i",status="500"} +5',
      'ingress_requests_total{ingress="i",status="200"} +5',
    ],
    good: ['ingress_requests_total{ingress="i",status="200"} +9'],
    idle: ['ingress_requests_total{ingress="i",status="200"} +0'],
  },
  "55": quota,
  "56": restarts("0"),
  "57": {
    expr: 'sum by (namespace, pod) (pod_status{%,phase=~"Pending|Unknown"}) > 0',
    ...gauges(
      ['pod_status{pod="a",phase="Pending"} 1', 'pod_status{pod="a",phase="Running"} 0'],
      ['pod_status{pod="b",phase="Pending"} 0'],
    ),
  },
  "58": {
    expr: "observed_generation{%} != wanted_generation{%}",
    ...gauges(
      ["observed_generation 3", "wanted_generation 4"],
      ["observed_generation 4", "wanted_generation 4"],
    ),
  },
  "59": mismatch,
  "60": { ...mismatch, expr: 'wanted_replicas{%,namespace!~"x.*"} != available_replicas{%}' },
  "61": jobFailed,
  "62": {
    expr: 'absent(namespace_created{%,namespace=~"^pay.*"})',
    ...gauges([], ['namespace_created{namespace="pay"} 1']),
  },
  "63": restarts("0.1"),
  "64": { ...jobFailed, expr: 'job_status_failed{%,job_name=~"^.*$"} > 0' },
  "65": { ...quota, expr: `100 * ${quota.expr.replace("0.9", "90")}` },
  "66": {
    expr: '(sum(rate(slo_hits_total{code=~"5..",%}[4s])) / sum(rate(slo_hits_total{%}[4s]))) > (14.4 * 0.001) and (sum(rate(slo_hits_total{code=~"5..",%}[8s])) / sum(rate(slo_hits_total{%}[8s]))) > (14.4 * 0.001)',
    ...requests("slo_hits_total", "code"),
  },
  "67": {
    expr: "absent(exporter_up{%}) or exporter_up{%} == 0",
    ...gauges(["exporter_up 0"], ["exporter_up 1"]),
  },
  "68": { expr: "absent_over_time(heartbeat{%}[4s])", ...gauges([], ["heartbeat 1"]) },
  "69": {
    expr: "predict_linear(volume_free{%}[4s], 40) < 0",
    ...gauges(["volume_free 10-0.5"], ["volume_free 80"]),
  },
  "70": {
    expr: "max_over_time(avg_over_time(queue_length{%}[2s])[4s:1s]) > 10",
    ...gauges(["queue_length 50"], ["queue_length 2"]),
  },
  "71": {
    expr: "min_over_time(rate(bursts_total{%}[3s])[4s:1s]) > 1",
    ...gauges(["bursts_total +5"], ["bursts_total +0"]),
  },
  "72": {
    expr: 'label_replace(rate(faults_total{%}[4s]) > 1, "team", "$1", "job", "(.*)")',
    ...gauges(["faults_total +5"], ["faults_total +0"]),
  },
  "73": {
    expr: 'count by (job) (count_values by (job) ("v", running_build{%})) > 1',
    ...gauges(
      ['running_build{pod="a"} 1', 'running_build{pod="b"} 2'],
      ['running_build{pod="a"} 2', 'running_build{pod="b"} 2'],
    ),
  },
  "74": {
    expr: "topk(3, rate(slow_queries_total{%}[4s])) > 2",
    ...gauges(
      ['slow_queries_total{db="a"} +9', 'slow_queries_total{db="b"} +0'],
      ['slow_queries_total{db="a"} +0', 'slow_queries_total{db="b"} +0'],
    ),
  },
  "75": { expr: "bottomk(1, ready_pods{%}) < 1", ...gauges(["ready_pods 0"], ["ready_pods 3"]) },
  "76": {
    expr: "consumer_lag{%} - consumer_lag{%} offset 3s > 5",
    ...gauges(["consumer_lag 0+3"], ["consumer_lag 5"]),
  },
  "77": {
    expr: "sum by (pod) (rate(pod_cpu_total{%}[4s])) / on (pod) group_left (team) (pod_limit{%}) > 0.9",
    bad: ['pod_cpu_total{pod="a"} +2', 'pod_limit{pod="a",team="t"} 1'],
    good: ['pod_cpu_total{pod="a"} +0.1', 'pod_limit{pod="a",team="t"} 1'],
  },
  "78": {
    expr: "min_over_time(clock_synced{%}[4s]) == 0 and clock_error_seconds{%} >= 16",
    ...gauges(["clock_synced 0", "clock_error_seconds 20"], ["clock_synced 1", "clock_error_seconds 1"]),
  },
  "79": {
    expr: "rate(nic_errors_total{%}[4s]) / rate(nic_packets_total{%}[4s]) > 0.01",
    ...share("nic_errors_total", "nic_packets_total"),
    isLazy: true,
  },
  "80": {
    expr: 'disks_required{%} - ignoring (state) (disks{state="active",%}) > 0',
    ...gauges(
      ["disks_required 4", 'disks{state="active"} 3'],
      ["disks_required 4", 'disks{state="active"} 4'],
    ),
  },
  "81": {
    expr: 'load1{%} / count without (cpu, mode) (cpu_seconds_total{mode="idle",%}) > 2',
    ...gauges(
      ["load1 9", 'cpu_seconds_total{cpu="0",mode="idle"} +1'],
      ["load1 0.3", 'cpu_seconds_total{cpu="0",mode="idle"} +1'],
    ),
  },
  "82": {
    expr: 'sum without (mode) (avg without (cpu) (rate(busy_seconds_total{mode!~"idle|iowait",%}[4s]))) * 100 > 90',
    ...gauges(
      ['busy_seconds_total{cpu="0",mode="user"} +0.99', 'busy_seconds_total{cpu="0",mode="idle"} +0.01'],
      ['busy_seconds_total{cpu="0",mode="user"} +0.1', 'busy_seconds_total{cpu="0",mode="idle"} +0.9'],
    ),
  },
  "83": {
    expr: 'unit_state{state="failed",%} == 1',
    ...gauges(
      ['unit_state{state="failed"} 1', 'unit_state{state="active"} 0'],
      ['unit_state{state="failed"} 0', 'unit_state{state="active"} 1'],
    ),
  },
  "84": {
    expr: "histogram_quantile(0.01, sum without (namespace) (rate(cert_seconds_bucket{%}[4s]))) < 7 and on (job) cert_seconds_count{%} > 0",
    bad: ['cert_seconds_bucket{le="1"} +9', 'cert_seconds_bucket{le="+Inf"} +9', "cert_seconds_count +9"],
    good: [
      'cert_seconds_bucket{le="1"} +0',
      'cert_seconds_bucket{le="9"} +0',
      'cert_seconds_bucket{le="99"} +9',
      'cert_seconds_bucket{le="+Inf"} +9',
      "cert_seconds_count +9",
    ],
    idle: ['cert_seconds_bucket{le="1"} +0', 'cert_seconds_bucket{le="+Inf"} +0', "cert_seconds_count +0"],
  },
  "85": {
    expr: '(claim_free{%} / claim_size{%}) < 0.03 and claim_used{%} > 0 unless on (claim) claim_mode{%,mode="ReadOnlyMany"} == 1 unless on (claim) claim_excluded{%} == 1',
    ...gauges(
      ['claim_free{claim="c"} 1', 'claim_size{claim="c"} 100', 'claim_used{claim="c"} 99'],
      ['claim_free{claim="c"} 60', 'claim_size{claim="c"} 100', 'claim_used{claim="c"} 40'],
    ),
  },
  "86": {
    expr: "time() - last_success_seconds{%} > 100",
    ...gauges(["last_success_seconds 1000"], ["last_success_seconds 4102444800"]),
  },
  "88": { expr: "changes(leader_term{%}[4s]) > 2", ...gauges(["leader_term 0+1"], ["leader_term 5"]) },
  "89": {
    expr: "(left_errors{%} > 10) or (right_errors{%} > 10)",
    ...gauges(["left_errors 20", "right_errors 1"], ["left_errors 1", "right_errors 1"]),
  },
  "90": {
    expr: "sum by (job) (increase(sent_mails_total{%}[4s])) == 0 and on (job) mail_enabled{%} == 1",
    bad: ["sent_mails_total +0", "mail_enabled 1"],
    good: ["sent_mails_total +3", "mail_enabled 1"],
  },
  "91": {
    expr: "sum by (job) (rate(orders_total{%}[4s])) < 0.5 * sum by (job) (rate(visits_total{%}[4s]))",
    bad: ["orders_total +1", "visits_total +9"],
    good: ["orders_total +8", "visits_total +9"],
    idle: ["orders_total +0", "visits_total +0"],
  },
  "92": {
    expr: "avg_over_time(sum by (job) (rate(rejects_total{%}[2s]))[4s:1s]) / avg_over_time(sum by (job) (rate(offers_total{%}[2s]))[4s:1s]) > 0.2",
    ...share("rejects_total", "offers_total"),
  },
};
