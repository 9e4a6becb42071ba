import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionsAt, holds } from "../../../shared/remedy/scale/helm/condition.ts";
import type { Ask } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";

const outcome = (files: Record<string, string>, target: string, change: Partial<Ask>): string => {
  const [kind = "", namespace = "", name = ""] = target.split("/");
  const result = scale(new Map(Object.entries(files)), {
    ...{ field: "replicas", to: "3", ...(target && { target: { kind, namespace, name } }) },
    ...change,
  });
  if (isRefused(result)) return result.refused;
  return `${result.owner.file}:${result.owner.line} ${result.owner.path} ${result.before} → ${result.after}`;
};

const release = (values: string, chart = "web") =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart: {spec: {chart: ${chart}, version: 1.x}}\n  values:\n${values}`;
const application = (source: string) =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: api, namespace: argocd}\nspec:\n  destination: {namespace: shop}\n  source:\n    repoURL: https://example.com/c\n${source}`;

const switches = [
  "hpa: {enabled: true, minReplicas: 2, maxReplicas: 4}",
  "horizontalPodAutoscaler: {enabled: true}",
  "keda: {enabled: 'true'}",
  "autoscaling: {minReplicas: 2, maxReplicas: 4}",
  "autoscaling: {enabled: true, maxReplicas: 4}\n    keda: {enabled: true}",
  "worker: {autoscaling: {enabled: true, maxReplicas: 4}}",
  "hpaEnabled: true",
  "autoscaling: true",
  "autoscaling: {hpa: {enabled: true}}",
];
for (const said of switches)
  for (const [field, to] of [
    ["replicas", "3"],
    ["max", "6"],
  ] as const)
    test(`a chart that is not here keeps its ${field} with ${said.replace(/\s+/g, " ")}`, () => {
      assert.match(
        outcome({ "r.yaml": release(`    replicaCount: 2\n    ${said}\n`) }, "HelmRelease/shop/web", {
          field,
          to,
        }),
        /^r\.yaml:1: the templates of the chart web are not here, and \S.* may scale it: which value decides cannot be told$|^r\.yaml:1: autoscaling\.enabled is off/,
      );
      assert.doesNotMatch(
        outcome({ "r.yaml": release(`    replicaCount: 2\n    ${said}\n`) }, "Deployment/shop/web", {}),
        /replicaCount 2/,
      );
    });

for (const said of [
  "hpa: {enabled: false, maxReplicas: 4}",
  "verticalPodAutoscaler: {enabled: true}",
  "image: {tag: hpa}",
])
  test(`a chart that is not here takes its replicaCount with ${said}`, () =>
    assert.equal(
      outcome({ "r.yaml": release(`    replicaCount: 2\n    ${said}\n`) }, "HelmRelease/shop/web", {}),
      "r.yaml:7 spec.values.replicaCount 2 → 3",
    ));

test("a switch among an Application's parameters counts", () =>
  assert.match(
    outcome(
      {
        "a.yaml": application(
          "    chart: web\n    helm:\n      parameters:\n      - {name: replicaCount, value: '2'}\n      - {name: keda.enabled, value: 'true'}\n",
        ),
      },
      "Application/argocd/api",
      {},
    ),
    /^a\.yaml:1: the templates of the chart web are not here, and keda\.enabled may scale it/,
  ));

const twoScalers = (autoscaling: boolean, keda: boolean) => ({
  "Chart.yaml": "apiVersion: v2\nname: api\nversion: 1.0.0\n",
  "templates/deployment.yaml":
    "apiVersion: apps/v1\nkind: Deployment\nspec:\n  {{- if not (or .Values.autoscaling.enabled .Values.keda.enabled) }}\n  replicas: {{ .Values.replicaCount }}\n  {{- end }}\n",
  "templates/a-hpa.yaml":
    "{{- if and .Values.autoscaling.enabled (not .Values.keda.enabled) }}\nkind: HorizontalPodAutoscaler\nspec:\n  maxReplicas: {{ .Values.autoscaling.maxReplicas }}\n{{- end }}\n",
  "templates/keda.yaml":
    "{{- if .Values.keda.enabled }}\nkind: ScaledObject\nspec:\n  maxReplicaCount: {{ .Values.keda.maxReplicas }}\n{{- end }}\n",
  "values.yaml": `replicaCount: 2\nautoscaling:\n  enabled: ${autoscaling}\n  maxReplicas: 8\nkeda:\n  enabled: ${keda}\n  maxReplicas: 4\n`,
});

