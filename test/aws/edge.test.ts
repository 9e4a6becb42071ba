import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Env } from "../../infra/aws/host.ts";
import { createLambda } from "../../infra/aws-local/lambda.ts";
import { loadBalancer, readListenerRules, targetOf } from "../../infra/aws-local/load-balancer.ts";
import { readWiring } from "../../infra/aws-local/wiring.ts";
import { signGitHub, signSlack } from "../../shared/adapters/http/signature.ts";
import { arn, rule, startBalancer } from "../support/balancer.ts";
import { startTable } from "../support/dynamodb.ts";

const rules = readListenerRules();

test("the load balancer gives every address of the HTTP API to the same function, and no other address to any", () => {
  const routes = readWiring().flatMap(({ name, routes }) =>
    routes.map(({ method, path }) => ({ name, method, pathname: path.replaceAll(/\{\w+\}/g, "a") })),
  );
  assert.ok(routes.length >= 29, String(routes.length));
  for (const { name, ...request } of routes)
    assert.equal(targetOf(rules, request), name, `${request.method} ${request.pathname}`);
  for (const [method, pathname] of [
    ...([
      ["GET", "/webhooks/alertmanager"],
      ["POST", "/webhooks/alertmanager/"],
    ] as const),
    ...([
      ["POST", "/incidents"],
      ["GET", "/metrics"],
      ["PUT", "/webhooks/deploys"],
    ] as const),
    ...([
      ["POST", "/alarms"],
      ["POST", "/webhooks/cloudwatch"],
    ] as const),
  ])
    assert.equal(targetOf(rules, { method, pathname }), undefined, `${method} ${pathname}`);
});

test("a rule has no more values than a load balancer takes, and without a login of their own the pages have none", () => {
  for (const { methods, paths, priority } of rules)
    assert.ok(methods.length + paths.length <= 5, `the rule ${priority}`);
  const open = rules.filter(({ isOfPages }) => !isOfPages);
  const asked = (method: string, pathname: string) => targetOf(open, { method, pathname });
  assert.deepEqual([asked("GET", "/healthz"), asked("GET", "/incidents")], ["pages", undefined]);
  assert.deepEqual(
    rules.filter(({ name, isOfPages }) => name === "pages" && !isOfPages).map(({ paths }) => paths),
    [["/healthz"]],
  );
});

const secrets: Record<string, string> = {
  ...{ ALERTMANAGER_TOKEN: "am", DEPLOYS_TOKEN: "dp", GITHUB_WEBHOOK_SECRET: "w", SLACK_SIGNING_SECRET: "s" },
  ...{
    PAGES_TOKEN: "pages-token",
    GITHUB_TELL_TOKEN: "t",
    GITHUB_READ_TOKEN: "r",
    SLACK_BOT_TOKEN: "xoxb-t",
  },
};

/** The functions behind the load balancer, on a table. */
const balanced = async (t: TestContext, variables: Env = {}) => {
  const { endpoint, table, close } = await startTable();
  t.after(close);
  const env = {
    ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "emulator", AWS_SECRET_ACCESS_KEY: "nothing" },
    ...{ TABLE_NAME: table, DYNAMODB_ENDPOINT: endpoint, BASE_URL: "https://ours.example", ...variables },
    ...{ GITHUB_API_URL: "http://127.0.0.1:1", SLACK_API_URL: "http://127.0.0.1:1/" },
  };
  const lambda = createLambda(() => ({
    ...{
      env,
      config: { services: [] },
      clock: () => 1_700_000_000_000,
      write: () => {},
      wait: async () => {},
    },
    loadSecrets: async (names) =>
      Object.fromEntries(names.flatMap((name) => (secrets[name] ? [[name, secrets[name]]] : []))),
  }));
  const way = loadBalancer(rules, lambda);
  return (path: string, init: RequestInit = {}) => {
    const headers = { host: "ours.example", accept: "application/json", ...init.headers };
    return way(new Request(`https://ours.example${path}`, { ...init, headers }));
  };
};

