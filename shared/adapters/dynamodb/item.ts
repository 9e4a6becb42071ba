import { createHash, randomUUID } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { messageOf } from "../../errors.ts";
import type { Event } from "../../incident/events.ts";
import { dueOf, type Incident } from "../../incident/model.ts";
import { relandDue } from "../../incident/remedies/reland.ts";
import { stepIn } from "../../incident/schedule/due-steps.ts";
import { followUpDue } from "../../incident/schedule/follow-up.ts";
import { type Wait, waitOf } from "../../incident/schedule/wait.ts";
import type { DeployRecord, FlipRecord, Waiting } from "../../ports/store.ts";

/**
 * The items of the table. `pk` and `sk` are its keys, both strings.
 *
 * | item | pk | sk |
 * |---|---|---|
 * | an incident | `incident#<id>` | `incident` |
 * | who works on it or tells it | `incident#<id>` | `lease#work`, `lease#announce` |
 * | text that does not fit into it | `incident#<id>` | `piece#<name>#<part>` |
 * | a deploy | `deploy#<id>` | `<at>#<sha>#<status>` |
 * | a flag change | `deploy#<id>` | `<at>#flag#<digest>` |
 * | a request for a look | `look#<id>` | `<step>` |
 * | a delivery of GitHub | `delivery#<id>` | `delivery` |
 * | a register | `register#<name>` | `register` |
 *
 * Deploys and flag changes of a service share a `pk`, so one query reads both.
 *
 * The index `waits` (`waiting`, `due`) holds the incidents that the tick looks at, and `wait`, which it goes by. The index `written`
 * (`kind`, `written`) holds all of them.
 */
export type Item = Record<string, AttributeValue>;
export type Key = { pk: AttributeValue; sk: AttributeValue };

/** Text that lies in pieces outside the item. */
export type Ref = { name: string; parts: number };
/**
 * The reference to the older part of a log. `told`: the nearest part, this one or one before it, that has more than alerts which came and
 * went. An earlier release writes none.
 */
export type Older = Ref & { told?: Ref | undefined };
/** One event of the log: its version, type and instant, and its JSON, here or in pieces. */
export type Entry = { v: number; t: string; at: number; e?: string; in?: Ref };
export type Row = {
  version: number;
  status: string;
  round: number;
  snapshot: string | Ref;
  log: Entry[];
  logBytes: number;
  older?: Older;
  consumed: number;
  writer: string;
  /** The instant until which the pieces that the log names are kept at least, epoch seconds. */
  piecesUntil?: number;
  trace?: string;
  /** Epoch seconds, as DynamoDB's TTL wants them; only of ended incidents. */
  expires?: number;
  /** Leases as functions of earlier releases take them, epoch ms. */
  workUntil?: number;
  tellUntil?: number;
};

export const incidentKey = (id: string): Key => ({ pk: { S: `incident#${id}` }, sk: { S: "incident" } });
export const registerKey = (name: string): Key => ({
  pk: { S: `register#${name}` },
  sk: { S: "register" },
});
export const deliveryKey = (id: string): Key => ({ pk: { S: `delivery#${id}` }, sk: { S: "delivery" } });
export const leaseKey = (id: string, lease: string): Key => ({
  pk: { S: `incident#${id}` },
  sk: { S: `lease#${lease}` },
});
export const pieceKey = (id: string, name: string, part: number): Key => ({
  pk: { S: `incident#${id}` },
  sk: { S: `piece#${name}#${part}` },
});
/** A request that a step looks at an incident. */
export type Look = { id: string; version: number; step: string };
/** A stream says nothing of a write that changes nothing: two requests of one instant must differ, or a look that was lost is never made. */
export const lookItem = ({ id, version, step }: Look, at: number, expires: number): Item => ({
  ...{ pk: { S: `look#${id}` }, sk: { S: step } },
  version: { N: String(version) },
  at: { N: String(at) },
  nonce: { S: randomUUID() },
  expires: { N: String(expires) },
});
/** Sorts as text the way it sorts in time. */
export const instant = (at: number): string => String(Math.max(0, at)).padStart(15, "0");
export const deployKey = ({ service, environment, sha, status, at }: DeployRecord): Key => ({
  pk: { S: `deploy#${service}/${environment}` },
  sk: { S: `${instant(at)}#${sha}#${status}` },
});

