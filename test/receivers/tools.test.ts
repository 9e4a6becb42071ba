import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import type { Deployer } from "../../shared/policy/deployers.ts";
import type { Registry } from "../../shared/ports/registry.ts";
import { secrets } from "../support/payloads.ts";
import { service } from "../support/world.ts";
import {
  application,
  at,
  digest,
  json,
  left,
  read,
  receiving,
  record,
  recorded,
  source,
} from "./told-deploys.ts";

const gitops = "731f7eaddfb6af01cb2173e18f0f75b0ba780ef1";

const argo: Deployer = { tool: "argocd", name: "payment-gateway" };

const healthy = json("argocd/healthy.json");

test("Argo CD's notification of a healthy sync is a deploy of its revision", async () => {
  const { send, stored } = receiving([argo]);
  assert.deepEqual(await send(healthy), recorded);
  assert.deepEqual(await stored(), [
    record({
      ...{ sha: gitops, status: "succeeded", at: at("2026-11-22T13:58:20Z") },
      url: "https://argocd.example.com/applications/payment-gateway",
    }),
  ]);
});

for (const [what, over, expected] of [
  [
    "a failed sync",
    { operation: { ...healthy.operation, phase: "Failed", message: "one\ntwo" } },
    ["failed", "one two"],
  ],
  [
    "a refused sync of an application that is degraded too",
    {
      operation: { ...healthy.operation, phase: "Error", message: "denied" },
      health: { status: "Degraded", message: "crash loop" },
    },
    ["failed", "denied"],
  ],
  [
    "a degraded application",
    { health: { status: "Degraded", message: "crash loop" } },
    ["failed", "crash loop"],
  ],
  ["a running sync", { operation: { ...healthy.operation, phase: "Running" } }, ["started", undefined]],
  ["a paused rollout", { health: { status: "Suspended" } }, ["started", undefined]],
  ["a sync that still progresses", { health: { status: "Progressing" } }, ["started", undefined]],
] as const)
  test(`Argo CD tells ${what}`, async () => {
    const { send, stored } = receiving([argo]);
    assert.deepEqual(await send({ ...healthy, ...over }), recorded);
    const [{ status, detail } = { status: "", detail: "" }] = await stored();
    assert.deepEqual([status, detail], expected);
  });

test("an application whose health is missing or unknown is no deploy yet", async () => {
  const { send, stored } = receiving([argo]);
  for (const status of ["Missing", "Unknown"])
    assert.deepEqual(await send({ ...healthy, health: { status } }), left("ignored"));
  assert.deepEqual(await stored(), []);
});

test("of an application with several sources, the revision of the service's repository counts", async () => {
  const { send, stored } = receiving([argo]);
  const two = {
    ...healthy,
    source: null,
    sources: [
      { repoURL: "https://charts.example.com" },
      { repoURL: "git@github.com:Company/Payment-Gateway.git" },
    ],
    operation: { ...healthy.operation, revision: "", revisions: ["1.8.3", application] },
  };
  assert.deepEqual(await send(two), recorded);
  assert.deepEqual(
    (await stored()).map(({ sha }) => sha),
    [application],
  );
});

test("an application of another repository, or of a chart, is known by its image's labels", async () => {
  const chart = { ...healthy, operation: { ...healthy.operation, revision: "1.8.3" } };
  const images = ["ghcr.io/company/sidecar:1", `ghcr.io/company/payment-gateway@${digest}`];
  const { send, stored } = receiving([argo]);
  assert.deepEqual(await send(chart), left("no_commit"));
  const elsewhere = { ...healthy, source: { repoURL: "https://github.com/company/infra" } };
  assert.deepEqual(await send(elsewhere), left("other_repository"));
  assert.deepEqual(await stored(), []);
  assert.deepEqual(await send({ ...chart, images }), recorded);
  assert.deepEqual(
    (await stored()).map(({ sha }) => sha),
    [application],
  );
});

test("a registry that cannot be reached now has the sender repeat", async () => {
  const down: Registry = {
    origin: async () => {
      throw new UpstreamError("registry", "no answer", { retryable: true });
    },
  };
  const refusing: Registry = {
    origin: async () => {
      throw new UpstreamError("registry", "403", { retryable: false, status: 403 });
    },
  };
  const chart = { ...healthy, operation: { ...healthy.operation, revision: "1.8.3" } };
  assert.equal((await receiving([argo], { registry: down }).send(chart))[0], 503);
  assert.deepEqual(await receiving([argo], { registry: refusing }).send(chart), left("no_commit"));
});

