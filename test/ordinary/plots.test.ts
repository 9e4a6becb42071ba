import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogLine, Series } from "../../shared/diagnosis/model.ts";
import {
  css,
  day,
  hour,
  type Landing,
  lines,
  minute,
  noise,
  now,
  type Ordinary,
  receipt,
  step,
  told,
} from "./weigh.ts";

// Plots of incidents as teams tell them: the change that must be proposed, by itself or with its deploy; undefined: none.

const landed = (title: string, path: string, change: string, ago = 2 * hour): Landing => [
  title,
  { [path]: change },
  ago,
];
/** The commits of one deploy, whose newest names it, `ago` before the alert. */
const together = (ago: number, ...commits: Landing[]): Pick<Ordinary, "commits" | "deploys"> => {
  const ordered = commits.toSorted((a, b) => b[2] - a[2]);
  return { commits: ordered, deploys: [[ordered.at(-1)![0], ago]] };
};
const alert = (
  name: string,
  summary: string,
  labels: Record<string, string> = {},
  description = "",
): Ordinary["alert"] => ({
  ...{ name, labels, ago: minute },
  annotations: { summary, ...(description !== "" && { description }) },
});
const moved = (name: string, ago: number, usual: number, then: number): Series[] => [
  step(ago, usual, then, { metric: `${name}'s value`, alert: name }),
];
const climbing = (name: string, ago: number, from: number, to: number): Series[] => [
  {
    ...{ service: "shop", metric: `${name}'s value`, alert: name },
    points: Array.from({ length: 481 }, (_, index): [number, number] => {
      const at = now - (480 - index) * minute;
      return [at, from + ((to - from) * Math.max(0, at - (now - ago))) / ago];
    }),
  },
];
const logged = (text: string, fields?: string): LogLine[] => [
  ...noise,
  ...lines(6 * minute, text, fields === undefined ? {} : { fields }),
];
const errors = alert("HighErrorRate", "High error rate on shop");
const rising = moved("HighErrorRate", 6 * minute, 0.002, 0.2);
const failing = (
  commits: Pick<Ordinary, "commits" | "deploys">,
  text: string,
  fields?: string,
): Ordinary => ({
  ...{ ...commits, alert: errors, series: rising, logs: logged(text, fields) },
});

const host = landed(
  "config: new database host",
  "config/production.yaml",
  "-  host: db-a.internal\n+  host: db-b.internal",
);
const quotes = landed("quotes: keep in memory", "src/quotes.js", "+const kept = new Map();", 7 * hour);
const debug = landed("log: everything", "config/production.yaml", "-level: warn\n+level: debug", 5 * hour);
const offsets = landed(
  "orders-consumer: commit offsets by hand",
  "src/consumers/orders.js",
  "-autoCommit: true\n+autoCommit: false",
);
const index = landed(
  "db: index on lines",
  "db/migrations/0042_lines.sql",
  "+create index lines_order on lines (order_id);",
);
const settings = landed("config: drop unused settings", "k8s/deployment.yaml", "-  - name: LEGACY_TOKEN");
const pods = landed(
  "resources: smaller pods",
  "k8s/deployment.yaml",
  "-limits: { memory: 1Gi }\n+limits: { memory: 256Mi }",
);
const collector = landed(
  "docker: try ZGC",
  "Dockerfile",
  '-ENV JAVA_OPTS="-XX:+UseG1GC -Xmx1g"\n+ENV JAVA_OPTS="-XX:+UseZGC -Xmx1g"',
);
const workers = landed(
  "more workers",
  "Procfile",
  "-web: WEB_CONCURRENCY=2 puma\n+web: WEB_CONCURRENCY=8 puma",
);
const probe = landed("k8s: probe /healthz", "k8s/deployment.yaml", "-path: /ready\n+path: /healthz");
const roles = landed(
  "rbac: least privilege",
  "k8s/rbac.yaml",
  "-resources: [configmaps, secrets]\n+resources: [secrets]",
);
const redis = landed(
  "bump ioredis from 5.4.1 to 5.5.0",
  "package.json",
  '-"ioredis": "5.4.1"\n+"ioredis": "5.5.0"',
);
const stripe = landed(
  "bump stripe from 15.1.0 to 16.0.0",
  "package.json",
  '-"stripe": "15.1.0"\n+"stripe": "16.0.0"',
);
const limits = landed(
  "limits: ten requests a minute",
  "config/production.yaml",
  "-perMinute: 1000\n+perMinute: 10",
);
const french = landed(
  "paiements : arrondir à deux décimales",
  "src/paiement.js",
  "+Math.round(x * 100) / 100",
);
const russian = landed("оплата: новая подпись", "src/sign.js", "+1");
const japanese = landed("決済: 署名アルゴリズムを変更", "src/sign.js", "+1");
const cart = landed("cart: show the stock", "src/cart.js", "+stock", 3 * hour);
const carts = landed("carts: merge on login", "src/cart.js", "+merge(a, b)", 3 * hour);
const cleanup = landed(
  "jobs: clean up more often",
  "config/jobs.yaml",
  "-cleanup: '0 3 * * *'\n+cleanup: '* * * * *'",
);
const checkout = landed(
  "checkout: validate the address",
  "src/checkout.js",
  "+if (!address.zip) throw new Error('zip')",
  2.9 * hour,
);
const tidy = Array.from({ length: 19 }, (_, part) =>
  landed(`part${part}: tidy`, `src/part${part}.js`, "+1", (3 + part / 10) * hour),
);
const often = Array.from({ length: 60 }, (_, part) =>
  landed(`step ${part}: tidy`, `src/s${part}.js`, "+1", (part + 1) * 5 * minute),
);

