import assert from "node:assert/strict";
import { test } from "node:test";
import { withFixedPast } from "../../shared/promql/baseline.ts";
import { withoutGates } from "../../shared/promql/gates.ts";
import { grouped } from "../../shared/promql/grouped.ts";
import { withHeldGates } from "../../shared/promql/held-gates.ts";

test("clocks, rollouts and the right side of unless mute an expression; a symptom does not", () => {
  assert.equal(withoutGates("(a > b) and (changes(c[10m]) == 0)"), "(a > b)");
  assert.equal(withoutGates("a > 1 and on() hour() > 8 < 18"), "a > 1");
  assert.equal(withoutGates("a > 1 unless on(x) b == 1"), "a > 1");
  assert.equal(withoutGates("vector(1) unless on() ok == 1"), "vector(1) unless on() ok == 1");
  assert.equal(withoutGates("a > 1 and b > 2"), "(a > 1) and (b > 2)");
  assert.equal(
    withoutGates("rate(e[5m]) / rate(r[5m]) > 0.1 and rate(r[5m]) > 5"),
    "rate(e[5m]) / rate(r[5m]) > 0.1",
  );
  assert.equal(withoutGates("(e / r > 1) and on (x) (q > 5)"), "((e / r > 1)) and on (x) ((q > 5))");
  assert.equal(withoutGates("changes(a[5m]) > 1"), "changes(a[5m]) > 1");
});

test("maintenance mutes an expression, and a forecast that came true is trouble still", () => {
  assert.equal(withoutGates("a > 1 and on (x) maintenance_mode == 0"), "a > 1");
  assert.equal(withoutGates("a > 1 and on (x) node_drained != 1"), "a > 1");
  for (const gate of [
    "rollout_in_progress == 0",
    "app:deploying < 1",
    "backup_running != 1",
    "max_over_time(db_migration_running[5m]) == 0",
    "job_enabled == 1",
    "alerting_enabled > 0",
    "on_business_hours == 1",
  ])
    assert.equal(withoutGates(`a > 1 and on (x) ${gate}`), "a > 1", gate);
  for (const symptom of [
    "a > 1 and on (x) index_read_only == 1",
    "a > 1 and on (x) io_running == 0",
    "a > 1 and on (x) backup_success == 0",
    "a > 1 and on (x) deploy_failed == 0",
    "a > 1 and on (x) consumers == 0",
    "a == 0 and on (x) job_enabled == 1",
  ])
    assert.equal(withoutGates(symptom), symptom.replace(/(.*) and on \(x\) (.*)/, "($1) and on (x) ($2)"));
  assert.equal(
    withoutGates('predict_linear(free{m="/"}[1h], 3600) < 0'),
    '(predict_linear(free{m="/"}[1h], 3600) < 0 or free{m="/"} <= 0)',
  );
});

const bare = (expr: string): string => expr.replaceAll(/[()]/g, "");

test("a condition that a rule makes sense, a part that is large enough and a band's bad side mute; a symptom does not", () => {
  for (const [expr, text] of [
    ["io_running == 0 and on (x) server_id > 0", "io_running == 0"],
    ["rate(a[5m]) <= 0 and (targets > 0 or rules >= 1)", "rate(a[5m]) <= 0"],
    ["lag > 30 and on (x) is_replica == 1", "lag > 30"],
    ["used / size < 0.5 and used > 100", "used / size < 0.5"],
    ["wanted - free > 0 and free > 0", "wanted - free > 0"],
    ["3 <= days_left < 20", "(days_left) < 20"],
    ["(load > 80) < 95", "load > 80"],
    ["days_left < 20 and days_left > 3", "days_left < 20"],
    ["predict_linear(a[5m], 60) > on (x) max", "(predict_linear(a[5m], 60) > on (x) max or a >= on (x) max)"],
  ])
    assert.equal(bare(withoutGates(expr ?? "")), bare(text ?? ""));
  for (const symptom of [
    "time() - done > 60 and waiting > 0",
    "up == 0 and failed > 0",
    "a > 0 and b > 0",
    "3 < a > 5",
    "deriv(a[1h]) > 0.1 and a > 5",
  ])
    assert.equal(bare(withoutGates(symptom)), bare(symptom));
});

test("a factor that switches an expression off is left out", () => {
  for (const [expr, text] of [
    ["errors * on (x) group_left () alerting_enabled > 5", "errors > 5"],
    ["(errors > bool 5) * on (x) (maintenance == bool 0) > 0", "(errors > bool 5) > 0"],
    ["(monitoring_enabled * errors) * on (x) job_expected > 5", "errors > 5"],
    ["errors * 2 > 5", "errors * 2 > 5"],
    [
      "errors * on (pod) group_left (version) build_info > 5",
      "errors * on (pod) group_left (version) build_info > 5",
    ],
  ])
    assert.equal(withoutGates(expr ?? ""), text);
});

test("a gate within an expression is held fast at the onset, and one outside of it is not", () => {
  const inner = "count by (x) (a > 5 and on (pod) draining == 0) > 0";
  assert.equal(withHeldGates(inner, 7_500), "count by (x) (a > 5 and on (pod) draining @ 7.5 == 0) > 0");
  assert.equal(
    withHeldGates("sum(a > 5 unless on (pod) max_over_time(ignored[5m]) == 1) > 0 and b > 1", 7_000),
    "sum(a > 5 unless on (pod) max_over_time(ignored[5m] @ 7) == 1) > 0 and b > 1",
  );
  assert.equal(
    withHeldGates("min by (x) (time() - (done > 0)) > 60", 7_000),
    "min by (x) (time() - (done and done @ 7 > 0)) > 60",
  );
  for (const same of [
    "a > 5 and on (pod) draining == 0",
    "a > 5 unless b",
    "count(a > 5 and b > 3) > 0",
    "a >",
  ])
    assert.equal(withHeldGates(same, 7_000), same);
});

