import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ask } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";

const outcome = (files: Record<string, string>, target: string, change: Partial<Ask> = {}): string => {
  const [kind = "", namespace = "", name = ""] = target.split("/");
  const result = scale(new Map(Object.entries(files)), {
    ...{ field: "replicas", to: "3", ...(target && { target: { kind, namespace, name } }) },
    ...change,
  });
  if (isRefused(result)) return result.refused;
  return `${result.owner.file}:${result.owner.line} ${result.owner.path} ${result.before} → ${result.after}`;
};

const api = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  replicas: 2\n";
const edited = "d.yaml:5 spec.replicas 2 → 3";

const beside: [string, Record<string, string>][] = [
  ["a broken file that does not name it", { "x.yaml": "kind: Deployment\nb: [1,\nc: 2\n" }],
  [
    "a broken file of a kind that scales nothing",
    { "x.yaml": "kind: ConfigMap\nmetadata: {name: api}\nb: [1,\nc: 2\n" },
  ],
  ["a broken file of settings", { "settings/api.yaml": "api: {a: 1\nb: 2\n" }],
  [
    "a template without its chart",
    { "charts/api/templates/d.yaml": "{{ if }}\nkind: Deployment\nmetadata: {name: api}\n  x\n" },
  ],
  [
    "a text that goes on at its key's indentation",
    { "a.yaml": 'kind: Widget\nmetadata:\n  name: api\n  note: "one\n  two"\n' },
  ],
  ["a workload of the same name among tests", { "test/fixtures/d.yaml": api, "config/testdata/d.yaml": api }],
  ["an overlay of tests", { "e2e/kustomization.yaml": "resources: [d.yaml]\n", "e2e/d.yaml": api }],
];
for (const [name, more] of beside)
  test(`${name} is no obstacle`, () =>
    assert.equal(outcome({ "d.yaml": api, ...more }, "Deployment/-/api"), edited));

test("manifests of a test are edited by their own path", () =>
  assert.equal(outcome({ "test/d.yaml": api }, "Deployment/-/api", { path: "test" }), `test/${edited}`));

