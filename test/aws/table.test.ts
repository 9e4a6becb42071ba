import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { createTable } from "../../infra/aws-local/table.ts";
import { dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident } from "../../shared/incident/model.ts";
import { startTable } from "../support/dynamodb.ts";
import { id, opened } from "../support/incident.ts";

test("a table of the emulator that lacks an index gets it, and keeps its items", async (t) => {
  const { client, close } = await startTable();
  t.after(close);
  const table = `earlier-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      ...{ TableName: table, BillingMode: "PAY_PER_REQUEST" },
      AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
  const store = dynamodbStore({ client, table, clock: () => 1_000 });
  await store.append(id, 0, evolve(emptyIncident(id), opened()), [opened()]);
  await createTable(client, table);
  assert.deepEqual([await store.list(), (await store.waiting()).length], [[id], 1]);
  assert.equal((await store.load(id)).version, 1);
});
