import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { StreamRecord } from "../../shared/adapters/dynamodb/stream.ts";
import type { Door } from "./door.ts";

type Item = Record<string, AttributeValue>;
type Names = Record<string, string> | undefined;
type Values = Record<string, AttributeValue> | undefined;
type Input = {
  Key?: Item;
  Item?: Item;
  IndexName?: string;
  KeyConditionExpression?: string;
  ConditionExpression?: string;
  UpdateExpression?: string;
  ExpressionAttributeNames?: Names;
  ExpressionAttributeValues?: Values;
  ScanIndexForward?: boolean;
  ReturnValues?: string;
  ReturnValuesOnConditionCheckFailure?: string;
  RequestItems?: Record<string, { PutRequest?: { Item: Item } }[]>;
};

const keyOf = (item: Item): string => `${item.pk?.S} ${item.sk?.S}`;
const plain = (value: AttributeValue | undefined): string | number | boolean | undefined =>
  value?.N === undefined ? (value?.S ?? value?.BOOL) : Number(value.N);

/** One table with its stream, as far as the store uses it. */
export type DynamoTable = ReturnType<typeof createTable>;

export const createTable = (emit: (record: StreamRecord) => void, clock: () => number) => {
  const items = new Map<string, Item>();
  let sequence = 0;
  const write = (key: string, next: Item | undefined): void => {
    const before = items.get(key);
    if (next === undefined) items.delete(key);
    else items.set(key, next);
    const about = next ?? before;
    if (about === undefined) return;
    sequence += 1;
    emit({
      eventName: before === undefined ? "INSERT" : next === undefined ? "REMOVE" : "MODIFY",
      dynamodb: {
        Keys: { pk: about.pk ?? { S: "" }, sk: about.sk ?? { S: "" } },
        ...(next && { NewImage: next }),
        ...(before && { OldImage: before }),
        SequenceNumber: String(sequence).padStart(12, "0"),
        ApproximateCreationDateTime: Math.floor(clock() / 1000),
      },
    });
  };
  const must = (item: Item | undefined, input: Input): void => {
    if (input.ConditionExpression === undefined || holds(input.ConditionExpression, item, input)) return;
    const isAsked = input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && item !== undefined;
    throw new ConditionalCheckFailedException({
      ...{ message: "The conditional request failed", $metadata: {} },
      ...(isAsked && { Item: item }),
    });
  };
  const commands: Record<string, (input: Input) => unknown> = {
    GetItemCommand: ({ Key = {} }) => ({ Item: items.get(keyOf(Key)) }),
    PutItemCommand: (input) => {
      const { Item: item = {} } = input;
      must(items.get(keyOf(item)), input);
      write(keyOf(item), item);
      return {};
    },
    UpdateItemCommand: (input) => {
      const { Key = {}, ReturnValues } = input;
      const before = items.get(keyOf(Key));
      must(before, input);
      const next = updated({ ...(before ?? Key) }, input);
      write(keyOf(Key), next);
      return ReturnValues === "ALL_NEW" ? { Attributes: next } : {};
    },
    DeleteItemCommand: (input) => {
      const { Key = {} } = input;
      must(items.get(keyOf(Key)), input);
      write(keyOf(Key), undefined);
      return {};
    },
    BatchWriteItemCommand: ({ RequestItems = {} }) => {
      for (const { PutRequest } of Object.values(RequestItems).flat())
        if (PutRequest !== undefined) write(keyOf(PutRequest.Item), PutRequest.Item);
      return { UnprocessedItems: {} };
    },
    QueryCommand: (input) => ({ Items: queried([...items.values()], input) }),
  };
  return {
    items,
    run: (command: { constructor: { name: string }; input: unknown }): unknown => {
      const work = commands[command.constructor.name];
      if (work === undefined) throw new Error(`${command.constructor.name} is not simulated`);
      return work(command.input as Input);
    },
  };
};

