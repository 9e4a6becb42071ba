import {
  css,
  docs,
  highErrors,
  hour,
  type Landing,
  lines,
  minute,
  noise,
  type Ordinary,
  receipt,
  second,
  step,
} from "../weigh.ts";

// The rows of the table whose culprit is weighed: by its deploy, the alert's words, metrics and logs. The pure ranking and both hosts play them.

/** `culprit` comes first and is proposed with `score`, by itself or with its deploy; undefined: nothing is proposed. `none`: at most this for other causes. */
export type Weighed = {
  sibling: string;
  culprit: string | undefined;
  given: Ordinary;
  score?: number;
  none?: number;
  /** The culprit comes first; whether it is proposed is left to the bar. */
  onlyFirst?: boolean;
};

export const pages: Landing = [
  "orders: answers in pages",
  { "src/orders.js": "-const PAGE = 50;\n+const PAGE = 500;" },
  2 * hour,
];
const smallCache: Landing = [
  "cache: keep less",
  { "config/production.yaml": "-  ttlSeconds: 3600\n+  ttlSeconds: 36" },
  2 * hour,
];
const sorted: Landing = ["search: sort by price", { "src/search.js": "+order by price" }, 4 * hour];

const afterStep = (gap: number, change: Landing, others: Landing[]): Weighed => {
  const onset = 6 * minute;
  const commits = [...others, change].toSorted((a, b) => b[2] - a[2]);
  return {
    sibling: `a ratio steps ${gap} s after the only deploy, which brought “${change[0]}”: the deploy is nearly certain`,
    ...{ culprit: change[0], none: 0.1 },
    given: {
      commits,
      deploys: [[commits.at(-1)?.[0] ?? "", onset + gap * second]],
      alert: { ...highErrors, ago: minute },
      series: [step(onset, 0.002, 0.3)],
    },
  };
};
const steps: Weighed[] = [5, 60, 240].flatMap((gap) => [
  afterStep(gap, pages, [css, docs]),
  afterStep(gap, smallCache, [docs]),
  afterStep(gap, sorted, [css]),
]);

const unexplained: Weighed[] = (
  ["connect ETIMEDOUT 10.2.3.4:6379", "worker died of signal 6", "unexpected end of input"] as const
).map((text) => ({
  sibling: `new lines “${text}”, which no change explains, begin 20 s after the only deploy`,
  culprit: pages[0],
  given: {
    commits: [pages],
    deploys: [[pages[0], 5 * minute]],
    alert: { ...highErrors, ago: 2 * minute },
    logs: [...noise, ...lines(5 * minute - 20 * second, text)],
  },
}));

const logFields: Weighed[] = (
  [
    [
      "timeoutMs",
      "timeoutMs=300",
      "http: fail fast",
      { "config/production.yaml": "-  timeoutMs: 30000\n+  timeoutMs: 300" },
    ],
    [
      "poolSize",
      "poolSize=3 waiting=41",
      "config: fewer connections",
      { "config/production.yaml": "-  poolSize: 20\n+  poolSize: 3" },
    ],
    [
      "maxBodyKb",
      "maxBodyKb=64 route=/upload",
      "limits: smaller bodies",
      { "src/limits.js": "-const maxBodyKb = 1024;\n+const maxBodyKb = 64;" },
    ],
  ] as const
).map(([name, fields, title, files]) => ({
  sibling: `a field ${name} of the new log lines says the value that a change sets`,
  culprit: title,
  given: {
    commits: [receipt, [title, files, hour]],
    deploys: [[title, 12 * minute]],
    alert: { ...highErrors, ago: 2 * minute },
    series: [step(11 * minute, 0.002, 0.2)],
    logs: [...noise, ...lines(11 * minute, "no answer", { fields })],
  },
}));

const whoFailed: Weighed[] = (
  [
    ["carrier", "401 Unauthorized: API token expired at midnight"],
    ["carrier", "429 Too Many Requests by the carrier's API"],
    ["mailer", "x509: certificate has expired"],
    ["carrier", "getaddrinfo ENOTFOUND api.carrier.example"],
  ] as const
).map(([upstream, description]) => ({
  sibling: `“${description}” names who failed: a change that only shares the name ${upstream} is not proposed`,
  culprit: undefined,
  given: {
    commits: [
      ["web: year in the footer", { "web/footer.html": "-2025\n+2026" }, 6 * hour],
      [
        `${upstream}: labels in A6`,
        { "src/labels.js": "-exports.size = 'A4';\n+exports.size = 'A6';" },
        5 * hour,
      ],
      [`${upstream}: darker blue`, { "web/app.css": "+a { color: darkblue }" }, 5 * hour],
      docs,
    ],
    deploys: [[docs[0], 3 * hour]],
    alert: {
      name: "UpstreamErrors",
      labels: { upstream },
      annotations: { summary: `Requests to the ${upstream} fail`, description },
      ago: minute,
    },
  },
}));

