import { randomUUID } from "node:crypto";
import { UpstreamError } from "../../errors.ts";
import { dueOf, type Incident, type Status } from "../../incident/model.ts";
import type { Store, Stored } from "../../ports/store.ts";
import type { Row } from "./item.ts";
import { consume, isLeasedInside, type Lease, releaseLease, takeLease } from "./lease.ts";
import { load, logOf, readRow, recentLogOf, storedOf } from "./read.ts";
import type { Table } from "./table.ts";
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

/** Takes the lease, then reads the incident: nobody else changes it by a step meanwhile. */
export const claim = async (
  table: Table,
  store: Store,
  { id, ...request }: ClaimRequest & { id: string },
): Promise<Claim | Refusal> => {
  const token = randomUUID();
  const until = table.clock() + request.leaseMs;
  const isTaken = await takeLease(table, id, { lease: request.purpose, token, until });
  const held = new Set<Lease>(isTaken ? [request.purpose] : []);
  const taken = { table, store, id, request, token, until, held };
  let claimed: Claim | Refusal | undefined;
  try {
    claimed = await claimTaken(taken);
    return claimed;
  } finally {
    if (claimed === undefined || "refused" in claimed) await releaseAll(taken);
  }
};

type Taken = Omit<Holding, "stored" | "row">;

const claimTaken = async (taken: Taken): Promise<Claim | Refusal> => {
  const { table, id, request, held } = taken;
  const row = await readRow(table, id);
  if (row === undefined) return { refused: "unknown" };
  if (row.version < request.version) throw behind(id, row.version, request.version);
  if (!isWanted(row, request)) return { refused: "other" };
  if (!held.has(request.purpose) || isLeasedInside(table, row, request.purpose)) return { refused: "busy" };
  const stored = (await storedOf(table, id, row)) ?? (await load(table, id));
  const holding = { ...taken, stored, row };
  return (await mayAnnounce(holding)) ? claimOf(holding) : { refused: "busy" };
};

const claimOf = (holding: Holding & { row: Row }): Claim => ({
  version: holding.row.version,
  store: heldStore(holding),
  announced: (version) => announced(holding, version),
  release: () => releaseAll(holding),
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

const releaseAll = async ({ table, id, held, token }: Taken): Promise<void> => {
  for (const lease of held) {
    await releaseLease(table, id, lease, token);
    held.delete(lease);
  }
};

/** Both the announcer and a step may post the first message, so the two leases exclude each other until it exists. */
const mayAnnounce = async ({
  table,
  id,
  request,
  held,
  stored,
  row,
  token,
  until,
}: Holding): Promise<boolean> => {
  if (request.purpose !== "announce" || held.has("work") || !request.alone(stored.incident)) return true;
  if (row !== undefined && isLeasedInside(table, row, "work")) return false;
  if (!(await takeLease(table, id, { lease: "work", token, until }))) return false;
  held.add("work");
  return true;
};

const heldStore = (holding: Holding): Store => {
  const { table, store, id } = holding;
  return {
    ...store,
    load: async (one) => (one === id && holding.row !== undefined ? holding.stored : store.load(one)),
    log: async (one) =>
      one === id && holding.row !== undefined ? logOf(table, id, holding.row) : store.log(one),
    recent: async (one) =>
      one === id && holding.row !== undefined ? recentLogOf(table, id, holding.row) : store.recent(one),
    append: (one, version, incident, events) =>
      one === id
        ? appendHeld(holding, { id, version, incident, events })
        : store.append(one, version, incident, events),
  };
};

/** The next step is woken by the write, so the lease for work is given back at once. */
const appendHeld = async (holding: Holding, what: Parameters<typeof append>[1]): Promise<number> => {
  holding.row = undefined;
  const { table, request } = holding;
  const version = await append(table, what);
  // A lease that cannot be given back is tried again at the end of the claim, and is over by itself.
  if (request.purpose === "work") await releaseAll(holding).catch(() => {});
  return version;
};

const announced = async (holding: Holding, version: number): Promise<number | undefined> => {
  const { table, id, stored, until, request } = holding;
  const ended = stored.version === version && dueOf(stored.incident) === undefined;
  const { done } = await consume(table, id, { version, ended, exact: true });
  if (!done) await consume(table, id, { version, ended: false });
  // The rest of the lease must suffice to announce once more; otherwise the tick asks for it.
  if (table.clock() > until - request.leaseMs / 2) return undefined;
  if (done && !(await isNewsLate(holding))) return undefined;
  const now = await readRow(table, id);
  const next = now === undefined || now.consumed >= now.version ? undefined : await storedOf(table, id, now);
  if (next === undefined) return undefined;
  holding.row = now;
  holding.stored = next;
  return (await mayAnnounce(holding)) ? next.version : undefined;
};

/**
 * Gives the lease for telling back. Returns whether it was taken once more, for news that came between the last look and that: its own
 * announcer met the lease and went away.
 */
const isNewsLate = async (holding: Holding): Promise<boolean> => {
  const { table, id, held, token, until } = holding;
  await releaseLease(table, id, "announce", token);
  held.delete("announce");
  const row = await readRow(table, id);
  if (row === undefined || row.consumed >= row.version) return false;
  if (!(await takeLease(table, id, { lease: "announce", token, until }))) return false;
  held.add("announce");
  return true;
};
