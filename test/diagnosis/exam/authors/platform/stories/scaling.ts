import { story } from "../assemble.ts";
import { hour, minute } from "../plot.ts";
import { calm, ramp, step, whole } from "../signals.ts";

const autoscalerMetric = story({
  name: "autoscaler that reads a metric which is not there",
  vars: (r) => ({ name: r.pick(["payments-hub", "statement-worker", "dunning"]), min: r.int(3, 4) }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["ledger-api", "cluster-base"],
  symptom: (v) => `QueueDepthHigh: ${v.name} has more than 5000 messages waiting for 5 minutes`,
  lag: [160, 900],
  alert: [6, 14],
  hours: [8, 11],
  mayLack: ["symptom", "deploys"],
  culprit: (v) => ({
    title: "Move autoscaling to v2 and to the shared adapter",
    files: {
      [`gitops/apps/${v.name}/templates/hpa.yaml`]: `
-apiVersion: autoscaling/v2beta2
+apiVersion: autoscaling/v2
 kind: HorizontalPodAutoscaler
@@ metrics:
-    - type: External
-      external:
-        metric:
-          name: queue_messages_ready
-          selector:
-            matchLabels: { queue: ${v.name} }
+    - type: Pods
+      pods:
+        metric:
+          name: consumer_lag_per_pod
         target:
           type: AverageValue
-          averageValue: "300"
+          averageValue: "250"`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Raise the queue depth warning of ${v.name}`,
        files: {
          [`gitops/monitoring/rules/${v.name}-queue.yaml`]: `
@@ - alert: QueueDepthHigh
-      expr: max(queue_messages_ready{queue="${v.name}"}) > 2000
-      for: 10m
+      expr: max(queue_messages_ready{queue="${v.name}"}) > 5000
+      for: 5m
       labels:
         severity: page
+        team: platform`,
        },
      },
    },
    {
      service: "ledger-api",
      change: {
        title: "Autoscale ledger-api down faster",
        files: {
          "gitops/apps/ledger-api/templates/hpa.yaml": `
@@ behavior:
     scaleDown:
-      stabilizationWindowSeconds: 900
+      stabilizationWindowSeconds: 300
       policies:
         - type: Percent
-          value: 10
+          value: 25
           periodSeconds: 60`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      v.name,
      "queue_messages_ready",
      { level: 190, noise: 0.2, whole: true },
      ramp(s.onset - 3 * minute, s.at, 6400),
    );
    s.metric(v.name, "kube_deployment_status_replicas", whole(v.min), calm);
    s.metric(v.name, "kube_hpa_status_desired_replicas", whole(v.min), calm);
    s.metric(
      v.name,
      "messages_published_per_second",
      { level: 40, noise: 0.08 },
      ramp(s.onset - 40 * minute, s.at, 55),
    );
    s.metric("cluster-base", "kube_pod_status_pending", { level: 1, noise: 0.4, whole: true }, calm);
    for (let back = 0; back < 12; back++) {
      const at = s.at - 20_000 - back * 5 * minute;
      if (at > s.live)
        s.log(
          at,
          "cluster-base",
          "warn",
          `FailedGetPodsMetric hpa/${v.name}: unable to get metric consumer_lag_per_pod: no metrics returned from custom metrics API; keeping ${v.min} replicas`,
        );
    }
    s.burst(
      v.name,
      "warn",
      5,
      () =>
        `consumer is busy: oldest message waits ${s.r.int(60, 400)} s, all ${v.min} replicas at full concurrency`,
    );
  },
  twin: (s, v) => {
    s.metric(
      v.name,
      "queue_messages_ready",
      { level: 190, noise: 0.2, whole: true },
      ramp(s.onset - 3 * minute, s.at, 6400),
    );
    s.metric(v.name, "kube_deployment_status_replicas", whole(v.min), calm);
    s.metric(v.name, "kube_hpa_status_desired_replicas", whole(v.min), step(s.onset - 12 * minute, 9));
    s.metric(
      v.name,
      "messages_published_per_second",
      { level: 40, noise: 0.08 },
      ramp(s.onset - 40 * minute, s.at, 55),
    );
    s.metric(
      "cluster-base",
      "kube_pod_status_pending",
      { level: 1, noise: 0.4, whole: true },
      step(s.onset - 11 * minute, 9),
    );
    for (let back = 0; back < 8; back++)
      s.log(
        s.at - 20_000 - back * 2 * minute,
        "cluster-base",
        "warn",
        `scale-up of node group general-b failed: InsufficientInstanceCapacity from the cloud provider, zone b; ${s.r.int(8, 10)} pods of ${v.name} stay Pending`,
      );
    s.burst(
      "cluster-base",
      "info",
      4,
      () =>
        `SuccessfulRescale hpa/${v.name}: new size ${v.min + 9}, reason: external metric queue_messages_ready above target`,
    );
    s.burst(
      v.name,
      "warn",
      5,
      () =>
        `consumer is busy: oldest message waits ${s.r.int(60, 400)} s, all ${v.min} replicas at full concurrency`,
    );
  },
});

const spotNodes = story({
  name: "nodes that the provider may take back",
  vars: (r) => ({
    name: r.pick(["payments-hub", "card-auth", "ledger-api"]),
    pool: r.pick(["general", "core"]),
    zone: r.pick(["a", "b", "c"]),
  }),
  service: (v) => v.name,
  via: () => "",
  others: () => ["cluster-base", "edge-ingress", "selfcare-web"],
  symptom: (v) => `HighErrorRate: ${v.name} answers 9 % of requests with 503 (threshold 1 %)`,
  lag: [90, 1500],
  alert: [3, 8],
  mayLack: ["symptom", "series"],
  culprit: (v) => ({
    title: `terraform: new launch template for pool ${v.pool}`,
    files: {
      [`terraform/prod/node-pools/${v.pool}.tf`]: `
@@ module "pool_${v.pool}"
   source        = "../../modules/node-pool"
   min_size      = 12
   max_size      = 40
-  capacity_type = "ON_DEMAND"
+  capacity_type = "SPOT"
-  instance_types = ["m6i.2xlarge"]
+  instance_types = ["m6i.2xlarge", "m6a.2xlarge", "m5.2xlarge"]
   labels = {
     pool = "${v.pool}"
+    life = "spot"
   }`,
    },
  }),
  decoys: (v) => [
    {
      service: "cluster-base",
      change: {
        title: "terraform: spot nodes for the build farm",
        files: {
          "terraform/build/node-pools/runners.tf": `
@@ module "pool_runners"
-  capacity_type = "ON_DEMAND"
+  capacity_type = "SPOT"
   min_size      = 0
-  max_size      = 10
+  max_size      = 24
+  taints        = ["builds=true:NoSchedule"]`,
        },
      },
    },
    {
      service: v.name,
      change: {
        title: `Answer 503 instead of 500 while ${v.name} shuts down`,
        files: {
          [`services/${v.name}/docs/errors.md`]: `
 ## Shutdown
 
-Requests get a 500 error while the process stops.
+New requests get a 503 error and a Retry-After header while the process stops.
+Requests in flight are completed for up to 25 seconds.
+
+The rate of such errors is below 0.01 % of requests.`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(v.name, "http_5xx_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.09));
    s.metric("cluster-base", `kube_node_ready{pool="${v.pool}"}`, whole(18), step(s.onset - 30_000, -7));
    s.metric("cluster-base", 'kube_node_labels{life="spot"}', whole(0), ramp(s.live, s.live + hour, 18));
    s.log(
      s.live,
      "cluster-base",
      "info",
      `terraform apply finished workspace=prod/node-pools commit=${s.sha.slice(0, 10)} changed=3`,
    );
    s.burst(
      "cluster-base",
      "warn",
      9,
      () =>
        `node ip-10-8-${s.r.int(0, 40)}-${s.r.int(2, 250)} pool=${v.pool} life=spot: interruption notice, instance is reclaimed in 120 s`,
    );
    s.burst(
      "cluster-base",
      "warn",
      5,
      () => `evicting pod ${v.name}-${s.r.hex(5)}: node is drained after interruption notice`,
    );
    s.burst(
      "edge-ingress",
      "error",
      6,
      () => `no live upstreams while connecting to upstream, service ${v.name}, status 503`,
    );
  },
  twin: (s, v) => {
    s.metric(v.name, "http_5xx_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.08));
    s.metric("cluster-base", `kube_node_ready{pool="${v.pool}"}`, whole(18), step(s.onset - 30_000, -6));
    s.metric("cluster-base", 'kube_node_labels{life="spot"}', whole(0), calm);
    s.log(
      s.live,
      "cluster-base",
      "info",
      `terraform apply finished workspace=prod commit=${s.sha.slice(0, 10)} changed=0`,
    );
    s.burst(
      "cluster-base",
      "warn",
      9,
      () =>
        `node ip-10-8-${s.r.int(0, 40)}-${s.r.int(2, 250)} pool=${v.pool} life=on-demand zone=${v.zone}: NotReady, kubelet stopped posting status`,
    );
    s.burst(
      "cluster-base",
      "error",
      5,
      () =>
        `provider health: zone ${v.zone} loss of power in one room, instances and volumes are unreachable`,
    );
    s.burst(
      "edge-ingress",
      "error",
      6,
      () => `no live upstreams while connecting to upstream, service ${v.name}, zone ${v.zone}, status 503`,
    );
  },
});

export const scaling = [autoscalerMetric, spotNodes];
