import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { signGitHub } from "../../shared/adapters/http/signature.ts";
import { incidentId } from "../../shared/incident/model.ts";
import type { Deployer } from "../../shared/policy/deployers.ts";
import type { Commit } from "../../shared/ports/history.ts";
import { serve } from "../support/answering.ts";
import { sha } from "../support/incident.ts";
import type { LoopHost } from "../support/loop-hosts.ts";
import { secrets } from "../support/payloads.ts";
import { burning, culprit, service, type World } from "../support/world.ts";

const folder = join(import.meta.dirname, "../fixtures/deploys");
const digest = "sha256:0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427";
const deploys: Deployer[] = [
  { tool: "argocd", name: "payment-gateway" },
  { tool: "flux", name: "Kustomization/apps/payment-gateway" },
  { tool: "flux", name: "HelmRelease/payment/payment-gateway" },
  { tool: "tekton", name: "deploy", revision: "git-revision" },
  { tool: "tekton", name: "deploy-payment" },
  { tool: "jenkins", name: "deploy-payment" },
  { tool: "cdevents", name: "prod/eu-west-1", image: "ghcr.io/company/payment-gateway" },
  { tool: "github", name: "production" },
  { tool: "workflow", name: "deploy.yml" },
  { tool: "kubernetes", name: "payment/payment-gateway" },
];

/** `live`: the capture brings the fix live. `failed`: it is told, and nothing is live by it. Else the outcome of its receipt. */
type Expected = "live" | "failed" | "ignored" | "no_commit" | "asked";

/** Every capture of a deployer. A file that is not here fails a test. */
const expected: Record<string, Expected> = {
  "argocd/healthy.json": "live",
  "cdevents/service_deployed.json": "live",
  "cdevents/service_published.json": "ignored",
  "cdevents/service_removed.json": "ignored",
  "cdevents/service_rolledback.json": "live",
  "cdevents/service_upgraded.json": "live",
  "flux/helmrelease_rollback_succeeded.json": "no_commit",
  "flux/helmrelease_upgrade_succeeded.json": "no_commit",
  "flux/kustomization_health_check_passed.json": "live",
  "flux/kustomization_healthcheck_failed.json": "failed",
  "flux/kustomization_succeeded.raw.json": "live",
  "flux/kustomization_succeeded.request.json": "live",
  "jenkins/notification_plugin_finalized.json": "live",
  "jenkins/our_generic.json": "live",
  "tekton/lighthouse_postsubmit.request.json": "live",
  "tekton/pipelinerun_successful.request.json": "live",
  "../asked/application.json": "asked",
  "../asked/deployment.json": "asked",
  "github/deployment_status": "live",
  "github/deployment_status as a form": "live",
  "github/workflow_run": "live",
};

/** A capture as if it had been taken from a deploy of the merged fix, a second after the merge. */
const ofTheFix = (text: string): string =>
  text
    .replace(
      /\b(731f7eaddfb6af01cb2173e18f0f75b0ba780ef1|9d1f0f5c2f6f0c3c7a6b5d4e3f2a1b0c9d8e7f60)\b/g,
      sha("f"),
    )
    .replace(/\b2026-11-2\dT[\d:.]+Z/g, "1970-01-01T00:00:31Z")
    .replace(/\b1795355000000\b/g, "31000");

type Sent = { name: string; path: string; body: string; headers: Record<string, string> };

const posted = (name: string): Sent => {
  const text = ofTheFix(readFileSync(join(folder, name), "utf8"));
  const authorization = `Bearer ${secrets.deploys}`;
  const request = name.endsWith(".request.json") ? JSON.parse(text) : undefined;
  if (request?.bodyFile !== undefined) return signed(name, request);
  return {
    ...{ name, path: "/webhooks/deploys" },
    body: request === undefined ? text : JSON.stringify(request.body),
    headers: { authorization, "content-type": "application/json", ...request?.headers },
  };
};

/** Flux signs the body instead of bringing the token; the bytes are those of another file. */
const signed = (name: string, { bodyFile, headers }: { bodyFile: string; headers: object }): Sent => {
  const body = ofTheFix(readFileSync(join(folder, dirname(name), bodyFile), "utf8"));
  const digest = createHmac("sha256", secrets.deploys).update(body).digest("hex");
  return {
    ...{ name, path: "/webhooks/deploys", body },
    headers: { ...headers, "X-Signature": `sha256=${digest}` },
  };
};

