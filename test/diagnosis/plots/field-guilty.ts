import { event, grown, jump, pages, says } from "./field.ts";
import { c, hour, minute, type Plot, shipped } from "./plot.ts";

// Innocent changes beside the guilty ones.
export const avatar = c(
  "Show initials when a user has no avatar",
  {
    "app/components/Avatar.tsx":
      " export const Avatar = ({ user }: Props) => {\n-  if (!user.picture) return null;\n+  if (!user.picture) return <Initials of={user.name} />;\n   return <img src={user.picture} alt={user.name} />;",
  },
  5 * hour,
);
export const readme = c(
  "README: badges for the nightly build",
  { "README.md": "+![nightly](https://ci.example/nightly.svg)" },
  3 * hour,
);
export const giftcards = c(
  "Gift cards: message may be 200 characters long",
  {
    "src/main/java/com/acme/gift/GiftCard.java":
      "-  @Size(max = 120)\n+  @Size(max = 200)\n   private String message;",
  },
  4 * hour,
);
export const faq = c(
  "FAQ: add returns from abroad",
  { "content/faq.md": "+### Returns from abroad\n+Keep the customs form." },
  6 * hour,
);
export const sitemap = c(
  "sitemap.xml lists the size guides",
  {
    "app/sitemap.ts": "   ...categories.map(toUrl),\n+  ...sizeGuides.map(toUrl),",
  },
  2.2 * hour,
);
export const lint = c(
  "chore: eslint 9 flat config",
  { "eslint.config.js": "+export default [js.configs.recommended];", ".eslintrc": "-extends: recommended" },
  7 * hour,
);
export const recent = c(
  "Recently viewed: keep twelve instead of eight",
  {
    "app/recent/store.ts": "-const KEEP = 8;\n+const KEEP = 12;\n export const push = (item: Item) =>",
  },
  3.4 * hour,
);
export const vouchers = c(
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
];
