import { error, flat, info, type Story, step, warn } from "../story.ts";

const retries: Story = {
  name: "retries overload inventory",
  lazy: true,
  service: "inventory",
  symptoms: [
    "[FIRING] InventorySaturation: inventory CPU saturation 98%, p99 3s",
    "inventory answers slowly and drops requests; cart and checkout feel it",
  ],
  culprit: {
    service: "inventory",
    type: "chore",
    titles: [
      "Same route defaults as the other services",
      "Ride out single lost pods",
      "Tidy the virtual service",
    ],
    diffs: [
      [
        "helm:istio/virtualservice.yaml",
        `
 spec:
   hosts: [inventory]
   http:
     - route:
         - destination: { host: inventory, subset: stable }
-      timeout: 2s
       retries:
-        attempts: 1
-        retryOn: connect-failure
+        attempts: 8
+        perTryTimeout: 150ms
+        retryOn: connect-failure,5xx,reset,retriable-4xx
`,
      ],
    ],
  },
  mend: [
    [
      "+        attempts: 8\n+        perTryTimeout: 150ms\n+        retryOn: connect-failure,5xx,reset,retriable-4xx",
      "+        attempts: 1\n+        perTryTimeout: 1900ms\n+        retryOn: connect-failure,reset",
    ],
  ],
  decoys: [
    {
      service: "cart",
      type: "fix",
      titles: ["Do not retry inventory calls that were refused", "No retry on FailedPrecondition"],
      diffs: [
        [
          "src:inventory/client.go",
          `
@@ func retryable(err error) bool {
 	switch status.Code(err) {
-	case codes.Unavailable, codes.FailedPrecondition:
+	case codes.Unavailable:
 		return true
 	}
 	return false
 }
`,
        ],
      ],
    },
    {
      service: "inventory",
      type: "chore",
      titles: ["More CPU for inventory", "Raise the CPU request"],
      diffs: [
        [
          "helm:values.yaml",
          `
 resources:
   requests:
-    cpu: 800m
+    cpu: 1000m
     memory: 512Mi
   limits:
     memory: 768Mi
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [error("cart", 7, "availability failed sku=#sku upstream=inventory code=UNAVAILABLE took=2#nms")],
    curves: [
      step("inventory", "container_cpu_utilization", 0.42, 0.98, { noise: 0.02 }),
      step("inventory", 'grpc_server_seconds{quantile="0.99"}', 0.09, 3.1),
    ],
  },
  guilty: {
    lines: [
      warn(
        "cart",
        10,
        "envoy upstream=inventory response_flags=UT,URX attempt=8 per_try_timeout=150ms x-request-id=#trace",
      ),
      warn(
        "inventory",
        5,
        "request cancelled by client after 150ms method=Available x-envoy-attempt-count=#p",
      ),
    ],
    curves: [
      step("inventory", 'istio_requests:rate1m{reporter="destination"}', 210, 1590),
      flat("gateway", 'http_requests:rate1m{route="/api"}', 340, 340, { daily: true }),
      step("inventory", "envoy_cluster_upstream_rq_retry:rate1m", 0.3, 1370),
    ],
  },
  twin: {
    lines: [
      warn(
        "gateway",
        10,
        '200 GET /api/stock/#sku client=203.0.113.#n ua="python-requests/2.31" asn=AS64511 no session',
      ),
      warn("inventory", 5, "request queue full method=Available caller=gateway x-envoy-attempt-count=1"),
    ],
    curves: [
      step("inventory", 'istio_requests:rate1m{reporter="destination"}', 210, 1610),
      step("gateway", 'http_requests:rate1m{route="/api"}', 340, 1760, { daily: true }),
      step("inventory", "envoy_cluster_upstream_rq_retry:rate1m", 0.3, 2.1),
    ],
  },
  spare: ["symptom", "deploys", "logs"],
};

const throttled: Story = {
  name: "CPU throttling",
  service: "promotions",
  symptoms: [
    "[FIRING] PromotionsLatencyP99: promotions p99 1.4s > 300ms",
    "promotions slow since a few minutes, vouchers time out in checkout",
  ],
  culprit: {
    service: "promotions",
    type: "chore",
    titles: [
      "Right-size promotions",
      "Set limits as the cost review asked",
      "Resource values from the template",
    ],
    diffs: [
      [
        "helm:values.yaml",
        `
 resources:
   requests:
-    cpu: 1500m
+    cpu: 300m
     memory: 1Gi
   limits:
-    cpu: 3000m
+    cpu: 400m
     memory: 1Gi
+  annotations:
+    finance/reviewed: "yes"
`,
      ],
    ],
  },
  mend: [
    ["+    cpu: 400m", "+    cpu: 4000m"],
    ["+    cpu: 300m", "+    cpu: 1400m"],
  ],
  decoys: [
    {
      service: "checkout",
      type: "fix",
      titles: ["Vouchers time out after one second instead of two", "Voucher call waits shorter"],
      diffs: [
        [
          "src:voucher/VoucherClient.kt",
          `
@@ class VoucherClient
     fun check(code: String): Voucher? =
-        withTimeoutOrNull(2.seconds) { stub.check(code) }
+        withTimeoutOrNull(1.seconds) { stub.check(code) }
`,
        ],
      ],
    },
    {
      service: "promotions",
      type: "feat",
      titles: ["Rules may exclude brands", "Exclude brands from promotions"],
      diffs: [
        [
          "src:rules/Rule.kt",
          `
 data class Rule(
     val id: String,
     val percent: Int,
+    val exceptBrands: Set<String> = emptySet(),
 ) {
-    fun matches(line: Line) = line.sellable
+    fun matches(line: Line) = line.sellable && line.brand !in exceptBrands
 }
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      warn("promotions", 9, "evaluation slow basket=#id took=1#nms"),
      warn("checkout", 5, "voucher check timed out session=#id"),
    ],
    curves: [step("promotions", 'http_server_request_seconds{quantile="0.99"}', 0.13, 1.45)],
  },
  guilty: {
    lines: [
      info(
        "promotions",
        2,
        "Using 1 processor, pod=promotions-%rsnew%-#pod common pool parallelism=1",
        "deploy",
      ),
      warn("promotions", 4, "thread starvation detected housekeeper delta=1s pod=promotions-%rsnew%-#pod"),
    ],
    curves: [
      step("promotions", 'container_cpu_cfs_throttled:ratio1m{pod="promotions-%rsnew%-4kq9z"}', 0.01, 0.82, {
        life: "new",
        noise: 0.03,
      }),
      flat("promotions", 'container_cpu_cfs_throttled:ratio1m{pod="promotions-%rsold%-m2wvb"}', 0.01, 0.01, {
        life: "old",
      }),
      flat("promotions", 'node_cpu_steal:ratio1m{node="ip-10-12-7-20"}', 0.002, 0.002, { noise: 0.3 }),
    ],
  },
  twin: {
    lines: [
      info(
        "promotions",
        2,
        "Using 4 processors, pod=promotions-%rsnew%-#pod common pool parallelism=3",
        "deploy",
      ),
      warn(
        "promotions",
        4,
        "thread starvation detected housekeeper delta=1s pod=promotions-%rsnew%-4kq9z node=ip-10-12-7-20",
      ),
    ],
    curves: [
      flat("promotions", 'container_cpu_cfs_throttled:ratio1m{pod="promotions-%rsnew%-4kq9z"}', 0.01, 0.01, {
        life: "new",
      }),
      flat("promotions", 'container_cpu_cfs_throttled:ratio1m{pod="promotions-%rsold%-m2wvb"}', 0.01, 0.01, {
        life: "old",
      }),
      step("promotions", 'node_cpu_steal:ratio1m{node="ip-10-12-7-20"}', 0.002, 0.64, { noise: 0.05 }),
    ],
  },
  spare: ["symptom", "deploys", "logs"],
};

const liveness: Story = {
  name: "pods restart",
  lazy: true,
  service: "customers",
  symptoms: [
    "[FIRING] PodsRestarting: customers 9 restarts in 10m",
    "customers pods keep going away, logins fail now and then",
  ],
  culprit: {
    service: "customers",
    type: "chore",
    titles: ["Use the Actuator health groups", "Probe what matters", "Standard probes for customers"],
    diffs: [
      [
        "helm:templates/deployment.yaml",
        `
           livenessProbe:
             httpGet:
-              path: /actuator/health/liveness
+              path: /actuator/health
               port: 8081
-            periodSeconds: 10
-            timeoutSeconds: 3
-            failureThreshold: 6
+            periodSeconds: 5
+            timeoutSeconds: 1
+            failureThreshold: 2
           readinessProbe:
             httpGet:
               path: /actuator/health/readiness
`,
      ],
    ],
  },
  mend: [
    [
      "+              path: /actuator/health\n",
      "+              path: /actuator/health/liveness?from=kubelet\n",
    ],
    [
      "+            timeoutSeconds: 1\n+            failureThreshold: 2",
      "+            timeoutSeconds: 4\n+            failureThreshold: 10",
    ],
  ],
  decoys: [
    {
      service: "customers",
      type: "fix",
      titles: ["Tell apart failed logins and locked accounts", "Login failures get a reason"],
      diffs: [
        [
          "src:login/LoginService.java",
          `
@@ class LoginService {
     Result login(Credentials given) {
         var account = accounts.find(given.mail());
-        if (account.isEmpty() || account.get().locked()) return Result.failed();
+        if (account.isEmpty()) return Result.failed("unknown");
+        if (account.get().locked()) return Result.failed("locked");
         return check(account.get(), given);
     }
`,
        ],
      ],
    },
    {
      service: "customers",
      type: "chore",
      titles: ["Spread the pods over zones", "Topology spread for customers"],
      diffs: [
        [
          "helm:values.yaml",
          `
 topologySpreadConstraints:
+  - maxSkew: 1
+    topologyKey: topology.kubernetes.io/zone
+    whenUnsatisfiable: ScheduleAnyway
   - maxSkew: 2
     topologyKey: kubernetes.io/hostname
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      warn("gateway", 6, "503 POST /api/login upstream=customers flags=UH"),
      info("customers", 5, "Started CustomersApplication in 1#n.4 seconds pod=customers-%rsnew%-#pod"),
    ],
    curves: [
      step("customers", "kube_pod_restarts:rate10m", 0, 9),
      step("customers", "kube_deployment_status_replicas_available", 12, 7, { noise: 0.03 }),
    ],
  },
  guilty: {
    lines: [
      warn(
        "customers",
        9,
        "kubelet: Liveness probe failed: Get http://#ip:8081/actuator/health: context deadline exceeded, container will be restarted pod=customers-%rsnew%-#pod",
      ),
      warn("customers", 3, "health indicator mail DOWN: connect to smtp.relay took 1#n00ms"),
    ],
    curves: [
      step("customers", 'prober_probe_total:rate1m{probe_type="Liveness",result="failed"}', 0, 1.6),
      flat("customers", 'kube_node_status_condition{condition="Ready",status="true"}', 24, 24, { noise: 0 }),
    ],
  },
  twin: {
    lines: [
      warn(
        "customers",
        9,
        "node-termination-handler: spot interruption notice, draining node=ip-10-14-#n-#n, evicting pod=customers-%rsnew%-#pod",
      ),
      warn("catalog", 3, "pod evicted: node shutdown, reason=Terminated node=ip-10-14-#n-#n"),
    ],
    curves: [
      flat("customers", 'prober_probe_total:rate1m{probe_type="Liveness",result="failed"}', 0, 0),
      step("customers", 'kube_node_status_condition{condition="Ready",status="true"}', 24, 15, {
        noise: 0.01,
      }),
    ],
  },
  spare: ["symptom", "deploys", "series"],
};

const lostSetting: Story = {
  name: "pods crash at start",
  service: "shipping",
  symptoms: [
    "[FIRING] CrashLoopBackOff: shipping pods are crash looping",
    "shipping: available replicas below minimum, labels are not made",
  ],
  culprit: {
    service: "shipping",
    type: "refactor",
    titles: ["One prefix for all settings", "Name the settings alike", "Settings struct with env tags"],
    diffs: [
      [
        "src:config/config.go",
        `
 type Config struct {
-	CarrierToken string \`env:"CARRIER_TOKEN,required"\`
-	CarrierURL   string \`env:"CARRIER_URL,required"\`
+	CarrierToken string \`env:"SHIPPING_CARRIER_TOKEN,required"\`
+	CarrierURL   string \`env:"SHIPPING_CARRIER_URL,required"\`
 	Brokers      string \`env:"KAFKA_BROKERS,required"\`
 }
`,
      ],
      [
        "helm:values.yaml",
        `
 env:
   KAFKA_BROKERS: kafka-0:9092,kafka-1:9092
-  CARRIER_URL: https://api.parcelgo.example
+  SHIPPING_CARRIER_URL: https://api.parcelgo.example
 envFromSecret:
-  CARRIER_TOKEN: shipping/carrier
+  CARRIER_TOKEN: shipping/carrier-token
`,
      ],
    ],
  },
  mend: [["+  CARRIER_TOKEN: shipping/carrier-token", "+  SHIPPING_CARRIER_TOKEN: shipping/carrier"]],
  decoys: [
    {
      service: "shipping",
      type: "feat",
      titles: ["Fall back to the second carrier for labels", "Labels from nordpost when parcelgo is down"],
      diffs: [
        [
          "src:label/service.go",
          `
@@ func (s *Service) Make(ctx context.Context, o Order) (Label, error) {
 	l, err := s.first.Label(ctx, o)
-	return l, err
+	if err != nil && s.second != nil {
+		return s.second.Label(ctx, o)
+	}
+	return l, err
 }
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      warn("shipping", 8, "kubelet: Back-off restarting failed container shipping pod=shipping-%rsnew%-#pod"),
      warn("orders", 3, "label not ready order=#ord waited=10m"),
    ],
    curves: [step("shipping", "kube_pod_container_restarts:rate15m", 0, 11)],
  },
  guilty: {
    lines: [
      error(
        "shipping",
        9,
        'config: env: required environment variable "SHIPPING_CARRIER_TOKEN" is not set pod=shipping-%rsnew%-#pod exit=1',
      ),
      info("shipping", 3, "label created order=#ord carrier=parcelgo pod=shipping-%rsold%-#pod took=#msms"),
    ],
    curves: [
      step("shipping", "kube_deployment_status_replicas_available", 6, 4, { noise: 0 }),
      flat("shipping", 'kube_replicaset_status_ready{replicaset="shipping-%rsnew%"}', 0, 0, { noise: 0 }),
      step("shipping", 'kube_replicaset_status_ready{replicaset="shipping-%rsold%"}', 6, 4, { noise: 0 }),
    ],
  },
  twin: {
    lines: [
      error(
        "shipping",
        9,
        "kafka: SASL authentication failed: credentials revoked user=shipping pod=shipping-%rsnew%-#pod exit=1",
      ),
      info(
        "shipping",
        3,
        "vault-agent: lease kafka/creds/shipping revoked by user=ops.martin path=sys/leases/revoke-prefix",
      ),
    ],
    curves: [
      step("shipping", "kube_deployment_status_replicas_available", 6, 1, { noise: 0 }),
      step("shipping", 'kube_replicaset_status_ready{replicaset="shipping-%rsnew%"}', 6, 1, { noise: 0 }),
      flat("shipping", 'kube_replicaset_status_ready{replicaset="shipping-%rsold%"}', 6, 6, {
        noise: 0,
        life: "old",
      }),
    ],
  },
  spare: ["symptom", "series", "deploys"],
};

export const platformStories: readonly Story[] = [retries, throttled, liveness, lostSetting];
