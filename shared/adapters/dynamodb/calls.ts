import {
  BatchWriteItemCommand,
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
import { UpstreamError } from "../../errors.ts";
import type { Item } from "./item.ts";

/** The calls that the store makes of one table. Each throws UpstreamError("store"). */
export type Calls = ReturnType<typeof callsOf>;

/** `repeated`: the client had sent it more than once, so it may be its own earlier try that made the condition fail. */
/** `item`: as written, or as it stands where a failed condition was asked to tell. */
export type Outcome = { done: true; item: Item } | { done: false; repeated: boolean; item?: Item };

type Query = Omit<QueryCommandInput, "TableName">;
type Update = Omit<UpdateItemCommandInput, "TableName">;

/** How often what a batch left unprocessed is sent again. */
const batchTries = 5;
const maxBatch = 25;

export const callsOf = (client: DynamoDBClient, table: string) => {
  const query = async function* (input: Query): AsyncGenerator<Item> {
    let from: Item | undefined;
    do {
      const page = await tell(`query ${table}`, () =>
        client.send(
          new QueryCommand({
            ...input,
            TableName: table,
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        ),
      );
      yield* page.Items ?? [];
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
  };
  return {
    /** Strongly consistent. */
    get: async (key: Item): Promise<Item | undefined> =>
      (
        await tell(`read ${name(key)}`, () =>
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
    remove: async (key: Item): Promise<void> => {
      await tell(`delete ${name(key)}`, () =>
        client.send(new DeleteItemCommand({ TableName: table, Key: key })),
      );
    },
    /** Every item, page after page. */
    query,
    /** Puts all of them, in batches; what the table would not take now is sent again. */
    putAll: async (items: Item[]): Promise<void> => {
      for (let first = 0; first < items.length; first += maxBatch) {
        let left: WriteRequest[] = items
          .slice(first, first + maxBatch)
          .map((Item) => ({ PutRequest: { Item } }));
        for (let tries = 0; left.length > 0; tries++) {
          if (tries === batchTries)
            throw new UpstreamError(
              "store",
              `write ${left.length} items to ${table}: it would not take them`,
              {
                retryable: true,
              },
            );
          const answer = await tell(`write ${left.length} items to ${table}`, () =>
            client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } })),
          );
          left = answer.UnprocessedItems?.[table] ?? [];
        }
      }
    },
  };
};

const name = (key: Item): string => `${key.pk?.S} ${key.sk?.S}`;

/** What cannot pass by itself: the table is not there, we may not, or what we asked for makes no sense. */
const final = new Set([
  "ResourceNotFoundException",
  "AccessDeniedException",
  "ValidationException",
  "UnrecognizedClientException",
]);

type AwsError = Error & { $metadata?: { attempts?: number }; Item?: Item };

const tell = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw upstream(what, error as AwsError);
  }
};

const conditional = async (what: string, call: () => Promise<Item>): Promise<Outcome> => {
  try {
    return { done: true, item: await call() };
  } catch (error) {
    const { name, $metadata, Item } = error as AwsError;
    if (name === "ConditionalCheckFailedException")
      return { done: false, repeated: ($metadata?.attempts ?? 1) > 1, ...(Item && { item: Item }) };
    throw upstream(what, error as AwsError);
  }
};

const upstream = (what: string, error: AwsError): UpstreamError =>
  new UpstreamError("store", `${what}: ${error.name} ${error.message}`, {
    retryable: !final.has(error.name),
    cause: error,
  });
