import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { asError, messageOf } from "../../errors.ts";
import { makeFolder, makePrivate, watchFiles } from "./files.ts";

/** One migration a schema version. A released migration never changes; a later change is a new migration. */
const migrations = [
  `CREATE TABLE incidents (
     id TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL, due INTEGER,
     consumed INTEGER NOT NULL DEFAULT 0
   ) STRICT, WITHOUT ROWID;
   -- Of some versions only: the events after it make the rest.
   CREATE TABLE snapshots (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
   CREATE TABLE events (
     incident TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL
   ) STRICT;
   CREATE INDEX events_of_incident ON events (incident);
   CREATE TABLE deploys (
     service TEXT NOT NULL, environment TEXT NOT NULL, sha TEXT NOT NULL, status TEXT NOT NULL,
     at INTEGER NOT NULL, url TEXT, UNIQUE (service, environment, at, sha, status)
   ) STRICT;
   CREATE TABLE probe (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;`,
  "ALTER TABLE deploys ADD COLUMN version TEXT;",
  `CREATE TABLE flips (
     service TEXT NOT NULL, environment TEXT NOT NULL, flag TEXT NOT NULL, change TEXT NOT NULL,
     at INTEGER NOT NULL, url TEXT, UNIQUE (service, environment, at, flag, change)
   ) STRICT;`,
  "CREATE TABLE registers (name TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL) STRICT;",
  "CREATE TABLE deliveries (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;",
  "ALTER TABLE deploys ADD COLUMN detail TEXT;",
];
/**
 * Later additions that an earlier release leaves alone: they move no schema version, so that the release before this one still opens the
 * file. Each can be made any number of times.
 */
const additions = `
  -- The facts without the alerts that come and go, which may be many.
  CREATE INDEX IF NOT EXISTS told_events ON events (incident) WHERE type NOT IN ('AlertsJoined', 'AlertsResolved');
  -- Where the record of an incident begins once its old facts were archived: the last fact that left.
  CREATE TABLE IF NOT EXISTS archived (
    incident TEXT PRIMARY KEY, version INTEGER NOT NULL, n INTEGER, hash TEXT
  ) STRICT;
  -- When the deploy that went live at \`live\` was reported, and the time that its report told.
  CREATE TABLE IF NOT EXISTS heard_deploys (
    service TEXT NOT NULL, environment TEXT NOT NULL, live INTEGER NOT NULL, sha TEXT NOT NULL, status TEXT NOT NULL,
    at INTEGER NOT NULL, told INTEGER NOT NULL, PRIMARY KEY (service, environment, live, sha, status)
  ) STRICT, WITHOUT ROWID;
  -- An earlier release kept it by the number of the deploy's row, which a copy of the table or VACUUM may change. It makes its table anew.
  CREATE TABLE IF NOT EXISTS heard (deploy INTEGER PRIMARY KEY, at INTEGER NOT NULL, told INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO heard_deploys
    SELECT service, environment, deploys.at, sha, status, heard.at, told FROM heard JOIN deploys ON deploys.rowid = heard.deploy;
  DROP TABLE heard;`;
/** "Cstr": tells our files from other applications' (https://sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x43737472;
/** An append of a ten-alert webhook fits in one, which takes a fifth less CPU than SQLite's 4096. */
export const pageSize = 16_384;
const busyMs = 500;
/** SQLITE_BUSY, SQLITE_CORRUPT and SQLITE_NOTADB: https://sqlite.org/rescode.html */
const [busy, corrupt, notDatabase] = [5, 11, 26];

type OpenDatabase = {
  db: DatabaseSync;
  lock: DatabaseSync;
  /** Throws once one of the files is no longer the one that was opened. */
  checkFiles: () => void;
};

/** Opens the database for writing and brings its schema up to date. Throws a sentence that names the file and what is wrong. */
export const openDatabase = (path: string): OpenDatabase => {
  makeFolder(dirname(path));
  const lock = takeLock(path);
  try {
    makePrivate(path);
    const db = new DatabaseSync(path, { timeout: busyMs });
    checkIdentity(db, path);
    db.exec(`PRAGMA page_size = ${pageSize}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`);
    checkPages(db, path);
    migrate(db);
    db.exec(`BEGIN IMMEDIATE; ${additions} COMMIT`);
    return { db, lock, checkFiles: watchFiles([path, `${path}-wal`, `${path}.lock`]) };
  } catch (error) {
    lock.close();
    throw asOpened(path, error);
  }
};

/** The lock is an open transaction on a second database. The system releases it however the process ends. */
const takeLock = (path: string): DatabaseSync => {
  makePrivate(`${path}.lock`);
  const lock = open(`${path}.lock`);
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    throw code(error) === busy ? inUse(path, error) : asOpened(path, error);
  }
};

const open = (path: string): DatabaseSync => {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw asOpened(path, error);
  }
};

export const inUse = (path: string, cause?: unknown): Error =>
  new Error(`open ${path}: it is in use by another process`, { cause });

/** Throws a sentence where the file is another application's, or of a later release. */
export const checkIdentity = (db: DatabaseSync, path: string): void => {
  const owner = number(db, "application_id");
  const version = number(db, "user_version");
  const tables = db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n;
  if (owner !== applicationId && (owner !== 0 || version !== 0 || tables !== 0))
    throw new Error(`open ${path}: it is a database of another application`);
  if (version > migrations.length)
    throw new Error(
      `open ${path}: its schema version is ${version} and this release knows up to ${migrations.length}; run the release that wrote it, or a later one`,
    );
};

const checkPages = (db: DatabaseSync, path: string): void => {
  const [fault] = db.prepare("PRAGMA quick_check(1)").all();
  if (fault?.quick_check !== "ok") throw damaged(path, String(fault?.quick_check));
};

/** The version of the schema that this release writes. */
export const latestSchema = migrations.length;

/** Brings the schema up to a version, each migration with its number in one transaction. */
export const migrate = (db: DatabaseSync, to = latestSchema): void => {
  for (let version = number(db, "user_version"); version < to; version++)
    db.exec(
      `BEGIN IMMEDIATE; ${migrations[version]}
       PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version + 1}; COMMIT`,
    );
};

const number = (db: DatabaseSync, pragma: string): number =>
  Number(db.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);

/** The primary result code of SQLite, or undefined for any other error. */
const code = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return Number(error.errcode) & 0xff;
};

export const damaged = (path: string, detail: string): Error =>
  new Error(`open ${path}: the database is damaged (${detail}); restore it from a backup or move it away`);

/** The failure as a sentence that names the file. */
export const asOpened = (path: string, error: unknown): Error => {
  const message = messageOf(error);
  if (code(error) === corrupt || code(error) === notDatabase) return damaged(path, message);
  return code(error) === undefined ? asError(error) : new Error(`open ${path}: ${message}`, { cause: error });
};