type Example = { name: string; examples: Record<string, object>[] };
const examples = createRequire(import.meta.url)("@octokit/webhooks-examples") as
  | Example[]
  | { default: Example[] };
const delivered = (event: string, over: (example: Record<string, object>) => object): Sent => {
  const all = Array.isArray(examples) ? examples : examples.default;
  const example = all.find(({ name }) => name === event)?.examples[0] ?? {};
  const body = JSON.stringify({
    ...example,
    repository: { full_name: "company/payment-gateway" },
    ...over(example),
  });
  const signature = signGitHub({ secret: secrets.github, body: Buffer.from(body) });
  return {
    ...{ name: `github/${event}`, path: "/webhooks/github", body },
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-hub-signature-256": signature,
    },
  };
};

const instant = "1970-01-01T00:00:31Z";
const github = [
  delivered("deployment_status", (example) => ({
    deployment: { ...example.deployment, sha: sha("f") },
    deployment_status: { ...example.deployment_status, state: "success", created_at: instant },
  })),
  delivered("workflow_run", (example) => ({
    action: "completed",
    workflow_run: {
      ...{
        ...example.workflow_run,
        path: ".github/workflows/deploy.yml",
        event: "push",
        head_branch: "main",
      },
      ...{ conclusion: "success", head_sha: sha("f"), updated_at: instant },
      head_repository: { full_name: "company/payment-gateway" },
    },
  })),
];

/** GitHub sends a form where the webhook says so. */
const asForm = ({ name, path, body, headers }: Sent): Sent => {
  const form = new URLSearchParams({ payload: body }).toString();
  return {
    ...{ name: `${name} as a form`, path, body: form },
    headers: {
      ...headers,
      "content-type": "application/x-www-form-urlencoded",
      "x-hub-signature-256": signGitHub({ secret: secrets.github, body: Buffer.from(form) }),
    },
  };
};

const filesIn = (place: string): string[] =>
  readdirSync(join(folder, place), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(place, name));
const files = filesIn(".").toSorted();

const answers = [
  { name: "Argo CD", path: "/api/v1/applications/payment-gateway", file: "application.json" },
  {
    ...{ name: "Kubernetes", file: "deployment.json" },
    path: "/apis/apps/v1/namespaces/payment/deployments/payment-gateway",
  },
];

/** The deployers that tell nothing and are asked over HTTP: each knows a deploy of the fix, and the other one nothing. */
export const askedDeployers = answers.map(({ name, path, file }) => ({
  name,
  play: async (host: LoopHost, deployers: { url: string; answer: (path: string, body: string) => void }) => {
    const made = await merged(host);
    deployers.answer(path, ofTheFix(readFileSync(join(folder, "../asked", file), "utf8")));
    made.state.now = 32_000;
    await host.poll({ ARGOCD_URL: deployers.url, KUBERNETES_URL: deployers.url });
    assert.equal((await made.settle()).status, "deployed");
  },
}));

const knative = "/apis/serving.knative.dev/v1/namespaces/payment";
const revisions: Record<string, { hour: string; image: string; sha: string }> = {
  "gateway-00007": { hour: "00:00:01", image: `sha256:${"7".repeat(64)}`, sha: sha("7") },
  "gateway-00008": { hour: "00:00:05", image: `sha256:${"8".repeat(64)}`, sha: sha("8") },
};
const revisionOf = ({ hour, image }: { hour: string; image: string }) => ({
  metadata: { creationTimestamp: `1970-01-01T${hour}Z` },
  spec: { containers: [{ image: "ghcr.io/company/gateway" }] },
  status: { containerStatuses: [{ imageDigest: `ghcr.io/company/gateway@${image}` }] },
});
const split = (revisionName: string) => ({
  metadata: { generation: 2 },
  status: { observedGeneration: 2, traffic: [{ revisionName, percent: 100 }] },
});
const manifest = (revision: string) => `apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: gateway }
spec:
  traffic:
    - revisionName: ${revision}
      percent: 100
`;
const routed: Commit = {
  ...{ ...culprit, title: "send the requests to gateway-00008", paths: ["k8s/gateway.yaml"] },
};

/**
 * A change of Knative's split of traffic is the culprit. Its revert names the former revision in Git, and is live once that one gets the
 * requests again, which the Kubernetes API alone tells: the revision's image was built long before.
 */
