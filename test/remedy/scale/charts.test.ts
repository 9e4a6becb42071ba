import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ask } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";

function outcome(files: Record<string, string>, target: string, change: Partial<Ask>): string {
  const [kind = "", namespace = "", name = ""] = target.split("/");
  const ask: Ask = { field: "replicas", ...(target && { target: { kind, namespace, name } }), ...change };
  const result = scale(new Map(Object.entries(files)), ask);
  if (isRefused(result)) return result.refused;
  const { owner, before, after } = result;
  return `${owner.kind} ${owner.name} ${owner.file}:${owner.line} ${owner.path} ${before} → ${after}`;
}

/** As `helm create` lays a chart out. */
const chart = (name = "api", folder = "chart/") => ({
  [`${folder}Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`,
  [`${folder}values.yaml`]: values(false),
  [`${folder}templates/deployment.yaml`]: `apiVersion: apps/v1\nkind: Deployment\nspec:\n  {{- if not .Values.autoscaling.enabled }}\n  replicas: {{ .Values.replicaCount }}\n  {{- end }}\n  template:\n    spec:\n      containers:\n        - name: {{ .Chart.Name }}\n          resources:\n            {{- toYaml .Values.resources | nindent 12 }}\n`,
  [`${folder}templates/hpa.yaml`]: `{{- if .Values.autoscaling.enabled }}\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec:\n  minReplicas: {{ .Values.autoscaling.minReplicas }}\n  maxReplicas: {{ .Values.autoscaling.maxReplicas }}\n{{- end }}\n`,
});
const values = (enabled: boolean) =>
  `# how many\nreplicaCount: 3\nautoscaling:\n  enabled: ${enabled}\n  minReplicas: 2\n  maxReplicas: 50 # ceiling\nresources:\n  limits:\n    memory: 512Mi\n`;
const on = { "chart/values.yaml": values(true) };
const max = (to: number): Partial<Ask> => ({ field: "max", to: String(to) });
const release = (inside: string, more = "") =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: api, namespace: shop}\nspec:\n  chart: {spec: {chart: web, version: 1.x}}\n${more}  values:\n${inside}`;
const application = (helm: string, source = "chart: web, ") =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: api, namespace: argocd}\nspec:\n  destination: {namespace: shop}\n  source:\n    ${source.trim().replace(/, ?$/, "").replaceAll(", ", "\n    ")}\n    helm:\n${helm}`;

