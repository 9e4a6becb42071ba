import { randomUUID } from "node:crypto";
import { ConflictError } from "../../errors.ts";
import type { Registered, Registers } from "../../ports/store.ts";
import { number, registerKey, text } from "./item.ts";
import type { Table } from "./table.ts";

type Name = keyof Registers;

export const readRegister = async <N extends Name>({ calls }: Table, name: N): Promise<Registered<N>> => {
  const item = await calls.get(registerKey(name));
  if (item === undefined) return { version: 0 };
  return { version: number(item, "version"), value: JSON.parse(text(item, "body")) };
};

export const writeRegister = async <N extends Name>(
  { calls }: Table,
  name: N,
  { version, value }: { version: number; value: Registers[N] },
): Promise<void> => {
  const writer = randomUUID();
  const values = {
    ...{ ":next": { N: String(version + 1) }, ":body": { S: JSON.stringify(value) } },
    ":writer": { S: writer },
  };
  const outcome = await calls.update({
    Key: registerKey(name),
    UpdateExpression: "SET #version = :next, #body = :body, #writer = :writer",
    ConditionExpression: version === 0 ? "attribute_not_exists(pk)" : "#version = :before",
    ExpressionAttributeNames: { "#version": "version", "#body": "body", "#writer": "writer" },
    ExpressionAttributeValues: version === 0 ? values : { ...values, ":before": { N: String(version) } },
    ReturnValues: "NONE",
  });
  if (outcome.done) return;
  // The client may have sent the write twice, and its first try was applied.
  if (outcome.repeated && (await calls.get(registerKey(name)))?.writer?.S === writer) return;
  throw new ConflictError(`write ${name}: ${version} is not the latest version`);
};
