import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { GetItemCommand, PutItemCommand, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { type Fault, startFeed } from "../../infra/aws-local/table-feed.ts";
import { callsOf } from "../../shared/adapters/dynamodb/calls.ts";
import { type Item, toRow } from "../../shared/adapters/dynamodb/item.ts";
import { refsOf } from "../../shared/adapters/dynamodb/read.ts";
import { type DynamodbStore, dynamodbClient, dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { openTable } from "../../shared/adapters/dynamodb/table.ts";
import { ConflictError, UpstreamError } from "../../shared/errors.ts";
import { checkRecord } from "../../shared/incident/chain/record.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident } from "../../shared/incident/model.ts";
import { createProcess } from "../../shared/process.ts";
import { startTable } from "../support/dynamodb.ts";
import { earlierVersion } from "../support/earlier.ts";
import { closedEvent, openedEvent } from "../support/facts.ts";
import { alert, id, notify, policy } from "../support/incident.ts";
import { silent } from "../support/world.ts";

const day = 24 * 60 * 60 * 1000;
const table = await startTable();
const feed = await startFeed(table.connection, table.table);
const clients: ReturnType<typeof dynamodbClient>[] = [];
after(async () => {
  for (const client of clients) client.destroy();
  await feed.stop();
  await table.close();
});
let now = 1_700_000_000_000;
beforeEach(async () => {
  feed.fault = () => undefined;
  feed.calls.length = 0;
  await table.empty();
  feed.calls.length = 0;
});

const open = (): DynamodbStore => {
  const client = dynamodbClient({ ...table.access, endpoint: feed.url });
  clients.push(client);
  return dynamodbStore({ client, table: table.table, clock: () => now });
};
const append = async (store: DynamodbStore, ...events: Event[]): Promise<number> => {
  const { incident, version } = await store.load(id);
  return store.append(id, version, events.reduce(evolve, incident), events);
};
const joined = (at: number, size: number): Event => ({
  ...{ type: "AlertsJoined", at, truncated: false },
  alerts: [alert({ fingerprint: at.toString(16), annotations: { summary: "x".repeat(size) } })],
});
test("an incident that the first version stored is read with the remedy that it left out", async () => {
  const stored = earlierVersion(1).incidents.proposed;
  assert.ok(stored !== undefined);
  await open().append(id, 0, stored.incident, stored.log);
  const store = open();
  const { incident } = await store.load(id);
  const found = (await store.log(id)).find(({ type }) => type === "IncidentDiagnosed");
  for (const diagnosed of [incident, found])
    assert.equal(
      diagnosed !== undefined && "diagnosis" in diagnosed && diagnosed.diagnosis?.remedies[0]?.title,
      "round payments to minor units",
    );
});

const operations = (): string[] => feed.calls.map(({ operation }) => operation);
/** The writes, each with the sort key of its item. */
const written = (): string[] =>
  feed.calls
    .filter(({ operation }) => operation !== "GetItem")
    .map(({ operation, key }) => `${operation} ${key?.split(" ").at(-1)}`);
const items = async () =>
  (await table.client.send(new ScanCommand({ TableName: table.table, ConsistentRead: true }))).Items!;
const bytesOf = (item: Item): number =>
  Buffer.byteLength(JSON.stringify({ ...item, bytes: null })) + (item.bytes?.B?.byteLength ?? 0);
/** The first call of that operation goes wrong. */
const once = (operation: string, fault: Fault) => {
  let done = false;
  feed.fault = (call) => {
    if (done || call.operation !== operation) return undefined;
    done = true;
    return fault;
  };
};

test("a log that grows without bound moves out of the item in pieces, and is read whole and in order", async () => {
  const store = open();
  const events: Event[] = [openedEvent(1, [alert()])];
  await append(store, events[0]!);
  for (let at = 2; at < 14; at++) {
    events.push(joined(at, 12_000));
    await append(store, events.at(-1)!);
  }
  assert.deepEqual(await open().log(id), events);
  assert.ok((await items()).length >= 5, "nothing moved out");
  const { Item } = await table.client.send(
    new GetItemCommand({
      TableName: table.table,
      Key: { pk: { S: `incident#${id}` }, sk: { S: "incident" } },
    }),
  );
  assert.ok(Buffer.byteLength(JSON.stringify(Item)) < 400 * 1024);
  assert.ok(Item!.log!.L!.length < 4, `${Item!.log!.L!.length} events lie in the item`);
});

test("an alert that comes and goes for long does not make the recent facts dearer to read", async () => {
  const store = open();
  await append(store, openedEvent(1, [alert()]));
  const readsOf = async (store: DynamodbStore): Promise<number> => {
    feed.calls.length = 0;
    assert.equal((await store.recent(id)).length, 201);
    return operations().length;
  };
  const turns = (from: number): Event[] => Array.from({ length: 60 }, (_, n) => joined(from + n, 1));
  for (let at = 2; at < 500; at += 60) await append(store, ...turns(at));
  const reads = await readsOf(open());
  for (let at = 500; at < 3000; at += 60) await append(store, ...turns(at));
  assert.equal(await readsOf(open()), reads);
  assert.equal((await open().log(id))[0]?.type, "IncidentOpened");
});

test("an event and a snapshot of megabytes are stored in pieces of less than 400 KB, and superseded ones go", async () => {
  const store = open();
  const many = Array.from({ length: 90 }, (_, i) =>
    alert({ fingerprint: i.toString(16), annotations: { summary: "ü".repeat(3_000) } }),
  );
  const opened = openedEvent(1, many);
  await append(store, opened);
  await append(store, { type: "MessagePosted", at: 2, message: { channel: "C1", ts: "1.1" } });
  const all = await items();
  assert.ok(
    all.every((item) => bytesOf(item) < 400 * 1024),
    `an item has ${Math.max(...all.map(bytesOf))} bytes`,
  );
  const snapshots = all.filter(({ sk }) => sk!.S!.startsWith("piece#snapshot-"));
  assert.deepEqual([...new Set(snapshots.map(({ sk }) => sk!.S!.slice(0, 16)))], ["piece#snapshot-2"]);
  const read = open();
  assert.deepEqual((await read.load(id)).incident.alerts.length, 90);
  assert.deepEqual((await read.log(id))[0], opened);
  await append(read, closedEvent(3));
  assert.equal((await read.load(id)).version, 3);
});

test("whichever fact of the item, of its older log or of a piece beside it is changed in one byte, that fact is named", async () => {
  const store = open();
  const { handle } = createProcess({ store, policyOf: () => policy, clock: () => now, log: silent });
  await handle(id, notify([alert()]));
  for (let at = 2; at < 8; at++) {
    const summary = "x".repeat(at === 5 ? 20_000 : 12_000);
    await handle(id, notify([alert({ fingerprint: `f${at}`, annotations: { summary } })], { at: 20 + at }));
  }
  const check = async () => {
    const { incident, version } = await open().load(id);
    return checkRecord(id, await open().record(id), { head: incident.chain, version });
  };
  const whole = await check();
  assert.deepEqual([whole.broken, whole.facts], [undefined, 7]);
  const named = new Set<number | undefined>();
  for (const item of await items()) {
    for (const changed of flipped(item)) {
      await table.client.send(new PutItemCommand({ TableName: table.table, Item: changed }));
      named.add((await check()).broken?.place);
    }
    await table.client.send(new PutItemCommand({ TableName: table.table, Item: item }));
  }
  // The middle byte of a part of the older log is in its last fact, or in the reference to the facts before it.
  assert.deepEqual([...named].toSorted(), [1, 2, 5, 7]);
  assert.deepEqual(await check(), whole);
});

/** Copies of an item, in each of which one byte of one fact is another. */
const flipped = (item: Item): Item[] => {
  const bytes = item.bytes?.B;
  if (bytes !== undefined) return [{ ...item, bytes: { B: turned(bytes) } }];
  const entries = item.log?.L ?? [];
  return entries.flatMap((entry, index) => {
    const json = entry.M?.e?.S;
    if (json === undefined) return [];
    const e = { S: Buffer.from(turned(Buffer.from(json))).toString() };
    return [{ ...item, log: { L: entries.with(index, { M: { ...entry.M, e } }) } }];
  });
};
const turned = (bytes: Uint8Array): Uint8Array =>
  bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1);

test("a piece that a writer left behind before it lost counts for nothing", async () => {
  const [first, second] = [open(), open()];
  await append(first, openedEvent(1, [alert()]));
  const { incident, version } = await second.load(id);
  const large = joined(2, 40_000);
  await append(first, joined(3, 40_000));
  await assert.rejects(second.append(id, version, evolve(incident, large), [large]), ConflictError);
  assert.deepEqual(
    (await first.log(id)).map(({ at }) => at),
    [1, 3],
  );
});

/** The names of the pieces in the table, and of those that the incident's item and its log name. */
const pieces = async (): Promise<{ stored: string[]; named: string[] }> => {
  const all = await items();
  const stored = all.flatMap(({ sk }) => (sk!.S!.startsWith("piece#") ? [sk!.S!.split("#")[1]!] : []));
  const [item] = all.filter(({ sk }) => sk!.S === "incident");
  const row = toRow(item!);
  const log = await refsOf(
    openTable(table.client, table.table, () => now),
    id,
    row,
  );
  const named = [...log, ...(typeof row.snapshot === "string" ? [] : [row.snapshot])].map(({ name }) => name);
  return { stored: [...new Set(stored)].toSorted(), named: named.toSorted() };
};

test("writers at the same time leave the pieces that are in use, and no other, also when they write the same text", async () => {
  await append(open(), openedEvent(1, [alert({ annotations: { summary: "x".repeat(130_000) } })]));
  const writers = Array.from({ length: 6 }, open);
  for (const sameText of [true, false]) {
    const { version } = await writers[0]!.load(id);
    const before = await Promise.all(writers.map((one) => one.load(id)));
    const results = await Promise.allSettled(
      writers.map((writer, index) => {
        const events = [joined(sameText ? 2 : 2 + index, 20_000)];
        const incident = events.reduce(evolve, before[index]!.incident);
        return writer.append(id, version, incident, events);
      }),
    );
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    const { stored, named } = await pieces();
    assert.deepEqual(stored, named);
    assert.equal((await open().log(id)).length, (await open().load(id)).version);
  }
});

test("pieces expire some time after the incident would if it ended now, and are kept anew while it is open", async () => {
  const store = open();
  await append(store, openedEvent(1, [alert()]), joined(2, 40_000));
  const expiries = async () =>
    (await items()).flatMap(({ sk, expires }) =>
      sk!.S!.startsWith("piece#") ? [Number(expires!.N) * 1000] : [],
    );
  assert.deepEqual(await expiries(), [now + 580 * day]);
  now += 100 * day;
  await append(store, joined(3, 10));
  assert.deepEqual(await expiries(), [now + 480 * day]);
  now += 100 * day;
  await append(store, joined(4, 10));
  assert.deepEqual(await expiries(), [now + 580 * day]);
  await append(store, closedEvent(5));
  const [item] = (await items()).filter(({ sk }) => sk!.S === "incident");
  assert.ok(Number(item!.expires!.N) * 1000 < (await expiries())[0]!);
});

test("pieces of an earlier release, which never expired, do so after the next write", async () => {
  const store = open();
  await append(store, openedEvent(1, [alert()]), joined(2, 40_000));
  for (const item of await items()) {
    const { expires: _, piecesUntil: __, ...rest } = item;
    await table.client.send(new PutItemCommand({ TableName: table.table, Item: rest }));
  }
  await append(open(), joined(3, 10));
  const piece = (await items()).find(({ sk }) => sk!.S!.startsWith("piece#"));
  assert.equal(Number(piece!.expires!.N) * 1000, now + 580 * day);
});

test("an ended incident is forgotten after its time, also while it is still in the table, and one that begins anew counts from 1", async () => {
  const store = open();
  await append(store, openedEvent(1, [alert()]), closedEvent(2));
  await store.consume(id, 1);
  now += 401 * day;
  assert.deepEqual(await store.load(id), { incident: emptyIncident(id), version: 0 });
  assert.deepEqual(await store.log(id), []);
  assert.equal(await append(store, openedEvent(1, [])), 1);
  assert.deepEqual(await store.log(id), [openedEvent(1, [])]);
  assert.deepEqual(await store.pending(), [{ id, version: 1 }]);
});

test("an open incident has no time after which it is forgotten", async () => {
  const store = open();
  await append(store, openedEvent(1, [alert()]), closedEvent(2));
  await append(store, openedEvent(2, [alert()]));
  now += 1000 * day;
  assert.equal((await store.load(id)).version, 2);
  assert.equal((await items())[0]!.expires, undefined);
});

test("of an incident one works at a time, until something was stored or the lease is over", async () => {
  const store = open();
  await append(store, openedEvent(1, [alert()]));
  const wanted = { purpose: "work", statuses: ["opened"], version: 1, leaseMs: 1_000 } as const;
  const claim = await store.claim(id, wanted);
  assert.ok("store" in claim);
  assert.deepEqual(await open().claim(id, wanted), { refused: "busy" });
  now += 1_000;
  const next = await open().claim(id, wanted);
  assert.ok("store" in next, "the lease was over");
  await next.store.append(id, 1, evolve((await next.store.load(id)).incident, closedEvent(2)), [
    closedEvent(2),
  ]);
  assert.deepEqual(await open().claim(id, wanted), { refused: "other" });
  // The first has died, and comes back with a state that is not the latest any more.
  const late = (await claim.store.load(id)).incident;
  await assert.rejects(
    claim.store.append(id, 1, evolve(late, closedEvent(3)), [closedEvent(3)]),
    ConflictError,
  );
  await claim.release();
});

test("a claim on what was never stored is refused, and one for a version that cannot be read yet throws, so that it is tried again", async () => {
  const store = open();
  const wanted = { purpose: "work", statuses: ["opened"], version: 2, leaseMs: 1_000 } as const;
  assert.deepEqual(await store.claim(id, wanted), { refused: "unknown" });
  await append(store, openedEvent(1, [alert()]));
  await assert.rejects(store.claim(id, wanted), (error) => error instanceof UpstreamError && error.retryable);
  assert.ok("store" in (await store.claim(id, { ...wanted, version: 1 })), "it was not given back");
});

test("who tells goes on until nothing is new, and nobody else tells meanwhile", async () => {
  const store = open();
  await append(store, openedEvent(1, [alert()]));
  const wanted = { purpose: "announce", version: 1, leaseMs: 1_000, alone: () => false } as const;
  const claim = await store.claim(id, wanted);
  assert.ok("store" in claim);
  await append(open(), closedEvent(2));
  assert.deepEqual(await open().claim(id, { ...wanted, version: 2 }), { refused: "busy" });
  assert.equal(await claim.announced(1), 2);
  assert.equal((await claim.store.load(id)).incident.status, "closed");
  assert.equal(await claim.announced(2), undefined);
  assert.deepEqual(await store.pending(), []);
  assert.deepEqual(await store.claim(id, { ...wanted, version: 2 }), { refused: "other" });
});

test("who posts the first message does it while nobody works on the incident", async () => {
  const store = open();
  await append(store, openedEvent(1, [alert()]));
  const work = { purpose: "work", statuses: ["opened"], version: 1, leaseMs: 1_000 } as const;
  const tell = { purpose: "announce", version: 1, leaseMs: 1_000, alone: () => true } as const;
  const working = await store.claim(id, work);
  assert.deepEqual(await store.claim(id, tell), { refused: "busy" });
  await (working as { release(): Promise<void> }).release();
  const telling = await store.claim(id, tell);
  assert.ok("store" in telling);
  assert.deepEqual(await store.claim(id, work), { refused: "busy" });
  await telling.release();
  assert.ok("store" in (await store.claim(id, work)));
});

test("work that stores nothing writes only its lease", async () => {
  await append(open(), openedEvent(1, [alert()]));
  feed.calls.length = 0;
  const claim = await open().claim(id, { purpose: "work", statuses: ["opened"], version: 1, leaseMs: 1_000 });
  assert.ok("store" in claim);
  await claim.release();
  assert.deepEqual(operations(), ["UpdateItem", "GetItem", "DeleteItem"]);
  assert.deepEqual(written(), ["UpdateItem lease#work", "DeleteItem lease#work"]);
});

test("a lease that a function of an earlier release holds in the incident itself counts until it is over", async () => {
  const store = open();
  await append(store, openedEvent(1, [alert()]));
  await table.client.send(
    new UpdateItemCommand({
      ...{ TableName: table.table, Key: { pk: { S: `incident#${id}` }, sk: { S: "incident" } } },
      UpdateExpression: "SET workUntil = :until, workBy = :by, tellUntil = :until, tellBy = :by",
      ExpressionAttributeValues: { ":until": { N: String(now + 1_000) }, ":by": { S: "an earlier one" } },
    }),
  );
  const work = { purpose: "work", statuses: ["opened"], version: 1, leaseMs: 1_000 } as const;
  const tell = { purpose: "announce", version: 1, leaseMs: 1_000, alone: () => false } as const;
  assert.deepEqual(await store.claim(id, work), { refused: "busy" });
  assert.deepEqual(await store.claim(id, tell), { refused: "busy" });
  assert.equal(await store.isClaimed(id), true);
  now += 1_000;
  assert.equal(await store.isClaimed(id), false);
  assert.ok("store" in (await store.claim(id, work)));
  assert.ok("store" in (await store.claim(id, tell)));
  assert.equal(await store.isClaimed(id), true);
});

test("news that comes while the lease for telling is given back is told by who held it", async () => {
  const client = dynamodbClient({ ...table.access, endpoint: feed.url });
  clients.push(client);
  const wanted = { purpose: "announce", version: 1, leaseMs: 1_000, alone: () => false } as const;
  const late: unknown[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === "DeleteItemCommand" && late.length === 0)
          late.push(await append(open(), closedEvent(2)), await open().claim(id, { ...wanted, version: 2 }));
        return next(args);
      },
    { step: "initialize" },
  );
  const store = dynamodbStore({ client, table: table.table, clock: () => now });
  await append(store, openedEvent(1, [alert()]));
  const claim = await store.claim(id, wanted);
  assert.ok("store" in claim);
  assert.equal(await claim.announced(1), 2);
  assert.deepEqual(late, [2, { refused: "busy" }]);
  assert.equal(await claim.announced(2), undefined);
  assert.deepEqual(await store.pending(), []);
});

