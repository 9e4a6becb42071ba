import { story } from "../assemble.ts";
import { minute } from "../plot.ts";
import { calm, fixed, ramp, step, times } from "../signals.ts";

const dropped = (space: string) =>
  `cilium_drop_count_per_second{reason="policy denied",namespace="${space}"}`;

const egressPolicy = story({
  name: "network policy without the cache port",
  vars: (r) => ({
    name: r.pick(["card-auth", "fraud-score", "ledger-api"]),
    port: r.pick([6380, 6390]),
    space: r.pick(["core", "risk"]),
  }),
  service: (v) => v.name,
  via: () => "",
  others: () => ["cluster-base", "payments-hub"],
  symptom: (v) => `HighErrorRate: ${v.name} fails 6 % of requests, cache connections time out`,
  lag: [3, 40],
  alert: [3, 10],
  mayLack: ["symptom", "series", "deploys"],
  culprit: (v) => ({
    title: `Finish default deny in namespace ${v.space}`,
    files: {
      [`gitops/clusters/prod/cluster-base/policies/${v.space}-egress.yaml`]: `
@@ spec:
   podSelector: {}
-  policyTypes: [Ingress]
+  policyTypes: [Ingress, Egress]
+  egress:
+    - to:
+        - namespaceSelector:
+            matchLabels: { kubernetes.io/metadata.name: kube-system }
+      ports:
+        - { protocol: UDP, port: 53 }
+    - to:
+        - ipBlock: { cidr: 10.30.0.0/16 }
+      ports:
+        - { protocol: TCP, port: 5432 }
+        - { protocol: TCP, port: 6379 }
+        - { protocol: TCP, port: 8443 }
   ingress:
     - from:`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Shorter cache key for ${v.name} sessions`,
        files: {
          [`services/${v.name}/docs/cache.md`]: `
 | key | life |
 | --- | --- |
-| session:{id}:profile | 10 min |
+| s:{id}:p | 10 min |
-| session:{id}:limits | 10 min |
+| s:{id}:l | 10 min |
+
+Connections to the cache are pooled; requests time out after 300 ms.`,
        },
      },
    },
    {
      service: "cluster-base",
      change: {
        title: "Default deny for the reporting namespace",
        files: {
          "gitops/clusters/prod/cluster-base/policies/reporting-egress.yaml": `
+apiVersion: networking.k8s.io/v1
+kind: NetworkPolicy
+metadata:
+  name: egress
+  namespace: reporting
+spec:
+  podSelector: {}
+  policyTypes: [Egress]
+  egress:
+    - to:
+        - ipBlock: { cidr: 10.44.0.0/16 }`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      v.name,
      "request_error_ratio",
      { level: 0.002, noise: 0.3 },
      ramp(s.onset, s.onset + 3 * minute, 0.062),
    );
    s.metric("cluster-base", dropped(v.space), fixed(0), ramp(s.live + 60_000, s.at, 38));
    s.metric(
      "cluster-base",
      "redis_connected_clients",
      { level: 180, noise: 0.02, whole: true },
      ramp(s.live + minute, s.at, -96),
    );
    s.metric("payments-hub", "request_error_ratio", { level: 0.002, noise: 0.3 }, calm);
    s.log(
      s.live,
      "cluster-base",
      "info",
      `Applied revision main@sha1:${s.sha.slice(0, 12)} kustomization=policies changed=1`,
    );
    s.burst(
      "cluster-base",
      "warn",
      8,
      () =>
        `Policy denied DROPPED (TCP) ${v.space}/${v.name}-${s.r.hex(5)}:${s.r.int(32000, 60000)} -> 10.30.4.17:${v.port} egress`,
    );
    s.burst(
      v.name,
      "error",
      8,
      () =>
        `cache: new connection to cache-main:${v.port} timed out after 2000 ms; open connections still answer`,
    );
  },
  twin: (s, v) => {
    s.metric(
      v.name,
      "request_error_ratio",
      { level: 0.002, noise: 0.3 },
      ramp(s.onset, s.onset + 2 * minute, 0.06),
    );
    s.metric("cluster-base", dropped(v.space), fixed(0), calm);
    s.metric(
      "cluster-base",
      "redis_connected_clients",
      { level: 180, noise: 0.02, whole: true },
      ramp(s.onset, s.onset + minute, -140),
    );
    s.metric(
      "payments-hub",
      "request_error_ratio",
      { level: 0.002, noise: 0.3 },
      ramp(s.onset, s.onset + 2 * minute, 0.05),
    );
    s.log(
      s.live,
      "cluster-base",
      "info",
      `Applied revision main@sha1:${s.sha.slice(0, 12)} kustomization=policies changed=0`,
    );
    s.burst(
      "cluster-base",
      "error",
      8,
      () => `cache-main: disk of the primary failed, failover to replica ${s.r.int(1, 2)} runs`,
    );
    s.burst(
      v.name,
      "error",
      5,
      () => `cache: connection to cache-main:${v.port} lost: READONLY or timed out after 2000 ms`,
    );
    s.burst("payments-hub", "error", 3, () => `Redis: no connection is active to cache-main:${v.port}`);
  },
});

const resolver = story({
  name: "cluster DNS without its cache",
  vars: (r) => ({
    name: r.pick(["payments-hub", "number-porting", "dunning"]),
    zone: r.pick(["intra.bank.example", "core.telco.example"]),
  }),
  service: (v) => v.name,
  via: () => "cluster-base",
  others: () => ["selfcare-web", "usage-meter"],
  symptom: (v) => `HighErrorRate: ${v.name} "temporary failure in name resolution" on 4 % of outgoing calls`,
  lag: [1, 15],
  alert: [4, 12],
  mayLack: ["symptom", "series"],
  culprit: (v) => ({
    title: "CoreDNS: answer from one place only",
    body: "Two caches gave two answers after a move. Keep one.",
    files: {
      "gitops/clusters/prod/cluster-base/coredns/corefile.yaml": `
@@ data:
     .:53 {
         errors
         health
         kubernetes cluster.local in-addr.arpa
-        cache 30 {
-            success 9984 30
-            denial 9984 5
-        }
-        forward . /etc/resolv.conf {
-            max_concurrent 1000
+        forward ${v.zone} 10.0.0.2
+        forward . 10.0.0.2 {
+            max_concurrent 100
         }
         loop
         reload`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Name outgoing calls of ${v.name} in errors`,
        files: {
          [`services/${v.name}/docs/outgoing.md`]: `
 | call | name | timeout |
 | --- | --- | --- |
-| bureau | ext1 | 3 s |
+| bureau | bureau.${v.zone} | 3 s |
+| mailer | mail.${v.zone} | 5 s |
+| audit | audit.${v.zone} | 1 s |
+
+A temporary failure in the resolution of a name is retried once.`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      "cluster-base",
      "coredns_forward_requests_per_second",
      { level: 90, noise: 0.08 },
      times(s.live, 11),
    );
    s.metric(
      "cluster-base",
      "coredns_forward_max_concurrent_rejects_per_second",
      fixed(0),
      ramp(s.onset, s.onset + 2 * minute, 64),
    );
    s.metric("cluster-base", "coredns_cache_hits_per_second", { level: 910, noise: 0.05 }, times(s.live, 0));
    s.metric(v.name, "outgoing_call_error_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.042));
    s.burst(
      "cluster-base",
      "error",
      8,
      () =>
        `[ERROR] plugin/errors: 2 ${s.r.pick(["mail", "audit", "bureau", "db-main"])}.${v.zone}. A: concurrent queries exceeded maximum 100`,
    );
    s.burst(v.name, "error", 6, () => `Temporary failure in name resolution (mail.${v.zone})`);
    s.burst(
      "usage-meter",
      "error",
      3,
      () => `dns error: failed to lookup address information: db-main.${v.zone}`,
    );
  },
  twin: (s, v) => {
    s.metric(
      "cluster-base",
      "coredns_forward_requests_per_second",
      { level: 90, noise: 0.08 },
      times(s.onset, 2.2),
    );
    s.metric("cluster-base", "coredns_forward_max_concurrent_rejects_per_second", fixed(0), calm);
    s.metric(
      "cluster-base",
      "coredns_cache_hits_per_second",
      { level: 910, noise: 0.05 },
      times(s.onset, 0.93),
    );
    s.metric(v.name, "outgoing_call_error_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.045));
    s.burst(
      "cluster-base",
      "error",
      8,
      () =>
        `[ERROR] plugin/errors: 2 ${s.r.pick(["mail", "audit", "bureau"])}.${v.zone}. A: read udp 10.8.0.10:${s.r.int(30000, 60000)}->10.0.0.2:53: i/o timeout; internal names answer`,
    );
    s.burst(v.name, "error", 6, () => `Temporary failure in name resolution (mail.${v.zone})`);
    s.log(
      s.onset + 2 * minute,
      "cluster-base",
      "warn",
      "network operations: both upstream resolvers (10.0.0.2, 10.0.0.3) are overloaded by a query flood, not managed by the platform",
    );
    s.burst(
      "usage-meter",
      "error",
      2,
      () => `dns error: failed to lookup address information: audit.${v.zone}`,
    );
  },
});

export const network = [egressPolicy, resolver];
