import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ask } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";

const deployment =
  "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  replicas: 2\n  template:\n    spec: {containers: [{name: api, resources: {limits: {memory: 1Gi}}}]}\n";
const hpa =
  "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api}\nspec: {minReplicas: 2, maxReplicas: 4, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}\n";
const knative =
  'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: api}\nspec:\n  template:\n    metadata:\n      annotations:\n        autoscaling.knative.dev/max-scale: "4"\n';

/** Two environments of one base; the text of one's kustomization after the edit, or the refusal. */
const inProd = (
  prod: string,
  { base = deployment, kind = "Deployment", more = {}, ...change }: Given = {},
): string => {
  const files = new Map(
    Object.entries({
      "base/kustomization.yaml": "resources: [api.yaml]\n",
      "base/api.yaml": base,
      "dev/kustomization.yaml": "resources: [../base]\n",
      "prod/kustomization.yaml": prod,
      ...more,
    }),
  );
  const target = { kind, namespace: "", name: "api" };
  const made = scale(files, { target, path: "prod", field: "replicas", to: "3", ...change });
  if (isRefused(made)) return made.refused;
  assert.equal(made.owner.file, "prod/kustomization.yaml");
  return made.text;
};
type Given = Partial<Ask> & { base?: string; kind?: string; more?: Record<string, string> };

const forms: [string, string, string][] = [
  [
    "without a list",
    "resources: [../base]\n",
    "resources: [../base]\nreplicas:\n  - name: api\n    count: 3\n",
  ],
  [
    "without a line break at its end, and lists at the margin",
    "resources:\n- ../base",
    "resources:\n- ../base\nreplicas:\n- name: api\n  count: 3\n",
  ],
  [
    "with a list in the middle",
    "replicas:\n    - name: web # its own\n      count: 5 # enough\n# the base\nresources: [../base]\n",
    "replicas:\n    - name: web # its own\n      count: 5 # enough\n    - name: api\n      count: 3\n# the base\nresources: [../base]\n",
  ],
  [
    "with line ends of Windows",
    "resources: [../base]\r\n",
    "resources: [../base]\r\nreplicas:\r\n  - name: api\r\n    count: 3\r\n",
  ],
];
for (const [said, before, after] of forms)
  test(`a kustomization ${said} sets the number of its environment`, () =>
    assert.equal(inProd(before), after));

test("a bound is set by a patch of its own, beside other patches", () => {
  const patches =
    "resources:\n  - ../base\npatches:\n  - patch: |-\n      - op: add\n        path: /metadata/labels\n        value: {a: b}\n    target: {kind: Deployment}\n  - target: {kind: Deployment, name: web}\n    patch: |-\n      - op: remove\n        path: /spec/x\n\nlabels: []\n";
  const own =
    "  - target:\n      kind: HorizontalPodAutoscaler\n      name: api\n    patch: |-\n      - op: replace\n        path: /spec/maxReplicas\n        value: 5\n";
  const [head = "", tail = ""] = patches.split("\nlabels");
  assert.equal(
    inProd(patches, { base: `${deployment}---\n${hpa}`, field: "max", to: "5" }),
    `${head}\n${own}labels${tail}`.replace(`${head}\n${own}`, `${head}${own}\n`),
  );
});

test("an annotation stays a string, and its key is written as a pointer has it", () =>
  assert.equal(
    inProd("resources: [../base]\n", { base: knative, kind: "Service", field: "max", to: "5" }),
    'resources: [../base]\npatches:\n  - target:\n      kind: Service\n      name: api\n    patch: |-\n      - op: replace\n        path: /spec/template/metadata/annotations/autoscaling.knative.dev~1max-scale\n        value: "5"\n',
  ));

test("the value stands in the one base still, and the effects say so", () => {
  const files = new Map([
    ["base/kustomization.yaml", "resources: [api.yaml]\n"],
    ["base/api.yaml", deployment],
    ["dev/kustomization.yaml", "namespace: dev\nresources: [../base]\n"],
    ["prod/kustomization.yaml", "namespace: prod\nresources: [../base]\n"],
  ]);
  const target = { kind: "Deployment", namespace: "prod", name: "api" };
  const made = scale(files, { target, field: "replicas", by: "1" });
  assert.ok(!isRefused(made));
  assert.deepEqual(
    [made.owner, made.before, made.after, made.rendering?.root],
    [
      {
        ...{ kind: "Deployment", name: "api", file: "prod/kustomization.yaml", line: 5 },
        path: "replicas[0].count",
      },
      ...[2, 3, "prod"],
    ],
  );
  assert.deepEqual(made.effects.slice(-1), [
    "base/api.yaml:5: spec.replicas of 2 stays, as others use it too: prod/kustomization.yaml sets it for this one alone",
  ]);
});

const shared = /^base\/api\.yaml:\d+: .*(also part of|also that of) /;
const refusals: [string, string, Given][] = [
  ["a list in one line", "resources: [../base]\nreplicas: [{name: web, count: 1}]\n", {}],
  ["two documents", "resources: [../base]\n---\na: b\n", {}],
  ["a map in one line", "{resources: [../base]}\n", {}],
  [
    "another object of the name",
    "resources: [../base]\n",
    { base: `${deployment}---\n${deployment.replace("Deployment", "StatefulSet")}` },
  ],
  ["a size, which is in a list", "resources: [../base]\n", { field: "memory", to: "2Gi" }],
  [
    "a layer above it",
    "resources: [../base]\n",
    {
      more: {
        "all/kustomization.yaml": "resources: [../prod]\n",
        "cell/kustomization.yaml": "resources: [../prod]\n",
      },
    },
  ],
  [
    "two deployers of its folder",
    "resources: [../base]\n",
    {
      more: Object.fromEntries(
        ["a", "b"].map((name) => [
          `argo/${name}.yaml`,
          `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ${name}}\nspec: {source: {path: prod}, destination: {namespace: ${name}}}\n`,
        ]),
      ),
    },
  ],
];
for (const [said, prod, given] of refusals)
  test(`${said} is no place for it, and the base is left alone`, () => {
    const to = inProd(prod, given);
    assert.match(to, said.startsWith("two deployers") ? /^two owners: / : shared);
  });
