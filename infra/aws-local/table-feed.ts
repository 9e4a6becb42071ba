import type { IncomingMessage } from "node:http";
import type { Item } from "../../shared/adapters/dynamodb/item.ts";
import type { StreamRecord } from "../../shared/adapters/dynamodb/stream.ts";
import { listen, readText } from "./http.ts";
import type { Reach } from "./roles.ts";

/** A call of DynamoDB; `key` is the item's as `pk sk` where it is about one. */
export type Call = { operation: string; key?: string };
/** A fault of a call: refused for its rate, not applied, or applied with its answer lost. */
export type Fault = "throttled" | "dropped" | "unanswered";

export type Feed = {
  url: string;
  calls: Call[];
  /** Told every change once it is made, in the order of the changes. */
  onRecord: (record: StreamRecord) => void;
  fault: (call: Call) => Fault | undefined;
  /** Whether who calls, by the id of the access key, may. */
  may: (caller: string, call: Reach) => boolean;
  /** Tells every item once more, as if it had just been written. */
  replay(): Promise<void>;
  stop(): Promise<void>;
};

type Body = {
  TableName?: string;
  Item?: Item;
  Key?: Item;
  IndexName?: string;
  ReturnValuesOnConditionCheckFailure?: string;
  ExpressionAttributeValues?: Item;
  RequestItems?: Record<string, { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }[]>;
};
type Page = { Items: Item[]; LastEvaluatedKey?: Item };
type Upstream = { status: number; text: string };

/**
 * Stands before a DynamoDB that has no streams and makes one: of each write it reads the item before and after, one write at a time,
 * so that the images are exactly what a stream would hold. At the wire rather than in the store, so that the store is the deployed one.
 */
export const startFeed = async (endpoint: string, table: string): Promise<Feed> => {
  const calls: Call[] = [];
  let sequence = 0;
  let writing: Promise<unknown> = Promise.resolve();

  const send = async (headers: Record<string, string>, body: string): Promise<Upstream> => {
    const answer = await fetch(endpoint, { method: "POST", headers, body });
    return { status: answer.status, text: await answer.text() };
  };
  const ask = async (headers: Record<string, string>, operation: string, body: object) => {
    const target = { ...headers, "x-amz-target": `DynamoDB_20120810.${operation}` };
    const { status, text } = await send(target, JSON.stringify(body));
    if (status !== 200) throw new Error(`${operation}: ${status} ${text}`);
    return JSON.parse(text);
  };
  const imageOf = async (headers: Record<string, string>, key: Item): Promise<Item | undefined> =>
    (await ask(headers, "GetItem", { TableName: table, Key: key, ConsistentRead: true })).Item;

  const write = async (headers: Record<string, string>, body: string, keys: Item[]): Promise<Upstream> => {
    const before = await Promise.all(keys.map((key) => imageOf(headers, key)));
    const answer = await send(headers, body);
    if (answer.status !== 200) return refusal(answer, body, before[0]);
    const after = await Promise.all(keys.map((key) => imageOf(headers, key)));
    for (const [place, key] of keys.entries()) tell(key, before[place], after[place]);
    return answer;
  };

  /** One write after the other. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writing.catch(() => {}).then(work);
    writing = done;
    return done;
  };

  const tell = (Keys: Item, OldImage: Item | undefined, NewImage: Item | undefined): void => {
    if (JSON.stringify(OldImage) === JSON.stringify(NewImage)) return;
    feed.onRecord({
      eventName: OldImage === undefined ? "INSERT" : NewImage === undefined ? "REMOVE" : "MODIFY",
      dynamodb: {
        Keys,
        ...(NewImage === undefined ? {} : { NewImage }),
        ...(OldImage === undefined ? {} : { OldImage }),
        SequenceNumber: String(++sequence).padStart(21, "0"),
        ApproximateCreationDateTime: Date.now() / 1000,
      },
    });
  };

  const server = await listen(async (request, answer) => {
    const headers = headersOf(request);
    const operation = headers["x-amz-target"]?.split(".")[1] ?? "";
    const text = await readText(request);
    const body: Body = JSON.parse(text);
    const keys = body.TableName === table || body.RequestItems?.[table] ? keysOf(operation, body, table) : [];
    const [key] = keys.length === 1 ? keys : body.Key === undefined ? [] : [body.Key];
    const call: Call = key === undefined ? { operation } : { operation, key: `${key.pk?.S} ${key.sk?.S}` };
    const caller = /Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1] ?? "";
    if (!feed.may(caller, reachOf(operation, body, keys)))
      return answer.status(400, {
        __type: "com.amazonaws.dynamodb.v20120810#AccessDeniedException",
        message: `the role of ${caller} is not authorized to perform dynamodb:${operation} here`,
      });
    calls.push(call);
    const fault = feed.fault(call);
    if (fault === "throttled")
      return answer.status(400, {
        __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        message: "slow down",
      });
    if (fault === "dropped") return void request.socket.destroy();
    const passed = keys.length === 0 ? send(headers, text) : inTurn(() => write(headers, text, keys));
    const { status, text: result } = await passed;
    if (fault === "unanswered") return void request.socket.destroy();
    answer.status(status, result);
  });

  const feed: Feed = {
    ...{ url: server.url, calls },
    onRecord: () => {},
    fault: () => undefined,
    may: () => true,
    async replay() {
      let from: Item | undefined;
      do {
        const page: Page = await ask(unsigned, "Scan", {
          ...{ TableName: table, ConsistentRead: true },
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        });
        for (const item of page.Items) tell(keyOf(item), undefined, item);
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
    },
    stop: server.close,
  };
  return feed;
};

/** A failed condition answers with the item as it was, where that is asked for: dynalite leaves it out. */
const refusal = (answer: Upstream, body: string, item: Item | undefined): Upstream => {
  const { ReturnValuesOnConditionCheckFailure: asked }: Body = JSON.parse(body);
  if (asked !== "ALL_OLD" || item === undefined || !answer.text.includes("ConditionalCheckFailedException"))
    return answer;
  return { ...answer, text: JSON.stringify({ ...JSON.parse(answer.text), Item: item }) };
};

/** Enough of a signature for a DynamoDB that checks none. */
const unsigned = {
  "content-type": "application/x-amz-json-1.0",
  "x-amz-date": "20260101T000000Z",
  authorization:
    "AWS4-HMAC-SHA256 Credential=emulator/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=none",
};

const keyOf = (item: Item): Item => ({ pk: item.pk!, sk: item.sk! });

/** The items that the call writes. */
const keysOf = (operation: string, body: Body, table: string): Item[] => {
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

/** A query of the table names its partition as `:pk`. */
const reachOf = (operation: string, body: Body, keys: Item[]): Reach => {
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