const sharedLibrary: Weighed[] = (
  [
    ["cart", "Cart totals differ from the ledger", "money: round half to even"],
    ["invoice", "Sums of invoices mismatch the bookings", "amounts: cut to cents"],
    ["payout", "Payout amounts are off by one cent", "decimal: floor earlier"],
  ] as const
).map(([folder, alert, library]) => ({
  sibling: `“${alert}”: the shared library that computes comes before the service's own innocent change`,
  culprit: library,
  given: {
    commits: [
      [library, { "libs/money/index.js": "-  return sum;\n+  return Math.round(sum);" }, 4 * hour],
      [`${folder}: sort lines by name`, { [`services/${folder}/sort.js`]: "+lines.sort()" }, 2 * hour],
    ],
    deploys: [[`${folder}: sort lines by name`, 10 * minute]],
    alert: { name: "TotalMismatch", annotations: { summary: alert }, ago: minute },
    over: { folders: [`services/${folder}/`, "libs/"] },
  },
}));

const traces: Weighed[] = (
  [
    ["pg", "stripe"],
    ["ioredis", "pg"],
    ["stripe", "express"],
  ] as const
).map(([library, other]) => ({
  sibling: `a stack trace through node_modules/${library}: the bump of ${library} before that of ${other}`,
  culprit: `bump ${library} from 1.0.0 to 2.0.0`,
  given: {
    commits: [library!, other!].map((name, index) => [
      `bump ${name} from 1.0.0 to 2.0.0`,
      {
        "package-lock.json": `     "node_modules/pg": {\n     "node_modules/stripe": {\n     "node_modules/${name}": {\n-      "version": "1.0.0",\n+      "version": "2.0.0",\n     "node_modules/ioredis": {`,
      },
      (2 + index) * hour,
    ]),
    deploys: [
      [`bump ${other} from 1.0.0 to 2.0.0`, 9 * minute],
      [`bump ${library} from 1.0.0 to 2.0.0`, 9 * minute],
    ],
    alert: { ...highErrors, ago: 2 * minute },
    logs: [
      ...noise,
      ...lines(8 * minute, "TypeError: x is not a function", {
        trace: `at f (node_modules/${library}/lib/index.js:9:7)`,
      }),
    ],
  },
}));

const scripts: Weighed[] = (
  [
    [
      "支付：改用新的签名算法",
      "src/sign.js",
      ["购物车：显示库存", "样式：调整按钮颜色"],
      { summary: "支付接口错误率超过 5%", description: "最近 5 分钟支付签名校验失败 37%" },
    ],
    [
      "決済：署名の方式を変更",
      "src/sign.js",
      ["カート：在庫を表示", "検索：同義語を追加"],
      { summary: "決済の署名検証に失敗" },
    ],
    [
      "ชำระเงิน: เปลี่ยนลายเซ็น",
      "src/sign.js",
      ["ตะกร้า: แสดงสต็อก", "ค้นหา: เรียงตามราคา"],
      { summary: "ตรวจสอบลายเซ็นชำระเงินล้มเหลว" },
    ],
  ] as const
).map(([culprit, file, others, annotations]) => ({
  sibling: `words are found in every script: ${culprit}`,
  culprit: culprit,
  given: {
    commits: [
      [others[0], { "src/cart.js": "+1" }, 3 * hour],
      [culprit, { [file]: "+throw new Error('x');" }, 2 * hour],
      [others[1], { "src/other.js": "+1" }, hour],
    ],
    deploys: [[others[1], 10 * minute]],
    alert: { name: "错误", annotations: annotations as Record<string, string>, ago: minute },
  },
}));

