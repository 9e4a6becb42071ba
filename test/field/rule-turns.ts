import type { Expected, Past } from "./past.ts";

type World = [after: string[] | undefined, expected: Expected];
/** A rule, its series while all is well and while there is trouble, and the worlds after the fix by name. */
type Rule = {
  expr: string;
  for?: number;
  before?: string[];
  good: string[];
  bad: string[];
  worlds: Record<string, World>;
};
const down: World = [undefined, "telemetry_gone"];

/** Shapes of public rules whose absence, states, gates or replaced series can hide that the trouble goes on. */
const rules: Record<string, Rule> = {
  lowtraffic: {
    expr: "sum(rate(orders_total{%}[5m])) < 1",
    good: ["orders_total +5"],
    bad: ["orders_total +0.1"],
    worlds: { fixed: [["orders_total +5"], "verified"], lasts: [["orders_total +0"], "firing"], gone: down },
  },
  nosuccess: {
    expr: 'sum(increase(jobs_total{%,result="success"}[5m])) < 1',
    good: ['jobs_total{result="success"} +1', 'jobs_total{result="failed"} +0'],
    bad: ['jobs_total{result="success"} +0', 'jobs_total{result="failed"} +1'],
    worlds: {
      fixed: [['jobs_total{result="success"} +1', 'jobs_total{result="failed"} +0'], "verified"],
      lasts: [['jobs_total{result="failed"} +1'], "telemetry_gone"],
      gone: down,
    },
  },
  successvanishes: {
    expr: '1 - sum(rate(calls_total{%,code="200"}[5m])) / sum(rate(calls_total{%}[5m])) > 0.05',
    good: ['calls_total{code="200"} +9', 'calls_total{code="500"} +0'],
    bad: ['calls_total{code="200"} +5', 'calls_total{code="500"} +5'],
    worlds: {
      fixed: [['calls_total{code="200"} +9', 'calls_total{code="500"} +0'], "verified"],
      lasts: [['calls_total{code="500"} +9'], "telemetry_gone"],
      idle: [['calls_total{code="200"} +0', 'calls_total{code="500"} +0'], "no_traffic"],
    },
  },
  halfdown: {
    expr: "count(up{%} == 0) / count(up{%}) > 0.4",
    good: ['up{instance="a"} 1', 'up{instance="b"} 1'],
    bad: ['up{instance="a"} 0', 'up{instance="b"} 1'],
    worlds: {
      fixed: [['up{instance="a"} 1', 'up{instance="b"} 1'], "verified"],
      lasts: [['up{instance="a"} 0', 'up{instance="b"} 0'], "firing"],
      gone: [['up{instance="b"} 1'], "telemetry_gone"],
    },
  },
  availability: {
    expr: "avg_over_time(up{%}[10m]) < 0.9",
    good: ['up{instance="a"} 1'],
    bad: ['up{instance="a"} 0'],
    worlds: {
      fixed: [['up{instance="a"} 1'], "verified"],
      lasts: [['up{instance="a"} 0'], "firing"],
      replaced: [['up{instance="b"} 1'], "verified"],
    },
  },
  quantileovertime: {
    expr: "quantile_over_time(0.9, latency_seconds{%}[5m]) > 1",
    good: ["latency_seconds 0.1"],
    bad: ["latency_seconds 3"],
    worlds: {
      fixed: [["latency_seconds 0.2"], "verified"],
      lasts: [["latency_seconds 2"], "firing"],
      nan: [["latency_seconds NaN"], "no_traffic"],
    },
  },
  meanlatency: {
    expr: "rate(handled_seconds_sum{%}[5m]) / rate(handled_seconds_count{%}[5m]) > 1",
    good: ["handled_seconds_sum +1", "handled_seconds_count +9"],
    bad: ["handled_seconds_sum +30", "handled_seconds_count +9"],
    worlds: {
      fixed: [["handled_seconds_sum +1", "handled_seconds_count +9"], "verified"],
      lasts: [["handled_seconds_sum +20", "handled_seconds_count +9"], "firing"],
      idle: [["handled_seconds_sum +0", "handled_seconds_count +0"], "no_traffic"],
    },
  },
  summary: {
    expr: 'rpc_seconds{quantile="0.99",%} > 1',
    good: ['rpc_seconds{quantile="0.99"} 0.1'],
    bad: ['rpc_seconds{quantile="0.99"} 3'],
    worlds: {
      fixed: [['rpc_seconds{quantile="0.99"} 0.1'], "verified"],
      lasts: [['rpc_seconds{quantile="0.99"} 3'], "firing"],
      idle: [['rpc_seconds{quantile="0.99"} NaN'], "no_traffic"],
    },
  },
  expiry: {
    expr: "cert_not_after_seconds{%} - time() < 604800",
    good: ["cert_not_after_seconds 4102444800"],
    bad: ["cert_not_after_seconds 1000"],
    worlds: {
      fixed: [["cert_not_after_seconds 4102444800"], "verified"],
      lasts: [["cert_not_after_seconds 1000"], "firing"],
      gone: [["other 1"], "telemetry_gone"],
    },
  },
  pressure: {
    expr: 'node_pressure{condition="Memory",status="true",%} == 1',
    good: [
      'node_pressure{condition="Memory",status="true"} 0',
      'node_pressure{condition="Memory",status="false"} 1',
    ],
    bad: [
      'node_pressure{condition="Memory",status="true"} 1',
      'node_pressure{condition="Memory",status="false"} 0',
    ],
    worlds: {
      fixed: [
        [
          'node_pressure{condition="Memory",status="true"} 0',
          'node_pressure{condition="Memory",status="false"} 1',
        ],
        "verified",
      ],
      lasts: [
        [
          'node_pressure{condition="Memory",status="true"} 1',
          'node_pressure{condition="Memory",status="false"} 0',
        ],
        "firing",
      ],
      gone: [["other 1"], "telemetry_gone"],
    },
  },
  restartsbyhand: {
    expr: "sum by (pod) (pod_restarts_total{%}) - sum by (pod) (pod_restarts_total{%} offset 5m) > 2",
    good: ['pod_restarts_total{pod="a"} +0'],
    bad: ['pod_restarts_total{pod="a"} +0.02'],
    worlds: {
      fixed: [['pod_restarts_total{pod="b"} +0'], "verified"],
      same: [['pod_restarts_total{pod="a"} +0'], "verified"],
      lasts: [['pod_restarts_total{pod="b"} +0.02'], "firing"],
    },
  },
  divergence: {
    expr: "max without (instance) (applied_index{%}) - min without (instance) (applied_index{%}) > 100",
    good: ['applied_index{instance="a"} 500', 'applied_index{instance="b"} 500'],
    bad: ['applied_index{instance="a"} 900', 'applied_index{instance="b"} 500'],
    worlds: {
      fixed: [['applied_index{instance="a"} 900', 'applied_index{instance="b"} 900'], "verified"],
      lasts: [['applied_index{instance="a"} 1900', 'applied_index{instance="b"} 500'], "firing"],
      gone: [
        ['applied_index{instance="a"} 900', 'up{instance="b"} 0', 'up{instance="a"} 1'],
        "telemetry_gone",
      ],
    },
  },
  mismatch: {
    expr: "wanted_version{%} != on (instance) running_version{%}",
    good: ["wanted_version 3", "running_version 3"],
    bad: ["wanted_version 4", "running_version 3"],
    worlds: {
      fixed: [["wanted_version 4", "running_version 4"], "verified"],
      lasts: [["wanted_version 4", "running_version 3"], "firing"],
      gone: [["wanted_version 4"], "telemetry_gone"],
    },
  },
  badminutes: {
    expr: "count_over_time((error_ratio{%} > 0.1)[10m:1m]) > 5",
    good: ["error_ratio 0.01"],
    bad: ["error_ratio 0.5"],
    worlds: {
      fixed: [["error_ratio 0.01"], "verified"],
      lasts: [["error_ratio 0.4"], "firing"],
      gone: [["other 1"], "telemetry_gone"],
    },
  },
  boolminutes: {
    expr: "avg_over_time((fill_ratio{%} > bool 0.8)[5m:1m]) > 0.5",
    good: ["fill_ratio 0.1"],
    bad: ["fill_ratio 0.9"],
    worlds: {
      fixed: [["fill_ratio 0.2"], "verified"],
      lasts: [["fill_ratio 0.95"], "firing"],
      gone: [["other 1"], "telemetry_gone"],
    },
  },
  unlessbigger: {
    expr: "sum by (zone) (zone_errors{%}) > 5 unless sum by (zone) (zone_outage{%}) > 0",
    good: ['zone_errors{zone="a"} 0', 'zone_outage{zone="a"} 0'],
    bad: ['zone_errors{zone="a"} 9', 'zone_outage{zone="a"} 0'],
    worlds: {
      fixed: [['zone_errors{zone="a"} 1', 'zone_outage{zone="a"} 0'], "verified"],
      lasts: [['zone_errors{zone="a"} 9', 'zone_outage{zone="a"} 1'], "muted"],
      gone: [['zone_errors{zone="b"} 0', 'zone_outage{zone="a"} 0'], "telemetry_gone"],
    },
  },
  eitheror: {
    expr: "(cache_errors{%} > 5) or (cache_hit_ratio{%} < 0.3 and on (instance) cache_lookups{%} > 10)",
    good: ["cache_errors 0", "cache_hit_ratio 0.9", "cache_lookups 50"],
    bad: ["cache_errors 0", "cache_hit_ratio 0.1", "cache_lookups 50"],
    worlds: {
      fixed: [["cache_errors 0", "cache_hit_ratio 0.9", "cache_lookups 50"], "verified"],
      lasts: [["cache_errors 9", "cache_hit_ratio 0.9", "cache_lookups 50"], "firing"],
      gone: [["cache_errors 0", "cache_lookups 50"], "telemetry_gone"],
    },
  },
  unary: {
    expr: "-headroom{%} > -5",
    good: ["headroom 50"],
    bad: ["headroom 1"],
    worlds: {
      fixed: [["headroom 40"], "verified"],
      lasts: [["headroom 2"], "firing"],
      gone: [["other 1"], "telemetry_gone"],
    },
  },
  groupleft: {
    expr: 'sum by (svc, code) (rate(gate_hits_total{%,code=~"5.."}[5m])) / ignoring (code) group_left () sum by (svc) (rate(gate_hits_total{%}[5m])) > 0.1',
    good: ['gate_hits_total{svc="s",code="200"} +9'],
    bad: ['gate_hits_total{svc="s",code="200"} +5', 'gate_hits_total{svc="s",code="502"} +5'],
    worlds: {
      fixed: [['gate_hits_total{svc="s",code="200"} +9'], "verified"],
      othercode: [
        ['gate_hits_total{svc="s",code="200"} +5', 'gate_hits_total{svc="s",code="503"} +5'],
        "firing",
      ],
      idle: [['gate_hits_total{svc="s",code="200"} +0'], "no_traffic"],
    },
  },
  orvectors: {
    expr: "(sum(rate(pay_errs_total{%}[5m])) or vector(0)) / (sum(rate(pay_all_total{%}[5m])) or vector(1)) > 0.1",
    good: ["pay_all_total +9"],
    bad: ["pay_errs_total +5", "pay_all_total +9"],
    worlds: {
      fixed: [["pay_errs_total +0", "pay_all_total +9"], "verified"],
      lasts: [["pay_errs_total +5", "pay_all_total +9"], "firing"],
      idle: [["pay_errs_total +0", "pay_all_total +0"], "no_traffic"],
      gone: down,
    },
  },
  undone: {
    expr: "sum by (q) (increase(taken_total{%}[5m])) == 0 and on (q) sum by (q) (increase(given_total{%}[5m])) > 0",
    good: ['taken_total{q="q"} +5', 'given_total{q="q"} +5'],
    bad: ['taken_total{q="q"} +0', 'given_total{q="q"} +5'],
    worlds: {
      fixed: [['taken_total{q="q"} +5', 'given_total{q="q"} +5'], "verified"],
      lasts: [['taken_total{q="q"} +0', 'given_total{q="q"} +0'], "muted"],
      gone: down,
    },
  },
  stale: {
    expr: "time() - timestamp(pushed_metric{%}) > 60 or absent(pushed_metric{%})",
    good: ["pushed_metric 1"],
    bad: ["other 1"],
    worlds: { fixed: [["pushed_metric 1"], "verified"], lasts: [["other 1"], "firing"] },
  },
  absentorzero: {
    expr: "absent(leader_here{%}) or leader_here{%} == 0",
    good: ["leader_here 1"],
    bad: ["leader_here 0"],
    worlds: {
      fixed: [["leader_here 1"], "verified"],
      lasts: [["leader_here 0"], "firing"],
      gone: [["other 1"], "firing"],
    },
  },
  sumovertime: {
    expr: "sum_over_time(failed_probes{%}[5m]) > 3",
    good: ["failed_probes 0"],
    bad: ["failed_probes 1"],
    worlds: {
      fixed: [["failed_probes 0"], "verified"],
      lasts: [["failed_probes 1"], "firing"],
      gone: [["other 1"], "telemetry_gone"],
    },
  },
  lastovertime: {
    expr: "last_over_time(batch_exit_code{%}[10m]) != 0",
    good: ["batch_exit_code 0"],
    bad: ["batch_exit_code 3"],
    worlds: {
      fixed: [["batch_exit_code 0"], "verified"],
      lasts: [["batch_exit_code 3"], "firing"],
      gone: [["other 1"], "telemetry_gone"],
    },
  },
  presence: {
    expr: "present_over_time(poison_message{%}[5m]) == 1",
    good: ["other 1"],
    bad: ["poison_message 1"],
    worlds: { lasts: [["poison_message 1"], "firing"] },
  },
  percentfull: {
    expr: "(1 - free_inodes{%} / total_inodes{%}) * 100 > 90",
    good: ["free_inodes 90", "total_inodes 100"],
    bad: ["free_inodes 1", "total_inodes 100"],
    worlds: {
      fixed: [["free_inodes 90", "total_inodes 100"], "verified"],
      zero: [["free_inodes 0", "total_inodes 0"], "no_traffic"],
      gone: [["total_inodes 100"], "telemetry_gone"],
    },
  },
  newpods: {
    expr: "delta(open_conns{%}[5m]) < -50",
    good: ['open_conns{pod="a"} 100'],
    bad: ['open_conns{pod="a"} 10'],
    worlds: {
      stays: [['open_conns{pod="b"} 10'], "muted"],
      back: [['open_conns{pod="b"} 100'], "verified"],
      gone: down,
    },
  },
  newpodsleak: {
    expr: "deriv(rss_bytes{%}[5m]) > 1000",
    good: ['rss_bytes{pod="a"} 1e6'],
    bad: ['rss_bytes{pod="a"} 1000000+5000'],
    worlds: {
      fixed: [['rss_bytes{pod="b"} 1000000'], "verified"],
      lasts: [['rss_bytes{pod="b"} 1000000+5000'], "firing"],
      gone: down,
    },
  },
  hpaflaps: {
    expr: "changes(hpa_replicas{%}[10m]) > 5",
    good: ["hpa_replicas 3"],
    bad: ["hpa_replicas 5%60"],
    worlds: { fixed: [["hpa_replicas 4"], "verified"], gone: [["other 1"], "telemetry_gone"] },
  },
  regexphase: {
    expr: 'sum by (pod) (pod_phase_is{%,phase=~"Failed|Unknown|Pending"}) > 0',
    for: 300000,
    good: ['pod_phase_is{pod="a",phase="Running"} 1', 'pod_phase_is{pod="a",phase="Failed"} 0'],
    bad: ['pod_phase_is{pod="a",phase="Running"} 0', 'pod_phase_is{pod="a",phase="Failed"} 1'],
    worlds: {
      fixed: [
        ['pod_phase_is{pod="b",phase="Running"} 1', 'pod_phase_is{pod="b",phase="Failed"} 0'],
        "verified",
      ],
      lasts: [
        ['pod_phase_is{pod="b",phase="Running"} 0', 'pod_phase_is{pod="b",phase="Pending"} 1'],
        "firing",
      ],
      gone: down,
    },
  },
  scalarlimit: {
    expr: "sum(conns_in_use{%}) > 0.9 * scalar(sum(conns_allowed{%}))",
    good: ["conns_in_use 5", "conns_allowed 100"],
    bad: ["conns_in_use 95", "conns_allowed 100"],
    worlds: {
      fixed: [["conns_in_use 5", "conns_allowed 100"], "verified"],
      gone: [["conns_in_use 95"], "telemetry_gone"],
      lasts: [["conns_in_use 99", "conns_allowed 100"], "firing"],
    },
  },
  countgroups: {
    expr: "count(group by (version) (app_build{%})) > 1",
    good: ['app_build{pod="a",version="1"} 1'],
    bad: ['app_build{pod="a",version="1"} 1', 'app_build{pod="b",version="2"} 1'],
    worlds: {
      fixed: [['app_build{pod="a",version="1"} 1', 'app_build{pod="b",version="1"} 1'], "verified"],
      lasts: [['app_build{pod="a",version="1"} 1', 'app_build{pod="b",version="3"} 1'], "firing"],
      gone: down,
    },
  },
  uptimeshort: {
    expr: "server_uptime_seconds{%} < 120",
    good: ["server_uptime_seconds 5000"],
    bad: ["server_uptime_seconds 10"],
    worlds: {
      fixed: [["server_uptime_seconds 500+1"], "verified"],
      lasts: [["server_uptime_seconds 15"], "firing"],
      gone: [["other 1"], "telemetry_gone"],
    },
  },
  idlegate: {
    expr: "rate(consumed_total{%}[5m]) == 0 and rate(produced_total{%}[5m]) > 0",
    good: ["consumed_total +5", "produced_total +5"],
    bad: ["consumed_total +0", "produced_total +5"],
    worlds: {
      fixed: [["consumed_total +5", "produced_total +5"], "verified"],
      lasts: [["consumed_total +0", "produced_total +0"], "muted"],
      gone: [["produced_total +5"], "telemetry_gone"],
    },
  },
  ratioofgauges: {
    expr: "failed_targets{%} / (failed_targets{%} + good_targets{%}) > 0.2",
    good: ["failed_targets 0", "good_targets 9"],
    bad: ["failed_targets 5", "good_targets 5"],
    worlds: {
      fixed: [["failed_targets 0", "good_targets 9"], "verified"],
      empty: [["failed_targets 0", "good_targets 0"], "no_traffic"],
      gone: [["good_targets 9"], "telemetry_gone"],
    },
  },
};

/** Each rule in each of its worlds. */
export const ruleTurns: Record<string, Past> = Object.fromEntries(
  Object.entries(rules).flatMap(([name, { worlds, good, bad, before = good, ...rule }]) =>
    Object.entries(worlds).map(([world, [after, expected]]) => [
      `${name}${world}`,
      { ...rule, before, bad, after, expected },
    ]),
  ),
);
