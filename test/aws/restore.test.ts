import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  ScanCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { dynamodbClient } from "../../shared/adapters/dynamodb/store.ts";
import { startLand, type World } from "../support/hosts.ts";

let world: World;
const land = await startLand();
before(async () => {
  // The tick comes when the test says so.
  world = await land.world("aws-local", { tickMs: 86_400_000 });
});
after(async () => {
  await world.stop();
  await land.stop();
});

/** The table as an operator reaches it, whom no role of a function holds. */
const operator = (): DynamoDBClient => {
  const { feed } = world.emulator();
  const { may } = feed;
  feed.may = (caller, call) => caller === "operator" || may(caller, call);
  const credentials = { accessKeyId: "operator", secretAccessKey: "nothing" };
  return dynamodbClient({ endpoint: feed.url, region: "eu-central-1", credentials });
};

const itemsOf = async (client: DynamoDBClient) =>
  (await client.send(new ScanCommand({ TableName: "countersteer", ConsistentRead: true }))).Items ?? [];

/** Makes the table hold these items and no others, as one that was restored does. */
const restore = async (client: DynamoDBClient, items: Awaited<ReturnType<typeof itemsOf>>): Promise<void> => {
  const keyOf = ({ pk, sk }: (typeof items)[number]) => ({ pk: pk!, sk: sk! });
  const kept = new Set(items.map((item) => JSON.stringify(keyOf(item))));
  const later = (await itemsOf(client)).filter((item) => !kept.has(JSON.stringify(keyOf(item))));
  const requests: WriteRequest[] = [
    ...later.map((item) => ({ DeleteRequest: { Key: keyOf(item) } })),
    ...items.map((Item) => ({ PutRequest: { Item } })),
  ];
  for (let first = 0; first < requests.length; first += 25)
    await client.send(
      new BatchWriteItemCommand({ RequestItems: { countersteer: requests.slice(first, first + 25) } }),
    );
};

const asked = ["IncidentOpened", "IncidentDiagnosed", "RemedyProposed", "ApprovalRequested"];

test("a table that is restored to before a merge finds the merge on GitHub, and merges nothing again", async () => {
  const emulator = world.emulator();
  const client = operator();
  await world.alert("one", ["a1"]);
  await world.until("one", ...asked);
  await emulator.settled();
  const then = await itemsOf(client);
  await world.press("one", "approve");
  const { merge } = await world.until("one", ...asked, "RemedyApproved", "RemedyMerged");
  await emulator.settled();
  const merges = () =>
    world.sandbox.requests().filter(({ method, path }) => method === "PUT" && path.endsWith("/merge")).length;
  assert.equal(merges(), 1);

  await restore(client, then);
  world.pass(11 * 60_000);
  await emulator.invoke("tick", {});
  await emulator.settled();
  const found = await world.read("one");
  assert.deepEqual([found?.status, found?.merge?.sha], ["merged", merge!.sha]);
  assert.equal(merges(), 1);
  client.destroy();
});