test("a transition takes two calls, one that a step has claimed three, and at most three when its read is not remembered", async () => {
  const store = open();
  const process = createProcess({ store, clock: () => now, log: silent, policyOf: () => policy });
  await process.handle(id, notify([alert()]));
  assert.deepEqual(operations(), ["GetItem", "UpdateItem"]);
  feed.calls.length = 0;
  const claim = await store.claim(id, { purpose: "work", statuses: ["opened"], version: 1, leaseMs: 1_000 });
  assert.ok("store" in claim);
  const working = createProcess({
    store: claim.store,
    clock: () => now,
    log: silent,
    policyOf: () => policy,
  });
  await working.run(
    {
      name: "diagnose",
      statuses: ["opened"],
      work: async () => ({ type: "Escalate", reason: "no_suspect", detail: "none" }),
    },
    await claim.store.load(id),
  );
  await claim.release();
  assert.deepEqual(written(), ["UpdateItem lease#work", "UpdateItem incident", "DeleteItem lease#work"]);
  feed.calls.length = 0;
  const { incident, version } = await open().load(id);
  const posted: Event = { type: "MessagePosted", at: 9, message: { channel: "C1", ts: "1.1" } };
  await open().append(id, version, evolve(incident, posted), [posted]);
  assert.deepEqual(operations(), ["GetItem", "GetItem", "UpdateItem"]);
});

