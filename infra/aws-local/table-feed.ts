import type { IncomingMessage } from "node:http";
import type { Item } from "../../shared/adapters/dynamodb/item.ts";
import type { StreamRecord } from "../../shared/adapters/dynamodb/stream.ts";
import { type Answer, type Answered, type Connection, listen, readText } from "./http.ts";
import type { Reach } from "./roles.ts";

/** A call of DynamoDB; `key` is the item's as `pk sk` where it is about one. */
export type Call = { operation: string; key?: string };
/** A fault of a call: refused for its rate, not applied, or applied with its answer lost. */
export type Fault = "throttled" | "dropped" | "unanswered";

export type Feed = {
  url: string;
  calls: Call[];
  /** Called with every change once it is made, in the order of the changes. */
  onRecord: (record: StreamRecord) => void;
  fault: (call: Call) => Fault | undefined;
  /** Whether the caller, named by its access key, may make the call. */
  may: (caller: string, call: Reach) => boolean;
  /** Emits every item once more, as if it had just been written. */
  replay(): Promise<void>;
  stop(): Promise<void>;
};

export type Body = {
  TableName?: string;
  Item?: Item;
  Key?: Item;
  IndexName?: string;
  ReturnValues?: string;
  ReturnValuesOnConditionCheckFailure?: string;
  ExpressionAttributeValues?: Item;
  RequestItems?: Record<string, { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }[]>;
};
type Page = { Items: Item[]; LastEvaluatedKey?: Item };

type Headers = Record<string, string>;
type Dynamodb = { connection: Connection; table: string };
/** The last sequence number, and the write that is under way. */
type State = { sequence: number; writing: Promise<unknown> };

/**
 * Stands before a DynamoDB that has no streams and makes one: it learns every item before and after its write, one write at a time,
 * so that the images are exactly what a stream would hold. It stands at the wire, so that the store is the deployed one.
 */
export const startFeed = async (connection: Connection, table: string): Promise<Feed> => {
  const dynamodb = { connection, table };
  const calls: Call[] = [];
  const state: State = { sequence: 0, writing: Promise.resolve() };
  const emit: Emit = (...images) => {
    const record = recordOf(state, ...images);
    if (record !== undefined) feed.onRecord(record);
  };
  const server = await listen((request, answer) => serve(request, answer, { dynamodb, feed, state, emit }));
  const feed: Feed = {
    ...{ url: server.url, calls },
    onRecord: () => {},
    fault: () => undefined,
    may: () => true,
    replay: () => replay(dynamodb, emit),
    async stop() {
      await server.close();
      connection.close();
    },
  };
  return feed;
};

type Emit = (key: Item, before: Item | undefined, after: Item | undefined) => void;

/** The stream's record of a change; undefined when the item stayed as it was. */
const recordOf = (
  state: State,
  Keys: Item,
  OldImage: Item | undefined,
  NewImage: Item | undefined,
): StreamRecord | undefined => {
  if (JSON.stringify(OldImage) === JSON.stringify(NewImage)) return undefined;
  return {
    eventName: OldImage === undefined ? "INSERT" : NewImage === undefined ? "REMOVE" : "MODIFY",
    dynamodb: {
      Keys,
      ...(NewImage === undefined ? {} : { NewImage }),
      ...(OldImage === undefined ? {} : { OldImage }),
      SequenceNumber: String(++state.sequence).padStart(21, "0"),
      ApproximateCreationDateTime: Date.now() / 1000,
    },
  };
};

type Serving = { dynamodb: Dynamodb; feed: Feed; state: State; emit: Emit };

/** Answers one call: refuses it, fails it as the feed's faults say, or passes it on. */
const serve = async (request: IncomingMessage, answer: Answer, serving: Serving): Promise<void> => {
  const { dynamodb, feed, state } = serving;
  const headers = headersOf(request);
  const operation = headers["x-amz-target"]?.split(".")[1] ?? "";
  const text = await readText(request);
  const body: Body = JSON.parse(text);
  const keys = keysOf(operation, body, dynamodb.table);
  const caller = /Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1] ?? "";
  if (!feed.may(caller, reachOf(operation, body, dynamodb.table)))
    return answer.status(400, denied(caller, operation));
  const call = callOf(operation, keys.length === 1 ? keys[0] : body.Key);
  feed.calls.push(call);
  const fault = feed.fault(call);
  if (fault === "throttled") return answer.status(400, throttled);
  if (fault === "dropped") return void request.socket.destroy();
  // One caller for all: DynamoDB Local keeps a database for each access key and region, unless it was started with -sharedDb.
  const asOne = { ...headers, ...unsigned };
  const passed =
    keys.length === 0
      ? dynamodb.connection.post(asOne, text)
      : inTurn(state, () => write(serving, { operation, headers: asOne, body: text, keys }));
  const { status, text: result } = await passed;
  if (fault === "unanswered") return void request.socket.destroy();
  answer.status(status, result);
};

const callOf = (operation: string, key: Item | undefined): Call =>
  key === undefined ? { operation } : { operation, key: `${key.pk?.S} ${key.sk?.S}` };

const denied = (caller: string, operation: string) => ({
  __type: "com.amazonaws.dynamodb.v20120810#AccessDeniedException",
  message: `the role of ${caller} is not authorized to perform dynamodb:${operation} here`,
});

