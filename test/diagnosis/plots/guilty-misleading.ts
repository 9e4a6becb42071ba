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
  reviews,
  runbook,
  shipped,
  stepped,
  tests,
  traffic,
  wishlist,
} from "./plot.ts";

/** A change did it, and something beside it misleads: an innocent that shares the alert's words, a second deploy, no metrics. */
export const misleading: Plot[] = [
  {
    name: "an innocent speaks of the database, a pool is made smaller",
    guilty: "config: settings for the small machines",
    given: {
      ...shipped(
        9 * minute,
        c(
          "docs: how we connect to the database",
          { "docs/database.md": "+Connections: 20 for each pod." },
          3 * hour,
        ),
        c("config: settings for the small machines", {
          "config/production.yaml": "-poolSize: 20\n+poolSize: 2",
        }),
        css,
      ),
      alert: fires("HighErrorRate", "more than 5 % of the requests to shop fail"),
      series: [stepped("HighErrorRate", 6 * minute, 0.002, 0.2)],
      logs: logged(
        6 * minute,
        "TimeoutError: could not acquire a connection from the pool of the database within 5000 ms",
      ),
    },
  },
  {
    name: "a deploy of this morning, then one of texts",
    guilty: "tax: rates by country",
    given: {
      commits: [
        c(
          "tax: rates by country",
          { "src/tax.js": "-const rate = 0.19;\n+const rate = rates[country].standard;" },
          4 * hour,
        ),
        c("i18n: Dutch texts", { "web/nl.json": '+"cart": "winkelwagen"' }, 40 * minute),
      ],
      deploys: [
        ["tax: rates by country", 32 * minute],
        ["i18n: Dutch texts", 9 * minute],
      ],
      alert: fires("CheckoutErrors", "checkout fails for some customers", "", { path: "/checkout" }),
      series: [stepped("CheckoutErrors", 30 * minute, 0.001, 0.09)],
      logs: logged(
        30 * minute,
        "TypeError: Cannot read properties of undefined (reading 'standard') at total (/app/src/tax.js:14:31)",
      ),
    },
  },
  {
    name: "nothing but an alert, and three changes",
    guilty: "search: typo tolerance",
    given: {
      ...shipped(
        12 * minute,
        c("search: typo tolerance", { "src/search.js": "+fuzziness: 'AUTO'," }),
        invoice,
        css,
      ),
      alert: fires("SearchSlow", "search of shop is slow", "p95 of /search above 3s", { path: "/search" }),
    },
  },
  {
    name: "a large refactoring beside one line",
    guilty: "payments: one currency format",
    given: {
      ...shipped(
        18 * minute,
        c(
          "refactor: move helpers into packages",
          {
            "src/helpers/money.js": "+export const cents = 1;",
            "src/helpers/date.js": "+export const day = 1;",
            "src/helpers/text.js": "+export const trim = 1;",
            "src/orders.js": "-require('./trim')\n+require('./helpers/text')",
          },
          5 * hour,
        ),
        c(
          "payments: one currency format",
          { "src/payments.js": "-amount: cents\n+amount: (cents / 100).toFixed(2)" },
          3 * hour,
        ),
        danish,
      ),
      alert: fires("PaymentsDeclined", "many payments are declined"),
      series: [stepped("PaymentsDeclined", 16 * minute, 0.02, 0.9)],
      logs: logged(16 * minute, "StripeInvalidRequestError: Invalid integer: 49.90"),
    },
  },
  {
    name: "the log repeats an old warning all day",
    guilty: "thumbnails: newer encoder",
    given: {
      ...shipped(
        26 * minute,
        c("thumbnails: newer encoder", {
          "src/thumbnails.js": "-sharp(file).jpeg()\n+sharp(file).avif({ effort: 9 })",
        }),
        wishlist,
      ),
      alert: fires(
        "CPUThrottlingHigh",
        "Processes experience elevated CPU throttling.",
        "80% throttling of CPU in namespace shop for container shop",
        { container: "shop" },
      ),
      series: [stepped("CPUThrottlingHigh", 24 * minute, 0.02, 0.8)],
      logs: [...noise, ...lines(5 * hour, "DeprecationWarning: Buffer() is deprecated", {}, 20 * minute)],
    },
  },
  {
    name: "a slow leak with an innocent deploy right before the alert",
    guilty: "images: keep the originals for zooming",
    given: {
      commits: [
        c(
          "images: keep the originals for zooming",
          { "src/images.js": "+originals.push(buffer);" },
          8 * hour,
        ),
        c("web: spinner while the basket loads", { "web/basket.css": "+.spinner {}" }, hour),
      ],
      deploys: [
        ["images: keep the originals for zooming", 5 * hour],
        ["web: spinner while the basket loads", 12 * minute],
      ],
      alert: fires("MemoryNearLimit", "memory of shop above 90 % of its limit"),
      series: [climbed("MemoryNearLimit", 4.9 * hour, 0.25, 0.93)],
    },
  },
  {
    name: "a failed rollout",
    guilty: "server: listen on 8443",
    given: {
      commits: [
        css,
        c("server: listen on 8443", { "src/server.js": "-app.listen(8080)\n+app.listen(8443)" }, hour),
      ],
      deploys: [["server: listen on 8443", 11 * minute, { status: "failed" }]],
      alert: fires(
        "KubeDeploymentRolloutStuck",
        "Deployment rollout is not progressing.",
        "Rollout of deployment shop/shop is not progressing for longer than 10 minutes",
        { deployment: "shop" },
      ),
      logs: logged(
        10 * minute,
        "Readiness probe failed: dial tcp 10.2.0.9:8080: connect: connection refused",
      ),
    },
  },
  {
    name: "an error that names a table of another change as well",
    guilty: "orders: archive after a year",
    given: {
      ...shipped(
        40 * minute,
        c(
          "orders: archive after a year",
          {
            "db/migrations/0045_archive.sql":
              "+insert into orders_archive select * from orders where created < now() - interval '1 year';\n+delete from orders where created < now() - interval '1 year';",
          },
          2 * hour,
        ),
        c(
          "customers: phone numbers with a country code",
          { "src/customers.js": "+phone: e164(phone)" },
          3 * hour,
        ),
      ),
      alert: fires("InvoicesMissing", "customers cannot open old invoices"),
      series: [stepped("InvoicesMissing", 36 * minute, 0, 22)],
      logs: logged(36 * minute, "404 order 118822 not found while printing an invoice of 2024"),
    },
  },
  {
    name: "a version that is pinned again",
    guilty: "build: take the newest openssl",
    given: {
      ...shipped(
        8 * minute,
        c("build: take the newest openssl", {
          Dockerfile: "-RUN apk add openssl=3.0.8\n+RUN apk add openssl",
        }),
        c("partners: show the name of the bank", { "src/partners.js": "+bank: partner.bank," }, 3 * hour),
      ),
      alert: fires("PartnerErrors", "requests to the bank fail", "", { upstream: "bank" }),
      series: [stepped("PartnerErrors", 7 * minute, 0, 1)],
      logs: logged(7 * minute, "error:0A000152:SSL routines::unsafe legacy renegotiation disabled"),
    },
  },
  {
    name: "two deploys in an hour, and the metric stepped between them",
    guilty: "basket: keep it in Redis",
    given: {
      commits: [
        c(
          "basket: keep it in Redis",
          { "src/basket.js": "-db.save(basket)\n+redis.set(basket.id, JSON.stringify(basket))" },
          3 * hour,
        ),
        c("recommendations: show four", { "src/recommendations.js": "-slice(0, 3)\n+slice(0, 4)" }, 2 * hour),
      ],
      deploys: [
        ["basket: keep it in Redis", 48 * minute],
        ["recommendations: show four", 15 * minute],
      ],
      alert: fires("BasketLost", "baskets are empty after a reload"),
      series: [stepped("BasketLost", 46 * minute, 0.001, 0.2)],
    },
  },
  {
    name: "an alert with another name for the same thing",
    guilty: "mailer: send through the new relay",
    given: {
      ...shipped(
        55 * minute,
        c("mailer: send through the new relay", {
          "src/mailer.js": "-host: 'relay.internal'\n+host: 'smtp-out.internal'",
        }),
        reviews,
        css,
      ),
      alert: fires("OrderConfirmationsLate", "order confirmations wait for more than 10 minutes"),
      series: [climbed("OrderConfirmationsLate", 50 * minute, 0, 700)],
      logs: logged(50 * minute, "SMTP 550 5.7.1 Relaying denied"),
    },
  },
  {
    name: "a change of the infrastructure's code",
    guilty: "terraform: smaller cache nodes",
    given: {
      ...shipped(
        33 * minute,
        c("terraform: smaller cache nodes", {
          "infra/cache.tf": '-node_type = "cache.m6g.large"\n+node_type = "cache.t4g.micro"',
        }),
        invoice,
      ),
      alert: fires("CacheEvictionsHigh", "the cache of shop evicts keys"),
      series: [stepped("CacheEvictionsHigh", 28 * minute, 0, 900)],
    },
  },
  {
    name: "an import that nobody uses on this machine",
    guilty: "analytics: load the library of the new vendor",
    given: {
      ...shipped(
        6 * minute,
        c("analytics: load the library of the new vendor", {
          "web/index.html": '+<script src="https://cdn.vendor.example/a.js"></script>',
          "src/csp.js": "+'https://cdn.vendor.example'",
        }),
        tests,
      ),
      alert: fires("PageLoadSlow", "pages of shop take longer than 6 s to load"),
      series: [stepped("PageLoadSlow", 5 * minute, 1.2, 7)],
    },
  },
  {
    name: "a lock order",
    guilty: "stock: reserve all lines at once",
    given: {
      ...shipped(
        21 * minute,
        c("stock: reserve all lines at once", {
          "src/stock.js":
            "+await Promise.all(lines.map((line) => tx.query('select * from stock where sku = $1 for update', [line.sku])));",
        }),
        danish,
        runbook,
      ),
      alert: fires("HighErrorRate", "more than 5 % of the requests to shop fail"),
      series: [stepped("HighErrorRate", 12 * minute, 0.002, 0.07)],
      logs: logged(
        12 * minute,
        "error: deadlock detected Process 3311 waits for ShareLock on transaction 99; blocked by process 3312",
      ),
    },
  },
  {
    name: "a header that a proxy needs",
    guilty: "proxy: forward fewer headers",
    given: {
      ...shipped(
        14 * minute,
        css,
        c("proxy: forward fewer headers", {
          "nginx/site.conf": "-proxy_set_header X-Forwarded-Proto $scheme;\n+proxy_hide_header X-Powered-By;",
        }),
      ),
      alert: fires("RedirectLoop", "logins of shop end in too many redirects"),
      series: [stepped("RedirectLoop", 13 * minute, 0, 50)],
    },
  },
  {
    name: "a deploy of fourteen",
    guilty: "shipping: free from 50 euros",
    given: {
      ...shipped(
        10 * minute,
        ...["header", "list", "search box", "account", "imprint", "faq"].map((part, index) =>
          c(`web: tidy the ${part}`, { [`web/${part.replace(" ", "-")}.css`]: "+a {}" }, (3 + index) * hour),
        ),
        ...["orders", "stock", "mailer", "reviews", "wishlist", "invoices", "users"].map((part, index) =>
          c(
            `${part}: name the error`,
            { [`src/${part}.js`]: "-throw e\n+throw new Error('failed', { cause: e })" },
            (10 + index) * hour,
          ),
        ),
        c("shipping: free from 50 euros", { "src/shipping.js": "+if (total > 50) return null;" }, 2 * hour),
      ),
      alert: fires(
        "ShippingErrors",
        "no price for the shipment",
        "TypeError: Cannot read properties of null (reading 'cents')",
        { path: "/shipping" },
      ),
      series: [stepped("ShippingErrors", 9 * minute, 0, 0.3)],
    },
  },
  {
    name: "traffic is a little higher, as every noon",
    guilty: "orders: lock while we count",
    given: {
      ...shipped(
        13 * minute,
        c("orders: lock while we count", {
          "src/orders.js": "+await db.query('lock table orders in exclusive mode');",
        }),
        wishlist,
        css,
      ),
      alert: fires("ShopLatencyHigh", "p99 latency of shop above 2 s"),
      series: [stepped("ShopLatencyHigh", 12 * minute, 0.3, 9), traffic(60 * minute, 1.15)],
    },
  },
  {
    name: "a release that everybody expected",
    guilty: "release 4.2.0",
    given: {
      ...shipped(
        7 * minute,
        c(
          "release 4.2.0",
          { "k8s/deployment.yaml": "-image: ghcr.io/acme/shop:4.1.9\n+image: ghcr.io/acme/shop:4.2.0" },
          30 * minute,
        ),
      ),
      alert: fires("HighErrorRate", "more than 5 % of the requests to shop fail"),
      series: [stepped("HighErrorRate", 6 * minute, 0.002, 0.5)],
    },
  },
  {
    name: "nothing is measured and the alert is terse",
    guilty: "sessions: sign with the new key",
    given: {
      ...shipped(
        4 * minute,
        c("sessions: sign with the new key", {
          "src/session.js": "-jwt.sign(user, keys[0])\n+jwt.sign(user, keys[1])",
        }),
        css,
      ),
      alert: fires("ShopDown", "shop is down"),
    },
  },
  {
    name: "a job that is gone",
    guilty: "cron: one file for each job",
    given: {
      ...shipped(
        20 * hour,
        c(
          "cron: one file for each job",
          { "k8s/cron/reports.yaml": "+schedule: '0 0 31 2 *'", "k8s/cron.yaml": "-schedule: '0 3 * * *'" },
          22 * hour,
        ),
        c("web: badges", { "web/badge.css": "+.badge {}" }, 21 * hour),
      ),
      alert: fires("CronJobNotRun", "the job reports did not run for a day", "", { cronjob: "reports" }),
    },
  },
  {
    name: "an answer of half a gigabyte",
    guilty: "api: expand the customer of each order",
    given: {
      ...shipped(
        37 * minute,
        c("api: expand the customer of each order", {
          "src/api/orders.ts": "+include: { customer: { include: { orders: true } } },",
        }),
        reviews,
        danish,
      ),
      alert: fires("EgressHigh", "shop sends 20 times as many bytes as usual"),
      series: [stepped("EgressHigh", 30 * minute, 2e6, 5e7)],
    },
  },
  {
    name: "a canary in one zone",
    guilty: "grpc: keepalive",
    given: {
      ...shipped(
        16 * minute,
        c("grpc: keepalive", {
          "src/grpc.go":
            "+grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: 5 * time.Second})",
        }),
        invoice,
      ),
      alert: fires("GrpcErrors", "gRPC calls of shop fail"),
      series: [stepped("GrpcErrors", 15 * minute, 0.001, 0.15)],
      logs: logged(
        15 * minute,
        'rpc error: code = Unavailable desc = closing transport due to: connection error: desc = "error reading from server: EOF", received prior goaway: code: NO_ERROR, debug data: "max_age"',
      ),
    },
  },
  {
    name: "it was deployed yesterday and is used at midnight",
    guilty: "billing: close the month in one transaction",
    given: {
      ...shipped(
        19 * hour,
        c(
          "billing: close the month in one transaction",
          { "src/billing/close.js": "+await db.transaction(async (tx) => closeAll(tx));" },
          1 * day,
        ),
        c("web: darker links", { "web/links.css": "+a { color: #024 }" }, 22 * hour),
      ),
      alert: fires("MonthNotClosed", "the month was not closed", "", { job_name: "billing-close" }),
      logs: [
        ...noise,
        ...lines(
          10 * minute,
          "error: idle-in-transaction timeout at closeAll (src/billing/close.js:33:5)",
          {},
          minute,
        ),
      ],
    },
  },
  {
    name: "a test key in production",
    guilty: "payments: keys from the vault",
    given: {
      ...shipped(
        5 * minute,
        c("payments: keys from the vault", {
          "src/payments.js": "-process.env.STRIPE_KEY\n+vault.read('stripe/test')",
        }),
        c("payments: name of the shop on the bill", { "src/bill.js": "+name: 'Shop'" }, 3 * hour),
        css,
      ),
      alert: fires("NoRevenue", "no payment for 4 minutes"),
      series: [stepped("NoRevenue", 4 * minute, 0, 1)],
      logs: logged(
        4 * minute,
        "StripeInvalidRequestError: No such customer: 'cus_9s6'; a similar object exists in live mode, but a test mode key was used to make this request.",
      ),
    },
  },
];
