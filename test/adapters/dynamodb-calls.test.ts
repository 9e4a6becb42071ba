import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { callsOf } from "../../shared/adapters/dynamodb/calls.ts";
import { consume, releaseLease, takeLease } from "../../shared/adapters/dynamodb/lease.ts";
import { openTable } from "../../shared/adapters/dynamodb/table.ts";
import { append } from "../../shared/adapters/dynamodb/write.ts";
import { ConflictError, UpstreamError } from "../../shared/errors.ts";
import { after, openedEvent } from "../support/facts.ts";
import { alert, id } from "../support/incident.ts";

type Sent = { input: Record<string, unknown> };
/** A client of DynamoDB that answers what the test says, and keeps what was sent. */
const client = (answer: (sent: Sent) => object) => {
  const sent: Sent[] = [];
  const send = async (command: Sent): Promise<object> => {
    sent.push(command);
    return answer(command);
  };
  return { sent, client: { send } as Partial<DynamoDBClient> as DynamoDBClient };
};

test("an item is read strongly consistent", async () => {
  const { client: one, sent } = client(() => ({}));
  assert.equal(await callsOf(one, "t").get({ pk: { S: "a" }, sk: { S: "b" } }), undefined);
  assert.ok(sent[0] instanceof GetItemCommand);
  assert.equal(sent[0].input.ConsistentRead, true);
});

const items = Array.from({ length: 30 }, (_, index) => ({ pk: { S: `look-${index}` }, sk: { S: "look" } }));
const writesOf = ({ input }: Sent): unknown[] => (input.RequestItems as { t: unknown[] }).t;

test("items that a batch leaves unprocessed are sent again, and only those", async () => {
  const { client: one, sent } = client((command) =>
    writesOf(command).length > 2 ? { UnprocessedItems: { t: writesOf(command).slice(-2) } } : {},
  );
  await callsOf(one, "t").putAll(items);
  assert.ok(sent.every((command) => command instanceof BatchWriteItemCommand));
  assert.deepEqual(
    sent.map((command) => writesOf(command).length),
    [25, 2, 5, 2],
  );
});

test("items that the table never takes are a failure that may pass", async () => {
  const { client: one } = client((command) => ({ UnprocessedItems: { t: writesOf(command) } }));
  await assert.rejects(
    callsOf(one, "t").putAll(items),
    (error) => error instanceof UpstreamError && error.retryable && /would not take them/.test(error.message),
  );
});

test("every page of a query is read", async () => {
  const { client: one, sent } = client(({ input }) =>
    input.ExclusiveStartKey === undefined
      ? { Items: [{ n: { N: "1" } }], LastEvaluatedKey: { pk: { S: "a" } } }
      : { Items: [{ n: { N: "2" } }] },
  );
  assert.deepEqual(await callsOf(one, "t").queryAll({}), [{ n: { N: "1" } }, { n: { N: "2" } }]);
  assert.ok(sent.every((command) => command instanceof QueryCommand));
});

/** The condition failed, and the client had sent the write twice: its own first try may have made it fail. */
const failedTwice = () =>
  new ConditionalCheckFailedException({ message: "failed", $metadata: { attempts: 2 } });

test("a repeated write whose condition failed is ours only where the item carries its writer", async () => {
  const opened = openedEvent(1, [alert()]);
  const write = (isOurs: boolean) => {
    let writer = "";
    const { client: one } = client((command) => {
      if (command instanceof UpdateItemCommand) {
        const values = Object.values(command.input.ExpressionAttributeValues ?? {});
        writer = values.flatMap(({ S = "" }) => (/^[0-9a-f-]{36}$/.test(S) ? [S] : []))[0] ?? "";
        throw failedTwice();
      }
      return { Item: stored(isOurs ? writer : "somebody else") };
    });
    const incident = after(id, opened);
    return append(
      openTable(one, "t", () => 1),
      { id, version: 0, incident, events: [opened] },
    );
  };
  assert.equal(await write(true), 1);
  await assert.rejects(write(false), ConflictError);
});

const stored = (writer: string) => ({
  ...{ pk: { S: `incident#${id}` }, sk: { S: "incident" }, version: { N: "1" }, status: { S: "opened" } },
  ...{
    snapshot: { S: "{}" },
    log: { L: [] },
    logBytes: { N: "0" },
    round: { N: "1" },
    consumed: { N: "0" },
    writer: { S: writer },
  },
});

test("only the holder of a lease gives it back, and a mark is only moved up", async () => {
  const { client: one, sent } = client(() => ({}));
  const table = openTable(one, "t", () => 1);
  await releaseLease(table, id, "work", "token-1");
  assert.equal(sent[0]?.input.ConditionExpression, "holder = :token");
  assert.deepEqual(sent[0]?.input.ExpressionAttributeValues, { ":token": { S: "token-1" } });
  await consume(table, id, { version: 3, ended: false });
  assert.equal(
    sent[1]?.input.ConditionExpression,
    "attribute_exists(pk) AND (attribute_not_exists(#consumed) OR #consumed <= :version)",
  );
});

test("the mark of an ended incident moves only while its version is the latest, and takes it off the waiting list", async () => {
  const { client: one, sent } = client(() => ({}));
  const table = openTable(one, "t", () => 1);
  await consume(table, id, { version: 3, ended: true });
  assert.match(String(sent[0]?.input.ConditionExpression), / AND version = :version$/);
  assert.match(String(sent[0]?.input.UpdateExpression), / REMOVE waiting, due$/);
});

test("a repeated lease whose condition failed is ours only where the item carries its token", async () => {
  const taken = (holder: string) => {
    const { client: one } = client(() => {
      throw Object.assign(failedTwice(), { Item: { holder: { S: holder } } });
    });
    const table = openTable(one, "t", () => 1);
    return takeLease(table, id, { lease: "work", token: "token-1", until: 9 });
  };
  assert.equal(await taken("token-1"), true);
  assert.equal(await taken("token-2"), false);
});
