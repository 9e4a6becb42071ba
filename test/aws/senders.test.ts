import assert from "node:assert/strict";
import { test } from "node:test";
import { definition as deploys } from "../../infra/aws/handlers/deploys.ts";
import { open } from "../../infra/aws/host.ts";
import { push, startRegistry } from "../adapters/registry-fake.ts";
import { startTable } from "../support/dynamodb.ts";
import { service } from "../support/world.ts";

type Result = { statusCode: number; body: string };

test("on AWS a sender's token comes from Parameter Store by the name that the configuration gives it", async (t) => {
  const { endpoint, table, close } = await startTable();
  t.after(close);
  const env = {
    ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "deploys", AWS_SECRET_ACCESS_KEY: "nothing" },
    ...{ TABLE_NAME: table, DYNAMODB_ENDPOINT: endpoint },
  };
  const config = {
    services: [service({ name: "pay" }), service({ name: "search" })],
    senders: [
      { name: "pay", token: "SENDER_PAY", kinds: ["deploys" as const], services: ["pay"] },
      { name: "search", token: "SENDER_SEARCH", kinds: ["deploys" as const], services: ["search"] },
    ],
  };
  const asked: string[] = [];
  const lines: string[] = [];
  const handler = await open(deploys, {
    ...{ env, config, clock: () => 1_000, write: (line) => lines.push(line), wait: async () => {} },
    loadSecrets: async (names) => {
      asked.push(...names);
      return { SENDER_PAY: "new", SENDER_PAY_PREVIOUS: "former" };
    },
  });
  assert.deepEqual(asked, [
    ...["DEPLOYS_TOKEN", "DEPLOYS_TOKEN_PREVIOUS"],
    ...["SENDER_PAY", "SENDER_PAY_PREVIOUS", "SENDER_SEARCH", "SENDER_SEARCH_PREVIOUS"],
    "REGISTRY_AUTH",
  ]);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).detail),
    ["the sender search has no token: set SENDER_SEARCH, which the configuration names"],
  );
  const report = async (token: string, name: string) => {
    const path = "/webhooks/deploys";
    const http = { method: "POST", path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "" };
    const body = JSON.stringify({ service: name, environment: "production", sha: "a".repeat(40) });
    const event = {
      ...{
        version: "2.0",
        routeKey: `POST ${path}`,
        rawPath: path,
        rawQueryString: "",
        body,
        isBase64Encoded: false,
      },
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      requestContext: { http },
    };
    const { statusCode, body: said } = (await handler(event as never)) as unknown as Result;
    return [statusCode, JSON.parse(said).outcome];
  };
  assert.deepEqual(await report("new", "pay"), [202, "recorded"]);
  assert.deepEqual(await report("former", "pay"), [202, "recorded"]);
  assert.deepEqual(await report("new", "search"), [202, "not_owned"]);
  // It may be the sender whose token is not there: that one must repeat.
  assert.deepEqual(await report("older", "pay"), [503, undefined]);
});

test("on AWS a deploy that is told by its image alone is recorded from a private registry, by the secret REGISTRY_AUTH", async (t) => {
  const { endpoint, table, close } = await startTable();
  t.after(close);
  const fake = await startRegistry(t);
  const sha = "a".repeat(40);
  push(fake.held, "acme/pay", { tag: "v1", labels: { "org.opencontainers.image.revision": sha } });
  const registry = { host: fake.host, url: fake.url, realm: fake.tokens };
  const auth = Buffer.from(fake.login).toString("base64");
  const REGISTRY_AUTH = JSON.stringify({ auths: { [fake.host]: { auth } } });
  const report = async (secrets: Record<string, string>) => {
    const handler = await open(deploys, {
      env: {
        ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "deploys", AWS_SECRET_ACCESS_KEY: "nothing" },
        ...{ TABLE_NAME: table, DYNAMODB_ENDPOINT: endpoint },
      },
      config: { services: [service({ name: "pay" })], registries: [registry] },
      ...{ clock: () => 1_000, write: () => {}, wait: async () => {}, loadSecrets: async () => secrets },
    });
    const path = "/webhooks/deploys";
    const told = { service: "pay", environment: "production", image: `${fake.host}/acme/pay:v1` };
    const event = {
      ...{ version: "2.0", routeKey: `POST ${path}`, rawPath: path, rawQueryString: "" },
      ...{ body: JSON.stringify(told), isBase64Encoded: false },
      headers: { authorization: "Bearer dp", "content-type": "application/json" },
      requestContext: { http: { method: "POST", path, protocol: "HTTP/1.1", sourceIp: "", userAgent: "" } },
    };
    const { statusCode, body } = (await handler(event as never)) as unknown as Result;
    return [statusCode, JSON.parse(body).outcome];
  };
  assert.notDeepEqual(await report({ DEPLOYS_TOKEN: "dp" }), [202, "recorded"]);
  assert.deepEqual(await report({ DEPLOYS_TOKEN: "dp", REGISTRY_AUTH }), [202, "recorded"]);
  assert.equal((await report({ REGISTRY_AUTH }))[0], 503, "a login of a registry admits nobody");
});
