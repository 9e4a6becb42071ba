import { randomUUID } from "node:crypto";
import { ConflictError } from "../../errors.ts";
import type { Event } from "../../incident/events.ts";
import type { Incident } from "../../incident/model.ts";
import { isOfAlerts } from "../../incident/rounds/recent.ts";
import {
  type Entry,
  entryBytes,
  entryOf,
  incidentKey,
  type Older,
  type Ref,
  type Row,
  updateOf,
} from "./item.ts";
import { keepPieces, removePieces, writePieces } from "./overflow.ts";
import { type MovedLog, readRow, refsOf } from "./read.ts";
import { type Table, tell } from "./table.ts";

const day = 24 * 60 * 60 * 1000;
/** Pieces are kept so much longer than an incident that ends now. An incident that is open longer keeps them anew. */
const sparePiecesMs = 180 * day;
/** Bytes of a snapshot, of one event and of the log that lie in the item itself. An item holds 400 KB, and a write costs by its size. */
const maxSnapshot = 128 * 1024;
const maxEvent = 16 * 1024;
const maxLog = 32 * 1024;

type Append = { id: string; version: number; incident: Incident; events: Event[] };

/**
 * Writes the incident by one conditional write and returns its new version. Text that does not fit into the item is
 * written first, under a name of its own, so that only the item decides whether it counts. The loser removes the pieces that it wrote
 * in vain.
 */
export const append = async (table: Table, what: Append): Promise<number> => {
  const { id, version, incident } = what;
  const before = version === 0 ? undefined : await rowBefore(table, id, version);
  const writer = randomUUID();
  const keepMs = table.keepMs();
  const expires = inSeconds(table.clock() + keepMs + sparePiecesMs);
  const { written, ...parts } = await partsOf(table, { ...what, writer, expires }, before);
  const piecesUntil = await keptUntil(table, id, { before, expires });
  const { sets, remove, names, values } = updateOf(incident, {
    ...{ ...parts, piecesUntil, version: version + 1, writer, keepMs, now: table.nextInstant() },
  });
  const outcome = await table.calls.update({
    Key: incidentKey(id),
    UpdateExpression: `SET ${sets.join(", ")} REMOVE ${remove.join(", ")}`,
    ConditionExpression:
      version === 0 ? "attribute_not_exists(pk) OR #expires <= :seconds" : "#version = :before",
    ExpressionAttributeNames: { ...names, "#expires": "expires", "#version": "version" },
    ExpressionAttributeValues: { ...values, ...expected(version, table.clock()) },
    ReturnValues: "NONE",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  table.recent.delete(id);
  if (!outcome.done && !(outcome.repeated && (await isWrittenBy(table, writer, what)))) {
    // A piece that cannot be removed expires.
    await Promise.allSettled(written.map((ref) => removePieces(table.calls, id, ref)));
    tell(table, id, outcome.item);
    throw late(id, version);
  }
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

/** `written`: the pieces that were written for it. */
type Parts = {
  snapshot: string | Ref;
  entries: Entry[];
  fresh: boolean;
  logBytes: number;
  older?: Older;
  written: Ref[];
};

/** A write under way. The name of its writer is in those of its pieces: no two writers share one. */
type Writing = Append & { writer: string; expires: number };

/** The snapshot and the log entries, in the item or in pieces. A log that is full moves out of the item first. */
const partsOf = async (table: Table, what: Writing, before: Row | undefined): Promise<Parts> => {
  const { version, incident, events } = what;
  const written: Ref[] = [];
  const put = async (name: string, text: string): Promise<Ref> => {
    const { id, writer, expires } = what;
    const ref = await writePieces(table.calls, {
      ...{ id, text, expires },
      name: `${name}-${writer.slice(0, 8)}`,
    });
    written.push(ref);
    return ref;
  };
  const json = JSON.stringify(incident);
  const snapshot = Buffer.byteLength(json) <= maxSnapshot ? json : await put(`snapshot-${version + 1}`, json);
  const entries = await Promise.all(
    events.map((event, index) => entryFor(put, { version: version + 1, event, index })),
  );
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  const all = { snapshot, entries, written };
  if (before === undefined) return { ...all, fresh: true, logBytes: bytes };
  const isFull = before.logBytes > 0 && before.logBytes + bytes > maxLog;
  if (!isFull) return { ...all, fresh: false, logBytes: before.logBytes + bytes };
  const { log, older } = before;
  const moved = await put(`log-${version}`, JSON.stringify({ log, older } satisfies MovedLog));
  const told = log.every(({ t }) => isOfAlerts(t)) ? older?.told : moved;
  return { ...all, fresh: true, logBytes: bytes, older: { ...moved, told } };
};

type Put = (name: string, text: string) => Promise<Ref>;

const entryFor = async (
  put: Put,
  { version, event, index }: { version: number; event: Event; index: number },
): Promise<Entry> => {
  const entry = entryOf(event, version);
  const { e: text, ...rest } = entry;
  if (Buffer.byteLength(text) <= maxEvent) return entry;
  return { ...rest, in: await put(`event-${version}-${index}`, text) };
};

/** The instant until which the pieces of the incident are kept, epoch seconds. An incident that is open for long extends it. */
const keptUntil = async (
  table: Table,
  id: string,
  { before, expires }: { before: Row | undefined; expires: number },
): Promise<number> => {
  if (before === undefined) return expires;
  const { piecesUntil = 0 } = before;
  if (piecesUntil >= inSeconds(table.clock() + table.keepMs())) return Math.min(piecesUntil, expires);
  for (const ref of await refsOf(table, id, before)) await keepPieces(table.calls, id, { ...ref, expires });
  return expires;
};

const inSeconds = (at: number): number => Math.ceil(at / 1000);
