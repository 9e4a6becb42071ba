import assert from "node:assert/strict";
import { test } from "node:test";
import { alertRules, knownRules } from "../../functions/diagnose/alert-rules.ts";
import { learnedRules } from "../../shared/diagnosis/learned-rules.ts";
import { type Alert, incidentId } from "../../shared/incident/model.ts";
import type { Question } from "../../shared/incident/recovery.ts";
import { alert } from "../support/incident.ts";
import { world } from "../support/world.ts";
import { hour, type Landing, minute, now, type Ordinary, told } from "./weigh.ts";

// The fixed words of a rule that watches many services tell nothing of this trouble.

const question = (alert: string, expr: string, annotations?: Record<string, string>): Question => ({
  ...{ alert, at: now },
  rules: [
    {
      ...{ expr, labels: { severity: "critical" }, forMs: 0, keepFiringMs: 0, everyMs: minute },
      ...(annotations && { annotations }),
    },
  ],
});
const waf: Landing = ["waf: other matcher", { "src/waf.js": "+exports.match = /(a+)+=/;" }, 6 * minute];
const incident = (
  innocent: Landing,
  alert: Ordinary["alert"],
  rule?: Question,
  over: Partial<Ordinary> = {},
): Ordinary => ({
  ...{ commits: [innocent, waf], alert, isNew: true },
  ...(rule && { over: { rules: alertRules([rule]) } }),
  ...over,
});
const page = (title: string): Landing => [title, { [`src/admin/${title.split(" ")[1]}.js`]: "+1" }, 3 * hour];

for (const [title, alert, rule] of [
  [
    "consumer lag in the footer",
    { name: "ConsumerLagHigh", annotations: { summary: "Consumer lag of shop-7f is above 1000" } },
    question("ConsumerLagHigh", "sum by (pod) (process_consumer_lag) > 1000", {
      summary: "Consumer lag of {{ $labels.pod }} is above 1000",
    }),
  ],
  [
    "ipv6 probe overview",
    { name: "ProbeUnsuccessful", annotations: { summary: "ipv6 probe of shop-1 is unsuccessful" } },
    question("ProbeUnsuccessful", "probe_success == 0", {
      summary: "ipv6 probe of {{ $labels.instance }} is unsuccessful",
    }),
  ],
  [
    "garbage collection report",
    { name: "GarbageCollection", annotations: { summary: "garbage collection takes 40 % of the time" } },
    question("GarbageCollection", "rate(jvm_gc_collection_seconds_sum[5m]) > 0.3", {
      summary: "garbage collection takes {{ $value | humanizePercentage }} of the time",
    }),
  ],
  [
    "file descriptors nearly exhausted report",
    { name: "FileDescriptors", annotations: { summary: "file descriptors of shop are nearly exhausted" } },
    question("FileDescriptors", "process_open_fds / process_max_fds > 0.9", {
      summary: "file descriptors of {{ $labels.job }} are nearly exhausted",
    }),
  ],
] as const) {
  test(`the words of its rule's template do not blame “${title}”`, () => {
    assert.equal(told(incident(page(title), alert, rule)).first, waf[0]);
  });

  test(`while its rule is not known, the same words may blame “${title}”`, () => {
    assert.equal(told(incident(page(title), alert)).first, title);
  });
}

for (const [title, summary] of [
  ["cpu usage page", "CPU usage is over 90 %"],
  ["memory usage in the footer", "Memory usage of shop is above 85 %"],
  ["free disk on the status page", "Disk is full: less than 10 % free available"],
] as const)
  test(`words of every machine do not blame “${title}”, whatever is known of the rule`, () => {
    assert.equal(
      told(incident(page(title), { name: "ResourceHigh", annotations: { summary } })).first,
      waf[0],
    );
  });

for (const [name, expr, annotations, labels, title] of [
  [
    "LagHigh",
    'kafka_consumergroup_lag{topic="vouchers"} > 1000',
    { summary: "lag of {{ $labels.topic }} on {{ $labels.pod }}" },
    { topic: "vouchers" },
    "vouchers: read anew",
  ],
  [
    "ErrorsOfHandler",
    'rate(http_requests_total{handler="/refunds",code=~"5.."}[5m]) > 1',
    { summary: "refunds fail" },
    {},
    "refunds: other tax",
  ],
  [
    "VouchersRejected",
    "increase(vouchers_rejected_total[5m]) > 20",
    { summary: "vouchers are rejected" },
    {},
    "vouchers: check the ledger",
  ],
  [
    "ShopVouchers",
    'rate(http_requests_total{service="shop"}[5m]) > 1',
    { summary: "vouchers of the shop are rejected" },
    {},
    "vouchers: check the ledger",
  ],
] as const)
  test(`what the rule or the alert's labels say of this trouble stays: ${name} blames “${title}”`, () => {
    const culprit: Landing = [title, { "src/other.js": "+1" }, 3 * hour];
    const summary = annotations.summary.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, key: string) =>
      key === "topic" ? "vouchers" : "shop-1",
    );
    const given = incident(
      culprit,
      { name, labels, annotations: { summary } },
      question(name, expr, annotations),
      { deploys: [[waf[0], 5 * minute]], commits: [culprit, [waf[0], waf[1], 2 * hour]] },
    );
    assert.equal(told(given).first, title);
  });

const lag = (service: string, summary: string): Alert =>
  alert({
    ...{ fingerprint: service, name: "ConsumerLagHigh", annotations: { summary } },
    labels: { alertname: "ConsumerLagHigh", service, pod: `${service}-7f` },
  });

