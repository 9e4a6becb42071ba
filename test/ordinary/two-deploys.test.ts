import assert from "node:assert/strict";
import { test } from "node:test";
import { stepWeight } from "../../shared/diagnosis/evidence/metric-step.ts";
import { policy } from "../support/incident.ts";
import { day, diagnosed, shop } from "./shop.ts";
import { highErrors, hour, type Landing, minute, type Ordinary, step, told } from "./weigh.ts";

// Two deploys within half an hour before a step of the alert's own metric.

const onset = 3 * minute;
const wishlist: Landing = ["wishlist: newest first", { "src/wishlist.js": "-byName\n+byDate" }, 3 * hour];
const invoices: Landing = ["invoices: the VAT number", { "src/invoices.js": "+exports.vat = 1;" }, 2 * hour];
const twice = (far: number, near: number, over: Partial<Ordinary> = {}): Ordinary => ({
  commits: [wishlist, invoices],
  deploys: [
    [wishlist[0], onset + far * minute],
    [invoices[0], onset + near * minute],
  ],
  alert: { ...highErrors, ago: minute / 2 },
  series: [step(onset, 0.002, 0.3)],
  ...over,
});

for (const [far, near] of [
  [20, 5],
  [20, 1],
  [60, 5],
  [180, 8],
] as const)
  test(`deploys ${far} and ${near} min before the step: the nearer one's change is proposed`, () => {
    const { proposed, first, diagnosis } = told(twice(far, near));
    assert.deepEqual([first, proposed?.title], [invoices[0], invoices[0]]);
    assert.ok(diagnosis.suspects[0]!.score < 0.9, `${diagnosis.suspects[0]!.score}`);
  });

for (const [far, near] of [
  [11, 9],
  [16, 12],
  [20, 15],
] as const)
  test(`deploys ${far} and ${near} min before it are not told apart: both are proposed, and each by itself is offered`, () => {
    const { diagnosis, proposed } = told(twice(far, near));
    const title = proposed?.title ?? "";
    assert.match(title, /^the deploys of 11:\d\d:00 and 11:\d\d:00 \(2 changes\)$/);
    assert.deepEqual(
      diagnosis.remedies.map((remedy) => remedy.title),
      [invoices[0], title, wishlist[0]],
    );
  });

test("two deploys long before the step, or without one, are not proposed together", () => {
  assert.equal(told(twice(26, 22)).proposed, undefined);
  for (const given of [twice(50, 40), twice(11, 9, { series: [] })])
    assert.ok(told(given).diagnosis.remedies.every(({ title }) => !title.startsWith("the deploys")));
});

test("a step says the less the later it comes, the more deploys there were, and the nearer another one was", () => {
  const gaps = [1, 10, 20, 60, 300].map((gap) => stepWeight(gap * minute, []));
  const counts = [0, 1, 3, 10].map((count) =>
    stepWeight(
      minute,
      Array.from({ length: count }, (_, n) => (n + 2) * hour),
    ),
  );
  const nearer = [300, 20, 2].map((gap) => stepWeight(5 * minute, [gap * minute]));
  for (const falling of [gaps, counts, nearer])
    assert.deepEqual(
      falling,
      falling.toSorted((a, b) => b - a),
    );
  assert.equal(gaps[1], 1.8);
});

test("the loop asks about both deploys, and their pull request takes back both changes", async (t) => {
  const stage = await shop(t, {
    landings: [
      { message: "start", files: { "src/wishlist.js": "0\n", "src/invoices.js": "0\n" }, ago: 20 * day },
      { message: wishlist[0], files: { "src/wishlist.js": "1\n" }, ago: 3 * hour },
      { message: invoices[0], files: { "src/invoices.js": "1\n" }, ago: 2 * hour },
    ],
    deploys: [
      ["start", 10 * day],
      [wishlist[0], onset + 11 * minute],
      [invoices[0], onset + 9 * minute],
    ],
    alert: { name: "HighErrorRate", annotations: highErrors.annotations, ago: minute / 2 },
    configured: { policy: { ...policy, minConfidence: 0.5 } },
    course: [step(onset, 0.002, 0.3, { service: "payment-gateway" })],
  });
  const { incident } = await diagnosed(stage);
  assert.equal(incident.status, "proposed");
  const [message] = stage.state.messages.values();
  assert.match(message?.headline ?? "", /Revert the deploys of 11:46:00 and 11:48:00 \(2 changes\)\?/);
  const branch = "pull" in incident ? incident.pull.branch : "";
  assert.equal(stage.own.git("diff", "--name-only", "main", branch), "src/invoices.js\nsrc/wishlist.js");
});
