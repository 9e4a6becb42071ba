import type { Past } from "./past.ts";

/** One metric's value before, during and after the trouble: where it is back, and where it stays as bad. */
type Edge = { metric: string; before: string; bad: string; back: string; stays: string };
const level = (expr: string, { metric, before, bad, back, stays }: Edge): Record<"back" | "stays", Past> => {
  const lines = (value: string): string[] => [`${metric} ${value}`];
  const past = { expr, before: lines(before), bad: lines(bad) };
  return {
    back: { ...past, after: lines(back), expected: "verified" },
    stays: { ...past, after: lines(stays), expected: "muted" },
  };
};

/** Rules that are true only while something changes, though the trouble may stay. */
const levels: Record<string, Record<"back" | "stays", Past>> = {
  replicalost: level("delta(connected_slaves{%}[1m]) < 0", {
    ...{ metric: "connected_slaves{}", before: "2", bad: "1", back: "2", stays: "1" },
  }),
  podslost: level("delta(ready_pods{%}[5m]) < -2", {
    ...{ metric: "ready_pods{}", before: "10", bad: "4", back: "9", stays: "4" },
  }),
  stepdown: level("idelta(members{%}[5m]) < 0", {
    ...{ metric: "members{}", before: "3", bad: "2", back: "3", stays: "2" },
  }),
  leaking: level("deriv(heap_bytes{%}[5m]) > 1e6", {
    ...{
      metric: "heap_bytes{}",
      before: "1e9",
      bad: "1000000000+5000000",
      back: "1000000000",
      stays: "4000000000",
    },
  }),
  queuegrows: level("deriv(queue_depth{%}[5m]) > 1", {
    ...{ metric: "queue_depth{}", before: "10", bad: "10+5", back: "12", stays: "3000" },
  }),
  laggrows: level("sum by (group) (delta(consumer_lag{%}[5m])) > 500", {
    ...{ metric: 'consumer_lag{group="g"}', before: "50", bad: "50+4", back: "60", stays: "2400" },
  }),
  lagrate: level("rate(broker_lag{%}[5m]) > 1", {
    ...{ metric: "broker_lag{}", before: "50", bad: "50+4", back: "60", stays: "2400" },
  }),
  increasing: level("increase(pool_usage{%}[5m]) > 20", {
    ...{ metric: "pool_usage{}", before: "10", bad: "10+0.5", back: "11", stays: "310" },
  }),
  shortoffset: level("workers{%} / workers{%} offset 10m < 0.5", {
    ...{ metric: "workers{}", before: "10", bad: "3", back: "8", stays: "3" },
  }),
  shortgrowth: level("pending_jobs{%} - pending_jobs{%} offset 5m > 50", {
    ...{ metric: "pending_jobs{}", before: "5", bad: "5+1", back: "9", stays: "600" },
  }),
  anygrowth: level("delta(waiting_threads{%}[5m]) > 0", {
    ...{ metric: "waiting_threads{}", before: "10", bad: "10+1", back: "14", stays: "610" },
  }),
  jumped: level("abs(delta(queue_age{%}[5m])) > 60", {
    ...{ metric: "queue_age{}", before: "5", bad: "900", back: "7", stays: "900" },
  }),
  spread: level("max_over_time(depth_of_pool{%}[10m]) - min_over_time(depth_of_pool{%}[10m]) > 40", {
    ...{ metric: "depth_of_pool{}", before: "50", bad: "5", back: "48", stays: "5" },
  }),
  averaged: level("avg_over_time(delta(open_slots{%}[2m])[4m:1m]) < -3", {
    ...{ metric: "open_slots{}", before: "40", bad: "40-0.06", back: "40", stays: "4" },
  }),
  otherconfig: level("request_limit{%} != request_limit{%} offset 5m", {
    ...{ metric: "request_limit{}", before: "100", bad: "10", back: "100", stays: "10" },
  }),
  nodeflaps: level('sum by (node) (changes(node_ready{%,node="n"}[5m])) > 0', {
    ...{ metric: 'node_ready{node="n"}', before: "1", bad: "0", back: "1", stays: "0" },
  }),
  fewerslaves: level("changes(online_slaves{%}[5m]) > 0", {
    ...{ metric: "online_slaves{}", before: "3", bad: "2", back: "3", stays: "2" },
  }),
  downedge: level("changes(backend_up{%}[5m]) > 0 and backend_up{%} == 0", {
    ...{ metric: "backend_up{}", before: "1", bad: "0", back: "1", stays: "0" },
  }),
  fewandfewer: level("delta(live_nodes{%}[5m]) < 0 and live_nodes{%} < 3", {
    ...{ metric: "live_nodes{}", before: "3", bad: "2", back: "3", stays: "2" },
  }),
};

const changed = (
  expr: string,
  [before, bad, after]: [string[], string[], string[]],
  expected: Past["expected"],
): Past => ({
  ...{ expr, before, bad, after, expected },
});

