import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import type { Archived } from "../../shared/adapters/sqlite/old-facts.ts";
import { readRecord } from "../../shared/adapters/sqlite/record.ts";
import { type SqliteStore, sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { checkRecord } from "../../shared/incident/chain/record.ts";
import { createProcess } from "../../shared/process.ts";
import { alert, id, notify, policy, resolved, sha } from "../support/incident.ts";
import { scratch } from "../support/scratch.ts";
import { silent } from "../support/world.ts";

const day = 24 * 60 * 60 * 1000;

/** A store in a file, whose incidents end and begin again on days of ours. */
const open = async (t: TestContext) => {
  const path = join(await scratch(t), "countersteer.db");
  let store = await sqliteStore({ path });
  t.after(() => store.close());
  const handle: ReturnType<typeof createProcess>["handle"] = (...args) =>
    createProcess({ store, clock: () => 0, log: silent, policyOf: () => policy }).handle(...args);
  const consume = async (): Promise<void> => {
    for (const pending of await store.pending()) await store.consume(pending.id, pending.version);
  };
  return {
    path,
    store: () => store,
    /** One round: it begins on the day, and its alert resolves an hour later. */
    async round(on: number, incident = id) {
      const at = on * day;
      await handle(incident, notify([alert({ startsAt: at })], { at }));
      const endsAt = at + day / 24;
      await handle(incident, notify([resolved({ startsAt: at, endsAt })], { at: endsAt }));
      await consume();
    },
    begin: (on: number) => handle(id, notify([alert({ startsAt: on * day })], { at: on * day })),
    consume,
    async reopen() {
      await store.close();
      store = await sqliteStore({ path });
      return store;
    },
    archive: async (before: number) => {
      const kept: Archived[] = [];
      const dropped = await store.archive(before * day, async (facts) => void kept.push(...facts));
      return { kept, dropped };
    },
  };
};
const check = (path: string) => {
  const { recorded, version, archived } = readRecord(path, id);
  return checkRecord(id, recorded, { version, archived });
};
const typesOf = async (store: SqliteStore) => (await store.log(id)).map(({ type }) => type);

test("the facts of rounds that ended long ago leave the store once they are kept, and the incident goes on as it was", async (t) => {
  const at = await open(t);
  await at.round(1);
  await at.round(2);
  await at.begin(10);
  const before = await at.store().load(id);
  const { kept, dropped } = await at.archive(9);
  assert.equal(dropped, 6);
  assert.deepEqual(
    kept.map(({ incident, version, fact }) => [incident, version, Object(fact).type]),
    [
      [id, 1, "IncidentOpened"],
      [id, 2, "AlertsResolved"],
      [id, 2, "IncidentClosed"],
      [id, 3, "IncidentOpened"],
      [id, 4, "AlertsResolved"],
      [id, 4, "IncidentClosed"],
    ],
  );
  assert.deepEqual(await typesOf(at.store()), ["IncidentOpened"]);
  assert.deepEqual(await at.store().load(id), before);
  assert.deepEqual(await (await at.reopen()).load(id), before);
  await at.round(11);
  assert.deepEqual(check(at.path).broken, undefined);
  assert.deepEqual(await at.archive(9), { kept: [], dropped: 0 });
});

test("a record that was cut is still checked: a fact that is missing after the cut is named", async (t) => {
  const at = await open(t);
  await at.round(1);
  await at.round(10);
  await at.archive(9);
  const { recorded, version, archived } = readRecord(at.path, id);
  assert.deepEqual([archived?.version, archived?.head?.n], [2, 3]);
  const { broken } = checkRecord(id, recorded.slice(1), { version, archived });
  assert.match(broken?.detail ?? "", /^fact 4 is missing before it/);
  assert.match(checkRecord(id, recorded, { version }).broken?.detail ?? "", /^fact 1 is missing before it/);
});

test("an incident of which everything is old leaves the store whole, and its next trouble is its first", async (t) => {
  const at = await open(t);
  await at.round(1);
  await at.round(2, "web/production");
  assert.equal((await at.archive(9)).dropped, 6);
  assert.deepEqual(await at.store().list(), []);
  assert.deepEqual(await (await at.reopen()).list(), []);
  await at.begin(20);
  const { incident, version } = await at.store().load(id);
  assert.deepEqual([incident.status, incident.round, version], ["opened", 1, 1]);
  assert.equal(check(at.path).broken, undefined);
});

test("nothing leaves the store that is open, untold, younger, or written meanwhile", async (t) => {
  const at = await open(t);
  await at.begin(1);
  await at.consume();
  assert.equal((await at.archive(9)).dropped, 0, "it is open");
  await at.round(8);
  assert.equal((await at.archive(8)).dropped, 0, "the round ended later");
  const untold = await open(t);
  await untold.round(1);
  await untold.begin(2);
  assert.equal((await untold.archive(9)).dropped, 3, "only the round that was told");
  const racing = await open(t);
  await racing.round(1);
  const dropped = await racing.store().archive(9 * day, async () => void (await racing.begin(10)));
  assert.equal(dropped, 0);
  assert.equal((await racing.store().log(id)).length, 4);
});

test("facts that could not be kept stay in the store", async (t) => {
  const at = await open(t);
  await at.round(1);
  const full = async () => {
    throw new Error("the disk is full");
  };
  await assert.rejects(at.store().archive(9 * day, full), /the disk is full/);
  assert.equal((await at.store().log(id)).length, 3);
});

test("deploys and flips that no diagnosis looks at are forgotten, but never the latest deploy of a place", async (t) => {
  const { store, path } = await open(t);
  const place = { service: "shop", environment: "production", status: "succeeded" } as const;
  const deploy = (letter: string, on: number, environment = "production") => {
    const heard = { at: on * day + 1, told: on * day };
    return store().recordDeploy({ ...place, environment, sha: sha(letter), at: on * day, heard });
  };
  await deploy("a", 1);
  await deploy("b", 2);
  await deploy("c", 1, "staging");
  await store().recordFlip({ service: "shop", environment: "production", flag: "f", change: "on", at: day });
  await store().forget(200 * day);
  const { deploys, flips } = await store().changes("shop", "production", 0);
  assert.deepEqual([deploys.map((one) => one.sha), flips], [[sha("b")], []]);
  assert.equal((await store().deploys("shop", "staging", 0)).length, 1);
  const file = new DatabaseSync(path, { readOnly: true });
  t.after(() => file.close());
  const heard = file.prepare("SELECT sha FROM heard_deploys ORDER BY sha").all();
  assert.deepEqual(
    heard.map((row) => row.sha),
    [sha("b"), sha("c")],
  );
});
