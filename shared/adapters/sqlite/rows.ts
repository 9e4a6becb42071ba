import { DatabaseSync } from "node:sqlite";
import { evolve, isKnownFact } from "../../incident/evolve.ts";
import { emptyIncident, type Incident } from "../../incident/model.ts";
import { readIncident } from "../../incident/stored.ts";
import { unpack } from "./packing.ts";
import { damaged } from "./schema.ts";

export type Row = { incident: Incident; version: number; consumed: number };
/** Every incident as committed, in the order of their latest write. */
export type Rows = Map<string, Row>;

export const openReader = (path: string): { reader: DatabaseSync; rows: Rows } => {
  const reader = new DatabaseSync(path, { readOnly: true, timeout: 500 });
  return { reader, rows: readRows(reader, path) };
};

type Versioned = Omit<Row, "consumed">;

const readRows = (reader: DatabaseSync, path: string): Rows => {
  const latest = evolveSince(reader, { path, latest: readSnapshots(reader) });
  const heads = reader.prepare(
    `SELECT id, version, consumed FROM incidents
     ORDER BY (SELECT max(rowid) FROM events WHERE incident = incidents.id)`,
  );
  const rows: Rows = new Map();
  for (const { id, version, consumed } of heads.iterate()) {
    const row = latest.get(String(id));
    if (row === undefined || row.version !== version)
      throw damaged(path, `incident ${id} has no events of version ${version}`);
    rows.set(String(id), { ...row, consumed: Number(consumed) });
  }
  return rows;
};

const readSnapshots = (reader: DatabaseSync): Map<string, Versioned> => {
  const snapshots = reader.prepare("SELECT id, version, body FROM snapshots").iterate();
  const latest = new Map<string, Versioned>();
  for (const { id, version, body } of snapshots)
    latest.set(String(id), { incident: readIncident(String(body)), version: Number(version) });
  return latest;
};

/** Applies the events after each snapshot. Refuses a fact of a later release: an incident without it might be acted on wrongly. */
const evolveSince = (
  reader: DatabaseSync,
  { path, latest }: { path: string; latest: Map<string, Versioned> },
): Map<string, Versioned> => {
  const events = reader.prepare(
    `SELECT e.incident, e.version, e.body FROM events e LEFT JOIN snapshots s ON s.id = e.incident
     WHERE e.version > coalesce(s.version, 0) ORDER BY e.rowid`,
  );
  for (const { incident: key, version, body } of events.iterate()) {
    const id = String(key);
    const before = latest.get(id)?.incident ?? emptyIncident(id);
    const event = unpack(String(body));
    if (!isKnownFact(event.type))
      throw new Error(`open ${path}: incident ${id} holds ${event.type}, ${later}`);
    latest.set(id, { incident: evolve(before, event), version: Number(version) });
  }
  return latest;
};

const later =
  "a fact that this release does not know; run the release that wrote it, or a later one, or put the copy from before it back";
