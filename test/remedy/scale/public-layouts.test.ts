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

const deployment = (name: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec:\n  replicas: 2\n`;
const hpa = (name: string, of: string) =>
  `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: ${name}, namespace: shop}\nspec:\n  maxReplicas: 4\n  scaleTargetRef: {kind: Deployment, name: ${of}}\n`;
const release = (name: string, chart: string, values: string) =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${name}}\nspec:\n  ${chart}\n  values:\n${values}`;
const chartRef = (name: string) => `chartRef: {kind: OCIRepository, name: ${name}}`;
const oci = (name: string, url: string) =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: ${name}}\nspec: {url: ${url}}\n`;

test("two autoscalers of one workload are both named, whichever of their names is asked for", () => {
  const files = { "a.yaml": hpa("front", "back"), "b.yaml": hpa("back", "back") };
  const both =
    "two owners: HorizontalPodAutoscaler shop/front (a.yaml:1) and HorizontalPodAutoscaler shop/back (b.yaml:1) both scale Deployment back";
  for (const name of ["front", "back"])
    assert.equal(outcome(files, `HorizontalPodAutoscaler/shop/${name}`, { field: "max", to: "5" }), both);
});

test("a workload that no kustomization lists is named, and changed where its folder is asked for", () => {
  const files = {
    "ci/kustomization.yaml": "resources: [infra.yaml]\n",
    "ci/infra.yaml": deployment("infra"),
    "ci/bots/api.yaml": deployment("api"),
    "ci/web.yaml": deployment("web"),
  };
  assert.equal(
    outcome(files, "Deployment//api"),
    "ci/bots/api.yaml:1 has Deployment api, which ci/kustomization.yaml does not list: say --path ci/bots if it is applied by itself",
  );
  assert.equal(
    outcome(files, "Deployment//api", { path: "ci/bots" }),
    "ci/bots/api.yaml:5 spec.replicas 2 → 3",
  );
  const unlisted = "ci/web.yaml:1 has Deployment web, which ci/kustomization.yaml does not list";
  assert.equal(outcome(files, "Deployment//web"), unlisted);
  assert.equal(outcome(files, "Deployment//web", { path: "ci" }), unlisted);
});

test("a broken application of another name is no obstacle, though the target's name begins like a word in it", () => {
  const broken = "kind: Application\nmetadata: {name: other, namespace: argocd}\nspec: a: b\n";
  const files = { "d.yaml": deployment("namespace-api"), "x.yaml": broken };
  assert.equal(outcome(files, "Deployment//namespace-api"), "d.yaml:5 spec.replicas 2 → 3");
});

test("definitions of kinds before an object leave its line and the edit as they are", () => {
  const definition = `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: apis}\nspec:\n  names: {kind: Äpi}\n`;
  const files = { "all.yaml": `---\n${definition}---\n${definition}--- # the last\n${deployment("api")}` };
  assert.equal(outcome(files, "Deployment//api"), "all.yaml:18 spec.replicas 2 → 3");
  const bare = { "all.yaml": `\n${definition}---\n${deployment("api")}` };
  assert.equal(outcome(bare, "Deployment//api"), "all.yaml:12 spec.replicas 2 → 3");
});

