import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { archive } from "../../infra/cli/archive.ts";
import { exportFacts } from "../../infra/cli/export.ts";
import { archiveDir, readArchives, writeArchive } from "../../infra/host/adapters/archive.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { createProcess } from "../../shared/process.ts";
import { alert, id, notify, policy, resolved } from "../support/incident.ts";
import { scratch } from "../support/scratch.ts";
import { silent } from "../support/world.ts";

const day = 24 * 60 * 60 * 1000;
const terminal = () => {
  const out: string[] = [];
  const write = (text: string) => void out.push(text);
  return { out, io: { out: write, err: write, data: write } };
};

/** A data directory with a round that ended in 1970 and one that is open. */
const dataDir = async (t: TestContext): Promise<string> => {
  const dir = await scratch(t);
  const store = await sqliteStore({ path: join(dir, "countersteer.db") });
  const { handle } = createProcess({ store, clock: () => 0, log: silent, policyOf: () => policy });
  const begin = Date.now();
  await handle(id, notify([alert({ startsAt: day })], { at: day }));
  const { version } = await handle(
    id,
    notify([resolved({ startsAt: day, endsAt: 2 * day })], { at: 2 * day }),
  );
  await store.consume(id, version);
  await handle(id, notify([alert({ startsAt: begin })], { at: begin }));
  await store.close();
  return dir;
};
const exported = async (dir: string, ...argv: string[]) => {
  const { out, io } = terminal();
  assert.equal(await exportFacts(argv, io, { DATA_DIR: dir }), 0);
  return out.map((line) => JSON.parse(line));
};

test("archive takes old rounds out of the database, and export writes every fact from before and after", async (t) => {
  const dir = await dataDir(t);
  const before = await exported(dir);
  assert.deepEqual(
    before.map(({ incident, version, fact }) => [incident, version, fact.type]),
    [
      [id, 1, "IncidentOpened"],
      [id, 2, "AlertsResolved"],
      [id, 2, "IncidentClosed"],
      [id, 3, "IncidentOpened"],
    ],
  );
  const { out, io } = terminal();
  assert.equal(await archive([], io, { DATA_DIR: dir }), 0);
  assert.equal(out.at(-1), "3 facts left the database\n");
  assert.equal([...readArchives(archiveDir(dir))].length, 3);
  assert.deepEqual(await exported(dir), before);
  assert.deepEqual(await exported(dir, "--incident", "other/production"), []);
});

test("facts that a crash left in an archive and in the database are exported once", async (t) => {
  const dir = await dataDir(t);
  const before = await exported(dir);
  writeArchive(archiveDir(dir), day, before.slice(0, 3));
  writeArchive(archiveDir(dir), day, before.slice(0, 3));
  assert.deepEqual(await exported(dir), before);
});

test("an archive that was not finished counts for nothing, and no archive takes the place of another", async (t) => {
  const dir = archiveDir(await scratch(t));
  for (const fact of [{ n: 1 }, { n: 2 }]) writeArchive(dir, day, [fact]);
  assert.deepEqual(readdirSync(dir).sort(), [
    "1970-01-02T00-00-00-000Z-2.jsonl.gz",
    "1970-01-02T00-00-00-000Z.jsonl.gz",
  ]);
  assert.deepEqual([...readArchives(join(dir, "none"))], []);
});

test("without a database, and where DynamoDB keeps the incidents, archive and export say so", async (t) => {
  const dir = await scratch(t);
  const { out, io } = terminal();
  assert.equal(await exportFacts([], io, { DATA_DIR: dir }), 1);
  assert.match(out.join(""), /countersteer\.db is not there/);
  assert.equal(await archive([], io, { TABLE_NAME: "incidents" }), 1);
  assert.match(out.join(""), /the table of DynamoDB forgets by itself/);
  assert.equal(await archive(["--before"], io, { DATA_DIR: dir }), 2);
});
