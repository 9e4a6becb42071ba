import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { argocdApi } from "../../shared/adapters/deploys/argocd-api.ts";
import { kubernetesApi } from "../../shared/adapters/deploys/kubernetes/api.ts";
import { trustingFetch } from "../../shared/adapters/http/trusting-fetch.ts";
import { serve } from "../support/answering.ts";

const folder = join(import.meta.dirname, "../fixtures/asked");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const finished = Date.parse("2026-11-22T13:58:20Z");
const image =
  "ghcr.io/company/payment-gateway:1.8.2@sha256:0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427";

test("Argo CD is asked for one application, with its token, and its sync is read as its notification is", async () => {
  await using server = await serve(() => ({ body: read("application.json") }));
  const api = argocdApi({ url: `${server.url}/`, token: "reader" });
  assert.deepEqual(await api.read("payment-gateway"), [
    {
      ...{ tool: "argocd", name: "payment-gateway", values: {}, images: [image], status: "succeeded" },
      commits: [
        {
          sha: "731f7eaddfb6af01cb2173e18f0f75b0ba780ef1",
          repository: "https://github.com/company/payment-gateway",
        },
      ],
      ...{ at: finished, url: `${server.url}/applications/payment-gateway` },
    },
  ]);
  const [asked] = server.asked;
  assert.deepEqual(
    [asked?.path, asked?.headers.authorization],
    ["/api/v1/applications/payment-gateway", "Bearer reader"],
  );
});

test("an application outside of Argo CD's namespace is asked for there, and keeps its name", async () => {
  await using server = await serve(() => ({ body: read("application.json") }));
  const [told] = await argocdApi({ url: server.url }).read("payments/payment-gateway");
  assert.equal(told?.name, "payments/payment-gateway");
  assert.equal(server.asked[0]?.params.get("appNamespace"), "payments");
});

test("an application that was never synced is no deploy, and an answer about another is refused", async () => {
  const never = { metadata: { name: "new", namespace: "argocd" }, spec: { source: { repoURL: "x" } } };
  await using server = await serve(() => ({ body: JSON.stringify(never) }));
  const api = argocdApi({ url: server.url });
  assert.deepEqual(await api.read("new"), []);
  await assert.rejects(api.read("other"), /applications\/other: the answer is not this application/);
});

test("Argo CD's refusal says what was asked and is final, and its failure may pass", async () => {
  let status = 403;
  await using server = await serve(() => ({ status, body: '{"error":"permission denied"}' }));
  const api = argocdApi({ url: server.url });
  const refused = {
    system: "argocd",
    retryable: false,
    message: /applications\/shop: 403.*permission denied/,
  };
  await assert.rejects(api.read("shop"), refused);
  status = 502;
  await assert.rejects(api.read("shop"), { retryable: true });
});

type Over = { spec?: object; status?: Record<string, unknown>; generation?: number; reason?: string };

/** The Deployment of the fixture, at another moment. */
const deployment = ({ spec = {}, status = {}, generation = 7, reason }: Over): string => {
  const whole = JSON.parse(read("deployment.json"));
  const [available, progressing] = whole.status.conditions;
  const conditions = reason === undefined ? [available, progressing] : [{ ...progressing, reason }];
  return JSON.stringify({
    ...whole,
    metadata: { ...whole.metadata, generation },
    spec: { ...whole.spec, ...spec },
    status: { ...whole.status, conditions, ...status },
  });
};

test("Kubernetes is asked for one Deployment, with the token as it is by then", async () => {
  await using server = await serve(() => ({ body: deployment({}) }));
  let token = "first";
  const api = kubernetesApi({ url: server.url, token: () => token });
  assert.deepEqual(await api.read("payment/payment-gateway"), [
    {
      ...{ tool: "kubernetes", name: "payment/payment-gateway", status: "succeeded", commits: [] },
      ...{ values: { revision: "7" }, images: [image], at: finished },
    },
  ]);
  token = "second";
  await api.read("payment/payment-gateway");
  assert.deepEqual(
    server.asked.map(({ path, headers }) => [path, headers.authorization]),
    ["first", "second"].map((one) => [
      "/apis/apps/v1/namespaces/payment/deployments/payment-gateway",
      `Bearer ${one}`,
    ]),
  );
});

test("a rollout is told as kubectl tells it", async () => {
  const states: [string, Over][] = [
    ["succeeded", { reason: "NewReplicaSetAvailable" }],
    ["succeeded", { reason: "NewReplicaSetAvailable", status: { availableReplicas: 1 } }],
    ["succeeded", { status: { conditions: [] } }],
    ["succeeded", { spec: { replicas: 0 }, status: { replicas: 0, updatedReplicas: 0, conditions: [] } }],
    ["started", { reason: "NewReplicaSetAvailable", status: { replicas: 4, updatedReplicas: 1 } }],
    ["started", { reason: "ReplicaSetUpdated", status: { availableReplicas: 2 } }],
    ["started", { reason: "ReplicaSetUpdated", status: { updatedReplicas: 2, replicas: 2 } }],
    ["failed", { reason: "ProgressDeadlineExceeded" }],
    ["nothing", { generation: 8 }],
  ];
  let body = "";
  await using server = await serve(() => ({ body }));
  const api = kubernetesApi({ url: server.url, token: () => undefined });
  for (const [state, over] of states) {
    body = deployment(over);
    const [told] = await api.read("payment/payment-gateway");
    assert.equal(told?.status ?? "nothing", state, JSON.stringify(over));
  }
  body = deployment({ reason: "ProgressDeadlineExceeded" });
  const [failed] = await api.read("payment/payment-gateway");
  assert.match(failed?.detail ?? "", /^ReplicaSet/);
});

test("an answer of Kubernetes that is not a Deployment is refused", async () => {
  await using server = await serve(() => ({ body: '{"kind":"Status","metadata":{}}' }));
  const api = kubernetesApi({ url: server.url, token: () => undefined });
  await assert.rejects(api.read("a/b"), { retryable: false, message: /the answer is not a Deployment/ });
});

const hasOpenssl = spawnSync("openssl", ["version"]).error === undefined;

/** A server on loopback with a certificate that no public authority signed. */
const serveTls = async (t: TestContext) => {
  const directory = mkdtempSync(join(tmpdir(), "countersteer-tls-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...made, ...subject, "-keyout", key, "-out", cert], {
    stdio: "ignore",
  });
  const pair = { key: readFileSync(key), cert: readFileSync(cert) };
  const server = createServer(pair, (_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(deployment({}));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => server.close().closeAllConnections());
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: pair.cert.toString() };
};

test("a cluster's own authority is trusted for its API, and without it the certificate is refused", {
  skip: hasOpenssl ? false : "openssl is not installed: no certificate was made",
}, async (t) => {
  const { url, ca } = await serveTls(t);
  const trusted = kubernetesApi({ url, token: () => undefined, fetch: trustingFetch({ ca }) });
  assert.equal((await trusted.read("payment/payment-gateway"))[0]?.status, "succeeded");
  const stranger = kubernetesApi({ url, token: () => undefined, fetch: trustingFetch({}) });
  await assert.rejects(stranger.read("a/b"), { retryable: true, message: /SELF_SIGNED_CERT/ });
});