test("a repeat notification takes one read and no write", async () => {
  const store = open();
  const process = createProcess({ store, clock: () => now, log: silent, policyOf: () => policy });
  await process.handle(id, notify([alert()]));
  feed.calls.length = 0;
  await process.handle(id, notify([alert()]));
  assert.deepEqual(operations(), ["GetItem"]);
});

test("a write refused for its rate is made all the same", async () => {
  once("UpdateItem", "throttled");
  const store = open();
  await append(store, openedEvent(1, [alert()]));
  assert.deepEqual(operations(), ["GetItem", "UpdateItem", "UpdateItem"]);
  assert.equal((await store.load(id)).version, 1);
});

test("a table that takes nothing for now makes a retryable failure, and nothing is stored", async () => {
  feed.fault = ({ operation }) => (operation === "UpdateItem" ? "throttled" : undefined);
  const store = open();
  await assert.rejects(
    append(store, openedEvent(1, [alert()])),
    (error) => error instanceof UpstreamError && error.system === "store" && error.retryable,
  );
  assert.equal((await store.load(id)).version, 0);
});

test("a write that was made and whose answer is lost counts once, and as made", async () => {
  const store = open();
  await append(store, openedEvent(1, [alert()]));
  once("UpdateItem", "unanswered");
  assert.equal(await append(store, joined(2, 10)), 2);
  assert.deepEqual(
    (await store.log(id)).map(({ at }) => at),
    [1, 2],
  );
});

