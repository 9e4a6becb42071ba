import { type Change, gauge, heard, logOf, ruled } from "./blind.ts";
import { alerting, deployed } from "./nights.ts";
import { hour, minute, type Plot } from "./plot.ts";

const footer: Change = [
  "Footer: link to the imprint",
  { "web/templates/footer.html": '+<a href="/imprint">Imprint</a>' },
];
const readme: Change = ["README: how to run the tests", { "README.md": "+make test" }];
const metricsName: Change = [
  "Count exports by format",
  { "internal/export/metrics.go": "+exports.WithLabelValues(format).Inc()" },
];
const lint: Change = [
  "golangci-lint 1.61",
  { ".golangci.yml": "+  - bodyclose", ".github/workflows/lint.yml": "-version: v1.59\n+version: v1.61" },
];
const csv: Change = [
  "Export of orders as CSV has a header",
  { "app/exports/orders_csv.rb": "+csv << HEADERS" },
];
const copy: Change = [
  "Copy: Thank you page",
  { "config/locales/en.yml": "-thanks: Thanks\n+thanks: Thank you" },
];
const gift: Change = [
  "Gift wrapping is shown in the basket",
  { "src/main/java/shop/basket/GiftWrap.java": "+return items.stream().anyMatch(Item::isGift);" },
];
const spec: Change = [
  "Test for vouchers that have expired",
  { "src/test/java/shop/VoucherTest.java": "+@Test void expired() {}" },
];
const fav: Change = [
  "Favourites can be sorted",
  { "src/favourites/sort.ts": "+items.sort((a, b) => a.name.localeCompare(b.name));" },
];
const dark: Change = [
  "Dark mode for the account page",
  { "web/styles/account.scss": "+@media (prefers-color-scheme: dark) { body { background: #111 } }" },
];
const grafana: Change = ["Dashboard: panel of p99", { "dashboards/shop.json": '+"title": "p99"' }];

