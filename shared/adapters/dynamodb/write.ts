import { createHash, randomUUID } from "node:crypto";
import { ConflictError } from "../../errors.ts";
import type { Event } from "../../incident/events.ts";
import type { Incident } from "../../incident/model.ts";
import { type Entry, entryBytes, entryOf, incidentKey, type Ref, type Row, updateOf } from "./item.ts";
import { removePieces, writePieces } from "./overflow.ts";
import { type MovedLog, readRow } from "./read.ts";
import type { Table } from "./table.ts";

/** Bytes of a snapshot, of one event and of the log that lie in the item itself. An item holds 400 KB, and a write costs by its size. */
const maxSnapshot = 128 * 1024;
const maxEvent = 16 * 1024;
const maxLog = 32 * 1024;

type Append = { id: string; version: number; incident: Incident; events: Event[] };

/**
 * Writes the incident by one conditional write and returns its new version. Text that does not fit into the item is
 * written first, under a name of its own, so that only the item decides whether it counts. `release` are attributes
 * that the same write removes.
 */
export const append = async (table: Table, what: Append, release: string[] = []): Promise<number> => {
  const { id, version, incident } = what;
  const before = version === 0 ? undefined : await rowBefore(table, id, version);
  const writer = randomUUID();
  const { sets, remove, names, values } = updateOf(incident, {
    ...(await partsOf(table, what, before)),
    ...{ version: version + 1, writer, keepMs: table.keepMs(), now: table.nextInstant() },
  });
  const outcome = await table.calls.update({
    Key: incidentKey(id),
    UpdateExpression: `SET ${sets.join(", ")} REMOVE ${[...remove, ...release].join(", ")}`,
    ConditionExpression:
      version === 0 ? "attribute_not_exists(pk) OR #expires <= :seconds" : "#version = :before",
    ExpressionAttributeNames: { ...names, "#expires": "expires", "#version": "version" },
    ExpressionAttributeValues: { ...values, ...expected(version, table.clock()) },
    ReturnValues: "NONE",
  });
  table.recent.delete(id);
  if (!outcome.done && !(outcome.repeated && (await isWrittenBy(table, writer, what))))
    throw late(id, version);
  if (typeof before?.snapshot === "object") await removePieces(table.calls, id, before.snapshot);
  return version + 1;
};

const expected = (version: number, now: number) =>
  version === 0
    ? { ":seconds": { N: String(Math.floor(now / 1000)) } }
    : { ":before": { N: String(version) } };

const late = (id: string, version: number): ConflictError =>
  new ConflictError(`append ${id}: ${version} is not the latest version`);

const rowBefore = async (table: Table, id: string, version: number): Promise<Row> => {
  const recent = table.recent.get(id);
  const row = recent?.version === version ? recent : await readRow(table, id);
  if (row?.version !== version) throw late(id, version);
  return row;
};

const isWrittenBy = async (table: Table, writer: string, { id, version }: Append): Promise<boolean> => {
  const row = await readRow(table, id);
  return row?.version === version + 1 && row.writer === writer;
};

type Parts = { snapshot: string | Ref; entries: Entry[]; fresh: boolean; logBytes: number; older?: Ref };

/** The snapshot and the log entries, in the item or in pieces. A log that is full moves out of the item first. */
const partsOf = async (table: Table, what: Append, before: Row | undefined): Promise<Parts> => {
  const { id, version, incident, events } = what;
  const snapshot = await snapshotOf(table, { id, version: version + 1, incident });
  const entries = await Promise.all(
    events.map((event, index) => entryFor(table, { id, version: version + 1, event, index })),
  );
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (before === undefined) return { snapshot, entries, fresh: true, logBytes: bytes };
  const isFull = before.logBytes > 0 && before.logBytes + bytes > maxLog;
  if (!isFull) return { snapshot, entries, fresh: false, logBytes: before.logBytes + bytes };
  return { snapshot, entries, fresh: true, logBytes: bytes, older: await moveLog(table, id, before) };
};

type Snapshot = { id: string; version: number; incident: Incident };

const snapshotOf = async (table: Table, { id, version, incident }: Snapshot): Promise<string | Ref> => {
  const json = JSON.stringify(incident);
  if (Buffer.byteLength(json) <= maxSnapshot) return json;
  return writePieces(table.calls, { id, name: `snapshot-${version}-${digest(json)}`, text: json });
};

type Numbered = { id: string; version: number; event: Event; index: number };

const entryFor = async (table: Table, { id, version, event, index }: Numbered): Promise<Entry> => {
  const entry = entryOf(event, version);
  const { e: text, ...rest } = entry;
  if (Buffer.byteLength(text) <= maxEvent) return entry;
  const name = `event-${version}-${index}-${digest(text)}`;
  return { ...rest, in: await writePieces(table.calls, { id, name, text }) };
};

/** Two processes that move the log of one version write the same bytes. */
const moveLog = (table: Table, id: string, { version, log, older }: Row): Promise<Ref> => {
  const text = JSON.stringify({ log, older } satisfies MovedLog);
  return writePieces(table.calls, { id, name: `log-${version}`, text });
};

const digest = (json: string): string => createHash("sha256").update(json).digest("hex").slice(0, 16);
