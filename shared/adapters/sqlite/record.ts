import { DatabaseSync } from "node:sqlite";
import type { EpochMs, IncidentId } from "../../brands.ts";
import { messageOf, UpstreamError } from "../../errors.ts";
import type { Archived, Recorded } from "../../incident/chain/record.ts";
import type { LeftRecord } from "../../ports/store.ts";
import { recordsOf } from "./records.ts";

/** `archived`: the fact before the first one, where earlier ones were archived. */
type Found = { recorded: Recorded[]; version: number; archived?: Archived };

/** The facts of one incident as they lie in the file, and the version that the incident is stored at. Also while a server has the file. */
export const readRecord = (path: string, id: string): Found => {
  const reader = openFile(path);
  try {
    const recorded = recordsOf(reader, path).record(id);
    const row = reader.prepare("SELECT version FROM incidents WHERE id = ?").get(id);
    const archived = archivedOf(reader, id);
    return { recorded, version: Number(row?.version ?? 0), ...(archived && { archived }) };
  } finally {
    reader.close();
  }
};

/** An earlier release has archived nothing, and has no such table. */
const archivedOf = (reader: DatabaseSync, id: string): Archived | undefined => {
  if (reader.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'archived'").get() === undefined)
    return undefined;
  const row = reader.prepare("SELECT version, n, hash FROM archived WHERE incident = ?").get(id);
  if (row === undefined) return undefined;
  const { version, n, hash } = row;
  return {
    version: Number(version),
    ...(n !== null && { head: { n: Number(n), hash: String(hash) } }),
  };
};

/** The entries of what was left alone, as they lie in the file. Also while a server has it. */
export const readLeft = (path: string): LeftRecord[] => {
  const reader = openFile(path);
  try {
    return recordsOf(reader, path).register("left").value ?? [];
  } finally {
    reader.close();
  }
};

/** Every fact in the file, incident by incident. Also while a server has the file. */
export function* readAllRecords(path: string): Generator<Recorded & { incident: IncidentId }> {
  const reader = openFile(path);
  try {
    const records = recordsOf(reader, path);
    for (const { id } of reader.prepare("SELECT id FROM incidents ORDER BY id").all())
      for (const one of records.record(String(id))) yield { incident: String(id), ...one };
  } finally {
    reader.close();
  }
}

/** The number of succeeded deploys on record from `since` until before `until`. */
export const countDeploys = (path: string, { since, until }: { since: EpochMs; until: EpochMs }): number => {
  const reader = openFile(path);
  try {
    const query = "SELECT count(*) AS n FROM deploys WHERE status = 'succeeded' AND at >= ? AND at < ?";
    return Number(reader.prepare(query).get(since, until)?.n);
  } finally {
    reader.close();
  }
};

const openFile = (path: string): DatabaseSync => {
  try {
    return new DatabaseSync(path, { readOnly: true, timeout: 500 });
  } catch (error) {
    throw new UpstreamError("store", `open ${path}: ${messageOf(error)}`, { retryable: false, cause: error });
  }
};
