import assert from "node:assert/strict";
import { test } from "node:test";
import {
  caseOf,
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
  step,
  told,
} from "./weigh.ts";

// A change that cannot hurt what runs needs evidence of its own kind: the moment of its deploy does not count.

const onset = 5 * minute;
const deployed = (change: Landing, over: Partial<Ordinary> = {}): Ordinary => ({
  commits: [change],
  deploys: [[change[0], onset + minute]],
  alert: { ...highErrors, ago: minute },
  series: [step(onset, 0.002, 0.2)],
  ...over,
});

const inert: Landing[] = [
  css,
  docs,
  ["web: Danish texts", { "web/locales/da.json": '+{"cart":"kurv"}' }, hour],
  ["test: cover the export", { "test/export.test.js": "+test('export')" }, hour],
  ["ci: cache npm", { ".github/workflows/ci.yml": "+cache: npm" }, hour],
  ["web: year in the footer", { "web/footer.html": "-<footer>2025</footer>\n+<footer>2026</footer>" }, hour],
  ["terms: plain words", { "pages/terms.htm": "+<p>You may return goods.</p>" }, hour],
  ["orders: explain", { "src/orders.js": "+// see the wiki" }, hour],
  ["alerts: page sooner", { "alerts/shop.yaml": "-for: 10m\n+for: 5m" }, hour],
  ["probes: ask once a minute", { "probes/shop.yaml": "-interval: 30s\n+interval: 60s" }, hour],
  ["runbook: whom to call", { "runbooks/orders.md": "+Call the orders team." }, hour],
  ["staging: smaller pool", { "config/staging.yaml": "-poolSize: 20\n+poolSize: 3" }, hour],
];

for (const change of inert)
  test(`“${change[0]}” is alone in the deploy a minute before errors step up: it is not proposed`, () => {
    const { proposed, diagnosis } = told(deployed(change));
    assert.equal(proposed, undefined, JSON.stringify(diagnosis.suspects[0], null, 1));
    assert.ok(diagnosis.none > 0.5, `${diagnosis.none}`);
  });

for (const change of inert)
  test(`“${change[0]}” beside a change that runs takes nothing from it`, () => {
    const alone = deployed(receipt);
    const beside = { ...alone, commits: [change, receipt] };
    assert.ok(chanceOf(beside, receipt[0]) >= 0.85, `${chanceOf(beside, receipt[0])}`);
    assert.equal(told(beside).first, receipt[0]);
  });

for (const [name, summary, change] of [
  ["LayoutShift", "css layout shift above 0.25", css],
  ["MissingTranslations", "untranslated texts in the Danish shop", inert[2]!],
  ["FontsMissing", "fonts do not load", ["web: new face", { "web/fonts.css": "+src: url(x.woff2)" }, hour]],
  ["ShopWrongColour", "buttons have no colour", css],
] as const)
  test(`an alert that styles and texts can cause points at “${change[0]}”: ${summary}`, () => {
    const alert = { name, annotations: { summary }, ago: minute };
    const { first } = told({
      commits: [["search: rank", { "src/search.js": "+rank" }, 2 * hour], change as Landing],
      deploys: [[change[0], onset]],
      alert,
    });
    assert.equal(first, change[0]);
  });

for (const line of [
  '<script src="/new.js"></script>',
  '<form action="/pay">',
  "{{ order.total }}",
  '<a onclick="buy()">buy</a>',
])
  test(`a page that changes “${line}” runs: it may be the culprit`, () => {
    const change: Landing = ["web: page", { "web/index.html": `+${line}` }, hour];
    assert.equal(told(deployed(change)).first, change[0]);
    assert.ok(told(deployed(change)).proposed !== undefined);
  });

// A style may carry the name of the service, or of what the alert is about. It says where, not what.
for (const [title, path, line] of [
  ["shop: checkout button in red", "web/shop/checkout.scss", "+.shop-checkout { color: red }"],
  ["shop: bigger logo", "web/shop.css", "+.shop-logo { width: 90px }"],
  ["shop: texts of the shop in Danish", "web/locales/shop.da.json", '+{"shop":"butik"}'],
  ["checkout: new picture", "web/checkout/checkout.svg", "+<path d='M0'/>"],
] as const)
  for (const labels of [{ handler: "/checkout" }, { page: "checkout" }, {}])
    test(`“${title}” is alone in the deploy before the checkout of shop fails, with ${JSON.stringify(labels)}: not proposed`, () => {
      const alert = {
        name: "ShopErrors",
        annotations: { summary: "shop checkout fails" },
        labels,
        ago: minute,
      };
      const series = [step(onset, 0.002, 0.2, { metric: "ShopErrors's value", alert: "ShopErrors" })];
      const change: Landing = [title, { [path]: line }, hour];
      assert.equal(told(deployed(change, { alert, series })).proposed, undefined);
      const real: Landing = [
        "db: smaller pool",
        { "config/production.yaml": "-poolSize: 20\n+poolSize: 2" },
        2 * hour,
      ];
      assert.equal(told({ ...deployed(change, { alert, series }), commits: [real, change] }).first, real[0]);
    });

