import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ask } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";

const outcome = (files: Record<string, string>, target: string, change: Partial<Ask> = {}): string => {
  const [kind = "", namespace = "", name = ""] = target.split("/");
  const result = scale(new Map(Object.entries(files)), {
    ...{ field: "replicas", to: "3", target: { kind, namespace, name } },
    ...change,
  });
  if (isRefused(result)) return result.refused;
  return `${result.owner.file}:${result.owner.line} ${result.owner.path} ${result.before} → ${result.after}`;
};

const helmfile = (more: string) => `releases:\n- name: api\n  namespace: shop\n  chart: acme/web\n${more}`;
const api = "Deployment/shop/api";

test("a release of a helmfile is scaled in its values, the last ones first", () => {
  const file = { "api.yaml": "replicaCount: 2\n" };
  assert.equal(
    outcome({ "helmfile.yaml": helmfile("  values: [api.yaml]\n"), ...file }, api),
    "api.yaml:1 replicaCount 2 → 3",
  );
  assert.equal(
    outcome(
      { "helmfile.d/10.yaml": helmfile("  values:\n  - ../api.yaml\n  - replicaCount: 4\n"), ...file },
      api,
      { to: "5" },
    ),
    "helmfile.d/10.yaml:7 releases[0].values[1].replicaCount 4 → 5",
  );
  assert.equal(
    outcome(
      {
        "helmfile.yaml": helmfile("  values: [api.yaml]\n  set:\n  - {name: replicaCount, value: 6}\n"),
        ...file,
      },
      api,
      { to: "8" },
    ),
    "helmfile.yaml:7 releases[0].set[0].value 6 → 8",
  );
});

test("values of a helmfile that are not here, templated or not told apart are refused", () => {
  const at = (more: string, files = {}) => outcome({ "helmfile.yaml": helmfile(more), ...files }, api);
  assert.match(
    at("  values: [other.yaml]\n"),
    /^helmfile\.yaml:1 takes values from other\.yaml, which cannot be read here$/,
  );
  assert.match(at("  values: ['{{ .Environment.Name }}.yaml']\n"), /which cannot be read here$/);
  assert.match(
    at("  values:\n  - replicaCount: 2\n    keda: {enabled: true}\n"),
    /keda\.enabled may scale it/,
  );
  const twice = `${helmfile("  values: [api.yaml]\n")}- name: api2\n  chart: acme/web\n  values: [api.yaml]\n`;
  assert.match(
    outcome(
      {
        "helmfile.yaml": twice,
        "b/helmfile.yaml": helmfile("  values: [../api.yaml]\n"),
        "api.yaml": "replicaCount: 2\n",
      },
      api,
    ),
    /^api\.yaml:1 is the value of helmfile\.yaml:1 and b\/helmfile\.yaml:1 alike: set it for one of them first$/,
  );
});

const inflated = (more: string) => `helmCharts:\n- name: web\n  releaseName: api\n  namespace: shop\n${more}`;

test("a chart that a kustomization inflates is scaled in its values", () => {
  assert.equal(
    outcome({ "k/kustomization.yaml": inflated("  valuesInline:\n    replicaCount: 2\n") }, api),
    "k/kustomization.yaml:6 helmCharts[0].valuesInline.replicaCount 2 → 3",
  );
  assert.equal(
    outcome(
      { "k/kustomization.yaml": inflated("  valuesFile: v.yaml\n"), "k/v.yaml": "replicaCount: 2\n" },
      api,
    ),
    "k/v.yaml:1 replicaCount 2 → 3",
  );
  assert.match(
    outcome(
      {
        "k/kustomization.yaml": `${inflated("  valuesInline:\n    replicaCount: 2\n")}replicas: [{name: api, count: 4}]\n`,
      },
      api,
    ),
    /^k\/kustomization\.yaml:1 patches what the chart web makes$/,
  );
  const generator =
    "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\nname: web\nreleaseName: api\nvaluesInline: {replicaCount: 2}\n";
  assert.equal(outcome({ "k/g.yaml": generator }, api), "k/g.yaml:6 valuesInline.replicaCount 2 → 3");
});

test("a chart that two environments inflate is not edited for one", () => {
  const files = {
    "base/kustomization.yaml": inflated("  valuesInline:\n    replicaCount: 2\n"),
    "prod/kustomization.yaml": "resources: [../base]\n",
    "stg/kustomization.yaml": "resources: [../base]\n",
  };
  assert.match(
    outcome(files, api),
    /stands in a layer that is also part of prod, stg: set it in a layer of this one alone first$/,
  );
});

test("OpenTofu, Terragrunt's inputs and maps of numbers are edited as Terraform is", () => {
  const max = (to: string): Partial<Ask> => ({ field: "max", to });
  const group = 'resource "aws_autoscaling_group" "web" {\n  max_size = 4\n}\n';
  assert.equal(
    outcome({ "main.tofu": group }, "Terraform/-/aws_autoscaling_group.web", max("6")),
    "main.tofu:2 resource.aws_autoscaling_group.web.max_size 4 → 6",
  );
  assert.equal(
    outcome(
      { "prod/terragrunt.hcl": "inputs = {\n  web = { max_size = 4 }\n}\n" },
      "Terraform/-/web.max_size",
      max("6"),
    ),
    "prod/terragrunt.hcl:2 inputs.web.max_size 4 → 6",
  );
  assert.equal(
    outcome({ "p.tfvars": "max_sizes = {\n  web = 4\n}\n" }, "Terraform/-/max_sizes.web", max("6")),
    "p.tfvars:2 max_sizes.web 4 → 6",
  );
  const lambda =
    'resource "aws_lambda_provisioned_concurrency_config" "api" {\n  provisioned_concurrent_executions = 4\n}\n';
  assert.equal(
    outcome({ "main.tf": lambda }, "aws_lambda_provisioned_concurrency_config/-/api", { to: "6" }),
    "main.tf:2 resource.aws_lambda_provisioned_concurrency_config.api.provisioned_concurrent_executions 4 → 6",
  );
});

