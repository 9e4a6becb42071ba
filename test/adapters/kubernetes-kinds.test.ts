import assert from "node:assert/strict";
import { test } from "node:test";
import { kubernetesApi } from "../../shared/adapters/deploys/kubernetes/api.ts";
import { serve } from "../support/answering.ts";

const a = "a".repeat(40);
const at = "2026-11-22T14:00:00Z";
const container = { image: "ghcr.io/acme/shop:2" };
const template = { spec: { containers: [container] } };
const condition = (type: string, status: string, reason: string, message = "") => ({
  ...{ type, status, reason, message, lastUpdateTime: at, lastTransitionTime: at },
});
type Row = [kind: string, state: string, object: object];
const rows = (kind: string, spec: object, states: [string, object][], metadata: object = {}): Row[] =>
  states.map(([state, status]) => [kind, state, { metadata: { generation: 2, ...metadata }, spec, status }]);

const pods = { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3 };
const controllers = [
  ...rows("StatefulSet", { template }, [
    ["succeeded ghcr.io/acme/shop:2", { observedGeneration: 2, currentRevision: "b", updateRevision: "b" }],
    ["started ghcr.io/acme/shop:2", { observedGeneration: 2, currentRevision: "a", updateRevision: "b" }],
    ["nothing", { observedGeneration: 1, currentRevision: "a", updateRevision: "a" }],
  ]),
  ...rows("DaemonSet", { template }, [
    ["succeeded ghcr.io/acme/shop:2", { ...pods, numberAvailable: 3 }],
    ["nothing", { ...pods, numberAvailable: 2 }],
    ["started ghcr.io/acme/shop:2", { ...pods, updatedNumberScheduled: 1, numberAvailable: 3 }],
  ]),
];

const aborted = 'RolloutAborted: Rollout aborted update to revision 3: Metric "errors" assessed Failed';
const course = (over: object) => ({ observedGeneration: "2", currentPodHash: "b", stableRS: "b", ...over });
const rollouts = rows("Rollout", { template }, [
  ["succeeded ghcr.io/acme/shop:2", course({ phase: "Healthy" })],
  ["started ghcr.io/acme/shop:2", course({ phase: "Paused", stableRS: "a" })],
  ["started ghcr.io/acme/shop:2", course({ phase: "Progressing", stableRS: "a" })],
  [
    `rolled back ghcr.io/acme/shop:2 ${aborted} ${at}`,
    course({ phase: "Degraded", abort: true, abortedAt: at, message: aborted }),
  ],
  [
    `rolled back ghcr.io/acme/shop:2 ${aborted} ${at}`,
    course({ phase: "Degraded", conditions: [condition("Progressing", "False", "RolloutAborted", aborted)] }),
  ],
  ["failed ghcr.io/acme/shop:2 crash", course({ phase: "Degraded", message: "crash" })],
  ["nothing", { ...course({ phase: "Healthy" }), observedGeneration: "1" }],
]);

const revision = `main@sha1:${a}`;
const kustomizations = rows("Kustomization", {}, [
  [
    "succeeded a",
    { conditions: [condition("Ready", "True", "ReconciliationSucceeded")], lastAppliedRevision: revision },
  ],
  [
    "succeeded a",
    {
      conditions: [condition("Ready", "True", "ReconciliationSucceeded")],
      ...{ lastAppliedRevision: `latest@sha256:${"1".repeat(64)}`, lastAppliedOriginRevision: revision },
    },
  ],
  [
    "failed a timeout",
    {
      conditions: [condition("Ready", "False", "HealthCheckFailed", "timeout")],
      ...{ lastAppliedRevision: "main@sha1:b", lastAttemptedRevision: revision },
    },
  ],
  [
    "started a",
    {
      conditions: [condition("Ready", "Unknown", "Progressing")],
      ...{ lastAppliedRevision: "main@sha1:b", lastAttemptedRevision: revision },
    },
  ],
  // A look at what runs already, and a dependency that is waited for.
  [
    "nothing",
    {
      conditions: [condition("Ready", "Unknown", "Progressing")],
      ...{ lastAppliedRevision: revision, lastAttemptedRevision: revision },
    },
  ],
  [
    "nothing",
    { conditions: [condition("Ready", "False", "DependencyNotReady")], lastAttemptedRevision: revision },
  ],
]);

const annotations = { "event.toolkit.fluxcd.io/image": "ghcr.io/acme/shop:2" };
const history = [{ status: "deployed", lastDeployed: at, chartVersion: "1.8.3" }];
const upgradeFailed = condition("Released", "False", "UpgradeFailed");
const releases = rows(
  "HelmRelease",
  {},
  [
    [
      `succeeded ghcr.io/acme/shop:2 ${at}`,
      { observedGeneration: 2, conditions: [condition("Ready", "True", "UpgradeSucceeded")], history },
    ],
    [
      `rolled back ghcr.io/acme/shop:2 went back ${at}`,
      {
        ...{ observedGeneration: 2, history },
        conditions: [
          condition("Ready", "False", "RollbackSucceeded", "went back"),
          ...[upgradeFailed, condition("Remediated", "True", "RollbackSucceeded", "went back")],
        ],
      },
    ],
    [
      `failed ghcr.io/acme/shop:2 no such image ${at}`,
      {
        ...{ observedGeneration: 2, history },
        conditions: [condition("Ready", "False", "UpgradeFailed", "no such image"), upgradeFailed],
      },
    ],
    ["nothing", { observedGeneration: 2, conditions: [condition("Ready", "Unknown", "Progressing")] }],
  ],
  { annotations },
);

