import { randomUUID } from "node:crypto";
import { UpstreamError } from "../../errors.ts";
import { dueOf, type Incident, type Status } from "../../incident/model.ts";
import type { Store, Stored } from "../../ports/store.ts";
import { type Row, toRow } from "./item.ts";
import { consume, type Lease, leases, releaseLease, takeLease } from "./lease.ts";
import { load, logOf, readRow, storedOf } from "./read.ts";
import { remember, type Table } from "./table.ts";
import { append } from "./write.ts";

/** One process works on an incident and one announces it at a time, each for `leaseMs` at most. */
export type ClaimRequest = {
  /** The version that the wake-up was about. */
  version: number;
  leaseMs: number;
} & (
  | { purpose: "work"; statuses: readonly Status[] }
  /** `alone`: whether nobody may work on the incident while it is announced. */
  | { purpose: "announce"; alone: (incident: Incident) => boolean }
);

export type Claim = {
  version: number;
  /** The store as the holder sees it: the incident as it was claimed, until something is appended. */
  store: Store;
  /** Marks the news up to `version` as announced. Returns the version with more news, which the store now shows, or undefined. */
  announced(version: number): Promise<number | undefined>;
  /** Releases the claim. An append to an incident claimed for work has already done so. */
  release(): Promise<void>;
};
/** `other`: the incident needs another step, or has no news. */
export type Refusal = { refused: "unknown" | "other" | "busy" };

/** A claim under way: the leases it holds, and the incident as it was read. */
type Holding = {
  table: Table;
  store: Store;
  id: string;
  request: ClaimRequest;
  token: string;
  until: number;
  held: Set<Lease>;
  stored: Stored;
  /** Undefined after an append: then the store is read again. */
  row: Row | undefined;
};

/** Takes the lease, which also reads the incident. */
export const claim = async (
  table: Table,
  store: Store,
  { id, ...request }: ClaimRequest & { id: string },
): Promise<Claim | Refusal> => {
  const token = randomUUID();
  const until = table.clock() + request.leaseMs;
  const statuses = request.purpose === "work" ? request.statuses : undefined;
  const outcome = await takeLease(table, id, { lease: request.purpose, token, until, statuses });
  const row = outcome.item === undefined ? await readRow(table, id) : toRow(outcome.item);
  if (row === undefined) return { refused: "unknown" };
  remember(table, id, row);
  const isHeld = outcome.done || (outcome.repeated && row[leases[request.purpose][1]] === token);
  const held = new Set<Lease>(isHeld ? [request.purpose] : []);
  if (row.version < request.version) {
    await releaseAll(table, id, held, token);
    throw behind(id, row.version, request.version);
  }
  if (!isHeld) return { refused: isWanted(row, request) ? "busy" : "other" };
  const stored = (await storedOf(table, id, row)) ?? (await load(table, id));
  const holding = { table, store, id, request, token, until, held, stored, row };
  if (await mayAnnounce(holding)) return claimOf(holding);
  await releaseAll(table, id, held, token);
  return { refused: "busy" };
};

const claimOf = (holding: Holding & { row: Row }): Claim => ({
  version: holding.row.version,
  store: heldStore(holding),
  announced: (version) => announced(holding, version),
  release: async () => {
    const { table, id, held, token } = holding;
    await releaseAll(table, id, held, token);
    held.clear();
  },
});

const isWanted = (row: Row, request: ClaimRequest): boolean =>
  request.purpose === "work"
    ? request.statuses.some((status) => status === row.status)
    : row.consumed < row.version;

const behind = (id: string, stored: number, wanted: number): UpstreamError =>
  new UpstreamError(
    "store",
    `work on ${id}: it is stored at version ${stored}, and the wake-up was about version ${wanted}`,
    { retryable: true },
  );

const releaseAll = async (table: Table, id: string, held: Iterable<Lease>, token: string): Promise<void> => {
  for (const lease of held) await releaseLease(table, id, lease, token);
};

/** Both the announcer and a step may post the first message, so the two leases exclude each other until it exists. */
const mayAnnounce = async (holding: Holding): Promise<boolean> => {
  const { table, id, request, held, stored, token, until } = holding;
  if (request.purpose !== "announce" || held.has("work") || !request.alone(stored.incident)) return true;
  const { done } = await takeLease(table, id, { lease: "work", token, until });
  if (done) held.add("work");
  return done;
};

const heldStore = (holding: Holding): Store => {
  const { table, store, id } = holding;
  return {
    ...store,
    load: async (one) => (one === id && holding.row !== undefined ? holding.stored : store.load(one)),
    log: async (one) =>
      one === id && holding.row !== undefined ? logOf(table, id, holding.row) : store.log(one),
    append: (one, version, incident, events) =>
      one === id
        ? appendHeld(holding, { id, version, incident, events })
        : store.append(one, version, incident, events),
  };
};

const appendHeld = async (holding: Holding, what: Parameters<typeof append>[1]): Promise<number> => {
  holding.row = undefined;
  const works = holding.request.purpose === "work";
  const version = await append(holding.table, what, works ? [...leases.work] : []);
  if (works) holding.held.clear();
  return version;
};

const announced = async (holding: Holding, version: number): Promise<number | undefined> => {
  const { table, id, held, stored, token, until, request } = holding;
  const ended = stored.version === version && dueOf(stored.incident) === undefined;
  const { done } = await consume(table, id, { version, ended, token });
  const now = done ? undefined : await readRow(table, id);
  if (now === undefined || now.tellBy !== token) {
    held.delete("announce");
    return undefined;
  }
  const next = await storedOf(table, id, now);
  await consume(table, id, { version, ended: false });
  // The rest of the lease must suffice to announce once more; otherwise the tick asks for it.
  if (next === undefined || table.clock() > until - request.leaseMs / 2) return undefined;
  holding.row = now;
  holding.stored = next;
  return (await mayAnnounce(holding)) ? next.version : undefined;
};
