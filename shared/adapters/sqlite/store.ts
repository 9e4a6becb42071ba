import { DatabaseSync } from "node:sqlite";
import { ConflictError, UpstreamError } from "../../errors.ts";
import { evolve } from "../../incident/evolve.ts";
import { dueOf, type Event, type Incident, none } from "../../incident/model.ts";
import type { DeployRecord, FlipRecord, Store } from "../../ports/store.ts";
import { startBatches } from "./batches.ts";
import { pack, unpack } from "./packing.ts";
import { damaged } from "./schema.ts";

export type SqliteStore = Store & {
  /** Keeps the file from growing past this many pages: a write that needs more fails as on a full disk. */
  limit(pages: number): Promise<void>;
};

type Row = { incident: Incident; version: number; consumed: number };

/** A snapshot is stored every so many versions; the events since then make the rest. */
const snapshotEvery = 64;

/**
 * The store on one machine: every incident as committed is held in memory, and a thread of its own does the writing.
 * One process a file. `wake` is told every incident written, once that is durable. Incidents given and taken are shared: never change one.
 */
export const sqliteStore = async ({
  path,
  wake,
}: {
  path: string;
  wake?: (id: string) => void;
}): Promise<SqliteStore> => {
  const batches = await startBatches(path).catch((error: Error) => {
    throw unopened(error);
  });
  const { reader, rows } = await openReader(path).catch(async (error: Error) => {
    await batches.close();
    throw unopened(error);
  });
  const writing = new Map<string, Promise<number>>();

  const selectEvents = reader.prepare("SELECT body FROM events WHERE incident = ? ORDER BY rowid");
  const selectDeploys = reader.prepare(
    "SELECT * FROM deploys WHERE service = ? AND environment = ? AND at >= ? ORDER BY at DESC, rowid DESC",
  );
  const selectFlips = reader.prepare(
    "SELECT * FROM flips WHERE service = ? AND environment = ? AND at >= ? ORDER BY at DESC, rowid DESC",
  );
  const deploys: Store["deploys"] = async (...place) =>
    read(path, () => selectDeploys.all(...place).map(deployOf));

  const store = async (
    id: string,
    before: Row | undefined,
    incident: Incident,
    events: Event[],
  ): Promise<number> => {
    const version = before?.version ?? 0;
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

  const list = (): Row[] => [...rows.values()].reverse();

  return {
    async load(id) {
      // Deciding on what is about to change would be in vain.
      await writing.get(id)?.catch(() => {});
      const { incident, version } = rows.get(id) ?? { incident: none(id), version: 0 };
      return { incident, version };
    },
    async append(id, version, incident, events) {
      const before = rows.get(id);
      if ((before?.version ?? 0) !== version || writing.has(id))
        throw new ConflictError(`append ${id}: ${version} is not the latest version`);
      const written = store(id, before, incident, events).finally(() => writing.delete(id));
      writing.set(id, written);
      await written;
      wake?.(id);
      return version + 1;
    },
    async log(id) {
      return read(path, () => selectEvents.all(id).map(({ body }) => unpack(String(body))));
    },
    async list() {
      return list().map(({ incident, version }) => ({ incident, version }));
    },
    async active() {
      return list().flatMap(({ incident, version }) =>
        dueOf(incident) !== undefined ? [{ incident, version }] : [],
      );
    },
    async pending() {
      return [...rows].flatMap(([id, { version, consumed }]) =>
        consumed < version ? [{ id, version }] : [],
      );
    },
    async consume(id, version) {
      const row = rows.get(id);
      if (row === undefined || version <= row.consumed) return;
      row.consumed = version;
      batches.consume(id, version);
    },
    async recordDeploy({ service, environment, sha, status, at, url, version }) {
      await batches.write(["deploy", service, environment, sha, status, at, url ?? null, version ?? null]);
    },
    deploys,
    async recordFlip({ service, environment, flag, change, at, url }) {
      await batches.write(["flip", service, environment, flag, change, at, url ?? null]);
    },
    async changes(...place) {
      const flips = read(path, () => selectFlips.all(...place).map(flipOf));
      return { deploys: await deploys(...place), flips };
    },
    async ready() {
      await batches.write(["probe"]);
    },
    async limit(pages) {
      await batches.write(["limit", pages]);
    },
    async close() {
      if (reader.isOpen) reader.close();
      await batches.close();
    },
  };
};

const unopened = (error: Error): UpstreamError =>
  new UpstreamError("store", error.message, { retryable: false, cause: error });

const openReader = async (path: string): Promise<{ reader: DatabaseSync; rows: Map<string, Row> }> => {
  const reader = new DatabaseSync(path, { readOnly: true, timeout: 500 });
  return { reader, rows: readRows(reader, path) };
};

/** Every incident, in the order of their latest write: its latest snapshot, and what the events after it made of that. */
const readRows = (reader: DatabaseSync, path: string): Map<string, Row> => {
  const made = new Map<string, { incident: Incident; version: number }>();
  for (const { id, version, body } of reader.prepare("SELECT id, version, body FROM snapshots").iterate())
    made.set(String(id), { incident: JSON.parse(String(body)), version: Number(version) });
  const since = reader.prepare(
    `SELECT e.incident, e.version, e.body FROM events e LEFT JOIN snapshots s ON s.id = e.incident
     WHERE e.version > coalesce(s.version, 0) ORDER BY e.rowid`,
  );
  for (const { incident: key, version, body } of since.iterate()) {
    const id = String(key);
    const before = made.get(id)?.incident ?? none(id);
    made.set(id, { incident: evolve(before, unpack(String(body))), version: Number(version) });
  }
  const heads = reader.prepare(
    `SELECT id, version, consumed FROM incidents
     ORDER BY (SELECT max(rowid) FROM events WHERE incident = incidents.id)`,
  );
  const rows = new Map<string, Row>();
  for (const { id, version, consumed } of heads.iterate()) {
    const row = made.get(String(id));
    if (row === undefined || row.version !== version)
      throw damaged(path, `incident ${id} has no events of version ${version}`);
    rows.set(String(id), { ...row, consumed: Number(consumed) });
  }
  return rows;
};

const deployOf = (row: Record<string, unknown>): DeployRecord => {
  const { url, version, ...deploy } = row;
  return {
    ...(deploy as DeployRecord),
    ...(url === null ? {} : { url: String(url) }),
    ...(version === null ? {} : { version: String(version) }),
  };
};

const flipOf = ({ url, ...flip }: Record<string, unknown>): FlipRecord => ({
  ...(flip as FlipRecord),
  ...(url === null ? {} : { url: String(url) }),
});

const read = <T>(path: string, query: () => T): T => {
  try {
    return query();
  } catch (error) {
    throw new UpstreamError("store", `read ${path}: ${(error as Error).message}`, {
      retryable: true,
      cause: error,
    });
  }
};
