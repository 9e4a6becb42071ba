import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openDatabase } from "../../shared/adapters/sqlite/schema.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { createWriter } from "../../shared/adapters/sqlite/writer.ts";
import { after, openedEvent } from "../support/facts.ts";
import { id } from "../support/incident.ts";
import { scratch } from "../support/scratch.ts";

/** Each of these holds one line that keeps the file of one machine safe: `npm run mutants` drops them one at a time. */

test("each transaction is on the disk before it counts, and only the owner reads the file", async (t) => {
  const path = join(await scratch(t), "countersteer.db");
  const { db, lock } = openDatabase(path);
  t.after(() => [db.close(), lock.close()]);
  // 2 is FULL: https://sqlite.org/pragma.html#pragma_synchronous
  assert.deepEqual({ ...db.prepare("PRAGMA synchronous").get() }, { synchronous: 2 });
  assert.deepEqual({ ...db.prepare("PRAGMA journal_mode").get() }, { journal_mode: "wal" });
  for (const file of [path, `${path}.lock`]) assert.equal(statSync(file).mode & 0o777, 0o600, file);
});

test("a second opening of the file is refused by its lock", async (t) => {
  const path = join(await scratch(t), "countersteer.db");
  const { db, lock } = openDatabase(path);
  t.after(() => [db.close(), lock.close()]);
  assert.throws(() => openDatabase(path), /it is in use by another process/);
});

test("the mark of what was told is never lowered, and a full disk refuses the probe", async (t) => {
  const path = join(await scratch(t), "countersteer.db");
  const { db, lock } = openDatabase(path);
  t.after(() => [db.close(), lock.close()]);
  const write = createWriter(db, path, () => {});
  write([["append", id, 0, "opened", null, null, ["IncidentOpened", 1, "{}"]]]);
  write([["consume", id, 2]]);
  write([["consume", id, 1]]);
  assert.equal(db.prepare("SELECT consumed FROM incidents").get()?.consumed, 2);
  assert.deepEqual(write([["probe"]]), { conflicts: [] });
});

test("a disk that is nearly full refuses the probe", { skip: process.platform !== "linux" }, async (t) => {
  const path = join(await scratch(t), "countersteer.db");
  const { db, lock } = openDatabase(path);
  t.after(() => [db.close(), lock.close()]);
  // The file system of /proc has no room at all.
  const answer = createWriter(db, "/proc/countersteer.db", () => {})([["probe"]]);
  assert.match("failure" in answer ? answer.failure : "", /has 0 bytes free/);
});

test("an incident whose last version has no facts is not opened", async (t) => {
  const path = join(await scratch(t), "countersteer.db");
  const store = await sqliteStore({ path });
  await store.append(id, 0, after(id, openedEvent(1)), [openedEvent(1)]);
  await store.close();
  const db = new DatabaseSync(path);
  db.exec("UPDATE incidents SET version = 2");
  db.close();
  const opened = await sqliteStore({ path }).catch((error: unknown) => String(error));
  if (typeof opened !== "string") await opened.close();
  assert.match(String(opened), /has no events of version 2/);
});
