import type { Outcome } from "./calls.ts";
import { incidentKey, leaseKey, type Row } from "./item.ts";
import type { Table } from "./table.ts";

/** A step leases an incident for its work, the announcer for telling its news. */
export type Lease = "work" | "announce";

type Taking = { lease: Lease; token: string; until: number };

/** An abandoned lease is removed so much later. */
const spareSeconds = 24 * 60 * 60;

/**
 * Takes a lease that nobody holds. It is an item of its own, beside the incident: a write of the incident would cost by the incident's
 * size.
 */
export const takeLease = async (
  table: Table,
  id: string,
  { lease, token, until }: Taking,
): Promise<boolean> => {
  const outcome = await table.calls.update({
    Key: leaseKey(id, lease),
    UpdateExpression: "SET leasedUntil = :until, holder = :token, expires = :expires",
    ConditionExpression: "attribute_not_exists(leasedUntil) OR leasedUntil <= :now",
    ExpressionAttributeValues: {
      ...{ ":until": { N: String(until) }, ":now": { N: String(table.clock()) }, ":token": { S: token } },
      ":expires": { N: String(Math.ceil(until / 1000) + spareSeconds) },
    },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  return outcome.done || (outcome.repeated && outcome.item?.holder?.S === token);
};

/** Only the holder gives a lease back. */
export const releaseLease = async (table: Table, id: string, lease: Lease, token: string): Promise<void> => {
  await table.calls.remove(leaseKey(id, lease), {
    ConditionExpression: "holder = :token",
    ExpressionAttributeValues: { ":token": { S: token } },
  });
};

export const isLeased = async (table: Table, id: string, lease: Lease): Promise<boolean> => {
  const item = await table.calls.get(leaseKey(id, lease));
  return Number(item?.leasedUntil?.N ?? 0) > table.clock();
};

/** Whether a function of an earlier release holds the lease: it lies in the incident itself. */
export const isLeasedInside = (table: Table, row: Row, lease: Lease): boolean =>
  ((lease === "work" ? row.workUntil : row.tellUntil) ?? 0) > table.clock();

/** `exact`: only while `version` is the latest. `ended`: then the incident also leaves the list of those that wait. */
type Consuming = { version: number; ended: boolean; exact?: boolean };

/** Moves the consumed mark up to `version`, never down. */
export const consume = (
  table: Table,
  id: string,
  { version, ended, exact = ended }: Consuming,
): Promise<Outcome> => {
  const conditions = [
    "attribute_exists(pk)",
    "(attribute_not_exists(#consumed) OR #consumed <= :version)",
    ...(exact ? ["version = :version"] : []),
  ];
  return table.calls.update({
    Key: incidentKey(id),
    UpdateExpression: `SET #consumed = :version${ended ? " REMOVE waiting, due" : ""}`,
    ConditionExpression: conditions.join(" AND "),
    ExpressionAttributeNames: { "#consumed": "consumed" },
    ExpressionAttributeValues: { ":version": { N: String(version) } },
  });
};
