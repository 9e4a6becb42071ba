import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { signGitHub } from "../../shared/adapters/http/signature.ts";
import type { Deployer } from "../../shared/policy/deployers.ts";
import { serve } from "../support/answering.ts";
import { sha } from "../support/incident.ts";
import type { LoopHost } from "../support/loop-hosts.ts";
import { secrets } from "../support/payloads.ts";
import { burning, service, type World } from "../support/world.ts";

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

/** The outcome of each capture that brings nothing live. */
const leftAlone: Record<string, string> = {
  "cdevents/service_published.json": "ignored",
  "cdevents/service_removed.json": "ignored",
  "flux/helmrelease_rollback_succeeded.json": "no_commit",
  "flux/helmrelease_upgrade_succeeded.json": "no_commit",
};
/** It is told, and nothing is live by it. */
const failing = ["flux/kustomization_healthcheck_failed.json"];

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
  return {
    ...{ name, path: "/webhooks/deploys" },
    body: request === undefined ? text : JSON.stringify(request.body),
    headers: { authorization, "content-type": "application/json", ...request?.headers },
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

const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  // Its headers sign the file beside it, whose bytes another test checks.
  .filter((name) => name.endsWith(".json") && name !== "flux/kustomization_succeeded.request.json")
  .toSorted();

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

/** Argo CD's and Kubernetes' API on loopback, which know one thing at a time. */
export const startDeployers = async () => {
  let known = { path: "", body: "" };
  const server = await serve(({ path }) =>
    path === known.path ? { body: known.body } : { status: 404, body: "{}" },
  );
  return {
    url: server.url,
    answer: (path: string, body: string) => {
      known = { path, body };
    },
    stop: () => server[Symbol.asyncDispose](),
  };
};

const all = [...files.map(posted), ...github];
const bringsNothing = ({ name }: Sent): boolean => Object.hasOwn(leftAlone, name) || failing.includes(name);

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
      assert.deepEqual(await outcomeOf(host, sent), [202, "recorded"]);
      made.state.now = 32_000;
      assert.equal((await made.settle()).status, "deployed");
    },
  }));

/** The captures that bring nothing live, all told about one merged fix. */
export const others = async (host: LoopHost): Promise<void> => {
  const made = await merged(host);
  for (const sent of all.filter(bringsNothing))
    assert.deepEqual(await outcomeOf(host, sent), [202, leftAlone[sent.name] ?? "recorded"], sent.name);
  made.state.now = 32_000;
  assert.equal((await made.settle()).status, "merged");
};

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
