import { randomUUID } from "node:crypto";
import { UpstreamError } from "../../errors.ts";
import type { Event, Incident, Status } from "../../incident/model.ts";
import type { Store, Stored } from "../../ports/store.ts";
import type { Calls, Outcome } from "./calls.ts";
import { incidentKey, type Row, toRow } from "./item.ts";

/** What somebody wants to do with an incident: one working on it and one telling of it at a time, each for `leaseMs` at most. */
export type Wanted = {
  /** The version that the wake-up was about. */
  version: number;
  leaseMs: number;
} & (
  | { purpose: "work"; status: Status }
  /** `alone`: of which incidents nobody may tell while somebody works on them. */
  | { purpose: "tell"; alone: (incident: Incident) => boolean }
);

export type Claim = {
  version: number;
  /** The store as seen by who holds the claim: the incident as it was claimed, until something is appended. */
  store: Store;
  /** All news up to `version` was told. Undefined: there is no more; otherwise the version with more, which the store now shows. */
  told(version: number): Promise<number | undefined>;
  /** Lets go of it. What was appended to an incident claimed for work has done so already. */
  release(): Promise<void>;
};
/** `other`: it asks for another step, or nothing of it is news. */
export type Refusal = { refused: "unknown" | "other" | "busy" };

type Deps = {
  calls: Calls;
  clock: () => number;
  read: (id: string) => Promise<Row | undefined>;
  remember: (id: string, row: Row) => void;
  storedOf: (id: string, row: Row) => Promise<Stored | undefined>;
  logOf: (id: string, row: Row) => Promise<Event[]>;
  put: (
    id: string,
    version: number,
    incident: Incident,
    what: { events: Event[]; release: string[] },
  ) => Promise<number>;
  store: Omit<Store, "append">;
};

/** The two leases of an incident: until when, and whose. */
const leases = { work: ["workUntil", "workBy"], tell: ["tellUntil", "tellBy"] } as const;
type Lease = keyof typeof leases;

const isWanted = (row: Row, wanted: Wanted): boolean =>
  wanted.purpose === "work" ? row.status === wanted.status : row.consumed < row.version;

