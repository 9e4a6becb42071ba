import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  paginateScan,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { parse } from "yaml";
import { callsOf } from "../../shared/adapters/dynamodb/calls.ts";
import type { Item } from "../../shared/adapters/dynamodb/item.ts";

const template = new URL("../aws/template/table.yml", import.meta.url);

/**
 * Creates the table as the template has it, its keys and indexes, and returns when it can be used. One that is there already keeps its
 * items; when an index of the template is missing, it is made anew with them, as dynalite adds none.
 */
export const createTable = async (client: DynamoDBClient, name: string): Promise<void> => {
  const properties: CreateTableCommandInput = parse(readFileSync(template, "utf8")).Resources.Table
    .Properties;
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes = [], BillingMode } = properties;
  const table = { TableName: name, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode };
  await client.send(new CreateTableCommand(table)).catch((error: Error) => {
    if (error.name !== "ResourceInUseException") throw error;
  });
  const known = new Set(await indexesOf(client, name));
  if (GlobalSecondaryIndexes.every(({ IndexName = "" }) => known.has(IndexName))) return;
  const items: Item[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: name })) items.push(...Items);
  await deleteTable(client, name);
  await waitUntilTableNotExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: name });
  await client.send(new CreateTableCommand(table));
  await indexesOf(client, name);
  await callsOf(client, name).putAll(items);
};

/** The names of the table's indexes, once all of them can be used. */
const indexesOf = async (client: DynamoDBClient, name: string): Promise<string[]> => {
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    const indexes = Table?.GlobalSecondaryIndexes ?? [];
    const states = [Table?.TableStatus, ...indexes.map(({ IndexStatus }) => IndexStatus)];
    if (states.every((state) => state === "ACTIVE")) return indexes.map(({ IndexName = "" }) => IndexName);
    await delay(20);
  }
};

export const deleteTable = async (client: DynamoDBClient, name: string): Promise<void> => {
  await client.send(new DeleteTableCommand({ TableName: name }));
};