export const idOf = (item: Item): string => text(item, "pk").slice(text(item, "pk").indexOf("#") + 1);

export const text = (item: Item, name: string): string => {
  const value = item[name]?.S;
  if (value === undefined) throw new Error(`the item ${item.pk?.S ?? "?"} has no text ${name}`);
  return value;
};
export const number = (item: Item, name: string): number => {
  const value = Number(item[name]?.N);
  if (item[name]?.N === undefined || !Number.isFinite(value))
    throw new Error(`the item ${item.pk?.S ?? "?"} has no number ${name}`);
  return value;
};

const optional = (item: Item, name: "piecesUntil" | "workUntil" | "tellUntil" | "expires"): Partial<Row> =>
  item[name] === undefined ? {} : { [name]: number(item, name) };

const toRef = (value: AttributeValue): Ref => {
  const { name, parts } = value.M ?? {};
  return { name: name?.S ?? "", parts: Number(parts?.N) };
};
const refValue = ({ name, parts }: Ref): AttributeValue => ({
  M: { name: { S: name }, parts: { N: String(parts) } },
});

const toOlder = (value: AttributeValue): Older => ({
  ...toRef(value),
  ...(value.M?.told === undefined ? {} : { told: toRef(value.M.told) }),
});
const olderValue = ({ told, ...ref }: Older): AttributeValue => ({
  M: { ...refValue(ref).M, ...(told === undefined ? {} : { told: refValue(told) }) },
});

const entryValue = ({ v, t, at, e, in: ref }: Entry): AttributeValue => ({
  M: {
    ...{ v: { N: String(v) }, t: { S: t }, at: { N: String(at) } },
    ...(e === undefined ? {} : { e: { S: e } }),
    ...(ref === undefined ? {} : { in: refValue(ref) }),
  },
});
const toEntry = (value: AttributeValue): Entry => {
  const item = value.M ?? {};
  return {
    ...{ v: number(item, "v"), t: text(item, "t"), at: number(item, "at") },
    ...(item.e?.S === undefined ? {} : { e: item.e.S }),
    ...(item.in === undefined ? {} : { in: toRef(item.in) }),
  };
};

/** Throws for an item that is not an incident. */
export const toRow = (item: Item): Row => ({
  version: number(item, "version"),
  status: text(item, "status"),
  round: number(item, "round"),
  snapshot: item.snapshotIn === undefined ? text(item, "snapshot") : toRef(item.snapshotIn),
  log: (item.log?.L ?? []).map(toEntry),
  logBytes: number(item, "logBytes"),
  ...(item.older === undefined ? {} : { older: toOlder(item.older) }),
  consumed: number(item, "consumed"),
  writer: text(item, "writer"),
  ...(item.trace?.S === undefined ? {} : { trace: item.trace.S }),
  ...optional(item, "piecesUntil"),
  ...optional(item, "workUntil"),
  ...optional(item, "tellUntil"),
  ...optional(item, "expires"),
});

/** Bytes of an entry in the log, nearly as DynamoDB counts them. */
export const entryBytes = ({ t, e, in: ref }: Entry): number =>
  40 +
  t.length +
  (e === undefined ? 0 : Buffer.byteLength(e)) +
  (ref === undefined ? 0 : ref.name.length + 30);

export type Written = {
  version: number;
  snapshot: string | Ref;
  entries: Entry[];
  /** Whether `entries` replace the log of the item. */
  fresh: boolean;
  logBytes: number;
  older?: Older;
  writer: string;
  piecesUntil: number;
  /** Epoch ms. */
  now: number;
  keepMs: number;
};