test("the chart of a HelmRelease is found by its chartRef, and app-template's controllers by their names", () => {
  const two = "    controllers:\n      web: {replicas: 2}\n      jobs: {replicas: 1}\n";
  const files = {
    "mail/hr.yaml": release("mail", chartRef("mail"), "    controllers:\n      relay: {replicas: 2}\n"),
    "mail/oci.yaml": oci("mail", "oci://ghcr.io/bjw-s-labs/helm/app-template"),
    "web/hr.yaml": release("app", chartRef("template"), two),
    "repositories/oci.yaml": oci("template", "oci://ghcr.io/bjw-s-labs/helm/app-template"),
    "net/hr.yaml": release("cilium", chartRef("cilium"), "    operator: {replicas: 2}\n"),
    "net/oci.yaml": oci("cilium", "oci://quay.io/cilium/charts/cilium"),
  };
  assert.equal(
    outcome(files, "HelmRelease//mail"),
    "mail/hr.yaml:8 spec.values.controllers.relay.replicas 2 → 3",
  );
  assert.equal(
    outcome(files, "Deployment//app-web"),
    "web/hr.yaml:8 spec.values.controllers.web.replicas 2 → 3",
  );
  assert.equal(
    outcome(files, "HelmRelease//app"),
    "web/hr.yaml:1: app has several parts: name the workload that is meant, one of app-web (controllers.web.replicas), app-jobs (controllers.jobs.replicas)",
  );
  assert.match(
    outcome(files, "HelmRelease//cilium"),
    /cilium has several parts.* cilium-operator \(operator/,
  );
  assert.equal(
    outcome(files, "Deployment//cilium-operator"),
    "net/hr.yaml:7 spec.values.operator.replicas 2 → 3",
  );
});

test("the replicas of a chart are left alone where a manifest scales what it makes, by a variable too", () => {
  const files = (name: string) => ({
    "web/hr.yaml": release("web", chartRef("app-template"), "    controllers:\n      web: {replicas: 2}\n"),
    "web/kustomization.yaml": "resources: [hr.yaml]\ncomponents: [../scaler]\n",
    "scaler/kustomization.yaml": "kind: Component\nresources: [scaler.yaml]\n",
    "scaler/scaler.yaml": `apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: "${name}"}\nspec:\n  scaleTargetRef: {name: "${name}"}\n`,
    "ks.yaml": `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\nspec:\n  path: ./web\n  sourceRef: {name: flux-system}\n  postBuild: {substitute: {APP: web}}\n`,
  });
  for (const name of ["web", "$" + "{APP}"])
    assert.match(
      outcome(files(name), "HelmRelease//web"),
      /^two owners: web\/hr\.yaml:8 \(spec\.values\.controllers\.web\.replicas\) and ScaledObject \S+ \(scaler\/scaler\.yaml:1\), which scales what the chart makes$/,
    );
});

test("a component of the Flux Kustomization itself scales what the chart makes, also where its variable is set nowhere", () => {
  const flux = (more: string) =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\nspec:\n  path: ./web\n  components: [../scaler]\n  targetNamespace: shop\n  sourceRef: {name: flux-system}\n${more}`;
  const variable = '"$' + '{APP}"';
  for (const more of ["", "  postBuild: {substitute: {APP: web}}\n"])
    for (const own of [{}, { "web/kustomization.yaml": "resources: [hr.yaml]\n" }])
      assert.match(
        outcome(
          {
            ...{ ...own, "ks.yaml": flux(more) },
            "web/hr.yaml": release(
              "web",
              chartRef("app-template"),
              "    controllers:\n      web: {replicas: 2}\n",
            ),
            "scaler/kustomization.yaml": "kind: Component\nresources: [h.yaml]\n",
            "scaler/h.yaml": hpa(variable, variable).replace(", namespace: shop", ""),
          },
          "HelmRelease//web",
        ),
        /^two owners: web\/hr\.yaml:8 .* and HorizontalPodAutoscaler \S+ \(scaler\/h\.yaml:1\)/,
      );
});

test("a path of an ApplicationSet means the folders that its generators say", () => {
  const set = `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: apps}\nspec:\n  generators:\n    - list: {elements: [{values.root: services/api, values.stage: prod}]}\n  template:\n    spec:\n      source:\n        path: "{{values.root}}/{{values.stage}}"\n        kustomize: {replicas: [{name: api, count: 5}]}\n`;
  const files = {
    "set.yaml": set,
    "services/api/prod/kustomization.yaml": "resources: [d.yaml]\n",
    "services/api/prod/d.yaml": deployment("api"),
    "services/web/kustomization.yaml": "resources: [d.yaml]\n",
    "services/web/d.yaml": deployment("web"),
  };
  assert.equal(
    outcome(files, "Deployment//api"),
    "ApplicationSet apps (set.yaml) sets it for every application that it makes (set.yaml:1)",
  );
  assert.equal(outcome(files, "Deployment//web"), "services/web/d.yaml:5 spec.replicas 2 → 3");
});

const appOfApps = {
  "charts/apps/Chart.yaml": "name: apps\n",
  "charts/apps/templates/app.yaml":
    '{{ range .Values.applications }}\nkind: Application\nmetadata:\n  name: {{ .name }}\nspec:\n  source:\n    path: {{ .chartPath | default "charts/web" }}\n    helm:\n      values: |\n        {{- toYaml .helmValues | nindent 8 }}\n{{ end }}\n',
  "charts/apps/values-prod.yaml":
    "replicaCount: 3\napplications:\n  - name: front\n    helmValues:\n      replicaCount: 2\n  - name: back\n    helmValues:\n      arch: arm64\n  - name: chat\n    helmValues:\n      replicaCount: 2\n      podAutoscaling:\n        - spec: {maxReplicas: 4}\n",
  "charts/apps/values-stg.yaml": "applications:\n  - name: front\n    helmValues: {replicaCount: 1}\n",
};

test("an application of a list in values is changed in its own entry, in the file of the environment", () => {
  const prod = { path: "charts/apps/values-prod.yaml" };
  assert.equal(
    outcome(appOfApps, "Application//front", prod),
    "charts/apps/values-prod.yaml:5 applications[0].helmValues.replicaCount 2 → 3",
  );
  assert.equal(
    outcome(appOfApps, "Deployment//front", prod),
    "charts/apps/values-prod.yaml:5 applications[0].helmValues.replicaCount 2 → 3",
  );
  assert.equal(
    outcome(appOfApps, "Application//front"),
    "two owners: charts/apps/values-prod.yaml:5 and charts/apps/values-stg.yaml:3 for charts/apps/values-prod.yaml:3 and charts/apps/values-stg.yaml:2; say which with --path",
  );
  assert.equal(
    outcome(appOfApps, "Application//back", prod),
    "charts/apps/values-prod.yaml:6: replicaCount is not set: write it there first",
  );
});

test("an application of a list that is scaled by its entry, or by its chart's own values, keeps its number", () => {
  const prod = { path: "charts/apps/values-prod.yaml" };
  assert.match(
    outcome(appOfApps, "Application//chat", prod),
    /podAutoscaling may scale it: which value decides/,
  );
  const chart = {
    "charts/web/Chart.yaml": "name: web\n",
    "charts/web/values.yaml": "hpa: {enabled: true, maxReplicas: 4}\n",
  };
  assert.equal(
    outcome({ ...appOfApps, ...chart }, "Application//front", prod),
    "charts/apps/values-prod.yaml:3: charts/web scales front by hpa.enabled in its own values",
  );
});

test("an entry in the values that environments are made of is not changed", () => {
  const own = {
    "charts/apps/values.yaml": "applications:\n  - name: only\n    helmValues: {replicaCount: 2}\n",
  };
  assert.equal(
    outcome({ ...appOfApps, ...own }, "Application//only"),
    "charts/apps/values.yaml:2 is the base of charts/apps/values-prod.yaml, charts/apps/values-stg.yaml: set it there first",
  );
});

test("a folder that an ApplicationSet makes of parameters is edited by its path, though two overlays have the set", () => {
  const set = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: api}
spec:
  generators:
  - merge:
      mergeKeys: [nameNormalized]
      generators:
      - clusters: {values: {sourceRoot: apps/api, environment: staging, clusterDir: ""}}
      - list:
          elements:
          - {nameNormalized: one, values.clusterDir: one}
          - {nameNormalized: two, values.clusterDir: two}
  template:
    metadata: {name: "api-{{nameNormalized}}"}
    spec:
      source: {path: "{{values.sourceRoot}}/{{values.environment}}/{{values.clusterDir}}"}
      destination: {namespace: shop}
`;
  const production =
    "- op: replace\n  path: /spec/generators/0/merge/generators/0/clusters/values/environment\n  value: production\n";
  const overlay = (namespace: string) =>
    `namespace: ${namespace}\nresources: [../base]\npatches:\n- {path: production.yaml, target: {kind: ApplicationSet}}\n`;
  const files = {
    "argo/base/kustomization.yaml": "resources: [api.yaml]\n",
    "argo/base/api.yaml": set,
    "argo/internal/kustomization.yaml": overlay("internal"),
    "argo/internal/production.yaml": production,
    "argo/public/kustomization.yaml": overlay("public"),
    "argo/public/production.yaml": production,
    "apps/api/base/kustomization.yaml": "resources: [api.yaml]\n",
    "apps/api/base/api.yaml": deployment("api"),
    "apps/api/production/one/kustomization.yaml": "resources: [../../base]\n",
    "apps/api/production/two/kustomization.yaml": "resources: [../../base]\n",
  };
  for (const cluster of ["one", "two"])
    assert.equal(
      outcome(files, "Deployment//api", { path: `apps/api/production/${cluster}` }),
      `apps/api/production/${cluster}/kustomization.yaml:4 replicas[0].count 2 → 3`,
    );
});

