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

/** The other half of those. */
export const guiltyMore: Plot[] = [
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