const queried = (items: Item[], input: Input): Item[] => {
  const { IndexName, KeyConditionExpression = "", ScanIndexForward = true } = input;
  const order = IndexName === "waits" ? "due" : (IndexName ?? "sk");
  const found = items.filter(
    (item) => item[order] !== undefined && holds(KeyConditionExpression, item, input),
  );
  const at = (item: Item) => plain(item[order]) ?? "";
  found.sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0));
  return ScanIndexForward ? found : found.reverse();
};

const nameIn = (text: string, names: Names): string => names?.[text] ?? text;

/** `SET a = :x, b = list_append(b, :y), c = if_not_exists(c, :z) REMOVE d, e` */
const updated = (
  item: Item,
  { UpdateExpression = "", ExpressionAttributeNames: names, ExpressionAttributeValues: values }: Input,
): Item => {
  const [, sets = "", removes = ""] = /^(?:SET (.*?))?\s*(?:REMOVE (.*))?$/.exec(UpdateExpression) ?? [];
  for (const [, name = "", text = ""] of sets.matchAll(
    /([#\w]+) = ((?:list_append|if_not_exists)\([^)]*\)|:\w+)/g,
  )) {
    const [, does, of = "", by = ""] = /^(\w+)\(([#\w]+), (:\w+)\)$/.exec(text) ?? [];
    const known = item[nameIn(of, names)];
    const value = values?.[does === undefined ? text : by];
    if (value === undefined) throw new Error(`no value for ${text}`);
    item[nameIn(name, names)] =
      does === "list_append"
        ? { L: [...(known?.L ?? []), ...(value.L ?? [])] }
        : does === undefined
          ? value
          : (known ?? value);
  }
  for (const name of removes.split(", ").filter(Boolean)) delete item[nameIn(name, names)];
  return item;
};

/** Conditions of comparisons, `IN`, `attribute_exists` and `attribute_not_exists`, joined by AND and OR with brackets. */
const holds = (
  text: string,
  item: Item | undefined,
  { ExpressionAttributeNames: names, ExpressionAttributeValues: values }: Input,
): boolean => {
  const tokens = text.match(/<=|>=|[=<>(),]|[:#\w]+/g) ?? [];
  let at = 0;
  const take = (): string => tokens[at++] ?? "";
  const value = (token: string) =>
    token.startsWith(":") ? plain(values?.[token]) : plain(item?.[nameIn(token, names)]);
  const listed = (): string[] => {
    const found: string[] = [];
    for (take(); tokens[at] !== ")"; ) if (take() !== ",") found.push(tokens[at - 1] ?? "");
    take();
    return found;
  };
  const one = (): boolean => {
    const token = take();
    if (token === "(") {
      const inside = any();
      take();
      return inside;
    }
    if (token === "attribute_exists" || token === "attribute_not_exists") {
      const [name = ""] = listed();
      return (item?.[nameIn(name, names)] !== undefined) === (token === "attribute_exists");
    }
    const left = value(token);
    const operator = take();
    if (operator === "IN") return listed().some((other) => value(other) === left);
    const right = value(take());
    if (left === undefined || right === undefined) return false;
    if (operator === "=") return left === right;
    return operator === "<"
      ? left < right
      : operator === "<="
        ? left <= right
        : operator === ">"
          ? left > right
          : left >= right;
  };
  const all = (): boolean => {
    let is = one();
    while (tokens[at] === "AND") {
      take();
      is = one() && is;
    }
    return is;
  };
  const any = (): boolean => {
    let is = all();
    while (tokens[at] === "OR") {
      take();
      is = all() || is;
    }
    return is;
  };
  return any();
};

const tries = 3;

/** A client of the table for one function. Like AWS's, it sends again what got no answer, and says how often it has. */
export const clientOf = (table: DynamoTable, door: Door): DynamoDBClient => {
  const send = async (command: { constructor: { name: string }; input: unknown }): Promise<unknown> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return structuredClone(
          await door.call("dynamodb", command.constructor.name, () => table.run(command)),
        );
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          error.$metadata.attempts = attempt;
          throw error;
        }
        if (attempt >= tries) throw error;
      }
    }
  };
  return { send, destroy: () => {} } as unknown as DynamoDBClient;
};
