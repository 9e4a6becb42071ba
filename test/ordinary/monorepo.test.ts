import assert from "node:assert/strict";
import { test } from "node:test";
import { day, diagnosed, hour, type Landing, minute, shop } from "./shop.ts";

const start: Landing = {
  message: "start",
  files: { "services/pay/index.js": "0\n", "services/mail/index.js": "0\n", "libs/money/index.js": "0\n" },
  ago: 30 * day,
};
const others = Array.from(
  { length: 20 },
  (_, index): Landing => ({
    message: `mail: step ${index}`,
    files: { [`services/mail/part${index}.js`]: "1\n" },
    ago: 2 * day - index * minute,
  }),
);

const both = { "services/mail/receipt.js": "1\n", "services/pay/receipt.js": "1\n" };

const cases: [string, paths: string[], guilty: Landing[], title: string][] = [
  [
    "a push of its own",
    ["services/pay/"],
    [{ message: "pay: retry twice", files: { "services/pay/retry.js": "1\n" }, ago: 5 * hour }],
    "pay: retry twice",
  ],
  [
    "a library that it names",
    ["services/pay/", "libs/"],
    [{ message: "money: round down", files: { "libs/money/index.js": "1\n" }, ago: 5 * hour }],
    "money: round down",
  ],
  [
    "a merged branch of which one commit is the service's",
    ["services/pay/"],
    [
      {
        message: "mail: receipts",
        files: { "services/mail/receipt.js": "1\n" },
        ago: 6 * hour,
        on: "both",
        from: "main",
      },
      {
        message: "pay: send receipts",
        files: { "services/pay/receipt.js": "1\n" },
        ago: 5 * hour,
        on: "both",
      },
      { message: "Merge branch 'both'", ago: 4 * hour, merge: "both", files: both },
    ],
    "Merge branch 'both'",
  ],
];
for (const [what, paths, guilty, title] of cases)
  test(`of a monorepo's deploy only what touches the service's paths is a candidate: ${what}`, async (t) => {
    const stage = await shop(t, {
      landings: [start, ...others, ...guilty],
      deploys: [
        ["start", 9 * day],
        [guilty.at(-1)?.message ?? "", 5 * minute],
      ],
      configured: { paths },
      alert: { name: "PaymentsFail", annotations: { summary: "payments fail" } },
    });
    const { diagnosis } = await diagnosed(stage);
    assert.deepEqual(
      diagnosis.suspects.map((suspect) => suspect.title),
      [title],
    );
  });
