import assert from "node:assert/strict";
import { test } from "node:test";
import { takesFlag } from "../../shared/policy/flags.ts";

const takes = (pattern: string, flag: string, project = "shop") => takesFlag([pattern], { project, flag });

test("a pattern names a flag in any project, or in one, whole, with a star for any characters", () => {
  assert.equal(takes("checkout-fee", "checkout-fee"), true);
  assert.equal(takes("checkout-fee", "checkout-fee-2"), false);
  assert.equal(takes("checkout-*", "checkout-fee"), true);
  assert.equal(takes("checkout-*", "new-checkout-fee"), false);
  assert.equal(takes("*fee*", "checkout-fee-2"), true);
  assert.equal(takes("shop/*", "anything"), true);
  assert.equal(takes("shop/*", "anything", "web"), false);
  assert.equal(takes("sh*/check*", "checkout-fee"), true);
});

test("only the star is special", () => {
  assert.equal(takes("a.b", "a-b"), false);
  assert.equal(takes("a.b", "a.b"), true);
  assert.equal(takes("a-b_c", "a-b_c"), true);
  assert.equal(takesFlag([], { project: "shop", flag: "a" }), false);
  assert.equal(takesFlag(["x", "y*"], { project: "shop", flag: "yes" }), true);
});
