import assert from "node:assert/strict";
import { test } from "node:test";
import { anchored } from "../../../shared/remedy/scale/manifests/patches.ts";

test("the target of a patch is an expression for the whole name", () => {
  const of = (wanted: string) => ["cart", "cart-worker", "xcart"].map((name) => anchored(wanted, name));
  assert.deepEqual(of("cart"), [true, false, false]);
  assert.deepEqual(of("cart.*"), [true, true, false]);
  assert.deepEqual(of("cart|xcart"), [true, false, true]);
  assert.deepEqual(of("("), [false, false, false]);
});

test("an expression that could be tried for ever is taken to match, at once", () => {
  const name = `${"a".repeat(60)}!`;
  for (const slow of ["(a+)+", "(a|aa)*", "(.*)(.*)(.*)(.*)x", "(a)\\1*b", "(a{1,9}){1,9}"])
    assert.equal(anchored(slow, name), true, slow);
});
