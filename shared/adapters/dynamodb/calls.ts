import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { asError, UpstreamError } from "../../errors.ts";
import type { Item } from "./item.ts";

/** The calls to one table. Each throws UpstreamError("store"). */
export type Calls = ReturnType<typeof callsOf>;

/**
 * `repeated`: the client sent the write more than once, so its own earlier try may have made the condition fail.
 * `item`: as written, or the item that failed the condition where the write asks for it.
 */
export type Outcome = { done: true; item: Item } | { done: false; repeated: boolean; item?: Item };

type Query = Omit<QueryCommandInput, "TableName">;
type Update = Omit<UpdateItemCommandInput, "TableName">;
type Condition = Pick<Update, "ConditionExpression" | "ExpressionAttributeValues">;

/** The number of times that the unprocessed items of a batch are sent again. */
const batchTries = 5;
const maxBatch = 25;

export const callsOf = (client: DynamoDBClient, table: string) => {
  return {
    /** Strongly consistent. */
    get: async (key: Item): Promise<Item | undefined> =>
      (
        await attempt(`read ${name(key)}`, () =>
          client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true })),
        )
      ).Item,
    /** `item` is what `ReturnValues` asks for. */
    update: (input: Update): Promise<Outcome> =>
      conditional(`write ${name(input.Key ?? {})}`, async () => {
        const { Attributes } = await client.send(new UpdateItemCommand({ ...input, TableName: table }));
        return Attributes ?? {};
      }),
    put: (item: Item, condition?: string): Promise<Outcome> =>
      conditional(`write ${name(item)}`, async () => {
        const input = { TableName: table, Item: item };
        await client.send(
          new PutItemCommand(condition === undefined ? input : { ...input, ConditionExpression: condition }),
        );
        return item;
      }),
    /** Removes the item, if the condition holds. */
    remove: (key: Item, condition: Condition = {}): Promise<Outcome> =>
      conditional(`delete ${name(key)}`, async () => {
        await client.send(new DeleteItemCommand({ TableName: table, Key: key, ...condition }));
        return key;
      }),
    /** Every item, page after page. */
    queryAll: async (input: Query): Promise<Item[]> => {
      const items: Item[] = [];
      for await (const item of query(client, table, input)) items.push(item);
      return items;
    },
    /** Puts all items in batches, and sends unprocessed items again. */
    putAll: async (items: Item[]): Promise<void> => {
      for (let first = 0; first < items.length; first += maxBatch)
        await putBatch(client, table, items.slice(first, first + maxBatch));
    },
  };
};

const query = async function* (client: DynamoDBClient, table: string, input: Query): AsyncGenerator<Item> {
  let from: Item | undefined;
  do {
    const start = from === undefined ? {} : { ExclusiveStartKey: from };
    const page = await attempt(`query ${table}`, () =>
      client.send(new QueryCommand({ ...input, TableName: table, ...start })),
    );
    yield* page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
};

const putBatch = async (client: DynamoDBClient, table: string, items: Item[]): Promise<void> => {
  let left: WriteRequest[] = items.map((Item) => ({ PutRequest: { Item } }));
  for (let tries = 0; tries < batchTries && left.length > 0; tries++) {
    const answer = await attempt(`write ${left.length} items to ${table}`, () =>
      client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } })),
    );
    left = answer.UnprocessedItems?.[table] ?? [];
  }
  if (left.length === 0) return;
  throw new UpstreamError("store", `write ${left.length} items to ${table}: it would not take them`, {
    retryable: true,
  });
};

const name = (key: Item): string => `${key.pk?.S} ${key.sk?.S}`;

/** Errors that no retry helps: no table, no permission, an invalid request. */
const final = new Set([
  "ResourceNotFoundException",
  "AccessDeniedException",
  "ValidationException",
  "UnrecognizedClientException",
]);

const attempt = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw upstream(what, error);
  }
};

const conditional = async (what: string, call: () => Promise<Item>): Promise<Outcome> => {
  try {
    return { done: true, item: await call() };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw upstream(what, error);
    const { $metadata, Item: item } = error;
    return { done: false, repeated: ($metadata.attempts ?? 1) > 1, ...(item && { item }) };
  }
};

const upstream = (what: string, error: unknown): UpstreamError => {
  const { name, message } = asError(error);
  return new UpstreamError("store", `${what}: ${name} ${message}`, {
    retryable: !final.has(name),
    cause: error,
  });
};
