import assert from "node:assert/strict";
import { test } from "node:test";
import { deployRate, likelihoodRatio, momentWeight } from "../../shared/diagnosis/evidence/deploy-moment.ts";
import { lateWeight } from "../../shared/diagnosis/evidence/late-step.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const onsetAt = Date.UTC(2026, 10, 24, 12);

/** A service that is deployed every `every` ms, and whose last deploy was `gap` before the onset. */
const moment = (every: number, gap: number, count = 12) => ({
  ...{ onsetAt, liveAt: onsetAt - gap },
  others: Array.from({ length: count }, (_, index) => onsetAt - gap - (index + 1) * every),
});

test("a deploy every five minutes is there by chance before any trouble, and its moment says nothing", () => {
  for (const gap of [10_000, minute, 4 * minute]) {
    assert.ok(likelihoodRatio(moment(5 * minute, gap, 2000)) < 1);
    assert.equal(momentWeight(moment(5 * minute, gap, 2000)), 0);
  }
});

test("the deploy of a service that is deployed once a week, a minute before the trouble, says as much as a moment can", () => {
  assert.ok(momentWeight(moment(7 * day, minute)) > 3);
  // Once in 85 days of records thirteen times, three times as often at this hour: 1 / (180 s · ln 5041) over that rate.
  assert.equal(Math.round(likelihoodRatio(moment(7 * day, minute))), 123);
});

test("a moment says the more the rarer deploys are, and the less the longer ago it was", () => {
  const weights = [5 * minute, hour, 6 * hour, day, 3 * day].map((every) =>
    momentWeight(moment(every, 2 * minute)),
  );
  assert.deepEqual(
    weights,
    weights.toSorted((a, b) => a - b),
  );
  const ratios = [0, minute, 10 * minute, hour, day].map((gap) => likelihoodRatio(moment(day, gap)));
  assert.deepEqual(
    ratios,
    ratios.toSorted((a, b) => b - a),
  );
});

test("the first deploy on record counts as one of a service that is deployed about once a day", () => {
  const first = { liveAt: onsetAt - minute, onsetAt, others: [] };
  assert.ok(momentWeight(first) > 1);
  assert.equal(Math.round(1 / deployRate([], onsetAt) / hour), 24);
});

test("a deploy at an hour at which nobody deploys is rarer than one at the usual hour", () => {
  const atNine = Array.from({ length: 20 }, (_, index) => onsetAt - 3 * hour - index * day);
  const atNoon = Array.from({ length: 20 }, (_, index) => onsetAt - (index + 1) * day);
  const rare = deployRate(atNine, onsetAt);
  assert.ok(rare < deployRate(atNoon, onsetAt));
});

test("a clock that is off by an hour, and a deploy after the onset, give a weight all the same", () => {
  for (const gap of [-hour, -1, 0])
    assert.ok(Number.isFinite(momentWeight(moment(day, gap))) && momentWeight(moment(day, gap)) >= 0);
});

test("a step says the less for a deploy the longer ago that was: nothing up to ten minutes, and never more than ln 10", () => {
  const weights = [0, 5, 10, 15, 20, 30, 45, 60, 24 * 60].map((gap) =>
    Number(lateWeight(gap * minute, 0.9).toFixed(1)),
  );
  assert.deepEqual(weights, [0, 0, 0, -0.1, -1, -2, -2.3, -2.3, -2.3]);
});

test("where it is not known whether the trouble set in at once, a late beginning says much less", () => {
  const weights = [10, 30, 60].map((gap) => Number(lateWeight(gap * minute, 0.5).toFixed(1)));
  assert.deepEqual(weights, [0, -0.7, -0.7]);
});