export const knativeSplit = async (
  host: LoopHost,
  deployers: { url: string; answerAll: (known: Record<string, unknown>) => void },
): Promise<void> => {
  const deploys: Deployer[] = [{ tool: "kubernetes", name: "KnativeService/payment/gateway" }];
  const gitops = { repository: "company/clusters", branch: "main", paths: [] };
  const configured = service({ repository: "company/payment-gateway", deploys, gitops: [gitops] });
  const made = await host.world({ configured });
  const { state } = made;
  const { history, trees } = made.work;
  trees.blob = async () => Buffer.from(manifest("gateway-00007"));
  const [listed, ids] = [history.commits, history.shas];
  const isThere = (place: { repository: string }) => place.repository === gitops.repository;
  history.commits = async (place, range) => (isThere(place) ? listed(place, range) : []);
  history.shas = async (place, range) => (isThere(place) ? ids(place, range) : []);
  const patch = "@@ -6,1 +6,1 @@\n-    - revisionName: gateway-00007\n+    - revisionName: gateway-00008";
  const commit = { ...routed, patch, files: [{ path: "k8s/gateway.yaml", status: "modified", patch }] };
  const at = (content: string) => new Map([["k8s/gateway.yaml", { mode: "100644", sha: content }]]);
  Object.assign(state.snapshot, { commit, base: at("bad"), ours: at("bad"), theirs: at("good") });
  state.commits = [commit];
  for (const { image, sha: revision } of Object.values(revisions))
    state.origins.set(image, { revision, source: "https://github.com/company/payment-gateway" });
  const look = async (revision: string, now: number) => {
    state.now = now;
    const known = Object.entries(revisions).map(([name, one]) => [
      `${knative}/revisions/${name}`,
      revisionOf(one),
    ]);
    deployers.answerAll({ ...Object.fromEntries(known), [`${knative}/services/gateway`]: split(revision) });
    await host.poll({ KUBERNETES_URL: deployers.url });
  };
  await look("gateway-00007", 4_000);
  await look("gateway-00008", 9_000);
  state.now = 20_000;
  await made.alerts([burning]);
  const asked = await made.settle();
  assert.ok(asked.status === "proposed" && asked.remedy.kind === "revert", asked.status);
  assert.deepEqual([asked.remedy.notes, asked.remedy.isRoute], [["kind of change: traffic"], true]);
  await made.approve();
  state.now = 30_000;
  assert.equal((await made.settle()).status, "merged");
  await look("gateway-00008", 31_000);
  assert.equal((await made.settle()).status, "merged");
  await look("gateway-00007", 32_000);
  const live = await made.settle();
  assert.ok(live.status === "deployed", live.status);
  assert.equal(live.deploy.sha, sha("7"));
};

/** Argo CD's and Kubernetes' API on loopback, which know one thing at a time. */
export const startDeployers = async () => {
  let known: Record<string, string> = {};
  const server = await serve(({ path }) =>
    Object.hasOwn(known, path) ? { body: known[path] ?? "" } : { status: 404, body: "{}" },
  );
  return {
    url: server.url,
    answer: (path: string, body: string) => {
      known = { [path]: body };
    },
    answerAll: (all: Record<string, unknown>) => {
      known = Object.fromEntries(Object.entries(all).map(([path, body]) => [path, JSON.stringify(body)]));
    },
    stop: () => server[Symbol.asyncDispose](),
  };
};

const all = [...files.map(posted), ...github, ...github.slice(0, 1).map(asForm)];
const bringsNothing = ({ name }: Sent): boolean => expected[name] !== "live";

/** Every capture that is there is in the table, and the other way round. */
export const everyCapture = (): void => {
  const there = [...all.map(({ name }) => name), ...filesIn("../asked")];
  assert.deepEqual(Object.keys(expected).toSorted(), there.toSorted());
  const played = [...captures.map(({ name }) => name), ...all.filter(bringsNothing).map(({ name }) => name)];
  const asked = answers.map(({ file }) => `../asked/${file}`);
  assert.deepEqual([...played, ...asked].toSorted(), there.toSorted());
};

const outcomeOf = async (host: LoopHost, { path, body, headers }: Sent) => {
  const request = new Request(`http://countersteer.test${path}`, { method: "POST", body, headers });
  const response = await host.receive(request);
  const told: { outcome?: string } = JSON.parse(await response.text());
  return [response.status, told.outcome];
};

