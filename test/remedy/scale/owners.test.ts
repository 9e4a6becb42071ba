import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ask } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";

/** The result as text: `file:line path before → after`, or the reason. */
function outcome(files: Record<string, string>, target: string, change: Partial<Ask>): string {
  const [kind = "", namespace = "", name = ""] = target.split("/");
  const ask: Ask = { field: "replicas", target: { kind, namespace, name }, ...change };
  const result = scale(new Map(Object.entries(files)), ask);
  if (isRefused(result)) return result.refused;
  const { owner, before, after } = result;
  return `${owner.kind} ${owner.name} ${owner.file}:${owner.line} ${owner.path} ${before} → ${after}`;
}

const object = (group: string, kind: string, name: string, spec: string, more = "") =>
  `apiVersion: ${group}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop${more}}\nspec:\n${spec}`;
const pods = `  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: api
        resources:
          requests: {cpu: "2", memory: 1Gi}
          limits:
            cpu: "4"
            memory: 2Gi
`;
const workload = (replicas: number, kind = "Deployment") =>
  object(
    kind === "Rollout" ? "argoproj.io/v1alpha1" : "apps/v1",
    kind,
    "api",
    `  replicas: ${replicas}\n${pods}`,
  );
const hpa = (min: number, max: number, { name = "api", kind = "Deployment", metric = "cpu" } = {}) =>
  object(
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    name,
    `  scaleTargetRef: {apiVersion: apps/v1, kind: ${kind}, name: api}\n  minReplicas: ${min}\n  maxReplicas: ${max}\n  metrics:\n  - type: Resource\n    resource: {name: ${metric}, target: {type: Utilization, averageUtilization: 70}}\n`,
  );
const scaledObject = (more = "", meta = "") =>
  object(
    "keda.sh/v1alpha1",
    "ScaledObject",
    "queue",
    `  scaleTargetRef: {name: api}\n  minReplicaCount: 2\n  maxReplicaCount: 20\n${more}`,
    meta,
  );
const vpa = (mode: string, resources = "[cpu, memory]") =>
  object(
    "autoscaling.k8s.io/v1",
    "VerticalPodAutoscaler",
    "api",
    `  targetRef: {apiVersion: apps/v1, kind: Deployment, name: api}\n  updatePolicy: {updateMode: ${mode}}\n  resourcePolicy:\n    containerPolicies:\n    - containerName: api\n      controlledResources: ${resources}\n      minAllowed: {memory: 512Mi}\n      maxAllowed:\n        memory: 3Gi\n`,
  );
const max = (to: number) => ({ field: "max" as const, to: String(to) });
const to = (count: number) => ({ to: String(count) });

