import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../functions/diagnose/gather.ts";
import { alert as alertOfName } from "../support/incident.ts";
import { inRounds } from "../support/rounds.ts";
import { day, diagnosed, hour, type Landing, minute, now, shop } from "./shop.ts";

const areas = ["orders", "search", "mail", "cart", "stock", "export", "account", "admin"];
/** Changes of many people that say nothing of the alert, the oldest first. */
const train = (size: number, guilty: Landing, newerThanGuilty: number): Landing[] => {
  const changes = Array.from({ length: size - 1 }, (_, index): Landing => {
    const area = areas[index % areas.length] ?? "orders";
    return {
      message: `${area}: step ${index}`,
      files: { [`src/${area}/part${index}.js`]: `exports.step = ${index};\n` },
      ago: 3 * day - index * 10 * minute,
    };
  });
  changes.splice(size - 1 - newerThanGuilty, 0, guilty);
  return [{ message: "start", files: { "README.md": "shop\n" }, ago: 20 * day }, ...changes];
};

const cases: {
  what: string;
  size: number;
  newer: number;
  guilty: Landing;
  alert: { name: string; summary: string };
  /** One word of a file's name is thin: being first is what counts. */
  least?: number;
}[] = [
  {
    what: "the 61st newest of 80",
    size: 80,
    newer: 60,
    guilty: {
      message: "vouchers: check the expiry against the ledger",
      files: { "src/vouchers.js": "1\n" },
      ago: 2 * day,
    },
    alert: {
      name: "VoucherRedemptionFails",
      summary: "vouchers are rejected: expiry does not match the ledger",
    },
  },
  {
    what: "the oldest of 120",
    size: 120,
    newer: 119,
    guilty: {
      message: "refunds: take the tax from the invoice",
      files: { "src/refunds.js": "1\n" },
      ago: 3 * day,
    },
    alert: { name: "RefundMismatch", summary: "refunds differ from the invoice by the tax" },
  },
  {
    what: "one in the middle of 40, named by its file alone",
    size: 40,
    newer: 20,
    guilty: { message: "tidy up", files: { "src/thumbnails.js": "1\n" }, ago: 2 * day },
    alert: { name: "ImagesMissing", summary: "thumbnails answer 404" },
    least: 0.05,
  },
  {
    what: "the newest of 30",
    size: 30,
    newer: 0,
    guilty: {
      message: "basket: merge guest baskets at login",
      files: { "src/basket.js": "1\n" },
      ago: 4 * hour,
    },
    alert: { name: "BasketLost", summary: "guest baskets are empty after login" },
  },
];

for (const { what, size, newer, guilty, alert, least = 0.5 } of cases)
  test(`of a deploy train the commit that says what the alert says is first: ${what}`, async (t) => {
    const landings = train(size, guilty, newer);
    const last = landings.at(-1)?.message ?? "";
    const stage = await shop(t, {
      landings,
      deploys: [
        ["start", 10 * day],
        [last, 4 * minute],
      ],
      alert: { name: alert.name, annotations: { summary: alert.summary }, ago: minute },
    });
    const { diagnosis } = await diagnosed(stage);
    const [first, second] = diagnosis.suspects;
    assert.equal(first?.title, guilty.message);
    assert.ok((first?.score ?? 0) >= least, `${first?.score}, then ${second?.score}`);
    assert.deepEqual(first?.change?.commits, [stage.shaOf(guilty.message)]);
    assert.equal(first?.change?.deploy?.sha, stage.shaOf(last));
    assert.equal(first?.change?.deploy?.from, stage.shaOf("start"));
  });

test("a diagnosis of a deploy of 80 changes asks GitHub at most 15 times, and says what it did not read", async (t) => {
  const landings = train(80, { message: "guilty", files: { "src/g.js": "1\n" }, ago: 2 * day }, 60);
  const last = landings.at(-1)?.message ?? "";
  const stage = await shop(t, {
    landings,
    deploys: [
      ["start", 10 * day],
      [last, 4 * minute],
    ],
    alert: { name: "HighErrorRate" },
  });
  const found = await gather(stage.work, { ...trouble, onsetAt: now - minute });
  const calls = stage.calls();
  assert.ok(calls.length <= 15, `${calls.length}: ${calls.map(({ path }) => path).join("\n")}`);
  assert.equal(found.commits.length, 80);
  assert.deepEqual(found.unread, [
    "of 80 changes the files of 11 were read: of those whose texts and files say most of what the alert says, and of the newest",
  ]);
});