/** Every capture of a deploy of the fix, each played through the loop of a host. */
export const captures = all
  .filter((sent) => !bringsNothing(sent))
  .map((sent) => ({
    name: sent.name,
    play: async (host: LoopHost): Promise<void> => {
      const made = await merged(host);
      assert.deepEqual(await outcomeOf(host, sent), [202, "recorded"], sent.name);
      made.state.now = 32_000;
      assert.equal((await made.settle()).status, "deployed");
    },
  }));

/** The captures that bring nothing live, all told about one merged fix. */
export const others = async (host: LoopHost): Promise<void> => {
  const made = await merged(host);
  for (const sent of all.filter(bringsNothing))
    assert.deepEqual(await outcomeOf(host, sent), [202, outcomeFor(sent)], sent.name);
  made.state.now = 32_000;
  assert.equal((await made.settle()).status, "merged");
};

/** The receipts of every capture of alerts, one after another: those of our service and those of others. */
const alertReceipts: Record<string, string> = {
  "../alertmanager/am-firing-basic-auth.json": "202 unknown_service",
  "../alertmanager/am-firing-bearer.json": "202 unknown_service",
  "../alertmanager/am-firing-group-of-3.json": "202 unknown_service unknown_service unknown_service",
  "../alertmanager/am-firing-single.json": "202 unknown_service",
  "../alertmanager/am-firing-via-amtool.json": "202 unknown_service",
  "../alertmanager/am-mixed-firing-and-resolved.json": "202 unknown_service unknown_service unknown_service",
  "../alertmanager/am-resolved-group-of-2.json": "202 unknown_service unknown_service",
  "../alertmanager/am-resolved-single.json": "202 unknown_service",
  "../alertmanager/am-retry-500-attempt1.json": "202 unknown_service",
  "../alertmanager/am-retry-500-attempt2.json": "202 unknown_service",
  "../alertmanager/am-truncated-max_alerts2-of-5.json": "202 unknown_service unknown_service",
  "../alertmanager/am025_firing_group.json": "202 opened opened",
  "../alertmanager/am025_from_prometheus_242.json": "202 unknown_service",
  "../alertmanager/am025_from_vmalert_1795.json": "202 unknown_service",
  "../alertmanager/am025_mixed_resolved_and_firing.json": "202 resolved repeat",
  "../alertmanager/am025_truncated.json": "202 unknown_service unknown_service",
  "../alertmanager/prometheus-firing.json": "202 unknown_service",
  "../alertmanager/prometheus-resolved.json": "202 unknown_service",
  "../grafana/unified_alerting_webhook.json": "202 opened",
};

/** Every capture of alerts is answered with a receipt for each alert, and the troubles that are opened are of the configured service. */
export const alertCaptures = async (host: LoopHost): Promise<void> => {
  const made = await host.world({ configured: service({ repository: "company/payment-gateway" }) });
  const told: Record<string, string> = {};
  for (const name of ["../alertmanager", "../grafana"].flatMap(filesIn).toSorted()) {
    const { rawBody, body, ...plain } = JSON.parse(readFileSync(join(folder, name), "utf8"));
    const response = await host.receive(
      new Request("http://countersteer.test/webhooks/alertmanager", {
        ...{ method: "POST", headers: { authorization: `Bearer ${secrets.alertmanager}` } },
        body: rawBody ?? JSON.stringify(body ?? plain),
      }),
    );
    const { receipts }: { receipts: { outcome: string }[] } = JSON.parse(await response.text());
    told[name] = [response.status, ...receipts.map(({ outcome }) => outcome)].join(" ");
  }
  assert.deepEqual(told, alertReceipts);
  const trouble = incidentId("payment-gateway", "production");
  assert.deepEqual((await made.store.list()).toSorted(), [trouble, `${trouble}/2`]);
};

const outcomeFor = ({ name }: Sent): string | undefined =>
  expected[name] === "failed" ? "recorded" : expected[name];

/** An incident whose revert is merged, and not yet live. */
const merged = async (host: LoopHost): Promise<World> => {
  const configured = service({ repository: "company/payment-gateway", deploys });
  const made = await host.world({ configured });
  made.state.origins.set(digest, {
    revision: sha("f"),
    source: "https://github.com/company/payment-gateway",
  });
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  made.state.now = 30_000;
  assert.equal((await made.settle()).status, "merged");
  return made;
};
