import type { DatabaseSync } from "node:sqlite";
import type { EpochMs, IncidentId } from "../../brands.ts";
import { linkOf, type Recorded } from "../../incident/chain/record.ts";
import { dueOf } from "../../incident/model.ts";
import { recordedOf } from "./records.ts";
import type { Row, Rows } from "./rows.ts";

/** A fact that leaves the store, as it lay there. */
export type Archived = Recorded & { incident: IncidentId };
/** The facts of an incident that are old. `next` is the row after them; without one nothing of the incident is left. */
export type Old = { id: IncidentId; version: number; facts: Archived[]; next?: number };

type Line = { rowid: number; type: string; at: EpochMs };

/** The facts of rounds that ended before `before`. Undefined where there are none, or somebody is still to be told of them. */
export const oldReader = (reader: DatabaseSync, rows: Rows) => {
  const first = reader.prepare("SELECT at FROM events WHERE incident = ? ORDER BY rowid LIMIT 1");
  const lines = reader.prepare("SELECT rowid, type, at FROM events WHERE incident = ? ORDER BY rowid");
  const facts = reader.prepare(
    "SELECT rowid, version, type, at, body FROM events WHERE incident = ? AND rowid < ? ORDER BY rowid",
  );
  return (id: IncidentId, before: EpochMs): Old | undefined => {
    const row = rows.get(id);
    if (row === undefined || Number(first.get(id)?.at ?? before) >= before) return undefined;
    const read = lines
      .all(id)
      .map(({ rowid, type, at }): Line => ({ rowid: Number(rowid), type: String(type), at: Number(at) }));
    const next = isOver(row) && read.every(({ at }) => at < before) ? undefined : nextOf(read, before);
    if (next === read[0]?.rowid) return undefined;
    const old = facts
      .all(id, next ?? Number.MAX_SAFE_INTEGER)
      .map((one) => ({ incident: id, ...recordedOf(one) }));
    return { id, version: row.version, facts: old, ...(next !== undefined && { next }) };
  };
};

/** Whether no step is due any more, and everybody was told. */
const isOver = ({ incident, version, consumed }: Row): boolean =>
  dueOf(incident) === undefined && consumed >= version && !("untold" in incident && incident.untold?.length);

/** The first row of the earliest round that is not old: all rows before it are of rounds that ended. */
const nextOf = (lines: Line[], before: EpochMs): number | undefined => {
  const recent = lines.findIndex(({ at }) => at >= before);
  const upTo = recent === -1 ? lines.length - 1 : recent;
  const opening = lines.findLastIndex(({ type }, index) => type === "IncidentOpened" && index <= upTo);
  return lines[Math.max(0, opening)]?.rowid;
};

/** The begin of an incident's record once earlier facts have left the store. `n` and `hash` are of the last fact that left; absent for one without a place in the chain. */
export type Mark = { version: number; n?: number; hash?: string };

export const markOf = (facts: Archived[]): Mark => {
  const last = facts.at(-1);
  const link = linkOf(last?.fact);
  return { version: last?.version ?? 0, ...(link && { n: link.n, hash: link.hash }) };
};
