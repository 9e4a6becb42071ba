import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../shared/diagnosis/judge.ts";
import type { Series } from "../../shared/diagnosis/model.ts";
import {
  caseOf,
  css,
  docs,
  highErrors,
  hour,
  type Landing,
  lines,
  minute,
  noise,
  now,
  type Ordinary,
  second,
  step,
} from "./weigh.ts";

// Each piece of evidence: whether it raises or lowers the change, and that nothing of it is left when it is taken away.

const onset = 5 * minute;
const title = "orders: answers in pages";
const change = (files: Record<string, string>, name = title): Landing => [name, files, 2 * hour];
const plain = change({ "src/orders.js": "-const PAGE = 50;\n+const PAGE = 500;" });
const alert = { ...highErrors, ago: onset };
/** Deployed four hours ago, so that its moment says little. */
const given = (over: Partial<Ordinary> = {}, commit = plain): Ordinary => ({
  commits: [[commit[0], commit[1], 5 * hour]],
  deploys: [[commit[0], 4 * hour]],
  alert,
  ...over,
});
const logged = (text: string, over = {}) => ({
  logs: [...noise, ...lines(onset, text, over)],
});
const seen = (metric: string, was: number, is: number, over: Partial<Series> = {}): Series => {
  const { alert: _, ...series } = step(onset, was, is, { metric });
  return { ...series, ...over };
};
const climb = (ago: number): Series =>
  step(0, 0, 0, {
    points: Array.from({ length: 361 }, (_, n): [number, number] => {
      const at = now - (360 - n) * minute;
      return [at, 0.3 + 0.6 * Math.max(0, (at - (now - ago)) / ago)];
    }),
  });
const scaledToZero = change({ "k8s/shop.yaml": "-  minReplicaCount: 2\n+  minReplicaCount: 0" });
const versions = (former: number, newer: number) => {
  const of = (version: string, value: number, from: number): Series =>
    step(0, 0, 0, {
      ...{ versions: { version } },
      points: Array.from({ length: 90 }, (_, n): [number, number] => {
        const at = now - (89 - n) * 30 * second;
        return [at, at < now - onset ? 0.002 : value];
      }).filter(([at]) => at >= now - from),
    });
  return [of("v1", former, 45 * minute), of("v2", newer, 20 * minute)];
};
const canary = (series?: Series[]): Ordinary =>
  given({
    deploys: [[title, 20 * minute, { version: "v2" }]],
    ...(series && { series }),
  });

