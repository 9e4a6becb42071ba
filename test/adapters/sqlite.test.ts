import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import fc from "fast-check";
import { memoryStore } from "../../shared/adapters/memory.ts";
import { type Commit, commits } from "../../shared/adapters/sqlite/batches.ts";
import { openDatabase, pageSize } from "../../shared/adapters/sqlite/schema.ts";
import type { SqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { createWriter, type Write } from "../../shared/adapters/sqlite/writer.ts";
import { ConflictError, UpstreamError } from "../../shared/errors.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident, type Incident } from "../../shared/incident/model.ts";
import type { DeployRecord, Store } from "../../shared/ports/store.ts";
import { earlierVersion } from "../support/earlier.ts";
import { after as made, openedEvent } from "../support/facts.ts";
import { alertOf, ids, newPath, open, opened, sqliteStore } from "./sqlite-stores.ts";

/** The appends a killed process had acknowledged: id → latest version. */
const acknowledgedUntilKilled = async (path: string, enough: number): Promise<Map<string, number>> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, "sqlite-appends.ts"), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const acknowledged = new Map<string, number>();
  let lines = 0;
  const exit = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const [id, version] = line.split(" ");
    if (version !== undefined) acknowledged.set(id!, Math.max(Number(version), acknowledged.get(id!) ?? 0));
    if (++lines === enough) child.kill("SIGKILL");
  }
  assert.deepEqual(await exit, [null, "SIGKILL"]);
  return acknowledged;
};

test("databases that are opened after another was closed have their own writes, also while both are open", async () => {
  const [first, ...others] = [newPath(), newPath(), newPath()];
  const closed = await sqliteStore({ path: first! });
  await open(closed, "first/production");
  await closed.close();
  const [left, right] = await Promise.all(others.map((path) => sqliteStore({ path })));
  await Promise.all([open(left!, "left/production"), open(right!, "right/production")]);
  const written = [first!, ...others].map((path) => {
    const db = new DatabaseSync(path, { readOnly: true });
    const rows = db.prepare("SELECT id FROM incidents").all();
    db.close();
    return rows.map(({ id }) => id);
  });
  assert.deepEqual(written, [["first/production"], ["left/production"], ["right/production"]]);
});