const tests: [string, Record<string, string>, string, Partial<Ask>, string][] = [
  [
    "autoscaling off: replicaCount",
    chart(),
    "Deployment/shop/api",
    { to: "5" },
    "Deployment api chart/values.yaml:2 replicaCount 3 → 5",
  ],
  [
    "autoscaling on: maxReplicas",
    { ...chart(), ...on },
    "Deployment/shop/api",
    { to: "56" },
    "HorizontalPodAutoscaler api chart/values.yaml:6 autoscaling.maxReplicas 50 → 56",
  ],
  [
    "autoscaling on: minReplicas",
    { ...chart(), ...on },
    "Deployment/shop/api",
    { to: "4" },
    "HorizontalPodAutoscaler api chart/values.yaml:5 autoscaling.minReplicas 2 → 4",
  ],
  [
    "autoscaling off: a maximum decides nothing",
    chart(),
    "Deployment/shop/api",
    max(56),
    "chart/values.yaml:4: autoscaling.enabled is off, so the chart makes no autoscaler and its maximum decides nothing: ask for --to",
  ],
  [
    "a service is a chart called so",
    { ...chart(), ...on },
    "",
    { service: "api", by: "6" },
    "HorizontalPodAutoscaler api chart/values.yaml:6 autoscaling.maxReplicas 50 → 56",
  ],
  [
    "the memory limit of a chart",
    chart(),
    "Deployment/shop/api",
    { field: "memory", to: "768Mi" },
    "Deployment api chart/values.yaml:9 resources.limits.memory 512Mi → 768Mi",
  ],
  [
    "the values of one environment win",
    { ...chart(), "chart/values-prod.yaml": "autoscaling:\n  enabled: true\n  maxReplicas: 20\n" },
    "Deployment/shop/api",
    { to: "30" },
    "HorizontalPodAutoscaler api chart/values-prod.yaml:3 autoscaling.maxReplicas 20 → 30",
  ],
  [
    "two environments are two owners",
    {
      ...chart(),
      ...on,
      "chart/values-a.yaml": "autoscaling: {maxReplicas: 20}\n",
      "chart/values-b.yaml": "autoscaling: {maxReplicas: 30}\n",
    },
    "Deployment/shop/api",
    max(40),
    "two owners: chart/values-a.yaml:1 and chart/values-b.yaml:1 for chart/values-a.yaml and chart/values-b.yaml; say which with --path",
  ],
  [
    "an environment by its path",
    {
      ...chart(),
      ...on,
      "chart/values-a.yaml": "autoscaling: {maxReplicas: 20}\n",
      "chart/values-b.yaml": "autoscaling: {maxReplicas: 30}\n",
    },
    "Deployment/shop/api",
    { ...max(40), path: "chart/values-b.yaml" },
    "HorizontalPodAutoscaler api chart/values-b.yaml:1 autoscaling.maxReplicas 30 → 40",
  ],
  [
    "a value that two environments share",
    {
      ...chart(),
      ...on,
      "chart/values-a.yaml": "image: {tag: a}\n",
      "chart/values-b.yaml": "image: {tag: b}\n",
    },
    "Deployment/shop/api",
    max(60),
    "chart/values.yaml:6 is the value of chart/values-a.yaml and chart/values-b.yaml alike: set it for one of them first",
  ],
  [
    "a chart with names of its own",
    {
      ...chart(),
      "chart/values.yaml": "scaling:\n  on: true\n  top: 20\n",
      "chart/templates/hpa.yaml":
        "{{- if .Values.scaling.on }}\nkind: HorizontalPodAutoscaler\nspec:\n  maxReplicas: {{ .Values.scaling.top | int }}\n{{- end }}\n",
    },
    "Deployment/shop/api",
    { to: "30" },
    "HorizontalPodAutoscaler api chart/values.yaml:3 scaling.top 20 → 30",
  ],
  [
    "a chart with KEDA",
    {
      ...chart(),
      ...on,
      "chart/templates/hpa.yaml":
        "{{- if .Values.autoscaling.enabled }}\nkind: ScaledObject\nspec:\n  maxReplicaCount: {{ .Values.autoscaling.maxReplicas }}\n{{- end }}\n",
    },
    "Deployment/shop/api",
    { to: "60" },
    "ScaledObject api chart/values.yaml:6 autoscaling.maxReplicas 50 → 60",
  ],
  [
    "a chart below another, set from above",
    {
      ...chart("shop", ""),
      "values.yaml": "api:\n  autoscaling:\n    enabled: true\n    maxReplicas: 20\n",
      ...chart("api", "charts/api/"),
    },
    "Deployment/shop/api",
    { to: "30" },
    "HorizontalPodAutoscaler api values.yaml:4 api.autoscaling.maxReplicas 20 → 30",
  ],
  [
    "a chart's values in a Helm template are no values",
    { ...chart(), "chart/values.yaml": values(true).replace("50", "{{ .x }}") },
    "Deployment/shop/api",
    max(60),
    "chart/values.yaml:6 is templated ({{ … }})",
  ],
  [
    "a HelmRelease by the scaffold's condition",
    { "r.yaml": release("    autoscaling:\n      enabled: true\n      maxReplicas: 20\n") },
    "HelmRelease/shop/api",
    max(30),
    "HelmRelease api r.yaml:9 spec.values.autoscaling.maxReplicas 20 → 30",
  ],
  [
    "a HelmRelease without autoscaling",
    { "r.yaml": release("    replicaCount: 4\n") },
    "Deployment/shop/api-web",
    { to: "6" },
    "HelmRelease api r.yaml:7 spec.values.replicaCount 4 → 6",
  ],
  [
    "a HelmRelease whose values come from elsewhere",
    { "r.yaml": release("    image: x\n", "  valuesFrom: [{kind: ConfigMap, name: more}]\n") },
    "HelmRelease/shop/api",
    { to: "6" },
    "r.yaml:1 takes values from elsewhere (valuesFrom): the ConfigMap more",
  ],
  [
    "a HelmRelease that an overlay patches",
    {
      "base/kustomization.yaml": "resources: [r.yaml]\n",
      "base/r.yaml": release("    replicaCount: 4\n"),
      "prod/kustomization.yaml": "resources: [../base]\npatches:\n- path: p.yaml\n",
      "prod/p.yaml":
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: api}\nspec:\n  values:\n    replicaCount: 9\n",
    },
    "HelmRelease/shop/api",
    { to: "12" },
    "HelmRelease api prod/p.yaml:6 spec.values.replicaCount 9 → 12",
  ],
  [
    "Argo's valuesObject",
    { "a.yaml": application("      valuesObject:\n        autoscaling: {enabled: true, maxReplicas: 20}\n") },
    "Application/shop/api",
    max(30),
    "Application api a.yaml:10 spec.source.helm.valuesObject.autoscaling.maxReplicas 20 → 30",
  ],
  [
    "Argo's parameters win over its valuesObject, and stay strings",
    {
      "a.yaml": application(
        '      valuesObject:\n        autoscaling: {enabled: true, maxReplicas: 20}\n      parameters:\n      - {name: image.tag, value: x}\n      - name: autoscaling.maxReplicas\n        value: "40"\n',
      ),
    },
    "Application/shop/api",
    max(50),
    "Application api a.yaml:14 spec.source.helm.parameters[1].value 40 → 50",
  ],
  [
    "Argo's values in a block are edited in their own line",
    { "a.yaml": application("      values: |\n        autoscaling: {enabled: true, maxReplicas: 20}\n") },
    "Application/shop/api",
    max(30),
    "Application api a.yaml:10 spec.source.helm.values.autoscaling.maxReplicas 20 → 30",
  ],
  [
    "Argo's value files of a chart that is here",
    {
      ...chart(),
      "chart/values-prod.yaml": "autoscaling: {enabled: true, maxReplicas: 20}\n",
      "a.yaml": application("      valueFiles: [values-prod.yaml]\n", "path: chart, "),
    },
    "Deployment/shop/api",
    { to: "30" },
    "Application api chart/values-prod.yaml:1 autoscaling.maxReplicas 20 → 30",
  ],
  [
    "an HPA beside a chart that makes one too",
    {
      ...chart(),
      ...on,
      "hpa.yaml":
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api, namespace: shop}\nspec:\n  scaleTargetRef: {kind: Deployment, name: api}\n  maxReplicas: 50\n",
    },
    "Deployment/shop/api",
    { to: "56" },
    "two owners: hpa.yaml and the chart of chart/values.yaml both decide the scale of api; say which with --path",
  ],
  [
    "an HPA beside a chart that makes none",
    {
      ...chart(),
      "hpa.yaml":
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api, namespace: shop}\nspec:\n  scaleTargetRef: {kind: Deployment, name: api}\n  maxReplicas: 50\n",
    },
    "Deployment/shop/api",
    { to: "56" },
    "HorizontalPodAutoscaler api hpa.yaml:6 spec.maxReplicas 50 → 56",
  ],
  [
    "Terraform: a variable",
    { "prod.tfvars": '# web\nregion = "eu"\nweb_min_size = 2\nweb_max_size = 10 # asg\n' },
    "Terraform/-/web_max_size",
    max(15),
    "Terraform web_max_size prod.tfvars:4 web_max_size 10 → 15",
  ],
  [
    "Terraform: the minimum beside it",
    { "prod.tfvars": "web_min_size = 2\nweb_max_size = 10\n" },
    "Terraform/-/web_min_size",
    { field: "min", to: "4" },
    "Terraform web_min_size prod.tfvars:1 web_min_size 2 → 4",
  ],
  [
    "Terraform: a maximum below the minimum",
    { "prod.tfvars": "web_min_size = 6\nweb_max_size = 10\n" },
    "Terraform/-/web_max_size",
    max(5),
    "prod.tfvars:2: web_max_size: 5 is below its minimum of 6 (prod.tfvars)",
  ],
  [
    "Terraform: a map of a variable",
    { "prod.tfvars": "pools = {\n  web = { min_size = 1, max_size = 4 }\n}\n" },
    "Terraform/-/pools.web.max_size",
    max(8),
    "Terraform pools.web.max_size prod.tfvars:2 pools.web.max_size 4 → 8",
  ],
  [
    "Terraform: JSON",
    { "prod.tfvars.json": '{\n  "web_max_size": 10\n}\n' },
    "Terraform/-/web_max_size",
    max(15),
    "Terraform web_max_size prod.tfvars.json:2 web_max_size 10 → 15",
  ],
  [
    "Terraform: an attribute of a resource",
    {
      "main.tf":
        'resource "aws_autoscaling_group" "web" {\n  name     = "web-%{ if var.a }b%{ endif }"\n  max_size = 10\n  min_size = 2\n}\n',
    },
    "Terraform/-/aws_autoscaling_group.web",
    max(15),
    "Terraform aws_autoscaling_group.web main.tf:3 resource.aws_autoscaling_group.web.max_size 10 → 15",
  ],
  [
    "Terraform: a block of a resource, by its type",
    {
      "main.tf":
        'resource "aws_eks_node_group" "pool" {\n  scaling_config {\n    desired_size = 3\n    max_size     = 10\n    min_size     = 2\n  }\n}\n',
    },
    "aws_eks_node_group/-/pool",
    { to: "5" },
    "Terraform pool main.tf:3 resource.aws_eks_node_group.pool.scaling_config.desired_size 3 → 5",
  ],
  [
    "Terraform: a variable behind an attribute",
    {
      "main.tf": 'resource "aws_autoscaling_group" "web" {\n  max_size = var.web_max_size\n}\n',
      "a.tfvars": "web_max_size = 4\n",
    },
    "Terraform/-/aws_autoscaling_group.web",
    max(8),
    "Terraform aws_autoscaling_group.web a.tfvars:1 web_max_size 4 → 8",
  ],
  [
    "Terraform: an expression is refused",
    { "main.tf": 'resource "aws_autoscaling_group" "web" {\n  max_size = local.n * 2\n}\n' },
    "Terraform/-/aws_autoscaling_group.web",
    max(8),
    "main.tf:2: max_size is an expression (local.n * 2), not a plain number",
  ],
  [
    "Terraform: any other attribute is left alone",
    { "a.tfvars": "retention_days = 4\n" },
    "Terraform/-/retention_days",
    max(8),
    "a.tfvars:1: retention_days is no attribute for --max that may be changed",
  ],
  [
    "Terraform: two files are two owners",
    { "a.tfvars": "web_max_size = 4\n", "b.tfvars": "web_max_size = 6\n" },
    "Terraform/-/web_max_size",
    max(8),
    "two owners: a.tfvars:1 and b.tfvars:1 both set web_max_size; say which with --path",
  ],
  [
    "Terraform: what is no HCL",
    { "a.tfvars": 'x = "open\nweb_max_size = 4\n' },
    "Terraform/-/web_max_size",
    max(8),
    "a.tfvars:1: a string or sign that does not end",
  ],
  [
    "Pulumi: a number of a stack",
    {
      "Pulumi.prod.yaml": 'config:\n  aws:region: eu\n  shop:apiMax: "20"\n',
      "Pulumi.dev.yaml": 'config:\n  shop:apiMax: "2"\n',
    },
    "Pulumi/prod/shop:apiMax",
    { to: "30" },
    "Pulumi shop:apiMax Pulumi.prod.yaml:3 config.shop:apiMax 20 → 30",
  ],
  [
    "Pulumi: two stacks",
    {
      "Pulumi.prod.yaml": 'config:\n  shop:apiMax: "20"\n',
      "Pulumi.dev.yaml": 'config:\n  shop:apiMax: "2"\n',
    },
    "Pulumi/-/shop:apiMax",
    { to: "30" },
    "two owners: Pulumi.prod.yaml:2 and Pulumi.dev.yaml:2 both set shop:apiMax; name the stack",
  ],
  [
    "Pulumi: what is secret is never touched",
    { "Pulumi.prod.yaml": "config:\n  shop:apiMax:\n    secure: v1:abc\n" },
    "Pulumi/prod/shop:apiMax",
    { to: "30" },
    "Pulumi.prod.yaml:3: shop:apiMax is secret (secure), which is never touched",
  ],
];

for (const [name, files, target, change, expected] of tests)
  test(name, () => assert.equal(outcome(files, target, change), expected));
