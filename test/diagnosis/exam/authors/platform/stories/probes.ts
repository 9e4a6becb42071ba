import { story } from "../assemble.ts";
import { minute } from "../plot.ts";
import { calm, fixed, ramp, step, whole } from "../signals.ts";

const startup = story({
  name: "probe that is less patient than the start",
  vars: (r) => ({ name: r.pick(["statement-worker", "ledger-api", "payments-hub"]), warm: r.int(34, 55) }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["dunning", "cluster-base"],
  symptom: (v) => `KubePodCrashLooping: ${v.name}, new pods do not become ready`,
  lag: [1, 5],
  alert: [4, 12],
  mayLack: ["symptom", "series"],
  culprit: (v) => ({
    title: "Use the library chart's probes",
    files: {
      [`gitops/apps/${v.name}/templates/deployment.yaml`]: `
@@ containers:
-          startupProbe:
-            httpGet: { path: /health, port: http }
-            periodSeconds: 5
-            failureThreshold: 30
-          livenessProbe:
-            httpGet: { path: /health, port: http }
-            timeoutSeconds: 5
-            failureThreshold: 6
+          {{- include "library.probes" . | nindent 10 }}
           resources:`,
      [`gitops/apps/${v.name}/Chart.yaml`]: `
 name: ${v.name}
 dependencies:
   - name: library
-    version: 1.8.0
+    version: 2.0.1
     repository: oci://registry.bank.example/charts`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Log each step while a pod of ${v.name} becomes ready`,
        files: {
          [`services/${v.name}/src/Startup/WarmUp.cs`]: `
@@ public async Task StartAsync(CancellationToken ct)
         foreach (var step in _steps)
         {
+            var watch = Stopwatch.StartNew();
             await step.RunAsync(ct);
+            _logger.LogInformation(
+                "warm-up step {Step} took {Seconds} s",
+                step.Name,
+                watch.Elapsed.TotalSeconds);
         }
         _ready.Set();`,
        },
      },
    },
    {
      service: "dunning",
      change: {
        title: "Shorter liveness timeout for dunning",
        files: {
          "gitops/apps/dunning/templates/deployment.yaml": `
@@ livenessProbe:
             httpGet: { path: /up, port: http }
-            timeoutSeconds: 10
-            failureThreshold: 6
+            timeoutSeconds: 3
+            failureThreshold: 4
+            periodSeconds: 15
           resources:`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(v.name, "kube_pod_container_status_restarts_total", whole(1), ramp(s.onset, s.at, 14));
    s.metric(v.name, "kube_deployment_status_replicas_unavailable", whole(0), step(s.live + 40_000, 3));
    s.metric(v.name, "warm_up_seconds", { level: v.warm, noise: 0.03 }, calm);
    s.metric("dunning", "kube_pod_container_status_restarts_total", whole(2), calm);
    s.burst(
      "cluster-base",
      "warn",
      8,
      () =>
        `Liveness probe failed: Get http://10.8.${s.r.int(1, 40)}.${s.r.int(2, 250)}:8080/health: connect refused; container ${v.name} failed liveness probe after ${s.r.int(14, 16)} s and will be restarted`,
    );
    s.burst(
      v.name,
      "info",
      6,
      () =>
        `Application is shutting down, signal SIGTERM during warm-up (${s.r.int(11, 15)} s of about ${v.warm} s)`,
    );
  },
  twin: (s, v) => {
    s.metric(v.name, "kube_pod_container_status_restarts_total", whole(1), ramp(s.onset, s.at, 14));
    s.metric(v.name, "kube_deployment_status_replicas_unavailable", whole(0), step(s.onset, 3));
    s.metric("vault", "vault_core_unsealed", whole(1), step(s.onset - minute, -1));
    s.metric(
      "dunning",
      "kube_pod_container_status_restarts_total",
      whole(2),
      ramp(s.onset + minute, s.at, 5),
    );
    s.burst(
      "vault",
      "error",
      4,
      () => "core: vault is sealed; hardware security module slot 2 does not answer, auto-unseal failed",
    );
    s.burst(
      v.name,
      "error",
      7,
      () =>
        "Unhandled exception. VaultException: 503 Vault is sealed, configuration cannot be read; exit code 134",
      () =>
        "VaultSharp.Core.VaultApiException: Vault is sealed\nat VaultSharp.Core.Polymath.MakeRequestAsync\nat Program.<Main>$ in Program.cs:line 12",
    );
    s.burst("dunning", "error", 3, () => "Vault::HTTPServerError: 503 Vault is sealed (boot)");
  },
});

const clearingWindow = story({
  name: "timeout shorter than the partner's slow hour",
  vars: (r) => ({
    name: r.pick(["number-porting", "kyc-forms"]),
    peer: r.pick(["porting-hub", "bureau"]),
    seconds: r.int(2, 3),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["usage-meter", "edge-ingress"],
  dependsOn: (v) => [v.peer],
  symptom: (v) => `HighErrorRate: ${v.name} 38 % of calls to ${v.peer} end in a timeout`,
  lag: [120, 1100],
  alert: [3, 10],
  hours: [10, 17],
  mayLack: ["symptom", "deploys"],
  culprit: (v) => ({
    title: "Consistent client settings",
    files: {
      [`gitops/apps/${v.name}/values-prod.yaml`]: `
@@ clients:
   ${v.peer}:
     url: https://${v.peer}.partner.example
-    connectTimeout: 3
-    readTimeout: 30
+    connectTimeout: 1
+    readTimeout: ${v.seconds}
+    keepAlive: true
     retries: 0
   mailer:
-    readTimeout: 20
+    readTimeout: ${v.seconds}`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Alert when calls to ${v.peer} end in a timeout`,
        files: {
          [`gitops/monitoring/rules/${v.name}-peers.yaml`]: `
@@ groups:
   - name: ${v.name}.peers
     rules:
+      - alert: HighErrorRate
+        expr: peer_timeouts:ratio{peer="${v.peer}"} > 0.05
+        for: 2m
+        labels:
+          severity: page
+        annotations:
+          runbook: runbooks/${v.name}.md
       - record: peer_timeouts:ratio`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      v.name,
      `peer_timeouts_ratio{peer="${v.peer}"}`,
      { level: 0.002, noise: 0.4 },
      step(s.onset, 0.38),
    );
    s.metric(
      v.name,
      `peer_duration_seconds_p50{peer="${v.peer}"}`,
      { level: 1.1, noise: 0.06 },
      ramp(s.onset - 20 * minute, s.onset + 5 * minute, v.seconds - 1.2),
    );
    s.metric(v.name, `client_read_timeout_seconds{peer="${v.peer}"}`, fixed(30), (value, at) =>
      at < s.live ? value : v.seconds,
    );
    s.metric(
      v.peer,
      "server_duration_seconds_p95",
      { level: 2.1, noise: 0.06 },
      ramp(s.onset - 20 * minute, s.onset + 5 * minute, 2.6),
    );
    s.burst(
      v.name,
      "error",
      10,
      () => `call to ${v.peer} gave up after ${v.seconds}.00 s (readTimeout ${v.seconds} s)`,
    );
    s.burst(
      v.peer,
      "info",
      6,
      () =>
        `answered ${v.name} 200 in ${s.r.int(v.seconds, 5)}.${s.r.int(100, 900)} s (batch hour, as on each day; goal below 10 s), client had closed`,
    );
  },
  twin: (s, v) => {
    const since = s.onset - 30_000;
    s.metric(
      v.name,
      `peer_timeouts_ratio{peer="${v.peer}"}`,
      { level: 0.002, noise: 0.4 },
      step(s.onset, 0.38),
    );
    s.metric(
      v.name,
      `peer_duration_seconds_p50{peer="${v.peer}"}`,
      { level: 1.1, noise: 0.06 },
      step(since, 19),
    );
    s.metric(v.name, `client_read_timeout_seconds{peer="${v.peer}"}`, fixed(30), calm);
    s.metric(v.peer, "server_duration_seconds_p95", { level: 2.1, noise: 0.06 }, step(since, 58));
    s.burst(v.name, "error", 10, () => `call to ${v.peer} gave up after 30.00 s (readTimeout 30 s)`);
    s.burst(
      v.peer,
      "error",
      5,
      () =>
        `worker pool is blocked: storage answers in ${s.r.int(20, 60)} s, incident of the provider is open since ${Math.max(1, Math.round((s.at - s.onset) / minute))} min`,
    );
  },
});

const cacheLife = story({
  name: "cache that is not refilled once its entries end",
  vars: (r) => ({
    name: r.pick(["selfcare-web", "partner-portal"]),
    hours: r.int(2, 4),
    path: r.pick(["tariffs", "catalogue"]),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["usage-meter", "billing-admin"],
  dependsOn: () => ["billing-admin"],
  symptom: (v) => `LatencyBudgetBurn: ${v.name} p95 above 3 s, burn rate 16`,
  lag: [118, 290],
  alert: [4, 11],
  mayLack: ["symptom", "deploys"],
  culprit: (v) => ({
    title: "Drop the warm-up job that nobody owns",
    files: {
      [`gitops/apps/${v.name}/templates/warm-${v.path}.yaml`]: `
-apiVersion: batch/v1
-kind: CronJob
-metadata:
-  name: warm-${v.path}
-spec:
-  schedule: "*/20 * * * *"
-  jobTemplate:
-    spec:
-      template:
-        spec:
-          containers:
-            - name: warm
-              args: ["cache:warm", "${v.path}"]`,
      [`gitops/apps/${v.name}/kustomization.yaml`]: `
 resources:
   - deployment.yaml
-  - warm-${v.path}.yaml
   - service.yaml`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Burn rate of ${v.name} on its dashboard, with p95`,
        files: {
          [`gitops/apps/${v.name}/dashboards/slo.json`]: `
@@ "panels": [
     { "title": "Latency", "type": "timeseries" },
+    { "title": "Burn rate, 1 h", "type": "stat" },
+    { "title": "Burn rate, 6 h", "type": "stat" },
+    { "title": "p95 by route", "type": "table" },
+    { "title": "Cache", "type": "row" },
     { "title": "Errors", "type": "timeseries" }`,
        },
      },
    },
    {
      service: "billing-admin",
      change: {
        title: `Cache for ${v.path} in the admin preview`,
        files: {
          "services/billing-admin/src/Preview/PreviewCache.php": `
@@ public function get(string $key): ?Preview
-        return null;
+        $item = $this->pool->getItem('preview.'.$key);
+        if ($item->isHit()) {
+            return $item->get();
+        }
+        return null;
     }`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(v.name, `cache_hit_ratio{area="${v.path}"}`, { level: 0.985, noise: 0.004 }, (value, at) =>
      at < s.onset ? Math.min(1, value) : Math.max(0.04, value - ((at - s.onset) / (3 * minute)) * 0.9),
    );
    s.metric(
      v.name,
      `cache_oldest_entry_minutes{area="${v.path}"}`,
      { level: 19, noise: 0.05 },
      (value, at) =>
        at < s.live ? value : Math.min(19 + (at - s.live) / minute, 19 + (s.onset - s.live) / minute),
    );
    s.metric(
      v.name,
      "http_request_duration_p95_ms",
      { level: 190, noise: 0.1 },
      ramp(s.onset, s.onset + 4 * minute, 3100),
    );
    s.metric(
      "billing-admin",
      `requests_per_second{route="${v.path}"}`,
      { level: 3, noise: 0.2 },
      ramp(s.onset, s.onset + 3 * minute, 88),
    );
    s.burst(
      v.name,
      "warn",
      8,
      () =>
        `cache miss ${v.path}/${s.r.int(100, 999)}: entry ended, built in ${s.r.int(1800, 4200)} ms inside the request; last warm run ${Math.round((s.at - s.live) / minute)} min ago`,
    );
    s.log(
      s.live - 4 * minute,
      v.name,
      "info",
      `job warm-${v.path} finished, 900 entries, live for ${Math.round((s.onset - s.live) / minute)} min`,
    );
    s.burst(
      "billing-admin",
      "info",
      4,
      () => `GET /${v.path}/${s.r.int(100, 999)} 200 in ${s.r.int(900, 2400)} ms`,
    );
  },
  twin: (s, v) => {
    s.metric(v.name, `cache_hit_ratio{area="${v.path}"}`, { level: 0.985, noise: 0.004 }, (value, at) =>
      at < s.onset ? Math.min(1, value) : Math.max(0.04, value - ((at - s.onset) / minute) * 0.9),
    );
    s.metric(
      v.name,
      `cache_oldest_entry_minutes{area="${v.path}"}`,
      { level: 19, noise: 0.05 },
      (value, at) => (at < s.onset ? value : (at - s.onset) / minute),
    );
    s.metric(
      v.name,
      "http_request_duration_p95_ms",
      { level: 190, noise: 0.1 },
      ramp(s.onset, s.onset + 3 * minute, 3100),
    );
    s.metric(
      "billing-admin",
      `requests_per_second{route="${v.path}"}`,
      { level: 3, noise: 0.2 },
      ramp(s.onset, s.onset + minute, 92),
    );
    s.log(
      s.onset - 2000,
      "cache-main",
      "warn",
      "audit: command FLUSHALL by user ops_hd from bastion-1 (redis-cli), 1 408 211 keys gone",
    );
    s.burst(
      v.name,
      "warn",
      7,
      () =>
        `cache miss ${v.path}/${s.r.int(100, 999)}: no entry, built in ${s.r.int(1800, 4200)} ms inside the request`,
    );
    s.log(
      s.onset - 9 * minute,
      v.name,
      "info",
      `job warm-${v.path} finished, 900 entries, live for ${v.hours} h`,
    );
  },
});

export const probes = [startup, clearingWindow, cacheLife];