/** Rules about events, where quiet is proof; and edges of another kind. */
const others: Record<string, Past> = {
  restarted: changed(
    "changes(process_start_time_seconds{%}[5m]) > 0",
    [
      ["process_start_time_seconds{} 1000"],
      ["process_start_time_seconds{} 2000"],
      ["process_start_time_seconds{} 3000"],
    ],
    "verified",
  ),
  ledanew: changed(
    "changes(is_leader{%}[5m]) > 0",
    [["is_leader{} 1"], ["is_leader{} 0"], ["is_leader{} 0"]],
    "verified",
  ),
  killed: changed(
    "increase(oom_kills{%}[5m]) > 0",
    [["oom_kills{} 0"], ["oom_kills{} +0.1"], ["oom_kills{} +0"]],
    "verified",
  ),
  deadlocks: changed(
    "delta(deadlocks{%}[5m]) > 0",
    [["deadlocks{} +0"], ["deadlocks{} +0.1"], ["deadlocks{} +0"]],
    "verified",
  ),
  erred: changed(
    "errors_total{%} - errors_total{%} offset 5m > 5",
    [["errors_total{} +0"], ["errors_total{} +1"], ["errors_total{} +0"]],
    "verified",
  ),
  reset: changed(
    "resets(ticks_total{%}[5m]) > 0",
    [["ticks_total{} +9"], ["ticks_total{} 5+1"], ["ticks_total{} +9"]],
    "verified",
  ),
  stuck: changed(
    "delta(height_of_chain{%}[5m]) < 1",
    [["height_of_chain{} 100+1"], ["height_of_chain{} 1300"], ["height_of_chain{} 1300+1"]],
    "verified",
  ),
  stuckagain: changed(
    "delta(height_of_chain{%}[5m]) < 1",
    [["height_of_chain{} 100+1"], ["height_of_chain{} 1300"], ["height_of_chain{} 1300"]],
    "firing",
  ),
  unmoved: changed(
    "abs(delta(sensor_heat{%}[5m])) < 0.1",
    [["sensor_heat{} 20+0.01"], ["sensor_heat{} 32"], ["sensor_heat{} 20+0.01"]],
    "verified",
  ),
  serieslost: changed(
    "session_pods{%} offset 10m unless session_pods{%}",
    [["session_pods{} 1"], ["other{} 1"], ["other{} 1"]],
    "telemetry_gone",
  ),
  seriescame: changed(
    "wrong_build{%} unless wrong_build{%} offset 10m",
    [["other{} 1"], ["wrong_build{} 1"], ["wrong_build{} 1"]],
    "muted",
  ),
  countlost: changed(
    "count(mesh_pods{%} offset 10m) > count(mesh_pods{%})",
    [['mesh_pods{pod="a"} 1', 'mesh_pods{pod="b"} 1'], ['mesh_pods{pod="a"} 1'], ['mesh_pods{pod="a"} 1']],
    "muted",
  ),
  heartbeat: changed(
    "absent_over_time(heartbeat{%}[5m])",
    [["heartbeat{} 1"], ["other{} 1"], ["heartbeat{} 1"]],
    "verified",
  ),
  heartbeatonce: {
    ...changed(
      "absent_over_time(keepalive{%}[35m])",
      [["other{} 1"], ["other{} 1"], ["other{} 1"]],
      "telemetry_gone",
    ),
    once: ["keepalive{} 1"],
  },
  failedruns: changed(
    'delta(finished_runs{%,status="Failed"}[5m]) > 0',
    [
      ['finished_runs{status="Failed"} 3'],
      ['finished_runs{status="Failed"} 3+0.1'],
      ['finished_runs{status="Failed"} 63'],
    ],
    "verified",
  ),
  jumpedgone: changed(
    "abs(delta(room_heat{%}[5m])) > 5",
    [["room_heat{} 20"], ["room_heat{} 60"], ["other{} 1"]],
    "telemetry_gone",
  ),
  // It comes and goes: quiet for no longer than before proves nothing.
  comesandgoes: {
    ...changed(
      "hung_workers{%} > 5",
      [["hung_workers{} 0"], ["hung_workers{} 9%270"], ["hung_workers{} 0"]],
      "still_firing",
    ),
    looked: { afterMs: 120_000, holdMs: 60_000 },
  },
  wentforlonger: {
    ...changed(
      "hung_threads{%} > 5",
      [["hung_threads{} 0"], ["hung_threads{} 9%270"], ["hung_threads{} 0"]],
      "verified",
    ),
    looked: { afterMs: 300_000, holdMs: 60_000 },
  },
};

export const edges: Record<string, Past> = {
  ...Object.fromEntries(
    Object.entries(levels).flatMap(([name, { back, stays }]) => [
      [`${name}back`, back],
      [`${name}stays`, stays],
    ]),
  ),
  ...others,
};
