import { alerting, deployed, log, moved } from "./nights.ts";
import { hour, minute, type Plot } from "./plot.ts";

type Change = [string, Record<string, string>];

export const badge: Change = [
  "Badge on sold-out articles",
  { "frontend/src/Badge.vue": '-  <span v-if="soldOut">\n+  <span v-if="soldOut" class="badge">' },
];
export const csv: Change = [
  "CSV of orders has a column for the voucher",
  { "backend/export/csv.py": "     row.append(order.total)\n+    row.append(order.voucher or '')" },
];
export const rename: Change = [
  "Rename helper fmtPrice to formatPrice",
  { "frontend/src/format.ts": "-export const fmtPrice = (cents) =>\n+export const formatPrice = (cents) =>" },
];
export const onboarding: Change = [
  "Onboarding page for new colleagues",
  { "docs/onboarding.md": "+Ask for access on your first day." },
];
export const wishes: Change = [
  "Wish lists may be shared by link",
  {
    "backend/wishes/views.py":
      "+@route('/wishes/<token>')\n+def shared(token):\n+    return render(Wish.by(token))",
  },
];
export const audit: Change = [
  "Audit who changed a price",
  {
    "backend/prices/audit.py":
      "+def record(user, price):\n+    log.info('price %s by %s', price.id, user.id)",
  },
];
export const stars: Change = [
  "Half stars in ratings",
  { "frontend/src/Stars.vue": "-Math.round(value)\n+Math.round(value * 2) / 2" },
];
export const typings: Change = [
  "Types for the address form",
  { "frontend/src/address.d.ts": "+export type Address = { zip: string };" },
];

