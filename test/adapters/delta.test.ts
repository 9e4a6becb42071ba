import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { applyDelta, type Delta, delta } from "../../shared/adapters/delta.ts";

const json = <T>(value: T): T => JSON.parse(JSON.stringify(value));
const value = fc.jsonValue({ maxDepth: 3 }).map(json);
const names = fc.constantFrom("a", "b", "c", "__proto__", "constructor");

test("the delta of two values turns the one into the other, also by way of JSON", () => {
  const either = fc.oneof(fc.dictionary(names, value, { noNullPrototype: true }), fc.array(value), value);
  fc.assert(
    fc.property(either, either, (before, after) => {
      assert.deepEqual(applyDelta(before, json(delta(before, after))), after);
    }),
  );
});

test("a list made of another's items in any order, and new ones, is rebuilt from it", () => {
  const items = fc.array(fc.nat(9).map((n) => ({ n })));
  const kept = fc.array(fc.oneof(fc.nat(12), fc.constant("new")));
  fc.assert(
    fc.property(items, kept, (before, picks) => {
      const after = picks.map((pick) => (typeof pick === "number" ? (before[pick] ?? { pick }) : { pick }));
      assert.deepEqual(applyDelta(before, json(delta(before, after))), after);
    }),
  );
});

test("what is the same object is not in the delta", () => {
  const [a, b, c, d] = [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }];
  const before = { same: a, list: [a, b, c], was: 1, gone: 0 };
  const after = { same: a, list: [b, c, d], was: 2, come: [1] };
  assert.deepEqual(delta(before, after), {
    fields: [
      ["list", { items: [[1, 3], [d]] }],
      ["was", { is: 2 }],
      ["come", { is: [1] }],
    ],
    gone: ["gone"],
  } satisfies Delta);
});
