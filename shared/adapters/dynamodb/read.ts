import { UpstreamError } from "../../errors.ts";
import type { Recorded } from "../../incident/chain/record.ts";
import type { Event } from "../../incident/events.ts";
import { emptyIncident } from "../../incident/model.ts";
import { recentIn, recently, recentOf } from "../../incident/rounds/recent.ts";
import { readEvent, readIncident } from "../../incident/stored.ts";
import type { Stored } from "../../ports/store.ts";
import { type Entry, incidentKey, type Older, type Ref, type Row, toRow } from "./item.ts";
import { readPieces } from "./overflow.ts";
import { remember, type Table, takeTold } from "./table.ts";

/** A part of a log that no longer lies in the item. `older` is the part before it. */
export type MovedLog = { log: Entry[]; older?: Older | undefined };

const concurrency = 16;
/** The number of times that an incident is read again when its snapshot was replaced meanwhile. */
const maxTries = 3;

/** Undefined for an incident that was never written or has expired. */
export const readRow = async (table: Table, id: string): Promise<Row | undefined> => {
  const item = await table.calls.get(incidentKey(id));
  const row = item === undefined ? undefined : toRow(item);
  if (row === undefined || isExpired(row, table.clock())) return undefined;
  remember(table, id, row);
  return row;
};

const isExpired = ({ expires }: Row, now: number): boolean => expires !== undefined && expires * 1000 <= now;

/** Undefined when the snapshot was replaced after the row was read. */
export const storedOf = async (table: Table, id: string, row: Row): Promise<Stored | undefined> => {
  const { snapshot, version } = row;
  const json = typeof snapshot === "string" ? snapshot : await readPieces(table.calls, id, snapshot);
  if (json === undefined) return undefined;
  return { incident: readIncident(json), version };
};

export const load = async (table: Table, id: string): Promise<Stored> => {
  for (let tries = 0; tries < maxTries; tries++) {
    const row = (tries === 0 ? takeTold(table, id) : undefined) ?? (await readRow(table, id));
    if (row === undefined) return { incident: emptyIncident(id), version: 0 };
    const stored = await storedOf(table, id, row);
    if (stored !== undefined) return stored;
  }
  throw new UpstreamError("store", `read ${id}: its snapshot is missing`, { retryable: true });
};

/** Those of the incidents that can be read. Throws when none can. */
export const loadReadable = async (table: Table, ids: string[]): Promise<Stored[]> => {
  const read: PromiseSettledResult<Stored>[] = [];
  for (let first = 0; first < ids.length; first += concurrency)
    read.push(
      ...(await Promise.allSettled(ids.slice(first, first + concurrency).map((id) => load(table, id)))),
    );
  const failed = read.find((one) => one.status === "rejected");
  if (failed !== undefined && read.every((one) => one.status === "rejected")) throw failed.reason;
  return read.flatMap((one) => (one.status === "fulfilled" && one.value.version > 0 ? [one.value] : []));
};

export const logOf = async (table: Table, id: string, row: Row): Promise<Event[]> => {
  const entries = [row.log];
  for (let { older } = row; older !== undefined; ) {
    const moved: MovedLog = JSON.parse(await logPiece(table, id, older));
    entries.unshift(moved.log);
    older = moved.older;
  }
  return Promise.all(entries.flat().map((entry) => eventOf(table, id, entry)));
};

/** As `recentOf`. A part that has only alerts which came and went is left out once there are enough of them. */
export const recentLogOf = async (table: Table, id: string, row: Row): Promise<Event[]> => {
  const entries = row.log.map(asFact);
  for (let older = nextOf(entries, row.older); older !== undefined; ) {
    const moved: MovedLog = JSON.parse(await logPiece(table, id, older));
    entries.unshift(...moved.log.map(asFact));
    older = nextOf(entries, moved.older);
  }
  return Promise.all(recentOf(entries).map(({ entry }) => eventOf(table, id, entry)));
};

const asFact = (entry: Entry): { type: string; entry: Entry } => ({ type: entry.t, entry });

/** The part of the log that is read next, or undefined when enough of it was read. */
const nextOf = (facts: { type: string }[], older: Older | undefined): Ref | undefined => {
  const { rounds, alerts } = recentIn(facts);
  if (rounds >= recently.rounds) return undefined;
  return alerts >= recently.alerts ? (older?.told ?? older) : older;
};

/** The pieces that the log of a row names. The snapshot is written anew by every write. */
export const refsOf = async (table: Table, id: string, row: Row): Promise<Ref[]> => {
  const refs = namedIn(row.log);
  for (let { older } = row; older !== undefined; ) {
    refs.push(older);
    const text = await readPieces(table.calls, id, older);
    const moved = text === undefined ? undefined : parsed<MovedLog>(text);
    refs.push(...namedIn(moved?.log ?? []));
    older = moved?.older;
  }
  return refs;
};

const namedIn = (log: Entry[]): Ref[] => log.flatMap(({ in: ref }) => (ref === undefined ? [] : [ref]));

/** The log exactly as it was written. A part that cannot be read stands as one fact with its fault. */
export const recordOf = async (table: Table, id: string, row: Row): Promise<Recorded[]> => {
  const parts: (Entry | Recorded)[][] = [row.log];
  for (let { older } = row; older !== undefined; ) {
    const moved: MovedLog | Recorded = await movedLog(table, id, older);
    parts.unshift("log" in moved ? moved.log : [moved]);
    older = "log" in moved ? moved.older : undefined;
  }
  return Promise.all(parts.flat().map((one) => ("version" in one ? one : recordedOf(table, id, one))));
};

const movedLog = async (table: Table, id: string, ref: Ref): Promise<MovedLog | Recorded> => {
  const text = await readPieces(table.calls, id, ref);
  const moved = text === undefined ? undefined : parsed<MovedLog>(text);
  return moved ?? { version: 0, fault: `the piece ${ref.name} of its log is missing or is not JSON` };
};

/** The attributes beside the JSON say again what the fact says. */
const recordedOf = async (
  table: Table,
  id: string,
  { v: version, t, at, e, in: ref }: Entry,
): Promise<Recorded> => {
  const text = ref === undefined ? e : await readPieces(table.calls, id, ref);
  const fact = text === undefined ? undefined : parsed<Event>(text);
  if (fact === undefined)
    return { version, fault: `its JSON in the item or in a piece beside it cannot be read` };
  if (fact.type === t && fact.at === at) return { version, fact };
  return { version, fact, fault: `the item says ${t} at ${at} beside another fact` };
};

const parsed = <T>(text: string): T | undefined => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const eventOf = async (table: Table, id: string, { e: json, in: ref }: Entry): Promise<Event> => {
  if (json !== undefined) return readEvent(json);
  if (ref !== undefined) return readEvent(await logPiece(table, id, ref));
  throw missing(id, "of an event");
};

const logPiece = async (table: Table, id: string, ref: Ref): Promise<string> => {
  const text = await readPieces(table.calls, id, ref);
  if (text === undefined) throw missing(id, ref.name);
  return text;
};

const missing = (id: string, piece: string): UpstreamError =>
  new UpstreamError("store", `read ${id}: the piece ${piece} of its log is missing`, { retryable: false });
