import { story } from "../assemble.ts";
import { becomes, calm, fixed, ramp, step, times, whole } from "../signals.ts";

const databaseParameter = story({
  name: "database parameter that ends idle transactions",
  vars: (r) => ({
    name: r.pick(["number-porting", "dunning", "selfcare-web"]),
    ms: r.pick([2000, 3000, 5000]),
    job: r.pick(["CarrierSyncJob", "RecalculateJob", "BulkLetterJob"]),
  }),
  service: (v) => v.name,
  via: () => "",
  others: () => ["ledger-api", "cluster-base"],
  dependsOn: () => ["db-main"],
  symptom: (v) => `JobFailed: ${v.name} background jobs fail with a lost database connection`,
  lag: [4, 180],
  alert: [4, 12],
  mayLack: ["symptom", "series", "deploys"],
  culprit: (v) => ({
    title: "terraform: parameters recommended by the database advisor",
    files: {
      "terraform/prod/databases/parameters.tf": `
@@ resource "aws_db_parameter_group" "main"
   family = "postgres15"
   parameter {
     name  = "log_min_duration_statement"
-    value = "500"
+    value = "1000"
   }
+  parameter {
+    name  = "idle_in_transaction_session_timeout"
+    value = "${v.ms}"
+  }
+  parameter {
+    name  = "track_io_timing"
+    value = "1"
+  }
   parameter {
     name  = "work_mem"`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Fewer retries of ${v.name} background jobs in tests`,
        files: {
          [`services/${v.name}/spec/support/jobs.rb`]: `
@@ RSpec.configure do |config|
-  config.before { ActiveJob::Base.queue_adapter = :inline }
+  config.before do
+    ActiveJob::Base.queue_adapter = :test
+    ActiveJob::Base.queue_adapter.perform_enqueued_jobs = true
+  end
   config.after { Sidekiq::Worker.clear_all }`,
        },
      },
    },
    {
      service: "ledger-api",
      change: {
        title: "Reconnect when the database connection is lost",
        files: {
          "services/ledger-api/src/LedgerApi/Data/Resilience.cs": `
@@ internal static class Resilience
-    public static readonly int Retries = 0;
+    // A failover drops every connection once.
+    public static readonly int Retries = 1;
+    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);
     public static bool IsTransient(NpgsqlException problem) =>
-        false;
+        problem.IsTransient;`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(v.name, "sidekiq_jobs_failed_per_minute", { level: 0.3, noise: 0.5 }, step(s.onset, 18));
    s.metric("db-main", "pg_sessions_killed_idle_in_transaction", whole(0), ramp(s.onset, s.at, 120));
    s.metric("db-main", "pg_up", whole(1), calm);
    s.log(
      s.live,
      "cluster-base",
      "info",
      `terraform apply finished workspace=prod/databases commit=${s.sha.slice(0, 10)} changed=1 (parameter group, dynamic)`,
    );
    s.burst(
      "db-main",
      "warn",
      8,
      () =>
        `FATAL: terminating connection due to idle-in-transaction timeout user=${v.name} pid=${s.r.int(2000, 9000)}`,
    );
    s.burst(
      v.name,
      "error",
      8,
      () =>
        `class=${v.job} jid=${s.r.hex(12)} PG::ConnectionBad: server closed the connection unexpectedly after an outside call of ${s.r.int(v.ms + 200, v.ms + 4000)} ms inside a transaction`,
      () =>
        `activerecord (7.1.3) lib/active_record/connection_adapters/postgresql_adapter.rb:894:in 'exec_params'\nservices/${v.name}/app/jobs/long_call_job.rb:22:in 'perform'`,
    );
  },
  twin: (s, v) => {
    s.metric(v.name, "sidekiq_jobs_failed_per_minute", { level: 0.3, noise: 0.5 }, step(s.onset, 19));
    s.metric("db-main", "pg_sessions_killed_idle_in_transaction", whole(0), calm);
    s.metric("db-main", "pg_up", whole(1), (value, at) =>
      at > s.onset && at < s.onset + 100_000 ? 0 : value,
    );
    s.log(
      s.live,
      "cluster-base",
      "info",
      `terraform apply finished workspace=prod commit=${s.sha.slice(0, 10)} changed=0`,
    );
    s.burst("db-main", "warn", 8, () =>
      s.r.pick([
        "FATAL: terminating connection due to administrator command",
        "FATAL: the database system is shutting down",
        "provider event: failover of db-main to the standby, underlying host has degraded",
      ]),
    );
    s.burst(
      v.name,
      "error",
      6,
      () => `class=${v.job} jid=${s.r.hex(12)} PG::ConnectionBad: server closed the connection unexpectedly`,
      () =>
        `activerecord (7.1.3) lib/active_record/connection_adapters/postgresql_adapter.rb:894:in 'exec_params'\nservices/${v.name}/app/jobs/long_call_job.rb:22:in 'perform'`,
    );
    s.burst(
      "ledger-api",
      "error",
      3,
      () => "Npgsql.PostgresException: 57P01: terminating connection due to administrator command",
    );
  },
});

const secretPath = story({
  name: "secret that is read from a path without a value",
  vars: (r) => ({
    name: r.pick(["dunning", "kyc-forms", "billing-admin"]),
    key: r.pick(["database", "postgres", "db-main"]),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["ledger-api", "partner-portal"],
  symptom: (v) => `HighErrorRate: ${v.name} cannot log in to its database`,
  lag: [0, 55],
  alert: [2, 9],
  mayLack: ["symptom", "series", "deploys"],
  culprit: (v) => ({
    title: "One naming scheme for secrets",
    files: {
      [`gitops/apps/${v.name}/templates/external-secret.yaml`]: `
@@ spec:
-  refreshInterval: 24h
+  refreshInterval: 1h
+  target:
+    creationPolicy: Owner
+    deletionPolicy: Merge
   data:
     - secretKey: DB_USER
       remoteRef:
-        key: prod/${v.name}/db
+        key: prod/${v.name}/${v.key}
         property: user
     - secretKey: DB_PASSWORD
       remoteRef:
-        key: prod/${v.name}/db
+        key: prod/${v.name}/${v.key}
         property: password`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Say which database ${v.name} could not log in to`,
        files: {
          [`services/${v.name}/docs/database.md`]: `
 # Database
 
-See the wiki.
+| error | meaning |
+| --- | --- |
+| password authentication failed | the secret is wrong |
+| no pg_hba.conf entry | the network is wrong |
+| too many connections | the pool is wrong |`,
        },
      },
    },
    {
      service: "partner-portal",
      change: {
        title: "Move secrets of partner-portal to the new scheme",
        body: "Values were copied first; checked with the vault team.",
        files: {
          "gitops/apps/partner-portal/templates/external-secret.yaml": `
@@ data:
     - secretKey: DB_PASSWORD
       remoteRef:
-        key: prod/partner-portal/db
+        key: prod/partner-portal/database
         property: password
     - secretKey: MAIL_TOKEN
       remoteRef:
-        key: prod/partner-portal/mail
+        key: prod/partner-portal/mailer
         property: token`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(v.name, "http_5xx_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.44));
    s.metric(
      "cluster-base",
      `externalsecret_status_condition{name="${v.name}",status="False"}`,
      whole(0),
      becomes(s.live + 30_000, 1),
    );
    s.metric(v.name, "db_login_failures_per_second", fixed(0), step(s.onset, 6));
    s.burst(
      "cluster-base",
      "error",
      7,
      () =>
        `SecretSyncedError externalsecret ${v.name}: could not get secret data from provider: Secret does not exist: prod/${v.name}/${v.key}`,
    );
    s.burst(
      v.name,
      "error",
      8,
      () => `could not log in to the database: fe_sendauth: no password supplied (user "")`,
    );
  },
  twin: (s, v) => {
    s.metric(v.name, "http_5xx_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.42));
    s.metric(
      "cluster-base",
      `externalsecret_status_condition{name="${v.name}",status="False"}`,
      whole(0),
      calm,
    );
    s.metric(v.name, "db_login_failures_per_second", fixed(0), step(s.onset, 6));
    s.log(
      s.onset - 9000,
      "db-main",
      "info",
      `audit: role "${v.name.replace("-", "_")}" altered: ALTER ROLE ... PASSWORD by dba_ow from bastion-1 (quarterly rotation, ticket open)`,
    );
    s.burst(
      "cluster-base",
      "info",
      6,
      () => `externalsecret ${v.name}: synced, version unchanged since ${s.r.int(40, 90)} days`,
    );
    s.burst(
      v.name,
      "error",
      8,
      () =>
        `could not log in to the database: FATAL: password authentication failed for user "${v.name.replace("-", "_")}"`,
    );
    s.metric("db-main", "pg_up", whole(1), times(s.onset, 1));
  },
});

export const settings = [databaseParameter, secretPath];