test("of a large file only the documents that may matter are read, and the edit stays exact", () => {
  const filler = `---\n# Copyright\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n  x: |\n${"    a: 'b\n".repeat(4000)}---\nkind: Widget\nspec: a: b\n---\n`;
  const files = { "all.yaml": `# Licence\n${filler}${deployment("api")}---\n${filler}` };
  assert.equal(outcome(files, "Deployment//api"), "all.yaml:4018 spec.replicas 2 → 3");
});

const from = (...entries: string[]) =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec:\n  chart: {spec: {chart: web}}\n  valuesFrom: [${entries.join(", ")}]\n`;
const generated = {
  "web/base/kustomization.yaml":
    "resources: [hr.yaml]\nconfigMapGenerator:\n- name: values\n  files:\n  - base.yaml=values.yaml\n",
  "web/base/hr.yaml": from("{kind: ConfigMap, name: values, valuesKey: base.yaml}"),
  "web/base/values.yaml": "# the defaults\nreplicaCount: 2\n",
  "web/prod/kustomization.yaml":
    "resources: [../base]\nconfigMapGenerator:\n- name: values\n  behavior: merge\n  files:\n  - prod.yaml=values.yaml\npatches:\n- target: {kind: HelmRelease}\n  path: hr.yaml\n",
  "web/prod/hr.yaml":
    "- op: add\n  path: /spec/valuesFrom/-\n  value: {kind: ConfigMap, name: values, valuesKey: prod.yaml}\n",
  "web/prod/values.yaml": "replicaCount: 4\n",
};

test("values of a map that a kustomization makes of files are edited in the file of the last layer", () => {
  assert.equal(
    outcome(generated, "HelmRelease//web", { to: "5" }),
    "web/prod/values.yaml:1 replicaCount 4 → 5",
  );
  const empty = { ...generated, "web/prod/values.yaml": "# nothing of its own\n" };
  assert.equal(outcome(empty, "HelmRelease//web"), "web/base/values.yaml:2 replicaCount 2 → 3");
});

test("generated values that two environments share are edited for none of them alone", () => {
  const dev = { "web/dev/kustomization.yaml": "resources: [../base]\n" };
  const both = { ...generated, ...dev, "web/prod/values.yaml": "# nothing of its own\n" };
  for (const path of ["web/prod", "web/base/values.yaml"])
    assert.match(
      outcome(both, "HelmRelease//web", { path }),
      /^web\/base\/values\.yaml:2(: replicaCount)? (stands in a layer that is also part of|is also the value of|is the value of) /,
    );
  assert.equal(
    outcome({ ...generated, ...dev }, "HelmRelease//web", { path: "web/prod", to: "5" }),
    "web/prod/values.yaml:1 replicaCount 4 → 5",
  );
});

test("values of a ConfigMap here are edited inside its block, and those of a Secret are elsewhere", () => {
  const map =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values}\ndata:\n  values.yaml: |\n    replicaCount: 2\n    title: '{{ .Release.Name }}'\n";
  const files = { "hr.yaml": from("{kind: ConfigMap, name: values}"), "map.yaml": map };
  assert.equal(outcome(files, "HelmRelease//web"), "map.yaml:6 data.values.yaml.replicaCount 2 → 3");
  const secret = "{kind: Secret, name: more}";
  assert.equal(
    outcome({ ...files, "hr.yaml": from("{kind: ConfigMap, name: values}", secret) }, "HelmRelease//web"),
    "hr.yaml:1 takes values from elsewhere (valuesFrom): the Secret more",
  );
  const password = from(
    "{kind: ConfigMap, name: values}",
    secret.replace("}", ", targetPath: auth.password}"),
  );
  assert.equal(
    outcome({ ...files, "hr.yaml": password }, "HelmRelease//web"),
    "map.yaml:6 data.values.yaml.replicaCount 2 → 3",
  );
});

test("a plain number in a block of values with templates is edited, and a templated one is named", () => {
  const set = (values: string) => `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: web, namespace: argocd}
