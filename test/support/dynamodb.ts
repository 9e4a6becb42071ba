import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { BatchWriteItemCommand, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { createTable, deleteTable } from "../../infra/aws-local/table.ts";
import { dynamodbClient } from "../../shared/adapters/dynamodb/store.ts";

/** For a DynamoDB on this machine, which asks nobody who they are. */
const nobody = {
  region: "eu-central-1",
  credentials: { accessKeyId: "nobody", secretAccessKey: "nothing" },
};

/** A table of its own on a DynamoDB: dynalite here, or the one that DYNAMODB_TEST_ENDPOINT names. */
export const startTable = async () => {
  const elsewhere = process.env.DYNAMODB_TEST_ENDPOINT;
  const { endpoint, stop } = elsewhere
    ? { endpoint: elsewhere, stop: async () => {} }
    : await startDynalite();
  const access = elsewhere?.startsWith("https:") ? { endpoint } : { ...nobody, endpoint };
  const client = dynamodbClient(access);
  const table = `countersteer-test-${randomUUID()}`;
  await createTable(client, table);
  return {
    ...{ endpoint, access, client, table },
    /** An index of a real one lags behind its table. */
    settled: () => (elsewhere ? delay(1_000) : Promise.resolve()),
    empty: () => empty(client, table),
    async close() {
      await deleteTable(client, table);
      client.destroy();
      await stop();
    },
  };
};

export const startDynalite = async (path?: string): Promise<{ endpoint: string; stop(): Promise<void> }> => {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, ...(path === undefined ? {} : { path }) });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
};

const empty = async (client: DynamoDBClient, table: string): Promise<void> => {
  for await (const { Items = [] } of paginateScan(
    { client, pageSize: 25 },
    { TableName: table, ConsistentRead: true },
  )) {
    const requests = Items.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk: pk!, sk: sk! } } }));
    if (requests.length > 0)
      await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  }
};
