import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { keeps } from "../../ports/store.ts";
import { type Calls, callsOf } from "./calls.ts";
import type { Row } from "./item.ts";

/** One table of ours, and what one process remembers of it. */
export type Table = {
  calls: Calls;
  clock: () => number;
  /** How long an ended incident is kept, in ms. */
  keepMs: () => number;
  /** Incidents as last read here, so that an append needs no read. Only the log is taken, and only at the same version. */
  recent: Map<string, Row>;
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
    ...{ calls: callsOf(client, name), clock, keepMs, recent: new Map() },
    nextInstant: () => {
      last = Math.max(last + 1, clock());
      return last;
    },
  };
};

export const remember = ({ recent }: Table, id: string, row: Row): void => {
  recent.delete(id);
  recent.set(id, row);
  if (recent.size <= maxRecent) return;
  const [oldest] = recent.keys();
  if (oldest !== undefined) recent.delete(oldest);
};
