import { event, grown, jump, pages, says } from "./field.ts";
import { c, day, hour, minute, type Plot, shipped } from "./plot.ts";

// Innocent changes beside the guilty ones.
const avatar = c(
  "Show initials when a user has no avatar",
  {
    "app/components/Avatar.tsx":
      " export const Avatar = ({ user }: Props) => {\n-  if (!user.picture) return null;\n+  if (!user.picture) return <Initials of={user.name} />;\n   return <img src={user.picture} alt={user.name} />;",
  },
  5 * hour,
);
const readme = c(
  "README: badges for the nightly build",
  { "README.md": "+![nightly](https://ci.example/nightly.svg)" },
  3 * hour,
);
const giftcards = c(
  "Gift cards: message may be 200 characters long",
  {
    "src/main/java/com/acme/gift/GiftCard.java":
      "-  @Size(max = 120)\n+  @Size(max = 200)\n   private String message;",
  },
  4 * hour,
);
const faq = c(
  "FAQ: add returns from abroad",
  { "content/faq.md": "+### Returns from abroad\n+Keep the customs form." },
  6 * hour,
);
const sitemap = c(
  "sitemap.xml lists the size guides",
  {
    "app/sitemap.ts": "   ...categories.map(toUrl),\n+  ...sizeGuides.map(toUrl),",
  },
  2.2 * hour,
);
const lint = c(
  "chore: eslint 9 flat config",
  { "eslint.config.js": "+export default [js.configs.recommended];", ".eslintrc": "-extends: recommended" },
  7 * hour,
);
const recent = c(
  "Recently viewed: keep twelve instead of eight",
  {
    "app/recent/store.ts": "-const KEEP = 8;\n+const KEEP = 12;\n export const push = (item: Item) =>",
  },
  3.4 * hour,
);
const vouchers = c(
  "vouchers: accept lower case codes",
  {
    "internal/voucher/code.go":
      " func Normalize(code string) string {\n-\treturn strings.TrimSpace(code)\n+\treturn strings.ToUpper(strings.TrimSpace(code))",
  },
  4.5 * hour,
);