const throttled = {
  __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
  message: "slow down",
};

/** One write after the other. */
const inTurn = <T>(state: State, work: () => Promise<T>): Promise<T> => {
  const done = state.writing.catch(() => {}).then(work);
  state.writing = done;
  return done;
};

type Write = { operation: string; headers: Headers; body: string; keys: Item[] };

/** Passes a write on, and emits the change of each item. An update answers with the item as it became: that saves a read. */
const write = async (
  { dynamodb, emit }: Serving,
  { operation, headers, body, keys }: Write,
): Promise<Answered> => {
  const images = () => Promise.all(keys.map((key) => imageOf(dynamodb, headers, key)));
  const asked: Body = JSON.parse(body);
  const isQuiet = operation === "UpdateItem" && (asked.ReturnValues ?? "NONE") === "NONE";
  const passed: Body = isQuiet ? { ...asked, ReturnValues: "ALL_NEW" } : asked;
  const before = await images();
  const answer = await dynamodb.connection.post(headers, JSON.stringify(passed));
  if (answer.status !== 200) return refusal(answer, asked, before[0]);
  const after = afterOf(operation, passed, answer) ?? (await images());
  for (const [index, key] of keys.entries()) emit(key, before[index], after[index]);
  return isQuiet ? { ...answer, text: JSON.stringify(withoutAttributes(answer)) } : answer;
};

/** The item after a write, where the write or its answer tells it. */
const afterOf = (
  operation: string,
  { Item, ReturnValues }: Body,
  answer: Answered,
): (Item | undefined)[] | undefined => {
  if (operation === "PutItem") return [Item];
  if (operation === "DeleteItem") return [undefined];
  const isTold = operation === "UpdateItem" && ReturnValues === "ALL_NEW";
  return isTold ? [JSON.parse(answer.text).Attributes] : undefined;
};

const withoutAttributes = ({ text }: Answered): object => {
  const { Attributes: _, ...rest } = JSON.parse(text);
  return rest;
};

/** Emits every item of the table, page by page. */
const replay = async (dynamodb: Dynamodb, emit: Emit): Promise<void> => {
  let from: Item | undefined;
  do {
    const page: Page = await ask(dynamodb, unsigned, "Scan", {
      ...{ TableName: dynamodb.table, ConsistentRead: true },
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    for (const item of page.Items) emit(keyOf(item), undefined, item);
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
};

const ask = async (dynamodb: Dynamodb, headers: Headers, operation: string, body: object) => {
  const target = { ...headers, "x-amz-target": `DynamoDB_20120810.${operation}` };
  const { status, text } = await dynamodb.connection.post(target, JSON.stringify(body));
  if (status !== 200) throw new Error(`${operation}: ${status} ${text}`);
  return JSON.parse(text);
};

const imageOf = async (dynamodb: Dynamodb, headers: Headers, key: Item): Promise<Item | undefined> => {
  const request = { TableName: dynamodb.table, Key: key, ConsistentRead: true };
  return (await ask(dynamodb, headers, "GetItem", request)).Item;
};

/** A failed condition answers with the item as it was, where that is asked for: dynalite leaves it out. */
const refusal = (
  answer: Answered,
  { ReturnValuesOnConditionCheckFailure: asked }: Body,
  item: Item | undefined,
): Answered => {
  if (asked !== "ALL_OLD" || item === undefined || !answer.text.includes("ConditionalCheckFailedException"))
    return answer;
  return { ...answer, text: JSON.stringify({ ...JSON.parse(answer.text), Item: item }) };
};

/** Enough of a signature for a DynamoDB that checks none. */
const unsigned = {
  "content-type": "application/x-amz-json-1.0",
  "x-amz-date": "20260101T000000Z",
  authorization:
    "AWS4-HMAC-SHA256 Credential=emulator/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none",
};

const keyOf = (item: Item): Item => ({ pk: item.pk!, sk: item.sk! });

/** The items of the table that the call writes. */
const keysOf = (operation: string, body: Body, table: string): Item[] => {
  if (body.TableName !== table && body.RequestItems?.[table] === undefined) return [];
  switch (operation) {
    case "PutItem":
      return [keyOf(body.Item!)];
    case "UpdateItem":
    case "DeleteItem":
      return [body.Key!];
    case "BatchWriteItem":
      return (body.RequestItems?.[table] ?? []).map(({ PutRequest, DeleteRequest }) =>
        PutRequest === undefined ? DeleteRequest!.Key : keyOf(PutRequest.Item),
      );
    default:
      return [];
  }
};

/** The permission that a call needs. A query of the table names its partition as `:pk`. */
export const reachOf = (operation: string, body: Body, table: string): Reach => {
  const keys = keysOf(operation, body, table);
  const named = [...keys, ...(body.Key === undefined ? [] : [body.Key])].map(({ pk }) => pk?.S ?? "");
  if (operation !== "Query") return { operation, partitions: named };
  if (body.IndexName !== undefined) return { operation, partitions: [], index: body.IndexName };
  return { operation, partitions: [body.ExpressionAttributeValues?.[":pk"]?.S ?? ""] };
};

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    ["content-type", "x-amz-target", "x-amz-date", "authorization", "x-amz-security-token"].flatMap((name) =>
      typeof headers[name] === "string" ? [[name, headers[name]]] : [],
    ),
  );