/** An API server that knows objects by their paths. */
const known = async (objects: Record<string, object>) => {
  const server = await serve(({ path }) =>
    Object.hasOwn(objects, path) ? { body: JSON.stringify(objects[path]) } : { status: 404, body: "{}" },
  );
  const api = kubernetesApi({ url: server.url, token: () => undefined });
  const told = async (name: string): Promise<string> => {
    const [one] = await api.read(name);
    if (one === undefined) return "nothing";
    assert.deepEqual([one.tool, one.name], ["kubernetes", name]);
    const time = one.at === undefined ? [] : [new Date(one.at).toISOString().replace(".000", "")];
    const what = [...one.commits.map(({ sha }) => sha.slice(0, 1)), ...one.images, one.detail ?? []].flat();
    return [one.rolledBack ? "rolled back" : one.status, ...what, ...time].join(" ");
  };
  return { told, api, objects, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

const places: Record<string, string> = {
  StatefulSet: "apps/v1/namespaces/pay/statefulsets",
  DaemonSet: "apps/v1/namespaces/pay/daemonsets",
  Rollout: "argoproj.io/v1alpha1/namespaces/pay/rollouts",
  Kustomization: "kustomize.toolkit.fluxcd.io/v1/namespaces/pay/kustomizations",
  HelmRelease: "helm.toolkit.fluxcd.io/v2/namespaces/pay/helmreleases",
};

test("every kind of object that the Kubernetes API is asked for tells its rollout", async () => {
  await using cluster = await known({});
  for (const [kind, state, object] of [...controllers, ...rollouts, ...kustomizations, ...releases]) {
    cluster.objects[`/apis/${places[kind]}/shop`] = object;
    assert.equal(await cluster.told(`${kind}/pay/shop`), state, JSON.stringify(object));
  }
});

test("a HelmRelease without the annotation tells the appVersion of the chart that was deployed, or of the one that failed", async () => {
  const path = `/apis/${places.HelmRelease}/shop`;
  const [newer, older] = [
    { status: "deployed", lastDeployed: at, appVersion: "2.41.0" },
    { status: "failed", appVersion: "2.42.0" },
  ];
  const release = (conditions: object[], history: object[]) => ({
    ...{ metadata: { generation: 2 }, status: { observedGeneration: 2, conditions, history } },
  });
  await using cluster = await known({ [path]: release([condition("Ready", "True", "x")], [newer, older]) });
  const read = async () =>
    (await cluster.api.read("HelmRelease/pay/shop")).map((one) => [one.status, one.tag]);
  assert.deepEqual(await read(), [["succeeded", "2.41.0"]]);
  const back = [condition("Ready", "False", "x"), condition("Remediated", "True", "RollbackSucceeded")];
  cluster.objects[path] = release(back, [newer, older]);
  assert.deepEqual(await read(), [["failed", "2.42.0"]]);
});

test("a Rollout that refers to a Deployment runs the Deployment's images", async () => {
  const status = course({ phase: "Healthy" });
  await using cluster = await known({
    "/apis/argoproj.io/v1alpha1/namespaces/pay/rollouts/shop": {
      ...{ metadata: { generation: 2 }, spec: { workloadRef: { kind: "Deployment", name: "pods" } }, status },
    },
    "/apis/apps/v1/namespaces/pay/deployments/pods": { spec: { template } },
  });
  assert.equal(await cluster.told("Rollout/pay/shop"), "succeeded ghcr.io/acme/shop:2");
});

test("a revision of Knative that gets 10 % of the requests is live in part, and one that gets all is live", async () => {
  const revisionOf = (hour: number, image: string) => ({
    metadata: { creationTimestamp: `2026-11-22T${hour}:00:00Z` },
    spec: { containers: [container] },
    status: { containerStatuses: [{ imageDigest: image }] },
  });
  const traffic = (...parts: [string, number][]) => ({
    metadata: { generation: 2 },
    spec: {},
    status: {
      observedGeneration: 2,
      traffic: parts.map(([revisionName, percent]) => ({ revisionName, percent })),
    },
  });
  const [old, young] = ["ghcr.io/acme/shop@sha256:1", "ghcr.io/acme/shop@sha256:2"];
  const service = "/apis/serving.knative.dev/v1/namespaces/pay/services/shop";
  await using cluster = await known({
    "/apis/serving.knative.dev/v1/namespaces/pay/revisions/shop-00009": revisionOf(10, old),
    "/apis/serving.knative.dev/v1/namespaces/pay/revisions/shop-00010": revisionOf(14, young),
  });
  for (const [state, ...parts] of [
    [`started ${young}`, ["shop-00009", 90], ["shop-00010", 10]],
    [`started ${young}`, ["shop-00010", 50], ["shop-00009", 50]],
    [`succeeded ${young}`, ["shop-00010", 60], ["shop-00010", 40], ["shop-00009", 0]],
    [`succeeded ${old}`, ["shop-00009", 100], ["shop-00010", 0]],
    ["nothing"],
  ] as [string, ...[string, number][]][]) {
    cluster.objects[service] = traffic(...parts);
    assert.equal(await cluster.told("KnativeService/pay/shop"), state);
  }
});

test("an answer of another form is refused by the kind that was asked for", async () => {
  await using cluster = await known({ "/apis/argoproj.io/v1alpha1/namespaces/pay/rollouts/shop": {} });
  await assert.rejects(cluster.api.read("Rollout/pay/shop"), /the answer is not a Rollout$/);
  await assert.rejects(cluster.api.read("CronJob/pay/shop"), /CronJob is not a kind that is read/);
});
