import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { BatchWriteItemCommand, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { startDynalite } from "../../infra/aws-local/dynamodb.ts";
import { connect } from "../../infra/aws-local/http.ts";
import { createTable, deleteTable } from "../../infra/aws-local/table.ts";
import { dynamodbClient } from "../../shared/adapters/dynamodb/store.ts";

/** The caller of the emulator's feed: DynamoDB Local without -sharedDb keeps a database for each access key and region. */
const nobody = {
  region: "eu-central-1",
  credentials: { accessKeyId: "emulator", secretAccessKey: "nothing" },
};

/** A table of its own on a DynamoDB: dynalite here, or the one that DYNAMODB_TEST_ENDPOINT names. */
export const startTable = async () => {
  const elsewhere = process.env.DYNAMODB_TEST_ENDPOINT;
  const { endpoint, connection, stop } = elsewhere
    ? { endpoint: elsewhere, connection: connect(elsewhere), stop: async () => {} }
    : await startDynalite();
  const access = elsewhere?.startsWith("https:") ? { endpoint } : { ...nobody, endpoint };
  const client = dynamodbClient(access);
  const table = `countersteer-test-${randomUUID()}`;
  await createTable(client, table);
  return {
    ...{ endpoint, connection, access, client, table },
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

/** The DynamoDB that DYNAMODB_TEST_ENDPOINT names, without a table of an earlier emulator; undefined where dynalite is to be used. */
export const emulatorElsewhere = async (): Promise<string | undefined> => {
  const endpoint = process.env.DYNAMODB_TEST_ENDPOINT;
  if (endpoint === undefined) return undefined;
  const client = dynamodbClient({ ...nobody, endpoint });
  await deleteTable(client, "countersteer").catch((error: Error) => {
    if (error.name !== "ResourceNotFoundException") throw error;
  });
  client.destroy();
  return endpoint;
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