/** Leases lie in the incident's item, so taking one also reads the incident, and appending gives it back. */
export const claimsOf = ({ calls, clock, read, remember, storedOf, logOf, put, store }: Deps) => {
  /** Only of an incident in `status`, where one is given; to tell, only of one with news. */
  const take = (
    id: string,
    {
      lease,
      token,
      until,
      status,
    }: { lease: Lease; token: string; until: number; status?: Status | undefined },
  ): Promise<Outcome> => {
    const [untilName, byName] = leases[lease];
    const conditions = [
      "attribute_exists(pk)",
      `(attribute_not_exists(${untilName}) OR ${untilName} <= :now)`,
      ...(status === undefined ? [] : ["#status = :status"]),
      ...(lease === "tell" ? ["#consumed < #version"] : []),
    ];
    const names = {
      ...(status === undefined ? {} : { "#status": "status" }),
      ...(lease === "tell" ? { "#consumed": "consumed", "#version": "version" } : {}),
    };
    return calls.update({
      Key: incidentKey(id),
      UpdateExpression: `SET ${untilName} = :until, ${byName} = :token`,
      ConditionExpression: conditions.join(" AND "),
      ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
      ExpressionAttributeValues: {
        ...{ ":until": { N: String(until) }, ":now": { N: String(clock()) }, ":token": { S: token } },
        ...(status === undefined ? {} : { ":status": { S: status } }),
      },
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
  };

  const giveBack = async (id: string, held: Iterable<Lease>, token: string): Promise<void> => {
    for (const lease of held) {
      const [untilName, byName] = leases[lease];
      await calls.update({
        Key: incidentKey(id),
        UpdateExpression: `REMOVE ${untilName}, ${byName}`,
        ConditionExpression: `${byName} = :token`,
        ExpressionAttributeValues: { ":token": { S: token } },
      });
    }
  };

  const consume = (
    id: string,
    version: number,
    { ended, token }: { ended: boolean; token?: string },
  ): Promise<Outcome> => {
    const names = ended ? ["waiting", "due"] : [];
    if (token !== undefined) names.push(...leases.tell);
    const conditions = ["attribute_exists(pk)", "(attribute_not_exists(#consumed) OR #consumed <= :version)"];
    if (ended || token !== undefined) conditions.push("version = :version");
    if (token !== undefined) conditions.push("tellBy = :token");
    return calls.update({
      Key: incidentKey(id),
      UpdateExpression: `SET #consumed = :version${names.length === 0 ? "" : ` REMOVE ${names.join(", ")}`}`,
      ConditionExpression: conditions.join(" AND "),
      ExpressionAttributeNames: { "#consumed": "consumed" },
      ExpressionAttributeValues: {
        ":version": { N: String(version) },
        ...(token === undefined ? {} : { ":token": { S: token } }),
      },
    });
  };

  const claim = async (id: string, wanted: Wanted): Promise<Claim | Refusal> => {
    const token = randomUUID();
    const until = clock() + wanted.leaseMs;
    const status = wanted.purpose === "work" ? wanted.status : undefined;
    const outcome = await take(id, { lease: wanted.purpose, token, until, status });
    const row = outcome.item === undefined ? await read(id) : toRow(outcome.item);
    if (row === undefined) return { refused: "unknown" };
    remember(id, row);
    const held = new Set<Lease>();
    if (outcome.done || (outcome.repeated && row[leases[wanted.purpose][1]] === token))
      held.add(wanted.purpose);
    if (row.version < wanted.version) {
      await giveBack(id, held, token);
      throw new UpstreamError(
        "store",
        `work on ${id}: it is stored at version ${row.version}, and version ${wanted.version} was told of`,
        { retryable: true },
      );
    }
    if (held.size === 0) return { refused: isWanted(row, wanted) ? "busy" : "other" };
    let stored = (await storedOf(id, row)) ?? (await store.load(id));

    /** Who tells of an incident that has no message yet posts one, and so may who works on it: not both. */
    const mayTell = async (): Promise<boolean> => {
      if (wanted.purpose !== "tell" || held.has("work") || !wanted.alone(stored.incident)) return true;
      const { done } = await take(id, { lease: "work", token, until });
      if (done) held.add("work");
      return done;
    };
    if (!(await mayTell())) {
      await giveBack(id, held, token);
      return { refused: "busy" };
    }

    let seen: Row | undefined = row;
    const release = async () => {
      await giveBack(id, held, token);
      held.clear();
    };
    return {
      version: row.version,
      store: {
        ...store,
        load: (one) => (one === id && seen !== undefined ? Promise.resolve(stored) : store.load(one)),
        log: (one) => (one === id && seen !== undefined ? logOf(id, seen) : store.log(one)),
        async append(one, version, incident, events) {
          if (one !== id) return put(one, version, incident, { events, release: [] });
          seen = undefined;
          const working = wanted.purpose === "work";
          const written = await put(id, version, incident, {
            events,
            release: working ? [...leases.work] : [],
          });
          if (working) held.clear();
          return written;
        },
      },
      async told(version) {
        const ended = stored.version === version && "endedAt" in stored.incident;
        const { done } = await consume(id, version, { ended, token });
        if (done) {
          held.delete("tell");
          return undefined;
        }
        const now = await read(id);
        if (now?.tellBy !== token) {
          held.delete("tell");
          return undefined;
        }
        const next = await storedOf(id, now);
        await consume(id, version, { ended: false });
        // What is left of the lease must do for telling once more; otherwise the tick has it told.
        if (next === undefined || clock() > until - wanted.leaseMs / 2) return undefined;
        seen = now;
        stored = next;
        return (await mayTell()) ? next.version : undefined;
      },
      release,
    };
  };

  return { claim, consume };
};
