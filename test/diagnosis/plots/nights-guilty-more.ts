import { alerting, also, deployed, incoming, log, moved } from "./nights.ts";
import { audit, badge, csv, onboarding, rename, stars, typings, wishes } from "./nights-guilty.ts";
import { day, hour, minute, type Plot } from "./plot.ts";

/** The other half of those. */
export const nightsGuiltyMore: Plot[] = [
  {
    name: "handles run out",
    guilty: "systemd: drop settings that equal the default",
    given: {
      ...deployed([
        70 * minute,
        badge,
        [
          "systemd: drop settings that equal the default",
          {
            "ops/systemd/shop.service": " [Service]\n-LimitNOFILE=65536\n-TasksMax=infinity\n Restart=always",
          },
        ],
      ]),
      alert: alerting("AcceptFails", "shop does not accept connections"),
      series: [moved("AcceptFails", { ago: 12 * minute, usual: 0, then: 220 })],
      logs: log(12 * minute, "accept4: too many open files (24: Too many open files)"),
    },
  },
  {
    name: "no clause of the function matches",
    guilty: "Tax rates of the new countries",
    given: {
      ...deployed(
        [55 * minute, rename],
        [
          12 * minute,
          typings,
          [
            "Tax rates of the new countries",
            {
              "lib/billing/tax.ex":
                '-  def rate(_), do: 19\n+  def rate("DE"), do: 19\n+  def rate("FR"), do: 20',
            },
          ],
        ],
      ),
      alert: alerting("CheckoutErrors", "The checkout ends with an error", { handler: "/checkout" }),
      series: [moved("CheckoutErrors", { ago: 11 * minute, usual: 0.003, then: 0.17 })],
      logs: log(
        11 * minute,
        '** (FunctionClauseError) no function clause matching in Billing.Tax.rate/1\n    (shop 0.1.0) lib/billing/tax.ex:9: Billing.Tax.rate("AT")',
      ),
    },
  },
  {
    name: "a bucket that refuses",
    guilty: "s3: uploads only with our own key",
    given: {
      ...deployed([
        25 * minute,
        wishes,
        [
          "s3: uploads only with our own key",
          {
            "terraform/storage/policy.tf":
              '+    condition {\n+      test     = "StringNotEquals"\n+      variable = "s3:x-amz-server-side-encryption"\n+      values   = ["aws:kms"]\n+    }',
          },
        ],
        badge,
      ]),
      alert: alerting("PhotosFail", "photos cannot be uploaded"),
      series: [moved("PhotosFail", { ago: 22 * minute, usual: 0.002, then: 0.98 })],
      logs: log(
        22 * minute,
        "software.amazon.awssdk.services.s3.model.S3Exception: Access Denied (Service: S3, Status Code: 403, Request ID: 7AB)",
      ),
    },
  },
  {
    name: "the partner is shut out",
    guilty: "waf: one hundred requests a minute per address",
    given: {
      ...deployed([
        33 * minute,
        [
          "waf: one hundred requests a minute per address",
          {
            "terraform/edge/waf.tf":
              '+    rate_based_statement {\n+      limit              = 100\n+      aggregate_key_type = "IP"\n+    }',
          },
        ],
        onboarding,
      ]),
      alert: alerting("MarketplaceOrdersLow", "hardly any orders from the market place"),
      series: [moved("MarketplaceOrdersLow", { ago: 30 * minute, usual: 90, then: 7 })],
      logs: log(
        30 * minute,
        '{"action":"BLOCK","terminatingRuleId":"rate-per-address","clientIp":"198.51.100.20","uri":"/api/orders"}',
        { service: "edge", level: "info" },
      ),
    },
  },
  {
    name: "the export does not begin",
    guilty: "crontab in UTC",
    given: {
      ...deployed(
        [
          15 * hour,
          csv,
          [
            "crontab in UTC",
            {
              "ops/cron/shop.cron":
                "-CRON_TZ=Europe/Berlin\n-30 11 * * 2 /opt/export/run\n+30 11 * * 2 /opt/export/run",
            },
          ],
        ],
        [2 * hour, stars],
      ),
      alert: alerting("ExportMissing", "the weekly export did not begin at 11:30", { job_name: "export" }),
    },
  },
  {
    name: "a protocol that clients stopped to understand",
    guilty: "ingress: TLS 1.3 only",
    given: {
      ...deployed([
        19 * minute,
        audit,
        [
          "ingress: TLS 1.3 only",
          {
            "charts/ingress/values.yaml":
              "   config:\n-    ssl-protocols: TLSv1.2 TLSv1.3\n+    ssl-protocols: TLSv1.3",
          },
        ],
      ]),
      alert: alerting("RequestsLow", "40 % fewer requests than a week ago"),
      series: [moved("RequestsLow", { ago: 17 * minute, usual: 900, then: 530 })],
      logs: log(
        17 * minute,
        "SSL_do_handshake() failed (SSL: error:0A000102:SSL routines::unsupported protocol) while SSL handshaking",
        { service: "ingress" },
      ),
    },
  },
  {
    name: "every container has a limit",
    guilty: "limits: a CPU for everybody",
    given: {
      ...deployed(
        [4.4 * hour, badge],
        [
          35 * minute,
          rename,
          [
            "limits: a CPU for everybody",
            {
              "k8s/base/limitrange.yaml":
                "+kind: LimitRange\n+spec:\n+  limits:\n+    - default: { cpu: 500m }",
            },
          ],
          wishes,
        ],
      ),
      alert: alerting("LatencyHigh", "p99 of shop above 1.5 s", {}, 6 * minute),
      series: [moved("LatencyHigh", { ago: 31 * minute, usual: 0.3, then: 1.9, overMs: 5 * minute })],
    },
  },
  {
    name: "old rows have no value",
    guilty: "Delivery windows: column instead of JSON",
    given: {
      ...deployed(
        [2.8 * day, csv],
        [
          65 * minute,
          [
            "Delivery windows: column instead of JSON",
            {
              "backend/delivery/window.py":
                "-    return json.loads(order.extra)['window']\n+    return order.window.start",
              "migrations/0097_window.py":
                "+    op.add_column('orders', sa.Column('window', Window, nullable=True))",
            },
          ],
          stars,
        ],
      ),
      alert: alerting("Errors5xx", "Error rate of shop is high", { route: "/orders/:id" }),
      series: [moved("Errors5xx", { ago: 60 * minute, usual: 0.002, then: 0.035 })],
      logs: log(60 * minute, "AttributeError: 'NoneType' object has no attribute 'start'"),
    },
  },
  {
    name: "the third of five deploys",
    guilty: "Search: synonyms from the database",
    given: {
      ...deployed(
        [5 * hour, csv],
        [3.6 * hour, badge, typings],
        [
          2 * hour,
          [
            "Search: synonyms from the database",
            {
              "backend/search/synonyms.py":
                "-SYNONYMS = load('synonyms.txt')\n+def synonyms(term):\n+    return db.query('select * from synonyms where term = %s', term)",
            },
          ],
          rename,
        ],
        [75 * minute, stars],
        [18 * minute, wishes],
      ),
      alert: alerting("DbQueries", "queries per second of the database above 9000"),
      series: [moved("DbQueries", { ago: 118 * minute, usual: 1200, then: 9600, overMs: 90 * minute })],
    },
  },
  {
    name: "robots may read everything",
    guilty: "SEO: facets may be indexed",
    given: {
      ...deployed(
        [8 * hour, audit],
        [
          2.5 * hour,
          [
            "SEO: facets may be indexed",
            {
              "public/robots.txt": " User-agent: *\n-Disallow: /facets/",
              "frontend/src/Facets.vue": '-<a rel="nofollow" :href="facet">\n+<a :href="facet">',
            },
          ],
          badge,
        ],
      ),
      alert: alerting("DatabaseBusy", "the database of shop is busy"),
      series: [
        moved("DatabaseBusy", { ago: 110 * minute, usual: 0.2, then: 0.93, overMs: 60 * minute }),
        incoming(115 * minute, 80, 300),
      ],
      logs: log(
        100 * minute,
        'GET /facets/?color=red&size=41&brand=7 200 4120 ms "Mozilla/5.0 (compatible; bingbot/2.0)"',
        { level: "warn" },
      ),
    },
  },
  {
    name: "one slow answer stops all",
    guilty: "Recommendations on the product page",
    given: {
      ...deployed([
        47 * minute,
        typings,
        [
          "Recommendations on the product page",
          {
            "src/main/kotlin/shop/product/ProductPage.kt":
              "+    val also = runBlocking { recommender.forProduct(product.id) }\n     return page(product, also)",
          },
        ],
        csv,
      ]),
      alert: alerting("ThreadsBusy", "all 200 threads of shop are busy"),
      series: [moved("ThreadsBusy", { ago: 14 * minute, usual: 35, then: 200, overMs: 5 * minute })],
      logs: [
        ...log(
          14 * minute,
          "java.util.concurrent.RejectedExecutionException: Thread pool exhausted: active=200 queued=1000\n\tat shop.product.ProductPage.render(ProductPage.kt:58)",
        ),
        ...also(14 * minute, "recommender", "slow answer: 8123 ms"),
      ],
    },
  },
];