/** A change did it; by a third hand, after incidents of on-call nights that teams wrote about. */
export const nightsGuilty: Plot[] = [
  {
    name: "jobs in the queue have the former arguments",
    guilty: "Mail job takes the locale",
    given: {
      ...deployed(
        [5 * hour, badge],
        [
          9 * minute,
          stars,
          [
            "Mail job takes the locale",
            {
              "app/jobs/mail_job.rb":
                "-  def perform(user_id, template)\n+  def perform(user_id, template, locale)",
            },
          ],
        ],
      ),
      alert: alerting("SidekiqRetries", "more than 500 jobs wait for another try", { queue: "mailers" }),
      series: [moved("SidekiqRetries", { ago: 8 * minute, usual: 3, then: 700, overMs: 4 * minute })],
      logs: log(
        8 * minute,
        "ArgumentError: wrong number of arguments (given 2, expected 3)\n/app/app/jobs/mail_job.rb:4:in `perform'\n/usr/local/bundle/gems/sidekiq-7.2.0/lib/sidekiq/processor.rb:220:in `execute_job'",
      ),
    },
  },
  {
    name: "a service that nobody registered",
    guilty: "Orders ask a clock for the time",
    given: {
      ...deployed(
        [7 * hour, csv],
        [3.5 * hour, typings, wishes],
        [
          6 * minute,
          [
            "Orders ask a clock for the time",
            {
              "src/Shop.Orders/OrderService.cs":
                "-public OrderService(IDb db)\n+public OrderService(IDb db, IClock clock)",
            },
          ],
        ],
      ),
      alert: alerting("OrdersZero", "nobody could order for three minutes", {}, 1 * minute),
      series: [moved("OrdersZero", { ago: 5 * minute, usual: 120, then: 0 })],
      logs: log(
        5 * minute,
        "System.InvalidOperationException: Unable to resolve service for type 'Shop.Time.IClock' while attempting to activate 'Shop.Orders.OrderService'.\n   at Microsoft.Extensions.DependencyInjection.ActivatorUtilities.GetService(IServiceProvider sp, Type type)",
      ),
    },
  },
  {
    name: "a module of the newer kind",
    guilty: "bump nanoid from 3.3.7 to 5.0.4",
    given: {
      ...deployed([
        11 * minute,
        rename,
        [
          "bump nanoid from 3.3.7 to 5.0.4",
          {
            "package.json": '-    "nanoid": "3.3.7",\n+    "nanoid": "5.0.4",',
            "package-lock.json": '-      "version": "3.3.7",\n+      "version": "5.0.4",',
          },
        ],
        [
          "bump prettier from 3.1.0 to 3.2.2",
          { "package.json": '-    "prettier": "3.1.0",\n+    "prettier": "3.2.2",' },
        ],
      ]),
      alert: alerting("KubePodCrashLooping", "Pod is crash looping", {
        pod: "shop-59d8-abcde",
        container: "shop",
      }),
      logs: log(
        10 * minute,
        "Error [ERR_REQUIRE_ESM]: require() of ES Module /app/node_modules/nanoid/index.js from /app/dist/ids.js not supported.",
      ),
    },
  },
  {
    name: "a database of the next version",
    guilty: "rds: MySQL 8",
    given: {
      ...deployed(
        [50 * minute, audit],
        [
          18 * minute,
          [
            "rds: MySQL 8",
            {
              "terraform/prod/rds.tf":
                ' resource "aws_db_instance" "shop" {\n-  engine_version = "5.7.44"\n+  engine_version = "8.0.35"\n   instance_class = "db.r6g.xlarge"',
            },
          ],
        ],
      ),
      alert: alerting("ReportErrors", "reports of shop end with an error", { path: "/reports" }),
      series: [moved("ReportErrors", { ago: 15 * minute, usual: 0.01, then: 0.9 })],
      logs: log(
        15 * minute,
        "SQLSTATE[42000]: Syntax error or access violation: 1055 Expression #2 of SELECT list is not in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by",
      ),
    },
  },
  {
    name: "a file system that may not be written",
    guilty: "security: containers cannot write their root",
    given: {
      ...deployed(
        [4 * hour, csv],
        [
          7 * minute,
          onboarding,
          [
            "security: containers cannot write their root",
            {
              "k8s/base/deployment.yaml":
                "           securityContext:\n             runAsNonRoot: true\n+            readOnlyRootFilesystem: true",
            },
          ],
        ],
      ),
      alert: alerting("PdfFailures", "invoices cannot be printed"),
      series: [moved("PdfFailures", { ago: 6 * minute, usual: 0.002, then: 1 })],
      logs: log(6 * minute, "OSError: [Errno 30] Read-only file system: '/var/cache/pdf/3f9a.tmp'"),
    },
  },
  {
    name: "pods that make way for others",
    guilty: "Batch jobs are important, too",
    given: {
      ...deployed([
        26 * minute,
        stars,
        [
          "Batch jobs are important, too",
          {
            "k8s/batch/cronjobs.yaml":
              " spec:\n   template:\n     spec:\n+      priorityClassName: business-critical",
          },
        ],
      ]),
      alert: alerting("KubeDeploymentReplicasMismatch", "shop has fewer replicas than it wants", {
        deployment: "shop",
      }),
      series: [moved("KubeDeploymentReplicasMismatch", { ago: 21 * minute, usual: 0, then: 3 })],
      logs: [
        ...log(21 * minute, "Preempted by batch/nightly-2898 on node gke-pool-3, priority 1000000", {
          service: "kube-events",
          level: "warn",
        }),
      ],
    },
  },
  {
    name: "messages that have become too long",
    guilty: "catalog client: settings of the library",
    given: {
      ...deployed([
        13 * minute,
        badge,
        [
          "catalog client: settings of the library",
          {
            "internal/catalog/client.go":
              " conn, err := grpc.Dial(addr,\n-\tgrpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(32<<20)),\n \tgrpc.WithTransportCredentials(creds),\n )",
          },
        ],
        typings,
      ]),
      alert: alerting("CatalogEmpty", "category pages without articles"),
      series: [moved("CatalogEmpty", { ago: 12 * minute, usual: 0.004, then: 0.2 })],
      logs: log(
        12 * minute,
        "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5242880 vs. 4194304)",
      ),
    },
  },
  {
    name: "a cache that throws nothing away",
    guilty: "redis: never lose a key",
    given: {
      ...deployed(
        [
          6 * hour,
          [
            "redis: never lose a key",
            {
              "ansible/roles/redis/templates/redis.conf.j2":
                " maxmemory 4gb\n-maxmemory-policy allkeys-lru\n+maxmemory-policy noeviction",
            },
          ],
          csv,
        ],
        [95 * minute, rename],
        [20 * minute, stars],
      ),
      alert: alerting("CartWriteErrors", "carts of shop cannot be saved"),
      series: [moved("CartWriteErrors", { ago: 6 * minute, usual: 0.001, then: 0.7 })],
      logs: log(6 * minute, "ReplyError: OOM command not allowed when used memory > 'maxmemory'."),
    },
  },
  {
    name: "everybody must log in again",
    guilty: "sessions: sign with the key of the vault",
    given: {
      ...deployed([
        8 * minute,
        typings,
        [
          "sessions: sign with the key of the vault",
          {
            "backend/sessions.py":
              "-SECRET_KEY = env('SESSION_KEY')\n+SECRET_KEY = vault.read('session/key')",
          },
        ],
      ]),
      alert: alerting("LoginsHigh", "five times as many logins as usual"),
      series: [moved("LoginsHigh", { ago: 7 * minute, usual: 40, then: 230 })],
    },
  },
  {
    name: "mails are sent twice",
    guilty: "queue: quicker redelivery",
    given: {
      ...deployed(
        [3 * hour, badge],
        [
          42 * minute,
          wishes,
          [
            "queue: quicker redelivery",
            { "config/queues.yml": " mails:\n-  visibility_timeout: 300\n+  visibility_timeout: 20" },
          ],
        ],
      ),
      alert: alerting("MailsDuplicate", "customers get the same mail more than once", { queue: "mails" }),
      series: [moved("MailsDuplicate", { ago: 38 * minute, usual: 0.1, then: 14, overMs: 10 * minute })],
    },
  },
  {
    name: "fewer machines than are needed",
    guilty: "asg: smaller ceiling for the quiet months",
    given: {
      ...deployed(
        [
          2.2 * hour,
          [
            "asg: smaller ceiling for the quiet months",
            { "terraform/prod/asg.tf": "   min_size = 4\n-  max_size = 40\n+  max_size = 8" },
          ],
        ],
        [30 * minute, stars],
      ),
      alert: alerting("CPUHigh", "all machines of shop are above 95 % CPU"),
      series: [moved("CPUHigh", { ago: 100 * minute, usual: 0.5, then: 0.97, overMs: 60 * minute })],
    },
  },
  {
    name: "nothing waits at night",
    guilty: "keda: scale to zero",
    given: {
      ...deployed([
        9 * hour,
        audit,
        [
          "keda: scale to zero",
          {
            "k8s/keda/shop.yaml": " kind: ScaledObject\n spec:\n-  minReplicaCount: 2\n+  minReplicaCount: 0",
          },
        ],
      ]),
      alert: alerting("GatewayErrors", "503 at night", {}, 3 * minute),
      series: [moved("GatewayErrors", { ago: 11 * minute, usual: 0.001, then: 0.12 })],
      logs: log(11 * minute, "upstream connect error: no healthy upstream, cluster=shop, replicas=0", {
        service: "gateway",
      }),
    },
  },
  {
    name: "a script that the page may not load",
    guilty: "headers: content security policy without wildcards",
    given: {
      ...deployed([
        16 * minute,
        csv,
        [
          "headers: content security policy without wildcards",
          {
            "nginx/conf.d/headers.conf":
              "-add_header Content-Security-Policy \"script-src 'self' https:\";\n+add_header Content-Security-Policy \"script-src 'self' https://cdn.shop.example\";",
          },
        ],
        onboarding,
      ]),
      alert: alerting("BrowserErrors", "errors in browsers, 30 times the usual"),
      series: [moved("BrowserErrors", { ago: 15 * minute, usual: 2, then: 61 })],
      logs: log(
        15 * minute,
        "Refused to load the script 'https://js.payprovider.example/v3/' because it violates the following Content Security Policy directive: \"script-src 'self' https://cdn.shop.example\"",
        { service: "browser" },
      ),
    },
  },
];
