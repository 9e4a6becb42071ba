import assert from "node:assert/strict";
import { test } from "node:test";
import { bumpsOf, isBumpOnly, putBack } from "../../../shared/remedy/rollback/bumps.ts";

type Told = [form: string, field: string, name: string | undefined, from: string, to: string, line: number];

/** The bumps found in a file in which `from` became `to`; putting it back must give the very bytes of before. */
const told = (path: string, before: string, [from, to]: [string, string]): Told[] => {
  const after = before.replaceAll(from, to);
  assert.notEqual(after, before);
  const files = [{ path, before, after }];
  const bumps = bumpsOf(files);
  if (bumps.length > 0) {
    assert.deepEqual(putBack(path, after, bumps), { text: before, moved: [] });
    assert.equal(isBumpOnly(files, bumps), true);
  }
  return bumps.map(({ form, field, name, from, to, line }) => [form, field, name, from, to, line]);
};

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

test("kustomize: a new tag, and a digest, under the name that runs", () => {
  const text = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [deployment.yaml]
images:
  # the gateway
  - name: gateway
    newName: ghcr.io/acme/gateway
    newTag: "1.10" # keep quoted
  - name: ghcr.io/acme/worker
    digest: ${digest("a")}
`;
  const at = (pair: [string, string]) => told("overlays/prod/kustomization.yaml", text, pair);
  assert.deepEqual(at(["1.10", "1.11"]), [["kustomize", "tag", "ghcr.io/acme/gateway", "1.10", "1.11", 8]]);
  assert.deepEqual(at([digest("a"), digest("b")]), [
    ["kustomize", "digest", "ghcr.io/acme/worker", digest("a"), digest("b"), 10],
  ]);
});

test("kustomize: the version of an inflated chart", () => {
  const text =
    "helmCharts:\n- name: redis\n  repo: https://charts.example\n  releaseName: cache\n  version: 18.1.0\n";
  assert.deepEqual(told("kustomization.yml", text, ["18.1.0", "18.2.0"]), [
    ["kustomize", "version", "redis", "18.1.0", "18.2.0", 5],
  ]);
});

test("plain manifests: the image of a container, in any document, with tag, digest or both", () => {
  const text = `# web
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    spec:
      initContainers:
        - { name: migrate, image: "registry.example:5000/acme/web:v1" }
      containers:
        - name: web
          image: registry.example:5000/acme/web:v1
        - name: proxy
          image: envoy@${digest("c")}
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: nightly
spec:
  jobTemplate: { spec: { template: { spec: { containers: [{ name: job, image: acme/job:7 }] } } } }
`;
  const at = (pair: [string, string]) => told("k8s/web.yaml", text, pair);
  assert.deepEqual(at(["acme/web:v1", "acme/web:v2"]), [
    ["manifest", "image", "registry.example:5000/acme/web", "v1", "v2", 9],
    ["manifest", "image", "registry.example:5000/acme/web", "v1", "v2", 12],
  ]);
  assert.deepEqual(at([digest("c"), digest("d")]), [
    ["manifest", "image", "envoy", digest("c"), digest("d"), 14],
  ]);
  assert.deepEqual(at(["job:7", `job:8@${digest("e")}`]), [
    ["manifest", "image", "acme/job", "7", `8@${digest("e")}`, 21],
  ]);
});

test("helm values: image.tag with its repository and registry, a whole reference, and imageTag", () => {
  const text = `replicaCount: 2
image:
  registry: ghcr.io
  repository: acme/gateway
  tag: 1.0.3
sidecar:
  image: acme/proxy:9
legacy: { image: acme/old, imageTag: b12 }
`;
  const at = (pair: [string, string]) => told("charts/gateway/values-prod.yaml", text, pair);
  assert.deepEqual(at(["1.0.3", "1.0.4"]), [
    ["helm-values", "tag", "ghcr.io/acme/gateway", "1.0.3", "1.0.4", 5],
  ]);
  assert.deepEqual(at(["proxy:9", "proxy:10"]), [["helm-values", "image", "acme/proxy", "9", "10", 7]]);
  assert.deepEqual(at(["b12", "b13"]), [["helm-values", "tag", "acme/old", "b12", "b13", 8]]);
  const bare = "image:\n  tag: 5\n";
  assert.deepEqual(told("values.yaml", bare, ["5", "6"]), [["helm-values", "tag", undefined, "5", "6", 2]]);
  const unnamed = "app:\n  repository: acme/app\n  tag: 5\n";
  assert.deepEqual(told("env/prod.yaml", unnamed, ["5", "6"]), [
    ["helm-values", "tag", "acme/app", "5", "6", 3],
  ]);
});

test("Argo CD: targetRevision of a chart or a repository, parameters, kustomize images, values", () => {
  const text = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: gateway, namespace: argocd }
spec:
  sources:
    - repoURL: https://charts.example
      chart: gateway
      targetRevision: 4.1.0
      helm:
        parameters:
          - { name: image.repository, value: ghcr.io/acme/gateway }
          - name: image.tag
            value: "77"
        valuesObject:
          sidecar: { image: "acme/proxy:p1" }
    - repoURL: https://git.example/acme/env.git
      path: prod
      targetRevision: env-9
      kustomize:
        images: ["web=ghcr.io/acme/web:w1"]
`;
  const at = (pair: [string, string]) => told("apps/gateway.yaml", text, pair);
  assert.deepEqual(at(["4.1.0", "4.2.0"]), [["argo-application", "version", "gateway", "4.1.0", "4.2.0", 8]]);
  assert.deepEqual(at(["env-9", "env-10"]), [
    ["argo-application", "revision", "https://git.example/acme/env.git", "env-9", "env-10", 18],
  ]);
  assert.deepEqual(at(['"77"', '"78"']), [
    ["argo-application", "tag", "ghcr.io/acme/gateway", "77", "78", 13],
  ]);
  assert.deepEqual(at([":p1", ":p2"]), [["argo-application", "image", "acme/proxy", "p1", "p2", 15]]);
  assert.deepEqual(at([":w1", ":w2"]), [["argo-application", "image", "ghcr.io/acme/web", "w1", "w2", 20]]);
});

