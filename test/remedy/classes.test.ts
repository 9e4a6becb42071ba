import assert from "node:assert/strict";
import { test } from "node:test";
import { guardedClasses, leftToPeople } from "../../shared/policy/change-classes.ts";
import { type ClassedFile, classesOf, needsText } from "../../shared/remedy/classes.ts";

const file = (path: string, patch: string, text?: string): ClassedFile => ({
  path,
  patch,
  ...(text !== undefined && { text }),
});
/** A manifest, and a diff of one of its lines that does not show its kind. */
const within = (apiVersion: string, kind: string, line: string): ClassedFile =>
  file(
    "apps/shop.yaml",
    `@@ -9,3 +9,3 @@ spec:\n-  ${line} old\n+  ${line} new`,
    [
      `apiVersion: v1\nkind: Service\nmetadata: { name: other }`,
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: shop }\nspec:\n  ${line} old`,
    ].join("\n---\n"),
  );

const cases: [string, ClassedFile, string[]][] = [
  ["the weight of a route", within("networking.istio.io/v1", "VirtualService", "weight:"), ["traffic"]],
  ["a filter of Envoy", within("networking.istio.io/v1alpha3", "EnvoyFilter", "patch:"), ["traffic"]],
  [
    "a route of the Gateway API",
    within("gateway.networking.k8s.io/v1", "HTTPRoute", "hostnames:"),
    ["traffic"],
  ],
  ["a network service", within("networkservicemesh.io/v1", "NetworkService", "payload:"), ["traffic"]],
  [
    "a traffic split of Knative",
    file("ksvc.yaml", "@@ -1 +1 @@\n-    percent: 0\n+    percent: 100"),
    ["traffic"],
  ],
  [
    "a constraint of Gatekeeper",
    within("constraints.gatekeeper.sh/v1beta1", "K8sRequiredLabels", "match:"),
    ["policy"],
  ],
  ["a policy of Kyverno", within("kyverno.io/v1", "ClusterPolicy", "rules:"), ["policy"]],
  ["a network policy", within("networking.k8s.io/v1", "NetworkPolicy", "ingress:"), ["policy"]],
  ["a role", within("rbac.authorization.k8s.io/v1", "Role", "rules:"), ["policy"]],
  [
    "an authorization policy of Istio",
    within("security.istio.io/v1", "AuthorizationPolicy", "action:"),
    ["policy"],
  ],
  ["a runtime class", within("node.k8s.io/v1", "RuntimeClass", "handler:"), ["runtime"]],
  ["a pod's runtime", within("apps/v1", "Deployment", "runtimeClassName:"), ["runtime"]],
  ["a seccomp profile", within("apps/v1", "Deployment", "localhostProfile:"), ["sandbox"]],
  [
    "capabilities",
    file("d.yaml", "@@ -1 +1 @@\n+          capabilities:\n+            add: [NET_ADMIN]"),
    ["sandbox"],
  ],
  ["a program of eBPF", file("src/trace.bpf.c", "@@ -1 +1 @@\n-  return 0;\n+  return 1;"), ["sandbox"]],
  ["a sysctl", file("etc/sysctl.d/90.conf", "@@ -1 +1 @@\n+net.core.somaxconn = 10"), ["sandbox"]],
  ["a limit of memory", within("apps/v1", "Deployment", "memory:"), ["resources"]],
  ["a quota", within("v1", "ResourceQuota", "pods:"), ["resources"]],
  ["a limit of a unit", file("shop.service", "@@ -1 +1 @@\n-MemoryMax=1G\n+MemoryMax=2G"), ["resources"]],
  [
    "a vertical autoscaler",
    within("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "updateMode:"),
    ["resources"],
  ],
  ["a node pool of Karpenter", within("karpenter.sh/v1", "NodePool", "expireAfter:"), ["node"]],
  ["a machine image", file("nodes.tf", '@@ -1 +1 @@\n-  ami = "a"\n+  ami = "b"'), ["node"]],
  ["a device", within("apps/v1", "Deployment", "sgx.intel.com/epc:"), ["node"]],
  ["replicas", within("apps/v1", "Deployment", "replicas:"), ["scale"]],
  ["an autoscaler", within("autoscaling/v2", "HorizontalPodAutoscaler", "metrics:"), ["scale"]],
  ["a scaled object of KEDA", within("keda.sh/v1alpha1", "ScaledObject", "triggers:"), ["scale"]],
  [
    "a flag of OpenFeature",
    file("flags.json", '@@ -1 +1 @@\n-  "defaultVariant": "off"\n+  "defaultVariant": "on"'),
    ["flag"],
  ],
  ["a table", file("db/1.sql", "@@ -0,0 +1 @@\n+alter table orders add column x int;"), ["migration"]],
  [
    "a column of Rails",
    file("db/1.rb", "@@ -0,0 +1 @@\n+    add_column :orders, :x, :integer"),
    ["migration"],
  ],
  [
    "a library",
    file("package.json", '@@ -1 +1 @@\n-    "hono": "4.1.0"\n+    "hono": "4.2.0"'),
    ["dependency"],
  ],
  ["locked versions", file("go.sum", "@@ -1 +1 @@\n-a v1\n+a v2"), ["dependency"]],
];
for (const [what, changed, classes] of cases)
  test(`${what} is a change of ${classes.join(" and ")}`, () =>
    assert.deepEqual(classesOf([changed]), classes));

test("lines and kinds decide, and never names", () => {
  for (const plain of [
    file("traffic/policy/runtime.yaml", "@@ -1 +1 @@\n-  color: a\n+  color: b"),
    file("src/weight.ts", "@@ -1 +1 @@\n-  weight: 1,\n+  weight: 2,"),
    file(
      "virtual-service.yaml",
      "@@ -1 +1 @@\n-  image: a\n+  image: b",
      "apiVersion: apps/v1\nkind: Deployment\n",
    ),
    file("package.json", '@@ -1 +1 @@\n-  "name": "a"\n+  "name": "b"'),
    file("README.md", "@@ -1 +1 @@\n+replicas: 3"),
    { path: "logo.png" },
  ])
    assert.deepEqual(classesOf([plain]), [], plain.path);
});

test("an object that the diff itself shows needs no whole file, and a change may be of several classes", () => {
  const shown = file(
    "vs.yaml",
    "@@ -0,0 +1,3 @@\n+apiVersion: networking.istio.io/v1\n+kind: VirtualService\n+spec: {}",
  );
  assert.deepEqual([needsText(shown), classesOf([shown])], [false, ["traffic"]]);
  const hidden = within("apps/v1", "Deployment", "memory:");
  assert.equal(needsText(hidden), true);
  assert.deepEqual(classesOf([shown, hidden, shown]), ["traffic", "resources"]);
});

test("the policy asks a person, or leaves the change to people, by its classes", () => {
  const policy = { traffic: "approve", runtime: "person" } as const;
  assert.deepEqual(guardedClasses(policy, ["traffic", "scale"]), [
    { reason: "policy.classes has traffic: approve" },
  ]);
  assert.deepEqual(
    [leftToPeople(policy, ["traffic"]), leftToPeople(policy, ["scale", "runtime"])],
    [undefined, "runtime"],
  );
  assert.deepEqual([guardedClasses(undefined, ["node"]), leftToPeople(undefined, ["node"])], [[], undefined]);
});
