import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { open } from "../../infra/aws/host.ts";
import { ticker } from "../../infra/aws/ticker.ts";
import { startFeed } from "../../infra/aws-local/table-feed.ts";
import { dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident } from "../../shared/incident/model.ts";
import { clientOf, createTable } from "../simulation/dynamodb.ts";
import { startTable } from "../support/dynamodb.ts";
import { opened } from "../support/incident.ts";

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `service-${String(index).padStart(4, "0")}/production`);

/** Stores an opened incident for each id. */
const fill = async (client: DynamoDBClient, table: string, ids: string[], due: number): Promise<void> => {
  const store = dynamodbStore({ client, table, clock: () => 1_000 });
  const event = opened({ due });
  for (const id of ids) await store.append(id, 0, evolve(emptyIncident(id), event), [event]);
};

/** The function of the tick, with the lines that it logs. */
const tickOn = async (env: Record<string, string>, clock: () => number, dynamodb?: DynamoDBClient) => {
  const lines: Record<string, unknown>[] = [];
  const run = await open(ticker, {
    ...{ env, clock, wait: async () => {}, config: { services: [] }, loadSecrets: async () => ({}) },
    write: (line) => void lines.push(JSON.parse(line)),
    ...(dynamodb && { stands: { dynamodb } as never }),
  });
  const ticked = async () => {
    await run({} as never);
    const { waiting, untold, overdue, unreadable } =
      lines.findLast(({ message }) => message === "ticked") ?? {};
    return { waiting, untold, overdue, unreadable };
  };
  return { ticked, lines };
};

const onEmulator = async (t: TestContext) => {
  const { connection, table, client, close } = await startTable();
  t.after(close);
  const feed = await startFeed(connection, table);
  t.after(feed.stop);
  const env = {
    ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "tick", AWS_SECRET_ACCESS_KEY: "nothing" },
    ...{ TABLE_NAME: table, DYNAMODB_ENDPOINT: feed.url },
  };
  return { client, table, feed, env };
};

const spoil = (client: DynamoDBClient, table: string, id: string, name: string) =>
  client.send(
    new UpdateItemCommand({
      ...{ TableName: table, Key: { pk: { S: `incident#${id}` }, sk: { S: "incident" } } },
      ...{ UpdateExpression: "SET #name = :text", ExpressionAttributeNames: { "#name": name } },
      ExpressionAttributeValues: { ":text": { S: "{" } },
    }),
  );

test("one unreadable and one throttled item keep no other of 101 overdue incidents from its escalation", async (t) => {
  const { client, table, feed, env } = await onEmulator(t);
  const ids = names(101);
  const waiting = ["later/production"];
  await fill(client, table, ids, 2_000);
  await fill(client, table, waiting, 900_000);
  const [broken, slow] = [ids[10]!, ids[20]!];
  await spoil(client, table, broken, "snapshot");
  feed.fault = ({ key }) => (key === `incident#${slow} incident` ? "throttled" : undefined);
  const { ticked, lines } = await tickOn(env, () => 200_000);
  assert.deepEqual(await ticked(), { waiting: 102, untold: 102, overdue: 2, unreadable: 2 });
  const order = feed.calls.map(({ operation }) => operation);
  assert.deepEqual(order.slice(0, 2), ["Query", "BatchWriteItem"]);
  assert.ok(order.lastIndexOf("BatchWriteItem", order.indexOf("GetItem")) < order.indexOf("GetItem"));
  const failed = lines.filter(({ level }) => level === "error").map(({ incident }) => incident);
  assert.deepEqual(failed.toSorted(), [broken, slow]);
  feed.fault = () => undefined;
  const store = dynamodbStore({ client, table, clock: () => 1_000 });
  const others = ids.filter((id) => id !== broken);
  const escalated = (await Promise.all(others.map(store.load))).filter(
    ({ incident }) => incident.status === "escalated",
  );
  assert.equal(escalated.length, 99);
});

test("an entry of the index that cannot be read is counted, and the others are looked at", async (t) => {
  const { client, table, env, feed } = await onEmulator(t);
  await fill(client, table, names(3), 900_000);
  await spoil(client, table, names(3)[1]!, "wait");
  const { ticked } = await tickOn(env, () => 10_000);
  assert.deepEqual(await ticked(), { waiting: 2, untold: 2, overdue: 0, unreadable: 1 });
  assert.deepEqual(
    feed.calls.map(({ operation }) => operation),
    ["Query", "BatchWriteItem"],
  );
});

test("incidents that the release before stored are looked at, reminded of and ended", async (t) => {
  const { client, table, env, feed } = await onEmulator(t);
  const [late, later] = ["late/production", "later/production"];
  await fill(client, table, [late], 2_000);
  await fill(client, table, [later], 900_000);
  for (const id of [late, later])
    await client.send(
      new UpdateItemCommand({
        ...{ TableName: table, Key: { pk: { S: `incident#${id}` }, sk: { S: "incident" } } },
        UpdateExpression: "REMOVE #wait",
        ExpressionAttributeNames: { "#wait": "wait" },
      }),
    );
  const { ticked } = await tickOn(env, () => 100_000);
  assert.deepEqual(await ticked(), { waiting: 2, untold: 2, overdue: 0, unreadable: 0 });
  const store = dynamodbStore({ client, table, clock: () => 1_000 });
  assert.equal((await store.load(late)).incident.status, "escalated");
  assert.equal((await store.load(later)).incident.status, "opened");
  assert.ok(feed.calls.some(({ operation }) => operation === "BatchWriteItem"));
});

test("3,000 overdue incidents are ended within two ticks, and no tick begins anything after 40 s", async () => {
  let now = 200_000;
  const table = createTable(
    () => {},
    () => now,
  );
  const client = clientOf(table, {
    call: async (_, __, work) => {
      now += 8;
      return work();
    },
  });
  const ids = names(3_000);
  await fill(client, "countersteer", ids, 2_000);
  const began = now;
  const { ticked } = await tickOn({ TABLE_NAME: "countersteer" }, () => now, client);
  const { overdue } = await ticked();
  assert.ok(now - began < 45_000, `the tick took ${now - began} ms`);
  assert.ok(Number(overdue) > 0 && Number(overdue) < 1_500, `${overdue} are left`);
  now += 20_000;
  assert.equal((await ticked()).overdue, 0);
  const store = dynamodbStore({ client, table: "countersteer", clock: () => now });
  const stored = await Promise.all(ids.map(store.load));
  assert.deepEqual([...new Set(stored.map(({ incident }) => incident.status))], ["escalated"]);
});
