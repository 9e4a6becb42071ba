import assert from "node:assert/strict";
import { test } from "node:test";
import { climbOf, rampOf } from "../../shared/policy/recovery/trend.ts";

const minute = 60_000;
/** A value every minute, from `first` on, by `step`. */
const line = (first: number, step: number, count: number): [number, number][] =>
  Array.from({ length: count }, (_, index) => [index * minute, first + index * step]);
const limit = { threshold: 90, above: true };

test("a leak's way to the threshold is its last climb, from the restart before it", () => {
  const sawtooth = [...line(10, 5, 10), ...line(10, 5, 20).map(([at, value]) => [at + 10 * minute, value])];
  const ramp = rampOf(sawtooth as [number, number][], limit);
  assert.deepEqual(ramp, { slope: 5 / minute, ms: 16 * minute });
  const falling = line(90, -5, 20).map(([at, value]): [number, number] => [at, value + 10]);
  assert.equal(rampOf(falling, { threshold: 15, above: false })?.ms, 17 * minute);
});

test("a value that stepped over its threshold did not climb to it", () => {
  assert.equal(rampOf([...line(10, 0, 10), [600_000, 99]], limit), undefined);
  assert.equal(rampOf(line(10, 1, 10), limit), undefined);
});

test("a value climbs as before from half of the former slope on, and noise or a flat line does not climb", () => {
  const before = { slope: 5 / minute, ms: 16 * minute };
  assert.deepEqual(climbOf(line(10, 3, 6), limit, before), {
    crossingMs: (65 / 3) * minute,
    isAsBefore: true,
  });
  assert.equal(climbOf(line(10, 2, 6), limit, before)?.isAsBefore, false);
  assert.equal(climbOf(line(10, 3, 6), limit)?.isAsBefore, false);
  assert.equal(climbOf(line(10, 0, 6), limit, before), undefined);
  assert.equal(climbOf(line(10, 3, 2), limit, before), undefined);
  const noisy = [10, 14, 9, 15, 8, 14].map((value, index): [number, number] => [index * minute, value]);
  assert.equal(climbOf(noisy, limit, before), undefined);
});