test("of two autoscalers of a chart, the one that the values turn on", () => {
  const at = (autoscaling: boolean, keda: boolean) =>
    outcome(twoScalers(autoscaling, keda), "Deployment/shop/api", { to: "6" });
  assert.equal(at(false, true), "values.yaml:7 keda.maxReplicas 4 → 6");
  assert.equal(at(true, true), "values.yaml:7 keda.maxReplicas 4 → 6");
  assert.equal(
    outcome(twoScalers(true, false), "Deployment/shop/api", { to: "9" }),
    "values.yaml:4 autoscaling.maxReplicas 8 → 9",
  );
  assert.equal(
    outcome(twoScalers(false, false), "Deployment/shop/api", {}),
    "values.yaml:1 replicaCount 2 → 3",
  );
});

test("two autoscalers that are both on are refused, with both named", () => {
  const files = twoScalers(true, true);
  const both = {
    ...files,
    "templates/a-hpa.yaml": files["templates/a-hpa.yaml"].replace(
      " (not .Values.keda.enabled)",
      " .Values.other",
    ),
    "values.yaml": `${files["values.yaml"]}other: true\n`,
  };
  assert.equal(
    outcome(both, "Deployment/shop/api", {}),
    "values.yaml: two owners: templates/a-hpa.yaml and templates/keda.yaml may both make an autoscaler with these values",
  );
});

test("conditions of templates", () => {
  const values: Record<string, unknown> = { a: true, b: false, "c.d": "keda" };
  const look = (key: string) => (key === "unknown" ? undefined : { is: values[key] });
  const cases: [string, boolean | undefined][] = [
    [".Values.a", true],
    ["not .Values.a", false],
    ["and .Values.a .Values.b", false],
    ["and .Values.b .Values.unknown", false],
    ["and .Values.a .Values.unknown", undefined],
    ["or .Values.b .Values.a", true],
    ['eq .Values.c.d "keda"', true],
    ['and .Values.a (ne .Values.c.d "hpa")', true],
    [".Values.none | default true", true],
    ["default false .Values.none", false],
    ['and .Values.a (.Capabilities.APIVersions.Has "x")', true],
    ['include "on" .', undefined],
    [")(", undefined],
  ];
  for (const [text, expected] of cases) assert.equal(holds(text, look), expected, text);
});

test("the conditions around a line of a template", () => {
  const text =
    "{{- if .Values.a }}x{{- else if .Values.b }}y{{ else }}z{{ end }}{{- range .Values.c }}w{{ end }}";
  const at = (word: string) => conditionsAt(text, text.indexOf(word));
  assert.deepEqual(
    [at("x"), at("y"), at("z"), at("w")],
    [
      [".Values.a"],
      ["and (not (.Values.a)) (.Values.b)"],
      ["not (and (not (.Values.a)) (.Values.b))"],
      [undefined],
    ],
  );
});

test("an umbrella chart whose dependency is not here takes the value below its name", () => {
  const files = {
    "api/Chart.yaml":
      "apiVersion: v2\nname: api\nversion: 1.0.0\ndependencies:\n  - {name: web, version: 1.0.0, repository: x}\n",
    "api/values.yaml": "web:\n  replicaCount: 2\n",
    "app.yaml": application("    path: api\n"),
  };
  assert.equal(outcome(files, "Application/argocd/api", {}), "api/values.yaml:2 web.replicaCount 2 → 3");
  assert.equal(outcome(files, "Deployment/shop/api-web", {}), "api/values.yaml:2 web.replicaCount 2 → 3");
  const scaled = { ...files, "api/values.yaml": "web:\n  replicaCount: 2\n  hpa: {enabled: true}\n" };
  assert.match(outcome(scaled, "Application/argocd/api", {}), /web\.hpa\.enabled may scale it/);
  const alias = {
    ...files,
    "api/Chart.yaml": files["api/Chart.yaml"].replace("name: web,", "name: web, alias: front,"),
    "api/values.yaml": "front:\n  replicaCount: 2\n",
  };
  assert.equal(outcome(alias, "Application/argocd/api", {}), "api/values.yaml:2 front.replicaCount 2 → 3");
});

