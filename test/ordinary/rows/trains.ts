import assert from "node:assert/strict";
import { day, diagnosed, hour, type Landing, minute, shop } from "../shop.ts";
import type { Sibling } from "./row.ts";

const areas = ["orders", "search", "mail", "cart", "stock", "export", "account", "admin"];
/** Changes of many people that say nothing of the alert, the oldest first. */
export const train = (size: number, guilty: Landing, newerThanGuilty: number): Landing[] => {
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

export const trains: Sibling[] = cases.map(({ what, size, newer, guilty, alert, least = 0.5 }) => ({
  sibling: `of a deploy train the commit that says what the alert says is first: ${what}`,
  play: async (host, t) => {
    const landings = train(size, guilty, newer);
    const last = landings.at(-1)?.message ?? "";
    const stage = await shop(t, {
      host,
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
  },
}));
