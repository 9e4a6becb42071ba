import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dueOf } from "../../incident/model.ts";
import {
  type DeployRecord,
  deliveries,
  type FlipRecord,
  keeps,
  type Store,
  type Stored,
  type Waiting,
} from "../../ports/store.ts";
import { type Claim, type ClaimRequest, claim, type Refusal } from "./claim.ts";
import {
  deliveryKey,
  deployItem,
  deployKey,
  flipItem,
  type Item,
  idOf,
  incidentKey,
  instant,
  isFlip,
  type Look,
  lookItem,
  number,
  text,
  waitingOf,
} from "./item.ts";
import { consume, isLeased, isLeasedInside } from "./lease.ts";
import { load, loadReadable, logOf, readRow, recentLogOf, recordOf } from "./read.ts";
import { readRegister, writeRegister } from "./registers.ts";
import { openTable, type Table } from "./table.ts";
import { append } from "./write.ts";

export { dynamodbClient } from "./client.ts";

export type DynamodbStore = Store & {
  /** Claims an incident for a piece of work, so that nobody else does the same at the same time; or says why not. */
  claim(id: string, request: ClaimRequest): Promise<Claim | Refusal>;
  /** Whether a step holds the incident now. */
  isClaimed(id: string): Promise<boolean>;
  /** Asks for looks at incidents through the change feed. Only the latest look of an incident counts. */
  putLooks(looks: Look[]): Promise<void>;
};

/** `keepMs`: how long an ended incident is kept. */
type Options = { client: DynamoDBClient; table: string; clock: () => number; keepMs?: () => number };

/** The store on DynamoDB: one item an incident, written by one conditional write. The table's stream is the queue. */
export const dynamodbStore = ({ client, table: name, clock, keepMs }: Options): DynamodbStore => {
  const table = openTable(client, name, clock, keepMs);
  const store: Store = {
    load: (id) => load(table, id),
    append: (id, version, incident, events) => append(table, { id, version, incident, events }),
    log: (id) => readLog(table, id, logOf),
    recent: (id) => readLog(table, id, recentLogOf),
    record: (id) => readRecord(table, id),
    list: () => list(table),
    active: () => active(table),
    waiting: () => waiting(table),
    pending: () => pending(table),
    consume: (id, version) => consumeUpTo(table, id, version),
    recordDeploy: (deploy) => recordDeploy(table, deploy),
    deploys: async (...where) => (await changes(table, ...where)).deploys,
    recordFlip: (flip) => recordFlip(table, flip),
    changes: (...where) => changes(table, ...where),
    isDelivered: (id, now) => isDelivered(table, id, now),
    recordDelivery: (id, now) => recordDelivery(table, id, now),
    register: (name) => readRegister(table, name),
    setRegister: (name, version, value) => writeRegister(table, name, { version, value }),
    ready: () => ready(table),
    close: async () => client.destroy(),
  };
  return {
    ...store,
    claim: (id, request) => claim(table, store, { ...request, id }),
    isClaimed: (id) => isClaimed(table, id),
    putLooks: (looks) => putLooks(table, looks),
  };
};

const isClaimed = async (table: Table, id: string): Promise<boolean> => {
  if (await isLeased(table, id, "work")) return true;
  const row = await readRow(table, id);
  return row !== undefined && isLeasedInside(table, row, "work");
};

const readLog = async (table: Table, id: string, of: typeof logOf) => {
  const row = await readRow(table, id);
  return row === undefined ? [] : of(table, id, row);
};

const readRecord = async (table: Table, id: string) => {
  const row = await readRow(table, id);
  return row === undefined ? [] : recordOf(table, id, row);
};

const list = async (table: Table): Promise<string[]> => {
  const items = await table.calls.queryAll({
    IndexName: "written",
    KeyConditionExpression: "kind = :kind",
    ExpressionAttributeValues: { ":kind": { S: "incident" } },
    ScanIndexForward: false,
  });
  return items.map(idOf);
};

const entries = (table: Table): Promise<Item[]> =>
  table.calls.queryAll({
    IndexName: "waits",
    KeyConditionExpression: "waiting = :waiting",
    ExpressionAttributeValues: { ":waiting": { S: "waiting" } },
  });

const waiting = async (table: Table): Promise<Waiting[]> => (await entries(table)).map(waitingOf);

const active = async (table: Table): Promise<Stored[]> => {
  const stored = await loadReadable(table, (await entries(table)).map(idOf));
  return stored.filter(({ incident }) => dueOf(incident) !== undefined);
};

const pending = async (table: Table): Promise<{ id: string; version: number }[]> =>
  (await waiting(table)).flatMap(({ id, version, hasNews }) => (hasNews ? [{ id, version }] : []));

const consumeUpTo = async (table: Table, id: string, version: number): Promise<void> => {
  const row = await readRow(table, id);
  if (row === undefined || row.consumed >= version) return;
  const ended = row.expires !== undefined && row.version === version;
  const { done } = await consume(table, id, { version, ended });
  if (!done && ended) await consume(table, id, { version, ended: false });
};

const changes = async (
  table: Table,
  ...[service, environment, since]: Parameters<Store["changes"]>
): Promise<{ deploys: DeployRecord[]; flips: FlipRecord[] }> => {
  const { pk } = deployKey({ service, environment, sha: "", status: "failed", at: 0 });
  const items = await table.calls.queryAll({
    KeyConditionExpression: "pk = :pk AND sk >= :since",
    ExpressionAttributeValues: { ":pk": pk, ":since": { S: instant(since) } },
    ScanIndexForward: false,
    ConsistentRead: true,
  });
  const [flips, deploys] = [items.filter(isFlip), items.filter((item) => !isFlip(item))];
  return {
    deploys: deploys.map((item): DeployRecord => JSON.parse(text(item, "deploy"))),
    flips: flips.map((item): FlipRecord => JSON.parse(text(item, "flip"))),
  };
};

const inSeconds = (at: number): number => Math.ceil(at / 1000);

const recordDeploy = async (table: Table, deploy: DeployRecord): Promise<void> => {
  const expires = inSeconds(table.clock() + keeps.deploysMs);
  await table.calls.put(deployItem(deploy, expires), "attribute_not_exists(pk)");
};

const recordFlip = async (table: Table, flip: FlipRecord): Promise<void> => {
  const expires = inSeconds(table.clock() + keeps.flipsMs);
  await table.calls.put(flipItem(flip, expires), "attribute_not_exists(pk)");
};

/** DynamoDB removes what has expired only some days later. */
const isDelivered = async (table: Table, id: string, now: number): Promise<boolean> => {
  const item = await table.calls.get(deliveryKey(id));
  return item !== undefined && number(item, "at") > now - deliveries.keepMs;
};

const recordDelivery = async (table: Table, id: string, now: number): Promise<void> => {
  const expires = { N: String(inSeconds(now + deliveries.keepMs)) };
  await table.calls.put({ ...deliveryKey(id), at: { N: String(now) }, expires });
};

/** Only reads, so that a host without write access can ask. A table of DynamoDB takes both or neither. */
const ready = async (table: Table): Promise<void> => {
  await table.calls.get(incidentKey("ready"));
};

const putLooks = async (table: Table, looks: Look[]): Promise<void> => {
  const now = table.clock();
  await table.calls.putAll(looks.map((one) => lookItem(one, now, inSeconds(now + 24 * 60 * 60 * 1000))));
};
