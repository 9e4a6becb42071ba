import type { Plot } from "./plot.ts";
import {
  c,
  climbed,
  css,
  danish,
  fires,
  hour,
  invoice,
  logged,
  minute,
  reviews,
  runbook,
  shipped,
  stepped,
  tests,
  wishlist,
} from "./plot.ts";

/** A change did it: after outages that their owners described in public, and plain ones of any team. */
export const guilty: Plot[] = [
  {
    name: "a rule of the firewall backtracks",
    guilty: "waf: catch inline scripts in query strings",
    given: {
      ...shipped(
        4 * minute,
        css,
        c(
          "waf: catch inline scripts in query strings",
          {
            "rules/managed/xss.conf":
              '+SecRule ARGS "(?:[\\"\'];?((?:\\s|-|~|!)*.*(?:.*=.*)))" "id:100173,deny"',
          },
          hour,
        ),
        runbook,
      ),
      alert: fires("CPUSaturated", "CPU of shop above 95 %", "All cores are busy for 2 minutes"),
      series: [stepped("CPUSaturated", 3 * minute, 0.3, 0.99)],
    },
  },
  {
    name: "a primary in the wrong region",
    guilty: "orchestrator: promote a replica of any region",
    given: {
      ...shipped(
        25 * minute,
        invoice,
        c("orchestrator: promote a replica of any region", {
          "ops/orchestrator.json":
            '-"PreventCrossDataCenterMasterFailover": true\n+"PreventCrossDataCenterMasterFailover": false',
        }),
      ),
      alert: fires("WriteLatencyHigh", "writes of shop take longer than 1 s"),
      series: [stepped("WriteLatencyHigh", 20 * minute, 0.02, 1.4)],
      logs: logged(
        20 * minute,
        "promoted db-west-3 as master of cluster shop, cross data center",
        "write took 1380 ms",
      ),
    },
  },
  {
    name: "an old flag means something else",
    guilty: "router: reuse the power peg flag for retail liquidity",
    given: {
      ...shipped(
        12 * minute,
        c("router: reuse the power peg flag for retail liquidity", {
          "src/router/flags.cc": "-case kPowerPeg: return false;\n+case kPowerPeg: return order.isRetail();",
        }),
        tests,
        css,
      ),
      alert: fires("OrderVolumeUnusual", "shop sends 40 times as many orders as usual"),
      series: [stepped("OrderVolumeUnusual", 10 * minute, 12, 480)],
    },
  },
  {
    name: "an index that was in use",
    guilty: "db: drop two unused indexes",
    given: {
      ...shipped(
        9 * minute,
        wishlist,
        c("db: drop two unused indexes", {
          "db/migrations/0042_indexes.sql": "+drop index charges_customer_created;\n+drop index charges_old;",
        }),
        runbook,
      ),
      alert: fires("DatabaseCPUHigh", "CPU of the database above 90 %"),
      series: [stepped("DatabaseCPUHigh", 8 * minute, 0.25, 0.97)],
      logs: logged(
        8 * minute,
        "slow query 4120 ms: select * from charges where customer = $1 order by created",
      ),
    },
  },
  {
    name: "machines leave too early",
    guilty: "autoscaling: scale in after one minute",
    given: {
      ...shipped(
        50 * minute,
        c("autoscaling: scale in after one minute", {
          "k8s/hpa.yaml": "-stabilizationWindowSeconds: 300\n+stabilizationWindowSeconds: 60",
        }),
        css,
        danish,
      ),
      alert: fires("KubeHpaReplicasFlapping", "the number of replicas of shop changes all the time", "", {
        horizontalpodautoscaler: "shop",
      }),
      series: [stepped("KubeHpaReplicasFlapping", 40 * minute, 1, 14)],
    },
  },
  {
    name: "callers without a certificate",
    guilty: "server: require client certificates",
    given: {
      ...shipped(
        6 * minute,
        invoice,
        c("server: require client certificates", {
          "src/server.go": "-ClientAuth: tls.NoClientCert\n+ClientAuth: tls.RequireAndVerifyClientCert",
        }),
        css,
      ),
      alert: fires("HighErrorRate", "more than 5 % of the requests to shop fail"),
      series: [stepped("HighErrorRate", 5 * minute, 0.001, 0.4)],
      logs: logged(
        5 * minute,
        "http: TLS handshake error from 10.0.4.12:51204: tls: client didn't provide a certificate",
      ),
    },
  },
  {
    name: "names of the cluster are not found",
    guilty: "pods: fewer DNS queries",
    given: {
      ...shipped(
        7 * minute,
        reviews,
        c("pods: fewer DNS queries", {
          "k8s/deployment.yaml":
            '+dnsConfig:\n+  options:\n+    - name: ndots\n+      value: "1"\n+  searches: []',
        }),
        tests,
      ),
      alert: fires("HighErrorRate", "more than 5 % of the requests to shop fail"),
      series: [stepped("HighErrorRate", 6 * minute, 0.002, 0.6)],
      logs: logged(6 * minute, "getaddrinfo ENOTFOUND inventory"),
    },
  },
  {
    name: "a quota that counts zero",
    guilty: "quota: take the usage from the new accounting",
    given: {
      ...shipped(
        15 * minute,
        css,
        c("quota: take the usage from the new accounting", {
          "src/quota.go": "-usage := legacy.Usage(ctx)\n+usage := accounting.Usage(ctx)",
        }),
        wishlist,
      ),
      alert: fires("WritesRejected", "shop rejects writes"),
      series: [stepped("WritesRejected", 13 * minute, 0, 0.8)],
      logs: logged(13 * minute, "write rejected: quota exceeded, limit 0 for service identity"),
    },
  },
  {
    name: "a cache that empties all the time",
    guilty: "prices: fresh within five seconds",
    given: {
      ...shipped(
        18 * minute,
        c("prices: fresh within five seconds", {
          "config/production.yaml": "-priceTtlSeconds: 3600\n+priceTtlSeconds: 5",
        }),
        runbook,
        danish,
      ),
      alert: fires("DatabaseConnectionsHigh", "connections of the database above 90 %"),
      series: [stepped("DatabaseConnectionsHigh", 16 * minute, 0.2, 0.95)],
      logs: logged(
        16 * minute,
        "timeout exceeded when trying to connect at Pool.connect (node_modules/pg-pool/index.js:45:11)",
      ),
    },
  },
  {
    name: "retries that multiply",
    guilty: "client: try harder before we give up",
    given: {
      ...shipped(
        10 * minute,
        css,
        c("client: try harder before we give up", {
          "src/client.ts": "-retries: 1,\n+retries: 8,\n+backoffMs: 0,",
        }),
        invoice,
      ),
      alert: fires("InventoryOverloaded", "requests of shop to inventory are six times the usual", "", {
        upstream: "inventory",
      }),
      series: [stepped("InventoryOverloaded", 9 * minute, 40, 260)],
      logs: logged(9 * minute, "attempt 8 of 8 failed: 503 from inventory"),
    },
  },
  {
    name: "one pool for everything",
    guilty: "executor: share one pool between reports and checkout",
    given: {
      ...shipped(
        35 * minute,
        reviews,
        c("executor: share one pool between reports and checkout", {
          "src/main/java/shop/Executors.java":
            "-ExecutorService reports = newFixedThreadPool(8);\n+ExecutorService reports = checkout;",
        }),
      ),
      alert: fires("CheckoutSlow", "p99 of checkout above 3 s", "", { handler: "/checkout" }),
      series: [stepped("CheckoutSlow", 20 * minute, 0.2, 6)],
      logs: logged(
        20 * minute,
        "java.util.concurrent.RejectedExecutionException: Task rejected from ThreadPoolExecutor[Running, pool size = 8, active threads = 8, queued tasks = 1000]",
      ),
    },
  },
  {
    name: "a query for each line",
    guilty: "orders: show the supplier of each line",
    given: {
      ...shipped(
        8 * minute,
        c("orders: show the supplier of each line", {
          "src/orders.js":
            "+for (const line of lines) line.supplier = await db.query('select name from suppliers where id = $1', [line.supplierId]);",
        }),
        css,
        runbook,
        tests,
      ),
      alert: fires("ShopLatencyHigh", "p99 latency of shop above 2 s", "99th percentile is 5.2s"),
      series: [stepped("ShopLatencyHigh", 7 * minute, 0.3, 5.2)],
    },
  },
  {
    name: "a migration that locks",
    guilty: "orders: remember the channel",
    given: {
      ...shipped(
        3 * minute,
        danish,
        c("orders: remember the channel", {
          "db/migrations/0043_channel.sql":
            "+alter table orders add column channel text not null default random_channel();",
          "src/orders.js": "+order.channel = request.channel;",
        }),
        wishlist,
      ),
      alert: fires("HighErrorRate", "more than 5 % of the requests to shop fail"),
      series: [stepped("HighErrorRate", 2 * minute, 0.001, 0.7)],
      logs: logged(2 * minute, "ERROR: canceling statement due to lock timeout: insert into orders"),
    },
  },
  {
    name: "a new checkout for everybody",
    guilty: "features: new checkout for everybody",
    given: {
      ...shipped(
        6 * minute,
        c("features: new checkout for everybody", {
          "config/features.yaml": "-newCheckout: 5%\n+newCheckout: 100%",
        }),
        invoice,
        css,
      ),
      alert: fires("CheckoutErrors", "checkout fails", "500 at POST /checkout/v2", { path: "/checkout/v2" }),
      series: [stepped("CheckoutErrors", 5 * minute, 0.002, 0.25)],
      logs: logged(
        5 * minute,
        "TypeError: Cannot read properties of undefined (reading 'address') at confirm (src/checkout/v2.js:88:14)",
      ),
    },
  },
  {
    name: "a typo in a host",
    guilty: "config: brokers of the new cluster",
    given: {
      ...shipped(
        11 * minute,
        css,
        c("config: brokers of the new cluster", {
          "config/production.yaml": "-brokers: kafka-a.internal:9092\n+brokers: kafka-b.internl:9092",
        }),
        reviews,
      ),
      alert: fires("ConsumerLagHigh", "consumer lag of shop above 10000", "", { topic: "orders" }),
      series: [climbed("ConsumerLagHigh", 10 * minute, 20, 14_000)],
      logs: logged(10 * minute, "KafkaJSConnectionError: getaddrinfo ENOTFOUND kafka-b.internl"),
    },
  },
  {
    name: "a base image without what it needs",
    guilty: "build: alpine instead of debian",
    given: {
      ...shipped(
        5 * minute,
        c("build: alpine instead of debian", { Dockerfile: "-FROM node:22-bookworm\n+FROM node:22-alpine" }),
        tests,
        invoice,
      ),
      alert: fires("KubePodCrashLooping", "Pod is crash looping.", "", {
        pod: "shop-5f7c-abcde",
        container: "shop",
      }),
      logs: logged(
        4 * minute,
        "Error: Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /app/node_modules/sharp/build/Release/sharp.node)",
      ),
    },
  },
  {
    name: "days of another zone",
    guilty: "reports: days as the shop sees them",
    given: {
      ...shipped(
        5 * hour,
        c(
          "reports: days as the shop sees them",
          {
            "src/reports/daily.py":
              "-day = now.astimezone(UTC).date()\n+day = now.astimezone(shop.zone).date()",
          },
          6 * hour,
        ),
        c("web: larger buttons", { "web/app.css": "+button { padding: 8px }" }, 5.5 * hour),
      ),
      alert: fires("DailyReportEmpty", "the daily report of shop has no rows", "", {
        job_name: "reports-daily",
      }),
    },
  },
  {
    name: "the 29th of February",
    guilty: "subscriptions: renew for a year",
    given: {
      ...shipped(
        52 * hour,
        c(
          "subscriptions: renew for a year",
          { "billing/renewal.py": "+until = start.replace(year=start.year + 1)" },
          54 * hour,
        ),
        c("web: logo for Christmas", { "web/logo.svg": "+<svg/>" }, 53 * hour),
      ),
      alert: fires("RenewalsFail", "renewals of shop fail"),
      series: [stepped("RenewalsFail", 20 * minute, 0, 30)],
      logs: logged(
        20 * minute,
        'ValueError: day is out of range for month File "billing/renewal.py", line 41, in renew',
      ),
    },
  },
  {
    name: "sums as floating point numbers",
    guilty: "ledger: sum in the query",
    given: {
      ...shipped(
        2 * hour,
        css,
        c(
          "ledger: sum in the query",
          { "src/ledger.js": "-rows.reduce((sum, row) => sum + row.cents, 0)\n+Number(result.total) * 1.0" },
          3 * hour,
        ),
        danish,
      ),
      alert: fires(
        "LedgerMismatch",
        "ledger and payments of shop differ",
        "the ledger's total differs from the payments by 0.03",
      ),
      series: [stepped("LedgerMismatch", 110 * minute, 0, 0.03)],
    },
  },
  {
    name: "uploads in another encoding",
    guilty: "imports: read uploads as UTF-8",
    given: {
      ...shipped(
        45 * minute,
        c("imports: read uploads as UTF-8", {
          "src/imports.py": "-text = raw.decode('latin-1')\n+text = raw.decode('utf-8')",
        }),
        wishlist,
        css,
      ),
      alert: fires("ImportsFail", "imports of shop fail"),
      series: [stepped("ImportsFail", 30 * minute, 0, 12)],
      logs: logged(
        30 * minute,
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 17: invalid continuation byte",
      ),
    },
  },
  {
    name: "clients that never reach the last page",
    guilty: "products: pages by cursor",
    given: {
      ...shipped(
        14 * minute,
        runbook,
        c("products: pages by cursor", {
          "src/products.js": "-next: page + 1 < pages ? page + 1 : null\n+next: encode(rows.at(-1)?.id)",
        }),
        invoice,
      ),
      alert: fires("RequestRateUnusual", "requests to /products are ten times the usual", "", {
        path: "/products",
      }),
      series: [stepped("RequestRateUnusual", 12 * minute, 30, 310)],
    },
  },
  {
    name: "a limit below what customers need",
    guilty: "gateway: 100 requests a minute for each key",
    given: {
      ...shipped(
        9 * minute,
        css,
        c("gateway: 100 requests a minute for each key", {
          "config/gateway.yaml": "+rateLimit:\n+  perKey: 100\n+  unit: minute",
        }),
        reviews,
      ),
      alert: fires("ClientErrorsHigh", "more than 10 % of the answers of shop are 4xx"),
      series: [stepped("ClientErrorsHigh", 8 * minute, 0.01, 0.34)],
      logs: logged(
        8 * minute,
        '{"level":"warn","msg":"request refused","status":429,"reason":"over 100 per minute"}',
      ),
    },
  },
  {
    name: "a partner's new interface",
    guilty: "carrier: use version 2 of their API",
    given: {
      ...shipped(
        16 * minute,
        c("carrier: use version 2 of their API", {
          "src/carrier.ts":
            "-const base = 'https://api.carrier.example/v1';\n+const base = 'https://api.carrier.example/v2';\n+body.parcelType = 'BOX';",
        }),
        css,
        tests,
      ),
      alert: fires("LabelsFail", "no labels are printed"),
      series: [stepped("LabelsFail", 15 * minute, 0, 0.9)],
      logs: logged(
        15 * minute,
        "400 Bad Request from https://api.carrier.example/v2/labels: unknown value BOX of parcelType",
      ),
    },
  },
  {
    name: "memory that is never freed",
    guilty: "sessions: keep the last requests for support",
    given: {
      ...shipped(
        4 * hour,
        c(
          "sessions: keep the last requests for support",
          { "src/sessions.js": "+const recent = new Map();\n+recent.set(request.id, request);" },
          6 * hour,
        ),
        danish,
        css,
      ),
      alert: fires("MemoryNearLimit", "memory of shop above 90 % of its limit"),
      series: [climbed("MemoryNearLimit", 3.9 * hour, 0.3, 0.93)],
    },
  },
];