type Sign = [what: string, sign: 1 | -1, reason: RegExp, without: Ordinary, withIt: Ordinary];
const signs: Sign[] = [
  [
    "the moment of a deploy",
    1,
    /is rarely chance/,
    given({ deploys: [] }),
    given({ deploys: [[title, onset + minute]] }),
  ],
  [
    "a step of the alert's metric after the only deploy",
    1,
    /after it went live$/,
    given({ deploys: [[title, onset + minute]] }),
    given({ deploys: [[title, onset + minute]], series: [step(onset, 0.002, 0.3)] }),
  ],
  [
    "a step before the deploy",
    -1,
    /before it went live$/,
    given({ deploys: [[title, onset + minute]] }),
    given({ deploys: [[title, onset + minute]], series: [step(30 * minute, 0.002, 0.3)] }),
  ],
  [
    "a step long after the last deploy",
    -1,
    /most steps come within minutes/,
    given({ deploys: [[title, onset + 10 * minute]], series: [step(onset, 0.002, 0.3)] }),
    given({ deploys: [[title, onset + 40 * minute]], series: [step(onset, 0.002, 0.3)] }),
  ],
  [
    "an alert long after the last deploy",
    -1,
    /and most comes within minutes/,
    given({ deploys: [[title, onset + 10 * minute]] }),
    given({ deploys: [[title, onset + 40 * minute]] }),
  ],
  [
    "a climb that had begun before the deploy",
    -1,
    /climbs since .* before it went live/,
    given({ deploys: [[title, 3.5 * hour]], series: [climb(3 * hour)] }),
    given({ deploys: [[title, hour]], series: [climb(3 * hour)] }),
  ],
  [
    "hours in which it ran well",
    -1,
    /^had been live for/,
    given({ deploys: [[title, 20 * minute]] }),
    given({ deploys: [[title, 9 * hour]] }),
  ],
  [
    "a rollout that failed",
    1,
    /its rollout at .* failed/,
    given(),
    given({ deploys: [[title, 4 * hour, { status: "failed" }]] }),
  ],
  ["docs alone", -1, /only documentation, tests or CI/, given(), given({}, change({ "docs/a.md": "+x" }))],
  ["comments alone", -1, /changes only comments/, given(), given({}, change({ "src/orders.js": "+// x" }))],
  ["styles alone", -1, /only translations and styles/, given(), given({}, change({ "web/a.css": "+a{}" }))],
  [
    "staging alone",
    -1,
    /only what runs elsewhere/,
    given(),
    given({}, change({ "config/staging.yaml": "+x: 1" })),
  ],
  [
    "the value of a label in its lines",
    1,
    /the alert says currency="JPY"/,
    given({}, change({ "src/orders.js": '+x("JPY")' })),
    given({ alert: { ...alert, labels: { currency: "JPY" } } }, change({ "src/orders.js": '+x("JPY")' })),
  ],
  [
    "a symptom's path",
    1,
    /the alert says path="\/orders", and so does the name of src\/orders\.js/,
    given(),
    given({ alert: { ...alert, labels: { path: "/orders" } } }),
  ],
  [
    "a value that the errors quote",
    1,
    /the new errors quote/,
    given({}, change({ "k8s/shop.yaml": "+image: ghcr.io/acme/shop:2.l4.0" })),
    given(
      logged('cannot use "ghcr.io/acme/shop:2.l4.0"'),
      change({ "k8s/shop.yaml": "+image: ghcr.io/acme/shop:2.l4.0" }),
    ),
  ],
  [
    "the alert's own rule",
    1,
    /changed the alert's own rule/,
    given({}, change({ "monitoring/rules.yaml": " - alert: Other\n-expr: x > 2\n+expr: x > 1" })),
    given({}, change({ "monitoring/rules.yaml": " - alert: HighErrorRate\n-expr: x > 2\n+expr: x > 1" })),
  ],
  [
    "the name of a metric that moved",
    1,
    /the metrics that moved and its changed lines share/,
    given({}, change({ "src/orders.js": "+voucherLedger()" })),
    given({ series: [seen("voucher_ledger_depth", 3, 90)] }, change({ "src/orders.js": "+voucherLedger()" })),
  ],
  [
    "a word of the new errors",
    1,
    /log lines that are new since the onset and its changed lines share/,
    given({}, change({ "src/orders.js": "+voucherLedger()" })),
    given(logged("voucherLedger is closed"), change({ "src/orders.js": "+voucherLedger()" })),
  ],
  [
    "a file of a stack trace",
    1,
    /share “src\/orders.js”/,
    given(),
    given(logged("it broke", { trace: "at f (/app/src/orders.js:9:7)" })),
  ],
  [
    "a kind of change that makes such trouble",
    1,
    /changes queries or the schema, and the database is in trouble/,
    given({}, change({ "src/orders.js": "+where title ilike $1" })),
    given(logged("deadlock detected"), change({ "src/orders.js": "+where title ilike $1" })),
  ],
  [
    "a version that is worse beside the former",
    1,
    /of version v2 .* beside it/,
    canary(),
    canary(versions(0.002, 0.3)),
  ],
  ["a former version that has it too", -1, /the former, .* has it too/, canary(), canary(versions(0.3, 0.3))],
  [
    "a kind of trouble that another service tells, which cannot reach this one",
    1,
    /changes how many pods or machines may run, and there are too few/,
    given({}, scaledToZero),
    given(logged("no healthy upstream, cluster=shop, replicas=0", { service: "gateway" }), scaledToZero),
  ],
  [
    "a host outside that does not answer",
    -1,
    /speaks of an upstream/,
    given(),
    given(logged("ReadTimeout: api.payhub.com did not answer in 30 s")),
  ],
  ["an error that names who failed", -1, /speaks of a credential/, given(), given(logged("API key expired"))],
  [
    "a change of how often clients ask, before more came in",
    1,
    /changes how often clients ask/,
    given({ deploys: [[title, 8 * minute]], series: [seen("traffic", 100, 400, { load: true })] }),
    given(
      { deploys: [[title, 8 * minute]], series: [seen("traffic", 100, 400, { load: true })] },
      change({
        "src/orders.js": "-res.set('cache-control', 'max-age=60');\n+res.set('cache-control', 'no-store');",
      }),
    ),
  ],
  ["load", -1, /more came in/, given(), given({ series: [seen("traffic", 100, 400, { load: true })] })],
  [
    "a machine",
    -1,
    /a machine or its provider/,
    given(),
    given({ series: [seen("node_disk_io_err", 1, 90)] }),
  ],
  [
    "a host of a provider",
    -1,
    /its side moved/,
    given(),
    given({ series: [seen('client_errors{host="api.partner.com"}', 1, 90)] }),
  ],
  [
    "one tenant",
    -1,
    /the load of one tenant/,
    given(),
    given({ series: [seen('jobs{tenant="t1"}', 1, 90)] }),
  ],
  [
    "somebody's hand",
    -1,
    /speaks of somebody's hand/,
    given({ logs: noise }),
    given({
      logs: [
        ...noise,
        { at: now - onset, service: "shop", level: "info", text: "sudo: ann : TTY=pts/1 ; COMMAND=/bin/rm" },
      ],
    }),
  ],
  [
    "a flag",
    -1,
    /the flag “new-cart”/,
    given(),
    given({ over: { flags: [{ at: now - 6 * minute, service: "shop", flag: "new-cart", change: "on" }] } }),
  ],
  [
    "another share of troubles that changes cause",
    -1,
    /the policy says that changes cause 20 %/,
    given(),
    given({ over: { changePrior: 0.2 } }),
  ],
];