test("charts that many use are scaled by their own keys", () => {
  const at = (chart: string, values: string, target: string, change: Partial<Ask> = {}) =>
    outcome({ "r.yaml": release(values, chart) }, target, change);
  const nginx = "    controller:\n      replicaCount: 2\n";
  assert.equal(
    at("ingress-nginx", nginx, "HelmRelease/shop/web", {}),
    "r.yaml:8 spec.values.controller.replicaCount 2 → 3",
  );
  const scaled = `${nginx}      autoscaling: {enabled: true, minReplicas: 2, maxReplicas: 8}\n`;
  assert.equal(
    at("ingress-nginx", scaled, "Deployment/shop/web-ingress-nginx-controller", { to: "9" }),
    "r.yaml:9 spec.values.controller.autoscaling.maxReplicas 8 → 9",
  );
  const argo = "    server: {replicas: 2}\n    repoServer: {replicas: 4}\n";
  assert.match(
    at("argo-cd", argo, "HelmRelease/shop/web", {}),
    /web has several parts: .* web-server \(server\.replicas\)/,
  );
  assert.equal(
    at("argo-cd", argo, "Deployment/shop/web-repo-server", { to: "5" }),
    "r.yaml:8 spec.values.repoServer.replicas 4 → 5",
  );
  assert.equal(
    at("traefik", "    deployment: {replicas: 2}\n", "HelmRelease/shop/web", {}),
    "r.yaml:7 spec.values.deployment.replicas 2 → 3",
  );
  assert.match(
    at("istiod", "    replicaCount: 2\n", "HelmRelease/shop/web", {}),
    /autoscaleMin is not set|reads? no value|autoscaleMax is not set/,
  );
});

test("values of a chart that another environment's file is beside are not edited for one", () => {
  const files = {
    "chart/Chart.yaml": "apiVersion: v2\nname: api\nversion: 1.0.0\n",
    "chart/values.yaml": "replicaCount: 2\n",
    "chart/values-prod.yaml": "image: {tag: a}\n",
    "chart/values-stg.yaml": "image: {tag: b}\n",
    "chart/templates/d.yaml": "kind: Deployment\nspec:\n  replicas: {{ .Values.replicaCount }}\n",
    "app.yaml": application("    path: chart\n    helm: {valueFiles: [values-prod.yaml]}\n"),
  };
  assert.equal(
    outcome(files, "Application/argocd/api", {}),
    "chart/values.yaml:1: replicaCount is also the value of chart/values-stg.yaml: set it for this one alone first",
  );
  const alone = { ...files, "app.yaml": "" };
  assert.match(
    outcome(alone, "Deployment/shop/api", { path: "chart/values-prod.yaml" }),
    /^chart\/values\.yaml:1: replicaCount is also the value of chart\/values-stg\.yaml/,
  );
});

test("an overlay of a HelmRelease is chosen by its path", () => {
  const patch = (count: number) =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec:\n  values:\n    replicaCount: ${count}\n`;
  const files = {
    "base/kustomization.yaml": "resources: [r.yaml]\n",
    "base/r.yaml": release("    image: x\n"),
    ...{
      "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n",
      "prod/p.yaml": patch(4),
    },
    ...{
      "stg/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n",
      "stg/p.yaml": patch(2),
    },
  };
  assert.equal(
    outcome(files, "HelmRelease/shop/web", { to: "6", path: "prod" }),
    "prod/p.yaml:6 spec.values.replicaCount 4 → 6",
  );
  assert.match(outcome(files, "HelmRelease/shop/web", {}), /^two owners: /);
});
