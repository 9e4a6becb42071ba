import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { readDeploy } from "../../functions/deploys.ts";
import { argocd } from "../../shared/adapters/deploys/argocd.ts";
import { bearerOrBasic, verifyFlux } from "../../shared/adapters/http/signature.ts";
import { isRecord, recordOf } from "../../shared/records.ts";

const folder = join(import.meta.dirname, "../../infra/integrations");
const text = (name: string): string => readFileSync(join(folder, name), "utf8");
const documents = (name: string): Record<string, unknown>[] =>
  parseAllDocuments(text(name)).map((document) => {
    if ("errors" in document) assert.deepEqual(document.errors, [], name);
    return recordOf("toJS" in document ? document.toJS() : undefined);
  });
const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((found, key) => recordOf(found)[key], value);
const nested = (value: unknown, ...path: string[]): unknown =>
  parseAllDocuments(String(at(value, ...path)))[0]?.toJS();

test("every snippet that is YAML can be read", () => {
  const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  assert.ok(files.length >= 4);
  for (const name of files)
    assert.ok(
      documents(name).every((one) => Object.keys(one).length > 0),
      name,
    );
});

/** As much of Go's templates as the snippet uses: `toJson`, and `with … else … end`. */
const rendered = (template: string, data: unknown): string => {
  const path = (of: unknown, dotted: string) => at(of, ...dotted.split(".").filter(Boolean));
  const put = (part: string, of: unknown): string =>
    part.replace(/\{\{ toJson (\.[\w.]+) \}\}/g, (_, dotted: string) =>
      JSON.stringify(path(of, dotted) ?? null),
    );
  const blocks = template.replace(
    /\{\{ with (\.[\w.]+) \}\}(.*?)\{\{ else \}\}(.*?)\{\{ end \}\}/g,
    (_, dotted: string, some: string, none: string) => {
      const inner = path(data, dotted);
      return isRecord(inner) ? put(some, inner) : none;
    },
  );
  const done = put(blocks, data);
  assert.doesNotMatch(done, /\{\{/);
  return done;
};

test("Argo CD's template renders what the door reads, for every state of an application", () => {
  const [config] = documents("argocd-notifications.yaml");
  const hook = at(nested(config, "data", "template.countersteer"), "webhook", "countersteer");
  assert.deepEqual([at(hook, "method"), at(hook, "path")], ["POST", "/webhooks/deploys"]);
  const triggers = nested(config, "data", "trigger.countersteer") as { send: string[] }[];
  assert.deepEqual(
    triggers.map(({ send }) => send),
    Array(4).fill(["countersteer"]),
  );
  const service = nested(config, "data", "service.webhook.countersteer");
  assert.equal(at(service, "url"), "https://countersteer.example.com");
  const told = (app: object) =>
    argocd(
      JSON.parse(rendered(String(at(hook, "body")), { app, context: { argocdUrl: "https://argocd.test" } })),
    );
  const sha = "a".repeat(40);
  const repoURL = "https://github.com/acme/shop";
  const app = {
    metadata: { name: "shop", namespace: "argocd" },
    spec: { source: { repoURL } },
    status: {
      operationState: {
        ...{ phase: "Succeeded", finishedAt: "2026-11-22T13:58:20Z", syncResult: { revision: sha } },
      },
      health: { status: "Healthy" },
      summary: { images: ["ghcr.io/acme/shop:1"] },
    },
  };
  assert.deepEqual(told(app), [
    {
      ...{ tool: "argocd", name: "shop", values: {}, commits: [{ sha, repository: repoURL }] },
      ...{ images: ["ghcr.io/acme/shop:1"], status: "succeeded", at: Date.parse("2026-11-22T13:58:20Z") },
      url: "https://argocd.test/applications/shop",
    },
  ]);
  assert.deepEqual(told({ ...app, status: {} }), []);
  const several = { ...app, spec: { sources: [{ repoURL: "oci://charts" }, { repoURL }] } };
  const operationState = { ...app.status.operationState, syncResult: { revisions: ["1.2.3", sha] } };
  assert.deepEqual(told({ ...several, status: { ...app.status, operationState } })?.[0]?.commits, [
    { sha, repository: repoURL },
  ]);
});

test("Flux's provider signs as the door verifies, and its alert sends what it reads", () => {
  const [secret, provider, alert] = documents("flux.yaml");
  assert.equal(at(provider, "spec", "type"), "generic-hmac");
  assert.equal(URL.parse(String(at(provider, "spec", "address")))?.pathname, "/webhooks/deploys");
  assert.equal(at(provider, "spec", "secretRef", "name"), at(secret, "metadata", "name"));
  assert.equal(at(alert, "spec", "providerRef", "name"), at(provider, "metadata", "name"));
  assert.equal(at(alert, "spec", "eventSeverity"), "info");
  const token = String(at(secret, "stringData", "token"));
  const body = Buffer.from("{}");
  const signature = `sha256=${createHmac("sha256", token).update(body).digest("hex")}`;
  assert.ok(verifyFlux({ secret: token, signature, body }));
});

test("Tekton's sink carries the token as basic credentials", () => {
  const [config] = documents("tekton.yaml");
  const { username, password, pathname } = new URL(String(at(config, "data", "sink")));
  assert.equal(pathname, "/webhooks/deploys");
  const header = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  assert.ok(bearerOrBasic(header, "DEPLOYS_TOKEN"));
});

const sha = "b".repeat(40);

test("the report of the Jenkinsfile is a deploy report", () => {
  const file = text("Jenkinsfile");
  for (const [open, close] of ["{}", "()", "[]"].map((pair) => [...pair]))
    assert.equal(file.split(open!).length, file.split(close!).length);
  const [, script = ""] = /'''([\s\S]*?)'''/.exec(file) ?? [];
  // Groovy reads `\\` as one backslash, and the shell `\"` as a quote.
  const [, data = ""] = /--data "(.*)" \\$/m.exec(script.replaceAll("\\\\", "\\")) ?? [];
  const body = data
    .replaceAll('\\"', '"')
    .replace("$GIT_COMMIT", sha)
    .replace("$DEPLOY_STATUS", "failed")
    .replace("$BUILD_URL", "https://ci.test/1");
  const expected = { service: "payment-gateway", environment: "production", sha, status: "failed" };
  assert.deepEqual(readDeploy(JSON.parse(body)), { ...expected, url: "https://ci.test/1" });
});

test("the reports of GitHub's workflow are deploy reports", () => {
  const [workflow] = documents("github-workflow.yml");
  const job = at(workflow, "jobs", "deploy");
  const expressions: Record<string, string> = {
    ...{ sha, server_url: "https://github.com", repository: "acme/shop", run_id: "7" },
  };
  const report = String(at(job, "env", "REPORT")).replace(
    /\$\{\{ github\.(\w+) \}\}/g,
    (_, name: string) => expressions[name] ?? "?",
  );
  const steps = at(job, "steps") as { if?: string; run?: string }[];
  const sent = steps.flatMap(({ if: when, run = "" }) => {
    const [, data] = /--data "(.*?[^\\])" https/.exec(run) ?? [];
    const body = data?.replace("$REPORT", report).replaceAll('\\"', '"');
    return body === undefined ? [] : [[when, readDeploy(JSON.parse(body)).status]];
  });
  assert.deepEqual(sent, [
    ["success()", "succeeded"],
    ["failure()", "failed"],
  ]);
});

test("Grafana's contact point posts to the alert door with a bearer token, and tells resolved alerts", () => {
  const [provisioned] = documents("grafana-contact-point.yaml");
  const [{ receivers }] = at(provisioned, "contactPoints") as [{ receivers: Record<string, unknown>[] }];
  const [receiver] = receivers;
  assert.deepEqual([receiver?.type, receiver?.disableResolveMessage], ["webhook", false]);
  const { url, authorization_scheme: scheme } = recordOf(receiver?.settings);
  assert.equal(new URL(String(url)).pathname, "/webhooks/alertmanager");
  assert.ok(bearerOrBasic(`${String(scheme)} token`, "token"));
});

test("each pipeline of the Collector's configuration is made of parts that it has", () => {
  const [config] = documents("otel-collector.yaml");
  const pipelines = recordOf(at(config, "service", "pipelines"));
  assert.deepEqual(Object.keys(pipelines), ["traces", "metrics", "logs"]);
  for (const pipeline of Object.values(pipelines))
    for (const [kind, names] of Object.entries(recordOf(pipeline)))
      for (const name of names as string[])
        assert.ok(Object.hasOwn(recordOf(at(config, kind)), name), `${kind}.${name}`);
});

test("the accounts by which deployers are asked may get what is read, and nothing else", () => {
  const role = documents("kubernetes-reader.yaml").find(({ kind }) => kind === "ClusterRole");
  const rules = at(role, "rules") as { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  assert.deepEqual([...new Set(rules.flatMap(({ verbs }) => verbs))], ["get"]);
  assert.deepEqual(
    rules.flatMap(({ apiGroups: [group], resources }) => resources.map((one) => `${one}.${group}`)),
    [
      ...["deployments.apps", "statefulsets.apps", "daemonsets.apps", "rollouts.argoproj.io"],
      ...["services.serving.knative.dev", "revisions.serving.knative.dev"],
      ...["kustomizations.kustomize.toolkit.fluxcd.io", "helmreleases.helm.toolkit.fluxcd.io"],
    ],
  );
  const [accounts, rights] = documents("argocd-reader.yaml");
  assert.equal(at(accounts, "data", "accounts.countersteer"), "apiKey");
  assert.equal(at(rights, "data", "policy.csv"), "p, countersteer, applications, get, */*, allow\n");
});