test("what a broken layer may set is not guessed", () => {
  const base = { "base/kustomization.yaml": "resources: [d.yaml]\n", "base/d.yaml": api };
  const layer = {
    "prod/kustomization.yaml":
      "resources: [../base]\npatches:\n- {path: p.yaml, target: {kind: Deployment}}\n",
  };
  assert.match(
    outcome({ ...base, ...layer, "prod/p.yaml": "- op: replace\n  path: [/spec\n" }, "Deployment/-/api"),
    /^prod\/p\.yaml:\d: /,
  );
  assert.match(
    outcome(
      { ...base, "prod/kustomization.yaml": "resources: [../base]\nreplicas: [{name: 'api\n" },
      "Deployment/-/api",
    ),
    /^prod\/kustomization\.yaml:\d: /,
  );
  const chart = { "Chart.yaml": "name: api\nversion: 1.0.0\n", "values.yaml": "replicaCount: 2\nx: 'y\n" };
  assert.match(outcome(chart, "Deployment/-/api"), /^values\.yaml:\d: Missing closing 'quote$/);
});

const knative = (annotations: string) =>
  `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: api}\nspec:\n  template:\n    metadata:\n      annotations:\n${annotations}`;
const former =
  '        autoscaling.knative.dev/minScale: "1"\n        autoscaling.knative.dev/maxScale: "10"\n';

test("Knative's bounds in camel case are edited where they stand", () => {
  const at = (annotations: string, change: Partial<Ask>) =>
    outcome({ "s.yaml": knative(annotations) }, "Service/-/api", change);
  const path = "spec.template.metadata.annotations.autoscaling.knative.dev";
  assert.equal(at(former, { field: "max", to: "15" }), `s.yaml:9 ${path}/maxScale 10 → 15`);
  assert.equal(at(former, { field: "min", to: "2" }), `s.yaml:8 ${path}/minScale 1 → 2`);
  assert.match(at(former, { field: "min", to: "11" }), /more than 2 times/);
  const both = `${former}        autoscaling.knative.dev/max-scale: "8"\n`;
  assert.equal(at(both, { field: "max", to: "9" }), `s.yaml:10 ${path}/max-scale 8 → 9`);
});

const vpa = (policy: string) =>
  `apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {name: w, namespace: t}\nspec:\n  targetRef: {apiVersion: apps/v1, kind: Deployment, name: worker}\n  resourcePolicy:\n    containerPolicies:\n${policy}`;
const one = "    - containerName: worker\n      maxAllowed: {memory: 16Gi}\n";

test("a VPA whose workload is not here is edited in its one policy", () => {
  const memory: Partial<Ask> = { field: "memory", to: "24Gi" };
  const line = "v.yaml:9 spec.resourcePolicy.containerPolicies[0].maxAllowed.memory 16Gi → 24Gi";
  assert.equal(outcome({ "v.yaml": vpa(one) }, "VerticalPodAutoscaler/t/w", memory), line);
  assert.equal(outcome({ "v.yaml": vpa(one) }, "Deployment/t/worker", memory), line);
  assert.match(
    outcome({ "v.yaml": vpa(one + one.replace("worker", "other")) }, "vpa/t/w", memory),
    /has several containerPolicies, and its pods are not described here: which one is meant cannot be told$/,
  );
  assert.match(
    outcome({ "v.yaml": vpa(one) }, "vpa/t/w", { field: "max", to: "2" }),
    /sizes pods and does not count them/,
  );
});

const remote = "resources:\n- https://github.com/acme/app//config/default?ref=v1\n";

test("a remote base is scaled by what this kustomization sets of it", () => {
  assert.equal(
    outcome({ "o/kustomization.yaml": `${remote}replicas:\n- {name: api, count: 2}\n` }, "Deployment/-/api"),
    "o/kustomization.yaml:4 replicas[0].count 2 → 3",
  );
  const patch =
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api}\nspec:\n  maxReplicas: 4\n";
  assert.equal(
    outcome(
      { "o/kustomization.yaml": `${remote}patches: [{path: p.yaml}]\n`, "o/p.yaml": patch },
      "hpa/-/api",
      { field: "max", to: "6" },
    ),
    "o/p.yaml:5 spec.maxReplicas 4 → 6",
  );
  assert.match(
    outcome(
      { "o/kustomization.yaml": `${remote}patches: [{path: p.yaml}]\n`, "o/p.yaml": patch },
      "hpa/-/api",
      { field: "min", to: "2" },
    ),
    /^o\/kustomization\.yaml:1: HorizontalPodAutoscaler api does not say spec\.minReplicas/,
  );
});

test("a machine deployment, a composite of Crossplane and a job of Nomad are refused by their kind or as not here", () => {
  const files = {
    "md.yaml":
      "apiVersion: cluster.x-k8s.io/v1beta1\nkind: MachineDeployment\nmetadata: {name: web}\nspec: {replicas: 2}\n",
    "ng.yaml":
      "apiVersion: eks.aws.upbound.io/v1beta1\nkind: NodeGroup\nmetadata: {name: web}\nspec: {forProvider: {scalingConfig: [{minSize: 1, maxSize: 2}]}}\n",
    "web.nomad": 'job "web" {\n  group "web" {\n    count = 2\n  }\n}\n',
    "serverless.yml": "service: web\nfunctions:\n  web: {handler: a.b, provisionedConcurrency: 2}\n",
  };
  for (const kind of ["MachineDeployment", "NodeGroup", "Nomad", "Serverless"])
    assert.match(
      outcome(files, `${kind}/-/web`),
      new RegExp(`^${kind} is not a kind that is scaled here; it is one of `),
    );
  assert.equal(outcome(files, "Deployment/-/web"), "there is no Deployment web here");
});
