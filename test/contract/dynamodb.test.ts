import { after } from "node:test";
import { dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import type { Store } from "../../shared/ports/store.ts";
import { startTable } from "../support/dynamodb.ts";
import { storeContract } from "./store.ts";

const table = await startTable();
after(() => table.close());

storeContract("dynamodb", async (): Promise<Store> => {
  await table.empty();
  const store = dynamodbStore({ ...table, clock: Date.now });
  const settled =
    <A extends unknown[], R>(read: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await table.settled();
      return read(...args);
    };
  return {
    ...store,
    list: settled(store.list),
    active: settled(store.active),
    pending: settled(store.pending),
    async close() {},
  };
});
