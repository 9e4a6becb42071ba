import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { explain } from "./explain.ts";
import { targets } from "./targets.ts";

// A parser that lists every error spends its time on stacks otherwise.
const { stackTraceLimit } = Error;
before(() => {
  Error.stackTraceLimit = 0;
});
after(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

const seed = Number(process.env.FC_SEED ?? 20_261_129);

for (const { name, run } of targets)
  test(`${name}: 10,000 inputs end in time, by a value or by the agreed refusal`, async () => {
    const details = await run({ numRuns: 10_000, seed });
    assert.equal(details.failed, false, explain(name, details));
  });

test("parsers and encoders that are tried are a dozen at least, each named once", () => {
  const names = targets.map(({ name }) => name);
  assert.ok(new Set(names).size === names.length && names.length >= 12);
});

test("a failure names the seed and the case", async () => {
  const details = await fc.check(
    fc.property(fc.integer(), (value) => assert.ok(value < 10)),
    { seed: 7 },
  );
  assert.match(explain("numbers", details), /^numbers: seed 7, path [\d:]+, case \[10\]: /);
});
