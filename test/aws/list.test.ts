import assert from "node:assert/strict";
import { test } from "node:test";
import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { definition as pages } from "../../infra/aws/handlers/pages.ts";
import { open } from "../../infra/aws/host.ts";
import { dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident } from "../../shared/incident/model.ts";
import { startTable } from "../support/dynamodb.ts";
import { alert, opened } from "../support/incident.ts";

const services = Array.from({ length: 60 }, (_, index) => `service-${String(index).padStart(2, "0")}`);
type Page = { incidents: { id: string; unreadable?: string }[]; next?: string };

test("the function of the pages lists what it can read in pages below 1 MB, though an item is broken", async (t) => {
  const { endpoint, table, client, close, settled } = await startTable();
  t.after(close);
  const store = dynamodbStore({ client, table, clock: () => 1_000 });
  for (const service of services) {
    const event = { ...opened(), alerts: [alert({ annotations: { summary: "x".repeat(30_000) } })] };
    const id = `${service}/production`;
    await store.append(id, 0, evolve(emptyIncident(id), event), [event]);
  }
  const broken = "service-30/production";
  await client.send(
    new UpdateItemCommand({
      ...{ TableName: table, Key: { pk: { S: `incident#${broken}` }, sk: { S: "incident" } } },
      ...{ UpdateExpression: "SET #snapshot = :text", ExpressionAttributeNames: { "#snapshot": "snapshot" } },
      ExpressionAttributeValues: { ":text": { S: "{" } },
    }),
  );
  await settled();
  const env = {
    ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "emulator", AWS_SECRET_ACCESS_KEY: "nothing" },
    ...{ TABLE_NAME: table, DYNAMODB_ENDPOINT: endpoint, BASE_URL: "https://a1.example" },
  };
  const handler = await open(pages, {
    ...{ env, config: { services: [] }, clock: Date.now, write: () => {}, wait: async () => {} },
    loadSecrets: async () => ({ PAGES_TOKEN: "pages-token" }),
  });
  const ask = async (address: string): Promise<Page> => {
    const [rawPath = "", rawQueryString = ""] = address.split("?");
    const http = { method: "GET", path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "" };
    const { statusCode, body } = await handler({
      ...{ version: "2.0", routeKey: `GET ${rawPath}`, rawPath, rawQueryString, isBase64Encoded: false },
      headers: { host: "a1.example", accept: "application/json", authorization: "Bearer pages-token" },
      requestContext: { http },
    } as never);
    assert.equal(statusCode, 200);
    assert.ok(Buffer.byteLength(body) < 1_000_000, `${address} has ${Buffer.byteLength(body)} bytes`);
    return JSON.parse(body);
  };
  const pagesSeen: Page[] = [];
  for (let address: string | undefined = "/incidents"; address !== undefined; ) {
    pagesSeen.push(await ask(address));
    address = pagesSeen.at(-1)!.next;
  }
  assert.ok(pagesSeen.length > 2);
  const all = pagesSeen.flatMap(({ incidents }) => incidents);
  assert.deepEqual(
    all.map(({ id }) => id),
    services.map((service) => `${service}/production`).toReversed(),
  );
  assert.deepEqual(
    all.filter(({ unreadable }) => unreadable !== undefined).map(({ id }) => id),
    [broken],
  );
});
