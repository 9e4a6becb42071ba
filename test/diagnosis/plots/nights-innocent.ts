import { alerting, also, deployed, incoming, log, moved } from "./nights.ts";
import { day, hour, minute, type Plot } from "./plot.ts";

type Change = [string, Record<string, string>];
const banner: Change = [
  "Banner for the winter sale",
  { "frontend/src/Banner.vue": "+<p>Winter sale: up to 50 %</p>" },
];
const zoom: Change = ["Zoom product pictures on touch", { "frontend/src/Zoom.vue": '+@touchstart="zoom"' }];
const refunds: Change = [
  "Refunds show who approved them",
  { "backend/refunds/views.py": "+    context['approved_by'] = refund.approver.name" },
];
const importer: Change = [
  "Importer: skip empty lines",
  { "backend/importer/read.py": "+    if not line.strip():\n+        continue" },
];
const synonyms: Change = [
  "Search: shoe is a synonym of sneaker",
  { "backend/search/synonyms.txt": "+shoe, sneaker" },
];
const button: Change = [
  "Checkout: the button says Buy now",
  { "frontend/src/checkout/Button.vue": "-Order\n+Buy now" },
];
const comments: Change = [
  "Explain the retry in a comment",
  { "backend/db/retry.py": "+# Twice, for the primary may be elected again.\n+# See the runbook." },
];

/** No change did it; by the third hand. */
export const nightsInnocent: Plot[] = [
  {
    name: "the primary fails over just after a deploy of comments",
    given: {
      ...deployed([5 * hour, refunds], [6 * minute, comments]),
      alert: alerting("WriteErrors", "orders cannot be written"),
      series: [moved("WriteErrors", { ago: 5 * minute, usual: 0.001, then: 0.9 })],
      logs: log(5 * minute, "psycopg2.OperationalError: FATAL: the database system is in recovery mode"),
    },
  },
  {
    name: "the banks of the acquirer do not answer",
    given: {
      ...deployed([25 * minute, zoom, button]),
      alert: alerting("PaymentsDeclined", "a third of the card payments is declined"),
      series: [moved("PaymentsDeclined", { ago: 9 * minute, usual: 0.04, then: 0.36 })],
      logs: log(
        9 * minute,
        '{"msg":"payment declined","acquirer":"worldacq","code":"91","reason":"issuer or switch inoperative"}',
        { level: "warn" },
      ),
    },
  },
  {
    name: "the disks of the search have filled for weeks",
    given: {
      ...deployed([45 * minute, synonyms, banner]),
      alert: alerting("IndexingFails", "articles cannot be indexed"),
      series: [moved("IndexingFails", { ago: 7 * minute, usual: 0.001, then: 1 })],
      logs: log(
        7 * minute,
        "cluster_block_exception: index [articles] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block]",
      ),
    },
  },
  {
    name: "the cache is moved by its provider",
    given: {
      ...deployed([3 * hour, refunds, zoom]),
      alert: alerting("SessionErrors", "sessions cannot be read"),
      series: [moved("SessionErrors", { ago: 4 * minute, usual: 0, then: 0.7 })],
      logs: [
        ...log(4 * minute, "LOADING Redis is loading the dataset in memory"),
        ...also(4 * minute, "cart", "LOADING Redis is loading the dataset in memory"),
      ],
    },
  },
  {
    name: "the sale begins",
    given: {
      ...deployed([5 * hour, refunds], [32 * minute, banner]),
      alert: alerting("LatencyHigh", "p99 of shop above 1.5 s"),
      series: [
        moved("LatencyHigh", { ago: 12 * minute, usual: 0.3, then: 2.6, overMs: 6 * minute }),
        incoming(14 * minute, 150, 720),
      ],
    },
  },
  {
    name: "a supplier sends a broken file",
    given: {
      ...deployed([2 * day, importer], [80 * minute, zoom]),
      alert: alerting("ImportFailed", "the import of articles failed", { supplier: "acme-shoes" }),
      series: [moved("ImportFailed", { ago: 5 * minute, usual: 0, then: 1 })],
      logs: log(
        5 * minute,
        "xml.etree.ElementTree.ParseError: mismatched tag: line 31877, column 4, file acme-shoes-20261124.xml",
      ),
    },
  },
  {
    name: "one location cannot reach us",
    given: {
      ...deployed([55 * minute, button]),
      alert: alerting("ProbeFailed", "probe of https://shop.example fails", { probe_location: "sydney" }),
      series: [
        {
          ...moved("ProbeFailed", { ago: 8 * minute, usual: 1, then: 0 }),
          metric: 'probe_success{location="sydney"}',
        },
        {
          ...moved("ProbeFailed", { ago: 0, usual: 1, then: 1 }),
          metric: 'probe_success{location="frankfurt"}',
        },
        { ...moved("ProbeFailed", { ago: 0, usual: 1, then: 1 }), metric: 'probe_success{location="ohio"}' },
      ],
    },
  },
  {
    name: "the secret of the login has run out",
    given: {
      ...deployed([2 * hour, refunds, banner]),
      alert: alerting("StaffLoginFails", "staff cannot log in"),
      series: [moved("StaffLoginFails", { ago: 6 * minute, usual: 0.01, then: 1 })],
      logs: log(
        6 * minute,
        "AADSTS7000222: The provided client secret keys for app '3f1c' are expired. Visit the portal to create new keys.",
      ),
    },
  },
  {
    name: "the monitoring itself lost its disk",
    given: {
      ...deployed([40 * minute, zoom]),
      alert: alerting("TargetMissing", "no target of any job answers", { job: "shop" }),
      logs: log(5 * minute, "Scrape commit failed: write to WAL: no space left on device", {
        service: "prometheus",
      }),
    },
  },
  {
    name: "an analyst joins everything with everything",
    given: {
      ...deployed([4 * hour, importer], [65 * minute, banner, refunds]),
      alert: alerting("DatabaseSlow", "statements of shop take longer than two seconds"),
      series: [moved("DatabaseSlow", { ago: 10 * minute, usual: 0.03, then: 2.8 })],
      logs: log(
        10 * minute,
        "duration: 912345.120 ms  statement: /* Metabase::card 4711 user lena */ select * from orders, lines, customers",
        { service: "postgres", level: "log" },
      ),
    },
  },
  {
    name: "the load balancer of the cloud is patched",
    given: {
      ...deployed([18 * minute, synonyms]),
      alert: alerting("Connections5xx", "502 at the load balancer"),
      series: [moved("Connections5xx", { ago: 5 * minute, usual: 0.0005, then: 0.08 })],
      logs: log(
        5 * minute,
        "scheduled maintenance of load balancer lb-7: nodes are replaced by the provider",
        { service: "cloud-events", level: "info" },
      ),
    },
  },
  {
    name: "a network card loses every tenth packet",
    given: {
      ...deployed([90 * minute, zoom, button]),
      alert: alerting("LatencyHigh", "p99 of shop above 1.5 s", { instance: "10.3.0.14:9090" }),
      series: [moved("LatencyHigh", { ago: 6 * minute, usual: 0.3, then: 4 })],
      logs: log(6 * minute, "kernel: ixgbe 0000:01:00.0 eth0: NIC Link is Down", {
        service: "node-14",
        level: "warn",
      }),
    },
  },
];