const tests: [string, Record<string, string>, string, Partial<Ask>, string][] = [
  [
    "an HPA decides for its Deployment: more than its maximum raises that",
    { "a.yaml": workload(3), "b.yaml": hpa(3, 50) },
    "Deployment/shop/api",
    to(56),
    "HorizontalPodAutoscaler api b.yaml:7 spec.maxReplicas 50 → 56",
  ],
  [
    "so many more raise the maximum",
    { "a.yaml": workload(3), "b.yaml": hpa(3, 50) },
    "Deployment/shop/api",
    { by: "6" },
    "HorizontalPodAutoscaler api b.yaml:7 spec.maxReplicas 50 → 56",
  ],
  [
    "a number below the maximum raises the minimum",
    { "a.yaml": workload(3), "b.yaml": hpa(3, 50) },
    "Deployment/shop/api",
    to(6),
    "HorizontalPodAutoscaler api b.yaml:6 spec.minReplicas 3 → 6",
  ],
  [
    "an HPA without its workload here still decides",
    { "b.yaml": hpa(3, 50) },
    "Deployment/shop/api",
    to(56),
    "HorizontalPodAutoscaler api b.yaml:7 spec.maxReplicas 50 → 56",
  ],
  [
    "an HPA may be meant by a short name, in any namespace",
    { "b.yaml": hpa(3, 50) },
    "hpa/-/api",
    max(56),
    "HorizontalPodAutoscaler api b.yaml:7 spec.maxReplicas 50 → 56",
  ],
  [
    "an HPA of a Rollout",
    { "a.yaml": workload(3, "Rollout"), "b.yaml": hpa(3, 50, { kind: "Rollout" }) },
    "Rollout/shop/api",
    to(56),
    "HorizontalPodAutoscaler api b.yaml:7 spec.maxReplicas 50 → 56",
  ],
  [
    "a Rollout runs the Deployment that it refers to",
    {
      "a.yaml": workload(3),
      "b.yaml": object(
        "argoproj.io/v1alpha1",
        "Rollout",
        "web",
        "  replicas: 5\n  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: api}\n",
      ),
    },
    "Deployment/shop/api",
    to(6),
    "Rollout web b.yaml:5 spec.replicas 5 → 6",
  ],
  [
    "KEDA decides, not the HPA that it makes",
    { "a.yaml": workload(3), "b.yaml": scaledObject(), "c.yaml": hpa(2, 20, { name: "keda-hpa-queue" }) },
    "Deployment/shop/api",
    to(30),
    "ScaledObject queue b.yaml:7 spec.maxReplicaCount 20 → 30",
  ],
  [
    "the HPA that KEDA makes is no target of its own",
    { "a.yaml": workload(3), "b.yaml": scaledObject() },
    "HorizontalPodAutoscaler/shop/keda-hpa-queue",
    max(30),
    "ScaledObject queue b.yaml:7 spec.maxReplicaCount 20 → 30",
  ],
  [
    "the HPA that KEDA makes may have a name of its own",
    { "b.yaml": scaledObject("  advanced: {horizontalPodAutoscalerConfig: {name: mine}}\n") },
    "HorizontalPodAutoscaler/shop/mine",
    max(30),
    "ScaledObject queue b.yaml:7 spec.maxReplicaCount 20 → 30",
  ],
  [
    "a paused ScaledObject decides nothing",
    { "b.yaml": scaledObject("", ', annotations: {autoscaling.keda.sh/paused-replicas: "4"}') },
    "ScaledObject/shop/queue",
    max(30),
    "b.yaml:1: ScaledObject shop/queue is paused (autoscaling.keda.sh/paused-replicas), so its bounds decide nothing",
  ],
  [
    "an HPA and a ScaledObject are two owners",
    { "a.yaml": hpa(2, 20), "b.yaml": scaledObject() },
    "Deployment/shop/api",
    to(30),
    "two owners: HorizontalPodAutoscaler shop/api (a.yaml:1) and ScaledObject shop/queue (b.yaml:1) both scale Deployment api",
  ],
  [
    "two HPAs are two owners",
    { "a.yaml": hpa(2, 20), "b.yaml": hpa(2, 20, { name: "other" }) },
    "Deployment/shop/api",
    to(30),
    "two owners: HorizontalPodAutoscaler shop/api (a.yaml:1) and HorizontalPodAutoscaler shop/other (b.yaml:1) both scale Deployment api",
  ],
  [
    "a VPA and an HPA on the same resource are never touched",
    { "a.yaml": workload(3), "b.yaml": hpa(3, 50), "c.yaml": vpa("Auto") },
    "Deployment/shop/api",
    to(56),
    "HorizontalPodAutoscaler shop/api (b.yaml:1) and VerticalPodAutoscaler shop/api (c.yaml:1) both act on cpu, which undo each other: take one of them off it first",
  ],
  [
    "a VPA that only recommends quarrels with nobody",
    { "a.yaml": workload(3), "b.yaml": hpa(3, 50), "c.yaml": vpa('"Off"') },
    "Deployment/shop/api",
    to(56),
    "HorizontalPodAutoscaler api b.yaml:7 spec.maxReplicas 50 → 56",
  ],
  [
    "a VPA on memory and an HPA on CPU live together",
    { "a.yaml": workload(3), "b.yaml": hpa(3, 50), "c.yaml": vpa("Auto", "[memory]") },
    "Deployment/shop/api",
    to(56),
    "HorizontalPodAutoscaler api b.yaml:7 spec.maxReplicas 50 → 56",
  ],
  [
    "memory under a VPA is its upper bound",
    { "a.yaml": workload(3), "c.yaml": vpa("Auto") },
    "Deployment/shop/api",
    { field: "memory", to: "4Gi" },
    "VerticalPodAutoscaler api c.yaml:13 spec.resourcePolicy.containerPolicies[0].maxAllowed.memory 3Gi → 4Gi",
  ],
  [
    "memory under a VPA that only recommends is the limit",
    { "a.yaml": workload(3), "c.yaml": vpa('"Off"') },
    "Deployment/shop/api",
    { field: "memory", to: "4Gi" },
    "Deployment api a.yaml:15 spec.template.spec.containers[0].resources.limits.memory 2Gi → 4Gi",
  ],
  [
    "a VPA's upper bound never falls below its lower one",
    { "a.yaml": workload(3), "c.yaml": vpa("Auto") },
    "Deployment/shop/api",
    { field: "memory", to: "256Mi" },
    "c.yaml:13: 256Mi is below the minAllowed of 512Mi (c.yaml:1)",
  ],
  [
    "a limit never falls below the request",
    { "a.yaml": workload(3) },
    "Deployment/shop/api",
    { field: "memory", to: "512Mi" },
    "a.yaml:15: 512Mi is below what the container asks for (1Gi)",
  ],
  [
    "a quoted limit stays quoted",
    { "a.yaml": workload(3) },
    "Deployment/shop/api",
    { field: "cpu", to: "6" },
    "Deployment api a.yaml:14 spec.template.spec.containers[0].resources.limits.cpu 4 → 6",
  ],
  [
    "a minimum above the maximum",
    { "b.yaml": hpa(3, 5) },
    "HorizontalPodAutoscaler/shop/api",
    { field: "min", to: "6" },
    "b.yaml:6: spec.minReplicas: 6 is above its maximum of 5 (b.yaml:7): raise that first",
  ],
  [
    "a maximum below the minimum",
    { "b.yaml": hpa(3, 5) },
    "HorizontalPodAutoscaler/shop/api",
    max(2),
    "b.yaml:7: spec.maxReplicas: 2 is below its minimum of 3 (b.yaml:6)",
  ],
  [
    "a StatefulSet never goes down",
    { "a.yaml": workload(3, "StatefulSet") },
    "StatefulSet/shop/api",
    to(2),
    "a.yaml:5: spec.replicas: --to 2 would take a StatefulSet down from 3 to 2, which may leave its volumes behind: that is for a person",
  ],
  [
    "a Deployment has no maximum",
    { "a.yaml": workload(3) },
    "Deployment/shop/api",
    max(5),
    "a.yaml:1: Deployment shop/api has no maximum of its own, as nothing scales it by itself: ask for --to",
  ],
  [
    "a default that is not written is not invented",
    { "b.yaml": hpa(3, 5).replace(/ +minReplicas.*\n/, "") },
    "HorizontalPodAutoscaler/shop/api",
    { field: "min", to: "2" },
    "b.yaml:1: HorizontalPodAutoscaler shop/api does not say spec.minReplicas, so the default of 1 holds: write it there first",
  ],
  [
    "a value that a merge key brings is not guessed",
    {
      "b.yaml": hpa(3, 5)
        .replace(/spec:\n/, "spec:\n  <<: &d {a: 1}\n")
        .replace(/ +maxReplicas.*\n/, ""),
    },
    "HorizontalPodAutoscaler/shop/api",
    max(6),
    "b.yaml:5 is a merge key (<<), so maxReplicas may come from elsewhere",
  ],
  [
    "Knative's no limit is not raised",
    {
      "a.yaml": object(
        "serving.knative.dev/v1",
        "Service",
        "api",
        "  template:\n    metadata:\n      annotations:\n        autoscaling.knative.dev/max-scale: '0'\n",
      ),
    },
    "Service/shop/api",
    max(5),
    "a.yaml:8: spec.template.metadata.annotations.autoscaling.knative.dev/max-scale is 0, which is no limit at all, so there is nothing to raise",
  ],
  [
    "a plain Service is no Knative one",
    { "a.yaml": object("v1", "Service", "api", "  ports: []\n") },
    "Service/shop/api",
    max(5),
    "there is no Service shop/api here",
  ],
  [
    "a budget keeps its pods",
    {
      "a.yaml": workload(4),
      "p.yaml": object(
        "policy/v1",
        "PodDisruptionBudget",
        "web",
        "  minAvailable: 3\n  selector: {matchLabels: {app: web}}\n",
      ),
    },
    "Deployment/shop/api",
    to(3),
    "a.yaml:5: with 3 no pod could be evicted any more: PodDisruptionBudget shop/web keeps 3 (p.yaml:1)",
  ],
  [
    "a quota holds for all of the namespace",
    {
      "a.yaml": workload(4),
      "o.yaml": workload(3).replaceAll("name: api", "name: other"),
      "q.yaml": object("v1", "ResourceQuota", "all", "  hard: {requests.cpu: '16'}\n"),
    },
    "Deployment/shop/api",
    to(6),
    "a.yaml:5: the namespace could then ask for 18 of the 16 requests.cpu that ResourceQuota shop/all allows (q.yaml:1)",
  ],
  [
    "a quota that the manifests exceed already tells nothing of one more",
    {
      "a.yaml": workload(4),
      "q.yaml": object("v1", "ResourceQuota", "all", "  hard: {requests.cpu: '7'}\n"),
    },
    "Deployment/shop/api",
    to(6),
    "Deployment api a.yaml:5 spec.replicas 4 → 6",
  ],
  [
    "a quota with room is no obstacle",
    {
      "a.yaml": workload(4),
      "q.yaml": object("v1", "ResourceQuota", "all", "  hard: {requests.cpu: '16', pods: 10}\n"),
    },
    "Deployment/shop/api",
    to(6),
    "Deployment api a.yaml:5 spec.replicas 4 → 6",
  ],
  [
    "a limit range bounds a container",
    {
      "a.yaml": workload(4),
      "l.yaml": object("v1", "LimitRange", "all", "  limits:\n  - {type: Container, max: {memory: 3Gi}}\n"),
    },
    "Deployment/shop/api",
    { field: "memory", to: "4Gi" },
    "a.yaml:15: 4Gi is above the 3Gi that LimitRange shop/all allows a container (l.yaml:1)",
  ],
  [
    "JSON is YAML too",
    {
      "a.json": JSON.stringify(
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "api", namespace: "shop" },
          spec: { replicas: 3 },
        },
        null,
        2,
      ),
    },
    "deploy/shop/api",
    to(4),
    "Deployment api a.json:9 spec.replicas 3 → 4",
  ],
];

for (const [name, files, target, change, expected] of tests)
  test(name, () => assert.equal(outcome(files, target, change), expected));

test("a service is what is called so, or what is labelled so", () => {
  const files = {
    "a.yaml": workload(3),
    "b.yaml": hpa(3, 50),
    "c.yaml": object("apps/v1", "Deployment", "worker", "  replicas: 2\n", ", labels: {app: mail}"),
  };
  const of = (service: string) => {
    const result = scale(new Map(Object.entries(files)), { service, field: "replicas", by: "1" });
    return isRefused(result) ? result.refused : `${result.owner.kind} ${result.owner.name} ${result.after}`;
  };
  assert.equal(of("api"), "HorizontalPodAutoscaler api 51");
  assert.equal(of("mail"), "Deployment worker 3");
  assert.equal(of("nobody"), "nothing here is called nobody or labelled so and has a scale");
});
