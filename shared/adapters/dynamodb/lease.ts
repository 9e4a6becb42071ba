import type { Status } from "../../incident/model.ts";
import type { Outcome } from "./calls.ts";
import { incidentKey } from "./item.ts";
import type { Table } from "./table.ts";

/** The two leases of an incident: the attributes that hold the expiry and the owner. */
export const leases = { work: ["workUntil", "workBy"], announce: ["tellUntil", "tellBy"] } as const;
export type Lease = keyof typeof leases;

type Taking = { lease: Lease; token: string; until: number; statuses?: readonly Status[] | undefined };

/** Takes a lease that nobody holds, only of an incident in one of `statuses` where they are given. The announce lease needs news to announce. */
export const takeLease = (table: Table, id: string, taking: Taking): Promise<Outcome> => {
  const { lease, token, until, statuses = [] } = taking;
  const wanted = Object.fromEntries(statuses.map((status, index) => [`:status${index}`, { S: status }]));
  const [untilName, byName] = leases[lease];
  const announces = lease === "announce";
  const conditions = [
    "attribute_exists(pk)",
    `(attribute_not_exists(${untilName}) OR ${untilName} <= :now)`,
    ...(statuses.length === 0 ? [] : [`#status IN (${Object.keys(wanted).join(", ")})`]),
    ...(announces ? ["#consumed < #version"] : []),
  ];
  const names = {
    ...(statuses.length === 0 ? {} : { "#status": "status" }),
    ...(announces ? { "#consumed": "consumed", "#version": "version" } : {}),
  };
  return table.calls.update({
    Key: incidentKey(id),
    UpdateExpression: `SET ${untilName} = :until, ${byName} = :token`,
    ConditionExpression: conditions.join(" AND "),
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ExpressionAttributeValues: {
      ...{ ":until": { N: String(until) }, ":now": { N: String(table.clock()) }, ":token": { S: token } },
      ...wanted,
    },
    ReturnValues: "ALL_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
};

export const releaseLease = async (table: Table, id: string, lease: Lease, token: string): Promise<void> => {
  const [untilName, byName] = leases[lease];
  await table.calls.update({
    Key: incidentKey(id),
    UpdateExpression: `REMOVE ${untilName}, ${byName}`,
    ConditionExpression: `${byName} = :token`,
    ExpressionAttributeValues: { ":token": { S: token } },
  });
};

/** `ended`: the incident also leaves the list of those that wait. `token`: the announce lease, which the same write releases. */
type Consuming = { version: number; ended: boolean; token?: string };

/** Moves the consumed mark up to `version`, never down. */
export const consume = (table: Table, id: string, { version, ended, token }: Consuming): Promise<Outcome> => {
  const remove = [...(ended ? ["waiting", "due"] : []), ...(token === undefined ? [] : leases.announce)];
  const conditions = [
    "attribute_exists(pk)",
    "(attribute_not_exists(#consumed) OR #consumed <= :version)",
    ...(ended || token !== undefined ? ["version = :version"] : []),
    ...(token === undefined ? [] : ["tellBy = :token"]),
  ];
  return table.calls.update({
    Key: incidentKey(id),
    UpdateExpression: `SET #consumed = :version${remove.length === 0 ? "" : ` REMOVE ${remove.join(", ")}`}`,
    ConditionExpression: conditions.join(" AND "),
    ExpressionAttributeNames: { "#consumed": "consumed" },
    ExpressionAttributeValues: {
      ":version": { N: String(version) },
      ...(token === undefined ? {} : { ":token": { S: token } }),
    },
  });
};
