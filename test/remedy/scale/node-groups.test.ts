import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ask } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";

type Files = Record<string, string>;
const ask = (files: Files, change: Partial<Ask> = {}, name = "web-asg") =>
  scale(new Map(Object.entries(files)), {
    ...{ field: "max", to: "12", target: { kind: "ClusterAutoscaler", namespace: "", name } },
    ...change,
  });
/** The changed line with its file, or the reason. */
const outcome = (files: Files, change: Partial<Ask> = {}, name?: string): string => {
  const result = ask(files, change, name);
  if (isRefused(result)) return result.refused;
  const { file, line } = result.owner;
  const [before, after] = [files[file] ?? "", result.text].map((text) => text.split("\n"));
  const changed = after?.filter((one, at) => one !== before?.[at]) ?? [];
  assert.equal(after?.[line - 1], changed[0]);
  return `${file}:${line} ${changed.map((one) => one.trim()).join(" | ")}`;
};

const deployment = (...flags: string[]) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: cluster-autoscaler, namespace: kube-system }
spec:
  template:
    spec:
      containers:
        - name: cluster-autoscaler
          command:
            - ./cluster-autoscaler
            # --nodes=1:99:web-asg was too much
${flags.map((flag) => `            - ${flag}\n`).join("")}`;
const script = `apiVersion: v1
kind: ConfigMap
metadata: { name: cluster-autoscaler-flags }
data:
  start.sh: |
    # exec ./cluster-autoscaler --nodes=1:3:web-asg
    exec ./cluster-autoscaler --v=4 --nodes=2:10:web-asg --nodes=1:4:batch-asg
`;
const group = "autoscalingGroups:\n  - name: web-asg # the shop\n    maxSize: 10\n    minSize: 2\n";
const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: ca }
spec:
  values:
${group.replace(/^/gm, "    ").trimEnd()}
`;
const address = "https://www.googleapis.com/compute/v1/projects/p/zones/z/instanceGroups/web-asg";

test("the bound of a node group is edited where the autoscaler is told of it, and nothing else", () => {
  for (const [text, expected] of [
    [deployment("--nodes=1:4:batch-asg", "--nodes=2:10:web-asg"), "13 - --nodes=2:12:web-asg"],
    [deployment('"--nodes=2:10:web-asg"'), '12 - "--nodes=2:12:web-asg"'],
    [deployment("--nodes", "'2:10:web-asg'"), "13 - '2:12:web-asg'"],
    [deployment("-nodes=2:10:web-asg # the shop"), "12 - -nodes=2:12:web-asg # the shop"],
    [deployment(`--nodes=2:10:${address}`), `12 - --nodes=2:12:${address}`],
    [script, "7 exec ./cluster-autoscaler --v=4 --nodes=2:12:web-asg --nodes=1:4:batch-asg"],
    [group, "3 maxSize: 12"],
    [release, "8 maxSize: 12"],
    [`cluster-autoscaler:\n${group.replace(/^/gm, "  ").trimEnd()}\n`, "4 maxSize: 12"],
  ] as const)
    assert.equal(outcome({ "ca/a.yaml": text }), `ca/a.yaml:${expected}`);
  const lower = { field: "min", to: "4" } as const;
  assert.equal(
    outcome({ "a.yaml": deployment("--nodes=2:10:web-asg") }, lower),
    "a.yaml:12 - --nodes=4:10:web-asg",
  );
  assert.equal(outcome({ "a.yaml": group }, lower), "a.yaml:4 minSize: 4");
});

test("a change of a node group says how many nodes it is, and that the cloud's own bound must allow it", () => {
  const made = ask({ "a.yaml": deployment("--nodes=2:10:web-asg") });
  assert.ok(!isRefused(made));
  assert.deepEqual(
    [made.owner.kind, made.owner.name, made.before, made.after],
    ["ClusterAutoscaler", "web-asg", 10, 12],
  );
  assert.deepEqual(made.effects, [
    "+2 nodes at the most",
    "the group's own maximum at the cloud must allow it too",
  ]);
});

test("a node group that is bounded twice, discovered, only reported or not there is refused with the place", () => {
  const flag = deployment("--nodes=2:10:web-asg");
  const refused: [Files, Partial<Ask>, string][] = [
    [
      { "a.yaml": flag, "b.yaml": group },
      {},
      "two owners: a.yaml:12 and b.yaml:3 both bound web-asg; say which with --path",
    ],
    [
      { "a.yaml": flag },
      { to: "40" },
      "a.yaml:12: --nodes max: --max 40 is more than 2 times the 10 it is: at most 20 in one step",
    ],
    [{ "a.yaml": flag }, { to: "1" }, "a.yaml:12: --nodes max: 1 is below its minimum of 2 (a.yaml)"],
    [
      { "a.yaml": flag },
      { field: "replicas" },
      "a node group of Cluster Autoscaler has a --min and a --max, and no other value",
    ],
    [
      { "a.yaml": deployment("--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled") },
      {},
      "a.yaml: the autoscaler discovers its node groups, so the limit of web-asg is that of the group itself, as in Terraform/-/aws_autoscaling_group.NAME",
    ],
    [
      {
        "a.yaml":
          "kind: ConfigMap\nmetadata: {name: cluster-autoscaler-status}\ndata:\n  status: |\n    Name: web-asg\n    Health: Healthy (minSize=2, maxSize=10)\n",
      },
      {},
      "a.yaml: cluster-autoscaler-status is written by the autoscaler, and sets no limit",
    ],
    [
      { "a.yaml": flag.replaceAll("web-asg", "web-asg-2") },
      {},
      "there is no node group web-asg in --nodes or autoscalingGroups here",
    ],
    [{ "a.yaml": `${flag}\n  broken: [web-asg\n` }, {}, "a.yaml:15: "],
  ];
  for (const [files, change, expected] of refused) {
    const told = outcome(files, change);
    assert.equal(told.slice(0, expected.length), expected, told);
  }
  assert.equal(
    outcome({ "a/x.yaml": flag, "b/x.yaml": flag }, { path: "b" }),
    "b/x.yaml:12 - --nodes=2:12:web-asg",
  );
});

test("a node group in a base of two overlays is set for none of them alone", () => {
  const overlay = "resources: [../base]\n";
  const files = {
    "base/kustomization.yaml": "resources: [ca.yaml]\n",
    "base/ca.yaml": deployment("--nodes=2:10:web-asg"),
    "prod/kustomization.yaml": overlay,
    "staging/kustomization.yaml": overlay,
  };
  assert.match(outcome(files), /^base\/ca\.yaml:12: --nodes max stands in a layer that is also part of/);
});
