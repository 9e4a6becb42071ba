import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { checkSpace } from "../../shared/adapters/sqlite/files.ts";
import { latestSchema, migrate, pageSize } from "../../shared/adapters/sqlite/schema.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { ids, newPath, open, opened, sqliteStore } from "./sqlite-stores.ts";

const notLinux = process.platform === "linux" ? false : "abstract sockets are Linux's";

const refusedWith = (sentence: RegExp) => (error: unknown) =>
  error instanceof UpstreamError &&
  error.system === "store" &&
  !error.retryable &&
  sentence.test(error.message);

test("another process that holds the write lock makes writes fail for now", async () => {
  const path = newPath();
  const store = await sqliteStore({ path });
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  await assert.rejects(open(store, "checkout/production"), /database is locked/);
  other.exec("ROLLBACK");
  other.close();
  assert.equal(await open(store, "checkout/production"), 1);
  await store.close();
});

test("a second process on the same file is refused", async () => {
  const path = newPath();
  const store = await sqliteStore({ path });
  const child = spawn(process.execPath, [join(import.meta.dirname, "sqlite-appends.ts"), path]);
  const [out, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  assert.equal(exit, 1);
  assert.equal(out, "");
  assert.match(err, /it is in use by another process/);
  await open(store, "checkout/production");
  await assert.rejects(sqliteStore({ path }), refusedWith(/it is in use by another process/));
  await store.close();
  await (await sqliteStore({ path })).close();
});

test("a second process is refused also when somebody deleted the lock file", { skip: notLinux }, async () => {
  const path = newPath();
  const store = await sqliteStore({ path });
  rmSync(`${path}.lock`);
  await assert.rejects(sqliteStore({ path }), refusedWith(/it is in use by another process/));
  await store.close();
  await (await sqliteStore({ path })).close();
});

for (const suffix of ["", "-wal", ".lock"])
  test(`once the file countersteer.db${suffix} is deleted or replaced, nothing more is acknowledged`, async () => {
    const path = newPath();
    const store = await sqliteStore({ path });
    await open(store, "checkout/production");
    await store.ready();
    rmSync(`${path}${suffix}`);
    const gone = new RegExp(`${suffix} was deleted or replaced while it was open`);
    await assert.rejects(open(store, "search/production"), gone);
    await assert.rejects(store.ready(), gone);
    writeFileSync(`${path}${suffix}`, "");
    await assert.rejects(open(store, "search/production"), gone);
    await store.close();
  });

test("the files are for their owner only, also those of an earlier release", async () => {
  const path = newPath();
  writeFileSync(path, "", { mode: 0o644 });
  const store = await sqliteStore({ path });
  await open(store, "checkout/production");
  for (const suffix of ["", "-wal", "-shm", ".lock"])
    assert.equal(statSync(`${path}${suffix}`).mode & 0o777, 0o600, suffix);
  await store.close();
});

test("a store on a nearly full disk is not ready", (t) => {
  const disk = mkdtempSync(join(tmpdir(), "countersteer-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
  if (mounted.status !== 0) return t.skip("a small disk cannot be mounted here: this needs root on Linux");
  try {
    assert.throws(() => checkSpace(join(disk, "countersteer.db")), /bytes free, fewer than 16777216/);
  } finally {
    spawnSync("umount", [disk]);
  }
});

const text = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

test("a schema newer than this release is refused", async () => {
  const path = newPath();
  await (await sqliteStore({ path })).close();
  const db = new DatabaseSync(path);
  db.exec("PRAGMA user_version = 99");
  db.close();
  await assert.rejects(
    sqliteStore({ path }),
    refusedWith(/its schema version is 99 and this release knows up to \d+/),
  );
});

test("a fact of a later release is refused by its name, and the file is left as it was", async () => {
  const path = newPath();
  const store = await sqliteStore({ path });
  await open(store, "checkout/production");
  await store.close();
  const later = new DatabaseSync(path);
  later.exec(`
    INSERT INTO events SELECT incident, 2, 'MoonRisen', at, '{"type":"MoonRisen","at":1}' FROM events;
    UPDATE incidents SET version = 2`);
  later.close();
  const before = readFileSync(path);
  await assert.rejects(
    sqliteStore({ path }),
    refusedWith(
      /incident checkout\/production holds MoonRisen, a fact that this release does not know; run the release that wrote it/,
    ),
  );
  assert.ok(readFileSync(path).equals(before));
});

test("a file of the first schema keeps all that is in it, and takes what came later", async () => {
  const path = newPath();
  const earlier = new DatabaseSync(path);
  earlier.exec(readFileSync(join(import.meta.dirname, "../fixtures/sqlite/schema-1.sql"), "utf8"));
  earlier.close();
  const store = await sqliteStore({ path });
  const id = "checkout/production";
  assert.deepEqual(await store.load(id), { incident: opened(id), version: 1 });
  const place = { service: "checkout", environment: "production" };
  const before: DeployRecord[] = [
    { ...place, sha: "b".repeat(40), status: "failed", at: 1_700_000_060_000 },
    {
      ...place,
      ...{ sha: "a".repeat(40), status: "succeeded", at: 1_700_000_000_000, url: "https://ci.example/1" },
    },
  ];
  assert.deepEqual(await store.deploys("checkout", "production", 0), before);
  const later: DeployRecord = {
    ...place,
    ...{ sha: "c".repeat(40), status: "succeeded", at: 1_700_000_090_000, version: "v3" },
  };
  await store.recordDeploy(later);
  const flip = { ...place, flag: "new-rates", change: "turned on", at: 1_700_000_080_000 };
  await store.recordFlip(flip);
  assert.deepEqual(await store.changes("checkout", "production", 0), {
    deploys: [later, ...before],
    flips: [flip],
  });
});

test("a file of every earlier schema is brought up to the present one with what is in it, and a copy from before it again", async () => {
  const first = readFileSync(join(import.meta.dirname, "../fixtures/sqlite/schema-1.sql"), "utf8");
  const id = "checkout/production";
  for (let version = 1; version < latestSchema; version++) {
    const path = newPath();
    const earlier = new DatabaseSync(path);
    earlier.exec(first);
    migrate(earlier, version);
    assert.equal(earlier.prepare("PRAGMA user_version").get()?.user_version, version);
    earlier.close();
    const copy = newPath();
    copyFileSync(path, copy);
    for (const opening of [path, copy]) {
      const store = await sqliteStore({ path: opening });
      assert.deepEqual(await store.load(id), { incident: opened(id), version: 1 }, `schema ${version}`);
      assert.equal((await store.deploys("checkout", "production", 0)).length, 2);
      await store.close();
    }
  }
});

test("a database of another application is refused", async () => {
  const path = newPath();
  const db = new DatabaseSync(path);
  db.exec("CREATE TABLE other (id INTEGER)");
  db.close();
  await assert.rejects(sqliteStore({ path }), refusedWith(/it is a database of another application/));
});

test("a damaged file is refused and left as it was", async () => {
  const path = newPath();
  const filled = await sqliteStore({ path });
  for (const id of ids(40)) await open(filled, id, 500);
  await filled.close();
  const sound = readFileSync(path);
  const damages: [string, (bytes: Buffer) => Buffer][] = [
    ["no database at all", () => Buffer.from("# not a database, but long enough to look at\n".repeat(40))],
    ["header", (bytes) => bytes.fill(0xff, 0, 16)],
    ["first page", (bytes) => bytes.fill(0xff, 100, pageSize)],
    ["pages in the middle", (bytes) => bytes.fill(0xff, 8 * pageSize, 10 * pageSize)],
    ["half of it", (bytes) => bytes.subarray(0, Math.floor(bytes.length / (2 * pageSize)) * pageSize)],
  ];
  for (const [what, damage] of damages) {
    const bytes = damage(Buffer.from(sound));
    writeFileSync(path, bytes);
    await assert.rejects(sqliteStore({ path }), refusedWith(/the database is damaged/), what);
    assert.ok(readFileSync(path).equals(bytes), what);
  }
  writeFileSync(path, sound);
  await (await sqliteStore({ path })).close();
});

test("close waits for what is under way, and nothing is written after it", async () => {
  const path = newPath();
  const store = await sqliteStore({ path });
  const written = ids(5).map((id) => open(store, id));
  await store.close();
  assert.deepEqual(await Promise.all(written), [1, 1, 1, 1, 1]);
  await assert.rejects(open(store, "late/production"), UpstreamError);
  assert.equal(existsSync(`${path}-wal`), false);
});