test("every append acknowledged before kill -9 is there afterwards, whole, and the next process goes on", async () => {
  const path = newPath();
  for (const enough of [2, 150, 700]) {
    const acknowledged = await acknowledgedUntilKilled(path, enough);
    const store = await sqliteStore({ path });
    for (const [id, version] of acknowledged) {
      const stored = await store.load(id);
      assert.ok(stored.version >= version, `${id}: ${version} acknowledged, ${stored.version} stored`);
    }
    for (const id of await store.list()) {
      const { incident, version } = await store.load(id);
      const expected = Array.from({ length: version }, (_, i) => openedEvent(i + 1));
      assert.deepEqual(incident, made(incident.id, ...expected));
      assert.deepEqual(await store.log(incident.id), expected);
    }
    await store.close();
    const db = new DatabaseSync(path, { readOnly: true });
    assert.equal(db.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
    db.close();
  }
});

test("a write-ahead log cut anywhere by a power loss opens with a prefix of what was written", async () => {
  const path = newPath();
  const store = await sqliteStore({ path });
  for (let version = 0; version < 6; version++)
    await store.append("checkout/production", version, opened("checkout/production", version + 1), [
      openedEvent(version + 1),
    ]);
  const copy = newPath();
  const cut = async (length: number): Promise<number> => {
    copyFileSync(path, copy);
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    truncateSync(`${copy}-wal`, length);
    const reopened = await sqliteStore({ path: copy });
    const { version } = await reopened.load("checkout/production");
    assert.equal((await reopened.log("checkout/production")).length, version);
    await reopened.close();
    return version;
  };
  const size = readFileSync(`${path}-wal`).length;
  assert.equal(await cut(size), 6);
  const versions: number[] = [];
  for (const missing of [1, pageSize, 2 * pageSize, 5 * pageSize, 9 * pageSize])
    versions.push(await cut(size - missing));
  await store.close();
  assert.equal(versions[0], 5);
  assert.deepEqual(
    versions,
    versions.toSorted((a, b) => b - a),
  );
});

test("appends that arrive together share a transaction", async () => {
  const path = newPath();
  const store = await sqliteStore({ path });
  const seen: Commit[] = [];
  const see = (message: unknown) => seen.push(message as Commit);
  commits.subscribe(see);
  await Promise.all(ids(32).map((id) => open(store, id)));
  commits.unsubscribe(see);
  await store.close();
  assert.equal(
    seen.reduce((sum, { appends }) => sum + appends, 0),
    32,
  );
  assert.ok(seen.length <= 3, `${seen.length} commits`);
});

test("an incident is not visible before it is durable, and wakes once it is", async () => {
  const woken: string[] = [];
  const store = await sqliteStore({ path: newPath(), wake: (id) => woken.push(id) });
  const written = open(store, "checkout/production");
  assert.deepEqual(await store.list(), []);
  assert.deepEqual(await store.pending(), []);
  assert.deepEqual(woken, []);
  await written;
  assert.equal((await store.list()).length, 1);
  assert.deepEqual(woken, ["checkout/production"]);
  await store.close();
});

test("a conflict in a batch fails alone", async () => {
  const path = newPath();
  const { db, lock, checkFiles } = openDatabase(path);
  const write = createWriter(db, path, checkFiles);
  const append = (id: string, version: number): Write => {
    const events = ["IncidentClosed", 1, "{}"];
    return ["append", id, version, "opened", 1, null, events];
  };
  write([append("a/x", 0)]);
  const batch = [append("b/x", 0), append("a/x", 0), append("a/x", 5), append("c/x", 0)];
  assert.deepEqual(write(batch), { conflicts: [1, 2] });
  const stored = db.prepare("SELECT id, version FROM incidents ORDER BY id").all();
  const logged = db.prepare("SELECT count(*) AS n FROM events").get();
  db.close();
  lock.close();
  assert.deepEqual(
    stored.map(({ id, version }) => [id, version]),
    [
      ["a/x", 1],
      ["b/x", 1],
      ["c/x", 1],
    ],
  );
  assert.equal(logged?.n, 3);
});

test("while the disk is full writes fail for now and nothing shows, and go on when there is space again", async () => {
  const store = await sqliteStore({ path: newPath() });
  await open(store, "search/production");
  await store.limit(1);
  const results = await Promise.allSettled(
    ["a/production", "b/production"].map((id) => open(store, id, 100_000)),
  );
  for (const result of results) {
    assert.ok(result.status === "rejected");
    assert.ok(
      result.reason instanceof UpstreamError && result.reason.retryable && result.reason.system === "store",
    );
    assert.match(result.reason.message, /write .*: database or disk is full/);
  }
  await assert.rejects(store.ready(), UpstreamError);
  await assert.rejects(
    store.recordDeploy({
      service: "x".repeat(100_000),
      environment: "production",
      sha: "a",
      status: "failed",
      at: 1,
    }),
    UpstreamError,
  );
  assert.deepEqual(await store.load("a/production"), { incident: emptyIncident("a/production"), version: 0 });
  assert.equal((await store.list()).length, 1);
  await store.limit(1_000_000);
  await store.ready();
  assert.equal(await open(store, "a/production", 100_000), 1);
  await store.close();
});

const heardOnes: DeployRecord[] = [
  { sha: "b".repeat(40), at: 1_700_000_060_000, heard: { at: 1_700_000_069_000, told: 1_700_003_660_000 } },
  { sha: "a".repeat(40), at: 1_700_000_000_000, heard: { at: 1_700_000_001_000, told: 1_700_003_600_000 } },
].map((one) => ({ service: "checkout", environment: "production", status: "succeeded", ...one }));

/** Copies the deploys into a table of their own, which numbers the rows anew: a dump, a repair and VACUUM may do so as well. */
const renumber = (db: DatabaseSync): void => {
  const { sql } = db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'deploys'").get() ?? {};
  db.exec("ALTER TABLE deploys RENAME TO former");
  db.exec(String(sql));
  db.exec("INSERT INTO deploys SELECT * FROM former ORDER BY at; DROP TABLE former");
};

test("when a deploy was heard stays with it where the rows of a copied table have other numbers", async () => {
  const path = newPath();
  const before = await sqliteStore({ path });
  for (const one of heardOnes) await before.recordDeploy(one);
  await before.close();
  const db = new DatabaseSync(path);
  renumber(db);
  db.close();
  const store = await sqliteStore({ path });
  assert.deepEqual(await store.deploys("checkout", "production", 0), heardOnes);
});

test("a file in which deploys were heard by the numbers of their rows keeps that, once", async () => {
  const path = newPath();
  const before = await sqliteStore({ path });
  for (const { heard: _, ...one } of heardOnes) await before.recordDeploy(one);
  await before.close();
  const db = new DatabaseSync(path);
  db.exec(`CREATE TABLE IF NOT EXISTS heard (deploy INTEGER PRIMARY KEY, at INTEGER NOT NULL, told INTEGER NOT NULL) STRICT;
    INSERT INTO heard VALUES (1, 1700000069000, 1700003660000), (2, 1700000001000, 1700003600000), (9, 1, 1)`);
  db.close();
  const earlier = await sqliteStore({ path });
  assert.deepEqual(await earlier.deploys("checkout", "production", 0), heardOnes);
  await earlier.close();
  const again = new DatabaseSync(path);
  renumber(again);
  again.close();
  const store = await sqliteStore({ path });
  assert.deepEqual(await store.deploys("checkout", "production", 0), heardOnes);
});

test("an incident that the first version stored is read with the remedy that it left out", async () => {
  const stored = earlierVersion(1).incidents.proposed;
  assert.ok(stored !== undefined);
  const path = newPath();
  const before = await sqliteStore({ path });
  await before.append("payment-gateway/production", 0, stored.incident, stored.log);
  await before.close();
  const store = await sqliteStore({ path });
  const { incident } = await store.load("payment-gateway/production");
  const found = (await store.log("payment-gateway/production")).find(
    ({ type }) => type === "IncidentDiagnosed",
  );
  await store.close();
  for (const diagnosed of [incident, found])
    assert.equal(
      diagnosed !== undefined && "diagnosis" in diagnosed && diagnosed.diagnosis?.remedies[0]?.title,
      "round payments to minor units",
    );
});

test("after a restart pending, active, the list and deploys are as before, and consumed stays consumed", async () => {
  const path = newPath();
  const store = await sqliteStore({ path });
  for (const id of ids(3)) await open(store, id);
  const reopened = made("service-0/production", openedEvent(1), openedEvent(2));
  await store.append("service-0/production", 1, reopened, [openedEvent(2)]);
  await store.consume("service-1/production", 1);
  await store.recordDeploy({
    service: "service-1",
    environment: "production",
    sha: "a",
    status: "succeeded",
    at: 1,
    url: "https://ci.example",
  });
  const seen = async (from: SqliteStore) => [
    await from.list(),
    await from.active(),
    (await from.pending()).toSorted((a, b) => a.id.localeCompare(b.id)),
    await from.deploys("service-1", "production", 0),
  ];
  const before = await seen(store);
  await store.close();
  const again = await sqliteStore({ path });
  assert.deepEqual(await seen(again), before);
  assert.deepEqual(before[2], [
    { id: "service-0/production", version: 2 },
    { id: "service-2/production", version: 1 },
  ]);
  await again.close();
});

/** A run of several writers: each entry lets one writer load, or append what it decides on what it loaded last. */
type Turn = { writer: number; id: string; act: "load" | "append"; alerts: number[] };

const turns = fc.array(
  fc.record({
    writer: fc.nat(2),
    id: fc.constantFrom("a/production", "b/production"),
    act: fc.constantFrom<Turn["act"]>("load", "append", "append"),
    alerts: fc.uniqueArray(fc.nat(5), { maxLength: 6 }),
  }),
  { maxLength: 120 },
);

const play = async (store: Store, run: Turn[]): Promise<string[]> => {
  const held = new Map<string, { incident: Incident; version: number }>();
  const outcomes: string[] = [];
  for (const { writer, id, act, alerts } of run) {
    const key = `${writer} ${id}`;
    const { incident, version } = held.get(key) ?? { incident: emptyIncident(id), version: 0 };
    if (act === "load") held.set(key, await store.load(id));
    else {
      const fresh = alerts.map((n) => alertOf(n, version));
      const event: Event =
        incident.status === "opened" && alerts.length % 2 === 0
          ? { type: "AlertsJoined", at: version, alerts: fresh, truncated: false }
          : openedEvent(version, fresh);
      outcomes.push(
        await store.append(id, version, evolve(incident, event), [event]).then(String, (error) => error.name),
      );
    }
  }
  return outcomes;
};

test("any interleaving of writers ends as in memory, also after a restart", async () => {
  await fc.assert(
    fc.asyncProperty(turns, async (run) => {
      const path = newPath();
      const memory = memoryStore();
      const expected = await play(memory, run);
      const store = await sqliteStore({ path });
      assert.deepEqual(await play(store, run), expected);
      assert.deepEqual(await store.list(), await memory.list());
      await store.close();
      const again = await sqliteStore({ path });
      assert.deepEqual(await again.list(), await memory.list());
      for (const id of ["a/production", "b/production"])
        assert.deepEqual(await again.log(id), await memory.log(id));
      await again.close();
    }),
    { numRuns: 15 },
  );
});

test("many writers at once on one incident lose nothing and store each version once", async () => {
  const store = await sqliteStore({ path: newPath() });
  const add = async (writer: number): Promise<void> => {
    const { incident, version } = await store.load("a/production");
    const event: Event =
      version === 0
        ? openedEvent(1, [alertOf(writer, 1)])
        : { type: "AlertsJoined", at: writer, alerts: [alertOf(writer, 1)], truncated: false };
    await store.append("a/production", version, evolve(incident, event), [event]).catch((error) => {
      if (error instanceof ConflictError) return add(writer);
      throw error;
    });
  };
  await Promise.all(Array.from({ length: 12 }, (_, writer) => add(writer)));
  const { incident, version } = await store.load("a/production");
  const log = await store.log("a/production");
  await store.close();
  assert.equal(version, 12);
  assert.equal(log.length, 12);
  assert.deepEqual(
    incident.alerts.map(({ fingerprint }) => fingerprint).toSorted(),
    Array.from({ length: 12 }, (_, i) => `f${i}`).toSorted(),
  );
});

test("the file keeps the latest 10,000 deliveries, and none that is older than three days", async () => {
  const { db, lock, checkFiles } = openDatabase(newPath());
  const write = createWriter(db, ":memory:", checkFiles);
  const since = 10_000;
  const entry = (place: number): Write => ["delivery", `d${place}`, since + place, since, 10_000];
  write([["delivery", "old", since - 1, 0, 10_000]]);
  write([entry(0)]);
  assert.equal(db.prepare("SELECT count(*) AS n FROM deliveries WHERE id = 'old'").get()?.n, 0);
  write(Array.from({ length: 10_000 }, (_, place) => entry(place + 1)));
  const left = db.prepare("SELECT count(*) AS n, min(at) AS first, max(at) AS last FROM deliveries").get();
  assert.deepEqual({ ...left }, { n: 10_000, first: since + 1, last: since + 10_000 });
  db.close();
  lock.close();
});
