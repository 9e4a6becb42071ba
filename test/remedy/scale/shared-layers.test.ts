import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ask } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";

const outcome = (files: Record<string, string>, kind: string, change: Partial<Ask>): string => {
  const target = { kind, namespace: "", name: "api" };
  const result = scale(new Map(Object.entries(files)), { field: "replicas", to: "3", target, ...change });
  if (isRefused(result)) return result.refused;
  return `${result.owner.file}:${result.owner.line} ${result.owner.path} ${result.before} → ${result.after}`;
};

const api =
  "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec:\n  replicas: 2\n";
const of = (folder: string) => `resources: [${folder}]\n`;
/** Two environments on one base, one of them in two cells with a layer between. */
const cells = {
  "base/kustomization.yaml": of("api.yaml"),
  "base/api.yaml": api,
  "prod/base/kustomization.yaml": of("../../base"),
  "prod/00/kustomization.yaml": of("../base"),
  "prod/01/kustomization.yaml": of("../base"),
  "stg/base/kustomization.yaml": of("../../base"),
};
const patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  replicas: 2\n";

for (const path of ["base", "prod/base"])
  test(`a base that cells share is not edited by --path ${path}`, () =>
    assert.match(
      outcome(cells, "Deployment", { path }),
      /^base\/api\.yaml:5: spec\.replicas is also that of .*: set it for this one alone first$/,
    ));

for (const [path, own] of [
  ["prod/00", "prod/00"],
  ["prod/01", "prod/01"],
  ["stg", "stg/base"],
  ["stg/base", "stg/base"],
] as const)
  test(`a base that cells share is left alone by --path ${path}, and the cell gets a value of its own`, () =>
    assert.equal(
      outcome(cells, "Deployment", { path }),
      `${own}/kustomization.yaml:4 replicas[0].count 2 → 3`,
    ));

for (const path of [undefined, "prod"])
  test(`of several cells none is chosen by ${path ?? "no path"}`, () =>
    assert.match(
      outcome(cells, "Deployment", { ...(path && { path }) }),
      /^two owners: .*; say which with --path$/,
    ));

test("a middle layer is not edited for one of its cells, though the patch stands there alone", () => {
  const files = {
    ...cells,
    "prod/base/kustomization.yaml": `${of("../../base")}patches: [{path: p.yaml}]\n`,
    "prod/base/p.yaml": patch,
  };
  assert.match(
    outcome(files, "Deployment", { path: "prod/base" }),
    /^prod\/base\/p\.yaml:5: spec\.replicas is also that of Deployment shop\/api of prod\/0/,
  );
  assert.equal(
    outcome(files, "Deployment", { path: "prod/00" }),
    "prod/00/kustomization.yaml:4 replicas[0].count 2 → 3",
  );
});

test("a base is not edited for one environment while another overrides the value", () => {
  const files = {
    ...cells,
    "prod/01/kustomization.yaml": `${of("../base")}patches: [{path: p.yaml}]\n`,
    "prod/01/p.yaml": patch,
    "stg/base/kustomization.yaml": `${of("../../base")}patches: [{path: p.yaml}]\n`,
    "stg/base/p.yaml": patch,
  };
  assert.equal(
    outcome(files, "Deployment", { path: "prod/00" }),
    "prod/00/kustomization.yaml:4 replicas[0].count 2 → 3",
  );
  assert.equal(outcome(files, "Deployment", { path: "prod/01" }), "prod/01/p.yaml:5 spec.replicas 2 → 3");
});

test("a base that one environment uses is edited by the path of either", () => {
  const files = {
    ...cells,
    "prod/00/kustomization.yaml": "resources: []\n",
    "prod/01/kustomization.yaml": "resources: []\n",
    "stg/base/kustomization.yaml": "resources: []\n",
  };
  for (const path of ["base", "prod/base", ""])
    assert.equal(outcome(files, "Deployment", { path }), "base/api.yaml:5 spec.replicas 2 → 3");
});

test("a base that only tests use is edited by its path, and a path without the workload is named", () => {
  const files = {
    "base/kustomization.yaml": of("api.yaml"),
    "base/api.yaml": api,
    "tests/smoke/kustomization.yaml": of("../../base"),
    "other/kustomization.yaml": "resources: []\n",
  };
  assert.equal(outcome(files, "Deployment", { path: "base" }), "base/api.yaml:5 spec.replicas 2 → 3");
  assert.equal(
    outcome(files, "Deployment", { path: "other" }),
    "there is no Deployment api in other; there is Deployment shop/api (base/api.yaml:1)",
  );
});

