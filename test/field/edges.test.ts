import assert from "node:assert/strict";
import { test } from "node:test";
import { writePasts } from "./past.ts";
import { edges } from "./rule-edges.ts";
import { isMissing, startPrometheus } from "./verify-kinds.ts";

test("a rule that is true only while something changes is verified once its value is back, and not where it stays", {
  skip: isMissing && "prometheus is not on PATH: the rules were NOT tried against the real one",
}, async (t) => {
  const { url, stop } = await startPrometheus([]);
  t.after(stop);
  const come = Object.entries(await writePasts(url, edges));
  const silent = come.filter(([, { fired }]) => !fired).map(([name]) => name);
  assert.deepEqual(silent, [], "never fired");
  const expected = Object.fromEntries(Object.entries(edges).map(([name, one]) => [name, one.expected]));
  assert.deepEqual(Object.fromEntries(come.map(([name, { verdict }]) => [name, verdict])), expected);
});
