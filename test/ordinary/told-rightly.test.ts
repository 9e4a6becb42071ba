import assert from "node:assert/strict";
import { test } from "node:test";
import { headline } from "../../shared/text/timeline.ts";
import { policy } from "../support/incident.ts";
import { diagnosed, shop } from "./shop.ts";
import { day, highErrors, hour, type Landing, minute, type Ordinary, step, told } from "./weigh.ts";

// Sentences that were once told wrongly beside a right diagnosis, each by an incident that led to it.

const payments: Landing = [
  "payments: charge by invoice",
  { "src/payments/charge.js": "+const payment = invoice.charge(card, amount);\n+refund(payment);" },
  2 * hour,
];
const given = (over: Partial<Ordinary>): Ordinary => ({
  commits: [payments],
  deploys: [[payments[0], 6 * minute]],
  alert: { ...highErrors, ago: minute },
  series: [step(5 * minute, 0.002, 0.3)],
  ...over,
});
const reasonsOf = (of: Ordinary, title: string): string[] =>
  told(of).diagnosis.suspects.find((suspect) => suspect.title === title)?.reasons ?? [];

test("a reason names a fact: never a subject that both are about, nor how much likelier than the next", () => {
  const annotations = { summary: "card payments fail", description: "refunds and invoices fail too" };
  const { suspects } = told(
    given({ alert: { name: "CardChargeFails", annotations, ago: minute } }),
  ).diagnosis;
  const reasons = suspects.flatMap((suspect) => suspect.reasons);
  assert.ok(reasons.length > 3);
  assert.deepEqual(
    reasons.filter((reason) => /\bis about\b|less likely|as likely/.test(reason)),
    [],
  );
});

for (const path of [
  "web/app.css",
  "web/locales/nl.json",
  "config/locales/da.yml",
  "src/i18n/de.yaml",
  "translations/messages.fr.yaml",
  "po/pt_BR.po",
])
  test(`${path} is a translation or a style, not configuration`, () => {
    const change: Landing = ["texts and looks", { [path]: '+cart: "kurv"' }, hour];
    const reasons = reasonsOf(
      given({ commits: [payments, change], deploys: [[change[0], 6 * minute]] }),
      change[0],
    );
    assert.ok(reasons.includes("touches only translations and styles"), reasons.join("\n"));
    assert.ok(!reasons.includes("changes configuration only"));
  });

const twins: Landing[] = [
  ["parser: one", { "src/one.js": "+1" }, 3 * hour],
  ["parser: two", { "src/two.js": "+1" }, 2 * hour],
];

test("that nothing tells two changes apart is said as it is, and is no reason for none of them", () => {
  const { diagnosis } = told(
    given({
      commits: twins,
      deploys: [[twins[1]![0], 90 * 1000]],
      alert: { name: "ShopBroken", annotations: { summary: "it is broken" } },
      series: [],
    }),
  );
  assert.deepEqual(
    diagnosis.notes?.map((note) => note.replaceAll(/\b[0-9a-f]{12}\b/g, "SHA")),
    ["the deploy brought 2 of these changes, and too little tells the first from SHA “parser: one”"],
  );
});

test("a whole deploy is asked about as one, by its own name, and line breaks of the alert part its words", async (t) => {
  const stage = await shop(t, {
    landings: [
      { message: "start", files: { "src/one.js": "0\n", "src/two.js": "0\n" }, ago: 20 * day },
      ...twins.map(([message, , ago], index) => ({
        ...{ message, ago },
        files: { [index === 0 ? "src/one.js" : "src/two.js"]: "1\n" },
      })),
    ],
    deploys: [
      ["start", 10 * day],
      ["parser: two", 90 * 1000],
    ],
    configured: { policy: { ...policy, minConfidence: 0.5 } },
    alert: {
      name: "ShopBroken",
      annotations: { summary: "orders are empty\nsince noon", description: "look at\r\nthe list" },
    },
  });
  const { incident } = await diagnosed(stage);
  assert.equal(headline(incident), "payment-gateway in production: revert this whole deploy?");
  const [message] = stage.state.messages.values();
  assert.match(message?.headline ?? "", /Revert the deploy of 11:58:30 \(2 changes\)\?$/);
  const branch = "pull" in incident ? incident.pull.branch : "";
  const commit = stage.own.git("log", "-1", "--format=%B", branch);
  assert.match(commit, /^Revert everything since [0-9a-f]{12}\n/);
  assert.doesNotMatch(JSON.stringify([message, commit]), /emptysince|atthe/);
});
