import { createHash, randomUUID } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ConflictError, UpstreamError } from "../../errors.ts";
import { dueOf, type Event, type Incident, none } from "../../incident/model.ts";
import type { DeployRecord, FlipRecord, Store, Stored } from "../../ports/store.ts";
import { callsOf } from "./calls.ts";
import {
  deployItem,
  deployKey,
  type Entry,
  entryBytes,
  entryOf,
  flipItem,
  type Item,
  idOf,
  incidentKey,
  instant,
  isFlip,
  type Look,
  lookItem,
  number,
  type Ref,
  type Row,
  text,
  toRow,
  updateOf,
} from "./item.ts";
import { type Claim, claimsOf, type Refusal, type Wanted } from "./lease.ts";
import { piecesOf } from "./overflow.ts";

export { dynamodbClient } from "./client.ts";

export type DynamodbStore = Store & {
  /** Takes an incident for a piece of work, so that nobody else does the same at the same time; or tells why not. */
  claim(id: string, wanted: Wanted): Promise<Claim | Refusal>;
  /** Has the incidents looked at: the change feed tells. Of one incident the last look asked for counts. */
  look(looks: Look[]): Promise<void>;
};

const day = 24 * 60 * 60 * 1000;
/** How long an ended incident is kept, and a deploy: diagnosing looks back 90 days for them. */
const keepMs = 400 * day;
const keepDeploysMs = 180 * day;
const keepFlipsMs = 30 * day;
/** Bytes of a snapshot, of one event and of the log that lie in the item itself: it holds 400 KB, and a write costs by its size. */
const maxSnapshot = 128 * 1024;
const maxEvent = 16 * 1024;
const maxLog = 32 * 1024;
/** How many incidents are remembered as last read, so that appending needs no read of its own. */
const remembered = 64;
/** How many incidents are read at the same time. */
const lanes = 16;

/**
 * The store on DynamoDB: one item an incident, written by one conditional write; its stream is the queue. What does not fit into the
 * item is written first, under a name of its own, so that only the item decides whether it counts.
 */
