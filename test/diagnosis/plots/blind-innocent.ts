import { type Change, gauge, heard, logOf, requests, ruled } from "./blind.ts";
import { alerting, deployed } from "./nights.ts";
import { day, hour, minute, now, type Plot } from "./plot.ts";

const teaser: Change = [
  "Teaser on the home page",
  { "web/home.html": '+<section class="teaser">Winter sale</section>' },
];
const taxes: Change = [
  "Taxes of Norway",
  { "src/main/java/shop/tax/Norway.java": '+return net.multiply(new BigDecimal("0.25"));' },
];
const loggers: Change = [
  "Loggers are named after their class",
  { "src/main/java/shop/Loggers.java": "+LoggerFactory.getLogger(type)" },
];
const retry: Change = [
  "Retry the newsletter twice",
  { "app/jobs/newsletter_job.rb": "+retry_on Net::OpenTimeout, attempts: 2" },
];
const rubocop: Change = [
  "rubocop -a",
  { "app/models/address.rb": "-return nil unless street\n+return unless street" },
];
const search: Change = ["Search: synonyms for sofa", { "search/synonyms.txt": "+sofa, couch, settee" }];
const chart: Change = [
  "Chart of the humidity",
  { "web/charts/humidity.ts": "+series.push({ name: 'humidity', data });" },
];
const alarms: Change = [
  "Alarms can be snoozed",
  { "src/alarms/snooze.rs": "+pub fn snooze(alarm: &mut Alarm, hours: u32) {" },
];
const prices: Change = [
  "Round the price per kilogram",
  { "internal/price/kilo.go": "+return math.Round(price*100) / 100" },
];
const store: Change = [
  "Map of shops is larger",
  { "src/stores/StoreMap.tsx": "-height={300}\n+height={480}" },
];
const a11y: Change = ["Labels for screen readers", { "src/ui/Button.tsx": "+aria-label={label}" }];
const features: Change = [
  "Feature store: days since last order",
  { "features/orders.py": "+df['days'] = (today - df.last_order).dt.days" },
];
const pins: Change = [
  "Pin the actions",
  { ".github/workflows/ci.yml": "-uses: actions/checkout@v4\n+uses: actions/checkout@11bd719" },
];
const sorting: Change = [
  "Orders: sort by the date of payment",
  { "app/Http/OrderController.php": "-->orderBy('created_at')\n+->orderBy('paid_at')" },
];

