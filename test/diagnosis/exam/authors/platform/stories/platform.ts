import { story } from "../assemble.ts";
import { hour, minute } from "../plot.ts";
import { becomes, calm, fixed, ramp, step, times, whole } from "../signals.ts";

const issuer = story({
  name: "certificate issuer that may no longer answer the challenge",
  vars: (r) => ({
    name: r.pick(["partner-portal", "selfcare-web", "kyc-forms"]),
    role: r.pick(["dns-solver-v2", "acme-dns", "cert-route53"]),
  }),
  service: (v) => v.name,
  via: () => "cluster-base",
  others: () => ["edge-ingress", "card-auth"],
  symptom: (v) => `CertificateExpired: TLS handshakes of ${v.name} fail, certificate is past its end`,
  lag: [1500, 5200],
  alert: [2, 8],
  mayLack: ["symptom", "series", "deploys"],
  culprit: (v) => ({
    title: "Least privilege for cluster add-ons",
    files: {
      "gitops/clusters/prod/cluster-base/cert-manager/issuer-public.yaml": `
@@ solvers:
       - dns01:
           route53:
             region: eu-central-1
-            hostedZoneID: Z04871
-            role: arn:aws:iam::000000000000:role/platform-admin
+            role: arn:aws:iam::000000000000:role/${v.role}
         selector:
           dnsZones:
             - bank.example`,
      "terraform/prod/iam/addons.tf": `
@@ data "aws_iam_policy_document" "dns_solver"
   statement {
-    actions   = ["route53:*"]
-    resources = ["*"]
+    actions   = ["route53:ListHostedZones"]
+    resources = ["arn:aws:route53:::hostedzone/*"]
   }`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Send HSTS from ${v.name}, certificate is long-lived enough`,
        files: {
          [`gitops/apps/${v.name}/values-prod.yaml`]: `
@@ ingress:
   tls:
     - secretName: ${v.name}-tls
   annotations:
     nginx.ingress.kubernetes.io/ssl-redirect: "true"
+    nginx.ingress.kubernetes.io/hsts: "true"
+    nginx.ingress.kubernetes.io/hsts-max-age: "31536000"
+    nginx.ingress.kubernetes.io/hsts-include-subdomains: "false"
+    bank.example/tls-owner: channels
+    bank.example/tls-reviewed: "2026"`,
        },
      },
    },
    {
      service: "edge-ingress",
      change: {
        title: "TLS 1.2 and newer on all public hosts",
        files: {
          "gitops/clusters/prod/edge-ingress/config.yaml": `
@@ data:
-  ssl-protocols: "TLSv1.1 TLSv1.2 TLSv1.3"
+  ssl-protocols: "TLSv1.2 TLSv1.3"
+  ssl-session-tickets: "false"
+  ssl-ciphers: "ECDHE+AESGCM:ECDHE+CHACHA20"
   proxy-read-timeout: "60"`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      "edge-ingress",
      `tls_handshake_failures_per_second{host="${v.name}"}`,
      { level: 0.1, noise: 0.4 },
      step(s.onset, 36),
    );
    s.metric(
      "cluster-base",
      `certmanager_certificate_days_left{name="${v.name}-tls"}`,
      fixed(0.2),
      (_value, at) => Math.max(0, (s.onset - at) / (24 * hour)),
    );
    s.metric(
      "cluster-base",
      'certmanager_orders_failed{issuer="public"}',
      whole(22),
      ramp(s.window.from, s.at, 4),
    );
    s.metric(
      v.name,
      "http_requests_per_second",
      { level: 130, noise: 0.06, daily: 0.3 },
      times(s.onset, 0.1),
    );
    for (let back = 1; back <= 8; back++)
      s.log(
        s.at - back * 47 * minute + s.r.int(0, 90) * 1000,
        "cluster-base",
        "error",
        `cert-manager: challenge for ${v.name}.bank.example failed: User arn:aws:sts::000000000000:assumed-role/${v.role} is not authorized to perform route53:ChangeResourceRecordSets; failed since ${Math.round((s.at - s.live) / hour)} h`,
      );
    s.burst(
      "edge-ingress",
      "error",
      6,
      () =>
        `SSL_do_handshake() failed: alert certificate expired, server ${v.name}.bank.example, client ${s.r.int(20, 200)}.${s.r.int(1, 200)}.8.4`,
    );
  },
  twin: (s, v) => {
    s.metric(
      "edge-ingress",
      `tls_handshake_failures_per_second{host="${v.name}"}`,
      { level: 0.1, noise: 0.4 },
      step(s.onset, 33),
    );
    s.metric(
      "cluster-base",
      `certmanager_certificate_days_left{name="${v.name}-tls"}`,
      fixed(0.2),
      (_value, at) => Math.max(0, (s.onset - at) / (24 * hour)),
    );
    s.metric(
      "cluster-base",
      'certmanager_orders_failed{issuer="public"}',
      whole(22),
      ramp(s.window.from, s.at, 5),
    );
    s.metric(
      v.name,
      "http_requests_per_second",
      { level: 130, noise: 0.06, daily: 0.3 },
      times(s.onset, 0.1),
    );
    for (let back = 1; back <= 8; back++)
      s.log(
        s.at - back * 47 * minute + s.r.int(0, 90) * 1000,
        "cluster-base",
        "error",
        `cert-manager: order for ${v.name}.bank.example failed: acme: 503 urn:ietf:params:acme:error:serverInternal, service is down for maintenance; challenge was answered; failed since ${Math.round((s.at - s.live) / hour + 200)} h, also with the old account`,
      );
    s.burst(
      "edge-ingress",
      "error",
      6,
      () =>
        `SSL_do_handshake() failed: alert certificate expired, server ${v.name}.bank.example, client ${s.r.int(20, 200)}.${s.r.int(1, 200)}.8.4`,
    );
  },
});

const phpWorkers = story({
  name: "fewer PHP workers than requests",
  vars: (r) => ({ name: r.pick(["partner-portal", "kyc-forms", "billing-admin"]), after: r.pick([6, 8]) }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["edge-ingress", "payments-hub"],
  dependsOn: () => ["bureau"],
  symptom: (v) => `HighErrorRate: ${v.name} 502 and 504 at the ingress, php-fpm has no free worker`,
  lag: [0, 80],
  alert: [3, 10],
  hours: [8, 16],
  mayLack: ["logs", "symptom"],
  culprit: (v) => ({
    title: "Pin pool settings instead of the chart's defaults",
    body: "Chart 4 drops the defaults, so they are written down here.",
    files: {
      [`gitops/apps/${v.name}/templates/php-fpm-config.yaml`]: `
@@ data:
   www.conf: |
     [www]
-    pm = static
-    pm.max_children = {{ .Values.workers | default 50 }}
+    pm = dynamic
+    pm.max_children = ${v.after}
+    pm.start_servers = 2
+    pm.min_spare_servers = 1
+    pm.max_spare_servers = 3
     pm.max_requests = 500
     request_terminate_timeout = 30s`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Free the session early in long requests of ${v.name}`,
        files: {
          [`services/${v.name}/src/EventListener/SessionListener.php`]: `
@@ public function onController(ControllerEvent $event): void
         $request = $event->getRequest();
+        if ($request->attributes->getBoolean('_read_only_session')) {
+            $request->getSession()->save();
+        }
         $this->locale->apply($request);
     }
+
+    /** Routes that only read may run side by side. */
+    public const READ_ONLY = '_read_only_session';`,
        },
      },
    },
    {
      service: "edge-ingress",
      change: {
        title: "Longer 504 timeout at the ingress for uploads",
        files: {
          "gitops/clusters/prod/edge-ingress/routes/uploads.yaml": `
@@ metadata:
   name: uploads
   annotations:
-    nginx.ingress.kubernetes.io/proxy-read-timeout: "60"
+    nginx.ingress.kubernetes.io/proxy-read-timeout: "180"
+    nginx.ingress.kubernetes.io/proxy-send-timeout: "180"
+    nginx.ingress.kubernetes.io/proxy-request-buffering: "off"
     nginx.ingress.kubernetes.io/proxy-body-size: 200m`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(v.name, 'phpfpm_processes{state="total"}', whole(50), becomes(s.live + 40_000, v.after));
    s.metric(v.name, "phpfpm_listen_queue", whole(0), ramp(s.onset - minute, s.onset + 2 * minute, 96));
    s.metric(v.name, "http_502_504_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.14));
    s.metric(v.name, "bureau_call_seconds_p95", { level: 0.42, noise: 0.08 }, calm);
    s.burst(
      v.name,
      "warn",
      7,
      () => `[pool www] server reached pm.max_children setting (${v.after}), consider raising it`,
    );
    s.burst(
      "edge-ingress",
      "error",
      7,
      () =>
        `connect() to unix:/run/php-fpm.sock failed (11: Resource temporarily unavailable) upstream ${v.name}`,
    );
  },
  twin: (s, v) => {
    s.metric(v.name, 'phpfpm_processes{state="total"}', whole(50), calm);
    s.metric(v.name, "phpfpm_listen_queue", whole(0), ramp(s.onset - minute, s.onset + 2 * minute, 91));
    s.metric(v.name, "http_502_504_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.14));
    s.metric(
      v.name,
      "bureau_call_seconds_p95",
      { level: 0.42, noise: 0.08 },
      ramp(s.onset - 2 * minute, s.onset, 27),
    );
    s.burst(
      v.name,
      "warn",
      5,
      () => "[pool www] server reached pm.max_children setting (50), consider raising it",
    );
    s.burst(
      v.name,
      "warn",
      4,
      () =>
        `[pool www] child ${s.r.int(20, 900)} executing too slow (${s.r.int(21, 29)}.1 sec): curl_exec() https://api.bureau.example/v3/check`,
      () =>
        "[0x00007f] curl_exec() /app/vendor/guzzlehttp/guzzle/src/Handler/CurlHandler.php:44\n[0x00007f] check() /app/src/Bureau/Client.php:71",
    );
    s.burst(
      "edge-ingress",
      "error",
      5,
      () =>
        `connect() to unix:/run/php-fpm.sock failed (11: Resource temporarily unavailable) upstream ${v.name}`,
    );
  },
});

export const platform = [issuer, phpWorkers];
