import assert from "node:assert/strict";
import { test } from "node:test";
import { holdOf, unverifiable, waitOf } from "../../shared/policy/recovery/verifiable.ts";

const minute = 60_000;
const rules = (...exprs: string[]) => exprs.map((expr) => ({ expr }));

test("an alert without a readable expression or without data can never be verified, and the reason says how to mend it", () => {
  const metricsQl = "rate(a[5m]) default 0 > 1";
  const cases: [ReturnType<typeof rules>, { exprs?: string[]; data?: string[] }, RegExp | undefined][] = [
    [[], {}, /no alerting rule of this name; set verify\.expr$/],
    [[], { exprs: ["a > 1"] }, undefined],
    [[], { exprs: ["a > 1", "vector(1)"] }, /no selector/],
    [rules("vector(1)"), {}, /no selector/],
    [rules("vector(1)"), { data: ["up"] }, undefined],
    [rules('{app="a"} |= "x"'), {}, /MetricsQL and LogQL/],
    [rules(metricsQl), {}, /MetricsQL and LogQL/],
    [rules(metricsQl), { exprs: ["a > 1"] }, undefined],
    [rules("a > 1", "vector(1)"), {}, /no selector/],
    [rules("absent(a)"), {}, undefined],
    [rules(Array.from({ length: 21 }, (_, index) => `a${index}`).join(" + ")), {}, /more than 20 selectors/],
  ];
  for (const [asked, configured, reason] of cases) {
    const found = unverifiable(asked, configured);
    if (reason === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", reason);
  }
});

test("an alert that keeps firing is quiet only after that time, and a rule that looks back needs its window", () => {
  const kept = [{ expr: "a > 1", keepFiringMs: 30 * minute }];
  assert.equal(holdOf(kept, 5 * minute), 30 * minute);
  assert.equal(holdOf(rules("a > 1"), 5 * minute), 5 * minute);
  assert.equal(waitOf(kept, 5 * minute), 60 * minute);
  assert.equal(waitOf(rules("increase(a[1h]) > 0"), 5 * minute), 70 * minute);
  assert.equal(waitOf(rules("a > 1"), 5 * minute), 0);
});
