import { story } from "../assemble.ts";
import { minute } from "../plot.ts";
import { calm, fixed, ramp, step } from "../signals.ts";

const unwrap = story({
  name: "panic on a field that is not always there",
  vars: (r) => ({
    name: "card-auth",
    line: r.int(40, 130),
    acquirer: `4${r.int(10000, 99999)}`,
    field: r.pick(["emv_tags", "pos_entry", "token_data"]),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["fraud-score", "payments-hub"],
  dependsOn: () => ["fraud-score"],
  symptom: (v) => `HighErrorRate: ${v.name} declines or drops 7 % of authorisations`,
  lag: [0, 4],
  alert: [2, 8],
  mayLack: ["symptom", "series", "deploys"],
  culprit: (v, r) => ({
    title: r.pick([
      "Borrow message fields instead of copying them",
      "perf: parse messages without allocation",
      "Zero-copy view of messages",
    ]),
    files: {
      "services/card-auth/src/iso8583/view.rs": `
@@ impl<'a> MessageView<'a> {
-    pub fn ${v.field}(&self) -> Option<String> {
-        self.fields.get(&55).map(|raw| decode(raw))
-    }
+    pub fn ${v.field}(&self) -> &'a str {
+        let raw = self.fields.get(&55).unwrap();
+        std::str::from_utf8(raw).unwrap()
+    }
 
     pub fn amount(&self) -> Minor {`,
      "services/card-auth/src/decide.rs": `
@@ pub fn decide(view: &MessageView<'_>, rules: &Rules) -> Decision
-    let tags = view.${v.field}().unwrap_or_default();
-    if !tags.is_empty() && rules.rejects(&tags) {
+    let tags = view.${v.field}();
+    if rules.rejects(tags) {
         return Decision::Decline(Reason::Tags);
     }`,
    },
  }),
  decoys: () => [
    {
      service: "card-auth",
      change: {
        title: "Count declined and dropped authorisations by acquirer",
        files: {
          "services/card-auth/src/telemetry/declines.rs": `
@@ impl Declines {
-    pub fn record(&self, reason: Reason) {
-        self.counter.add(1, &[KeyValue::new("reason", reason.as_str())]);
+    pub fn record(&self, reason: Reason, acquirer: &str) {
+        self.counter.add(
+            1,
+            &[
+                KeyValue::new("reason", reason.as_str()),
+                KeyValue::new("acquirer", acquirer.to_owned()),
+            ],
+        );
     }`,
        },
      },
    },
    {
      service: "fraud-score",
      change: {
        title: "fraud-score: stricter weight for unknown merchants (shadow only)",
        files: {
          "services/fraud-score/rules/shadow.toml": `
 [merchant]
-unknown = 0.30
+unknown = 0.45
+first_seen_days = 14
+weight = "shadow"
 
 [velocity]
-per_hour = 6
+per_hour = 4`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(v.name, `worker_panics_per_second{version="${s.version}"}`, fixed(0), (_value, at) =>
      at < s.live ? Number.NaN : 5 + s.r.normal(),
    );
    s.metric(v.name, "authorisations_failed_ratio", { level: 0.004, noise: 0.3 }, step(s.onset, 0.068));
    s.metric(v.name, "authorisations_per_second", { level: 74, noise: 0.06, daily: 0.4 }, calm);
    s.metric(v.name, "authorisations_without_field_55_ratio", { level: 0.07, noise: 0.05 }, calm);
    s.burst(
      v.name,
      "error",
      12,
      () =>
        `thread 'tokio-runtime-worker' panicked at services/card-auth/src/iso8583/view.rs:${v.line}:48: called \`Option::unwrap()\` on a \`None\` value`,
      () =>
        `core::option::unwrap_failed\ncard_auth::iso8583::view::MessageView::${v.field} at src/iso8583/view.rs:${v.line}\ncard_auth::decide::decide at src/decide.rs:31`,
    );
    s.burst(
      v.name,
      "warn",
      3,
      () => `connection reset while awaiting the decision acquirer=4${s.r.int(10000, 99999)}`,
    );
  },
  twin: (s, v) => {
    s.metric(v.name, "worker_panics_per_second", fixed(0), calm);
    s.metric(v.name, "authorisations_failed_ratio", { level: 0.004, noise: 0.3 }, step(s.onset, 0.07));
    s.metric(v.name, "authorisations_per_second", { level: 74, noise: 0.06, daily: 0.4 }, calm);
    s.metric(
      v.name,
      "authorisations_without_field_55_ratio",
      { level: 0.07, noise: 0.05 },
      step(s.onset, 0.07),
    );
    s.burst(
      v.name,
      "error",
      12,
      () =>
        `rejected: field 55 has odd length ${s.r.int(11, 37)} (malformed message) acquirer=${v.acquirer} terminal_software=9.${s.r.int(1, 2)}`,
      () => "card_auth::iso8583::parse::ParseError::Length\ncard_auth::server::reject at src/server.rs:212",
    );
    s.burst(
      v.name,
      "warn",
      3,
      () => `all rejected messages of the last minute came from acquirer=${v.acquirer}; other acquirers 0`,
    );
  },
});

const retryStorm = story({
  name: "retries that multiply the load of a neighbour",
  vars: (r) => ({
    name: r.pick(["ledger-api", "fraud-score"]),
    caller: "payments-hub",
    retries: r.pick([6, 8]),
  }),
  service: (v) => v.name,
  via: (v) => v.caller,
  others: () => ["selfcare-web", "billing-admin"],
  symptom: (v) => `LatencyBudgetBurn: ${v.name} p99 4 s, request rate more than twice that of yesterday`,
  lag: [1, 30],
  alert: [3, 10],
  mayLack: ["symptom"],
  culprit: (v) => ({
    title: "Share resilience settings between clients",
    files: {
      "services/payments-hub/src/Clients/Resilience.cs": `
@@ public static IHttpClientBuilder AddShared(this IHttpClientBuilder builder)
-        builder.AddPolicyHandler(Policy<HttpResponseMessage>
-            .Handle<HttpRequestException>()
-            .WaitAndRetryAsync(1, _ => TimeSpan.FromMilliseconds(400)))
-            .AddPolicyHandler(Breaker());
+        builder.AddPolicyHandler(Policy<HttpResponseMessage>
+            .HandleResult(answer => (int)answer.StatusCode >= 400)
+            .Or<TimeoutException>()
+            .Or<HttpRequestException>()
+            .RetryAsync(${v.retries}));
+        builder.ConfigureHttpClient(client => client.Timeout = TimeSpan.FromSeconds(1));
         return builder;`,
      "services/payments-hub/src/Program.cs": `
@@ builder.Services
-    .AddHttpClient<ILedgerClient, LedgerClient>();
+    .AddHttpClient<ILedgerClient, LedgerClient>().AddShared();
 builder.Services
-    .AddHttpClient<IScoreClient, ScoreClient>();
+    .AddHttpClient<IScoreClient, ScoreClient>().AddShared();`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Latency budget of ${v.name}: p99 instead of p95`,
        files: {
          [`gitops/monitoring/slo/${v.name}.yaml`]: `
 objective: 99.9
 latency:
-  quantile: 0.95
+  quantile: 0.99
   threshold: 1s
+  burn:
+    fast: 14.4
+    slow: 6
+  rate: sum(rate(request_duration_seconds_count[5m]))`,
        },
      },
    },
    {
      service: "billing-admin",
      change: {
        title: "billing-admin: retry the rate request",
        files: {
          "services/billing-admin/src/Rates/RateClient.php": `
@@ public function today(): RateList
-        return $this->fetch();
+        try {
+            return $this->fetch();
+        } catch (TransportException) {
+            usleep(200_000);
+            return $this->fetch();
+        }
     }`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      v.name,
      `http_requests_per_second{caller="${v.caller}"}`,
      { level: 150, noise: 0.06, daily: 0.3 },
      ramp(s.onset - minute, s.onset + 3 * minute, 390),
    );
    s.metric(
      v.name,
      'http_requests_per_second{caller="selfcare-web"}',
      { level: 60, noise: 0.06, daily: 0.3 },
      calm,
    );
    s.metric(v.caller, "transfers_accepted_per_second", { level: 48, noise: 0.06, daily: 0.3 }, calm);
    s.metric(
      v.name,
      'request_duration_seconds{quantile="0.99"}',
      { level: 0.21, noise: 0.1 },
      ramp(s.onset, s.onset + 4 * minute, 4),
    );
    s.burst(
      v.name,
      "warn",
      10,
      () =>
        `request of ${v.caller} ${s.r.hex(6)}: seen before, x-retry-attempt=${s.r.int(2, v.retries)}, answered 409 or 404 again in ${s.r.int(900, 4000)} ms`,
    );
    s.burst(
      v.caller,
      "warn",
      6,
      () =>
        `Polly: retry ${s.r.int(1, v.retries)} of ${v.retries}, no delay, reason ${s.r.pick(["404 NotFound", "409 Conflict", "TimeoutException"])}`,
    );
  },
  twin: (s, v) => {
    s.metric(
      v.name,
      `http_requests_per_second{caller="${v.caller}"}`,
      { level: 150, noise: 0.06, daily: 0.3 },
      ramp(s.onset - minute, s.onset + 3 * minute, 380),
    );
    s.metric(
      v.name,
      'http_requests_per_second{caller="selfcare-web"}',
      { level: 60, noise: 0.06, daily: 0.3 },
      calm,
    );
    s.metric(
      v.caller,
      "transfers_accepted_per_second",
      { level: 48, noise: 0.06, daily: 0.3 },
      ramp(s.onset - minute, s.onset + 3 * minute, 122),
    );
    s.metric(
      v.name,
      'request_duration_seconds{quantile="0.99"}',
      { level: 0.21, noise: 0.1 },
      ramp(s.onset, s.onset + 4 * minute, 4),
    );
    s.burst(
      v.name,
      "warn",
      8,
      () =>
        `request of ${v.caller} ${s.r.hex(6)}: new, x-retry-attempt=0, answered 200 in ${s.r.int(900, 4000)} ms`,
    );
    s.burst(
      v.caller,
      "info",
      8,
      () =>
        `bulk order accepted: ${s.r.int(40, 90)} thousand transfers, customer 71${s.r.int(100, 120)} (pension fund, monthly payout)`,
    );
  },
});

export const calls = [unwrap, retryStorm];