test("too few requests mute a share or a time, and nothing else", () => {
  for (const [symptom, gate] of [
    ["error_ratio > 0.1", "requests_per_second > 5"],
    ["job:errors:ratio_rate5m > 0.1", "job:requests:rate5m > 5"],
    ["histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m]))) > 1", "sum(rate(a_count[5m])) >= 2"],
    ["sum(a) / sum(b) > 0.1", "increase(c_total[5m]) > 10"],
    ["rate(consumed_total[5m]) < 0.1", "rate(published_total[5m]) > 1"],
  ])
    assert.equal(withoutGates(`${symptom} and on (x) ${gate}`), symptom);
  for (const both of [
    "error_ratio > 0.1 and on (x) latency_seconds > 5",
    "error_ratio > 0.1 and on (x) queue_depth > 5",
    "queue_depth > 5 and on (x) requests_per_second > 5",
    "rate(consumed_total[5m]) == 0 and on (x) messages_ready > 5",
    "sum(a) / sum(b) > 0.1 and on (x) rate(failures_total[5m]) > 2",
  ])
    assert.equal(withoutGates(both), both.replace(/(.*) and on \(x\) (.*)/, "($1) and on (x) ($2)"));
});

test("a time to warm up mutes an expression; the age of a job, or of the last work, is a symptom", () => {
  for (const gate of [
    "time() - process_start_time_seconds > 600",
    "time() - max by (pod) (kube_pod_created) >= 600",
    "service_uptime_seconds > 600",
    "container_start_time_seconds < time() - 600",
    "time() - last_deploy_timestamp > 600",
  ])
    assert.equal(withoutGates(`a > 1 and on (pod) ${gate}`), "a > 1");
  for (const symptom of [
    "time() - last_sent_seconds > 600",
    "time() - kube_job_status_start_time > 600",
    "time() - process_start_time_seconds < 600",
    "node_boot_time_seconds > 600 * b",
  ])
    assert.equal(withoutGates(`a > 1 and on (pod) ${symptom}`), `(a > 1) and on (pod) (${symptom})`);
});

test("a condition on a metric's own past mutes an expression; one on another metric's past does not", () => {
  assert.equal(withoutGates(grouped("up == 0 and up offset 5m == 1")), "up == 0");
  assert.equal(withoutGates("(a offset 1h > 5) and (a < 1)"), "(a < 1)");
  assert.equal(withoutGates("a > 10 and on (x) avg_over_time(a[5m] offset 5m) > 10"), "a > 10");
  for (const other of ["a == 0 and b offset 5m == 1", "a > 1 and a - a offset 1h > 5"])
    assert.equal(withoutGates(grouped(other)), grouped(other).replace(/(.*) and (.*)/, "($1) and ($2)"));
});

test("an average that a metric is compared with is held fast at the onset; what grew, and a condition beside it, is not", () => {
  const times = { onsetAt: 6_400_000, now: 6_500_000 };
  for (const [expr, fixed] of [
    ["a > 2 * avg_over_time(a[1d])", "a > 2 * avg_over_time(a[1d] @ 6400)"],
    ["rate(a[5m]) > 3 * rate(a[1h])", "rate(a[5m]) > 3 * rate(a[1h] @ 6400)"],
    [
      "(a - avg_over_time(a[1h])) / stddev_over_time(a[1h]) > 3",
      "(a - avg_over_time(a[1h] @ 6400)) / stddev_over_time(a[1h] @ 6400) > 3",
    ],
    [
      "rate(a[5m]) > 2 * avg_over_time(rate(a[5m])[1d:5m])",
      "rate(a[5m]) > 2 * avg_over_time(rate(a[5m])[1d:5m] @ 6400)",
    ],
  ] as const)
    assert.equal(withFixedPast(expr, times), fixed);
  for (const same of [
    "a > 1 and avg_over_time(a[1h]) > 1",
    "delta(a[1h]) / a > 0.5",
    "max_over_time(a[1h]) - min_over_time(a[1h]) > 5",
    "rate(errors[5m]) / rate(all[1h]) > 1",
    "avg_over_time(a[1h]) > 5",
  ])
    assert.equal(withFixedPast(same, times), same);
  assert.equal(
    withFixedPast("a > 2 * avg_over_time(a[1d])", { onsetAt: 2, now: 1 }),
    "a > 2 * avg_over_time(a[1d])",
  );
});

test("the past that a rule compares with is held fast once the trouble is its past", () => {
  const expr = "sum(rate(a[5m])) < 0.5 * sum(rate(a[5m] offset 1h)) and b > b offset 5m";
  const onsetAt = 10_000_000;
  const hour = 60 * 60_000;
  assert.equal(withFixedPast(expr, { onsetAt, now: onsetAt + hour }), expr);
  assert.equal(
    withFixedPast(expr, { onsetAt, now: onsetAt + hour + 1 }),
    "sum(rate(a[5m])) < 0.5 * sum(rate(a[5m] @ 6400)) and b > b offset 5m",
  );
  assert.equal(
    withFixedPast("p99 > 2 * p99 offset 1h", { onsetAt, now: onsetAt + 2 * hour }),
    "p99 > 2 * p99 @ 6400",
  );
  assert.equal(withFixedPast("a offset -1h > 1", { onsetAt, now: onsetAt + 2 * hour }), "a offset -1h > 1");
});
