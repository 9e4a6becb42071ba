import assert from "node:assert/strict";
import { test } from "node:test";
import { scratch } from "../support/scratch.ts";
import { cuts } from "./cuts.ts";
import { untraceable } from "./trace.ts";

test("what was acknowledged is there after a power cut, whenever it comes", {
  skip: untraceable(),
}, async (t) => {
  const { lost, said, tried } = cuts(await scratch(t), { seeds: 1, every: 29 });
  assert.deepEqual(lost, []);
  assert.equal(said, 13);
  assert.ok(tried > 2 * said, `${tried}`);
});
