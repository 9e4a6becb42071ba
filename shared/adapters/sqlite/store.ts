import type { DatabaseSync } from "node:sqlite";
import type { EpochMs } from "../../brands.ts";
import { ConflictError, messageOf, UpstreamError } from "../../errors.ts";
import type { Event } from "../../incident/events.ts";
import { dueOf, emptyIncident, type Incident } from "../../incident/model.ts";
import { waitOf } from "../../incident/schedule/wait.ts";
import { deliveries, keeps, type Store, type Stored, type Waiting } from "../../ports/store.ts";
import { type Batches, startBatches } from "./batches.ts";
import { type Archived, markOf, type Old, oldReader } from "./old-facts.ts";
import { pack } from "./packing.ts";
import { type Records, recordsOf } from "./records.ts";
import { openReader, type Row, type Rows } from "./rows.ts";

export type SqliteStore = Store & {
  /** Keeps the file from growing past this many pages: a write that needs more fails as on a full disk. */
  limit(pages: number): Promise<void>;
  /**
   * Hands the facts of rounds that ended before `before` to `keep`, in portions, and drops each portion once `keep` has made it durable.
   * Returns how many facts were dropped. A crash in between hands them over once more.
   */
  archive(before: EpochMs, keep: (facts: Archived[]) => Promise<void>): Promise<number>;
  /** Forgets deploys and flips as old as no diagnosis looks at, but never the latest deploy of a place. */
  forget(now: EpochMs): Promise<void>;
};

type Options = {
  path: string;
  wake?: (id: string) => void;
  /** Opens the file for writing; by default on a thread of its own. */
  start?: (path: string) => Promise<Batches>;
};

type Database = {
  path: string;
  batches: Batches;
  reader: DatabaseSync;
  rows: Rows;
  /** Appends under way, by incident. */
  writing: Map<string, Promise<number>>;
};

/** A snapshot is stored every so many versions, with the events after it. */
const snapshotEvery = 64;

/**
 * The store on one machine, one process a file: every incident as committed is held in memory, and a thread of its own
 * writes. `wake` is called for every incident written, once that is durable. Never change an incident that it returned.
 */
export const sqliteStore = async ({ path, wake, start = startBatches }: Options): Promise<SqliteStore> => {
  const database = await open(path, start);
  const { batches, rows } = database;
  const records = recordsOf(database.reader, path);
  return {
    ...reads(rows, records),
    load: (id) => load(database, id),
    append: async (id, version, incident, events) => {
      await append(database, { id, version, incident, events });
      wake?.(id);
      return version + 1;
    },
    consume: async (id, version) => consume(database, id, version),
    ...writes(batches),
    archive: (before, keep) => archive(database, before, keep),
    close: async () => {
      if (database.reader.isOpen) database.reader.close();
      await batches.close();
    },
  };
};

const open = async (path: string, start: (path: string) => Promise<Batches>): Promise<Database> => {
  const batches = await start(path).catch((error) => {
    throw unopened(error);
  });
  try {
    return { path, batches, ...openReader(path), writing: new Map() };
  } catch (error) {
    await batches.close();
    throw unopened(error);
  }
};

const unopened = (error: unknown): UpstreamError =>
  new UpstreamError("store", messageOf(error), { retryable: false, cause: error });

/** Waits for an append under way: a decision on the version before it would be in vain. */
const load = async ({ writing, rows }: Database, id: string): Promise<Stored> => {
  await writing.get(id)?.catch(() => {});
  const { incident, version } = rows.get(id) ?? { incident: emptyIncident(id), version: 0 };
  return { incident, version };
};

type Append = { id: string; version: number; incident: Incident; events: Event[] };

const append = async (database: Database, what: Append): Promise<void> => {
  const { rows, writing } = database;
  const { id, version } = what;
  if ((rows.get(id)?.version ?? 0) !== version || writing.has(id))
    throw new ConflictError(`append ${id}: ${version} is not the latest version`);
  const written = write(database, what).finally(() => writing.delete(id));
  writing.set(id, written);
  await written;
};

const write = async ({ path, batches, rows }: Database, what: Append): Promise<number> => {
  const { id, version, incident, events } = what;
  const snapshot = version % snapshotEvery === snapshotEvery - 1 ? JSON.stringify(incident) : null;
  const due = "due" in incident ? incident.due : null;
  const bodies = events.flatMap((event) => [event.type, event.at, pack(event)]);
  if (!(await batches.write(["append", id, version, incident.status, due, snapshot, bodies])))
    throw new ConflictError(`append ${id}: ${version} is not the version in ${path}`);
  const consumed = rows.get(id)?.consumed ?? 0;
  rows.delete(id);
  rows.set(id, { incident, version: version + 1, consumed });
  return version + 1;
};