export const dynamodbStore = ({
  client,
  table,
  clock,
}: {
  client: DynamoDBClient;
  table: string;
  clock: () => number;
}): DynamodbStore => {
  const calls = callsOf(client, table);
  const pieces = piecesOf(calls);
  /** Incidents as last read here. Only their log is taken from it, and only at that very version. */
  const known = new Map<string, Row>();
  let lastWritten = 0;

  const remember = (id: string, row: Row): void => {
    known.delete(id);
    known.set(id, row);
    if (known.size > remembered) known.delete(known.keys().next().value!);
  };

  /** Undefined for one never written, or gone by its own time. */
  const read = async (id: string): Promise<Row | undefined> => {
    const item = await calls.get(incidentKey(id));
    const row = item === undefined ? undefined : toRow(item);
    if (row === undefined || isExpired(row, clock())) return undefined;
    remember(id, row);
    return row;
  };

  const storedOf = async (id: string, row: Row): Promise<Stored | undefined> => {
    const { snapshot, version } = row;
    const json = typeof snapshot === "string" ? snapshot : await pieces.read(id, snapshot);
    return json === undefined ? undefined : { incident: JSON.parse(json) as Incident, version };
  };

  const load = async (id: string): Promise<Stored> => {
    for (let tries = 0; tries < 3; tries++) {
      const row = await read(id);
      if (row === undefined) return { incident: none(id), version: 0 };
      const stored = await storedOf(id, row);
      if (stored !== undefined) return stored;
    }
    throw new UpstreamError("store", `read ${id}: its snapshot is missing`, { retryable: true });
  };

  const put = async (
    id: string,
    version: number,
    incident: Incident,
    { events, release }: { events: Event[]; release: string[] },
  ): Promise<number> => {
    const now = clock();
    const before = version === 0 ? undefined : await beforeOf(id, version);
    const snapshot = await snapshotOf(id, version + 1, incident);
    const entries = await Promise.all(events.map((event, place) => entryFor(id, version + 1, event, place)));
    const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
    const full = before !== undefined && before.logBytes > 0 && before.logBytes + bytes > maxLog;
    const fresh = before === undefined || full;
    const older = full ? await moveLog(id, before) : undefined;
    const writer = randomUUID();
    lastWritten = Math.max(lastWritten + 1, now);
    const { sets, remove, names, values } = updateOf(incident, {
      ...{ version: version + 1, snapshot, entries, fresh, writer, keepMs, now: lastWritten },
      logBytes: fresh ? bytes : before.logBytes + bytes,
      ...(older === undefined ? {} : { older }),
    });
    const outcome = await calls.update({
      Key: incidentKey(id),
      UpdateExpression: `SET ${sets.join(", ")} REMOVE ${[...remove, ...release].join(", ")}`,
      ConditionExpression:
        version === 0 ? "attribute_not_exists(pk) OR #expires <= :seconds" : "#version = :before",
      ExpressionAttributeNames: { ...names, "#expires": "expires", "#version": "version" },
      ExpressionAttributeValues: {
        ...values,
        ...(version === 0
          ? { ":seconds": { N: String(Math.floor(now / 1000)) } }
          : { ":before": { N: String(version) } }),
      },
      ReturnValues: "NONE",
    });
    known.delete(id);
    if (!outcome.done && !(outcome.repeated && (await wasOurs(id, version + 1, writer))))
      throw new ConflictError(`append ${id}: ${version} is not the latest version`);
    if (typeof before?.snapshot === "object") await pieces.remove(id, before.snapshot);
    return version + 1;
  };

  const beforeOf = async (id: string, version: number): Promise<Row> => {
    const last = known.get(id);
    const row = last?.version === version ? last : await read(id);
    if (row?.version !== version)
      throw new ConflictError(`append ${id}: ${version} is not the latest version`);
    return row;
  };

  const wasOurs = async (id: string, version: number, writer: string): Promise<boolean> => {
    const row = await read(id);
    return row?.version === version && row.writer === writer;
  };

  const snapshotOf = async (id: string, version: number, incident: Incident): Promise<string | Ref> => {
    const json = JSON.stringify(incident);
    return Buffer.byteLength(json) <= maxSnapshot
      ? json
      : pieces.write(id, `snapshot-${version}-${digest(json)}`, json);
  };

  const entryFor = async (id: string, version: number, event: Event, place: number): Promise<Entry> => {
    const entry = entryOf(event, version);
    const { e, ...rest } = entry;
    if (Buffer.byteLength(e) <= maxEvent) return entry;
    return { ...rest, in: await pieces.write(id, `event-${version}-${place}-${digest(e)}`, e) };
  };

  /** What lies in the item at one version is always the same, so whoever moves it writes the same. */
  const moveLog = (id: string, { version, log, older }: Row): Promise<Ref> =>
    pieces.write(id, `log-${version}`, JSON.stringify({ log, older } satisfies Moved));

  const logOf = async (id: string, row: Row): Promise<Event[]> => {
    const entries = [row.log];
    for (let { older } = row; older !== undefined; ) {
      const moved = JSON.parse(await piece(id, older)) as Moved;
      entries.unshift(moved.log);
      older = moved.older;
    }
    return Promise.all(
      entries.flat().map(async ({ e, in: ref }): Promise<Event> => JSON.parse(e ?? (await piece(id, ref!)))),
    );
  };

  const piece = async (id: string, ref: Ref): Promise<string> => {
    const found = await pieces.read(id, ref);
    if (found !== undefined) return found;
    throw new UpstreamError("store", `read ${id}: the piece ${ref.name} of its log is missing`, {
      retryable: false,
    });
  };

  const waiting = async (): Promise<Item[]> =>
    all(
      calls.query({
        IndexName: "due",
        KeyConditionExpression: "waiting = :waiting",
        ExpressionAttributeValues: { ":waiting": { S: "waiting" } },
      }),
    );

  const loadAll = async (ids: string[]): Promise<Stored[]> => {
    const stored: Stored[] = [];
    for (let first = 0; first < ids.length; first += lanes)
      stored.push(...(await Promise.all(ids.slice(first, first + lanes).map(load))));
    return stored.filter(({ version }) => version > 0);
  };

  const changes: Store["changes"] = async (service, environment, since) => {
    const { pk } = deployKey({ service, environment, sha: "", status: "failed", at: 0 });
    const items = await all(
      calls.query({
        KeyConditionExpression: "pk = :pk AND sk >= :since",
        ExpressionAttributeValues: { ":pk": pk!, ":since": { S: instant(since) } },
        ScanIndexForward: false,
        ConsistentRead: true,
      }),
    );
    const [flips, deploys] = [items.filter(isFlip), items.filter((item) => !isFlip(item))];
    return {
      deploys: deploys.map((item) => JSON.parse(text(item, "deploy")) as DeployRecord),
      flips: flips.map((item) => JSON.parse(text(item, "flip")) as FlipRecord),
    };
  };

  const store: Omit<Store, "append"> = {
    load,
    async log(id) {
      const row = await read(id);
      return row === undefined ? [] : logOf(id, row);
    },
    async list() {
      const items = await all(
        calls.query({
          IndexName: "written",
          KeyConditionExpression: "kind = :kind",
          ExpressionAttributeValues: { ":kind": { S: "incident" } },
          ScanIndexForward: false,
        }),
      );
      return loadAll(items.map(idOf));
    },
    async active() {
      const stored = await loadAll((await waiting()).map(idOf));
      return stored.filter(({ incident }) => dueOf(incident) !== undefined);
    },
    async pending() {
      return (await waiting())
        .filter((item) => number(item, "consumed") < number(item, "version"))
        .map((item) => ({ id: idOf(item), version: number(item, "version") }));
    },
    async consume(id, version) {
      const row = await read(id);
      if (row === undefined || row.consumed >= version) return;
      const ended = "expires" in row && row.version === version;
      const { done } = await claims.consume(id, version, { ended });
      if (!done && ended) await claims.consume(id, version, { ended: false });
    },
    async recordDeploy(deploy) {
      const expires = Math.ceil((clock() + keepDeploysMs) / 1000);
      await calls.put(deployItem(deploy, expires), "attribute_not_exists(pk)");
    },
    async deploys(...place) {
      return (await changes(...place)).deploys;
    },
    async recordFlip(flip) {
      const expires = Math.ceil((clock() + keepFlipsMs) / 1000);
      await calls.put(flipItem(flip, expires), "attribute_not_exists(pk)");
    },
    changes,
    /** Only reads, so that a host that may do no more can ask: DynamoDB takes reads and writes of a table together or not at all. */
    async ready() {
      await calls.get(incidentKey("ready"));
    },
    async close() {
      client.destroy();
    },
  };
  const claims = claimsOf({ calls, clock, read, remember, storedOf, logOf, put, store });

  return {
    ...store,
    append: (id, version, incident, events) => put(id, version, incident, { events, release: [] }),
    claim: claims.claim,
    async look(looks) {
      const now = clock();
      await calls.putAll(looks.map((look) => lookItem(look, now, Math.ceil((now + day) / 1000))));
    },
  };
};

type Moved = { log: Entry[]; older?: Ref | undefined };

const isExpired = ({ expires }: Row, now: number): boolean => expires !== undefined && expires * 1000 <= now;

const digest = (json: string): string => createHash("sha256").update(json).digest("hex").slice(0, 16);

const all = async (items: AsyncGenerator<Item>): Promise<Item[]> => {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
};
