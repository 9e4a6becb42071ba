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
  traffic,
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
  {
    name: "connections that stay open",
    guilty: "push: a heartbeat for each socket",
    given: {
      ...shipped(
        3 * hour,
        invoice,
        c(
          "push: a heartbeat for each socket",
          { "src/push.go": "+go func() { for range time.Tick(beat) { conn.Ping() } }()" },
          5 * hour,
        ),
      ),
      alert: fires("FileDescriptorsHigh", "shop has used 95 % of its file descriptors"),
      series: [climbed("FileDescriptorsHigh", 2.9 * hour, 0.1, 0.96)],
      logs: logged(2 * minute, "accept tcp [::]:8080: accept4: too many open files"),
    },
  },
  {
    name: "a health check that asks the database",
    guilty: "health: ask the database as well",
    given: {
      ...shipped(
        22 * minute,
        reviews,
        c("health: ask the database as well", {
          "src/health.js": "+await db.query('select count(*) from orders');",
        }),
        css,
      ),
      alert: fires(
        "KubeDeploymentReplicasMismatch",
        "Deployment has not matched the expected number of replicas.",
        "",
        { deployment: "shop" },
      ),
      logs: logged(
        18 * minute,
        "Readiness probe failed: Get http://10.2.0.9:8080/health: context deadline exceeded",
      ),
    },
  },
  {
    name: "a log that fills the disk",
    guilty: "log: everything, to find #881",
    given: {
      ...shipped(
        2.5 * hour,
        c(
          "log: everything, to find #881",
          { "config/production.yaml": "-level: warn\n+level: debug" },
          3 * hour,
        ),
        c("web: show the year", { "web/footer.html": "+2026" }, 2.8 * hour),
      ),
      alert: fires("DiskAlmostFull", "the disk of shop is 90 % full", "", { mountpoint: "/var/log" }),
      series: [climbed("DiskAlmostFull", 2.4 * hour, 0.4, 0.91)],
    },
  },
  {
    name: "more workers than connections",
    guilty: "workers: 50 at a time",
    given: {
      ...shipped(
        13 * minute,
        css,
        c("workers: 50 at a time", { "config/sidekiq.yml": "-:concurrency: 10\n+:concurrency: 50" }),
        wishlist,
      ),
      alert: fires("JobsFail", "jobs of shop fail"),
      series: [stepped("JobsFail", 11 * minute, 0, 40)],
      logs: logged(11 * minute, "PG::ConnectionBad: FATAL: sorry, too many clients already"),
    },
  },
  {
    name: "a variable with a new name",
    guilty: "env: one prefix for all keys",
    given: {
      ...shipped(
        4 * minute,
        c("env: one prefix for all keys", {
          "src/payments.js": "-process.env.STRIPE_KEY\n+process.env.SHOP_STRIPE_KEY",
        }),
        tests,
        danish,
      ),
      alert: fires("PaymentsFail", "payments of shop fail"),
      series: [stepped("PaymentsFail", 3 * minute, 0.003, 1)],
      logs: logged(
        3 * minute,
        "StripeAuthenticationError: You did not provide an API key. You need to provide your API key in the Authorization header",
      ),
    },
  },
  {
    name: "origins that are refused",
    guilty: "api: only our own origins",
    given: {
      ...shipped(
        8 * minute,
        invoice,
        c("api: only our own origins", {
          "src/server.js": "-app.use(cors());\n+app.use(cors({ origin: ['https://shop.example.com'] }));",
        }),
        runbook,
      ),
      alert: fires("AppProbeFails", "the probe of the mobile web app fails", "", {
        instance: "https://m.example.com",
      }),
      series: [stepped("AppProbeFails", 7 * minute, 0, 1)],
    },
  },
  {
    name: "a user without rights on the disk",
    guilty: "docker: do not run as root",
    given: {
      ...shipped(5 * minute, wishlist, c("docker: do not run as root", { Dockerfile: "+USER node" }), css),
      alert: fires("ThumbnailsFail", "no thumbnails are made"),
      series: [stepped("ThumbnailsFail", 4 * minute, 0, 0.97)],
      logs: logged(4 * minute, "Error: EACCES: permission denied, open '/data/thumbnails/4711.webp'"),
    },
  },
  {
    name: "limits that are too tight",
    guilty: "chart: right-size the containers",
    given: {
      ...shipped(
        30 * minute,
        css,
        c("chart: right-size the containers", { "charts/shop/values.yaml": "-memory: 1Gi\n+memory: 256Mi" }),
        reviews,
      ),
      alert: fires("KubeContainerOOMKilled", "Container was OOM killed", "", {
        container: "shop",
        reason: "OOMKilled",
      }),
      series: [stepped("KubeContainerOOMKilled", 24 * minute, 0, 3)],
    },
  },
  {
    name: "a field that others still send",
    guilty: "proto: remove the old address",
    given: {
      ...shipped(
        6 * minute,
        c("proto: remove the old address", { "proto/order.proto": "-string address = 4;\n+reserved 4;" }),
        invoice,
        tests,
      ),
      alert: fires("GrpcErrors", "gRPC calls of shop fail", "", { grpc_method: "PlaceOrder" }),
      series: [stepped("GrpcErrors", 5 * minute, 0.001, 0.3)],
      logs: logged(5 * minute, "INVALID_ARGUMENT: order has no address"),
    },
  },
  {
    name: "batches that take too long",
    guilty: "consumer: larger batches",
    given: {
      ...shipped(
        28 * minute,
        danish,
        c("consumer: larger batches", { "src/consumer.ts": "-maxPollRecords: 200,\n+maxPollRecords: 5000," }),
        css,
      ),
      alert: fires("ConsumerLagHigh", "consumer lag of shop above 10000", "", {
        consumergroup: "shop-orders",
      }),
      series: [climbed("ConsumerLagHigh", 26 * minute, 20, 60_000)],
      logs: logged(
        26 * minute,
        "Offset commit failed: the coordinator has already rebalanced and assigned the partitions to another member, max.poll.interval.ms exceeded",
      ),
    },
  },
  {
    name: "documents that do not fit the index",
    guilty: "search: article numbers as keywords",
    given: {
      ...shipped(
        10 * minute,
        css,
        c("search: article numbers as keywords", {
          "search/mapping.json": '-"sku": { "type": "text" }\n+"sku": { "type": "long" }',
        }),
        wishlist,
      ),
      alert: fires("IndexingFails", "documents are not indexed"),
      series: [stepped("IndexingFails", 9 * minute, 0, 200)],
      logs: logged(
        9 * minute,
        "mapper_parsing_exception: failed to parse field [sku] of type [long] in document with id '77'",
      ),
    },
  },
  {
    name: "statements that are cut off",
    guilty: "db: no statement longer than two seconds",
    given: {
      ...shipped(
        40 * minute,
        invoice,
        c("db: no statement longer than two seconds", {
          "config/production.yaml": "+statementTimeoutMs: 2000",
        }),
        css,
      ),
      alert: fires("ExportsFail", "exports of shop fail"),
      series: [stepped("ExportsFail", 25 * minute, 0, 5)],
      logs: logged(
        25 * minute,
        "error: canceling statement due to statement timeout at exportOrders (src/csv.js:12:9)",
      ),
    },
  },
  {
    name: "cookies that do not come back",
    guilty: "session: stricter cookies",
    given: {
      ...shipped(
        7 * minute,
        c("session: stricter cookies", { "src/session.js": "-sameSite: 'lax'\n+sameSite: 'strict'" }),
        danish,
        runbook,
      ),
      alert: fires("LoginSuccessLow", "fewer than 50 % of the logins succeed"),
      series: [stepped("LoginSuccessLow", 6 * minute, 0.97, 0.2)],
    },
  },
  {
    name: "a network that is closed",
    guilty: "netpol: deny by default",
    given: {
      ...shipped(
        5 * minute,
        css,
        c("netpol: deny by default", {
          "k8s/networkpolicy.yaml":
            "+policyTypes: [Ingress, Egress]\n+egress:\n+  - to: [{ namespaceSelector: { matchLabels: { name: shop } } }]",
        }),
        invoice,
      ),
      alert: fires("HighErrorRate", "more than 5 % of the requests to shop fail"),
      series: [stepped("HighErrorRate", 4 * minute, 0.002, 0.8)],
      logs: logged(4 * minute, "connect ETIMEDOUT 10.9.0.4:6379"),
    },
  },
  {
    name: "a library that changed its mind",
    guilty: "build(deps): bump axios from 0.27.2 to 1.7.2",
    given: {
      ...shipped(
        6 * minute,
        c("build(deps): bump axios from 0.27.2 to 1.7.2", {
          "package.json": '-"axios": "0.27.2"\n+"axios": "1.7.2"',
        }),
        c(
          "build(deps): bump dayjs from 1.11.9 to 1.11.10",
          { "package.json": '-"dayjs": "1.11.9"\n+"dayjs": "1.11.10"' },
          1.5 * hour,
        ),
        css,
      ),
      alert: fires("QuotesFail", "quotes of shop fail"),
      series: [stepped("QuotesFail", 5 * minute, 0, 0.6)],
      logs: logged(
        5 * minute,
        "TypeError: Cannot read properties of undefined (reading 'data') at settle (/app/node_modules/axios/lib/core/settle.js:19:12)",
      ),
    },
  },
  {
    name: "a content file with one field more",
    guilty: "sensor: channel file 291",
    given: {
      ...shipped(
        3 * minute,
        c("sensor: channel file 291", { "content/channel-291.bin.json": '+{"fields": 21}' }, 10 * minute),
        runbook,
      ),
      alert: fires("KubePodCrashLooping", "Pod is crash looping.", "", {
        pod: "shop-7d-1",
        container: "shop",
      }),
      series: [stepped("KubePodCrashLooping", 2 * minute, 0, 6)],
      logs: logged(
        2 * minute,
        "panic: runtime error: index out of range [20] with length 20 goroutine 1 main.interpret()",
      ),
    },
  },
  {
    name: "an answer that arrives too late",
    guilty: "ingress: fail fast",
    given: {
      ...shipped(
        17 * minute,
        reviews,
        c("ingress: fail fast", {
          "k8s/ingress.yaml":
            '-nginx.ingress.kubernetes.io/proxy-read-timeout: "60"\n+nginx.ingress.kubernetes.io/proxy-read-timeout: "2"',
        }),
        css,
      ),
      alert: fires("GatewayTimeouts", "shop answers 504", "", { ingress: "shop" }),
      series: [stepped("GatewayTimeouts", 15 * minute, 0.001, 0.12)],
      logs: logged(
        15 * minute,
        "upstream timed out (110: Connection timed out) while reading response header from upstream",
      ),
    },
  },
  {
    name: "a key-value store that streams",
    guilty: "consul: use streaming",
    given: {
      ...shipped(
        55 * minute,
        css,
        c("consul: use streaming", {
          "ops/consul.hcl": "-use_streaming_backend = false\n+use_streaming_backend = true",
        }),
        danish,
        invoice,
      ),
      alert: fires("KVLatencyHigh", "p50 of the key-value store above 500 ms"),
      series: [stepped("KVLatencyHigh", 45 * minute, 0.01, 0.9)],
    },
  },
  {
    name: "a script that deletes the wrong ones",
    guilty: "cleanup: delete the legacy apps",
    given: {
      ...shipped(
        20 * minute,
        tests,
        c("cleanup: delete the legacy apps", {
          "scripts/cleanup.py": "+for site in ids: client.delete(site, permanently=True)",
        }),
        runbook,
      ),
      alert: fires("SitesMissing", "sites of customers answer 404"),
      series: [stepped("SitesMissing", 15 * minute, 0, 400)],
    },
  },
  {
    name: "requests of one kind are counted twice",
    guilty: "events: send at least once",
    given: {
      ...shipped(
        24 * minute,
        c("events: send at least once", {
          "src/events.ts": "-await send(event);\n+await retry(() => send(event));",
        }),
        css,
        wishlist,
      ),
      alert: fires("DuplicateCharges", "customers are charged twice", "duplicate charges for the same order"),
      series: [stepped("DuplicateCharges", 20 * minute, 0, 9)],
      logs: logged(20 * minute, "duplicate event order-paid for order 4711"),
    },
  },
  {
    name: "a job that reads the whole table",
    guilty: "newsletter: pick the readers of the week",
    given: {
      ...shipped(
        70 * minute,
        c("newsletter: pick the readers of the week", {
          "src/newsletter.js": "+const all = await db.query('select * from events');",
        }),
        danish,
      ),
      alert: fires("ShopLatencyHigh", "p99 latency of shop above 2 s"),
      series: [stepped("ShopLatencyHigh", 9 * minute, 0.3, 3.8)],
      logs: logged(9 * minute, "slow query 61000 ms: select * from events"),
    },
  },
  {
    name: "a canary that everybody got",
    guilty: "pricing: new engine",
    given: {
      ...shipped(
        12 * minute,
        c(
          "rollout: no pause between the steps",
          { "k8s/rollout.yaml": "-- pause: { duration: 10m }" },
          30 * minute,
        ),
        c("pricing: new engine", { "src/pricing.rs": "+let price = engine.price(basket)?;" }, 40 * minute),
        css,
      ),
      alert: fires("BasketErrors", "baskets cannot be priced", "", { handler: "/basket" }),
      series: [stepped("BasketErrors", 10 * minute, 0.001, 0.45)],
      logs: logged(10 * minute, "thread 'main' panicked at src/pricing.rs:17:39: no price for currency DKK"),
    },
  },
  {
    name: "a load that only the change brings",
    guilty: "web: refresh the basket every second",
    given: {
      ...shipped(
        26 * minute,
        c("web: refresh the basket every second", {
          "web/basket.js": "-setInterval(refresh, 60_000);\n+setInterval(refresh, 1000);",
        }),
        invoice,
        runbook,
      ),
      alert: fires("BasketSaturated", "the basket's workers are all busy", "", { handler: "/basket" }),
      series: [stepped("BasketSaturated", 22 * minute, 0.2, 1), traffic(23 * minute, 6)],
    },
  },
  {
    name: "a rollback-proof name of a column",
    guilty: "customers: rename mail to email",
    given: {
      ...shipped(
        4 * minute,
        css,
        c("customers: rename mail to email", {
          "db/migrations/0044_email.sql": "+alter table customers rename column mail to email;",
          "src/customers.js": "-customer.mail\n+customer.email",
        }),
        reviews,
      ),
      alert: fires("HighErrorRate", "more than 5 % of the requests to shop fail"),
      series: [stepped("HighErrorRate", 3 * minute, 0.002, 0.3)],
      logs: logged(
        3 * minute,
        'error: column "mail" does not exist at Parser.parseErrorMessage (node_modules/pg-protocol/dist/parser.js:283:98)',
      ),
    },
  },
];