test("Image Updater's own file: helm parameters and kustomize images", () => {
  const helm = `helm:
  parameters:
  - name: image.name
    value: ghcr.io/acme/gateway
    forcestring: true
  - name: image.tag
    value: 1.0.0-3f9c2d1
    forcestring: true
`;
  assert.deepEqual(told("prod/.argocd-source-gateway.yaml", helm, ["3f9c2d1", "8aa10bc"]), [
    ["argocd-source", "tag", "ghcr.io/acme/gateway", "1.0.0-3f9c2d1", "1.0.0-8aa10bc", 7],
  ]);
  const kustomize = "kustomize:\n  images:\n  - ghcr.io/acme/gateway:v1\n";
  assert.deepEqual(told(".argocd-source-gateway.yaml", kustomize, [":v1", ":v2"]), [
    ["argocd-source", "image", "ghcr.io/acme/gateway", "v1", "v2", 3],
  ]);
});

test("Flux: a HelmRelease's chart and image, sources, and any field with a marker", () => {
  const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: gateway, namespace: apps }
spec:
  chart:
    spec:
      chart: gateway
      version: "3.2.1"
      sourceRef: { kind: HelmRepository, name: acme }
  values:
    image:
      repository: ghcr.io/acme/gateway
      tag: main-3f9c2d1-1700000000 # {"$imagepolicy": "flux-system:gateway:tag"}
`;
  const at = (pair: [string, string]) => told("apps/gateway.yaml", release, pair);
  assert.deepEqual(at(["3.2.1", "3.2.2"]), [["flux-helmrelease", "version", "gateway", "3.2.1", "3.2.2", 8]]);
  assert.deepEqual(at(["3f9c2d1-1700000000", "8aa10bc-1700000999"]), [
    [
      "flux-helmrelease",
      "tag",
      "ghcr.io/acme/gateway",
      "main-3f9c2d1-1700000000",
      "main-8aa10bc-1700000999",
      13,
    ],
  ]);
  const source = `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: app }
spec: { url: "oci://ghcr.io/acme/app", ref: { tag: v1 } }
`;
  assert.deepEqual(told("app.yaml", source, ["tag: v1", "tag: v2"]), [
    ["flux-source", "tag", "ghcr.io/acme/app", "v1", "v2", 4],
  ]);
  const custom = `apiVersion: example.com/v1
kind: Robot
metadata: { name: r2 }
spec:
  runtime: ghcr.io/acme/robot:a1 # {"$imagepolicy": "flux-system:robot"}
