import assert from "node:assert/strict";
import { test } from "node:test";
import { played } from "./played.ts";
import {
  chanceOf,
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
  told,
} from "./weigh.ts";

const pages: Landing = [
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

/** Whole incidents, and the change that comes first and is proposed, by itself or with its deploy; undefined: nothing is proposed. */
const expect = (name: string, culprit: string | undefined, given: Ordinary, score = 0.5): void => {
  test(name, () => {
    const { diagnosis, proposed, first } = told(given);
    const shown = diagnosis.suspects
      .slice(0, 3)
      .map(({ title, score, reasons }) => ({ title, score, reasons }));
    const seen = JSON.stringify({ shown, none: diagnosis.none, notes: diagnosis.notes }, null, 1);
    if (culprit === undefined) return assert.equal(proposed, undefined, seen);
    assert.equal(first, culprit, seen);
    assert.ok((diagnosis.suspects[0]?.score ?? 0) >= score, seen);
    assert.ok(proposed !== undefined && proposed.score >= score, seen);
  });

  test(`the loop comes to the same: ${name}`, async () => {
    const { diagnosis, isProposed } = await played(given);
    const seen = JSON.stringify(diagnosis, null, 1).slice(0, 3000);
    assert.equal(isProposed, culprit !== undefined, seen);
    if (culprit !== undefined) assert.equal(diagnosis.suspects[0]?.title, culprit, seen);
  });
};

/** The loop finds the same first suspect with the same probabilities. */
const inLoop = (name: string, given: Ordinary): void => {
  test(`the loop comes to the same: ${name}`, async () => {
    const [alone, { diagnosis }] = [told(given), await played(given)];
    assert.equal(diagnosis.suspects[0]?.title, alone.first);
    assert.equal(diagnosis.none.toFixed(6), alone.diagnosis.none.toFixed(6));
  });
};

for (const gap of [5, 60, 240])
  for (const [change, others] of [
    [pages, [css, docs]],
    [smallCache, [docs]],
    [sorted, [css]],
  ] as const) {
    const onset = 6 * minute;
    const name = `a ratio steps ${gap} s after the only deploy, which brought “${change[0]}”: the deploy is nearly certain`;
    const given: Ordinary = {
      commits: [...others, change].toSorted((a, b) => b[2] - a[2]),
      deploys: [[[...others, change].toSorted((a, b) => a[2] - b[2])[0]![0], onset + gap * second]],
      alert: { ...highErrors, ago: minute },
      series: [step(onset, 0.002, 0.3)],
    };
    test(name, () => {
      const { diagnosis, first } = told(given);
      assert.equal(first, change[0], JSON.stringify(diagnosis.suspects, null, 1));
      assert.ok(diagnosis.none <= 0.1, JSON.stringify(diagnosis, null, 1));
    });
    inLoop(name, given);
  }

for (const text of ["connect ETIMEDOUT 10.2.3.4:6379", "worker died of signal 6", "unexpected end of input"])
  expect(`new lines “${text}”, which no change explains, begin 20 s after the only deploy`, pages[0], {
    commits: [pages],
    deploys: [[pages[0], 5 * minute]],
    alert: { ...highErrors, ago: 2 * minute },
    logs: [...noise, ...lines(5 * minute - 20 * second, text)],
  });

for (const [name, fields, title, files] of [
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
] as const)
  expect(`a field ${name} of the new log lines says the value that a change sets`, title, {
    commits: [receipt, [title, files, hour]],
    deploys: [[title, 12 * minute]],
    alert: { ...highErrors, ago: 2 * minute },
    series: [step(11 * minute, 0.002, 0.2)],
    logs: [...noise, ...lines(11 * minute, "no answer", { fields })],
  });

for (const [upstream, description] of [
  ["carrier", "401 Unauthorized: API token expired at midnight"],
  ["carrier", "429 Too Many Requests by the carrier's API"],
  ["mailer", "x509: certificate has expired"],
  ["carrier", "getaddrinfo ENOTFOUND api.carrier.example"],
] as const)
  expect(
    `“${description}” names who failed: a change that only shares the name ${upstream} is not proposed`,
    undefined,
    {
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
  );

for (const [title, ago, annotations] of [
  [
    "orders: write status as a number",
    5 * minute,
    { summary: "GET /orders fails with 500", description: "invalid status 1" },
  ],
  ["sessions: new format", 3 * minute, { summary: "Users are logged out" }],
  ["carts: store cents", 9 * minute, { description: "cannot parse 1050" }],
] as const)
  test(`a rollback ${ago / minute} min ago is the suspect, and “${title}”, which runs no longer, is not proposed`, () => {
    const { diagnosis, proposed } = told({
      commits: [[title, { "src/x.js": "+exports.x = 1;" }, 6 * hour]],
      deploys: [
        [title, 4 * hour],
        ["orders: export as CSV", ago],
      ],
      alert: { name: "ShopBroken", annotations, ago: minute },
    });
    assert.equal(proposed, undefined);
    assert.equal(
      diagnosis.suspects.some((suspect) => suspect.title === title),
      false,
    );
    assert.match(
      diagnosis.notes?.join("\n") ?? "",
      /a rollback from \w{12} to \w{12} went live at 11:5\d:00/,
    );
  });

for (const [from, to] of [
  ["> 2", "> 0.2"],
  ["> 0.10", "> 0.01"],
  ["< 99", "< 99.95"],
])
  test(`the alert's own rule was changed from ${from} to ${to} just before: that comes first, with both limits`, () => {
    const title = "alerts: tell us earlier";
    const expr = (limit: string) => `        expr: histogram_quantile(0.99, x) ${limit}`;
    const { diagnosis, first } = told({
      commits: [
        pages,
        [
          title,
          { "monitoring/rules.yaml": `       - alert: ShopLatencyHigh\n-${expr(from!)}\n+${expr(to!)}` },
          20 * minute,
        ],
      ],
      deploys: [[pages[0], hour]],
      alert: { name: "ShopLatencyHigh", annotations: { summary: "p99 latency of shop" }, ago: minute },
      over: {},
    });
    assert.equal(first, title);
    assert.ok(
      diagnosis.suspects[0]!.reasons.includes(`it changed the alert's own rule, from ${from} to ${to}`),
    );
  });

for (const [folder, alert, library] of [
  ["cart", "Cart totals differ from the ledger", "money: round half to even"],
  ["invoice", "Sums of invoices mismatch the bookings", "amounts: cut to cents"],
  ["payout", "Payout amounts are off by one cent", "decimal: floor earlier"],
] as const)
  expect(
    `“${alert}”: the shared library that computes comes before the service's own innocent change`,
    library,
    {
      commits: [
        [library, { "libs/money/index.js": "-  return sum;\n+  return Math.round(sum);" }, 4 * hour],
        [`${folder}: sort lines by name`, { [`services/${folder}/sort.js`]: "+lines.sort()" }, 2 * hour],
      ],
      deploys: [[`${folder}: sort lines by name`, 10 * minute]],
      alert: { name: "TotalMismatch", annotations: { summary: alert }, ago: minute },
      over: { folders: [`services/${folder}/`, "libs/"] },
    },
  );

for (const [library, other] of [
  ["pg", "stripe"],
  ["ioredis", "pg"],
  ["stripe", "express"],
])
  expect(
    `a stack trace through node_modules/${library}: the bump of ${library} before that of ${other}`,
    `bump ${library} from 1.0.0 to 2.0.0`,
    {
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
  );

for (const [culprit, file, others, annotations] of [
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
] as const)
  expect(`words are found in every script: ${culprit}`, culprit, {
    commits: [
      [others[0], { "src/cart.js": "+1" }, 3 * hour],
      [culprit, { [file]: "+throw new Error('x');" }, 2 * hour],
      [others[1], { "src/other.js": "+1" }, hour],
    ],
    deploys: [[others[1], 10 * minute]],
    alert: { name: "错误", annotations: annotations as Record<string, string>, ago: minute },
  });

for (const change of [pages, smallCache, sorted])
  for (const isNew of [true, false])
    expect(
      `“${change[0]}” is alone in the deploy 40 s before an alert of three words${isNew ? ", the first on record" : ""}`,
      change[0],
      {
        commits: [change],
        deploys: [[change[0], 70 * second]],
        alert: { name: "ErrorsHigh", annotations: { summary: "error rate above 5 %" }, ago: 30 * second },
        isNew,
      },
    );

for (const [key, value, file] of [
  ["path", "/pay", "src/pay.js"],
  ["handler", "/v1/refunds", "src/routes/refunds.js"],
  ["queue", "thumbnail-jobs", "workers/thumbnail.py"],
  ["topic", "stock.changed", "src/consumers/stock-changed.ts"],
])
  expect(`${key}="${value}" points at the change of ${file}`, "small things", {
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
  });

for (const [title, summary] of [
  ["fx: rates of the week", "error rate above 5 %"],
  ["latency budget page", "p99 latency above 2s for 5 minutes"],
  ["orders: high value orders first", "High request failures: more than 5% errors"],
]) {
  const name = `the words of a template are no words: “${title}” is not blamed for “${summary}”`;
  const given: Ordinary = {
    commits: [
      [title!, { "src/misc.js": "+1" }, 2.1 * hour],
      ["carts: expire", { "src/carts.js": "+1" }, 6 * minute],
    ],
    alert: { name: "ErrorsHigh", annotations: { summary: summary! }, ago: 30 * second },
    isNew: true,
  };
  test(name, () => assert.equal(told(given).first, "carts: expire"));
  inLoop(name, given);
}

for (const [tag, former] of [
  ["2.l4.0", "2.13.4"],
  ["v1.9.O", "v1.8.0"],
  ["2026-11-31", "2026-11-30"],
])
  expect(
    `an image tag ${tag} that cannot be pulled is quoted by the log`,
    "release",
    {
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
    0.9,
  );

for (const hours of [6.3, 11, 30, 80]) {
  const name = `a leak that took ${hours} hours is tied to the deploy that began it`;
  const leak = "cache: keep every answer";
  const climbing = step(0, 0.2, 0.2, { metric: "ShopMemory's value", alert: "ShopMemory" });
  const from = Math.round(hours * 1.3) * 60;
  const points = Array.from({ length: from + 1 }, (_, index): [number, number] => {
    const at = climbing.points.at(-1)![0] - (from - index) * minute;
    const since = Math.max(0, hours * 60 - (from - index));
    return [at, 0.2 + (since / (hours * 60)) * 0.7 + (index % 3) / 500];
  });
  const given: Ordinary = {
    commits: [[leak, { "src/cache.js": "+all.push(answer)" }, (hours + 0.7) * hour], css, receipt],
    deploys: [
      [leak, hours * hour],
      [receipt[0], 12 * minute],
    ],
    alert: { name: "ShopMemory", annotations: { summary: "memory of shop" }, ago: minute },
    series: [{ ...climbing, points }],
  };
  test(name, () => {
    assert.equal(told(given).first, leak);
    assert.ok(chanceOf(given, leak) >= 0.5, `${chanceOf(given, leak)}`);
  });
  inLoop(name, given);
}

test("the bar looks at the best remedy: the whole deploy, when nothing tells its changes apart", () => {
  const twins: Landing[] = [
    ["parser: one", { "src/one.js": "+1" }, 3 * hour],
    ["parser: two", { "src/two.js": "+1" }, 2 * hour],
  ];
  const { proposed } = told({
    commits: twins,
    deploys: [["parser: two", 90 * second]],
    alert: { name: "ShopBroken", annotations: { summary: "it is broken" } },
  });
  assert.ok(proposed?.kind === "revert" && proposed.from !== undefined);
  assert.equal(proposed.title, "the deploy of 11:58:30 (2 changes)");
});

for (const [line, culprit] of [
  [
    "connect EADDRNOTAVAIL 10.0.0.9:443",
    ["http: reuse nothing", { "src/http.js": "+new Agent({ keepAlive: false })" }],
  ],
  [
    "dial tcp 10.2.0.9:5432: i/o timeout",
    ["policy for the namespace", { "k8s/netpol.yaml": "+kind: NetworkPolicy\n+egress: []" }],
  ],
  ["connection reset by peer", ["mesh: strict", { "k8s/peer.yaml": "-mode: PERMISSIVE\n+mtls: STRICT" }]],
  ["socket hang up", ["gateway: other sidecar", { "k8s/gateway.yaml": "+sidecar: v2" }]],
] as const)
  expect(`“${line}” points at the change of how connections are made: ${culprit[0]}`, culprit[0], {
    commits: [
      receipt,
      [culprit[0], culprit[1], 1.5 * hour],
      ["search: synonyms", { "src/search.js": "+1" }, hour],
    ],
    deploys: [["search: synonyms", 8 * minute]],
    alert: { ...highErrors, ago: minute },
    series: [step(7 * minute, 0.002, 0.3)],
    logs: [...noise, ...lines(7 * minute, line)],
  });

for (const [summary, name] of [
  ["CPU of the database above 90 %", "DbCpu"],
  ["postgres is slow, queries wait", "DbSlow"],
  ["load of mysql at 40", "DbLoad"],
] as const)
  expect(
    `“${summary}” points at the change of what is asked of the database`,
    "titles: other match",
    {
      commits: [
        receipt,
        ["titles: other match", { "src/titles.js": "+where title ilike $1" }, 1.5 * hour],
        ["cart: synonyms", { "src/cart.js": "+1" }, hour],
      ],
      deploys: [["cart: synonyms", 8 * minute]],
      alert: { name, annotations: { summary }, ago: minute },
    },
    0.45,
  );
