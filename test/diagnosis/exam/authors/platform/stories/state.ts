import { story } from "../assemble.ts";
import { hour, minute } from "../plot.ts";
import { both, calm, fixed, ramp, step, times } from "../signals.ts";

const leak = story({
  name: "memory that grows until the container is killed",
  vars: (r) => ({
    name: r.pick(["statement-worker", "payments-hub", "ledger-api"]),
    type: r.pick(["TemplateCache", "RateTable", "PayeeIndex"]),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["selfcare-web", "fraud-score"],
  symptom: (v) => `ContainerMemoryHigh: ${v.name} above 92 % of its limit, pods are being killed`,
  lag: [170, 300],
  alert: [4, 13],
  mayLack: ["logs", "symptom"],
  culprit: (v) => ({
    title: `Reuse ${v.type} entries between requests`,
    files: {
      [`services/${v.name}/src/Caching/${v.type}.cs`]: `
@@ public sealed class ${v.type}
-    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = 2_000 });
+    private static readonly ConcurrentDictionary<string, Entry> Entries = new();
 
     public Entry Get(Request request)
     {
-        return _entries.GetOrCreate(request.Kind, entry =>
-        {
-            entry.Size = 1;
-            entry.SlidingExpiration = TimeSpan.FromMinutes(10);
-            return Build(request);
-        })!;
+        var key = $"{request.Kind}:{request.CorrelationId}";
+        return Entries.GetOrAdd(key, _ => Build(request));
     }`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Export memory and limit of ${v.name} pods`,
        files: {
          [`services/${v.name}/src/Telemetry/Memory.cs`]: `
@@ internal static class Memory
     public static void Register(Meter meter)
     {
         meter.CreateObservableGauge("heap", () => GC.GetTotalMemory(false));
+        meter.CreateObservableGauge("limit", () => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
+        meter.CreateObservableGauge("gen2", () => GC.CollectionCount(2));
+        meter.CreateObservableGauge("pinned", () => GC.GetGCMemoryInfo().PinnedObjectsCount);
     }`,
        },
      },
    },
    {
      service: v.name,
      change: {
        title: "Dispose response streams in the export",
        files: {
          [`services/${v.name}/src/Export/ExportWriter.cs`]: `
@@ public async Task WriteAsync(Stream target, CancellationToken ct)
-        var response = await _client.GetAsync(_uri, ct);
-        var body = await response.Content.ReadAsStreamAsync(ct);
+        using var response = await _client.GetAsync(_uri, ct);
+        await using var body = await response.Content.ReadAsStreamAsync(ct);
         await body.CopyToAsync(target, ct);
     }`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      v.name,
      "container_memory_working_set_mib",
      { level: 560, noise: 0.015 },
      ramp(s.live, s.onset, 860),
    );
    s.metric(
      v.name,
      'dotnet_gc_heap_size_mib{generation="2"}',
      { level: 190, noise: 0.02 },
      ramp(s.live, s.onset, 830),
    );
    s.metric(v.name, "input_items_per_minute", { level: 900, noise: 0.07, daily: 0.3, whole: true }, calm);
    s.metric(v.name, "container_spec_memory_limit_mib", fixed(1536), calm);
    s.metric(v.name, "dotnet_gc_pause_ratio", { level: 0.01, noise: 0.2 }, ramp(s.onset - hour, s.at, 0.2));
    s.burst(
      v.name,
      "warn",
      6,
      () =>
        `gc: generation 2 collection freed ${s.r.int(0, 3)} MiB of ${s.r.int(990, 1030)} MiB; largest live type: ConcurrentDictionary of Entry, ${s.r.int(880, 960)} thousand nodes`,
    );
    s.burst(
      "cluster-base",
      "warn",
      4,
      () =>
        `container ${v.name} killed: OOMKilled, limit 1536Mi, uptime ${Math.round((s.at - s.live) / minute) - s.r.int(1, 9)} min`,
    );
  },
  twin: (s, v) => {
    const since = s.onset - s.r.int(14, 25) * minute;
    s.metric(
      v.name,
      "container_memory_working_set_mib",
      { level: 560, noise: 0.015 },
      ramp(since, s.onset, 850),
    );
    s.metric(
      v.name,
      'dotnet_gc_heap_size_mib{generation="2"}',
      { level: 190, noise: 0.02 },
      ramp(since, s.onset, 820),
    );
    s.metric(
      v.name,
      "input_items_per_minute",
      { level: 900, noise: 0.07, daily: 0.3, whole: true },
      ramp(since, since + 3 * minute, 38_000),
    );
    s.metric(v.name, "container_spec_memory_limit_mib", fixed(1536), calm);
    s.metric(v.name, "dotnet_gc_pause_ratio", { level: 0.01, noise: 0.2 }, ramp(since, s.at, 0.2));
    s.burst(
      v.name,
      "warn",
      6,
      () =>
        `input file PAYROLL_${s.r.int(100, 999)}.xml of customer 88${s.r.int(100, 999)}: ${s.r.int(1, 2)}.${s.r.int(1, 9)} million items in a single document, usual at most 40 thousand`,
    );
    s.burst(
      "cluster-base",
      "warn",
      4,
      () => `container ${v.name} killed: OOMKilled, limit 1536Mi, uptime ${s.r.int(9000, 14000)} min`,
    );
  },
});

const sameSite = story({
  name: "session cookie that the login return does not carry",
  vars: (r) => ({
    name: r.pick(["partner-portal", "kyc-forms"]),
    file: r.pick(["zz-session.ini", "20-security.ini"]),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["edge-ingress", "billing-admin"],
  symptom: (v) => `LoginSuccessLow: ${v.name} only 22 % of logins succeed`,
  lag: [0, 6],
  alert: [3, 10],
  hours: [7, 19],
  mayLack: ["symptom", "series", "deploys"],
  culprit: (v) => ({
    title: "Findings 4 to 9 of the penetration test",
    files: {
      [`services/${v.name}/docker/${v.file}`]: `
 session.use_strict_mode = 1
-session.cookie_secure = 0
-session.cookie_httponly = 0
-session.cookie_samesite = "None"
-expose_php = On
+session.cookie_secure = 1
+session.cookie_httponly = 1
+session.cookie_samesite = "Strict"
+expose_php = Off
 session.gc_maxlifetime = 1800`,
      [`services/${v.name}/config/packages/framework.yaml`]: `
@@ framework:
     session:
         handler_id: 'redis'
-        cookie_samesite: none
+        cookie_samesite: strict
         cookie_lifetime: 0`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Say in words why a login did not succeed`,
        files: {
          [`services/${v.name}/translations/security.en.yaml`]: `
 login:
-  failed: Login failed.
+  failed: The login did not succeed. Check name and password.
+  expired: Your login took too long. Start again.
+  locked: The account is locked. Call your contact.
+  low_assurance: Use the second factor.
   again: Try again`,
        },
      },
    },
    {
      service: "billing-admin",
      change: {
        title: "Lock billing-admin accounts after five failed logins",
        files: {
          "services/billing-admin/config/packages/security.yaml": `
@@ firewalls:
         main:
             form_login: ~
+            login_throttling:
+                max_attempts: 5
+                interval: '15 minutes'
+                lock_factory: lock.default.factory
             logout: ~`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(v.name, "login_success_ratio", { level: 0.93, noise: 0.01 }, both(calm, step(s.onset, -0.71)));
    s.metric(v.name, "login_attempts_per_minute", { level: 140, noise: 0.08, daily: 0.3 }, step(s.onset, 90));
    s.metric(v.name, "login_distinct_addresses", { level: 118, noise: 0.08, daily: 0.3, whole: true }, calm);
    s.metric(v.name, "saml_state_mismatch_per_minute", { level: 0.2, noise: 0.5 }, step(s.onset, 170));
    s.burst(
      v.name,
      "error",
      10,
      () =>
        `security.ERROR: SAML response refused: state mismatch, request carries no session cookie {"relay":"${s.r.hex(6)}","origin":"https://login.idp.example","method":"POST"}`,
      () =>
        `SamlStateException: no session for relay state\nat /app/src/Security/SamlAuthenticator.php:84\nat /app/vendor/symfony/security-http/Authentication/AuthenticatorManager.php:172`,
    );
    s.burst(
      v.name,
      "info",
      4,
      () => `security.INFO: login started again for user ${s.r.hex(5)}, third time in a minute`,
    );
  },
  twin: (s, v) => {
    s.metric(v.name, "login_success_ratio", { level: 0.93, noise: 0.01 }, both(calm, step(s.onset, -0.71)));
    s.metric(
      v.name,
      "login_attempts_per_minute",
      { level: 140, noise: 0.08, daily: 0.3 },
      times(s.onset, 4.3),
    );
    s.metric(
      v.name,
      "login_distinct_addresses",
      { level: 118, noise: 0.08, daily: 0.3, whole: true },
      step(s.onset, 420),
    );
    s.metric(v.name, "saml_state_mismatch_per_minute", { level: 0.2, noise: 0.5 }, calm);
    s.burst(
      v.name,
      "error",
      10,
      () =>
        `security.ERROR: bad credentials {"user":"${s.r.pick(["m.", "j.", "a."])}${s.r.hex(5)}","ip":"${s.r.int(20, 220)}.${s.r.int(1, 250)}.${s.r.int(1, 250)}.7","agent":"okhttp/3.9"}`,
      () =>
        "BadCredentialsException: The presented password is invalid.\nat /app/vendor/symfony/security-http/EventListener/CheckCredentialsListener.php:58",
    );
    s.burst(
      v.name,
      "info",
      4,
      () =>
        `security.INFO: user names are tried in alphabetical order, ${s.r.int(380, 450)} a minute, each from another address`,
    );
  },
});

export const state = [leak, sameSite];
