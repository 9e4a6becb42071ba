import { story } from "../assemble.ts";
import { minute } from "../plot.ts";
import { becomes, both, calm, fixed, ramp, saw, step, times, whole } from "../signals.ts";

const memoryLimit = story({
  name: "memory limit cut below the working set",
  vars: (r) => ({
    name: r.pick(["ledger-api", "payments-hub", "statement-worker"]),
    after: r.pick([512, 576, 640]),
    title: r.pick([
      "Right-size requests from thirty days of usage",
      "Cost review: follow the advisor",
      "Tune values, part 2",
    ]),
    node: `worker-${r.int(10, 60)}`,
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["card-auth", "selfcare-web"],
  symptom: (v) => `KubePodCrashLooping: pod ${v.name} is restarting more than 3 times in 10 minutes`,
  lag: [1, 95],
  alert: [4, 11],
  hours: [7, 18],
  mayLack: ["logs", "symptom"],
  culprit: (v) => ({
    title: v.title,
    files: {
      [`gitops/apps/${v.name}/values-prod.yaml`]: `
@@ resources:
   requests:
-    cpu: "1"
-    memory: 1Gi
+    cpu: 700m
+    memory: ${v.after}Mi
   limits:
-    memory: 1536Mi
+    memory: ${v.after}Mi
 env:
   - name: DOTNET_GCHeapHardLimitPercent
     value: "85"`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Alert on ${v.name} pods that restart`,
        files: {
          [`gitops/monitoring/rules/${v.name}-pods.yaml`]: `
@@ groups:
   - name: ${v.name}.pods
     rules:
+      - alert: KubePodCrashLooping
+        expr: increase(kube_pod_container_status_restarts_total{container="${v.name}"}[10m]) > 3
+        for: 2m
+        labels:
+          severity: page
       - record: ${v.name}:restarts:rate10m`,
        },
      },
    },
    {
      service: "card-auth",
      change: {
        title: "Halve memory of card-auth replicas, double their number",
        files: {
          "gitops/apps/card-auth/values-prod.yaml": `
-replicaCount: 6
+replicaCount: 12
 resources:
   limits:
-    memory: 512Mi
+    memory: 256Mi
   requests:
-    memory: 384Mi
+    memory: 192Mi`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(v.name, "container_spec_memory_limit_mib", fixed(1536), becomes(s.live, v.after));
    s.metric(
      v.name,
      "container_memory_working_set_mib",
      { level: v.after - 60, noise: 0.02 },
      both(calm, saw(s.onset, 3 * minute, 58)),
    );
    s.metric(v.name, "kube_pod_container_status_restarts_total", whole(2), ramp(s.onset, s.at, 9));
    s.metric("card-auth", "kube_pod_container_status_restarts_total", whole(4), calm);
    s.metric(v.name, "http_requests_per_second", { level: 160, noise: 0.05, daily: 0.4 }, calm);
    s.burst(
      "cluster-base",
      "warn",
      8,
      () =>
        `Memory cgroup out of memory: killed process ${s.r.int(900, 9000)} (dotnet) anon-rss:${v.after - s.r.int(2, 9)}MiB pod=${v.name}-${s.r.hex(5)} limit=${v.after}Mi`,
    );
    s.burst(
      v.name,
      "warn",
      6,
      () =>
        `Back-off restarting failed container; last state: terminated, reason OOMKilled, exit code 137, pod ${v.name}-${s.r.hex(5)}`,
    );
  },
  twin: (s, v) => {
    s.metric(v.name, "container_spec_memory_limit_mib", fixed(1536), calm);
    s.metric(
      v.name,
      "container_memory_working_set_mib",
      { level: v.after - 40, noise: 0.02 },
      saw(s.onset, 3 * minute, 20),
    );
    s.metric(v.name, "kube_pod_container_status_restarts_total", whole(2), ramp(s.onset, s.at, 6));
    s.metric("card-auth", "kube_pod_container_status_restarts_total", whole(4), ramp(s.onset, s.at, 7));
    s.metric(
      "cluster-base",
      `node_edac_uncorrectable_errors_total{node="${v.node}"}`,
      whole(0),
      ramp(s.onset - 4 * minute, s.at, 46),
    );
    s.burst(
      "cluster-base",
      "warn",
      8,
      () =>
        `kernel: EDAC MC0: ${s.r.int(1, 4)} UE memory read error on DIMM_B${s.r.int(1, 2)}; mce: killing process ${s.r.int(900, 9000)} due to hardware memory corruption node=${v.node}`,
    );
    s.burst(
      v.name,
      "warn",
      4,
      () =>
        `Back-off restarting failed container; last state: terminated, signal 7 (SIGBUS), pod ${v.name}-${s.r.hex(5)} node=${v.node}`,
    );
    s.burst(
      "card-auth",
      "warn",
      3,
      () =>
        `Back-off restarting failed container; last state: terminated, signal 7 (SIGBUS), pod card-auth-${s.r.hex(5)} node=${v.node}`,
    );
  },
});

const cpuThrottle = story({
  name: "CPU limit that throttles at the peak",
  vars: (r) => ({
    name: r.pick(["fraud-score", "card-auth", "usage-meter"]),
    limit: r.pick([450, 500, 550]),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["payments-hub", "edge-ingress"],
  symptom: (v) => `LatencyBudgetBurn: ${v.name} p99 above 250 ms, budget burns 14 times too fast`,
  lag: [2, 200],
  alert: [5, 13],
  hours: [9, 13],
  mayLack: ["logs", "symptom"],
  culprit: (v) => ({
    title: "Set limits everywhere, as the quota now demands",
    body: "The namespace quota counts limits. Containers without a limit are refused from next month on.",
    files: {
      [`gitops/apps/${v.name}/values-prod.yaml`]: `
@@ resources:
   requests:
     cpu: 500m
     memory: 512Mi
+  limits:
+    cpu: ${v.limit}m
+    memory: 1Gi
 autoscaling:
   enabled: false`,
      [`gitops/apps/${v.name}/templates/sidecar.yaml`]: `
@@ - name: log-shipper
           resources:
+            requests:
+              cpu: 20m
+            limits:
+              cpu: 100m
+              memory: 128Mi`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `perf: avoid one allocation per request on the latency path of ${v.name}`,
        files: {
          [`services/${v.name}/src/handler.rs`]: `
@@ async fn decide(State(app): State<App>, body: Bytes) -> Response
-    let request: Request = serde_json::from_slice(&body.to_vec())?;
+    let request: Request = serde_json::from_slice(&body)?;
     let started = Instant::now();
     let answer = app.decide(&request).await;
-    app.metrics.latency.record(started.elapsed().as_millis() as f64, &[]);
+    app.metrics.latency.record(started.elapsed().as_secs_f64() * 1000.0, &[]);
+    // The budget of the caller is 250 ms at p99.
     answer.into_response()`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      v.name,
      "container_cpu_cfs_throttled_periods_ratio",
      { level: 0.002, noise: 0.4 },
      both(step(s.live, 0.03), ramp(s.onset - 10 * minute, s.onset + 2 * minute, 0.58)),
    );
    s.metric(v.name, "container_cpu_usage_cores", { level: 0.42, noise: 0.06 }, (value, at) =>
      at < s.live ? value + 0.1 : Math.min(v.limit / 1000, value + 0.07),
    );
    s.metric(
      v.name,
      'request_duration_ms{quantile="0.99"}',
      { level: 92, noise: 0.08 },
      ramp(s.onset - 2 * minute, s.onset + 3 * minute, 410),
    );
    s.metric(v.name, "requests_per_second", { level: 310, noise: 0.05, daily: 0.3 }, calm);
    s.metric("cluster-base", "node_cpu_steal_ratio", { level: 0.004, noise: 0.3 }, calm);
    s.burst(
      v.name,
      "warn",
      9,
      () =>
        `decision took longer than its budget elapsed_ms=${s.r.int(260, 620)} queued_ms=${s.r.int(150, 400)}`,
    );
    s.burst(
      "cluster-base",
      "warn",
      4,
      () =>
        `CPUThrottlingHigh: container ${v.name} throttled in ${s.r.int(45, 66)} % of periods (quota ${v.limit}m)`,
    );
  },
  twin: (s, v) => {
    s.metric(v.name, "container_cpu_cfs_throttled_periods_ratio", { level: 0.003, noise: 0.4 }, calm);
    s.metric(v.name, "container_cpu_usage_cores", { level: 0.52, noise: 0.06 }, times(s.onset, 0.8));
    s.metric(
      v.name,
      'request_duration_ms{quantile="0.99"}',
      { level: 92, noise: 0.08 },
      ramp(s.onset - 1 * minute, s.onset + 3 * minute, 380),
    );
    s.metric(v.name, "requests_per_second", { level: 310, noise: 0.05, daily: 0.3 }, calm);
    s.metric(
      "cluster-base",
      "node_cpu_steal_ratio",
      { level: 0.004, noise: 0.3 },
      ramp(s.onset - 2 * minute, s.onset + minute, 0.44),
    );
    s.burst(
      v.name,
      "warn",
      6,
      () =>
        `decision took longer than its budget elapsed_ms=${s.r.int(260, 620)} queued_ms=${s.r.int(150, 400)}`,
    );
    s.burst(
      "payments-hub",
      "warn",
      4,
      () => `Heartbeat took longer than 1 s: the thread pool got no processor for ${s.r.int(1100, 2600)} ms`,
    );
    s.burst(
      "cluster-base",
      "warn",
      3,
      () =>
        `hypervisor event for pool general-a: host contention, steal ${s.r.int(38, 52)} %, provider maintenance ticket open`,
    );
  },
});

export const limits = [memoryLimit, cpuThrottle];
