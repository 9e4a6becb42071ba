import assert from "node:assert/strict";
import { test } from "node:test";
import { day, diagnosed, hour, type Landing, minute, shop } from "./shop.ts";

// Reports of deploys that contradict one another, or tell half: the loop says what it took them for.

const start: Landing = { message: "start", files: { "README.md": "shop\n" }, ago: 40 * day };
const landed = (message: string, ago: number): Landing => ({
  ...{ message, ago },
  files: { [`src/${message.replace(/\W+/g, "-")}.js`]: `${ago}\n` },
});
const landings = [start, landed("mail: footer", 5 * day), landed("carts: expire at midnight", 5 * hour)];
const alert = { name: "CartsLost", annotations: { summary: "carts expire at midnight" } };

for (const [what, second, said] of [
  ["ten minutes", 20 * minute, "11:40:00"],
  ["two hours", 2 * hour, "10:00:00"],
  ["four minutes", 14 * minute, undefined],
  ["two days", 2 * day, undefined],
  ["after the alert", -5 * minute, undefined],
] as const)
  test(`a deploy that is reported twice, the other time ${what} apart, is one deploy from the first report on`, async (t) => {
    const ago = Math.max(second, 10 * minute);
    const stage = await shop(t, {
      landings,
      deploys: [
        ["start", 9 * day],
        ["carts: expire at midnight", ago],
        ["carts: expire at midnight", Math.min(second, 10 * minute)],
      ],
      alert,
    });
    const { diagnosis, incident } = await diagnosed(stage);
    const [first] = diagnosis.suspects;
    assert.equal(first?.title, "carts: expire at midnight");
    assert.equal(first?.change?.deploy?.at, stage.state.now - ago);
    assert.equal(incident.status, "proposed");
    const counts = `the deploy of ${first?.sha.slice(0, 12)} was reported for ${said} and again for 11:50:00: it counts from ${said}`;
    assert.deepEqual(diagnosis.notes, said === undefined ? undefined : [counts]);
  });

test("the first deploy on record brings what landed in the day before it, and the rest counts as running for long", async (t) => {
  const stage = await shop(t, {
    landings,
    deploys: [["carts: expire at midnight", 5 * minute]],
    alert,
  });
  const { diagnosis } = await diagnosed(stage);
  const of = (title: string) => diagnosis.suspects.find((suspect) => suspect.title === title);
  assert.equal(diagnosis.suspects[0]?.title, "carts: expire at midnight");
  assert.match(of("mail: footer")?.reasons.join("\n") ?? "", /5 d before the trouble began/);
  assert.deepEqual(diagnosis.notes, [
    "the deploy of 11:55:00 is the first on record, so all that landed in the day before it counts as brought by it",
  ]);
});
