import type { Plot } from "./plot.ts";
import {
  c,
  climbed,
  css,
  danish,
  day,
  fires,
  hour,
  invoice,
  lines,
  logged,
  minute,
  noise,
  now,
  reviews,
  runbook,
  shipped,
  stepped,
  tests,
  traffic,
  wishlist,
} from "./plot.ts";

const errors = fires("HighErrorRate", "more than 5 % of the requests to shop fail");
const fails = (ago: number) => stepped("HighErrorRate", ago, 0.002, 0.3);

/** No change did it, and a change beside it shares its words, its place or its time. */
export const misleadingInnocent: Plot[] = [
  {
    name: "the payment provider is down, payments were changed this morning",
    given: {
      ...shipped(
        3 * hour,
        c("payments: show the card's last digits", { "src/payments.js": "+last4: card.last4," }, 4 * hour),
        css,
      ),
      alert: fires("PaymentsFail", "payments of shop fail"),
      series: [stepped("PaymentsFail", 6 * minute, 0.003, 0.8)],
      logs: logged(
        6 * minute,
        "StripeConnectionError: https://api.stripe.com/v1/payment_intents answered 500",
      ),
    },
  },
  {
    name: "the search cluster loses a node, search was changed an hour ago",
    given: {
      ...shipped(
        70 * minute,
        c("search: bold matches", { "src/search.js": "+highlight: { fields: { title: {} } }," }),
        tests,
      ),
      alert: fires("SearchErrors", "searches fail", "", { path: "/search" }),
      series: [stepped("SearchErrors", 5 * minute, 0, 0.4)],
      logs: logged(
        5 * minute,
        "no shard available for action, node es-data-3 left the cluster: node not ready",
      ),
    },
  },
  {
    name: "the mail relay refuses, a template was changed",
    given: {
      ...shipped(
        2 * hour,
        c("mailer: nicer confirmation", { "templates/confirmation.html": "+<h1>Thanks</h1>" }, 3 * hour),
        invoice,
      ),
      alert: fires("MailsWait", "mails of shop wait"),
      series: [climbed("MailsWait", 25 * minute, 0, 900)],
      logs: logged(
        25 * minute,
        "SMTP 421 4.7.0 relay.internal temporarily unavailable, too many connections from all hosts",
      ),
    },
  },
  {
    name: "a vendor's script is slow, a style was changed minutes before",
    given: {
      ...shipped(12 * minute, css, danish),
      alert: fires("PageLoadSlow", "pages of shop take longer than 6 s to load"),
      series: [stepped("PageLoadSlow", 6 * minute, 1.2, 8)],
      logs: logged(6 * minute, "https://cdn.vendor.example/a.js answered 504 after 6000 ms"),
    },
  },
  {
    name: "an advertisement on television",
    given: {
      ...shipped(40 * minute, wishlist, css),
      alert: errors,
      series: [fails(4 * minute), traffic(5 * minute, 9)],
    },
  },
  {
    name: "a denial of service",
    given: {
      ...shipped(3.5 * hour, invoice, reviews),
      alert: errors,
      series: [fails(7 * minute), traffic(8 * minute, 20)],
      logs: logged(8 * minute, "syn flood suspected on port 443, sending cookies"),
    },
  },
  {
    name: "a token of the partner that ended at midnight",
    given: {
      ...shipped(
        11 * hour,
        c("carrier: retry twice", { "src/carrier.js": "-retries: 1\n+retries: 2" }, 12 * hour),
        css,
      ),
      alert: fires("LabelsFail", "no labels are printed", "", { upstream: "carrier" }),
      series: [stepped("LabelsFail", 20 * minute, 0, 1)],
      logs: logged(
        20 * minute,
        "401 Unauthorized from https://api.carrier.example/labels: access token expired",
      ),
    },
  },
  {
    name: "a volume is read only",
    given: {
      ...shipped(
        5 * hour,
        c(
          "uploads: check the size",
          { "src/uploads.js": "+if (size > max) throw new Error('too large');" },
          6 * hour,
        ),
        css,
      ),
      alert: fires("UploadsFail", "uploads of shop fail"),
      series: [stepped("UploadsFail", 6 * minute, 0, 50)],
      logs: logged(
        6 * minute,
        "EROFS: read-only file system, open '/uploads/a.png'",
        "EXT4-fs error (device nvme1n1): ext4_journal_check_start: Detected aborted journal",
      ),
    },
  },
  {
    name: "the message broker elects for minutes",
    given: {
      ...shipped(
        2 * hour,
        c("consumer: name the group in the log", { "src/consumer.ts": "+log.info({ group });" }),
        runbook,
      ),
      alert: fires("ConsumerLagHigh", "consumer lag of shop above 10000", "", { topic: "orders" }),
      series: [climbed("ConsumerLagHigh", 12 * minute, 20, 18_000)],
      logs: logged(12 * minute, "LEADER_NOT_AVAILABLE: broker kafka-2 is down for maintenance"),
    },
  },
  {
    name: "the alert stutters and nothing was deployed for four days",
    given: {
      ...shipped(4 * day, c("orders: gift wrap", { "src/orders.js": "+wrap: body.wrap," }, 4.2 * day)),
      alert: fires("ShopLatencyHigh", "p99 latency of shop above 2 s"),
      series: [stepped("ShopLatencyHigh", 4 * minute, 0.9, 2.2)],
    },
  },
  {
    name: "a backup of the database at noon",
    given: {
      ...shipped(
        6 * hour,
        c("orders: count the open ones", { "src/orders.js": "+open: await count('open')," }, 7 * hour),
        danish,
      ),
      alert: fires("DatabaseIOHigh", "the disk of the database is busy"),
      series: [stepped("DatabaseIOHigh", 5 * minute, 0.2, 0.99)],
      logs: [
        ...noise,
        ...lines(5 * minute, "backup of shop-db started by rds-automation", { level: "info" }, minute),
      ],
    },
  },
  {
    name: "the kernel kills on a machine that others fill",
    given: {
      ...shipped(8 * hour, reviews, tests),
      alert: fires("KubePodNotReady", "Pod has been in a non-ready state.", "", { pod: "shop-5d-9" }),
      logs: logged(
        7 * minute,
        "Evicted: The node was low on resource: memory. Container batch-import was using 14Gi",
      ),
    },
  },
  {
    name: "a neighbour that is slow",
    given: {
      ...shipped(4 * hour, c("quotes: round up", { "src/quotes.js": "+Math.ceil(x)" }, 5 * hour), css),
      alert: fires("ShopLatencyHigh", "p99 latency of shop above 2 s"),
      series: [stepped("ShopLatencyHigh", 6 * minute, 0.3, 10)],
      logs: logged(6 * minute, "no answer within 10000 ms from https://geo.thirdparty.example/v1/lookup"),
    },
  },
  {
    name: "a domain that was not renewed",
    given: {
      ...shipped(26 * hour, wishlist, css),
      alert: fires("ProbeFails", "shop.example.com is not reached", "", {
        instance: "https://shop.example.com",
      }),
      series: [stepped("ProbeFails", 6 * minute, 0, 1)],
      logs: logged(6 * minute, "NXDOMAIN looking up A for shop.example.com"),
    },
  },
  {
    name: "a limit of the partner, and more customers than usual",
    given: {
      ...shipped(
        75 * minute,
        c("maps: cache tiles for a day", { "src/maps.js": "+ttl: 86400," }, 2 * hour),
        danish,
      ),
      alert: fires("MapsErrors", "maps are not shown", "", { provider: "maps" }),
      series: [stepped("MapsErrors", 8 * minute, 0, 0.7), traffic(30 * minute, 2)],
      logs: logged(8 * minute, "OVER_QUERY_LIMIT: you have exceeded your daily request quota for this API"),
    },
  },
  {
    name: "a quiet night: too few requests for a ratio",
    given: {
      ...shipped(9 * hour, invoice, css),
      alert: fires("HighErrorRate", "more than 5 % of the requests to shop fail"),
      series: [stepped("HighErrorRate", 2 * minute, 0, 0.5), traffic(100 * minute, 0.02)],
      logs: [...noise, { at: now - 90_000, service: "shop", level: "error", text: "client aborted upload" }],
    },
  },
  {
    name: "a person restarts the primary",
    given: {
      ...shipped(3 * hour, wishlist, css),
      alert: errors,
      series: [fails(3 * minute)],
      logs: [
        ...logged(3 * minute, "terminating connection due to administrator command"),
        {
          at: now - 3.2 * minute,
          service: "shop",
          level: "info",
          text: "received fast shutdown request from operator ann",
        },
      ],
    },
  },
  {
    name: "a switch in the data centre",
    given: {
      ...shipped(
        110 * minute,
        c("http: shorter names of the metrics", {
          "src/http.js": "-name: 'http_client_requests'\n+name: 'http_requests'",
        }),
        css,
      ),
      alert: errors,
      series: [fails(5 * minute)],
      logs: logged(5 * minute, "connect EHOSTUNREACH 10.12.0.4:5432", "no route to host"),
    },
  },
];