/** The update that writes one version of an incident over the item. */
export const updateOf = (incident: Incident, written: Written) => {
  const { version, snapshot, entries, fresh, older } = written;
  const set = attributesOf(incident, written);
  const remove = [
    typeof snapshot === "string" ? "snapshotIn" : "snapshot",
    ...["trace", "expires", "follows"].filter((name) => !(name in set)),
    ...(fresh && older === undefined ? ["older"] : []),
  ];
  const names = [...Object.keys(set), ...remove, "log", "consumed"];
  const sets = [
    ...Object.keys(set).map((name) => `#${name} = :${name}`),
    fresh ? "#log = :entries" : "#log = list_append(#log, :entries)",
    fresh && version === 1 ? "#consumed = :zero" : "#consumed = if_not_exists(#consumed, :zero)",
  ];
  return {
    sets,
    remove: remove.map((name) => `#${name}`),
    names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    values: {
      ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
      ":entries": { L: entries.map(entryValue) },
      ":zero": { N: "0" },
    },
  };
};

/** The attributes of the item, but for its log and what was consumed of it. */
const attributesOf = (incident: Incident, written: Written): Record<string, AttributeValue> => {
  const { version, snapshot, logBytes, older, writer, piecesUntil, now, keepMs } = written;
  const due = dueOf(incident);
  return {
    version: { N: String(version) },
    status: { S: incident.status },
    round: { N: String(incident.round) },
    ...(typeof snapshot === "string" ? { snapshot: { S: snapshot } } : { snapshotIn: refValue(snapshot) }),
    logBytes: { N: String(logBytes) },
    writer: { S: writer },
    piecesUntil: { N: String(piecesUntil) },
    kind: { S: "incident" },
    written: { N: String(now) },
    // Ended incidents wait as well, until their news has been announced.
    waiting: { S: "waiting" },
    due: { N: String(due ?? now) },
    wait: { S: JSON.stringify(waitOf(incident)) },
    ...("trace" in incident && incident.trace !== undefined ? { trace: { S: incident.trace } } : {}),
    ...(older === undefined ? {} : { older: olderValue(older) }),
    ...(followUpDue(incident) === undefined && relandDue(incident) === undefined
      ? {}
      : { follows: { BOOL: true } }),
    ...(due === undefined ? { expires: { N: String(Math.ceil((now + keepMs) / 1000)) } } : {}),
  };
};

export const entryOf = (event: Event, version: number): Entry & { e: string } => ({
  v: version,
  t: event.type,
  at: event.at,
  e: JSON.stringify(event),
});

/** An incident as the index `waits` has it. */
export const waitingOf = (item: Item): Waiting => {
  const id = idOf(item);
  try {
    const version = number(item, "version");
    const wait: Wait = item.wait?.S === undefined ? earlierWait(item) : JSON.parse(item.wait.S);
    return { id, version, hasNews: number(item, "consumed") < version, wait };
  } catch (error) {
    return { id, version: 0, hasNews: false, unreadable: messageOf(error) };
  }
};

/** An earlier release wrote no `wait`: then everything is looked at, and the incident itself says whether it is due. */
const earlierWait = (item: Item): Wait => {
  const step = stepIn(text(item, "status"));
  return {
    due: number(item, "due"),
    ...(step !== undefined && { look: { step, pace: { everyMs: 0 } } }),
    ...{ reviewAt: 0, follows: true, holds: true },
    remind: { openedAt: 0, reminded: 0, outageSince: 0 },
  };
};

export const deployItem = (deploy: DeployRecord, expires: number): Item => ({
  ...deployKey(deploy),
  deploy: { S: JSON.stringify(deploy) },
  expires: { N: String(expires) },
});

export const flipItem = (flip: FlipRecord, expires: number): Item => {
  const { service, environment, flag, change, at } = flip;
  const digest = createHash("sha256")
    .update(JSON.stringify([flag, change]))
    .digest("hex")
    .slice(0, 16);
  return {
    ...{ pk: { S: `deploy#${service}/${environment}` }, sk: { S: `${instant(at)}#flag#${digest}` } },
    flip: { S: JSON.stringify(flip) },
    expires: { N: String(expires) },
  };
};
export const isFlip = (item: Item): boolean => item.flip !== undefined;
