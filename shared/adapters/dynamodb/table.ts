import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { keeps } from "../../ports/store.ts";
import { type Calls, callsOf } from "./calls.ts";
import { type Item, type Row, toRow } from "./item.ts";

/** One table of ours, and what one process remembers of it. */
export type Table = {
  calls: Calls;
  clock: () => number;
  /** The time for which an ended incident is kept, in ms. */
  keepMs: () => number;
  /** Incidents as last read here, so that an append needs no read. Only the log is taken, and only at the same version. */
  recent: Map<string, Row>;
  /** Incidents as a refused write has just told them: the next read takes them, once. */
  told: Map<string, { row: Row; at: number }>;
  /** Returns an instant later than the one before, epoch ms. It orders the list of incidents. */
  nextInstant: () => number;
};

const maxRecent = 64;

export const openTable = (
  client: DynamoDBClient,
  name: string,
  clock: () => number,
  keepMs = () => keeps.incidentsMs,
): Table => {
  let last = 0;
  return {
    ...{ calls: callsOf(client, name), clock, keepMs, recent: new Map(), told: new Map() },
    nextInstant: () => {
      last = Math.max(last + 1, clock());
      return last;
    },
  };
};

/** A state is read anew when it was told longer ago. */
const toldMs = 20;

export const tell = (table: Table, id: string, item: Item | undefined): void => {
  if (item === undefined) return;
  const row = toRow(item);
  if (row.expires !== undefined) return;
  remember(table, id, row);
  table.told.set(id, { row, at: table.clock() });
};

export const takeTold = (table: Table, id: string): Row | undefined => {
  const told = table.told.get(id);
  table.told.delete(id);
  return told === undefined || table.clock() - told.at > toldMs ? undefined : told.row;
};

export const remember = ({ recent }: Table, id: string, row: Row): void => {
  recent.delete(id);
  recent.set(id, row);
  if (recent.size <= maxRecent) return;
  const [oldest] = recent.keys();
  if (oldest !== undefined) recent.delete(oldest);
};