for (const [cause, line] of [
  ["the provider's capacity", "RunInstances: InsufficientInstanceCapacity in eu-west-1a"],
  ["the provider's capacity", "volume vol-1 is throttled by the provider"],
  ["a key that the other side changed", "token refused: unknown kid 7f3a"],
  ["a key that the other side changed", "sftp: host key verification failed"],
  ["an upstream", "put receipts: SlowDown, reduce your rate"],
  ["a file from outside", "truncated input in prices-0411.csv"],
  ["a failover", "sentinel: +switch-master cache 10.0.0.4 10.0.0.5"],
] as const)
  signs.push([
    `“${line}”`,
    -1,
    new RegExp(`speaks of ${cause}`),
    given({ logs: noise }),
    given(logged(line)),
  ]);

const judged = (of: Ordinary) => {
  const { ranked, against } = judge(caseOf(of));
  const found = ranked.find(({ commit }) => commit.title === title);
  return { p: found?.p ?? 0, reasons: [...(found?.evidence ?? []), ...against].map(({ reason }) => reason) };
};

for (const [what, sign, reason, without, withIt] of signs)
  test(`${what} ${sign > 0 ? "raises" : "lowers"} the change, and taken away nothing of it is left`, () => {
    const [before, after] = [judged(without), judged(withIt)];
    const shown = JSON.stringify({ before, after }, null, 1);
    assert.ok(
      after.reasons.some((text) => reason.test(text)),
      shown,
    );
    assert.ok(!before.reasons.some((text) => reason.test(text)), shown);
    assert.ok((after.p - before.p) * sign > 0, shown);
  });

const late = (files: Record<string, string>, series: Series): string[] =>
  judged(given({ deploys: [[title, 50 * minute]], series: [series] }, change(files))).reasons.filter((text) =>
    /most steps come within minutes/.test(text),
  );

test("a late step says nothing against a change of a slow kind, nor does a climb against any", () => {
  const code = { "src/orders.js": "-const PAGE = 50;\n+const PAGE = 500;" };
  assert.equal(late(code, step(onset, 0.002, 0.3)).length, 1);
  assert.deepEqual(late({ "src/orders.js": "+cache.set(id, order)" }, step(onset, 0.002, 0.3)), []);
  assert.deepEqual(late(code, climb(40 * minute)), []);
});

test("a late step moves all its changes from guilt to other causes, and none past another", () => {
  const older: Landing = ["search: rank by sales", { "src/search.js": "+rankBySales()" }, 9 * hour];
  const { ranked } = judge(
    caseOf({
      commits: [older, plain],
      deploys: [
        [older[0], 3 * hour],
        [title, 50 * minute],
      ],
      alert,
      series: [step(onset, 0.002, 0.3)],
    }),
  );
  const weights = [title, older[0]].map((name) =>
    ranked
      .find(({ commit }) => commit.title === name)
      ?.evidence.filter(({ reason }) => /most steps/.test(reason))
      .map(({ weight }) => weight.toFixed(1)),
  );
  assert.deepEqual(weights, [["-2.3"], ["-2.3"]]);
});

test("the worked example of docs/diagnosis.md", () => {
  const { ranked, noSuspect } = judge(
    caseOf({
      commits: [css, plain, docs],
      deploys: [[docs[0], 7 * minute]],
      alert: { ...highErrors, ago: minute },
      series: [step(6 * minute, 0.002, 0.3)],
    }),
  );
  const of = (name: string) => ranked.find(({ commit }) => commit.title === name)!;
  const weights = (name: string) => of(name).evidence.map(({ weight }) => Number(weight.toFixed(1)));
  assert.deepEqual([weights(title), weights(css[0]), weights(docs[0])], [[2, 1.8], [-3], [-4]]);
  const rounded = [of(title).p, of(css[0]).p, noSuspect].map((p) => Number((100 * p).toFixed(1)));
  assert.deepEqual(rounded, [98.6, 0.1, 1]);
  const hourly = Array.from({ length: 60 }, (_, n): [string, number] => [
    "orders: export as CSV",
    7 * minute + (n + 1) * hour,
  ]);
  const often = judge(
    caseOf({
      commits: [css, plain, docs],
      deploys: [...hourly, [docs[0], 7 * minute]],
      alert: { ...highErrors, ago: minute },
      series: [step(6 * minute, 0.002, 0.3)],
    }),
  );
  const inService = often.ranked.find(({ commit }) => commit.title === title)!;
  assert.deepEqual(
    [inService.evidence.map(({ weight }) => weight), Math.round(100 * inService.p)],
    [[0.3], 69],
  );
});