const kustomization: Deployer = { tool: "flux", name: "Kustomization/apps/payment-gateway" };

const signedRequest = json("flux/kustomization_succeeded.request.json");

const reconciled = read("flux/kustomization_succeeded.raw.json");

test("Flux's signed event is a deploy, and a wrong signature or a weak hash is refused", async () => {
  const { post, stored } = receiving([kustomization], { secrets: { deploys: signedRequest.hmacKey } });
  const sent = (signature: string) => post("/webhooks/deploys", reconciled, { "x-signature": signature });
  for (const signature of [
    "sha256=00",
    `sha1=${createHmac("sha1", signedRequest.hmacKey).update(reconciled).digest("hex")}`,
    `sha256=${createHmac("sha256", "other").update(reconciled).digest("hex")}`,
  ])
    assert.equal((await sent(signature)).status, 401);
  assert.deepEqual(await stored(), []);
  const response = await sent(signedRequest.headers["X-Signature"]);
  assert.deepEqual([response.status, await response.json()], recorded);
  const sha512 = createHmac("sha512", signedRequest.hmacKey).update(reconciled).digest("hex");
  assert.equal((await sent(`sha512=${sha512}`)).status, 202);
  assert.deepEqual(await stored(), [
    record({ sha: application, status: "succeeded", at: at("2026-11-22T14:00:00Z") }),
  ]);
});

test("Flux's revision is read in all its forms, with and without the group in the key", async () => {
  for (const metadata of [
    { revision: `main@sha1:${gitops}` },
    { revision: `main/${gitops}` },
    { "kustomize.toolkit.fluxcd.io/revision": `main@sha1:${gitops}` },
    { revision: `latest@${digest}`, originRevision: `main@sha1:${gitops}` },
    { revision: "main@sha1:aaaa", commit: gitops },
  ]) {
    const { send, stored } = receiving([kustomization]);
    assert.deepEqual(await send({ ...JSON.parse(reconciled), metadata }), recorded, JSON.stringify(metadata));
    assert.deepEqual(
      (await stored()).map(({ sha }) => sha),
      [gitops],
    );
  }
});

test("of Flux's events, heartbeats, traces and waiting are no deploys, and a failed check is one", async () => {
  const { send, stored } = receiving([kustomization]);
  const event = JSON.parse(reconciled);
  for (const over of [
    { metadata: { ...event.metadata, commit_status: "update" } },
    { metadata: { ...event.metadata, "event.toolkit.fluxcd.io/commit_status": "update" } },
    { severity: "trace" },
    { reason: "DependencyNotReady", severity: "error" },
    { reason: "ArtifactFailed", severity: "error" },
  ])
    assert.deepEqual(await send({ ...event, ...over }), left("ignored"));
  assert.deepEqual(await stored(), []);
  assert.deepEqual(await send(json("flux/kustomization_healthcheck_failed.json")), recorded);
  assert.deepEqual(
    (await stored()).map(({ status, detail }) => [status, detail]),
    [
      [
        "failed",
        "health check failed after 30s: timeout waiting for: [Deployment/payment/payment-gateway status: 'InProgress']",
      ],
    ],
  );
});

test("a chart's version is no commit: a HelmRelease is known by the image that its annotation names", async () => {
  const release: Deployer = { tool: "flux", name: "HelmRelease/payment/payment-gateway" };
  const { send, stored } = receiving([release]);
  for (const name of ["upgrade", "rollback"])
    assert.deepEqual(await send(json(`flux/helmrelease_${name}_succeeded.json`)), left("no_commit"));
  const upgraded = json("flux/helmrelease_upgrade_succeeded.json");
  const metadata = { ...upgraded.metadata, image: `ghcr.io/company/payment-gateway@${digest}` };
  assert.deepEqual(await send({ ...upgraded, metadata }), recorded);
  assert.deepEqual(
    (await stored()).map(({ sha }) => sha),
    [application],
  );
});

