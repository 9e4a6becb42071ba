import { story } from "../assemble.ts";
import { hour, minute } from "../plot.ts";
import { calm, fixed, ramp, step, times, whole } from "../signals.ts";

/** Minute and hour of the job's start, two minutes before the onset, at five hours behind UTC. */
const behindUtc = (onset: number): string => {
  const started = new Date(onset - 2 * minute - 5 * hour);
  return `${started.getUTCMinutes()} ${started.getUTCHours()}`;
};

const cronHour = story({
  name: "nightly job that now runs by day",
  vars: (r) => ({
    name: r.pick(["payments-hub", "selfcare-web"]),
    zone: r.pick(["America/Bogota", "America/Lima"]),
  }),
  service: (v) => v.name,
  via: () => "statement-worker",
  others: () => ["ledger-api", "edge-ingress"],
  dependsOn: () => ["db-main"],
  symptom: (v) => `LatencyBudgetBurn: ${v.name} p95 above 2 s, database is saturated`,
  lag: [190, 1200],
  alert: [4, 12],
  hours: [9, 14],
  mayLack: ["symptom", "deploys"],
  culprit: (v, _r, onset) => ({
    title: "statement-worker: say the time zone of schedules",
    body: "The controller used the node's zone. The shared services team works in another one.",
    files: {
      "gitops/apps/statement-worker/templates/cronjob.yaml": `
@@ metadata: { name: statement-render }
 spec:
   schedule: "${behindUtc(onset)} * * *"
+  timeZone: ${v.zone}
   concurrencyPolicy: Forbid
+  startingDeadlineSeconds: 1800
   jobTemplate:
     spec:
-      parallelism: 8
+      parallelism: 12
+      backoffLimit: 2`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Lower the p95 goal of ${v.name} from 3 s to 2 s`,
        files: {
          [`gitops/monitoring/slo/${v.name}.yaml`]: `
 objective: 99.5
 window: 30d
 latency:
-  threshold: 3s
+  threshold: 2s
   quantile: 0.95
+  burn:
+    fast: 14.4
+    slow: 6`,
        },
      },
    },
    {
      service: "ledger-api",
      change: {
        title: "Move the balance snapshot to 02:15",
        files: {
          "gitops/apps/ledger-api/templates/cronjob.yaml": `
@@ metadata: { name: balance-snapshot }
 spec:
-  schedule: "45 1 * * *"
+  schedule: "15 2 * * *"
+  timeZone: Etc/UTC
   concurrencyPolicy: Forbid
   successfulJobsHistoryLimit: 3
-  failedJobsHistoryLimit: 1
+  failedJobsHistoryLimit: 5`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    const since = s.onset - 2 * minute;
    s.metric(
      "db-main",
      "cpu_utilisation_ratio",
      { level: 0.36, noise: 0.06 },
      ramp(since, s.onset + 2 * minute, 0.61),
    );
    s.metric(
      "db-main",
      'rows_read_per_second{application="statement-render"}',
      fixed(0),
      step(since, 410_000),
    );
    s.metric(
      v.name,
      "http_request_duration_p95_ms",
      { level: 140, noise: 0.1 },
      ramp(s.onset, s.onset + 4 * minute, 2300),
    );
    s.metric(v.name, "http_requests_per_second", { level: 140, noise: 0.05, daily: 0.3 }, calm);
    s.metric("statement-worker", 'kube_job_status_active{job="statement-render"}', whole(0), step(since, 12));
    s.log(
      since,
      "statement-worker",
      "info",
      `cronjob statement-render: created job statement-render-${s.r.int(29000000, 29900000)} (timeZone ${v.zone}); runs of the days before began five hours earlier`,
    );
    s.burst(
      "statement-worker",
      "info",
      7,
      () =>
        `rendering statements chunk ${s.r.int(1, 90)} of 960, ${s.r.int(300, 900)} accounts, reads from primary`,
    );
    s.burst(
      v.name,
      "warn",
      7,
      () => `slow query ${s.r.int(1400, 6000)} ms: SELECT by primary key, waited for I/O and processor`,
    );
  },
  twin: (s, v) => {
    s.metric(
      "db-main",
      "cpu_utilisation_ratio",
      { level: 0.36, noise: 0.06 },
      ramp(s.onset - 2 * minute, s.onset + 2 * minute, 0.6),
    );
    s.metric("db-main", 'rows_read_per_second{application="statement-render"}', fixed(0), calm);
    s.metric(
      v.name,
      "http_request_duration_p95_ms",
      { level: 140, noise: 0.1 },
      ramp(s.onset, s.onset + 4 * minute, 2300),
    );
    s.metric(
      v.name,
      "http_requests_per_second",
      { level: 140, noise: 0.05, daily: 0.3 },
      times(s.onset - 2 * minute, 4.4),
    );
    s.metric("statement-worker", 'kube_job_status_active{job="statement-render"}', whole(0), calm);
    s.burst(
      "edge-ingress",
      "info",
      8,
      () =>
        `"GET /offer?utm_source=push_${s.r.pick(["spring", "salary"])}_2026 HTTP/2.0" 200 ${s.r.int(900, 5000)}ms client=app/${s.r.int(7, 9)}.${s.r.int(0, 9)}`,
    );
    s.burst(
      v.name,
      "warn",
      7,
      () => `slow query ${s.r.int(1400, 6000)} ms: SELECT by primary key, waited for I/O and processor`,
    );
    s.log(
      s.onset - 100_000,
      "edge-ingress",
      "warn",
      "connections to public hosts quadrupled within two minutes, sources are ordinary mobile networks",
    );
  },
});

const logVolume = story({
  name: "log level that fills a volume",
  vars: (r) => ({
    name: r.pick(["usage-meter", "card-auth"]),
    mount: r.pick(["/var/spool/cdr", "/data/journal"]),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["fraud-score", "number-porting"],
  symptom: (v) =>
    `KubePersistentVolumeFillingUp: volume of ${v.name} is 92 % full and will be full within the hour`,
  lag: [150, 290],
  alert: [5, 14],
  mayLack: ["logs", "symptom"],
  culprit: (v) => ({
    title: "Settings of the tracing layer in one place",
    files: {
      [`gitops/apps/${v.name}/values-prod.yaml`]: `
@@ env:
   - name: RUST_LOG
-    value: "warn,${v.name.replace("-", "_")}=info"
+    value: "${v.name.replace("-", "_")}=trace,info"
+  - name: TRACE_FILE
+    value: "${v.mount}/trace.ndjson"
+  - name: OTEL_TRACES_SAMPLER
+    value: parentbased_traceidratio
   - name: TZ
     value: Etc/UTC`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Warn when the volume of ${v.name} is 80 % full`,
        files: {
          [`gitops/monitoring/rules/${v.name}-volume.yaml`]: `
@@ - alert: KubePersistentVolumeFillingUp
-      expr: kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.03
+      expr: kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.20
+      for: 5m
+      labels:
+        severity: page
       annotations:
-        summary: full
+        summary: "the volume of ${v.name} fills up"`,
        },
      },
    },
    {
      service: "fraud-score",
      change: {
        title: "fraud-score: trace level for one day",
        files: {
          "gitops/overlays/staging/fraud-score/values.yaml": `
@@ env:
   - name: RUST_LOG
-    value: info
+    value: trace
+  - name: TRACE_FILE
+    value: /tmp/trace.ndjson`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      v.name,
      `kubelet_volume_used_ratio{mount="${v.mount}"}`,
      { level: 0.34, noise: 0.002 },
      ramp(s.live, s.at, 0.59),
    );
    s.metric(v.name, 'file_bytes_written_per_second{file="trace.ndjson"}', fixed(0), (value, at) =>
      at < s.live ? value : 9_400_000 * (1 + 0.05 * s.r.normal()),
    );
    s.metric(v.name, "records_waiting_for_collection", { level: 420, noise: 0.1, whole: true }, calm);
    s.metric(v.name, "requests_per_second", { level: 260, noise: 0.05, daily: 0.3 }, calm);
    s.burst(
      v.name,
      "warn",
      6,
      () =>
        `disk: ${v.mount} ${s.r.int(90, 93)} % used; largest file trace.ndjson ${s.r.int(80, 99)} GiB, records ${s.r.int(1, 2)} GiB`,
    );
    s.burst(
      v.name,
      "trace",
      6,
      () =>
        `enter poll{task=${s.r.int(10, 99)}} h2::codec::framed_read received frame=Headers { stream_id: StreamId(${s.r.int(1, 900)}) }`,
    );
  },
  twin: (s, v) => {
    const since = Math.max(s.window.from, s.onset - 3 * hour - s.r.int(0, 60) * minute);
    s.metric(
      v.name,
      `kubelet_volume_used_ratio{mount="${v.mount}"}`,
      { level: 0.34, noise: 0.002 },
      ramp(since, s.at, 0.59),
    );
    s.metric(v.name, 'file_bytes_written_per_second{file="trace.ndjson"}', fixed(0), calm);
    s.metric(
      v.name,
      "records_waiting_for_collection",
      { level: 420, noise: 0.1, whole: true },
      ramp(since, s.at, 186_000),
    );
    s.metric(v.name, "requests_per_second", { level: 260, noise: 0.05, daily: 0.3 }, calm);
    const waited = Math.round((s.at - since) / minute);
    s.burst(
      v.name,
      "warn",
      6,
      () =>
        `disk: ${v.mount} ${s.r.int(90, 93)} % used; ${s.r.int(180, 186)} thousand record files wait for collection, oldest ${waited} min`,
    );
    s.burst(
      v.name,
      "warn",
      6,
      () =>
        `collector of the clearing partner (sftp, 203.0.113.${s.r.int(4, 6)}) has not logged in for ${waited} min; usual interval 5 min`,
    );
  },
});

export const schedule = [cronHour, logVolume];