const consume = ({ rows, batches }: Database, id: string, version: number): void => {
  const row = rows.get(id);
  if (row === undefined || version <= row.consumed) return;
  row.consumed = version;
  batches.consume(id, version);
};

/** Facts that are archived together. */
const portion = 5_000;

const archive = async (
  database: Database,
  before: EpochMs,
  keep: (facts: Archived[]) => Promise<void>,
): Promise<number> => {
  const oldOf = oldReader(database.reader, database.rows);
  let dropped = 0;
  let waiting: Old[] = [];
  const flush = async (): Promise<void> => {
    await keep(waiting.flatMap(({ facts }) => facts));
    for (const old of waiting) if (await drop(database, old)) dropped += old.facts.length;
    waiting = [];
  };
  for (const id of [...database.rows.keys()]) {
    // Alerts that arrive meanwhile have their turn.
    await new Promise((resolve) => setImmediate(resolve));
    const old = oldOf(id, before);
    if (old !== undefined) waiting.push(old);
    if (waiting.reduce((sum, { facts }) => sum + facts.length, 0) >= portion) await flush();
  }
  if (waiting.length > 0) await flush();
  return dropped;
};

/** False when the incident has moved since; it is looked at again the next time. */
const drop = async ({ batches, rows }: Database, { id, version, facts, next }: Old): Promise<boolean> => {
  const row = rows.get(id);
  if (row?.version !== version) return false;
  if (next === undefined) {
    const removed = await batches.write(["remove", id, version]);
    if (removed && rows.get(id)?.version === version) rows.delete(id);
    return removed;
  }
  const { version: last, n = null, hash = null } = markOf(facts);
  return batches.write(["cut", id, version, next, JSON.stringify(row.incident), [last, n, hash]]);
};

type Reads = Pick<
  Store,
  | "log"
  | "recent"
  | "record"
  | "list"
  | "active"
  | "waiting"
  | "pending"
  | "deploys"
  | "changes"
  | "register"
  | "isDelivered"
>;

const reads = (rows: Rows, records: Records): Reads => ({
  log: async (id) => {
    // A list reads many logs. Alerts that arrive meanwhile have their turn between two of them.
    await new Promise((resolve) => setImmediate(resolve));
    return records.log(id);
  },
  recent: async (id) => {
    await new Promise((resolve) => setImmediate(resolve));
    return records.recent(id);
  },
  record: async (id) => records.record(id),
  list: async () => newestFirst(rows).map(({ incident }) => incident.id),
  active: async () =>
    newestFirst(rows)
      .filter(({ incident }) => dueOf(incident) !== undefined)
      .map(storedOf),
  waiting: async () =>
    newestFirst(rows).flatMap(({ incident, version, consumed }): Waiting[] => {
      const wait = waitOf(incident);
      const hasNews = consumed < version;
      return wait.due === undefined && !hasNews ? [] : [{ id: incident.id, version, hasNews, wait }];
    }),
  pending: async () =>
    [...rows].flatMap(([id, { version, consumed }]) => (consumed < version ? [{ id, version }] : [])),
  deploys: async (...where) => records.deploys(...where),
  changes: async (...where) => ({ deploys: records.deploys(...where), flips: records.flips(...where) }),
  isDelivered: async (id, now) => records.isDelivered(id, now - deliveries.keepMs),
  register: async (name) => records.register(name),
});

const newestFirst = (rows: Rows): Row[] => [...rows.values()].reverse();
const storedOf = ({ incident, version }: Row): Stored => ({ incident, version });

type Writes = Pick<
  SqliteStore,
  "recordDeploy" | "recordFlip" | "setRegister" | "ready" | "limit" | "recordDelivery" | "forget"
>;

const writes = (batches: Batches): Writes => ({
  recordDeploy: async ({ service, environment, sha, status, at, url, version, detail, heard }) => {
    const said = [url ?? null, version ?? null, detail ?? null] as const;
    const more = [...said, heard?.at ?? null, heard?.told ?? null] as const;
    await batches.write(["deploy", service, environment, sha, status, at, ...more]);
  },
  recordFlip: async ({ service, environment, flag, change, at, url }) => {
    await batches.write(["flip", service, environment, flag, change, at, url ?? null]);
  },
  recordDelivery: async (id, now) => {
    await batches.write(["delivery", id, now, now - deliveries.keepMs, deliveries.count]);
  },
  setRegister: async (name, version, value) => {
    if (!(await batches.write(["register", name, version, JSON.stringify(value)])))
      throw new ConflictError(`write ${name}: ${version} is not the latest version`);
  },
  forget: async (now) => {
    await batches.write(["forget", now - keeps.deploysMs, now - keeps.flipsMs]);
  },
  ready: async () => {
    await batches.write(["probe"]);
  },
  limit: async (pages) => {
    await batches.write(["limit", pages]);
  },
});
