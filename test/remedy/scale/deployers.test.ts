import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ask } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";

const outcome = (files: Record<string, string>, change: Partial<Ask>): string => {
  const target = { kind: "Deployment", namespace: "shop", name: "api" };
  const result = scale(new Map(Object.entries(files)), { field: "replicas", to: "3", target, ...change });
  if (isRefused(result)) return result.refused;
  return `${result.owner.file}:${result.owner.line} ${result.owner.path} ${result.before} → ${result.after}`;
};

const api = (replicas: string, namespace = ", namespace: shop") =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api${namespace}}\nspec:\n  replicas: ${replicas}\n`;
const base = (replicas = "2", namespace?: string) => ({
  "apps/kustomization.yaml": "resources: [api.yaml]\n",
  "apps/api.yaml": api(replicas, namespace),
});
const flux = (more: string, path = "./apps") =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ${path}\n  sourceRef: {kind: GitRepository, name: flux-system}\n${more}`;
const argo = (more: string, { kind = "Application", namespace = "shop", path = "apps" } = {}) =>
  `apiVersion: argoproj.io/v1alpha1\nkind: ${kind}\nmetadata: {name: api, namespace: argocd}\nspec:\n  destination: {namespace: ${namespace}}\n  source:\n    repoURL: https://example.com/acme/config\n    path: ${path}\n${more}`;
const operations = "      - op: replace\n        path: /spec/replicas\n        value: 2\n";

const from = (...kinds: string[]) =>
  `  postBuild: {substituteFrom: [${kinds.map((kind) => `{kind: ${kind}, name: settings}`).join(", ")}]}\n`;
