import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { after, type TestContext, test } from "node:test";
import { type AttributeValue, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { pageSize } from "../../shared/adapters/sqlite/schema.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import type { PullNow } from "../../shared/ports/pulls.ts";
import type { Store } from "../../shared/ports/store.ts";
import { startWriting } from "../simulation/sqlite.ts";
import { startTable } from "../support/dynamodb.ts";
import { id } from "../support/incident.ts";
import { scratch } from "../support/scratch.ts";
import { type World, world } from "../support/world.ts";

type Item = Record<string, AttributeValue>;
/** An incident up to one point of its course, as a commit of this program stored it: the rows of SQLite, and the items of DynamoDB. */
type Point = {
  now: number;
  opened: number;
  pulls: [branch: string, pull: PullNow][];
  sqlite: Record<string, Record<string, SQLInputValue>[]>;
  dynamodb: Item[];
};
type Earlier = {
  version: string;
  sqlite: { application_id: number; user_version: number; schema: string[] };
  points: Record<string, Point>;
};

/** Bytes stand as base64. */
const revived = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && "base64" in value
    ? Uint8Array.from(Buffer.from(String(value.base64), "base64"))
    : value;
const earlier = ["d02e1352", "26008432"].map((commit): Earlier => {
  const file = join(import.meta.dirname, `../fixtures/stored/commit-${commit}.json`);
  return JSON.parse(readFileSync(file, "utf8"), revived);
});

const inSqlite = async (t: TestContext, { sqlite }: Earlier, point: Point): Promise<Store> => {
  const path = join(await scratch(t), "countersteer.db");
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA page_size = ${pageSize}; PRAGMA application_id = ${sqlite.application_id}`);
  db.exec(`${sqlite.schema.join(";\n")}; PRAGMA user_version = ${sqlite.user_version}`);
  for (const [table, rows] of Object.entries(point.sqlite))
    for (const row of rows) {
      const columns = Object.keys(row);
      const values = columns.map(() => "?").join();
      db.prepare(`INSERT INTO ${table} (${columns.join()}) VALUES (${values})`).run(...Object.values(row));
    }
  db.close();
  const store = await sqliteStore({ path, start: startWriting });
  t.after(() => store.close());
  return store;
};

/** Today's program with the world as it was. */
const taken = ({ now, opened, pulls }: Point, store: Store): World => {
  const made = world({ store });
  Object.assign(made.state, { now, opened });
  for (const [branch, pull] of pulls) made.state.pulls.set(branch, pull);
  return made;
};

/** The answer is given where it is waited for, and the merge goes live. */
const goesOn = async (made: World): Promise<string> => {
  const { incident } = await made.store.load(id);
  if (incident.status === "proposed") await made.approve();
  await made.settle();
  made.state.now += 10_000;
  await made.deploy();
  await made.settle();
  made.state.now += 10_000;
  const over = await made.settle();
  return over.status === "closed" ? `${over.outcome} in round ${over.round}` : over.status;
};

for (const one of earlier)
  for (const [name, point] of Object.entries(one.points))
    test(`an incident that ${one.version} stored in SQLite goes on (${name})`, async (t) => {
      const store = await inSqlite(t, one, point);
      assert.equal((await store.load(id)).incident.status, name === "verified" ? "closed" : name);
      assert.equal(await goesOn(taken(point, store)), "verified in round 1");
    });

const table = await startTable();
after(() => table.close());

for (const one of earlier)
  for (const name of ["approved", "merged"])
    test(`an incident that ${one.version} stored in DynamoDB goes on (${name})`, async () => {
      const point = one.points[name];
      assert.ok(point !== undefined);
      await table.empty();
      for (const item of point.dynamodb)
        await table.client.send(new PutItemCommand({ TableName: table.table, Item: item }));
      const made: World = taken(point, dynamodbStore({ ...table, clock: () => made.state.now }));
      assert.equal((await made.store.load(id)).incident.status, name);
      assert.equal(await goesOn(made), "verified in round 1");
    });