test("a HelmRelease without that annotation is known by the configured image and the chart's appVersion", async () => {
  const image = "ghcr.io/company/payment-gateway";
  const release: Deployer = { tool: "flux", name: "HelmRelease/payment/payment-gateway", image };
  const tagged: Registry = {
    origin: async ({ name, tag }) =>
      name === image && tag === "2.41.0" ? { revision: application, source } : undefined,
  };
  const { send, stored } = receiving([release], { registry: tagged });
  const upgraded = json("flux/helmrelease_upgrade_succeeded.json");
  const at = (version: string) => ({
    ...upgraded,
    metadata: { revision: "1.8.3", "helm.toolkit.fluxcd.io/app-version": version },
  });
  for (const version of ["2.42.0", "", "no tag", "../x"])
    assert.deepEqual(await send(at(version)), left("no_commit"));
  assert.deepEqual(await send(at("2.41.0")), recorded);
  assert.deepEqual(await send(json("flux/helmrelease_rollback_succeeded.json")), recorded);
  assert.deepEqual(
    (await stored()).map(({ sha, status }) => [sha, status]),
    [
      [application, "succeeded"],
      [application, "failed"],
    ],
  );
});

test("an event that names another environment is left alone, and the configuration can map names", async () => {
  const event = JSON.parse(reconciled);
  const named = (env: string) => ({ ...event, metadata: { ...event.metadata, env } });
  const config = { environments: { production: ["prod-eu", "prod-us"] } };
  const { send, stored } = receiving([kustomization], { config, environments: ["production", "staging"] });
  assert.deepEqual(await send(named("testing")), left("unknown_environment"));
  assert.deepEqual(await send(named("Production")), left("unknown_environment"));
  assert.deepEqual(
    await send({ ...event, metadata: { revision: event.metadata.revision } }),
    left("unknown_environment"),
  );
  assert.deepEqual(await stored(), []);
  assert.deepEqual(await send(named("prod-us")), recorded);
  assert.deepEqual(await send(named("staging")), [
    202,
    { outcome: "recorded", incident: "payment-gateway/staging" },
  ]);
  assert.deepEqual([(await stored()).length, (await stored("staging")).length], [1, 1]);
});

const jenkins: Deployer = { tool: "jenkins", name: "deploy-payment" };

const finalized = json("jenkins/notification_plugin_finalized.json");

test("a build that Jenkins finalized is a deploy of its commit, once, with basic credentials too", async () => {
  const { send, stored } = receiving([jenkins]);
  const basic = `Basic ${Buffer.from(`jenkins:${secrets.deploys}`).toString("base64")}`;
  const phased = (phase: string, status = "SUCCESS") => ({
    ...finalized,
    build: { ...finalized.build, phase, status },
  });
  for (const [phase, status] of [
    ["QUEUED"],
    ["COMPLETED"],
    ["FINALIZED", "UNSTABLE"],
    ["FINALIZED", "ABORTED"],
  ])
    assert.deepEqual(await send(phased(phase!, status)), left("ignored"));
  assert.deepEqual(await send(finalized, { authorization: basic }), recorded);
  assert.deepEqual(await send(finalized), recorded);
  assert.deepEqual(await stored(), [
    record({
      ...{ sha: application, status: "succeeded", at: 1795355000000 },
      url: "https://ci.example/job/deploy-payment/42/",
    }),
  ]);
});

test("a job in folders is known by its path, another job and another repository by neither", async () => {
  const foldered = { ...finalized, name: "main", url: "job/pay/job/deploy%20it/job/main/" };
  const { send } = receiving([{ tool: "jenkins", name: "pay/deploy it/main" }]);
  assert.deepEqual(await send(foldered), recorded);
  assert.deepEqual(await send(finalized), left("unknown_service"));
  const scm = { ...finalized.build.scm, url: "https://github.com/company/other.git" };
  const other = { ...foldered, build: { ...finalized.build, scm } };
  assert.deepEqual(await send(other), left("other_repository"));
});

test("the form that a Jenkinsfile posts may name the commit and the instants as Jenkins does", async () => {
  const { send, stored } = receiving([]);
  const generic = json("jenkins/our_generic.json");
  assert.deepEqual(await send(generic), recorded);
  const { commit: _, ...byImage } = { ...generic, image: `ghcr.io/company/payment-gateway@${digest}` };
  assert.deepEqual(await send({ ...byImage, status: "failed" }), recorded);
  assert.deepEqual(
    (await stored()).map(({ sha, status, at }) => [sha, status, at]),
    [
      [application, "failed", at("2026-11-22T13:58:00Z")],
      [application, "succeeded", at("2026-11-22T13:58:00Z")],
    ],
  );
  assert.deepEqual(await send({ ...byImage, image: "ghcr.io/company/unknown:1" }), left("no_commit"));
});