/** A change did it. Written by an author who had read neither the evidence nor its tests, and committed before it was first played. */
export const blindGuilty: Plot[] = [
  {
    name: "the acquirer is given two seconds",
    guilty: "Acquirer client: fail fast",
    given: {
      ...deployed(
        [28 * hour, footer],
        [
          14 * minute,
          metricsName,
          [
            "Acquirer client: fail fast",
            { "internal/acquirer/client.go": "-Timeout: 15 * time.Second,\n+Timeout: 2 * time.Second," },
          ],
          readme,
        ],
      ),
      alert: alerting(
        "PaymentErrorRateHigh",
        "Authorisations failing above 5%",
        { severity: "page" },
        3 * minute,
      ),
      series: [
        ruled("PaymentErrorRateHigh", { ago: 12 * minute, usual: 0.006, then: 0.19, overMs: 3 * minute }),
      ],
      logs: logOf(
        "go",
        12 * minute,
        'level=error msg="authorise failed" err="Post \\"https://api.acquirer.example/v2/authorise\\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"',
      ),
    },
  },
  {
    name: "a column that the old code still reads",
    guilty: "Drop users.legacy_role",
    given: {
      ...deployed(
        [6 * hour, csv],
        [
          9 * minute,
          copy,
          [
            "Drop users.legacy_role",
            {
              "db/migrate/20261124_drop_legacy_role.rb": "+remove_column :users, :legacy_role, :string",
              "db/schema.rb": '-t.string "legacy_role"',
            },
          ],
        ],
      ),
      alert: alerting("HighErrorRate", "5xx ratio > 5% for 5m", { severity: "critical" }, 2 * minute),
      series: [ruled("HighErrorRate", { ago: 8 * minute, usual: 0.003, then: 0.31 })],
      logs: logOf(
        "rails",
        8 * minute,
        "ActiveRecord::StatementInvalid (PG::UndefinedColumn: ERROR:  column users.legacy_role does not exist)",
      ),
    },
  },
  {
    name: "a pool of five",
    guilty: "Datasource settings per environment",
    given: {
      ...deployed(
        [20 * hour, spec],
        [
          41 * minute,
          gift,
          [
            "Datasource settings per environment",
            {
              "src/main/resources/application-prod.yml":
                "-      maximum-pool-size: 50\n+      maximum-pool-size: 5",
            },
          ],
        ],
      ),
      alert: alerting("LatencyP99", "p99 latency of shop is above 2s", {}, 4 * minute),
      series: [ruled("LatencyP99", { ago: 36 * minute, usual: 0.4, then: 8, overMs: 20 * minute })],
      logs: logOf(
        "jvm",
        30 * minute,
        "c.s.OrderRepository - java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms.",
      ),
    },
  },
  {
    name: "a quarter of the memory",
    guilty: "helm: right-size shop",
    given: {
      ...deployed(
        [50 * hour, grafana],
        [
          19 * minute,
          [
            "helm: right-size shop",
            {
              "deploy/helm/values-prod.yaml":
                "   resources:\n     limits:\n-      memory: 1Gi\n+      memory: 256Mi",
            },
          ],
          dark,
        ],
      ),
      alert: alerting(
        "KubePodCrashLooping",
        "Pod is crash looping.",
        { namespace: "prod", container: "shop" },
        3 * minute,
      ),
      series: [ruled("KubePodCrashLooping", { ago: 16 * minute, usual: 0, then: 1 })],
      logs: [
        ...logOf("node"),
        ...heard(16 * minute, "Container shop in pod shop-6f7c9d-x2x was OOMKilled, exit code 137", {
          service: "kube-events",
          level: "warn",
        }),
      ],
    },
  },
  {
    name: "a probe that asks a page that is not there",
    guilty: "Probes use the new health endpoints",
    given: {
      ...deployed(
        [31 * hour, lint, metricsName],
        [
          11 * minute,
          [
            "Probes use the new health endpoints",
            {
              "k8s/deployment.yaml":
                "   readinessProbe:\n     httpGet:\n-      path: /healthz\n+      path: /health/ready",
            },
          ],
        ],
      ),
      alert: alerting(
        "KubeDeploymentReplicasMismatch",
        "Deployment has not matched the expected number of replicas.",
        { deployment: "shop" },
        minute,
      ),
      series: [ruled("KubeDeploymentReplicasMismatch", { ago: 10 * minute, usual: 0, then: 4 })],
      logs: [
        ...logOf("go"),
        ...heard(10 * minute, "Readiness probe failed: HTTP probe failed with statuscode: 404", {
          service: "kubelet",
          level: "warn",
        }),
      ],
    },
  },
  {
    name: "the cache has a copy for each browser",
    guilty: "Vary images by client",
    given: {
      ...deployed(
        [5 * hour, footer],
        [
          33 * minute,
          ["Vary images by client", { "edge/vcl/recv.vcl": "+hash_data(req.http.User-Agent);" }],
          readme,
        ],
      ),
      alert: alerting("CacheHitRatioLow", "CDN hit ratio below 70%", { team: "edge" }, 5 * minute),
      series: [
        ruled("CacheHitRatioLow", { ago: 31 * minute, usual: 0.95, then: 0.41, overMs: 12 * minute }),
        gauge("origin_egress_bytes", { ago: 31 * minute, usual: 40, then: 420, overMs: 12 * minute }),
      ],
      logs: logOf("nginx"),
    },
  },
  {
    name: "a rule of the firewall that goes back and forth",
    guilty: "WAF: rule 100431 for inline scripts",
    given: {
      ...deployed(
        [26 * hour, dark],
        [
          4 * minute,
          [
            "WAF: rule 100431 for inline scripts",
            {
              "waf/rules/xss.conf":
                '+SecRule ARGS "@rx (?:(?:\\"|\'|\\]|\\}|\\\\|\\d|(?:nan|infinity|true|false))*.*(?:.*=.*))" "id:100431,deny"',
            },
          ],
        ],
      ),
      alert: alerting("InstanceCpuHigh", "CPU > 95% on all edge instances", {}, minute),
      series: [
        ruled("InstanceCpuHigh", { ago: 3 * minute, usual: 0.22, then: 0.99 }),
        gauge("http_5xx", { ago: 3 * minute, usual: 2, then: 800 }),
      ],
      logs: logOf(
        "nginx",
        3 * minute,
        "upstream timed out (110: Connection timed out) while reading response header from upstream",
      ),
    },
  },
  {
    name: "more records than can be handled in five minutes",
    guilty: "Consumer: larger batches",
    given: {
      ...deployed(
        [9 * hour, gift],
        [
          55 * minute,
          [
            "Consumer: larger batches",
            {
              "src/main/java/shop/orders/ConsumerConfig.java":
                "-props.put(MAX_POLL_RECORDS_CONFIG, 200);\n+props.put(MAX_POLL_RECORDS_CONFIG, 20000);",
            },
          ],
          spec,
        ],
      ),
      alert: alerting(
        "KafkaConsumerGroupLag",
        "consumer group orders is lagging",
        { consumergroup: "orders", topic: "orders" },
        5 * minute,
      ),
      series: [
        ruled("KafkaConsumerGroupLag", { ago: 48 * minute, usual: 120, then: 90_000, overMs: 48 * minute }),
      ],
      logs: logOf(
        "jvm",
        47 * minute,
        "o.a.k.c.c.i.ConsumerCoordinator - [Consumer groupId=orders] consumer poll timeout has expired. This means the time between subsequent calls to poll() was longer than the configured max.poll.interval.ms",
      ),
    },
  },
  {
    name: "every contact is synced one by one",
    guilty: "Sync contacts after every save",
    given: {
      ...deployed(
        [3 * hour, ["Admin: list of tenants has pages", { "crm/admin.py": "+list_per_page = 50" }]],
        [
          75 * minute,
          [
            "Sync contacts after every save",
            {
              "crm/signals.py":
                "+@receiver(post_save, sender=Contact)\n+def sync(sender, instance, **kw):\n+    sync_contact.delay(instance.pk)",
            },
          ],
        ],
      ),
      alert: alerting(
        "CeleryQueueLength",
        "queue default has more than 5000 tasks",
        { queue: "default" },
        4 * minute,
      ),
      series: [ruled("CeleryQueueLength", { ago: 62 * minute, usual: 40, then: 9000, overMs: 60 * minute })],
      logs: [
        ...logOf("python"),
        ...heard(60 * minute, "Task tasks.sync_contact[5f1] received", { level: "info" }),
      ],
    },
  },
  {
    name: "an index that seemed to be unused",
    guilty: "Remove unused indexes",
    given: {
      ...deployed(
        [22 * hour, copy],
        [
          17 * minute,
          csv,
          [
            "Remove unused indexes",
            {
              "db/migrate/20261124_unused_indexes.rb":
                "+remove_index :order_lines, name: :index_order_lines_on_sku\n+remove_index :audits, :created_at",
            },
          ],
        ],
      ),
      alert: alerting("ApdexLow", "Apdex of web below 0.7", {}, 4 * minute),
      series: [
        ruled("ApdexLow", { ago: 15 * minute, usual: 0.94, then: 0.52 }),
        gauge("db_cpu", { ago: 15 * minute, usual: 0.3, then: 0.97 }),
      ],
      logs: [
        ...logOf("rails"),
        ...heard(
          15 * minute,
          "duration: 8412.339 ms  execute a7: SELECT order_lines.* FROM order_lines WHERE order_lines.sku = $1",
          { service: "postgres", level: "warn" },
        ),
      ],
    },
  },
  {
    name: "express payment for all",
    guilty: "flags: express checkout on",
    given: {
      ...deployed(
        [7 * hour, fav],
        [
          8 * minute,
          [
            "flags: express checkout on",
            { "config/flags.prod.json": '-"express_checkout": false\n+"express_checkout": true' },
          ],
        ],
      ),
      alert: alerting("CheckoutFailures", "checkout success rate < 90%", { severity: "page" }, 2 * minute),
      series: [ruled("CheckoutFailures", { ago: 7 * minute, usual: 0.98, then: 0.73 })],
      logs: logOf(
        "node",
        7 * minute,
        "TypeError: Cannot read properties of null (reading 'walletToken') at expressCheckout (/app/src/checkout/express.ts:88:31)",
      ),
    },
  },
  {
    name: "older apps want the price as they know it",
    guilty: "API: prices as an object",
    given: {
      ...deployed(
        [4 * hour, dark],
        [
          52 * minute,
          fav,
          [
            "API: prices as an object",
            {
              "src/api/products.ts":
                "-price_cents: product.price,\n+price: { amount: product.price, currency: product.currency },",
            },
          ],
        ],
      ),
      alert: alerting(
        "MobileCrashRate",
        "crash-free sessions below 99%",
        { platform: "android" },
        6 * minute,
      ),
      series: [ruled("MobileCrashRate", { ago: 49 * minute, usual: 0.997, then: 0.94, overMs: 15 * minute })],
      logs: [
        ...logOf("node"),
        ...heard(
          48 * minute,
          "android/8.14.0 JsonDataException: Required value 'price_cents' missing at $.products[0]",
          { service: "mobile-crashes" },
        ),
      ],
    },
  },
  {
    name: "a model with two more features",
    guilty: "Ranker v42",
    given: {
      ...deployed(
        [
          27 * hour,
          ["Log the id of the experiment", { "serving/log.py": "+extra={'experiment': experiment}" }],
        ],
        [
          13 * minute,
          [
            "Ranker v42",
            {
              "serving/models.yaml": " ranker:\n-  uri: s3://models/ranker/41\n+  uri: s3://models/ranker/42",
            },
          ],
          readme,
        ],
      ),
      alert: alerting("PredictErrors", "more than 10% of predictions fail", {}, 3 * minute),
      series: [ruled("PredictErrors", { ago: 11 * minute, usual: 0.001, then: 0.98 })],
      logs: logOf(
        "python",
        11 * minute,
        "ValueError: X has 126 features, but RankerModel is expecting 128 features as input",
      ),
    },
  },
];
