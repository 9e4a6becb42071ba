import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type TestContext, test } from "node:test";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import type { FunctionName } from "../../infra/aws/host.ts";
import { gateway } from "../../infra/aws-local/gateway.ts";
import { connect } from "../../infra/aws-local/http.ts";
import { createLambda } from "../../infra/aws-local/lambda.ts";
import { startFeed } from "../../infra/aws-local/table-feed.ts";
import { readWiring } from "../../infra/aws-local/wiring.ts";
import { portOf } from "../../infra/host/server/listen.ts";
import { dynamodbClient, dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { startTable } from "../support/dynamodb.ts";
import { id } from "../support/incident.ts";

test("the emulator knows the time and the reserved concurrency of each function as they are deployed", () => {
  const limits = Object.fromEntries(
    readWiring().map(({ name, timeoutMs, reserved }) => [name, [timeoutMs / 1_000, reserved]]),
  );
  assert.deepEqual(
    [limits.alerts, limits.watch],
    [
      [10, undefined],
      [60, undefined],
    ],
  );
  assert.deepEqual(
    [limits.propose, limits.merge, limits.tick],
    [
      [60, 3],
      [60, 2],
      [50, 1],
    ],
  );
});

/** A function of the emulator that waits for its table, which is not there, in instances that are counted. */
const pages = async (t: TestContext, limits: { timeoutMs: number; reserved?: number }) => {
  const asked: (() => void)[] = [];
  const server = createServer((_, response) => {
    asked.push(() => response.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end("{}"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close().closeAllConnections());
  const env = {
    ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "pages", AWS_SECRET_ACCESS_KEY: "nothing" },
    ...{ TABLE_NAME: "none", DYNAMODB_ENDPOINT: `http://127.0.0.1:${portOf(server)}`, PAGES_LOGIN: "none" },
  };
  let opened = 0;
  const surroundings = (_: FunctionName) => {
    opened += 1;
    return {
      ...{ env, config: { services: [] }, clock: Date.now, wait: async () => {}, write: () => {} },
      loadSecrets: async () => ({}),
    };
  };
  const lambda = createLambda(surroundings, () => limits);
  const event = {
    ...{ version: "2.0", routeKey: "GET /readyz", rawPath: "/readyz", rawQueryString: "", headers: {} },
    ...{ isBase64Encoded: false, requestContext: { http: { method: "GET", path: "/readyz" } } },
  };
  return { asked, opened: () => opened, invoke: () => lambda.invoke("pages", event) };
};

test("a function that runs out of time fails as on Lambda, and its instance is not used again", async (t) => {
  const { invoke, opened } = await pages(t, { timeoutMs: 50 });
  await assert.rejects(invoke(), /^Error: Task timed out after 0\.05 seconds$/);
  await assert.rejects(invoke(), /Task timed out/);
  assert.equal(opened(), 2);
});

test("no more of a function run at a time than are reserved for it, the others wait", async (t) => {
  const { invoke, asked, opened } = await pages(t, { timeoutMs: 60_000, reserved: 1 });
  const answers = [invoke(), invoke(), invoke()];
  for (let answered = 0; answered < 3; answered++) {
    while (asked.length === answered) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(asked.length, answered + 1);
    asked[answered]!();
    await answers[answered];
  }
  assert.equal(opened(), 1);
});

const served = (login: "iam" | "own", answer: unknown = { statusCode: 200, body: "{}" }) => {
  const events: { requestContext: { authorizer?: { iam: { accessKey: string } } } }[] = [];
  const invoke = async (_: string, event: unknown) => {
    events.push(event as (typeof events)[number]);
    return answer;
  };
  return { events, fetch: gateway(readWiring(undefined, login), { invoke }, { reader: "secret" }) };
};

test("an event or an answer of more than 6 MB does not pass", async () => {
  const large = "x".repeat(6 * 1024 * 1024);
  const post = { method: "POST", body: large, headers: { "content-type": "application/json" } };
  const { fetch, events } = served("own");
  assert.equal((await fetch(new Request("http://a.test/webhooks/deploys", post))).status, 413);
  // A batch of CloudEvents comes to the function in base64, so that one of 5 MB is past it too.
  const batch = async (bytes: number): Promise<[number, string]> => {
    const headers = { "content-type": "application/cloudevents-batch+json" };
    const sent = { method: "POST", body: "x".repeat(bytes), headers };
    const answer = await fetch(new Request("http://a.test/webhooks/deploys", sent));
    return [answer.status, await answer.text()];
  };
  const refusal = [413, '{"message":"Request Entity Too Large"}'];
  for (const bytes of [5_000_000, 10_000_000]) assert.deepEqual(await batch(bytes), refusal);
  assert.equal(events.length, 0);
  assert.equal((await batch(4_000_000))[0], 200);
  const answering = served("own", { statusCode: 200, body: large });
  assert.equal((await answering.fetch(new Request("http://a.test/incidents"))).status, 500);
});

/** The request as a reader signs it for the API. */
const signed = async (query: Record<string, string>, secretAccessKey: string): Promise<Request> => {
  const credentials = { accessKeyId: "reader", secretAccessKey };
  const signer = new SignatureV4({
    service: "execute-api",
    region: "eu-central-1",
    credentials,
    sha256: Sha256,
  });
  const { headers } = await signer.sign({
    ...{ method: "GET", protocol: "http:", hostname: "a.test", path: "/incidents", query },
    headers: { host: "a.test", accept: "application/json" },
  });
  return new Request(`http://a.test/incidents?${new URLSearchParams(query)}`, { headers });
};

test("with PAGES_LOGIN=iam the pages are for requests that an identity of the account signed, and nobody else's arrive", async () => {
  const { events, fetch } = served("iam");
  const status = async (request: Request) => (await fetch(request)).status;
  const query = { page: "2", after: "a b/c" };
  assert.equal(await status(await signed(query, "secret")), 200);
  assert.equal(events[0]!.requestContext.authorizer?.iam.accessKey, "reader");
  assert.equal(await status(await signed(query, "wrong")), 403);
  assert.equal(await status(new Request("http://a.test/incidents")), 403);
  const moved = await signed(query, "secret");
  assert.equal(await status(new Request("http://a.test/incidents?page=3", { headers: moved.headers })), 403);
  assert.equal(await status(new Request("http://a.test/healthz")), 200);
  assert.equal(events.length, 2);
});

test("the table behind the emulator is called by one caller, whichever function asks", async (t) => {
  const { endpoint, table, close } = await startTable();
  t.after(close);
  const callers: string[] = [];
  // DynamoDB Local without -sharedDb shows each access key and region a database of its own.
  const behind = createServer(async (request, response) => {
    const [, key, region] =
      /Credential=([^/]+)\/[^/]+\/([^/]+)/.exec(request.headers.authorization ?? "") ?? [];
    callers.push(`${key} ${region}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const names = ["content-type", "x-amz-target", "x-amz-date", "authorization"];
    const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name])]));
    const answer = await fetch(endpoint, { method: "POST", headers, body: Buffer.concat(chunks) });
    response.writeHead(answer.status).end(await answer.text());
  });
  await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
  t.after(() => behind.close().closeAllConnections());
  const feed = await startFeed(connect(`http://127.0.0.1:${portOf(behind)}`), table);
  t.after(feed.stop);
  for (const [accessKeyId, region] of [
    ["alerts", "eu-central-1"],
    ["tick", "us-east-1"],
  ] as const) {
    const client = dynamodbClient({
      ...{ endpoint: feed.url, region },
      credentials: { accessKeyId, secretAccessKey: "nothing" },
    });
    t.after(() => client.destroy());
    const store = dynamodbStore({ client, table, clock: () => 1_000 });
    await store.load(id);
    await store.recordDelivery("d1", 1_000);
  }
  assert.deepEqual([...new Set(callers)], ["emulator eu-central-1"]);
});