test("the functions answer a load balancer as they answer the HTTP API: JSON, forms, signatures and cookies", async (t) => {
  const ask = await balanced(t);
  const post = async (path: string, body: string, headers: Record<string, string>) =>
    (await ask(path, { method: "POST", body, headers })).status;
  const json = { "content-type": "application/json" };
  const deploy = JSON.stringify({ service: "a", environment: "production", sha: "a".repeat(40) });
  assert.equal(await post("/webhooks/deploys", deploy, { ...json, authorization: "Bearer dp" }), 202);
  assert.equal(await post("/webhooks/deploys", deploy, { ...json, authorization: "Bearer no" }), 401);
  const ping = JSON.stringify({ zen: "ü" });
  const signature = signGitHub({ secret: "w", body: Buffer.from(ping) });
  const delivery = { "x-github-event": "ping", "x-github-delivery": "d1" };
  const github = { ...json, ...delivery, "x-hub-signature-256": signature };
  assert.equal(await post("/webhooks/github", ping, github), 202);
  assert.equal(await post("/webhooks/github", `${ping} `, github), 401);
  const form = new URLSearchParams({
    command: "/countersteer",
    text: "help",
    user_id: "U0ANN",
    channel_id: "C0A",
  }).toString();
  const timestamp = "1700000000";
  const slack = {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": signSlack({ secret: "s", timestamp, body: Buffer.from(form) }),
  };
  assert.equal(await post("/slack/commands", form, slack), 200);
  assert.equal(await post("/slack/commands", form, { ...slack, "x-slack-signature": "v0=00" }), 401);
  assert.equal((await ask("/incidents")).status, 401);
  const signedIn = await ask("/sign-in", {
    ...{ method: "POST", body: "token=pages-token&to=%2Fincidents%3Fq%3Da%2520b" },
    headers: { origin: "https://ours.example", "content-type": "application/x-www-form-urlencoded" },
  });
  assert.deepEqual([signedIn.status, signedIn.headers.get("location")], [303, "/incidents?q=a%20b"]);
  const [cookie = ""] = signedIn.headers.getSetCookie();
  assert.match(cookie, /^__Host-countersteer_session=.*; Secure; SameSite=Lax$/);
  const read = await ask("/incidents?q=a%20b&page=1", { headers: { cookie: cookie.split(";")[0]! } });
  assert.equal(read.status, 200);
});

test("behind a load balancer a proxy is known by the address that calls, which it wrote last", async (t) => {
  const variables = { PAGES_PROXY_HEADER: "x-forwarded-email", PAGES_PROXY_ADDRESSES: "127.0.0.1" };
  const ask = await balanced(t, variables);
  const headers = { "x-forwarded-email": "ann@acme.com" };
  assert.equal((await ask("/incidents", { headers })).status, 200);
  const elsewhere = await balanced(t, { ...variables, PAGES_PROXY_ADDRESSES: "10.0.0.7" });
  const forged = { ...headers, "x-forwarded-for": "10.0.0.7" };
  assert.equal((await elsewhere("/incidents", { headers: forged })).status, 401);
  const two = { "x-forwarded-email": "ann@acme.com; eve@acme.com" };
  assert.equal((await ask("/incidents", { headers: two })).status, 401);
});

test("behind a load balancer that signs people in, they read, and press a button", async (t) => {
  const balancer = await startBalancer(1_700_000_060_000);
  t.after(() => balancer.keys[Symbol.asyncDispose]());
  const ask = await balanced(t, {
    ...{ PAGES_ALB_ARN: arn, PAGES_ALB_ISSUER: rule.issuer, PAGES_ALB_CLIENT_ID: rule.clientId },
    PAGES_ALB_KEYS_URL: balancer.keys.url,
  });
  const told = { "x-amzn-oidc-data": balancer.tell() };
  const retry = async (headers: Record<string, string>) =>
    (await ask("/incidents/a/b/retry", { method: "POST", headers })).status;
  const same = { origin: "https://ours.example" };
  assert.equal((await ask("/incidents", { headers: told })).status, 200);
  assert.equal(await retry({ ...same, ...told }), 404, "there is no such incident");
  assert.deepEqual([await retry(same), await retry({ ...told, origin: "https://evil.example" })], [401, 403]);
  const part = await balanced(t, { PAGES_ALB_ARN: arn, PAGES_ALB_KEYS_URL: balancer.keys.url });
  assert.equal((await part("/incidents", { headers: told })).status, 401);
});

test("a request or an answer of more than 1 MB does not pass the load balancer", async () => {
  const large = "x".repeat(1024 * 1024);
  const way = (answer: object) => loadBalancer(rules, { invoke: async () => answer });
  const post = { method: "POST", body: `${large}x`, headers: { "content-type": "application/json" } };
  const taken = way({ statusCode: 202 });
  assert.equal((await taken(new Request("http://a.test/webhooks/deploys", post))).status, 413);
  const answering = way({ statusCode: 200, body: large });
  assert.equal((await answering(new Request("http://a.test/incidents"))).status, 502);
});
