import { error, flat, info, type Story, step, traced, warn } from "../story.ts";

const pspTimeout: Story = {
  name: "payment provider times out",
  service: "payments",
  symptoms: [
    "[FIRING] PaymentsErrorRatioHigh: payments 5xx ratio above 5% for 5m (severity=page)",
    "Customers report that card payment fails at the last step. Declines look normal, these are errors.",
    "payments: SLO burn rate 14x over 5m, POST /v1/authorizations",
  ],
  culprit: {
    service: "payments",
    type: "refactor",
    titles: [
      "Read the PSP limits from configuration properties",
      "One factory for outgoing HTTP clients",
      "Drop the hand-written PspClientConfig constants",
    ],
    body: "Constants were spread over three classes.",
    diffs: [
      [
        "src:psp/PspClientConfig.java",
        `
@@ class PspClientConfig {
     @Bean
     RestClient pspClient(PspProperties props, RestClient.Builder builder) {
         var factory = new JdkClientHttpRequestFactory(httpClient());
-        factory.setReadTimeout(Duration.ofSeconds(READ_TIMEOUT_SECONDS));
+        factory.setReadTimeout(Duration.ofMillis(props.readTimeout()));
         return builder.requestFactory(factory).baseUrl(props.baseUrl()).build();
     }
-    private static final int READ_TIMEOUT_SECONDS = 8;
`,
      ],
      [
        "res:application.yaml",
        `
 psp:
   base-url: \${PSP_BASE_URL}
+  read-timeout: 8
   merchant: shop-eu
`,
      ],
    ],
  },
  mend: [["Duration.ofMillis(props", "Duration.ofSeconds(props"]],
  decoys: [
    {
      service: "payments",
      type: "feat",
      titles: ["Report payments errors by decline reason", "Error ratio panel for card payments"],
      diffs: [
        [
          "src:report/DeclineReport.java",
          `
@@ class DeclineReport {
     void add(Authorization authorization) {
         total.increment();
-        if (authorization.declined()) declined.increment();
+        if (authorization.declined()) {
+            declined.increment();
+            byReason.computeIfAbsent(authorization.reason(), counters::of).increment();
+        }
     }
`,
        ],
      ],
    },
    {
      service: "checkout",
      type: "fix",
      titles: ["Keep the payment button disabled while a request is open"],
      diffs: [
        [
          "src:web/PaymentStep.kt",
          `
@@ class PaymentStep
     fun view(session: Session) = StepView(
         title = texts["payment.title"],
-        enabled = session.hasAddress,
+        enabled = session.hasAddress && !session.paymentOpen,
     )
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      error("checkout", 9, "payment step failed order=#ord upstream=payments status=502 trace=#trace"),
      info("payments", 5, "authorized order=#ord psp=adypay amount=#eur took=412ms", "before"),
    ],
    curves: [
      step("payments", "http_server_errors:ratio1m", 0.003, 0.41),
      step("checkout", "orders_placed:rate1m", 11, 5.5, { daily: true }),
    ],
  },
  guilty: {
    lines: [
      traced(
        "payments",
        12,
        "authorize failed order=#ord psp=adypay elapsed_ms=9 cause=java.net.http.HttpTimeoutException: request timed out",
        `
java.net.http.HttpTimeoutException: request timed out
	at java.net.http/jdk.internal.net.http.HttpClientImpl.send(HttpClientImpl.java:571)
	at org.springframework.http.client.JdkClientHttpRequest.executeInternal(JdkClientHttpRequest.java:102)
	at shop.payments.psp.PspClient.authorize(PspClient.java:58)
	at shop.payments.AuthorizationService.authorize(AuthorizationService.java:91)`,
      ),
      error("payments", 5, "authorize failed order=#ord psp=klarpay elapsed_ms=8 cause=HttpTimeoutException"),
    ],
    curves: [
      step("payments", 'psp_request_seconds{psp="adypay",quantile="0.99"}', 0.62, 0.009),
      step("payments", 'psp_request_seconds{psp="klarpay",quantile="0.99"}', 0.48, 0.009),
    ],
  },
  twin: {
    lines: [
      traced(
        "payments",
        10,
        "authorize failed order=#ord psp=adypay elapsed_ms=8003 cause=java.net.http.HttpTimeoutException: request timed out",
        `
java.net.http.HttpTimeoutException: request timed out
	at java.net.http/jdk.internal.net.http.HttpClientImpl.send(HttpClientImpl.java:571)
	at org.springframework.http.client.JdkClientHttpRequest.executeInternal(JdkClientHttpRequest.java:102)
	at shop.payments.psp.PspClient.authorize(PspClient.java:58)
	at shop.payments.AuthorizationService.authorize(AuthorizationService.java:91)`,
      ),
      error(
        "payments",
        6,
        "psp answered psp=adypay status=503 body='scheduled failover in progress' elapsed_ms=6120",
      ),
    ],
    curves: [
      step("payments", 'psp_request_seconds{psp="adypay",quantile="0.99"}', 0.62, 8),
      flat("payments", 'psp_request_seconds{psp="klarpay",quantile="0.99"}', 0.48),
    ],
  },
  spare: ["symptom", "deploys", "logs"],
};

const trustStore: Story = {
  name: "TLS to the provider fails",
  service: "payments",
  symptoms: [
    "[FIRING] PaymentsCaptureFailures: payments capture failures > 20/min",
    "payments: captures and refunds all fail, authorizations are down too. Please look.",
  ],
  culprit: {
    service: "payments",
    type: "chore",
    titles: [
      "Use the company trust store in the image",
      "Slim the runtime image",
      "Unify JVM options in the image",
    ],
    diffs: [
      [
        "top:Dockerfile",
        `
-FROM registry.shop/base/jre:21
+FROM registry.shop/base/jre-slim:21
 WORKDIR /app
+COPY certs/internal-ca.jks /app/internal-ca.jks
 COPY build/libs/payments.jar app.jar
-ENV JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=70"
+ENV JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=70 -Djavax.net.ssl.trustStore=/app/internal-ca.jks"
 EXPOSE 8080
 ENTRYPOINT ["java", "-jar", "app.jar"]
`,
      ],
    ],
  },
  mend: [[" -Djavax.net.ssl.trustStore=/app/internal-ca.jks", ""]],
  decoys: [
    {
      service: "payments",
      type: "feat",
      titles: ["Show capture failures in the back office", "List failed captures and refunds"],
      diffs: [
        [
          "src:backoffice/CaptureList.java",
          `
@@ class CaptureList {
     List<CaptureRow> failures(LocalDate day) {
-        return captures.failedOn(day);
+        return captures.failedOn(day).stream()
+            .sorted(comparing(CaptureRow::amount).reversed())
+            .toList();
     }
`,
        ],
      ],
    },
    {
      service: "gateway",
      type: "chore",
      titles: ["Serve TLS 1.3 session tickets at the edge"],
      diffs: [
        [
          "src:tls/config.go",
          `
@@ func serverConfig(cert tls.Certificate) *tls.Config {
 	return &tls.Config{
 		Certificates: []tls.Certificate{cert},
 		MinVersion:   tls.VersionTLS12,
+		SessionTicketsDisabled: false,
 	}
 }
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [error("payments", 8, "capture failed order=#ord psp=adypay cause=SSLHandshakeException")],
    curves: [
      step("payments", 'psp_requests_failed:rate1m{kind="tls"}', 0, 7.5),
      step("payments", "capture_failures:rate1m", 0.02, 2.4),
    ],
  },
  guilty: {
    lines: [
      traced(
        "payments",
        9,
        "TLS handshake failed host=api.adypay.example cause=PKIX path building failed: unable to find valid certification path to requested target",
        `
javax.net.ssl.SSLHandshakeException: PKIX path building failed
	at java.base/sun.security.ssl.Alert.createSSLException(Alert.java:130)
	at java.base/sun.security.validator.PKIXValidator.doBuild(PKIXValidator.java:388)
	at shop.payments.psp.PspClient.capture(PspClient.java:77)`,
      ),
      error("payments", 4, "TLS handshake failed host=api.klarpay.example cause=PKIX path building failed"),
      info(
        "payments",
        2,
        "Picked up JAVA_TOOL_OPTIONS pod=payments-%rsnew%-#pod trust anchors loaded=3",
        "deploy",
      ),
    ],
    curves: [
      step("payments", 'tls_handshake_failures:rate1m{host="api.adypay.example"}', 0, 5.1),
      step("payments", 'tls_handshake_failures:rate1m{host="api.klarpay.example"}', 0, 2.2),
    ],
  },
  twin: {
    lines: [
      traced(
        "payments",
        10,
        "TLS handshake failed host=api.adypay.example cause=CertificateExpiredException: NotAfter passed",
        `
javax.net.ssl.SSLHandshakeException: PKIX path validation failed: validity check failed
	at java.base/sun.security.ssl.Alert.createSSLException(Alert.java:130)
	at java.base/sun.security.x509.CertificateValidity.valid(CertificateValidity.java:186)
	at shop.payments.psp.PspClient.capture(PspClient.java:77)`,
      ),
      warn("payments", 3, "peer certificate of api.adypay.example expires in less than 24h", "before"),
      info("payments", 2, "captured order=#ord psp=klarpay amount=#eur"),
    ],
    curves: [
      step("payments", 'tls_handshake_failures:rate1m{host="api.adypay.example"}', 0, 6.8),
      flat("payments", 'tls_handshake_failures:rate1m{host="api.klarpay.example"}', 0),
    ],
  },
  spare: ["symptom", "series", "deploys"],
};

const webhook: Story = {
  name: "provider webhooks are rejected",
  service: "payments",
  symptoms: [
    "[FIRING] PspWebhookRejected: payments webhook 401 ratio above 50%",
    "Orders stay in 'payment pending' although the provider says that they are paid.",
  ],
  culprit: {
    service: "payments",
    type: "feat",
    titles: [
      "Accept JSON webhooks with extra fields",
      "Parse webhooks with the shared ObjectMapper",
      "Typed webhook events",
    ],
    diffs: [
      [
        "src:webhook/WebhookController.java",
        `
@@ class WebhookController {
     @PostMapping("/webhooks/{psp}")
-    ResponseEntity<Void> receive(@PathVariable String psp, @RequestHeader("X-Signature") String signature, @RequestBody byte[] raw) {
-        if (!signatures.matches(psp, signature, raw)) return status(401).build();
-        events.handle(psp, mapper.readValue(raw, WebhookEvent.class));
+    ResponseEntity<Void> receive(@PathVariable String psp, @RequestHeader("X-Signature") String signature, @RequestBody WebhookEvent event) {
+        byte[] raw = mapper.writeValueAsBytes(event);
+        if (!signatures.matches(psp, signature, raw)) return status(401).build();
+        events.handle(psp, event);
         return ok().build();
     }
`,
      ],
    ],
  },
  mend: [
    [
      "@RequestBody WebhookEvent event) {\n+        byte[] raw = mapper.writeValueAsBytes(event);",
      "@RequestBody byte[] raw) {\n+        var event = mapper.readValue(raw, WebhookEvent.class);",
    ],
  ],
  decoys: [
    {
      service: "orders",
      type: "fix",
      titles: [
        "Show 'payment pending' instead of 'open' to customers",
        "Pending orders keep their payment status",
      ],
      diffs: [
        [
          "src:web/OrderStatusText.kt",
          `
@@ object OrderStatusText
     fun of(status: OrderStatus): String = when (status) {
-        OrderStatus.PENDING -> "Open"
+        OrderStatus.PENDING -> "Payment pending"
         OrderStatus.PAID -> "Paid"
         OrderStatus.SENT -> "On its way"
     }
`,
        ],
      ],
    },
    {
      service: "payments",
      type: "chore",
      titles: ["Document the webhook signature", "Webhook notes for new providers"],
      diffs: [
        [
          "docs/webhooks.md",
          `
 # Webhooks
 
+The signature is an HMAC-SHA256 of the raw body, hex, header X-Signature.
+A rejected webhook (401) is sent again by the provider for 24 hours.
 Secrets live in Vault under payments/webhook.
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      warn("payments", 12, "webhook rejected psp=adypay status=401 reason=signature_mismatch event=#id"),
      info("orders", 4, "order still pending after 10m order=#ord"),
    ],
    curves: [
      step("payments", 'webhooks:rate1m{psp="adypay",code="401"}', 0.01, 6),
      step("orders", "orders_pending_payment", 40, 420, { noise: 0.03 }),
    ],
  },
  guilty: {
    lines: [
      warn("payments", 6, "webhook rejected psp=klarpay status=401 reason=signature_mismatch event=#id"),
      warn(
        "payments",
        4,
        "webhook signature differs psp=klarpay body_bytes=#big signed_bytes=#big content_length mismatch",
      ),
    ],
    curves: [
      step("payments", 'webhooks:rate1m{psp="klarpay",code="401"}', 0.01, 3.2),
      step("payments", 'webhooks:rate1m{psp="klarpay",code="200"}', 3.2, 0.02),
    ],
  },
  twin: {
    lines: [
      info("payments", 6, "webhook handled psp=klarpay status=200 event=#id"),
      warn("payments", 4, "webhook key id unknown psp=adypay kid=2026-b known=2026-a"),
    ],
    curves: [
      flat("payments", 'webhooks:rate1m{psp="klarpay",code="401"}', 0.01),
      flat("payments", 'webhooks:rate1m{psp="klarpay",code="200"}', 3.2),
    ],
  },
  spare: ["symptom", "series", "deploys"],
};

export const paymentStories: readonly Story[] = [pspTimeout, trustStore, webhook];
