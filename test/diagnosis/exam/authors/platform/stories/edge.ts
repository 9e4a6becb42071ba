import { story } from "../assemble.ts";
import { calm, fixed, step, times } from "../signals.ts";

const ingressPath = story({
  name: "route that rewrites a path wrongly",
  vars: (r) => ({
    name: r.pick(["selfcare-web", "partner-portal", "billing-admin"]),
    part: r.pick(["invoices", "orders", "devices"]),
  }),
  service: (v) => v.name,
  via: () => "edge-ingress",
  others: () => ["payments-hub", "kyc-forms"],
  symptom: (v) => `ClientErrorsHigh: ${v.name} answers 31 % with 404, usual 1 %`,
  lag: [0, 3],
  alert: [2, 9],
  mayLack: ["symptom", "series"],
  culprit: (v) => ({
    title: `Merge the two hosts of ${v.name} into a single route table`,
    files: {
      [`gitops/clusters/prod/edge-ingress/routes/${v.name}.yaml`]: `
@@ metadata:
   annotations:
-    nginx.ingress.kubernetes.io/rewrite-target: /$1
+    nginx.ingress.kubernetes.io/use-regex: "true"
+    nginx.ingress.kubernetes.io/rewrite-target: /$2
@@ http:
         paths:
-          - path: /app/(.*)
-            pathType: ImplementationSpecific
-          - path: /api/v2/(.*)
-            pathType: ImplementationSpecific
+          - path: /app(/|$)(.*)
+            pathType: ImplementationSpecific
+          - path: /api/v2/(.*)
+            pathType: ImplementationSpecific
             backend:
               service:
                 name: ${v.name}`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Own page for 404 in ${v.name}`,
        files: {
          [`services/${v.name}/public/404.html`]: `
 <main>
-  <h1>404</h1>
-  <p>Client error</p>
+  <h1>This page does not exist</h1>
+  <p>It may have moved. Use the menu above.</p>
+  <a href="/">Start page</a>
 </main>`,
        },
      },
    },
    {
      service: "edge-ingress",
      change: {
        title: "Route the old help pages to the new host",
        files: {
          "gitops/clusters/prod/edge-ingress/routes/help.yaml": `
@@ spec:
   rules:
     - host: help.bank.example
       http:
         paths:
-          - path: /
+          - path: /old/(.*)
             backend:
               service:
-                name: help-old
+                name: redirector
+                port: { number: 8080 }`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      "edge-ingress",
      `nginx_requests_per_second{host="${v.name}",status="404"}`,
      { level: 1.4, noise: 0.3 },
      step(s.onset, 52),
    );
    s.metric(v.name, "http_404_ratio", { level: 0.01, noise: 0.3 }, step(s.onset, 0.3));
    s.metric(
      "edge-ingress",
      `nginx_requests_per_second{host="${v.name}"}`,
      { level: 165, noise: 0.05, daily: 0.3 },
      calm,
    );
    s.log(
      s.live,
      "edge-ingress",
      "info",
      `configuration changes detected, backend reload required ingress=${v.name}`,
    );
    s.burst(
      "edge-ingress",
      "warn",
      12,
      () =>
        `"GET /api/v2/${v.part}/${s.r.int(1000, 9999)} HTTP/2.0" 404 upstream=${v.name} upstream_uri="/" client=app/${s.r.int(7, 9)}.${s.r.int(0, 9)} user=authenticated`,
    );
    s.burst(
      v.name,
      "error",
      5,
      () => `No route matches [GET] "/" for request that came as /api/v2/${v.part}`,
    );
  },
  twin: (s, v) => {
    s.metric(
      "edge-ingress",
      `nginx_requests_per_second{host="${v.name}",status="404"}`,
      { level: 1.4, noise: 0.3 },
      step(s.onset, 74),
    );
    s.metric(v.name, "http_404_ratio", { level: 0.01, noise: 0.3 }, step(s.onset, 0.3));
    s.metric(
      "edge-ingress",
      `nginx_requests_per_second{host="${v.name}"}`,
      { level: 165, noise: 0.05, daily: 0.3 },
      step(s.onset, 73),
    );
    s.log(
      s.live,
      "edge-ingress",
      "info",
      "configuration changes detected, backend reload required ingress=none",
    );
    s.burst(
      "edge-ingress",
      "warn",
      14,
      () =>
        `"GET /${s.r.pick([".env", "wp-login.php", ".git/config", "phpmyadmin/", "backup.zip"])} HTTP/1.1" 404 upstream=${v.name} client=python-requests/2.31 ip=185.220.101.${s.r.int(2, 40)} user=anonymous`,
    );
    s.burst(
      "edge-ingress",
      "warn",
      3,
      () =>
        `web firewall: scanner signature 913100 matched ${s.r.int(300, 900)} times in a minute from AS 208294`,
    );
  },
});

const rateLimit = story({
  name: "rate limit on the edge",
  vars: (r) => ({ name: r.pick(["partner-portal", "selfcare-web", "kyc-forms"]), rps: r.pick([10, 15, 20]) }),
  service: (v) => v.name,
  via: () => "edge-ingress",
  others: () => ["card-auth", "dunning"],
  symptom: (v) => `HighErrorRate: ${v.name} 17 % of requests answered 429 or 503 at the edge`,
  lag: [0, 4],
  alert: [2, 10],
  hours: [8, 17],
  mayLack: ["logs", "symptom"],
  culprit: (v) => ({
    title: "Harden public hosts after the audit",
    files: {
      [`gitops/clusters/prod/edge-ingress/routes/${v.name}-public.yaml`]: `
@@ metadata:
   annotations:
     cert-manager.io/cluster-issuer: public
+    nginx.ingress.kubernetes.io/limit-rps: "${v.rps}"
+    nginx.ingress.kubernetes.io/limit-burst-multiplier: "2"
+    nginx.ingress.kubernetes.io/limit-connections: "30"
+    nginx.ingress.kubernetes.io/server-snippet: |
+      add_header X-Frame-Options DENY always;
+      add_header Referrer-Policy same-origin always;
     nginx.ingress.kubernetes.io/proxy-body-size: 20m`,
    },
  }),
  decoys: (v) => [
    {
      service: "edge-ingress",
      change: {
        title: "Limit requests to the developer sandbox at the edge",
        files: {
          "gitops/clusters/prod/edge-ingress/routes/sandbox-api.yaml": `
@@ metadata:
   annotations:
+    nginx.ingress.kubernetes.io/limit-rps: "5"
+    nginx.ingress.kubernetes.io/limit-connections: "10"
+    nginx.ingress.kubernetes.io/limit-whitelist: 10.0.0.0/8
     nginx.ingress.kubernetes.io/proxy-body-size: 1m`,
        },
      },
    },
    {
      service: v.name,
      change: {
        title: `Count 429 and 503 answers of ${v.name} apart`,
        files: {
          [`gitops/monitoring/rules/${v.name}-edge.yaml`]: `
@@ rules:
-    - record: edge:errors:ratio
-      expr: sum(rate(nginx_requests{status=~"429|503"}[5m]))
+    - record: edge:limited:ratio
+      expr: sum(rate(nginx_requests{status="429"}[5m]))
+    - record: edge:unavailable:ratio
+      expr: sum(rate(nginx_requests{status="503"}[5m]))
     - alert: HighErrorRate`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      "edge-ingress",
      `nginx_limited_requests_per_second{host="${v.name}"}`,
      fixed(0),
      step(s.live, 29),
    );
    s.metric(
      "edge-ingress",
      `nginx_requests_per_second{host="${v.name}"}`,
      { level: 172, noise: 0.06, daily: 0.3 },
      calm,
    );
    s.metric(
      "edge-ingress",
      `nginx_distinct_clients{host="${v.name}"}`,
      { level: 2400, noise: 0.04, daily: 0.3, whole: true },
      calm,
    );
    s.metric(
      v.name,
      "http_requests_per_second",
      { level: 170, noise: 0.06, daily: 0.3 },
      times(s.live, 0.83),
    );
    s.burst(
      "edge-ingress",
      "error",
      12,
      () =>
        `limiting requests, excess: ${v.rps * 2}.${s.r.int(100, 900)} by zone "${v.name}-public_rps", client: 192.0.2.${s.r.int(4, 9)} (shop gateway, NAT), request: "POST /orders"`,
    );
    s.burst(
      "edge-ingress",
      "warn",
      3,
      () => `limiting connections by zone "${v.name}-public_conn", client: 192.0.2.${s.r.int(4, 9)}`,
    );
  },
  twin: (s, v) => {
    s.metric(
      "edge-ingress",
      `nginx_limited_requests_per_second{host="${v.name}"}`,
      { level: 0.8, noise: 0.3 },
      step(s.onset, 610),
    );
    s.metric(
      "edge-ingress",
      `nginx_requests_per_second{host="${v.name}"}`,
      { level: 172, noise: 0.06, daily: 0.3 },
      step(s.onset, 3100),
    );
    s.metric(
      "edge-ingress",
      `nginx_distinct_clients{host="${v.name}"}`,
      { level: 2400, noise: 0.04, daily: 0.3, whole: true },
      step(s.onset, 41_000),
    );
    s.metric(
      v.name,
      "http_requests_per_second",
      { level: 170, noise: 0.06, daily: 0.3 },
      times(s.onset, 4.1),
    );
    s.burst(
      "edge-ingress",
      "error",
      12,
      () =>
        `limiting requests, excess: 400.${s.r.int(100, 900)} by zone "global_default", client: ${s.r.int(20, 220)}.${s.r.int(1, 250)}.${s.r.int(1, 250)}.${s.r.int(1, 250)}, request: "GET /?${s.r.hex(6)}"`,
    );
    s.burst(
      "edge-ingress",
      "warn",
      3,
      () => `scrubbing centre: volumetric HTTP flood, ${s.r.int(38, 45)} thousand sources, mitigation starts`,
    );
  },
});

export const edge = [ingressPath, rateLimit];
