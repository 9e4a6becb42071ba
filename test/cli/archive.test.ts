import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { archive } from "../../infra/cli/archive.ts";
import { audit } from "../../infra/cli/audit/command.ts";
import { exportFacts } from "../../infra/cli/export.ts";
import type { Env } from "../../infra/cli/facts.ts";
import { report } from "../../infra/cli/report/command.ts";
import { archiveDir, readArchives, writeArchive } from "../../infra/host/adapters/archive.ts";
import type { Io } from "../../infra/host/command.ts";
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

/** A data directory whose database an earlier release left, changed by `sql`. */
const earlier = async (t: TestContext, sql = ""): Promise<string> => {
  const dir = await scratch(t);
  const db = new DatabaseSync(join(dir, "countersteer.db"));
  db.exec(readFileSync(join(import.meta.dirname, "../fixtures/sqlite/schema-1.sql"), "utf8"));
  db.exec(sql);
  db.close();
  return dir;
};

test("the commands that read facts read a database of the first release, without the tables that came later", async (t) => {
  const dir = await earlier(t);
  const env = { DATA_DIR: dir };
  assert.deepEqual(
    (await exported(dir)).map(({ incident, fact }) => [incident, fact.type]),
    [["checkout/production", "IncidentOpened"]],
  );
  const said = async (run: (io: ReturnType<typeof terminal>["io"]) => Promise<number>) => {
    const { out, io } = terminal();
    return [await run(io), out.join("")];
  };
  assert.deepEqual(await said((io) => audit(["left"], io, env)), [0, "nothing was left alone or refused\n"]);
  const show = ["show", "--incident", "checkout/production"];
  assert.deepEqual(await said((io) => audit(show, io, env)), [
    0,
    "- 1970-01-01T00:00:00.001Z IncidentOpened\n",
  ]);
  const [code, text] = await said((io) => report(["--since", "8w"], io, { env, now: 2 }));
  assert.deepEqual([code, /1 incident/.test(String(text))], [0, true]);
});

test("a file that is not our database, or of a later release, and a damaged archive are one sentence each", async (t) => {
  const later = await earlier(t, "PRAGMA user_version = 99");
  const foreign = await earlier(t, "PRAGMA application_id = 7");
  const [text, archived] = [await scratch(t), await dataDir(t)];
  writeFileSync(join(text, "countersteer.db"), "not a database, but a text of some length ".repeat(20));
  mkdirSync(archiveDir(archived));
  writeFileSync(join(archiveDir(archived), "1.jsonl.gz"), "cut short");
  const problems = [
    [
      later,
      /^open \S+: its schema version is 99 and this release knows up to \d+; run the release that wrote it, or a later one\n$/,
    ],
    [foreign, /^open \S+: it is a database of another application\n$/],
    [
      text,
      /^open \S+: the database is damaged \(file is not a database\); restore it from a backup or move it away\n$/,
    ],
  ] as const;
  const commands = [
    (io: Io, env: Env) => exportFacts([], io, env),
    (io: Io, env: Env) => audit(["left"], io, env),
    (io: Io, env: Env) => audit(["show", "--incident", id], io, env),
    (io: Io, env: Env) => audit(["verify", "--incident", id], io, env),
    (io: Io, env: Env) => report([], io, { env }),
  ];
  for (const [dir, problem] of problems)
    for (const command of commands) {
      const { out, io } = terminal();
      assert.equal(await command(io, { DATA_DIR: dir }), 1);
      assert.match(out.join(""), problem);
    }
  const { out, io } = terminal();
  assert.equal(await exportFacts([], io, { DATA_DIR: archived }), 1);
  assert.match(out.join(""), /^the archive \S+1\.jsonl\.gz cannot be read: Z_DATA_ERROR\n$/);
});

test("without a database, and where DynamoDB keeps the incidents, archive and export say so", async (t) => {
  const dir = await scratch(t);
  const { out, io } = terminal();
  assert.equal(await exportFacts([], io, { DATA_DIR: dir }), 1);
  assert.match(out.join(""), /countersteer\.db is not there/);
  assert.equal(await archive([], io, { DATA_DIR: dir }), 1);
  assert.equal(existsSync(join(dir, "countersteer.db")), false);
  assert.equal(await archive([], io, { TABLE_NAME: "incidents" }), 1);
  assert.match(out.join(""), /the table of DynamoDB forgets by itself/);
  assert.equal(await archive(["--before"], io, { DATA_DIR: dir }), 2);
});