test("a base by its path is not edited where its one environment overrides the value", () =>
  assert.equal(
    outcome(
      {
        "base/kustomization.yaml": of("api.yaml"),
        "base/api.yaml": api,
        "prod/kustomization.yaml": `${of("../base")}patches: [{path: p.yaml}]\n`,
        "prod/p.yaml": patch,
      },
      "Deployment",
      { path: "base" },
    ),
    "prod/p.yaml:5: spec.replicas of Deployment shop/api decides the scale of Deployment shop/api (base/api.yaml:1) and is outside of --path base",
  ));

const rollout = (replicas: number, name = "api") =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: ${name}}\nspec: {replicas: ${replicas}, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: api}}\n`;
const hpa = (max = 4) =>
  `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api}\nspec: {minReplicas: 2, maxReplicas: ${max}, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}\n`;

test("two Rollouts that run one Deployment are refused, with both named", () =>
  assert.equal(
    outcome({ "a-old.yaml": rollout(5), "new/api.yaml": api, "new/rollout.yaml": rollout(7) }, "Deployment", {
      to: "8",
      path: "new",
    }),
    "two owners: Rollout api (a-old.yaml:1) and Rollout api (new/rollout.yaml:1) both run Deployment shop/api",
  ));

test("an autoscaler outside of the path is not edited, and is named", () => {
  const files = { "a/api.yaml": api, "b/hpa.yaml": hpa() };
  assert.equal(outcome(files, "Deployment", {}), "b/hpa.yaml:4 spec.minReplicas 2 → 3");
  assert.equal(
    outcome(files, "Deployment", { path: "a" }),
    "b/hpa.yaml:4: spec.minReplicas of HorizontalPodAutoscaler api decides the scale of Deployment shop/api (a/api.yaml:1) and is outside of --path a",
  );
});

test("of two environments in folders of plain files, the one at the path", () => {
  const files = { "dev/api.yaml": api, "dev/hpa.yaml": hpa(), "prod/api.yaml": api, "prod/hpa.yaml": hpa(8) };
  assert.equal(outcome(files, "Deployment", { path: "prod" }), "prod/hpa.yaml:4 spec.minReplicas 2 → 3");
});

const claims: [string, string][] = [
  [
    "Balancer",
    "apiVersion: balancer.x-k8s.io/v1alpha1\nkind: Balancer\nmetadata: {name: all}\nspec:\n  replicas: 9\n  targets: [{name: a, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}]\n",
  ],
  [
    "CronHorizontalPodAutoscaler",
    "apiVersion: autoscaling.alibabacloud.com/v1beta1\nkind: CronHorizontalPodAutoscaler\nmetadata: {name: night}\nspec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}\n",
  ],
  [
    "Canary",
    "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: api}\nspec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}\n",
  ],
];
for (const [kind, text] of claims)
  test(`a ${kind} that scales the Deployment is an owner of its own`, () =>
    assert.match(
      outcome({ "api.yaml": api, "c.yaml": text }, "Deployment", {}),
      new RegExp(
        `^two owners: ${kind} \\w+ \\(c\\.yaml:1\\) and Deployment shop/api \\(api\\.yaml:1\\): its scale is for ${kind} \\w+ to set$`,
      ),
    ));

test("a Canary takes its bounds from the autoscaler", () =>
  assert.equal(
    outcome({ "api.yaml": api, "c.yaml": claims[2]![1], "hpa.yaml": hpa() }, "Deployment", {}),
    "hpa.yaml:4 spec.minReplicas 2 → 3",
  ));

test("a workload that a controller owns is the controller's", () =>
  assert.equal(
    outcome(
      {
        "api.yaml": api.replace(
          "namespace: shop",
          "namespace: shop, ownerReferences: [{apiVersion: x.io/v1, kind: Widget, name: w}]",
        ),
      },
      "Deployment",
      {},
    ),
    "two owners: Deployment shop/api (api.yaml:1) belongs to Widget w (ownerReferences), which sets its scale",
  ));

test("an autoscaler of two workloads of one name is refused, with both named", () =>
  assert.equal(
    outcome({ "a.yaml": api, "b.yaml": api, "hpa.yaml": hpa() }, "HorizontalPodAutoscaler", {
      field: "max",
      to: "6",
    }),
    "two objects of one name: Deployment shop/api (a.yaml:1) and Deployment shop/api (b.yaml:1); say which with --path",
  ));