test("a look at many incidents is asked for in batches", async () => {
  await open().putLooks(
    Array.from({ length: 60 }, (_, i) => ({ id: `s${i}/production`, version: 1, step: "watch" })),
  );
  assert.deepEqual(operations(), ["BatchWriteItem", "BatchWriteItem", "BatchWriteItem"]);
  assert.equal((await items()).length, 60);
});

test("two requests for the same look at one instant are two records of the stream", async () => {
  const told: string[] = [];
  feed.onRecord = ({ dynamodb }) => void told.push(dynamodb?.Keys?.pk?.S ?? "");
  const look = { id: "s/production", version: 1, step: "verify" } as const;
  await open().putLooks([look]);
  await open().putLooks([look]);
  feed.onRecord = () => {};
  assert.deepEqual(told, ["look#s/production", "look#s/production"]);
});

test("more incidents wait than one page of the index holds, and all are found", async () => {
  const waiting = Array.from({ length: 600 }, (_, i) => ({
    ...{ pk: { S: `incident#${String(i).padStart(1_900, "s")}/production` }, sk: { S: "incident" } },
    ...{ waiting: { S: "waiting" }, due: { N: String(i) }, version: { N: "2" }, consumed: { N: "1" } },
    status: { S: "opened" },
  }));
  await callsOf(table.client, table.table).putAll(waiting);
  assert.equal((await open().pending()).length, 600);
  assert.deepEqual(operations(), ["Query", "Query"]);
});