const tempo = (values: string, chart = "tempo-distributed") => ({
  "r.yaml": `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: tempo, namespace: obs}
spec:
  chart: {spec: {chart: ${chart}, sourceRef: {kind: HelmRepository, name: g}}}
  values: ${values}
`,
});

test("a release of several parts of which one has a number is refused with their keys, and the part by its name is edited", () => {
  const one = tempo("{ingester: {replicas: 2}}");
  const parts =
    "r.yaml:1: tempo has several parts: name the workload that is meant, one of tempo-distributor (distributor.replicas), tempo-ingester (ingester.replicas), tempo-querier (querier.replicas), tempo-compactor (compactor.replicas), tempo-gateway (gateway.replicas), tempo-query-frontend (queryFrontend.replicas)";
  assert.equal(outcome(one, "HelmRelease/obs/tempo"), parts);
  const edit = "r.yaml:6 spec.values.ingester.replicas 2 → 3";
  assert.equal(outcome(one, "Deployment/obs/tempo-ingester"), edit);
  const webhook = tempo("{webhook: {replicaCount: 2}}", "cert-manager");
  assert.match(
    outcome(webhook, "HelmRelease/obs/tempo"),
    /one of tempo \(replicaCount\), tempo-webhook \(webhook\.replicaCount\), tempo-cainjector/,
  );
  const own = tempo("{replicaCount: 2}", "cert-manager");
  assert.equal(outcome(own, "HelmRelease/obs/tempo"), "r.yaml:6 spec.values.replicaCount 2 → 3");
});

test("a part that is off does not hide the part that runs", () => {
  const at = (more: string) =>
    outcome(tempo(`{controller: {replicaCount: 2}${more}}`, "ingress-nginx"), "HelmRelease/obs/tempo");
  assert.equal(at(""), "r.yaml:6 spec.values.controller.replicaCount 2 → 3");
  assert.equal(
    at(", defaultBackend: {enabled: false}"),
    "r.yaml:6 spec.values.controller.replicaCount 2 → 3",
  );
  assert.match(at(", defaultBackend: {enabled: true}"), /tempo has several parts/);
});

test("the number of tasks of an ECS service is edited in Terraform, and refused where an expression makes it", () => {
  const service = (count: string) => ({
    "ecs.tf": `resource "aws_ecs_service" "web" {\n  name          = "web"\n  desired_count = ${count}\n}\n`,
  });
  const path = "resource.aws_ecs_service.web.desired_count";
  for (const target of ["Terraform/-/aws_ecs_service.web", "aws_ecs_service/-/web"])
    assert.equal(outcome(service("2"), target), `ecs.tf:3 ${path} 2 → 3`);
  const variable = { ...service("var.web_desired_count"), "prod.tfvars": "web_desired_count = 2\n" };
  assert.equal(outcome(variable, "Terraform/-/aws_ecs_service.web"), "prod.tfvars:1 web_desired_count 2 → 3");
  assert.equal(
    outcome(service("local.n"), "Terraform/-/aws_ecs_service.web"),
    "ecs.tf:3: desired_count is an expression (local.n), not a plain number",
  );
});

test("the number of tasks of an ECS service in a template of CloudFormation is refused by its kind", () => {
  const files = {
    "ecs.yaml":
      "Resources:\n  Web:\n    Type: AWS::ECS::Service\n    Properties: {DesiredCount: 2, TaskDefinition: !Ref Task}\n",
  };
  for (const kind of ["CloudFormation", "AWS::ECS::Service"])
    assert.match(
      outcome(files, `${kind}/-/Web`),
      new RegExp(`^${kind} is not a kind that is scaled here; it is one of `),
    );
});

test("a workload that was switched off is not started, and a minimum of none may be raised", () => {
  const off = {
    "d.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {replicas: 0}\n",
  };
  for (const to of ["1", "2"])
    assert.equal(
      outcome(off, "Deployment/-/api", { to }),
      "d.yaml:4: spec.replicas is 0, so it was switched off: to start it is for a person",
    );
  const idle = {
    "s.yaml":
      "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: api}\nspec: {minReplicaCount: 0, maxReplicaCount: 4, scaleTargetRef: {name: api}}\n",
  };
  assert.equal(
    outcome(idle, "ScaledObject/-/api", { field: "min", to: "1" }),
    "s.yaml:4 spec.minReplicaCount 0 → 1",
  );
});

test("a chart that nothing releases is not the workload of that name in a namespace that has none", () => {
  const deployment =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: old}\nspec: {replicas: 2}\n";
  const files = {
    "base/kustomization.yaml": "resources: [d.yaml]\n",
    "base/d.yaml": deployment,
    "o/kustomization.yaml": "namespace: shop\nresources: [../base]\n",
    "trial/web/Chart.yaml": "name: web\nversion: 1.0.0\n",
    "trial/web/values.yaml": "replicas: 2\n",
    "trial/web/templates/d.yaml":
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: {{ .Values.replicas }}\n",
  };
  assert.match(outcome(files, "Deployment/old/web"), /^there is no Deployment old\/web here/);
  const trial = "trial/web/values.yaml:1 replicas 2 → 3";
  assert.equal(outcome(files, "Deployment/old/web", { path: "trial" }), trial);
});
