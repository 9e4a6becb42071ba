import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../shared/config.ts";
import { queriesOf } from "../../shared/policy/scaling.ts";

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
      - { match: [a="b"], target: HelmRelease/shop/api, raise: replicas }
`);
  assert.ok("problems" in parsed);
  assert.deepEqual(
    parsed.problems.map(({ path, line, message }) => `${line} ${path}: ${message}`),
    [
      "8 services.0.scaling.0.to: raise: memory needs to: how much",
      '9 services.0.scaling.1.current: no metric is known for a target of this kind: give current (a query for how many there are) or to (how many, such as to: "6"); a DaemonSet and a Job have no scale',
    ],
  );
});

test("a rule for scaling is two lines for every owner whose metrics are known", () => {
  const rules = [
    "ScaledObject/shop/queue, raise: max",
    "Rollout/shop/api, raise: replicas",
    "StatefulSet/shop/db, raise: replicas",
    "Service/shop/api, raise: max",
    "NodePool/-/default, raise: max",
    "deploy/shop/api, raise: replicas",
  ];
  const parsed = withRules(rules.map((rule) => `      - { match: [a="b"], target: ${rule} }\n`).join(""));
  assert.ok("config" in parsed);
  const queries = (parsed.config.services[0]?.scaling ?? []).map(queriesOf);
  assert.deepEqual(
    queries.map(({ current }) => current),
    [
      'kube_horizontalpodautoscaler_status_desired_replicas{namespace="shop",horizontalpodautoscaler="keda-hpa-queue"}',
      'sum(rollout_info_replicas_desired{namespace="shop",name="api"})',
      'sum(kube_statefulset_replicas{namespace="shop",statefulset="db"})',
      'sum(autoscaler_desired_pods{namespace_name="shop",configuration_name="api"})',
      'sum(karpenter_nodepools_usage{nodepool="default",resource_type="nodes"})',
      'sum(kube_deployment_spec_replicas{namespace="shop",deployment="api"})',
    ],
  );
  assert.equal(
    queries[0]?.limit,
    'kube_horizontalpodautoscaler_spec_max_replicas{namespace="shop",horizontalpodautoscaler="keda-hpa-queue"}',
  );
  assert.equal(
    queries[2]?.ready,
    'sum(kube_statefulset_status_replicas_ready{namespace="shop",statefulset="db"}) >= bool sum(kube_statefulset_replicas{namespace="shop",statefulset="db"})',
  );
  assert.equal(
    queries[5]?.ready,
    'sum(kube_deployment_status_replicas_ready{namespace="shop",deployment="api"}) >= bool sum(kube_deployment_spec_replicas{namespace="shop",deployment="api"})',
  );
});