const plots: [string, Landing | undefined, Ordinary][] = [
  [
    "a host that is not there",
    host,
    failing(together(7 * minute, host, receipt), "getaddrinfo ENOTFOUND db-b.internal"),
  ],
  [
    "a leak of five hours, with a style deployed just before",
    quotes,
    {
      commits: [quotes, css],
      deploys: [
        [quotes[0], 5 * hour],
        [css[0], 10 * minute],
      ],
      alert: alert("ShopMemoryHigh", "memory of shop is nearly used up"),
      series: climbing("ShopMemoryHigh", 5 * hour, 0.3, 0.93),
    },
  ],
  ...[4, 6, 9].map((minutes): (typeof plots)[number] => [
    `a leak that shows ${minutes} min after its deploy, with two more deploys since`,
    quotes,
    {
      commits: [quotes, css, receipt],
      deploys: [
        [quotes[0], 6.5 * hour],
        [css[0], 2.9 * hour],
        [receipt[0], 50 * minute],
      ],
      alert: alert("ShopMemoryHigh", "shop nears its memory limit"),
      series: climbing("ShopMemoryHigh", 6.5 * hour - minutes * minute, 0.32, 0.93),
    },
  ]),
  [
    "a disk that fills up with logs",
    debug,
    {
      commits: [debug, css],
      deploys: [
        [debug[0], 4 * hour],
        [css[0], 40 * minute],
      ],
      alert: alert("DiskWillFill", "log volume of shop will be full in 4 hours"),
      series: climbing("DiskWillFill", 4 * hour, 0.3, 0.9),
    },
  ],
  [
    "a consumer that falls behind",
    offsets,
    {
      ...together(9 * minute, offsets, cart),
      alert: alert("KafkaConsumerLag", "group falls behind", {
        topic: "orders",
        consumergroup: "orders-consumer",
      }),
      series: moved("KafkaConsumerLag", 8 * minute, 20, 40_000),
    },
  ],
  [
    "a lock of a migration",
    index,
    failing(
      together(7 * minute, index, receipt),
      'canceling statement due to lock timeout in relation "lines"',
    ),
  ],
  [
    "a setting that was still used",
    settings,
    failing(together(7 * minute, settings, receipt), "Error: LEGACY_TOKEN is not set"),
  ],
  [
    "pods without enough memory",
    pods,
    {
      ...together(9 * minute, pods, receipt),
      alert: alert(
        "KubePodCrashLooping",
        "Pod is crash looping.",
        { pod: "shop-7c9d-x2", reason: "OOMKilled" },
        "memory limit 256Mi",
      ),
    },
  ],
  ...[collector, workers].map((change): (typeof plots)[number] => [
    `memory that “${change[0]}” takes`,
    change,
    {
      ...together(14 * minute, change, receipt),
      alert: alert("MemoryNearLimit", "container memory above 95% of its limit"),
      ...{
        series: moved("MemoryNearLimit", 12 * minute, 0.6, 0.99),
        logs: logged("java.lang.OutOfMemoryError: Java heap space"),
      },
    },
  ]),
  [
    "a probe of a path that is not served",
    probe,
    {
      ...together(16 * minute, probe, css),
      alert: alert(
        "KubeDeploymentReplicasMismatch",
        "replicas do not match",
        { deployment: "shop" },
        "Readiness probe failed: 404 /healthz",
      ),
    },
  ],
  [
    "a right that was needed",
    roles,
    failing(
      together(7 * minute, roles, receipt),
      'configmaps is forbidden: User "shop" cannot list resource "configmaps"',
    ),
  ],
  [
    "the package of the stack trace",
    redis,
    failing(
      together(7 * minute, redis, stripe),
      "TypeError: undefined at Cluster.send (node_modules/ioredis/built/cluster/index.js:350:20)",
    ),
  ],
  [
    "a limit of our own answers 429",
    limits,
    {
      ...together(7 * minute, limits, receipt),
      alert: alert("Shop429", "429 responses of shop above 20 %"),
      ...{
        series: moved("Shop429", 6 * minute, 0, 0.6),
        logs: logged("429 too many requests from client", "perMinute=10"),
      },
    },
  ],
  [
    "an alert in French",
    french,
    {
      ...together(12 * minute, french, cart, css),
      alert: alert("EchecPaiements", "Taux d'échec des paiements élevé"),
    },
  ],
  [
    "an alert in Russian",
    russian,
    {
      ...together(12 * minute, russian, cart, css),
      alert: alert("ОшибкиОплаты", "подпись оплаты не принята"),
    },
  ],
  [
    "an alert in Japanese",
    japanese,
    { ...together(12 * minute, japanese, cart, css), alert: alert("決済エラー率", "決済の署名検証に失敗") },
  ],
  [
    "a train of twenty commits, and the path of the alert",
    checkout,
    {
      ...together(8 * minute, checkout, ...tidy),
      alert: alert("HighErrorRate", "error rate above 5 %", { handler: "/checkout" }),
      series: moved("HighErrorRate", 7 * minute, 0.002, 0.2),
    },
  ],
  [
    "the only deploy of a week, without metrics",
    carts,
    { ...together(3 * minute, carts), alert: alert("HighErrorRate", "error rate above 5 %") },
  ],
  [
    "a step between two deploys",
    cart,
    {
      commits: [cart, receipt],
      deploys: [
        [cart[0], 9 * minute],
        [receipt[0], 2 * minute],
      ],
      alert: { ...errors, ago: minute / 2 },
      series: moved("HighErrorRate", 8 * minute, 0.002, 0.2),
    },
  ],
  [
    "a job that runs every minute now",
    cleanup,
    {
      ...together(20 * minute, cleanup, css),
      alert: alert("DatabaseLoadHigh", "database load above 90 %"),
      series: moved("DatabaseLoadHigh", 19 * minute, 0.3, 0.95),
    },
  ],
  [
    "a certificate ends after a deploy",
    undefined,
    failing(together(2 * hour, cart), "tls: failed to verify certificate: x509: certificate has expired"),
  ],
  [
    "a quota of the provider",
    undefined,
    failing(
      together(50 * minute, cart),
      "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute'",
    ),
  ],
  [
    "a deploy every five minutes, and an alert that says nothing",
    undefined,
    {
      commits: often.toReversed(),
      deploys: often.map(([title, , ago]) => [title, ago - 2 * minute]),
      alert: alert("HighErrorRate", "error rate above 5 %"),
    },
  ],
  [
    "nothing landed for three days",
    undefined,
    {
      commits: [landed("cart: stock", "src/cart.js", "+1", 3 * day)],
      isNew: true,
      alert: alert("HighErrorRate", "error rate above 5 %"),
    },
  ],
  [
    "a taint of the nodes",
    undefined,
    {
      ...together(3 * hour, cart),
      alert: alert(
        "KubePodNotReady",
        "Pod is not ready",
        { pod: "shop-1" },
        "0/5 nodes are available: untolerated taint {node.kubernetes.io/disk-pressure}",
      ),
    },
  ],
];

for (const [plot, culprit, given] of plots)
  test(`${plot}: ${culprit === undefined ? "nothing is proposed" : `“${culprit[0]}” is taken back`}`, () => {
    const { diagnosis, proposed, first } = told(given);
    const seen = JSON.stringify(diagnosis.suspects.slice(0, 3), null, 1);
    if (culprit === undefined) return assert.equal(proposed, undefined, seen);
    assert.equal(first, culprit[0], seen);
    assert.equal(proposed?.kind, "revert", seen);
  });
