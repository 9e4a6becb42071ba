import assert from "node:assert/strict";
import { test } from "node:test";
import { change, start } from "./rows/brought-live.ts";
import { day, diagnosed, hour, minute, shop } from "./shop.ts";

test("without an earlier deploy on record the changes of the week before count", async (t) => {
  const stage = await shop(t, {
    landings: [start, change("carts: expire at midnight", 5 * hour)],
    deploys: [["carts: expire at midnight", 5 * minute]],
    alert: { name: "CartsLost", annotations: { summary: "carts expire at midnight" } },
  });
  const { diagnosis } = await diagnosed(stage);
  assert.equal(diagnosis.suspects[0]?.title, "carts: expire at midnight");
});

test("a deploy that was reported twice with different times went live the first time", async (t) => {
  const stage = await shop(t, {
    landings: [start, change("carts: expire at midnight", 5 * hour)],
    deploys: [
      ["start", 9 * day],
      ["carts: expire at midnight", 30 * minute],
      ["carts: expire at midnight", 20 * minute],
    ],
    alert: { name: "CartsLost", annotations: { summary: "carts are lost" } },
  });
  const { diagnosis } = await diagnosed(stage);
  assert.equal(diagnosis.suspects[0]?.change?.deploy?.at, stage.state.now - 30 * minute);
});