`;
  assert.deepEqual(told("robot.yaml", custom, [":a1", ":a2"]), [
    ["flux-marker", "image", "ghcr.io/acme/robot", "a1", "a2", 5],
  ]);
});

test("charts: dependencies, and the releases of a helmfile that Jenkins X promotes in", () => {
  const chart =
    "name: env\nversion: 1.0.0\ndependencies:\n  - name: gateway\n    repository: https://c.example\n    version: 0.0.41\n";
  assert.deepEqual(told("env/Chart.yaml", chart, ["0.0.41", "0.0.42"]), [
    ["chart", "version", "gateway", "0.0.41", "0.0.42", 6],
  ]);
  const helmfile =
    "releases:\n- chart: dev/gateway\n  version: 0.0.41\n  name: gateway\n  namespace: jx-production\n";
  assert.deepEqual(told("helmfiles/jx-production/helmfile.yaml", helmfile, ["0.0.41", "0.0.42"]), [
    ["helmfile", "version", "dev/gateway", "0.0.41", "0.0.42", 3],
  ]);
});

const moves: [string, string, string, [string, string], Told[]][] = [
  [
    "an image with its digest under any key",
    "images.yaml",
    `sinks:\n  log: registry.example/log@${digest("a")}\n`,
    [digest("a"), digest("b")],
    [["keyed", "image", "registry.example/log", digest("a"), digest("b"), 2]],
  ],
  [
    "the chart that rendered manifests are of",
    "install.yaml",
    "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: istiod\n  labels:\n    helm.sh/chart: istiod-1.29.0\n",
    ["1.29.0", "1.29.1"],
    [["keyed", "tag", "istiod", "istiod-1.29.0", "istiod-1.29.1", 6]],
  ],
  [
    "Istio's tag beside its hub",
    "values.yaml",
    "global:\n  hub: docker.io/istio\n  tag: 1.29.0\n",
    ["1.29.0", "1.29.1"],
    [["helm-values", "tag", "docker.io/istio", "1.29.0", "1.29.1", 3]],
  ],
  [
    "a file of a release among resources",
    "kustomization.yaml",
    "resources:\n- https://github.com/acme/api/releases/download/v1.2.3/crds.yaml\n",
    ["v1.2.3", "v1.2.4"],
    [["kustomize", "revision", "https://github.com/acme/api", "v1.2.3", "v1.2.4", 2]],
  ],
  [
    "a file of a release in a setting of Terraform",
    "main.tf",
    'locals {\n  crds = "https://raw.githubusercontent.com/acme/api/v1.2.3/crds.yaml"\n}\n',
    ["v1.2.3", "v1.2.4"],
    [["lines", "revision", "https://raw.githubusercontent.com/acme/api", "v1.2.3", "v1.2.4", 2]],
  ],
  [
    "the version that a function of Terraform falls back on",
    "main.tf",
    'module "crossplane" {\n  chart_version = try(var.crossplane.chart_version, "1.15.0")\n}\n',
    ["1.15.0", "1.15.1"],
    [["lines", "tag", "chart_version", "1.15.0", "1.15.1", 2]],
  ],
  [
    "the version of a provider in a map of Terraform",
    "main.tf",
    'locals {\n  upbound = {\n    version = "v1.5.0"\n  }\n}\n',
    ["v1.5.0", "v1.6.0"],
    [["lines", "version", "upbound", "v1.5.0", "v1.6.0", 3]],
  ],
  [
    "a version of jsonnet, by the component around it",
    "all.libsonnet",
    "{\n  loki:: loki({\n    version: '2.7.1',\n  }),\n}\n",
    ["2.7.1", "2.7.2"],
    [["lines", "version", "loki:: loki", "2.7.1", "2.7.2", 3]],
  ],
  [
    "a digest of CUE",
    "list.cue",
    `_image: {\n  digest: "${digest("a")}"\n}\n`,
    [digest("a"), digest("b")],
    [["lines", "digest", "_image", digest("a"), digest("b"), 2]],
  ],
  [
    "an image that a recipe copies from",
    "Dockerfile",
    "FROM scratch\nCOPY --chown=1 --from=registry.example/tofu:1.12.4 /bin/tofu /bin/tofu\n",
    ["1.12.4", "1.12.5"],
    [["lines", "image", "registry.example/tofu", "1.12.4", "1.12.5", 2]],
  ],
  [
    "a collection of Ansible",
    "ansible/requirements.yml",
    "collections:\n- name: kubernetes.core\n  version: 6.0.0\n",
    ["6.0.0", "6.1.0"],
    [["pipeline", "version", "kubernetes.core", "6.0.0", "6.1.0", 3]],
  ],
  [
    "a module of Timoni",
    "bundle.cue",
    'bundle: {\n  instances: {\n    api: {\n      module: {\n        url: "oci://registry.example/modules/api"\n        version: "6.5.4"\n      }\n    }\n  }\n}\n',
    ["6.5.4", "6.5.5"],
    [["lines", "version", "oci://registry.example/modules/api", "6.5.4", "6.5.5", 6]],
  ],
  [
    "releases of a templated helmfile, and the version that a template falls back on",
    "releases/web.yaml",
    'releases:\n- name: web\n  chart: acme/web\n  version: "{{ env "WEB_VERSION" | default "1.2.3" }}"\n- name: api\n  chart: acme/api\n  version: "1.2.3"\n',
    ["1.2.3", "1.2.4"],
    [
      ["lines", "tag", "WEB_VERSION", "1.2.3", "1.2.4", 4],
      ["lines", "version", "acme/api", "1.2.3", "1.2.4", 7],
    ],
  ],
];

for (const [what, path, before, moved, expected] of moves)
  test(`${what} goes back`, () => assert.deepEqual(told(path, before, moved), expected));
