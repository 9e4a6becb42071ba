import { DatabaseSync } from "node:sqlite";
import type { EpochMs, IncidentId } from "../../brands.ts";
import { messageOf, UpstreamError } from "../../errors.ts";
import type { Archived, Recorded } from "../../incident/chain/record.ts";
import type { LeftRecord } from "../../ports/store.ts";
import { recordsOf } from "./records.ts";
import { asOpened, checkIdentity } from "./schema.ts";

/** `archived`: the fact before the first one, where earlier ones were archived. */
type Found = { recorded: Recorded[]; version: number; archived?: Archived };

/** The facts of one incident as they lie in the file, and the version that the incident is stored at. Also while a server has the file. */
export const readRecord = (path: string, id: string): Found =>
  reading(path, (reader) => {
    if (!hasTable(reader, "incidents")) return { recorded: [], version: 0 };
    const recorded = recordsOf(reader, path).record(id);
    const row = reader.prepare("SELECT version FROM incidents WHERE id = ?").get(id);
    const archived = archivedOf(reader, id);
    return { recorded, version: Number(row?.version ?? 0), ...(archived && { archived }) };
  });

const archivedOf = (reader: DatabaseSync, id: string): Archived | undefined => {
  if (!hasTable(reader, "archived")) return undefined;
  const row = reader.prepare("SELECT version, n, hash FROM archived WHERE incident = ?").get(id);
  if (row === undefined) return undefined;
  const { version, n, hash } = row;
  return {
    version: Number(version),
    ...(n !== null && { head: { n: Number(n), hash: String(hash) } }),
  };
};

/** The entries of what was left alone, as they lie in the file. Also while a server has it. */
export const readLeft = (path: string): LeftRecord[] =>
  reading(path, (reader) =>
    hasTable(reader, "registers") ? (recordsOf(reader, path).register("left").value ?? []) : [],
  );

/** Every fact in the file, incident by incident. Also while a server has the file. */
export function* readAllRecords(path: string): Generator<Recorded & { incident: IncidentId }> {
  const reader = openFile(path);
  try {
    const records = recordsOf(reader, path);
    for (const incident of orFailed(path, () => idsIn(reader)))
      for (const one of records.record(incident)) yield { incident, ...one };
  } finally {
    reader.close();
  }
}

const idsIn = (reader: DatabaseSync): IncidentId[] => {
  if (!hasTable(reader, "incidents")) return [];
  return reader
    .prepare("SELECT id FROM incidents ORDER BY id")
    .all()
    .map(({ id }) => String(id));
};

/** The number of succeeded deploys on record from `since` until before `until`. */
export const countDeploys = (path: string, { since, until }: { since: EpochMs; until: EpochMs }): number =>
  reading(path, (reader) => {
    if (!hasTable(reader, "deploys")) return 0;
    const query = "SELECT count(*) AS n FROM deploys WHERE status = 'succeeded' AND at >= ? AND at < ?";
    return Number(reader.prepare(query).get(since, until)?.n);
  });

/** Reports and calls that were left alone, whether there was an incident, and the places of deploys from `since` on. */
export const readHeard = (path: string, since: EpochMs) =>
  reading(path, (reader) => {
    const deploys = hasTable(reader, "deploys")
      ? reader.prepare("SELECT DISTINCT service, environment FROM deploys WHERE at >= ?").all(since)
      : [];
    const left = hasTable(reader, "registers") ? (recordsOf(reader, path).register("left").value ?? []) : [];
    const places = deploys.map(({ service, environment }) => `${service}/${environment}`);
    return { left, hasIncidents: idsIn(reader).length > 0, deployed: new Set(places) };
  });

/** A file of an earlier release lacks what came later: only a server that opens it for writing makes it. */
const hasTable = (reader: DatabaseSync, name: string): boolean =>
  reader.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;

const reading = <T>(path: string, read: (reader: DatabaseSync) => T): T => {
  const reader = openFile(path);
  try {
    return orFailed(path, () => read(reader));
  } finally {
    reader.close();
  }
};

/** Opens a file of ours, and writes nothing to it. */
const openFile = (path: string): DatabaseSync =>
  orFailed(path, () => {
    const reader = new DatabaseSync(path, { readOnly: true, timeout: 500 });
    try {
      checkIdentity(reader, path);
      return reader;
    } catch (error) {
      reader.close();
      throw error;
    }
  });

/** Throws UpstreamError that names the file and the reason. */
const orFailed = <T>(path: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    throw new UpstreamError("store", messageOf(asOpened(path, error)), { retryable: false, cause: error });
  }
};