/** A change did it; after public post-mortems, by a second hand, who did not read the diagnosis. */
export const fieldGuilty: Plot[] = [
  {
    name: "egress to the cache is shut by Terraform",
    guilty: "terraform: least privilege for the app subnet",
    given: {
      ...shipped(
        11 * minute,
        giftcards,
        c("terraform: least privilege for the app subnet", {
          "infra/network/security_groups.tf":
            ' resource "aws_security_group" "app" {\n-  egress {\n-    from_port   = 0\n-    to_port     = 0\n-    protocol    = "-1"\n-  }\n+  egress {\n+    from_port   = 5432\n+    to_port     = 5432\n+    protocol    = "tcp"\n+  }\n }',
        }),
        readme,
      ),
      alert: pages("CacheHitRatioLow", { summary: "Cache hit ratio of shop below 40 %" }),
      series: [jump("CacheHitRatioLow", 9 * minute, 0.93, 0.01, "CacheHitRatioLow")],
      logs: says(9 * minute, [
        "redis.clients.jedis.exceptions.JedisConnectionException: Failed to connect to redis.shop.internal:6379\n\tat redis.clients.jedis.DefaultJedisSocketFactory.createSocket(DefaultJedisSocketFactory.java:110)\nCaused by: java.net.SocketTimeoutException: Connect timed out",
      ]),
    },
  },
  {
    name: "a key that only some postcodes have",
    guilty: "Look shipping zones up by postcode",
    given: {
      ...shipped(
        22 * minute,
        faq,
        c("Look shipping zones up by postcode", {
          "services/pricing/zones.py":
            ' def zone_of(address):\n-    return ZONES[address["country"]]\n+    row = POSTCODES[address["country"]][address["postcode"][:2]]\n+    return row["shipping_zone"]',
        }),
        avatar,
        sitemap,
      ),
      alert: pages(
        "OrdersDropped",
        { summary: "Orders per minute fell by more than a third" },
        { severity: "page" },
      ),
      series: [jump("OrdersDropped", 19 * minute, 240, 130, "OrdersDropped")],
      logs: says(
        19 * minute,
        [
          'Traceback (most recent call last):\n  File "/srv/pricing/api.py", line 64, in quote\n    zone = zone_of(request.address)\n  File "/srv/services/pricing/zones.py", line 31, in zone_of\n    return row["shipping_zone"]\nKeyError: \'shipping_zone\'',
        ],
        {},
        2000,
      ),
    },
  },
  {
    name: "a nil map in a session store",
    guilty: "session: allocate on first use",
    given: {
      ...shipped(
        3 * minute,
        vouchers,
        c(
          "session: allocate on first use",
          {
            "internal/session/store.go":
              " func New() *Store {\n-\treturn &Store{items: make(map[string]Item)}\n+\treturn &Store{}\n }",
          },
          40 * minute,
        ),
      ),
      alert: pages(
        "PodRestartsHigh",
        { description: "More than three restarts of a container in five minutes" },
        { container: "shop" },
        30_000,
      ),
      logs: says(2.5 * minute, [
        "panic: assignment to entry in nil map\n\ngoroutine 71 [running]:\ngithub.com/acme/shop/internal/session.(*Store).Put(...)\n\t/src/internal/session/store.go:88\nmain.main.func3()\n\t/src/cmd/shop/main.go:120 +0x1d4",
      ]),
    },
  },
  {
    name: "discounts without an amount",
    guilty: "Allow a discount in percent only",
    given: {
      ...shipped(
        48 * minute,
        lint,
        c("Allow a discount in percent only", {
          "app/models/discount.rb":
            " class Discount < ApplicationRecord\n-  validates :amount, presence: true\n+  validates :amount, presence: true, unless: :percent?",
          "db/migrate/20261124_amount_null.rb": "+    change_column_null :discounts, :amount, true",
        }),
        recent,
      ),
      alert: pages("Rails5xx", { summary: "5xx of rails above 1 %" }),
      series: [jump("Rails5xx", 6 * minute, 0.0009, 0.03, "Rails5xx")],
      logs: says(
        6 * minute,
        [
          '{"severity":"FATAL","exception":"NoMethodError","message":"undefined method `cents\' for nil:NilClass","backtrace":["app/models/discount.rb:41:in `off\'","app/models/basket.rb:17:in `sum\'"]}',
        ],
        {},
        11_000,
      ),
    },
  },
  {
    name: "an unwrap of nothing",
    guilty: "codec: read the header in one pass",
    given: {
      ...shipped(
        14 * minute,
        readme,
        faq,
        c("codec: read the header in one pass", {
          "crates/codec/src/frame.rs":
            " pub fn header(buf: &[u8]) -> Header {\n-    let len = find(buf, b':').unwrap_or(buf.len());\n+    let len = buf.iter().position(|b| *b == b':').unwrap();\n     Header::new(&buf[..len])",
        }),
        c("metrics: histogram for frame sizes", {
          "crates/metrics/src/lib.rs": "+    pub frame_bytes: Histogram,",
        }),
        sitemap,
        avatar,
      ),
      alert: pages("ConnectionsReset", {
        summary: "clients see resets",
        description: "tcp resets per second above 20",
      }),
      series: [jump("ConnectionsReset", 12 * minute, 0.6, 44, "ConnectionsReset")],
      logs: says(
        12 * minute,
        [
          "thread 'tokio-runtime-worker' panicked at crates/codec/src/frame.rs:57:59:\ncalled `Option::unwrap()` on a `None` value\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        ],
        {},
        4000,
      ),
    },
  },
  {
    name: "a language version that is strict",
    guilty: "Docker: PHP 8.3",
    given: {
      ...shipped(
        31 * minute,
        c("Docker: PHP 8.3", {
          Dockerfile:
            "-FROM php:7.4-fpm-alpine\n+FROM php:8.3-fpm-alpine\n RUN docker-php-ext-install pdo_mysql",
        }),
        faq,
        c("Imprint: new phone number", { "templates/imprint.twig": "-Tel. 030 555 01\n+Tel. 030 555 90" }),
      ),
      alert: pages("FpmErrors", { summary: "php-fpm answers 500" }),
      series: [jump("FpmErrors", 29 * minute, 0.01, 6, "FpmErrors")],
      logs: says(29 * minute, [
        "NOTICE: PHP message: PHP Fatal error:  Uncaught TypeError: strlen(): Argument #1 ($string) must be of type string, array given in /var/www/html/lib/Sku.php:17\nStack trace:\n#0 /var/www/html/lib/Sku.php(17): strlen(Array)\n#1 {main}",
      ]),
    },
  },
  {
    name: "a probe that gives up after a second",
    guilty: "chart: quicker detection of hung pods",
    given: {
      ...shipped(
        36 * minute,
        recent,
        c("chart: quicker detection of hung pods", {
          "charts/shop/templates/deployment.yaml":
            "           livenessProbe:\n             httpGet: { path: /livez, port: 8080 }\n-            timeoutSeconds: 5\n-            failureThreshold: 6\n+            timeoutSeconds: 1\n+            failureThreshold: 2",
        }),
        vouchers,
      ),
      alert: pages(
        "ContainerRestarting",
        { message: "shop/shop-6c8f7d9b54-x2kqz (shop) is restarting 2.1 times / 10 minutes" },
        { pod: "shop-6c8f7d9b54-x2kqz" },
      ),
      series: [jump("ContainerRestarting", 28 * minute, 0.02, 2.1, "ContainerRestarting")],
      logs: [
        ...says(28 * minute, []),
        ...event(
          28 * minute,
          "Unhealthy",
          'Liveness probe failed: Get "http://10.2.3.44:8080/livez": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
        ),
        ...event(28 * minute, "Killing", "Container shop failed liveness probe, will be restarted", "Normal"),
      ],
    },
  },
  {
    name: "exports overlap",
    guilty: "Exporter: do not skip a run while the last one is busy",
    given: {
      ...shipped(
        2.5 * hour,
        c(
          "Exporter: do not skip a run while the last one is busy",
          {
            "k8s/cron/exporter.yaml":
              " kind: CronJob\n spec:\n   schedule: '*/10 * * * *'\n-  concurrencyPolicy: Forbid\n+  concurrencyPolicy: Allow",
          },
          4 * hour,
        ),
        giftcards,
      ),
      alert: pages(
        "PostgresConnections",
        { summary: "Postgres has 380 of 400 connections in use" },
        { datname: "shop" },
      ),
      series: [grown("PostgresConnections", 2.4 * hour, 60, 380, 10 * hour)],
      logs: says(4 * minute, [
        'FATAL: remaining connection slots are reserved for non-replication superuser connections (application_name="exporter")',
      ]),
    },
  },
  {
    name: "pages that no cache may keep",
    guilty: "Product pages carry the name of the customer",
    given: {
      ...shipped(
        7 * minute,
        lint,
        c("Product pages carry the name of the customer", {
          "app/products/page.tsx":
            " export const headers = () => ({\n-  'cache-control': 'public, s-maxage=600',\n+  'cache-control': 'private, no-store',\n+  vary: 'cookie',\n });",
        }),
      ),
      alert: pages("OriginBusy", {
        summary: "Origin of shop serves 8 times the usual requests, CPU at 97 %",
      }),
      series: [
        jump("OriginBusy", 5 * minute, 0.31, 0.97, "OriginBusy"),
        { ...jump("traffic", 5 * minute, 110, 870), load: true },
      ],
    },
  },
  {
    name: "a name that moved before its target answered",
    guilty: "route53: payments-gw points at the new balancer",
    given: {
      ...shipped(
        38 * minute,
        avatar,
        c("route53: payments-gw points at the new balancer", {
          "infra/dns/internal.tf":
            ' resource "aws_route53_record" "payments_gw" {\n   ttl     = 1800\n-  records = ["gw-blue.internal.acme.example"]\n+  records = ["gw-green.internal.acme.exmaple"]\n }',
        }),
        sitemap,
      ),
      alert: pages(
        "PaymentGatewayUnreachable",
        { summary: "payments-gw cannot be reached from shop" },
        { target: "payments-gw" },
      ),
      series: [jump("PaymentGatewayUnreachable", 8 * minute, 0.001, 0.7, "PaymentGatewayUnreachable")],
      logs: says(
        8 * minute,
        ["dial tcp: lookup gw-green.internal.acme.exmaple on 10.0.0.2:53: no such host"],
        { fields: "upstream=payments-gw" },
      ),
    },
  },
  {
    name: "certificates of the test issuer",
    guilty: "cert-manager: one issuer for all ingresses",
    given: {
      ...shipped(
        26 * minute,
        faq,
        c("cert-manager: one issuer for all ingresses", {
          "clusters/prod/ingress/shop.yaml":
            " metadata:\n   annotations:\n-    cert-manager.io/cluster-issuer: letsencrypt\n+    cert-manager.io/cluster-issuer: letsencrypt-staging",
        }),
        vouchers,
      ),
      alert: pages(
        "BlackboxProbeFailed",
        { summary: "https://shop.example does not answer the probe" },
        { instance: "https://shop.example" },
      ),
      series: [jump("BlackboxProbeFailed", 21 * minute, 1, 0, "BlackboxProbeFailed")],
      logs: says(21 * minute, [
        "http: TLS handshake error: remote error: tls: unknown certificate authority",
      ]),
    },
  },
  {
    name: "the alert looks at another quantile",
    guilty: "monitoring: watch the slow tail of the checkout",
    given: {
      ...shipped(
        9 * minute,
        recent,
        c("monitoring: watch the slow tail of the checkout", {
          "monitoring/prometheus/rules/shop.yaml":
            "   - alert: CheckoutSlow\n-    expr: histogram_quantile(0.5, sum by (le) (rate(checkout_seconds_bucket[5m]))) > 0.8\n+    expr: histogram_quantile(0.99, sum by (le) (rate(checkout_seconds_bucket[5m]))) > 0.8\n     for: 5m",
        }),
      ),
      alert: pages("CheckoutSlow", { summary: "The checkout takes longer than 0.8 s" }),
      series: [jump("CheckoutSlow", 0, 1.3, 1.3, "CheckoutSlow")],
    },
  },
  {
    name: "goroutines that wait for ever",
    guilty: "notify: push order states over websockets",
    given: {
      commits: [
        c(
          "notify: push order states over websockets",
          {
            "internal/notify/hub.go":
              "+func (h *Hub) Serve(w http.ResponseWriter, r *http.Request) {\n+\tconn, _ := upgrader.Upgrade(w, r, nil)\n+\tgo h.pump(conn)\n+}",
          },
          27 * hour,
        ),
        vouchers,
        faq,
      ],
      deploys: [
        ["notify: push order states over websockets", 26 * hour],
        ["vouchers: accept lower case codes", 3 * hour],
      ],
      alert: pages("TooManyGoroutines", { summary: "more than 100k goroutines in shop" }),
      series: [grown("TooManyGoroutines", 25.8 * hour, 900, 101_000, 40 * hour)],
    },
  },
  {
    name: "a ranking for everybody",
    guilty: "flags: semantic ranking 5 % → 100 %",
    given: {
      ...shipped(
        17 * minute,
        c("flags: semantic ranking 5 % → 100 %", {
          "flags/production.yaml": " semantic_ranking:\n   owner: discovery\n-  rollout: 5\n+  rollout: 100",
        }),
        giftcards,
        recent,
        readme,
      ),
      alert: pages("SearchP99", { summary: "p99 of search above 2 s" }, { handler: "/api/search" }),
      series: [jump("SearchP99", 16 * minute, 0.35, 3.9, "SearchP99")],
    },
  },
  {
    name: "a period in local time",
    guilty: "Billing period starts at local midnight",
    given: {
      ...shipped(
        11 * hour,
        sitemap,
        c(
          "Billing period starts at local midnight",
          {
            "src/main/java/com/acme/billing/Period.java":
              " static Instant start(LocalDate day) {\n-    return day.atStartOfDay(ZoneOffset.UTC).toInstant();\n+    return day.atStartOfDay(ZoneId.systemDefault()).toInstant();",
          },
          14 * hour,
        ),
        readme,
      ),
      alert: pages(
        "BillingGap",
        {
          summary: "Orders without a billing period",
          description: "shop found orders that belong to no period",
        },
        { job: "billing" },
      ),
      series: [jump("BillingGap", 12 * minute, 0, 61, "BillingGap")],
      logs: says(
        12 * minute,
        [
          "java.lang.IllegalStateException: no billing period contains 2026-11-23T23:41:07Z\n\tat com.acme.billing.Period.of(Period.java:52)\n\tat com.acme.billing.Nightly.run(Nightly.java:29)",
        ],
        {},
        20_000,
      ),
    },
  },
  {
    name: "a geocoder that is asked for each row",
    guilty: "Addresses are geocoded when they are shown",
    given: {
      ...shipped(
        44 * minute,
        avatar,
        c("Addresses are geocoded when they are shown", {
          "app/addresses/list.ts":
            "-  return rows.map((row) => ({ ...row, point: row.point }));\n+  return Promise.all(rows.map(async (row) => ({ ...row, point: await geocoder.find(row.text) })));",
        }),
        lint,
      ),
      alert: pages(
        "AddressesFail",
        { summary: "address book of shop answers with errors" },
        { path: "/account/addresses" },
      ),
      series: [jump("AddressesFail", 39 * minute, 0.004, 0.58, "AddressesFail")],
      logs: says(39 * minute, [
        '{"level":"error","msg":"geocoder: OVER_QUERY_LIMIT: You have exceeded your rate-limit for this API.","status":429,"host":"maps.geo-provider.example"}',
      ]),
    },
  },
  {
    name: "numbers of fields that were tidied",
    guilty: "proto: close the gaps in Order",
    given: {
      ...shipped(
        13 * minute,
        readme,
        c("proto: close the gaps in Order", {
          "proto/acme/order/v1/order.proto":
            " message Order {\n   string id = 1;\n-  string customer_id = 4;\n-  int64 total_cents = 7;\n+  string customer_id = 2;\n+  int64 total_cents = 3;\n }",
        }),
        avatar,
        giftcards,
      ),
      alert: pages("ConsumerErrors", { summary: "the warehouse cannot read orders" }, { topic: "orders.v1" }),
      series: [jump("ConsumerErrors", 11 * minute, 0.2, 38, "ConsumerErrors")],
      logs: says(
        11 * minute,
        ["proto: cannot parse invalid wire-format data: acme.order.v1.Order: field 3: wrong wireType = 2"],
        { service: "warehouse" },
      ),
    },
  },
  {
    name: "a limit in thousandths of a byte",
    guilty: "values: write all quantities the same way",
    given: {
      ...shipped(
        8 * minute,
        vouchers,
        c("values: write all quantities the same way", {
          "deploy/production/values.yaml":
            " resources:\n   limits:\n     cpu: 750m\n-    memory: 640M\n+    memory: 640m",
        }),
      ),
      alert: pages(
        "KubeDeploymentRolloutStuck",
        { summary: "Rollout of shop is stuck" },
        { deployment: "shop" },
      ),
      logs: [
        ...says(7 * minute, []),
        ...event(
          7 * minute,
          "Failed",
          "Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: container init was OOM-killed (memory limit too low?)",
        ),
        ...event(7 * minute, "BackOff", "Back-off restarting failed container shop in pod"),
      ],
    },
  },
  {
    name: "a codec that old brokers do not know",
    guilty: "events: smaller batches on the wire",
    given: {
      ...shipped(
        19 * minute,
        faq,
        lint,
        c("events: smaller batches on the wire", {
          "src/main/resources/kafka.properties":
            " acks=all\n-compression.type=lz4\n+compression.type=zstd\n linger.ms=20",
        }),
      ),
      alert: pages("OutboxGrows", { summary: "Outbox of shop has 5000 unsent events" }),
      series: [grown("OutboxGrows", 18 * minute, 4, 5200, 3 * hour)],
      logs: says(18 * minute, [
        "The broker does not support this compression: org.apache.kafka.common.errors.UnsupportedCompressionTypeException: Produce requests with version 5 are not allowed to use ZStandard compression",
      ]),
    },
  },
  {
    name: "writes in a transaction for reading",
    guilty: "Stock service: read only by default",
    given: {
      ...shipped(
        5 * minute,
        sitemap,
        c("Stock service: read only by default", {
          "src/main/java/com/acme/stock/StockService.java":
            "-@Transactional\n+@Transactional(readOnly = true)\n public class StockService {",
        }),
        avatar,
      ),
      alert: pages("ReservationsFail", { summary: "baskets cannot be reserved" }),
      series: [jump("ReservationsFail", 3 * minute, 0.001, 0.96, "ReservationsFail")],
      logs: says(
        3 * minute,
        ["org.postgresql.util.PSQLException: ERROR: cannot execute UPDATE in a read-only transaction"],
        {},
        3000,
      ),
    },
  },
  {
    name: "a canary that errs",
    guilty: "http client: keep connections for an hour",
    given: {
      ...shipped(
        15 * minute,
        c("http client: keep connections for an hour", {
          "pkg/httpx/client.go":
            " transport := &http.Transport{\n-\tIdleConnTimeout: 30 * time.Second,\n+\tIdleConnTimeout: time.Hour,",
        }),
        readme,
      ),
      alert: pages("GatewayErrors", { summary: "502 and 504 on shop" }),
      series: [
        jump("GatewayErrors", 13 * minute, 0.001, 0.034, "GatewayErrors"),
        { ...jump("errors by version", 0, 0.001, 0.001), versions: { version: "stable" } },
        {
          ...jump("errors by version", 13 * minute, 0.001, 0.35),
          versions: { version: "canary" },
        },
      ],
      logs: says(13 * minute, [
        "upstream request failed: read tcp 10.1.4.7:41234->10.1.9.2:8080: read: connection reset by peer",
      ]),
    },
  },
  {
    name: "numbers that outgrow their column",
    guilty: "events table: keep the id of the click",
    given: {
      commits: [
        c(
          "events table: keep the id of the click",
          {
            "db/migrations/20261121_click.sql":
              "+ALTER TABLE events ADD COLUMN click_id integer NOT NULL DEFAULT 0;",
            "src/events/write.ts": "+  click_id: click.id,",
          },
          3.3 * day,
        ),
        recent,
        avatar,
      ],
      deploys: [
        ["events table: keep the id of the click", 3.2 * day],
        ["Recently viewed: keep twelve instead of eight", 3 * hour],
      ],
      alert: pages("EventsLost", { summary: "events of shop are not stored" }),
      series: [jump("EventsLost", 7 * minute, 0, 91, "EventsLost")],
      logs: says(
        7 * minute,
        [
          "ERROR:  integer out of range (SQLSTATE 22003) at INSERT INTO events (kind, click_id) VALUES ($1, $2) -- click_id=2147483648",
        ],
        {},
        2000,
      ),
    },
  },
  {
    name: "one slow controller in a train of nine",
    guilty: "Quotes: include the delivery estimate",
    given: {
      ...shipped(
        21 * minute,
        readme,
        faq,
        lint,
        sitemap,
        avatar,
        giftcards,
        recent,
        vouchers,
        c("Quotes: include the delivery estimate", {
          "src/main/java/com/acme/quotes/QuoteController.java":
            "   Quote quote = quotes.find(id);\n+  quote.setEstimate(carrier.estimate(quote.getAddress()));\n   return quote;",
        }),
      ),
      alert: pages("SlowRoute", { summary: "p95 above one second" }, { route: "/api/v2/quotes/:id" }),
      series: [jump("SlowRoute", 20 * minute, 0.11, 1.7, "SlowRoute")],
    },
  },
  {
    name: "a path in the vault that the role may not read",
    guilty: "Secrets come from the v2 engine",
    given: {
      ...shipped(
        6 * minute,
        giftcards,
        c("Secrets come from the v2 engine", {
          "config/bootstrap.yml":
            "   vault:\n     uri: https://vault.internal:8200\n-    path: secret/shop\n+    path: kv/data/shop",
        }),
        faq,
      ),
      alert: pages("InstancesDown", { summary: "2 of 6 instances of shop are down" }),
      series: [jump("InstancesDown", 5 * minute, 0, 2, "InstancesDown")],
      logs: says(5 * minute, [
        "org.springframework.vault.VaultException: Status 403 Forbidden [kv/data/shop]: 1 error occurred: * permission denied",
      ]),
    },
  },
];
