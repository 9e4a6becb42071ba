import { event, grown, jump, pages, says } from "./field.ts";
import { avatar, faq, giftcards, lint, readme, recent, sitemap, vouchers } from "./field-guilty.ts";
import { c, day, hour, minute, type Plot, shipped } from "./plot.ts";

/** The other half of those. */
export const fieldGuiltyMore: Plot[] = [
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