test("the templates of rules that cannot be read are learned from alerts of several services", () => {
  const rule = (...templates: string[]) => [
    { ...{ alert: "ConsumerLagHigh", templates, metrics: [], selected: [] }, isLearned: true },
  ];
  const own = lag("shop", "Consumer lag of shop-7f is 1204");
  const learned = (other: Alert) => learnedRules([own], [own, other]);
  assert.deepEqual(
    learned(lag("cart", "Consumer lag of cart-7f is 3011")),
    rule("Consumer lag of {{ $labels.pod }} is {{ $value }}"),
  );
  assert.deepEqual(learned(lag("cart", "Lag of cart-7f is 3011")), []);
  // Two pods of one service show what every pod of it says.
  const pod = {
    ...own,
    labels: { ...own.labels, pod: "shop-8a" },
    annotations: { summary: "Consumer lag of shop-8a is 7" },
  };
  assert.deepEqual(learned(pod), []);
  assert.deepEqual(learned({ ...lag("cart", "Consumer lag of cart-7f is 9"), name: "Another" }), []);
});

test("the words of a learned template blame nobody, and those of a rule that one service has do", () => {
  const summary = "Consumer lag of shop-7f is above 1000";
  const given = { name: "ConsumerLagHigh", annotations: { summary } };
  const title = "consumer lag in the footer";
  const rules = learnedRules([lag("shop", summary)], [lag("cart", "Consumer lag of cart-7f is above 1000")]);
  assert.equal(told(incident(page(title), given, undefined, { over: { rules } })).first, waf[0]);
  assert.equal(told(incident(page(title), given)).first, title);
});

test("the loop learns from incidents of other services that go on, where the rules cannot be read", async () => {
  const made = world();
  const other = lag("cart", "Consumer lag of cart-7f is 3011");
  const id = incidentId("cart", "production");
  await made.process.handle(id, { type: "RecordAlerts", at: now, alerts: [other], truncated: false });
  const own = lag("shop", "Consumer lag of shop-7f is 1204");
  assert.deepEqual(
    (await knownRules(made.work, { alerts: [own] }, [])).map(({ templates }) => templates),
    [["Consumer lag of {{ $labels.pod }} is {{ $value }}"]],
  );
});

test("a question that an earlier version stored, without templates, is read", () => {
  assert.deepEqual(alertRules([question("A", 'sum(rate(x_total{app="shop"}[5m])) > 1')]), [
    { alert: "A", templates: ["critical"], metrics: ["x_total"], selected: ["shop"] },
  ]);
  assert.deepEqual(alertRules([question("A", "not promql (")])[0]?.metrics, []);
});

for (const [summary, template, rule] of [
  ["Queue of shop is above 100 jobs", "Queue of {{ $labels.service }} is above 100 jobs", "shop_jobs > 100"],
  ["p99 of shop exceeds 100 ms for 5 minutes", undefined, undefined],
  ["more than 100 jobs of shop wait", undefined, undefined],
  ["shop_jobs > 100", undefined, undefined],
] as const)
  test(`the number of a threshold is no shared word: ${summary}${rule ? ", by its rule" : ""}`, () => {
    const hundred: Landing = [
      "stickers: order in packs",
      { "src/stickers.js": "+const PACK = 100;" },
      3 * hour,
    ];
    const alert = { name: "ShopJobs", annotations: { summary } };
    const { diagnosis } = told(
      incident(hundred, alert, rule && question("ShopJobs", rule, { summary: template })),
    );
    const reasons = diagnosis.suspects.flatMap((suspect) => suspect.reasons).join("\n");
    assert.doesNotMatch(reasons, /“100”/);
  });

test("a number that a label tells, or that is no threshold, is a word", () => {
  const change: Landing = ["api: version 100", { "src/v100.js": "+const version = 100;" }, 3 * hour];
  for (const alert of [
    { name: "ShopJobs", labels: { code: "100" }, annotations: { summary: "jobs above 100" } },
    { name: "ShopJobs", annotations: { summary: "jobs of version 100 fail" } },
  ])
    assert.match(
      told(incident(change, alert))
        .diagnosis.suspects.flatMap(({ reasons }) => reasons)
        .join("\n"),
      /“100”|code="100"/,
    );
});

const summary = "{{ $value | humanize }} of the {{ $labels.currency }} payments fail";
const settled: Landing = [
  "settle in parts of 4096",
  { "src/fx.js": "+const parts = 4096; // JPY" },
  3 * hour,
];
const sharedWith = (annotation: string, rule?: Question): string[] => {
  const alert = {
    ...{ name: "PaymentsFail", labels: { currency: "JPY" } },
    annotations: { summary: annotation },
  };
  const { suspects } = told(incident(settled, alert, rule)).diagnosis;
  return (
    suspects.find(({ title }) => title === settled[0])?.reasons.filter((one) => /^shares /.test(one)) ?? []
  );
};

for (const [annotation, rule] of [
  ["4096 of the JPY payments fail", question("PaymentsFail", "failed / all > 5", { summary })],
  ["4096 % of the JPY payments fail", undefined],
] as const)
  test(`the value in “${annotation}” is no word that a change shares; a label's is`, () => {
    assert.deepEqual(sharedWith(annotation, rule), ["shares “jpy” with the alert (in its changed lines)"]);
  });

test("a number that no template rendered stays a word", () => {
  assert.match(
    sharedWith("parts of 4096 fail", question("PaymentsFail", "failed > 5", { summary })).join(),
    /“4096”/,
  );
});