const symptoms: Weighed[] = (
  [
    ["path", "/pay", "src/pay.js"],
    ["handler", "/v1/refunds", "src/routes/refunds.js"],
    ["queue", "thumbnail-jobs", "workers/thumbnail.py"],
    ["topic", "stock.changed", "src/consumers/stock-changed.ts"],
  ] as const
).map(([key, value, file]) => ({
  sibling: `${key}="${value}" points at the change of ${file}`,
  culprit: "small things",
  given: {
    commits: [
      receipt,
      ["small things", { [file!]: "+const x = 2;" }, 1.5 * hour],
      ["search: synonyms", { "src/search.js": "+1" }, hour],
    ],
    deploys: [["search: synonyms", 8 * minute]],
    alert: {
      name: "ErrorsHigh",
      labels: { [key!]: value! },
      annotations: { summary: "error rate above 5 %" },
      ago: minute,
    },
  },
}));

const imageTags: Weighed[] = (
  [
    ["2.l4.0", "2.13.4"],
    ["v1.9.O", "v1.8.0"],
    ["2026-11-31", "2026-11-30"],
  ] as const
).map(([tag, former]) => ({
  sibling: `an image tag ${tag} that cannot be pulled is quoted by the log`,
  culprit: "release",
  given: {
    commits: [
      docs,
      [
        "release",
        {
          "k8s/deployment.yaml": `-          image: ghcr.io/acme/shop:${former}\n+          image: ghcr.io/acme/shop:${tag}`,
        },
        30 * minute,
      ],
    ],
    deploys: [["release", 12 * minute, { status: "failed" }]],
    alert: {
      name: "KubeContainerWaiting",
      labels: { reason: "ImagePullBackOff" },
      annotations: { summary: "Pod container waiting" },
      ago: minute,
    },
    logs: [...noise, ...lines(10 * minute, `Failed to pull image "ghcr.io/acme/shop:${tag}": not found`)],
  },
  score: 0.9,
}));

const alone: Weighed[] = [pages, smallCache, sorted].flatMap((change) =>
  [true, false].map((isNew) => ({
    sibling: `“${change[0]}” is alone in the deploy 40 s before an alert of three words${isNew ? ", the first on record" : ""}`,
    culprit: change[0],
    given: {
      commits: [change],
      deploys: [[change[0], 70 * second]],
      alert: { name: "ErrorsHigh", annotations: { summary: "error rate above 5 %" }, ago: 30 * second },
      isNew,
    },
  })),
);

const templateWords: Weighed[] = (
  [
    ["fx: rates of the week", "error rate above 5 %"],
    ["latency budget page", "p99 latency above 2s for 5 minutes"],
    ["orders: high value orders first", "High request failures: more than 5% errors"],
  ] as const
).map(([title, summary]) => ({
  sibling: `the words of a template are no words: “${title}” is not blamed for “${summary}”`,
  ...{ culprit: "carts: expire", onlyFirst: true },
  given: {
    commits: [
      [title, { "src/misc.js": "+1" }, 2.1 * hour],
      ["carts: expire", { "src/carts.js": "+1" }, 6 * minute],
    ],
    alert: { name: "ErrorsHigh", annotations: { summary }, ago: 30 * second },
    isNew: true,
  },
}));

const leak = "cache: keep every answer";
const climbing = (hours: number): [number, number][] => {
  const newest = step(0, 0.2, 0.2).points.at(-1)?.[0] ?? 0;
  const from = Math.round(hours * 1.3) * 60;
  return Array.from({ length: from + 1 }, (_, index) => {
    const since = Math.max(0, hours * 60 - (from - index));
    return [newest - (from - index) * minute, 0.2 + (since / (hours * 60)) * 0.7 + (index % 3) / 500];
  });
};
const leaks: Weighed[] = [6.3, 11, 30, 80].map((hours) => ({
  sibling: `a leak that took ${hours} hours is tied to the deploy that began it`,
  culprit: leak,
  given: {
    commits: [[leak, { "src/cache.js": "+all.push(answer)" }, (hours + 0.7) * hour], css, receipt],
    deploys: [
      [leak, hours * hour],
      [receipt[0], 12 * minute],
    ],
    alert: { name: "ShopMemory", annotations: { summary: "memory of shop" }, ago: minute },
    series: [
      {
        ...{ service: "shop", metric: "ShopMemory's value", alert: "ShopMemory" },
        points: climbing(hours),
      },
    ],
  },
}));

export const weighed = {
  ...{ alone, symptoms, templateWords, steps, unexplained, imageTags, logFields, whoFailed },
  ...{ leaks, sharedLibrary, traces, scripts },
} satisfies Record<string, Weighed[]>;