const pipeline: Deployer = { tool: "tekton", name: "deploy", revision: "git-revision" };

const tekton = json("tekton/pipelinerun_successful.request.json");

const typed = (type: string) => ({ ...tekton.headers, "Ce-Type": type });

test("Tekton's run of a named pipeline is a deploy of the commit in its parameter", async () => {
  const { send, stored } = receiving([pipeline]);
  assert.deepEqual(await send(tekton.body, tekton.headers), recorded);
  assert.deepEqual(await send(tekton.body, typed("dev.tekton.event.pipelinerun.running.v1")), recorded);
  assert.deepEqual(
    (await stored()).map(({ sha, status, at }) => [sha, status, at]),
    [
      [application, "succeeded", at("2026-11-22T13:58:00Z")],
      [application, "started", at("2026-11-22T13:55:00Z")],
    ],
  );
  for (const type of ["dev.tekton.event.taskrun.successful.v1", "dev.tekton.event.pipelinerun.queued.v1"])
    assert.deepEqual(await send(tekton.body, typed(type)), left("ignored"));
});

test("a pipeline that several services share is told apart by its labels, and by the image it built", async () => {
  const where = { "app.kubernetes.io/name": "payment-gateway" };
  const own = receiving([{ tool: "tekton", name: "deploy", where }]);
  assert.deepEqual(await own.send(tekton.body, tekton.headers), recorded);
  assert.deepEqual(
    (await own.stored()).map(({ sha }) => sha),
    [application],
  );
  const other = receiving([
    { tool: "tekton", name: "deploy", where: { "app.kubernetes.io/name": "search" } },
  ]);
  assert.deepEqual(await other.send(tekton.body, tekton.headers), left("unknown_service"));
});

test("a name that no service has, a service of another sender and a replay change nothing", async () => {
  const { send, stored, woken } = receiving([argo]);
  assert.deepEqual(await send({ ...healthy, app: "payment-gateway-eu" }), left("unknown_service"));
  assert.deepEqual(await send({ ...healthy, app: "payment\ud800" }), left("unknown_service"));
  assert.deepEqual(
    await send({ ...healthy, app: { name: "payment-gateway", namespace: "team-a" } }),
    left("unknown_service"),
  );
  assert.deepEqual(woken, []);
  for (let time = 0; time < 3; time++) assert.deepEqual(await send(healthy), recorded);
  assert.equal((await stored()).length, 1);
  const foreign = receiving([argo], {
    secrets: { senders: { SENDER_A: ["a-token"] } },
    config: { senders: [{ name: "a", token: "SENDER_A", kinds: ["deploys"], services: ["search"] }] },
  });
  for (const app of ["payment-gateway", "nobody"])
    assert.deepEqual(
      await foreign.send({ ...healthy, app }, { authorization: "Bearer a-token" }),
      left("not_owned"),
    );
});

test("one event may be about several services, each by its own entry", async () => {
  const own = { repository: "company/payment-gateway", deploys: [argo] };
  const { send, made } = receiving([], {
    services: [service(own), service({ ...own, name: "ledger" }), service({ name: "search" })],
  });
  assert.deepEqual(await send(healthy), [
    202,
    { outcome: "recorded", incidents: ["payment-gateway/production", "ledger/production"] },
  ]);
  assert.equal((await made.store.deploys("ledger", "production", 0)).length, 1);
  assert.equal((await made.store.deploys("search", "production", 0)).length, 0);
});

test("a broken event of a known tool is refused with the field", async () => {
  const { send } = receiving([argo, kustomization, jenkins]);
  for (const [body, error] of [
    [{ ...healthy, app: 7 }, /^not an Argo CD notification: app: /],
    [
      { ...JSON.parse(reconciled), involvedObject: {} },
      /^not an event of Flux: involvedObject.kind: is missing/,
    ],
    [{ ...finalized, build: {} }, "not a notification of Jenkins: build.phase: is missing"],
    [{ hello: "world" }, /^not a deploy report: service: is missing; environment: is missing/],
    [[], /^not a deploy report: the body: must be an object/],
  ] as const) {
    const [status, said] = (await send(body)) as [number, { error: string }];
    assert.equal(status, 400);
    if (typeof error === "string") assert.equal(said.error, error);
    else assert.match(said.error, error);
  }
});