const named: {
  what: string;
  size: number;
  guilty: Landing;
  summary?: string;
  errors?: string;
  folders?: number;
}[] = [
  {
    what: "by a symbol in its lines",
    size: 80,
    guilty: {
      message: "misc",
      files: { "src/a/misc.js": "export const parseVatNumber = 1;\n" },
      ago: 2 * day,
    },
    summary: "TypeError in parseVatNumber: x is undefined",
  },
  {
    what: "by a stack trace of Node.js",
    size: 120,
    guilty: { message: "wip", files: { "src/tax/vat.js": "1\n" }, ago: 2 * day },
    errors: "TypeError: x is undefined\n    at rate (/app/src/tax/vat.js:4:9)",
  },
  {
    what: "by a stack trace of Java",
    size: 60,
    guilty: { message: "tidy", files: { "src/main/java/com/acme/VatService.java": "1\n" }, ago: 2 * day },
    errors: "java.lang.NullPointerException\n\tat com.acme.VatService.rate(VatService.java:41)",
  },
  {
    what: "by a stack trace of Python, in a deploy of more files than GitHub lists at once",
    size: 80,
    guilty: { message: "tidy", files: { "shop/vat.py": "1\n" }, ago: 2 * day },
    errors: 'Traceback (most recent call last):\n  File "/srv/shop/vat.py", line 7, in rate\nKeyError',
    folders: 5,
  },
];
for (const { what, size, guilty, summary = "it is broken", errors = "", folders = 1 } of named)
  test(`a change that is named ${what} is read, wherever it lies in a deploy of ${size} changes`, async (t) => {
    const others = (landing: Landing): Landing => ({
      ...landing,
      files: Object.fromEntries(
        Object.entries(landing.files ?? {}).flatMap(([path, text]) =>
          Array.from({ length: folders }, (_, index) => [`part${index}/${path}`, text]),
        ),
      ),
    });
    const landings = train(size, guilty, Math.floor(size / 2)).map((one) =>
      one === guilty ? one : others(one),
    );
    const stage = await shop(t, {
      landings,
      deploys: [
        ["start", 10 * day],
        [landings.at(-1)?.message ?? "", 4 * minute],
      ],
      alert: { name: "ShopBroken", annotations: { summary } },
    });
    const alerts = [alertOfName({ name: "ShopBroken", annotations: { summary } })];
    const found = await gather(stage.work, {
      ...{ ...trouble, onsetAt: now - minute, alerts },
      errors: Promise.resolve(errors),
    });
    const [path = ""] = Object.keys(guilty.files ?? {});
    assert.ok(found.commits.find(({ title }) => title === guilty.message)?.paths.includes(path));
    assert.ok(stage.calls().length <= 15, `${stage.calls().length}`);
  });

const trouble = { service: "payment-gateway", environment: "production" };

test("a diagnosis of a deploy of 80 changes waits for GitHub at most 8 times one after the other", async (t) => {
  const landings = train(80, { message: "tidy up", files: { "src/thumbnails.js": "1\n" }, ago: 2 * day }, 60);
  const { fetch, rounds } = inRounds();
  const stage = await shop(t, {
    ...{ landings, fetch },
    deploys: [
      ["start", 10 * day],
      [landings.at(-1)?.message ?? "", 4 * minute],
    ],
    alert: { name: "ImagesMissing", annotations: { summary: "thumbnails answer 404" } },
  });
  const alerts = [alertOfName({ name: "ImagesMissing", annotations: { summary: "thumbnails answer 404" } })];
  const found = await gather(stage.work, { ...trouble, onsetAt: now - minute, alerts });
  assert.ok(found.commits.find(({ title }) => title === "tidy up")?.paths.includes("src/thumbnails.js"));
  assert.ok(rounds.length <= 8, rounds.map((calls) => calls.join(", ")).join("\n"));
});
