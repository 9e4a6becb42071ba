import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { parse } from "yaml";

const template = new URL("../aws/table.yml", import.meta.url);

/** Creates the table as the template has it, its keys and indexes, and returns when it can be used. One that is there already is left as it is. */
export const createTable = async (client: DynamoDBClient, name: string): Promise<void> => {
  const properties: CreateTableCommandInput = parse(readFileSync(template, "utf8")).Resources.Table
    .Properties;
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode } = properties;
  const table = { TableName: name, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode };
  await client.send(new CreateTableCommand(table)).catch((error: Error) => {
    if (error.name !== "ResourceInUseException") throw error;
  });
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    const states = [
      Table?.TableStatus,
      ...(Table?.GlobalSecondaryIndexes ?? []).map(({ IndexStatus }) => IndexStatus),
    ];
    if (states.every((state) => state === "ACTIVE")) return;
    await delay(20);
  }
};

export const deleteTable = async (client: DynamoDBClient, name: string): Promise<void> => {
  await client.send(new DeleteTableCommand({ TableName: name }));
};
