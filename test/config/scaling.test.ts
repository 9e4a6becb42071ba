import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../shared/config.ts";

const withRules = (rules: string) =>
  parseConfig(`services:
  - name: api
    match: [service="api"]
    repository: acme/api
    environments: [production]
    channel: C0API
    scaling:
${rules}`);

test("rules for scaling name what may be raised, how far and for how long", () => {
  const parsed = withRules(`      - match: ['alertname=~"KubeHpa.*"']
        target: HorizontalPodAutoscaler/shop/api
        raise: max
        ceiling: 80
        for: 2h
`);
  assert.ok("config" in parsed);
  const [{ match, ...rule } = { match: [] }] = parsed.config.services[0]?.scaling ?? [];
  assert.deepEqual(rule, {
    ...{ target: "HorizontalPodAutoscaler/shop/api", field: "max", ceiling: 80, forMs: 7_200_000 },
  });
  assert.equal(match[0]?.matches("KubeHpaMaxedOut"), true);
});

test("a rule for scaling that could not tell how much is refused with its line", () => {
  const parsed = withRules(`      - { match: [a="b"], target: Deployment/shop/api, raise: memory }
      - { match: [a="b"], target: Deployment/shop/api, raise: replicas }
`);
  assert.ok("problems" in parsed);
  assert.deepEqual(
    parsed.problems.map(({ path, line, message }) => `${line} ${path}: ${message}`),
    [
      "8 services.0.scaling.0.to: raise: memory needs to: how much",
      "9 services.0.scaling.1.current: for a target that is not an HPA, give current (a query for how many there are) or to (how many)",
    ],
  );
});