spec:
  generators: [{list: {elements: [{env: prod}]}}]
  template:
    metadata: {name: "web-{{env}}"}
    spec:
      source:
        repoURL: https://charts.example
        chart: web
        helm:
          values: |
            {{- if .big }}
            {{- end }}
            host: {{env}}.shop.example
            ${values}
      destination: {namespace: shop}
`;
  const target = "Application//web-prod";
  assert.equal(
    outcome({ "set.yaml": set("replicaCount: 2 # {{env}}") }, target),
    "set.yaml:17 spec.template.spec.source.helm.values.replicaCount 2 → 3",
  );
  assert.equal(
    outcome({ "set.yaml": set("replicaCount: {{replicas}}") }, target),
    "set.yaml:17: replicaCount is templated ({{replicas}})",
  );
  assert.match(
    outcome({ "set.yaml": set("replicaCount: 2\n            image: {{\n            }}") }, target),
    /^set\.yaml:13 holds what is not YAML: /,
  );
  const two = set("replicaCount: 2").replace("[{env: prod}]", "[{env: prod}, {env: stg}]");
  assert.equal(
    outcome({ "set.yaml": two }, target),
    "set.yaml:17: spec.template.spec.source.helm.values.replicaCount is also the value of set.yaml:5: set it for this one alone first",
  );
});