const map = (entry: string, kind = "ConfigMap") =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: {name: settings, namespace: flux-system}\ndata: {${entry}}\n`;

const overlay = (namespace: string) => ({
  [`apps/${namespace}/kustomization.yaml`]: `namespace: ${namespace}\nresources: [../base]\n`,
});
const overlays = {
  "apps/base/kustomization.yaml": "resources: [api.yaml]\n",
  "apps/base/api.yaml": api("2", ""),
  ...overlay("prod"),
  ...overlay("stg"),
};
const elements = (count: string, more = "") =>
  `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all, namespace: argocd}\nspec:\n  generators:\n  - list:\n      elements:\n      - {env: prod, replicas: "6", values: {replicas: 7}}\n      - {env: stg, replicas: "1", values: {replicas: 2}}\n${more}  template:\n    metadata: {name: 'api-{{env}}'}\n    spec:\n      source:\n        path: 'apps/{{env}}'\n        kustomize: {replicas: [{name: api, count: ${count}}]}\n`;
const prod = { target: { kind: "Deployment", namespace: "prod", name: "api" }, to: "8" };
const fromFiles = elements("'{{.app.replicas}}'")
  .replace(/ {2}- list:[\s\S]* {2}template:/, '  - git: {files: [{path: "envs/*/config.json"}]}\n  template:')
  .replaceAll("{{env}}", "{{.app.env}}");
const config = (env: string, replicas: number) =>
  `{\n  "app": {"env": "${env}", "replicas": ${replicas}}\n}\n`;
const configs = { "envs/p/config.json": config("prod", 6), "envs/s/config.json": config("stg", 1) };

const elementTests: [string, Record<string, string>, Partial<Ask>, string][] = [
  ...(
    [
      ["'{{replicas}}'", "replicas 6"],
      ["'{{ .replicas }}'", "replicas 6"],
      ["'{{values.replicas}}'", "values.replicas 7"],
    ] as const
  ).map(([count, said]): [string, Record<string, string>, Partial<Ask>, string] => [
    `the parameter ${count} of an ApplicationSet stands in the element of the environment`,
    { ...overlays, "argo/set.yaml": elements(count) },
    prod,
    `argo/set.yaml:8 spec.generators[0].list.elements[0].${said} → 8`,
  ]),
  [
    "a parameter that the template makes something of is that of every application",
    { ...overlays, "argo/set.yaml": elements("'{{ default 2 .replicas }}'") },
    prod,
    "argo/set.yaml:15 is {{ default 2 .replicas }}, which ApplicationSet argocd/all (argo/set.yaml) makes of the parameters at argo/set.yaml:8, argo/set.yaml:9",
  ],
  [
    "a parameter that the element does not say is not written into it",
    { ...overlays, "argo/set.yaml": elements("'{{count}}'") },
    prod,
    "argo/set.yaml:15 is the parameter count of ApplicationSet argocd/all (argo/set.yaml), which argo/set.yaml:8 does not say",
  ],
  [
    "a parameter that the template has twice is not edited for one",
    { ...overlays, "argo/set.yaml": elements("'{{replicas}}'}, {name: web, count: '{{replicas}}'") },
    prod,
    "argo/set.yaml:15 is the parameter replicas (argo/set.yaml:8), which the template has 2 times: set it for this one alone first",
  ],
  [
    "a patch of the template may change anything",
    { ...overlays, "argo/set.yaml": elements("'{{replicas}}'", "  templatePatch: |\n    {}\n") },
    prod,
    "ApplicationSet argocd/all (argo/set.yaml) sets it for every application that it makes (argo/set.yaml:1)",
  ],
  [
    "a generator of two others is not followed",
    {
      ...overlays,
      "argo/set.yaml": elements("'{{replicas}}'").replace(
        "- list:",
        "- matrix:\n     generators:\n     - list:",
      ),
    },
    prod,
    "ApplicationSet argocd/all (argo/set.yaml) sets it for every application that it makes (argo/set.yaml:1)",
  ],
  [
    "a parameter of a git generator stands in the environment's file",
    { ...overlays, ...configs, "argo/set.yaml": fromFiles },
    prod,
    "envs/p/config.json:2 app.replicas 6 → 8",
  ],
  [
    "a file that another ApplicationSet takes the parameter from is not edited for one",
    {
      ...overlays,
      ...configs,
      "argo/set.yaml": fromFiles,
      "argo/web.yaml": fromFiles.replace("name: all", "name: web").replaceAll("apps/", "web/"),
    },
    prod,
    "argo/set.yaml:12 is the parameter app.replicas (envs/p/config.json:1), which ApplicationSet web (argo/web.yaml:1) has too: set it for this one alone first",
  ],
];

const chart = {
  "charts/api/Chart.yaml": "name: api\n",
  "charts/api/values.yaml": "replicaCount: 2\n",
  "charts/api/values-prod.yaml": "replicaCount: 3\n",
  "charts/api/templates/d.yaml":
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}}\nspec:\n  replicas: {{ .Values.replicaCount }}\n",
};
const released = (helm: string, generators = "- list:") => ({
  ...chart,
  "argo/set.yaml": elements("")
    .replace("- list:", generators)
    .replace(/ {8}path: [\s\S]*/, `        path: charts/api\n        helm: ${helm}\n`),
});
const application = { target: { kind: "Application", namespace: "", name: "api-prod" }, to: "8" };
const notAlone = "sets it for every application that it makes (argo/set.yaml:1)";
const chartTests: [string, Record<string, string>, Partial<Ask>, string][] = [
  [
    "a parameter of a chart stands in the element of the environment",
    released("{parameters: [{name: replicaCount, value: '{{replicas}}'}]}"),
    application,
    "argo/set.yaml:8 spec.generators[0].list.elements[0].replicas 6 → 8",
  ],
  [
    "so does one in the template's values",
    released("{valuesObject: {replicaCount: '{{values.replicas}}'}}"),
    application,
    "argo/set.yaml:8 spec.generators[0].list.elements[0].values.replicas 7 → 8",
  ],
  [
    "a values file that the template names by a parameter is that of the environment",
    released("{valueFiles: ['values-{{env}}.yaml']}"),
    { ...application, to: "5" },
    "charts/api/values-prod.yaml:1 replicaCount 3 → 5",
  ],
  [
    "a value of the template itself is that of every application",
    released("{valuesObject: {replicaCount: 4}}"),
    application,
    `ApplicationSet argocd/all (argo/set.yaml) ${notAlone}`,
  ],
  [
    "a value in a block of the template is that of every application",
    released("\n          values: |\n            replicaCount: 4"),
    application,
    "argo/set.yaml:17: spec.template.spec.source.helm.values.replicaCount is also the value of argo/set.yaml:9: set it for this one alone first",
  ],
  [
    "a parameter in such a block is named",
    released("\n          values: |\n            replicaCount: {{replicas}}"),
    application,
    "argo/set.yaml:17 is templated ({{ … }})",
  ],
  [
    "a chart whose value an ApplicationSet with a matrix sets is not edited below it",
    released(
      "{parameters: [{name: replicaCount, value: '{{replicas}}'}]}",
      "- matrix:\n     generators:\n     - list:",
    ),
    { target: { kind: "Deployment", namespace: "", name: "api" }, path: "charts/api/values.yaml", to: "3" },
    `ApplicationSet argocd/all (argo/set.yaml) ${notAlone}`,
  ],
  [
    "nor is a chart's own value that elements override",
    released("{parameters: [{name: replicaCount, value: '{{replicas}}'}]}"),
    { target: { kind: "Deployment", namespace: "", name: "api-prod" }, path: "charts/api", to: "8" },
    "argo/set.yaml:8: spec.generators[0].list.elements[0].replicas of ApplicationSet argocd/all decides the scale of Application api-prod and is outside of --path charts/api",
  ],
];
elementTests.push(...chartTests);

const tests: [string, Record<string, string>, Partial<Ask>, string][] = [
  [
    "a Flux Kustomization's patch is the last layer",
    {
      ...base(),
      "c/a.yaml": flux(`  patches:\n  - target: {kind: Deployment, name: api}\n    patch: |\n${operations}`),
    },
    {},
    "c/a.yaml:12 spec.patches[0].patch[0].value 2 → 3",
  ],
  [
    "a Flux Kustomization's merge patch names its object itself",
    {
      ...base(),
      "c/a.yaml": flux(
        "  patches:\n  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: api}\n      spec:\n        replicas: 6\n",
      ),
    },
    { to: "8" },
    "c/a.yaml:13 spec.patches[0].patch.spec.replicas 6 → 8",
  ],
  [
    "a Flux Kustomization that only applies the folder changes nothing",
    { ...base(), "c/a.yaml": flux("  prune: true\n") },
    {},
    "apps/api.yaml:5 spec.replicas 2 → 3",
  ],
  [
    "Flux applies the files of a folder without a kustomization",
    {
      "apps/shop/api.yaml": api("2"),
      "c/a.yaml": flux(`  patches:\n  - target: {kind: Deployment}\n    patch: |\n${operations}`),
    },
    {},
    "c/a.yaml:12 spec.patches[0].patch[0].value 2 → 3",
  ],
  [
    "a variable of Flux stands where it is set, and stays quoted",
    {
      ...base(`${"$"}{N:=2}`),
      "c/a.yaml": flux('  postBuild: {substitute: {N: "5"}}\n'),
    },
    { to: "7" },
    "c/a.yaml:7 spec.postBuild.substitute.N 5 → 7",
  ],
  [
    "a variable from a map elsewhere is named with its deployer",
    {
      ...base(`${"$"}{N}`),
      "c/a.yaml": flux("  postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}\n"),
    },
    {},
    "apps/api.yaml:5 is the variable N, which Kustomization flux-system/apps (c/a.yaml:1) takes from elsewhere (postBuild.substituteFrom): the ConfigMap settings cannot be told from the files here",
  ],
  [
    "a variable from a map that is here stands in the map, and stays quoted",
    { ...base(`${"$"}{N:=2}`), "c/a.yaml": flux(from("ConfigMap")), "c/m.yaml": map('N: "5"') },
    { to: "7" },
    "c/m.yaml:4 data.N 5 → 7",
  ],
  [
    "the last map that has the variable counts, and a Secret is not edited",
    {
      ...base(`${"$"}{N:=2}`),
      "c/a.yaml": flux(from("ConfigMap", "Secret")),
      "c/m.yaml": map('N: "5"'),
      "c/s.yaml": map('N: "5"', "Secret").replace("\ndata:", "\nstringData:"),
    },
    { to: "7" },
    "apps/api.yaml:5 is the variable N, which Kustomization flux-system/apps (c/a.yaml:1) takes from the Secret settings",
  ],
  [
    "a Secret without the variable is passed by, and so is an optional map that is not here",
    {
      ...base(`${"$"}{N:=2}`),
      "c/a.yaml": flux(
        from("ConfigMap", "Secret").replace("}]", "}, {kind: Secret, name: more, optional: true}]"),
      ),
      "c/m.yaml": map('N: "5"'),
      "c/s.yaml": map("M: ENC[x]", "Secret"),
    },
    { to: "7" },
    "c/m.yaml:4 data.N 5 → 7",
  ],
  [
    "a map that another cluster has too is that beside the deployer",
    {
      ...base(`${"$"}{N}`),
      "c/prod/a.yaml": flux(from("ConfigMap")),
      "c/prod/m.yaml": map('N: "5"'),
      "c/stg/m.yaml": map('N: "1"'),
    },
    { to: "7" },
    "c/prod/m.yaml:4 data.N 5 → 7",
  ],
  [
    "a map that a kustomization patches is not edited",
    {
      ...base(`${"$"}{N}`),
      "c/a.yaml": flux(from("ConfigMap")),
      "c/m.yaml": map('N: "5"'),
      "c/kustomization.yaml":
        'resources: [a.yaml, m.yaml]\npatches:\n- target:\n    kind: ConfigMap\n    name: settings\n  patch: |\n    - op: replace\n      path: /data/N\n      value: "9"\n',
    },
    { to: "7" },
    "apps/api.yaml:5 is the variable N, which Kustomization flux-system/apps (c/a.yaml:1) takes from elsewhere (postBuild.substituteFrom): the ConfigMap settings cannot be told from the files here",
  ],
  [
    "a variable of a map that another workload takes too is not edited for one, though nothing names both",
    {
      ...base(`${"$"}{N}`),
      "c/a.yaml": flux(from("ConfigMap")),
      "c/m.yaml": map('N: "5"'),
      "other/web.yaml": api(`${"$"}{N:-3}`).replace("name: api", "name: web"),
    },
    { to: "7" },
    "apps/kustomization.yaml:4 replicas[0].count 5 → 7",
  ],
  [
    "so is one that a deployer sets itself",
    {
      "apps/api.yaml": api(`${"$"}{N}`),
      "apps/web.yaml": api(`${"$"}{N}`).replace("name: api", "name: web"),
      "c/a.yaml": flux('  postBuild: {substitute: {N: "5"}}\n'),
    },
    { to: "7" },
    "c/a.yaml:7: spec.postBuild.substitute.N is the variable N, which apps/web.yaml:5 uses too: set it for this one alone first",
  ],
  [
    "a variable of the same name that another deployer sets for its own folder is another",
    {
      ...base(`${"$"}{N}`),
      "web/web.yaml": api(`${"$"}{N}`).replace("name: api", "name: web"),
      "c/a.yaml": flux('  postBuild: {substitute: {N: "5"}}\n'),
      "c/b.yaml": flux('  postBuild: {substitute: {N: "1"}}\n', "./web").replace("name: apps", "name: web"),
    },
    { to: "7" },
    "c/a.yaml:7 spec.postBuild.substitute.N 5 → 7",
  ],
  [
    "two clusters that apply one folder share its values",
    { ...base(), "c/prod/a.yaml": flux(""), "c/stg/a.yaml": flux("") },
    { path: "c/prod" },
    "apps/api.yaml:5: spec.replicas is also that of Deployment shop/api of Kustomization flux-system/apps (c/stg/a.yaml): set it for this one alone first",
  ],
  [
    "one of two clusters by its path",
    {
      ...base(`${"$"}{N}`),
      "c/prod/a.yaml": flux('  postBuild: {substitute: {N: "5"}}\n'),
      "c/stg/a.yaml": flux('  postBuild: {substitute: {N: "1"}}\n'),
    },
    { to: "7", path: "c/prod" },
    "c/prod/a.yaml:7 spec.postBuild.substitute.N 5 → 7",
  ],
  [
    "patches that a layer of the cluster gives a deployer take the place of its own",
    {
      ...base(),
      "c/kustomization.yaml": "resources: [a.yaml]\npatches:\n- path: p.yaml\n",
      "c/a.yaml": flux(""),
      "c/p.yaml":
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  patches:\n  - target: {kind: Deployment}\n    patch: |\n      - op: replace\n        path: /spec/replicas\n        value: 7\n",
    },
    { to: "8" },
    "c/p.yaml:10 spec.patches[0].patch[0].value 7 → 8",
  ],
  [
    "patches of other kinds that a cluster gives all its deployers change nothing here",
    {
      ...base(),
      "c/prod/a.yaml": flux(""),
      "c/top.yaml": flux(
        "  patches:\n  - target: {kind: Kustomization}\n    patch: |\n      apiVersion: kustomize.toolkit.fluxcd.io/v1\n      kind: Kustomization\n      metadata: {name: all}\n      spec:\n        patches:\n        - target: {kind: HelmRelease}\n          patch: |\n            kind: HelmRelease\n            spec: {interval: 1h}\n",
        "./c/prod",
      ).replace("name: apps,", "name: top,"),
    },
    {},
    "apps/api.yaml:5 spec.replicas 2 → 3",
  ],
  [
    "a variable that a layer of the cluster sets stands there",
    {
      ...base(`${"$"}{N}`),
      "c/kustomization.yaml": "resources: [a.yaml]\npatches:\n- path: p.yaml\n",
      "c/a.yaml": flux('  postBuild: {substitute: {N: "5"}}\n'),
      "c/p.yaml":
        'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  postBuild: {substitute: {N: "8"}}\n',
    },
    { to: "9" },
    "c/p.yaml:5 spec.postBuild.substitute.N 8 → 9",
  ],
  [
    "a deployer patched by the one that applies it",
    {
      ...base(),
      "c/prod/a.yaml": flux(""),
      "c/top.yaml": flux(
        "  patches:\n  - patch: |\n      apiVersion: kustomize.toolkit.fluxcd.io/v1\n      kind: Kustomization\n      metadata: {name: apps}\n      spec: {patches: [{target: {kind: Deployment}, patch: x}]}\n",
        "./c/prod",
      ).replace("name: apps,", "name: top,"),
    },
    {},
    "c/top.yaml:12 is YAML in a string that is no literal block (|)",
  ],
  [
    "an Application's replicas",
    {
      ...base("2", ""),
      "argo/api.yaml": argo("    kustomize:\n      replicas:\n      - name: api\n        count: 6\n"),
    },
    { to: "8" },
    "argo/api.yaml:12 spec.source.kustomize.replicas[0].count 6 → 8",
  ],
  [
    "an Application's patch",
    {
      ...base(),
      "argo/api.yaml": argo(
        "    kustomize:\n      patches:\n      - target: {kind: Deployment, name: api}\n        patch: |-\n          - op: replace\n            path: /spec/replicas\n            value: 4\n",
      ),
    },
    { to: "5" },
    "argo/api.yaml:15 spec.source.kustomize.patches[0].patch[0].value 4 → 5",
  ],
  [
    "of two Applications of one folder, the one in the namespace",
    {
      ...base("2", ""),
      "argo/prod.yaml": argo("    kustomize: {replicas: [{name: api, count: 6}]}\n"),
      "argo/stg.yaml": argo("    kustomize: {replicas: [{name: api, count: 1}]}\n", { namespace: "stg" }),
    },
    { to: "8" },
    "argo/prod.yaml:9 spec.source.kustomize.replicas[0].count 6 → 8",
  ],
  [
    "an Application in its several sources",
    {
      ...base(),
      "argo/api.yaml": argo("").replace(
        / {2}source:[\s\S]*/,
        "  sources:\n  - {repoURL: x, ref: values}\n  - {repoURL: z, path: apps, kustomize: {replicas: [{name: api, count: 6}]}}\n",
      ),
    },
    { to: "8" },
    "argo/api.yaml:8 spec.sources[1].kustomize.replicas[0].count 6 → 8",
  ],
  [
    "the file that Argo CD reads beside the manifests",
    {
      ...base(),
      "argo/api.yaml": argo(""),
      "apps/.argocd-source-api.yaml": "kustomize:\n  replicas:\n  - {name: api, count: 6}\n",
    },
    { to: "8" },
    "apps/.argocd-source-api.yaml:3 kustomize.replicas[0].count 6 → 8",
  ],
  [
    "an ApplicationSet sets it for all that it makes",
    {
      ...base(),
      "argo/set.yaml": `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all, namespace: argocd}\nspec:\n  generators: [{list: {elements: [{dir: apps}]}}]\n  template:\n    spec:\n      source:\n        path: '{{dir}}'\n        kustomize: {replicas: [{name: api, count: 6}]}\n`,
    },
    {},
    "ApplicationSet argocd/all (argo/set.yaml) sets it for every application that it makes (argo/set.yaml:1)",
  ],
  ...elementTests,
  [
    "an ApplicationSet with many templates in its path may mean any folder, and is not tried for ever",
    {
      ...base(),
      [`${"a".repeat(240)}/b.yaml`]: "kind: None\n",
      "argo/set.yaml": `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all, namespace: argocd}\nspec:\n  generators: [{list: {elements: [{dir: apps}]}}]\n  template:\n    spec:\n      source:\n        path: '${"{{.x}}a".repeat(24)}b'\n        kustomize: {replicas: [{name: api, count: 6}]}\n`,
    },
    {},
    "ApplicationSet argocd/all (argo/set.yaml) sets it for every application that it makes (argo/set.yaml:1)",
  ],
  [
    "an ApplicationSet that sets other things is only a way to the folder",
    {
      ...base(),
      "argo/set.yaml": `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all, namespace: argocd}\nspec:\n  generators: [{git: {directories: [{path: "*"}]}}]\n  template:\n    spec:\n      source:\n        path: '{{.path.path}}'\n        kustomize: {images: [a]}\n`,
    },
    {},
    "apps/api.yaml:5 spec.replicas 2 → 3",
  ],
  [
    "an Application with a plugin may set anything",
    { ...base(), "argo/api.yaml": argo("    plugin: {name: vault}\n") },
    {},
    "Application argocd/api (argo/api.yaml) runs a plugin, which may set it",
  ],
  [
    "replacements that set the field are not followed",
    {
      ...base(),
      "apps/kustomization.yaml":
        "resources: [api.yaml]\nreplacements:\n- source: {kind: ConfigMap, name: c, fieldPath: data.n}\n  targets:\n  - {select: {kind: Deployment, name: api}, fieldPaths: [spec.replicas]}\n",
    },
    {},
    "apps/kustomization.yaml:1 sets spec.replicas by replacements",
  ],
  [
    "replacements that set another field change nothing",
    {
      ...base(),
      "apps/kustomization.yaml":
        "resources: [api.yaml]\nreplacements:\n- source: {kind: ConfigMap, name: c, fieldPath: data.n}\n  targets:\n  - {select: {kind: Deployment, name: api}, fieldPaths: [metadata.labels.x]}\n",
    },
    {},
    "apps/api.yaml:5 spec.replicas 2 → 3",
  ],
];

for (const [name, files, change, expected] of tests)
  test(name, () => assert.equal(outcome(files, change), expected));

test("an element reads as the new value once it is edited", () => {
  for (const [name, files, change, expected] of elementTests.filter(([, , , said]) => said.endsWith("→ 8"))) {
    const given = new Map(Object.entries(files));
    const ask: Ask = { field: "replicas", to: "8", ...change };
    const edited = scale(given, ask);
    assert.ok(!isRefused(edited), name);
    const again = outcome(Object.fromEntries(given.set(edited.owner.file, edited.text)), { ...ask, to: "9" });
    assert.equal(again, expected.replace(/\S+ → 8/, "8 → 9"));
  }
});