test("a commit without any file, which only starts a deploy, is not the culprit, whatever its message says", () => {
  const trigger: Landing = ["ci: deploy the fix of high 5xx error rate on shop", {}, hour];
  const given = deployed(trigger, { commits: [receipt, trigger] });
  const commits = caseOf(given).commits.map((one) => (one.paths.length === 0 ? { ...one, files: [] } : one));
  const { first, proposed } = told({ ...given, over: { commits } });
  assert.equal(first, receipt[0]);
  assert.equal(proposed?.kind === "revert" && proposed.title, receipt[0]);
});

test("the number of a service is no word about texts", () => {
  const given = deployed(css, { over: { service: "shop-18" } });
  const [alert] = caseOf(given).alerts;
  const alerts = [{ ...alert!, labels: { ...alert!.labels, service: "shop-18" } }];
  assert.equal(told({ ...given, over: { service: "shop-18", alerts } }).proposed, undefined);
});

for (const [service, path] of [
  ["dashboard-api", "services/dashboard-api/src/orders.js"],
  ["sandbox", "sandbox/main.go"],
  ["dev-portal", "apps/dev-portal/index.ts"],
])
  test(`a service that is called ${service} runs in production`, () => {
    const given = deployed(["orders: answers in pages", { [path!]: "+const PAGE = 500;" }, hour]);
    const { proposed, first } = told({ ...given, over: { service: service! } });
    assert.equal(first, "orders: answers in pages");
    assert.ok(proposed !== undefined);
  });

// Of an error in JSON, the fields tell who failed as well as its message does.
for (const fields of [
  "host=api.stripe.com statusCode=503",
  "status=502 upstream=https://auth.partner.io/token",
  "code=504 url=api.maps.dev",
])
  test(`the fields ${fields} name a provider: nothing is proposed`, () => {
    const { proposed } = told({
      commits: [receipt, ["payments: label", { "src/payments.js": "+exports.label = 'Pay';" }, 2.5 * hour]],
      deploys: [[receipt[0], 2 * hour]],
      alert: { ...highErrors, ago: 2 * minute },
      series: [step(5 * minute, 0.002, 0.2)],
      logs: [...noise, ...lines(5 * minute, "no answer", { fields })],
    });
    assert.equal(proposed, undefined);
  });

// Most loggers write the machine's own name in every line, as `host`: it is not a host that failed.
for (const [machine, called, isForeign] of [
  ["host=web-3.shop.example.com", "host=web-3.shop.example.com status=503", false],
  ["host=web-3.shop.example.com", "host=api.partner.com status=503", true],
  ["hostname=a1.eu.acme.io", "hostname=a1.eu.acme.io code=502", false],
] as const)
  test(`beside usual lines with ${machine}, ${called} ${isForeign ? "names" : "does not name"} who failed`, () => {
    const usual = noise.map((line) => ({ ...line, fields: machine }));
    const { proposed } = told({
      commits: [receipt],
      deploys: [[receipt[0], 6 * minute]],
      alert: { ...highErrors, ago: 2 * minute },
      series: [step(5 * minute, 0.002, 0.2)],
      logs: [...usual, ...lines(5 * minute, "no answer", { fields: called })],
    });
    assert.equal(proposed === undefined, isForeign);
  });

// Errors name a limit or a refusal, and the change sets exactly that.
for (const [text, fields, title, files] of [
  [
    "429 too many requests",
    "requestsPerMinute=10 client=web",
    "api: fair use",
    { "config/production.yaml": "+  requestsPerMinute: 10" },
  ],
  ["rate limit exceeded", "burst=5", "gateway: calmer", { "k8s/gateway.yaml": "-  burst: 200\n+  burst: 5" }],
  [
    "429 Too Many Requests",
    "per_client=20",
    "limits for clients",
    { "src/limits.py": "-PER_CLIENT = 600\n+PER_CLIENT = 20" },
  ],
] as const)
  test(`“${text}” by a limit that “${title}” sets is its own trouble`, () => {
    const change: Landing = [title, files as Record<string, string>, hour];
    const { first, proposed } = told({
      commits: [change, receipt].toSorted((a, b) => b[2] - a[2]),
      deploys: [[title, 7 * minute]],
      alert: { ...highErrors, ago: minute },
      series: [step(6 * minute, 0.002, 0.3)],
      logs: [...noise, ...lines(6 * minute, text, { fields })],
    });
    assert.equal(first, title);
    assert.ok(proposed !== undefined);
  });

test("calls by a service of the system clear nobody: its change may make more of them", () => {
  const retries: Landing = [
    "cards: ride out blips",
    { "src/retry.js": "-retries: 2\n+retries: 9" },
    2 * hour,
  ];
  const calls = (client: string): Ordinary => ({
    commits: [retries],
    deploys: [[retries[0], 20 * minute]],
    alert: { ...highErrors, ago: minute },
    series: [
      step(onset, 0.002, 0.2),
      { ...step(onset, 60, 800), metric: `http_requests_per_second{client="${client}"}` },
    ],
    over: { dependsOn: ["cards"] },
  });
  const [within, outside] = ["cards", "crawler"].map((client) => chanceOf(calls(client), retries[0]));
  assert.ok(within! > 0.8 && within! - outside! > 0.03, `${within}, ${outside}`);
});
