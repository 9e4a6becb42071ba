import assert from "node:assert/strict";
import { test } from "node:test";
import {
  css,
  highErrors,
  hour,
  type Landing,
  lines,
  minute,
  noise,
  type Ordinary,
  step,
  told,
} from "./weigh.ts";

// The errors miss something by its name, and a change takes exactly that away. Another change of the deploy shares more words with them.

const failing = (text: string, culprit: Landing, other: Landing): Ordinary => ({
  commits: [culprit, other, css].toSorted((a, b) => b[2] - a[2]),
  deploys: [[other[0], 7 * minute]],
  alert: { ...highErrors, ago: minute },
  series: [step(6 * minute, 0.002, 0.3)],
  logs: [...noise, ...lines(6 * minute, text)],
});
const landed = (title: string, path: string, patch: string, ago = 2 * hour): Landing => [
  title,
  { [path]: patch },
  ago,
];

for (const [text, culprit, other] of [
  [
    "System.InvalidOperationException: Unable to resolve service for type 'Shop.IPriceClient' while attempting to activate 'Shop.CartController'.",
    landed("register by convention", "Startup.cs", "-AddScoped<IPriceClient, PriceClient>();\n+Scan();"),
    landed("cart: sort lines", "Controllers/CartController.cs", "+int sort;", hour),
  ],
  [
    'ERROR: relation "public.order_items" does not exist at character 15',
    landed("call it order_lines", "db/migrations/42.sql", "+alter table order_items rename to order_lines;"),
    landed("items per page", "src/order_items_page.js", "+exports.items = 20;", hour),
  ],
  [
    "NameError: name 'format_price' is not defined",
    landed("tidy", "shop/util.py", "-def format_price(x):\n+def price_text(x):"),
    landed("price: format in bold", "shop/price.py", "+bold(price)", hour),
  ],
  [
    "TypeError: cart.applyVoucher is not a function",
    landed("shorter names", "src/cart.js", "-applyVoucher(v) {\n+apply(v) {"),
    landed("cart: voucher colours", "src/voucher.js", "+colour(cart)", hour),
  ],
  [
    "key 'vat_rate' not found in settings",
    landed("drop what nobody reads", "config/production.yaml", "-vat_rate: 19"),
    landed("settings page", "src/settings.js", "+exports.settings = 1;", hour),
  ],
] satisfies [string, Landing, Landing][])
  test(`“${text}” points at what takes it away: “${culprit[0]}”`, () => {
    const { first, proposed, diagnosis } = told(failing(text, culprit, other));
    const { score, reasons, measured } = diagnosis.suspects[0]!;
    assert.equal(first, culprit[0], reasons.join("\n"));
    assert.equal(proposed?.kind, "revert");
    assert.ok(score >= 0.5, `${score}`);
    assert.match(reasons.join("\n"), /the new errors miss “\w+”, which it takes away/);
    assert.equal(measured, true);
  });

for (const [what, text, patch] of [
  [
    "moves it",
    "NameError: name 'format_price' is not defined",
    "-def format_price(x):\n+def format_price(y):",
  ],
  ["adds it", "NameError: name 'format_price' is not defined", "+format_price(1)"],
  ["takes away a longer name", "NameError: name 'format_price' is not defined", "-format_price_bold(1)"],
  ["takes away what is only named", "wrote format_price in 12 ms", "-def format_price(x):"],
  ["takes away a file of the trace", "Error: module not found: 'src/price.js'", "-require('src/price.js')"],
] as const)
  test(`a change that ${what} is not what is missing`, () => {
    const change = landed("tidy", "shop/util.py", patch);
    const { diagnosis } = told(failing(text, change, landed("other", "src/other.js", "+1", hour)));
    assert.doesNotMatch(JSON.stringify(diagnosis.suspects), /takes away/);
  });

test("what the alert alone says is missing names the change, and is no measurement", () => {
  const culprit = landed(
    "drop columns",
    "db/migrations/43.sql",
    "+alter table customers drop column phone_no;",
  );
  const { diagnosis, first } = told({
    commits: [culprit],
    deploys: [[culprit[0], 20 * minute]],
    alert: { name: "SignupsFail", annotations: { summary: 'column "phone_no" does not exist' }, ago: minute },
  });
  assert.equal(first, culprit[0]);
  assert.match(diagnosis.suspects[0]!.reasons.join("\n"), /the alert misses “phone_no”, which it takes away/);
  assert.equal(diagnosis.suspects[0]!.measured, false);
});