/** No change did it. */
export const blindInnocent: Plot[] = [
  {
    name: "the payment provider is down",
    given: {
      ...deployed([28 * hour, taxes], [47 * minute, loggers, teaser]),
      alert: alerting(
        "PaymentErrorRateHigh",
        "Authorisations failing above 5%",
        { severity: "page" },
        3 * minute,
      ),
      series: [ruled("PaymentErrorRateHigh", { ago: 8 * minute, usual: 0.01, then: 0.92 })],
      logs: logOf(
        "jvm",
        8 * minute,
        "c.s.pay.AdyenGateway - POST https://checkout.psp.example/v71/payments: 503 Service Unavailable, upstream connect error",
      ),
    },
  },
  {
    name: "a certificate ended at noon",
    given: {
      ...deployed([3 * day, retry], [5 * hour, rubocop]),
      alert: alerting("ProbeFailed", "blackbox probe of https://api.shop.example failed", {}, minute),
      series: [ruled("ProbeFailed", { ago: 4 * minute, usual: 0.001, then: 1 })],
      logs: [
        ...logOf("rails"),
        ...heard(
          4 * minute,
          "x509: certificate has expired or is not yet valid: current time 2026-11-24T11:56:10Z is after 2026-11-24T11:55:59Z",
          { service: "blackbox" },
        ),
      ],
    },
  },
  {
    name: "the disk of the database fills for days",
    given: {
      ...deployed([27 * hour, sorting], [70 * minute, search]),
      alert: alerting(
        "NodeFilesystemAlmostOutOfSpace",
        "Filesystem has less than 3% space left.",
        { mountpoint: "/var/lib/postgresql" },
        5 * minute,
      ),
      series: [
        ruled("NodeFilesystemAlmostOutOfSpace", { ago: 8 * hour, usual: 0.9, then: 0.99, overMs: 8 * hour }),
      ],
      logs: [
        ...logOf("php"),
        ...heard(7 * minute, 'could not write to file "pg_wal/xlogtemp.311": No space left on device', {
          service: "postgres",
        }),
      ],
    },
  },
  {
    name: "a zone of the cloud",
    given: {
      ...deployed([4 * hour, prices], [32 * minute, pins]),
      alert: alerting("KubeNodeNotReady", "Node is not ready.", { zone: "eu-central-1b" }, 2 * minute),
      series: [
        ruled("KubeNodeNotReady", { ago: 6 * minute, usual: 0, then: 7 }),
        gauge("http_5xx", { ago: 6 * minute, usual: 1, then: 70 }),
      ],
      logs: [
        ...logOf(
          "go",
          6 * minute,
          'level=error msg="get price" err="dial tcp 10.1.66.4:8080: connect: no route to host"',
        ),
        ...heard(6 * minute, "Node ip-10-1-66-4 status is now: NodeNotReady", {
          service: "kube-events",
          level: "warn",
        }),
      ],
    },
  },
  {
    name: "a push message to everyone",
    given: {
      ...deployed([6 * hour, store], [21 * minute, a11y]),
      alert: alerting("LatencyP99", "p99 latency of shop is above 2s", {}, 2 * minute),
      series: [
        ruled("LatencyP99", { ago: 5 * minute, usual: 0.3, then: 4.5, overMs: 2 * minute }),
        requests({ ago: 6 * minute, usual: 140, then: 1700, overMs: 2 * minute }),
      ],
      logs: logOf("node", 5 * minute, "TimeoutError: ResourceRequest timed out (pool is full)"),
    },
  },
  {
    name: "a flag was turned on by the product owner",
    given: {
      ...deployed([7 * hour, a11y], [3 * hour, store]),
      alert: alerting("CheckoutFailures", "checkout success rate < 90%", { severity: "page" }, 2 * minute),
      series: [ruled("CheckoutFailures", { ago: 6 * minute, usual: 0.98, then: 0.61 })],
      logs: logOf("node", 6 * minute, "Error: one-click-pay: no vault for country NO"),
      over: {
        flags: [{ service: "shop", flag: "one-click-pay", change: "turned on", at: now - 7 * minute }],
      },
    },
  },
  {
    name: "the database has changed its primary",
    given: {
      ...deployed([20 * hour, rubocop], [18 * minute, retry]),
      alert: alerting("HighErrorRate", "5xx ratio > 5% for 2m", { severity: "critical" }, 2 * minute),
      series: [ruled("HighErrorRate", { ago: 5 * minute, usual: 0.002, then: 0.37 })],
      logs: logOf(
        "rails",
        5 * minute,
        "PG::ReadOnlySqlTransaction (ERROR:  cannot execute INSERT in a read-only transaction)",
      ),
    },
  },
  {
    name: "robots read the whole catalogue",
    given: {
      ...deployed([5 * hour, teaser], [2 * hour, search]),
      alert: alerting("InstanceCpuHigh", "CPU > 90% on web instances", {}, 3 * minute),
      series: [
        ruled("InstanceCpuHigh", { ago: 10 * minute, usual: 0.35, then: 0.97, overMs: 4 * minute }),
        requests({ ago: 11 * minute, usual: 200, then: 2600, overMs: 4 * minute }),
      ],
      logs: [
        ...logOf("nginx"),
        ...heard(
          10 * minute,
          '185.40.4.12 "GET /p/88213?sort=asc&page=412 HTTP/1.1" 200 8400 "-" "python-requests/2.31"',
          { level: "info" },
        ),
      ],
    },
  },
  {
    name: "an analyst holds a lock",
    given: {
      ...deployed([30 * hour, taxes], [90 * minute, loggers]),
      alert: alerting("LatencyP99", "p99 latency of shop is above 2s", {}, 3 * minute),
      series: [ruled("LatencyP99", { ago: 9 * minute, usual: 0.4, then: 12 })],
      logs: [
        ...logOf(
          "jvm",
          9 * minute,
          "org.postgresql.util.PSQLException: ERROR: canceling statement due to lock timeout",
        ),
        ...heard(
          9 * minute,
          "process 4412 still waiting for RowExclusiveLock on relation 16402 of database 16385; holding: tableau",
          { service: "postgres", level: "info" },
        ),
      ],
    },
  },
  {
    name: "a broker of Kafka is lost",
    given: {
      commits: deployed([8 * hour, loggers], [65 * minute, taxes]).commits,
      alert: alerting(
        "KafkaUnderReplicatedPartitions",
        "partitions are under-replicated",
        { broker: "2" },
        3 * minute,
      ),
      series: [ruled("KafkaUnderReplicatedPartitions", { ago: 6 * minute, usual: 0, then: 212 })],
      logs: logOf(
        "jvm",
        6 * minute,
        "o.a.k.c.NetworkClient - [Producer clientId=orders] Connection to node 2 (kafka-2/10.0.9.3:9092) could not be established. Broker may not be available.",
      ),
    },
  },
  {
    name: "the quota of the map is used up",
    given: {
      ...deployed(
        [2 * day, a11y],
        [
          6 * hour,
          ["Newsletter: box is not ticked", { "src/signup/Newsletter.tsx": "-checked\n+checked={false}" }],
        ],
      ),
      alert: alerting("GeocodingErrors", "addresses cannot be found", {}, 4 * minute),
      series: [ruled("GeocodingErrors", { ago: 12 * minute, usual: 0.01, then: 1 })],
      logs: logOf(
        "node",
        12 * minute,
        "geocode: OVER_QUERY_LIMIT You have exceeded your daily request quota for this API.",
      ),
    },
  },
  {
    name: "the carrier of the SIM cards",
    given: {
      ...deployed([4 * day, alarms], [26 * hour, chart]),
      alert: alerting("DevicesOffline", "more than 5% of devices are offline", { region: "fr" }, 4 * minute),
      series: [ruled("DevicesOffline", { ago: 14 * minute, usual: 0.012, then: 0.31, overMs: 6 * minute })],
      logs: [
        ...logOf("iot"),
        ...heard(14 * minute, "client d-20771 disconnected: keepalive timeout", { level: "info" }),
      ],
    },
  },
  {
    name: "a card of the inference cluster is broken",
    given: {
      ...deployed([29 * hour, features], [3 * hour, pins]),
      alert: alerting("PredictLatency", "p95 of /predict above 800ms", {}, 3 * minute),
      series: [ruled("PredictLatency", { ago: 11 * minute, usual: 0.12, then: 1.4 })],
      logs: [
        ...logOf("python"),
        ...heard(11 * minute, "NVRM: Xid (PCI:0000:3b:00): 79, pid=1190, GPU has fallen off the bus.", {
          service: "node",
        }),
      ],
    },
  },
  {
    name: "the first morning after a holiday",
    given: {
      ...deployed([3 * day, sorting], [17 * hour, teaser]),
      alert: alerting("QueueLatency", "jobs wait longer than 5 minutes", { queue: "default" }, 5 * minute),
      series: [
        ruled("QueueLatency", { ago: 70 * minute, usual: 8, then: 420, overMs: 65 * minute }),
        requests({ ago: 80 * minute, usual: 60, then: 210, overMs: 70 * minute }),
      ],
      logs: logOf("php"),
    },
  },
];
