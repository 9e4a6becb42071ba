import { story } from "../assemble.ts";
import { minute } from "../plot.ts";
import { calm, ramp, step, whole } from "../signals.ts";

const r0 = <T>(number: number, list: readonly T[]): T => list[number % list.length]!;

const connectionSlots = story({
  name: "more replicas than the database has connections for",
  vars: (r) => ({
    name: "ledger-api",
    neighbour: r.pick(["payments-hub", "billing-admin", "statement-worker"]),
    max: r.pick([36, 40, 48]),
    size: r.pick([15, 20]),
  }),
  service: (v) => v.name,
  via: (v) => v.neighbour,
  others: () => ["card-auth", "dunning"],
  dependsOn: () => ["db-main"],
  symptom: (v) => `ConnectionPoolExhausted: ${v.name} waits for a database connection, 12 % of requests fail`,
  lag: [20, 400],
  alert: [3, 9],
  hours: [9, 16],
  mayLack: ["logs", "symptom"],
  culprit: (v) => ({
    title: `Let ${v.neighbour} scale with the working day`,
    files: {
      [`gitops/apps/${v.neighbour}/values-prod.yaml`]: `
@@ autoscaling:
   enabled: true
-  minReplicas: 6
-  maxReplicas: 10
+  minReplicas: 8
+  maxReplicas: ${v.max}
   metrics:
-    cpu: 75
+    cpu: 55
 database:
   host: db-main
   poolSize: ${v.size}`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Shorter wait for a database connection in ${v.name} reports`,
        files: {
          [`services/${v.name}/src/LedgerApi.Reports/ReportOptions.cs`]: `
@@ public sealed class ReportOptions
-    public int PoolWaitSeconds { get; init; } = 30;
+    // The nightly report gives up sooner; requests have their own pool.
+    public int PoolWaitSeconds { get; init; } = 15;
     public int PoolSize { get; init; } = 2;
     public string Schedule { get; init; } = "0 3 * * *";
-    public bool Compress { get; init; }
+    public bool Compress { get; init; } = true;`,
        },
      },
    },
    {
      service: "card-auth",
      change: {
        title: "card-auth: pool of database connections per shard",
        body: "Its database is its own (db-cards).",
        files: {
          "gitops/apps/card-auth/values-prod.yaml": `
@@ database:
   host: db-cards
-  poolSize: 8
+  poolSize: 12
+  pools:
+    - shard: 0
+    - shard: 1
   sslmode: verify-full`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    const peak = Math.floor(300 / v.size);
    s.metric("db-main", "pg_stat_activity_count", { level: 150, noise: 0.03, whole: true }, (value, at) =>
      at < s.live ? value : Math.min(300, value + 148 * Math.min(1, (at - s.live) / (s.onset - s.live))),
    );
    s.metric(
      "db-main",
      `pg_connections{application="${v.neighbour}"}`,
      { level: 9 * v.size, noise: 0.01, whole: true },
      ramp(s.live, s.onset, (peak - 9) * v.size),
    );
    s.metric(v.neighbour, "kube_deployment_status_replicas", whole(9), ramp(s.live, s.onset, peak - 8));
    s.metric(v.name, "db_pool_wait_seconds_p95", { level: 0.004, noise: 0.3 }, step(s.onset, 9.6));
    s.metric(v.name, "http_5xx_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.12));
    s.burst(
      "cluster-base",
      "info",
      5,
      () =>
        `SuccessfulRescale hpa/${v.neighbour}: new size ${peak + s.r.int(0, 2)}, reason: cpu above target`,
    );
    s.burst(
      v.name,
      "error",
      8,
      () =>
        "Npgsql.PostgresException (0x80004005): 53300: remaining connection slots are reserved for roles with the SUPERUSER attribute",
      () =>
        "at Npgsql.Internal.NpgsqlConnector.Open(NpgsqlTimeout timeout)\nat Npgsql.PoolingDataSource.OpenNewConnector()\nat LedgerApi.Data.PostingRepository.FindAsync(Guid id) in PostingRepository.cs:line 41",
    );
  },
  twin: (s, v) => {
    s.metric("db-main", "pg_stat_activity_count", { level: 150, noise: 0.03, whole: true }, (value, at) =>
      at < s.onset - 3 * minute
        ? value
        : Math.min(300, value + 150 * Math.min(1, (at - s.onset + 3 * minute) / (3 * minute))),
    );
    s.metric(
      "db-main",
      `pg_connections{application="${v.neighbour}"}`,
      { level: 9 * v.size * 0.5, noise: 0.01, whole: true },
      calm,
    );
    s.metric(
      "db-main",
      'pg_connections{application="tableau-desktop"}',
      whole(3),
      ramp(s.onset - 3 * minute, s.onset, 158),
    );
    s.metric(v.name, "db_pool_wait_seconds_p95", { level: 0.004, noise: 0.3 }, step(s.onset, 9.2));
    s.metric(v.name, "http_5xx_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.12));
    s.burst(
      "db-main",
      "info",
      6,
      () =>
        `connection authorized: user=analyst_mk database=core application_name=tableau-desktop host=10.60.7.${s.r.int(11, 14)}`,
    );
    s.burst(
      v.name,
      "error",
      8,
      () =>
        "Npgsql.PostgresException (0x80004005): 53300: remaining connection slots are reserved for roles with the SUPERUSER attribute",
      () =>
        "at Npgsql.Internal.NpgsqlConnector.Open(NpgsqlTimeout timeout)\nat Npgsql.PoolingDataSource.OpenNewConnector()\nat LedgerApi.Data.PostingRepository.FindAsync(Guid id) in PostingRepository.cs:line 41",
    );
  },
});

const migrationLock = story({
  name: "migration that locks a busy table",
  vars: (r) => ({
    name: r.pick(["ledger-api", "payments-hub"]),
    table: r.pick(["postings", "transfers", "mandates"]),
    stamp: r.int(100000, 235959),
    pid: r.int(3000, 30000),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["statement-worker", "selfcare-web"],
  symptom: (v) => `LatencyBudgetBurn: ${v.name} p95 of writes above 8 s`,
  lag: [0, 3],
  alert: [2, 8],
  mayLack: ["symptom", "series"],
  culprit: (v) => ({
    title: r0(v.stamp, [
      "Order the list by booking date",
      "Sort the back office list on the server",
      "fix: stable order of pages",
    ]),
    files: {
      [`services/${v.name}/migrations/20260${(v.stamp % 8) + 1}12${v.stamp}_booked_at.sql`]: `
+SET lock_timeout = 0;
+ALTER TABLE ${v.table}
+  ADD COLUMN booked_on date GENERATED ALWAYS AS ((booked_at AT TIME ZONE 'UTC')::date) STORED;
+CREATE INDEX ix_${v.table}_booked_on ON ${v.table} (booked_on, id);`,
      [`services/${v.name}/src/Listing/ListQuery.cs`]: `
@@ internal static string Sql(int page) =>
         SELECT id, currency, amount
-        ORDER BY id DESC
+        ORDER BY booked_on DESC, id DESC
         LIMIT 50 OFFSET {page * 50}`,
    },
  }),
  decoys: (v) => [
    {
      service: "statement-worker",
      change: {
        title: "Index statements concurrently",
        files: {
          "services/statement-worker/migrations/V88__statement_index.sql": `
+-- flyway:executeInTransaction=false
+SET lock_timeout = '2s';
+CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_statement_period
+  ON statements (account_id, period);`,
        },
      },
    },
    {
      service: v.name,
      change: {
        title: `Record latency of ${v.name} writes in finer buckets`,
        files: {
          [`services/${v.name}/src/Telemetry/Buckets.cs`]: `
@@ internal static class Buckets
     public static readonly double[] Writes =
     [
-        0.1, 1, 10
+        0.005, 0.01, 0.05, 0.1,
+        0.25, 0.5, 1, 2.5,
+        5, 8, 10
     ];`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      v.name,
      'request_duration_seconds{quantile="0.95",kind="write"}',
      { level: 0.06, noise: 0.1 },
      ramp(s.onset, s.onset + 2 * minute, 11),
    );
    s.metric(
      "db-main",
      `pg_locks{mode="AccessExclusiveLock",relation="${v.table}"}`,
      whole(0),
      step(s.onset, 1),
    );
    s.metric(
      "db-main",
      "pg_stat_activity_waiting",
      { level: 1, noise: 0.5, whole: true },
      ramp(s.onset, s.at, 84),
    );
    s.log(
      s.onset - 8000,
      v.name,
      "info",
      `migrator: applying ${s.r.int(300, 340)}_booked_at (transaction open)`,
    );
    s.burst(
      "db-main",
      "warn",
      9,
      () =>
        `process ${s.r.int(31000, 40000)} still waiting for RowExclusiveLock on relation ${v.table} after 1000 ms; holder ${v.pid}: ALTER TABLE ${v.table} ADD COLUMN booked_on (application ${v.name}-migrate)`,
    );
    s.burst(
      v.name,
      "error",
      7,
      () => `Npgsql timeout while reading from stream: INSERT INTO ${v.table}`,
      () =>
        `at Npgsql.Internal.NpgsqlReadBuffer.ReadLong()\nat Dapper.SqlMapper.ExecuteImplAsync()\nat ${v.name}.Data.WriteStore.AddAsync() in WriteStore.cs:line 77`,
    );
  },
  twin: (s, v) => {
    s.metric(
      v.name,
      'request_duration_seconds{quantile="0.95",kind="write"}',
      { level: 0.06, noise: 0.1 },
      ramp(s.onset, s.onset + 2 * minute, 10),
    );
    s.metric(
      "db-main",
      `pg_locks{mode="AccessExclusiveLock",relation="${v.table}"}`,
      whole(0),
      step(s.onset, 1),
    );
    s.metric(
      "db-main",
      "pg_stat_activity_waiting",
      { level: 1, noise: 0.5, whole: true },
      ramp(s.onset, s.at, 84),
    );
    s.log(s.live + 4000, v.name, "info", "migrator: schema is up to date, nothing to apply");
    s.burst(
      "db-main",
      "warn",
      9,
      () =>
        `process ${s.r.int(31000, 40000)} still waiting for RowExclusiveLock on relation ${v.table} after 1000 ms; holder ${v.pid}: VACUUM FULL ${v.table}; (application psql, user dba_jk, host bastion-2)`,
    );
    s.burst(
      v.name,
      "error",
      7,
      () => `Npgsql timeout while reading from stream: INSERT INTO ${v.table}`,
      () =>
        `at Npgsql.Internal.NpgsqlReadBuffer.ReadLong()\nat Dapper.SqlMapper.ExecuteImplAsync()\nat ${v.name}.Data.WriteStore.AddAsync() in WriteStore.cs:line 77`,
    );
  },
});

export const database = [connectionSlots, migrationLock];
