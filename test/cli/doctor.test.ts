import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { doctor } from "../../infra/cli/doctor.ts";
import { checkDrafts } from "../../infra/host/doctor/drafts.ts";
import { githubClient } from "../../shared/adapters/github/github.ts";
import { files } from "../support/git.ts";
import { openShop } from "../support/github-shop.ts";
import { client as signIn, startIssuer } from "../support/issuer.ts";
import { service } from "../support/world.ts";

const now = Date.UTC(2026, 10, 23, 12);

/** A server that answers a path with JSON, and anything else with 404 or, where one is given, with a redirect. */
const answering = async (
  t: TestContext,
  answers: Record<string, unknown>,
  location?: string,
): Promise<string> => {
  const server = createServer((request, response) => {
    const path = new URL(request.url!, "http://x").pathname;
    const answer = answers[path];
    const other = location === undefined ? 404 : 302;
    response.writeHead(answer === undefined ? other : 200, {
      "Content-Type": "application/json",
      ...(location && { Location: location }),
      Date: new Date(now).toUTCString(),
    });
    response.end(JSON.stringify(answer ?? {}));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const rules = {
  groups: [
    {
      name: "shop",
      file: "rules.yaml",
      interval: 60,
      rules: [
        {
          ...{
            type: "alerting",
            name: "ErrorsHigh",
            query: 'rate(errors_total{service="shop"}[5m]) > 1',
            duration: 60,
          },
          labels: { service: "shop" },
        },
      ],
    },
  ],
};
const fired = (labels: Record<string, string>) => ({
  metric: { __name__: "ALERTS", alertstate: "firing", ...labels },
  values: [[now / 1000, "1"]],
});
const prometheus = (result: unknown[] = []) => ({
  "/api/v1/status/buildinfo": { status: "success", data: { version: "3.5.0" } },
  "/api/v1/rules": { status: "success", data: rules },
  "/api/v1/query_range": { status: "success", data: { resultType: "matrix", result } },
});
const alertmanager = (webhook: object) => ({
  "/api/v2/status": {
    versionInfo: { version: "0.28.0" },
    config: {
      original: JSON.stringify({
        receivers: [
          { name: "team", webhook_configs: [{ url: "https://cs.test/webhooks/alertmanager", ...webhook }] },
        ],
      }),
    },
  },
});

const configuration = (over: Record<string, string> = {}): string => {
  const keys = {
    ...{ name: "shop", match: "['service=\"shop\"']", repository: "acme/shop", environments: "[production]" },
    ...{ channel: "C0OPS", approvers: "[U0ANN, U0BEN]", policy: "{ mode: approve, fourEyes: false }" },
    ...over,
  };
  return `services:\n  - ${Object.entries(keys)
    .map(([key, value]) => `${key}: ${value}`)
    .join("\n    ")}\n`;
};

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});
const app = { GITHUB_TOKEN: "", GITHUB_APP_ID: "1", GITHUB_APP_PRIVATE_KEY: privateKey };

type Setup = {
  config?: string;
  env?: Record<string, string>;
  sandbox?: Parameters<typeof openShop>[1];
  json?: boolean;
  clock?: () => number;
};
const examined = async (
  t: TestContext,
  { config = configuration(), env = {}, sandbox = {}, json = false, clock = Date.now }: Setup,
) => {
  const shop = await openShop(t, sandbox);
  const dir = mkdtempSync(join(tmpdir(), "doctor-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "countersteer.yaml");
  writeFileSync(file, config);
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const code = await doctor(
    json ? ["--json"] : [],
    { out: say, err: say },
    {
      ...{ now, clock },
      env: {
        ...{ COUNTERSTEER_CONFIG: file, DATA_DIR: join(dir, "data"), ALERTMANAGER_TOKEN: "a" },
        ...{ GITHUB_TOKEN: shop.sandbox.token, GITHUB_API_URL: shop.sandbox.github },
        ...{
          SLACK_BOT_TOKEN: shop.sandbox.slackToken,
          SLACK_API_URL: shop.sandbox.slack,
          SLACK_SIGNING_SECRET: "s",
        },
        ...env,
      },
    },
  );
  return {
    code,
    lines: said
      .join("")
      .replaceAll(dir, "")
      .split("\n")
      .filter((line) => line !== ""),
  };
};
const failures = (lines: string[]): string[] => lines.filter((line) => line.startsWith("FAILED"));

test("a setup in which nothing would fail is told line by line, and ends with 0", async (t) => {
  const env = {
    PROMETHEUS_URL: await answering(t, prometheus([fired({ alertname: "ErrorsHigh", service: "shop" })])),
    ALERTMANAGER_URL: await answering(t, alertmanager({ max_alerts: 0 })),
  };
  const { code, lines } = await examined(t, { env });
  assert.deepEqual([code, failures(lines)], [0, []]);
  assert.ok(lines.includes("ok       slack C0OPS: can be read and written"));
  assert.ok(lines.includes("ok       prometheus: answers, version 3.5.0, with 1 alerting rule"));
  assert.ok(lines.includes("ok       disk: /data can be written"));
});

test("a redeploy is held against the workflow's file, its inputs and our permission", async (t) => {
  const path = ".github/workflows/deploy.yml";
  const trees = [files({ a: "1", [path]: "on: { workflow_dispatch: { inputs: { sha: {} } } }" })];
  const linesOf = async (
    rollback: string,
    env: Record<string, string>,
    permissions?: Record<string, string>,
  ) => {
    const sandbox = { trees, clock: Date.now, ...(permissions && { app: { permissions } }) };
    const { lines } = await examined(t, { config: configuration({ rollback }), env, sandbox });
    return lines.filter((line) => line.includes("rollback of shop")).map((line) => line.slice(9));
  };
  const good = `{ workflow: deploy.yml, inputs: { sha: "{sha}" } }`;
  assert.deepEqual(await linesOf(good, app), ["rollback of shop: GitHub would take it"]);
  assert.deepEqual(await linesOf(`{ workflow: deploy.yml, inputs: { commit: "{sha}" } }`, app), [
    "rollback of shop: deploy.yml declares no input commit",
  ]);
  assert.deepEqual(await linesOf(`{ workflow: release.yml, inputs: { sha: "{sha}" } }`, app), [
    "rollback of shop: acme/shop has no .github/workflows/release.yml at main",
  ]);
  const less = {
    contents: "write",
    pull_requests: "write",
    checks: "read",
    statuses: "write",
    actions: "read",
  };
  assert.deepEqual(await linesOf(good, app, less), ["rollback of shop: the app may not write actions"]);
  assert.deepEqual(await linesOf("{ deployment: production }", app, less), [
    "rollback of shop: the app may not write deployments",
  ]);
  assert.deepEqual(await linesOf(good, {}), [
    "rollback of shop: nobody can tell whether GITHUB_TOKEN may write actions",
  ]);
});

test("each thing that would fail the first incident is a line with what to do, and ends with 1", async (t) => {
  const config = configuration({ branch: "release", channel: "C0NONE", approvers: "[U0ANN, U0NOBODY]" });
  const { code, lines } = await examined(t, {
    config,
    env: { ALERTMANAGER_URL: await answering(t, alertmanager({ send_resolved: false, max_alerts: 5 })) },
  });
  assert.equal(code, 1);
  assert.deepEqual(failures(lines), [
    "FAILED   github acme/shop: has no branch release",
    "FAILED   slack C0NONE: the bot is not in this channel",
    "FAILED   slack U0NOBODY: users.info of U0NOBODY: user_not_found",
    "FAILED   alertmanager team: does not tell of alerts that end",
  ]);
  assert.ok(lines.includes("         → set branch: main, its default branch"));
  assert.ok(lines.includes("warning  alertmanager team: cuts groups at 5 alerts"));
});

test("an archived repository, a token that GitHub refuses, and one that is elsewhere are told", async (t) => {
  const archived = await examined(t, { sandbox: { archived: ["acme/shop"] } });
  assert.deepEqual(failures(archived.lines), [
    "FAILED   github acme/shop: is archived: nothing can be merged",
  ]);
  const refused = await examined(t, { env: { GITHUB_TOKEN: "ghp_wrong" } });
  assert.equal(failures(refused.lines).length, 1);
  assert.match(failures(refused.lines)[0]!, /^FAILED {3}github: read the token's user: 401/);
  const gone = await examined(t, { config: configuration({ repository: "acme/elsewhere" }) });
  assert.deepEqual(failures(gone.lines), ["FAILED   github acme/elsewhere: is not there, or cannot be seen"]);
});

test("a scope that the Slack app lacks is told with what it is for, and fails only what no question can do without", async (t) => {
  const scopes = ["chat:write", "groups:history", "commands", "usergroups:read", "users:read"];
  const { lines } = await examined(t, { sandbox: { slack: { scopes } } });
  const told = lines.filter((line) => line.includes("scope"));
  assert.deepEqual(told, [
    "FAILED   slack: the token lacks the scope channels:history: its own message is found again after a crash",
    "warning  slack: the token lacks the scope files:write: the chart of the alert in the message",
  ]);
});

test("an alert of the last day that no service would take is told once, with the labels that were looked at", async (t) => {
  const result = [
    fired({ alertname: "ErrorsHigh", service: "shopp" }),
    fired({ alertname: "ErrorsHigh", service: "shopp", pod: "b" }),
    fired({ alertname: "Watchdog", severity: "none" }),
  ];
  const { lines } = await examined(t, { env: { PROMETHEUS_URL: await answering(t, prometheus(result)) } });
  assert.deepEqual(
    lines.filter((line) => line.includes("left alone")),
    [
      "warning  alerts: ErrorsHigh fired in the last day and would be left alone (service=shopp); did you mean shop?",
      "warning  alerts: Watchdog fired in the last day and would be left alone (service=missing)",
    ],
  );
});

test("a Prometheus that cannot be asked fails; without one, and without credentials, people are told what is missing", async (t) => {
  const broken = await examined(t, { env: { PROMETHEUS_URL: await answering(t, {}) } });
  assert.match(failures(broken.lines)[0]!, /^FAILED {3}prometheus: /);
  const without = await examined(t, { env: { GITHUB_TOKEN: "", SLACK_BOT_TOKEN: "" } });
  assert.equal(without.code, 0);
  assert.deepEqual(
    without.lines.filter((line) => line.startsWith("warning")).map((line) => line.split(":")[0]),
    ["warning  configuration", "warning  github", "warning  prometheus"],
  );
});

test("a login that stands before a system, and sends the call to its page, is told as that", async (t) => {
  const login = await answering(t, {}, "https://sso.acme.com/login?to=secret");
  const env = {
    PROMETHEUS_URL: login,
    ALERTMANAGER_URL: login,
    GITHUB_API_URL: login,
    SLACK_API_URL: `${login}/`,
  };
  const { code, lines } = await examined(t, { env, clock: () => now });
  assert.equal(code, 1);
  const where =
    "HTTP 302, a redirect to https://sso.acme.com/login, where people sign in: set an address without that login, or a token that it takes";
  assert.deepEqual(failures(lines), [
    `FAILED   github: GET /user: ${where}`,
    "FAILED   slack: auth.test of this app: it redirects, which is not followed: something before Slack wants people to sign in, or SLACK_API_URL is another's",
    `FAILED   prometheus: Prometheus rules: ${where}`,
    `FAILED   alertmanager: GET ${login}/api/v2/status: ${where}`,
  ]);
});

test("--json prints one object of the findings", async (t) => {
  const { code, lines } = await examined(t, { json: true, config: configuration({ channel: "C0NONE" }) });
  const { findings } = JSON.parse(lines.join("\n"));
  assert.equal(code, 1);
  assert.deepEqual(
    findings.find(({ level }: { level: string }) => level === "failed"),
    {
      ...{ level: "failed", about: "slack C0NONE", text: "the bot is not in this channel" },
      todo: "invite it there: /invite @countersteer; or mend the id",
    },
  );
});

test("an issuer that cannot be asked, or that refuses the client's address, is told with what to do", async () => {
  await using issuer = await startIssuer();
  const env = {
    ...{ DATA_DIR: tmpdir(), PAGES_OIDC_ISSUER: issuer.url, PAGES_OIDC_CLIENT_ID: signIn.id },
    PAGES_SESSION_SECRET: "s".repeat(32),
  };
  const about = async (over: Record<string, string> = {}) => {
    const out: string[] = [];
    const io = { out: (text: string) => void out.push(text), err: () => {} };
    await doctor(["--json"], io, { env: { ...env, ...over }, now });
    const { findings } = JSON.parse(out.join("")) as {
      findings: { about: string; level: string; text: string }[];
    };
    return findings
      .filter((one) => /sign-in|pages/.test(one.about))
      .map(({ level, text }) => `${level}: ${text}`);
  };
  assert.deepEqual(await about(), [
    "ok: takes the client, and sends people back to http://127.0.0.1:8080/sign-in/callback",
  ]);
  issuer.state.wrong = { instead: { "/authorize": { status: 400, body: "redirect_uri" } } };
  assert.deepEqual(await about(), [
    "failed: it answers 400 to our client with the redirect address http://127.0.0.1:8080/sign-in/callback",
  ]);
  assert.match(
    (await about({ PAGES_OIDC_ISSUER: "http://127.0.0.1:1" }))[0] ?? "",
    /^failed: GET http:.*bad port/,
  );
  assert.match((await about({ HOST: "0.0.0.0" }))[0] ?? "", /^failed: PAGES_OIDC_ISSUER needs baseUrl/);
});

test("a deployer that is asked is tried for each name, and one that refuses fails", async (t) => {
  const argocd = {
    "/api/v1/applications/shop": {
      ...{ metadata: { name: "shop" }, spec: { source: { repoURL: "https://github.com/acme/shop" } } },
      status: {
        operationState: { phase: "Succeeded", syncResult: { revision: "a".repeat(40) } },
        health: { status: "Healthy" },
      },
    },
    "/api/v1/applications/new": { metadata: { name: "new" }, spec: {} },
  };
  const config = configuration({ deploys: "[{ argocd: shop }, { argocd: new }, { kubernetes: shop/web }]" });
  const url = await answering(t, argocd);
  const { lines } = await examined(t, { config, env: { ARGOCD_URL: url, KUBERNETES_URL: url } });
  const about = lines.filter((line) => /argocd|kubernetes/.test(line)).map((line) => line.replace(url, ""));
  assert.deepEqual(about, [
    "ok       argocd shop: answers: shop succeeded, aaaaaaaaaaaa",
    "warning  argocd new: answers, and has deployed nothing of shop yet",
    "FAILED   kubernetes shop/web: GET /apis/apps/v1/namespaces/shop/deployments/web: 404 {}",
  ]);
});

test("a repository for drafts of post-mortems that is not there, is archived or has no issues is told", async (t) => {
  const github = {
    "/user": { login: "countersteer" },
    "/repos/acme/drafts": { archived: false, has_issues: true },
    "/repos/acme/old": { archived: true, has_issues: true },
    "/repos/acme/silent": { archived: false, has_issues: false },
  };
  const url = await answering(t, github);
  const client = githubClient({ apiUrl: url, token: "t" });
  const wanting = (issue: string) => ({ ...service(), postmortem: { issue: `acme/${issue}` } });
  const found = await checkDrafts(client, ["drafts", "old", "silent", "gone", "drafts"].map(wanting));
  assert.deepEqual(
    found.map(({ level, about, text }) => `${level} ${about}: ${text}`),
    [
      "ok post-mortems acme/drafts: drafts are opened there as issues",
      "failed post-mortems acme/old: is archived: no issue can be opened",
      "failed post-mortems acme/silent: has no issues",
      "failed post-mortems acme/gone: is not there, or cannot be seen",
    ],
  );
});

test("an App is held against the configuration: permissions, events, and where GitHub delivers and how that ended", async (t) => {
  const permissions = { metadata: "read", contents: "write", pull_requests: "read", statuses: "write" };
  const delivery = (status_code: number, status: string) => [
    { event: "push", delivered_at: "2026-11-23T11:59:00Z", status_code, status },
  ];
  const github = (url: string, delivered: unknown) => ({
    "/app": { slug: "countersteer" },
    "/app/hook/config": { url },
    "/app/hook/deliveries": delivered,
    "/repos/acme/shop/installation": { id: 7, permissions, events: ["push", "pull_request"] },
    "/app/installations/7/access_tokens": { token: "t", permissions },
  });
  const config = `baseUrl: https://cs.test\n${configuration()}`;
  const ours = "https://cs.test/webhooks/github";
  const linesOf = async (...given: Parameters<typeof github>) => {
    const url = await answering(t, github(...given));
    const env = { ...app, GITHUB_API_URL: url, GITHUB_WEBHOOK_SECRET: "s" };
    const { lines } = await examined(t, { config, env, clock: () => now + 120_000 });
    return lines
      .filter((line) => /github|clock/.test(line) && !line.startsWith("   "))
      .map((line) => line.trim());
  };
  const lines = await linesOf(ours, delivery(401, "Unauthorized"));
  assert.deepEqual(
    lines.filter((line) => /webhook|App|clock/.test(line)),
    [
      "FAILED   github webhook: the last delivery, push at 2026-11-23T11:59:00Z, failed: 401 Unauthorized",
      "FAILED   github acme/shop: the App may not write pull_requests: the pull request",
      "warning  github acme/shop: the App may not read checks: whether the checks of the pull request are green",
      "warning  github acme/shop: the App may not read deployments: deploys, as GitHub tells them",
      "warning  github acme/shop: the App may not read actions: deploys by workflows",
      "warning  github acme/shop: the App may not read merge_queues: the merge queue",
      "warning  github acme/shop: the App does not hear of pull_request_review, issue_comment, merge_group, deployment_status, workflow_run, repository",
      "FAILED   clock: our clock is 120 s ahead of GitHub's",
    ],
  );
  const told = async (...given: Parameters<typeof github>) =>
    (await linesOf(...given)).find((line) => line.includes("webhook"));
  assert.equal(
    await told("https://old.test/webhooks/github", []),
    "warning  github webhook: GitHub delivers to https://old.test/webhooks/github, and baseUrl says https://cs.test/webhooks/github",
  );
  assert.equal(
    await told(ours, delivery(202, "OK")),
    "ok       github webhook: the last delivery, push at 2026-11-23T11:59:00Z, was answered 202 OK",
  );
});

test("an address that does not lead here, a rule for no service, and a door without its secret are warnings", async (t) => {
  const nobody = await answering(t, {});
  const here = await answering(t, { "/healthz": { status: "ok" } });
  const match = "['service=\"cart\"']";
  const linesOf = async (baseUrl: string) => {
    const config = `baseUrl: ${baseUrl}\n${configuration({ match })}`;
    const env = { PROMETHEUS_URL: await answering(t, prometheus()) };
    return (await examined(t, { config, env })).lines.map((line) => line.replaceAll(baseUrl, ""));
  };
  const lines = await linesOf(nobody);
  for (const line of [
    "warning  address: /healthz answers 404, and not as Countersteer does",
    "warning  prometheus: no alerting rule sets labels that shop matches",
    "warning  deploys: nothing can tell of deploys of shop: a fix is never seen live",
  ])
    assert.ok(lines.includes(line), `${line}\n${lines.join("\n")}`);
  assert.ok((await linesOf(here)).includes("ok       address: /healthz leads here"));
});

test("the golden signals that a diagnosis would read are told for each service, and a service that is compared and tells none", async (t) => {
  const result = [
    { metric: { __name__: "istio_requests_total", destination_service_name: "shop" }, values: [[0, "1"]] },
    { metric: { __name__: "kube_pod_container_status_restarts_total" }, values: [[0, "1"]] },
  ];
  const env = { PROMETHEUS_URL: await answering(t, prometheus(result)) };
  const cart = configuration({ name: "cart", match: "['service=\"cart\"']" }).replace("services:\n", "");
  const told = async (config: string) =>
    (await examined(t, { config, env })).lines.filter((line) => /signals (shop|cart)|→ .*signals/.test(line));
  const ofShop = "ok       signals shop: errors, traffic by Istio; saturation by kube-state-metrics";
  const ofCart = "ok       signals cart: saturation by kube-state-metrics";
  assert.deepEqual(await told(`${configuration()}${cart}`), [ofShop, ofCart]);
  assert.deepEqual(await told(`${configuration({ dependsOn: "[cart]" })}${cart}`), [
    ...[ofShop, ofCart, "warning  signals cart: neither errors nor latency is found"],
    "         → set errors and latency in signals, or signals: off",
  ]);
});
