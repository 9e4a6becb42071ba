import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { toJson } from "../../functions/pages/json.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";
import { ConflictError } from "../../shared/errors.ts";
import { checkRecord } from "../../shared/incident/chain/record.ts";
import { decide } from "../../shared/incident/decide.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { type Alert, emptyIncident, type Incident, incidentId } from "../../shared/incident/model.ts";
import { recentOf } from "../../shared/incident/rounds/recent.ts";
import type { DeployRecord, FlipRecord, Store, Stored } from "../../shared/ports/store.ts";
import { createProcess } from "../../shared/process.ts";
import { after, closedEvent, openedEvent } from "../support/facts.ts";
import { policy } from "../support/incident.ts";
import { silent } from "../support/world.ts";

const at = 1_700_000_000_000;
const alert = (fingerprint: string): Alert => ({
  fingerprint,
  name: "HighErrorRate",
  status: "firing",
  labels: { alertname: "HighErrorRate", note: "naïve \u2028 “quoted” 🚲 \\ \u0000", __proto: "x" },
  annotations: {},
  startsAt: at,
});
/** Logs as earlier versions stored them, by what became of the incident. */
const stored = (file: string): Record<string, Event[]> =>
  JSON.parse(readFileSync(new URL(`../fixtures/incidents/${file}.json`, import.meta.url), "utf8"));
const idOf = (service: string): string => incidentId(service, "production");
const opened = (service: string, round = 1, alerts = [alert("f1")]): Incident =>
  after(idOf(service), openedEvent(round, alerts));
const closed = (service: string): Incident =>
  after(idOf(service), openedEvent(1, [alert("f1")]), closedEvent(2));
const deploy = (sha: string, deployedAt: number): DeployRecord => ({
  ...{ service: "checkout", environment: "production", sha, status: "succeeded", at: deployedAt },
});

const flip = (flag: string, at: number): FlipRecord => ({
  ...{ service: "checkout", environment: "production", flag, change: "turned “on” \u2028 🚲", at },
});

/** Tests the promises of every store (interface Store). `make` gives an empty one each time. */
export const storeContract = (name: string, make: () => Promise<Store>): void => {
  const made: Store[] = [];
  const fresh = async (): Promise<Store> => {
    const store = await make();
    made.push(store);
    return store;
  };
  const open = (store: Store, service: string) =>
    store.append(`${service}/production`, 0, opened(service), [openedEvent(1, [alert("f1")])]);
  afterEach(async () => {
    for (const store of made.splice(0)) await store.close();
  });

  test(`${name}: an incident never written is none, at version 0`, async () => {
    const store = await fresh();
    assert.deepEqual(await store.load("checkout/production"), {
      incident: emptyIncident("checkout/production"),
      version: 0,
    });
    assert.deepEqual(await store.log("checkout/production"), []);
    assert.deepEqual(await store.list(), []);
    assert.deepEqual(await store.pending(), []);
  });

  test(`${name}: what was appended is loaded as it was, with the new version`, async () => {
    const store = await fresh();
    assert.equal(await open(store, "checkout"), 1);
    assert.deepEqual(await store.load("checkout/production"), { incident: opened("checkout"), version: 1 });
  });

  for (const file of ["before-verdicts", "outcomes"])
    test(`${name}: incidents of ${file}.json are read as they were stored, and each finding is their verdict`, async () => {
      const store = await fresh();
      for (const [index, [title, events]] of Object.entries(stored(file)).entries()) {
        const id = idOf(`service-${index}`);
        let incident: Incident = emptyIncident(id);
        for (const [version, event] of events.entries()) {
          incident = evolve(incident, event);
          await store.append(id, version, incident, [event]);
        }
        const read = await store.load(id);
        assert.deepEqual(read.incident, incident, title);
        assert.deepEqual(await store.log(id), events, title);
        if (file === "outcomes") assert.equal(toJson(read.incident, events).verdict, title);
        else assert.equal("verdict" in read.incident, false, title);
      }
    });

  test(`${name}: a later snapshot takes the place of the earlier one, alerts that left included`, async () => {
    const store = await fresh();
    await open(store, "checkout");
    await store.append("checkout/production", 1, closed("checkout"), [closedEvent(2)]);
    const reopened = openedEvent(2, [alert("f2"), alert("f3")]);
    const again = evolve(closed("checkout"), reopened);
    assert.deepEqual(again.alerts, [alert("f2"), alert("f3")]);
    assert.equal(await store.append("checkout/production", 2, again, [reopened]), 3);
    assert.deepEqual(await store.load("checkout/production"), { incident: again, version: 3 });
  });

  test(`${name}: a delivery is known again for three days, and not another one`, async () => {
    const store = await fresh();
    const day = 24 * 60 * 60 * 1000;
    assert.equal(await store.isDelivered("72d3162e", at), false);
    await store.recordDelivery("72d3162e", at);
    await store.recordDelivery("72d3162e", at);
    assert.equal(await store.isDelivered("72d3162e", at), true);
    assert.equal(await store.isDelivered("72d3162E", at), false);
    assert.equal(await store.isDelivered("72d3162e", at + 3 * day - 1), true);
    assert.equal(await store.isDelivered("72d3162e", at + 3 * day), false);
  });

  test(`${name}: an append on another version than the stored one is a conflict and changes nothing`, async () => {
    const store = await fresh();
    await open(store, "checkout");
    for (const version of [0, 2])
      await assert.rejects(
        store.append("checkout/production", version, closed("checkout"), [openedEvent(9, [])]),
        ConflictError,
      );
    assert.deepEqual(await store.load("checkout/production"), { incident: opened("checkout"), version: 1 });
    assert.equal((await store.log("checkout/production")).length, 1);
  });

  test(`${name}: of appends on one version at the same time exactly one is stored`, async () => {
    const store = await fresh();
    const results = await Promise.allSettled(
      [1, 2, 3, 4].map((round) =>
        store.append("checkout/production", 0, opened("checkout", round, []), [openedEvent(round)]),
      ),
    );
    const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    assert.equal(refused.length, 3);
    assert.ok(refused.every((error) => error instanceof ConflictError));
    const { incident, version } = await store.load("checkout/production");
    const log = await store.log("checkout/production");
    assert.equal(version, 1);
    assert.deepEqual(log, [openedEvent(incident.round)]);
  });

  test(`${name}: appends on different incidents at the same time are all stored`, async () => {
    const store = await fresh();
    const services = Array.from({ length: 20 }, (_, i) => `service-${i}`);
    assert.deepEqual(
      await Promise.all(services.map((service) => open(store, service))),
      services.map(() => 1),
    );
    assert.equal((await store.list()).length, 20);
  });

  test(`${name}: the log holds the events of all rounds, oldest first`, async () => {
    const store = await fresh();
    const log: Event[] = [
      openedEvent(1, [alert("f1")]),
      { type: "AlertsJoined", at: 2, alerts: [alert("f3")], truncated: false },
      closedEvent(3),
      openedEvent(2, [alert("f2")]),
    ];
    const id = idOf("checkout");
    await store.append(id, 0, after(id, ...log.slice(0, 1)), log.slice(0, 1));
    await store.append(id, 1, after(id, ...log.slice(0, 3)), log.slice(1, 3));
    await store.append(id, 2, after(id, ...log), log.slice(3));
    await open(store, "search");
    assert.deepEqual(await store.log(id), log);
  });

  test(`${name}: the recent facts are those of the latest rounds, and of alerts that came and went the latest`, async () => {
    const store = await fresh();
    const id = idOf("checkout");
    const turn = (index: number): Event => ({
      ...{ type: index % 2 === 0 ? "AlertsResolved" : "AlertsJoined", at: 2000 + index },
      ...{ alerts: [alert("f1")], truncated: false },
    });
    const log: Event[] = [
      ...Array.from({ length: 44 }, (_, round) => [
        openedEvent(round + 1),
        turn(round),
        closedEvent(1),
      ]).flat(),
      openedEvent(45),
      ...Array.from({ length: 210 }, (_, index) => turn(index)),
    ];
    for (const [version, from] of [0, 30, 60, 90, 120, 180, 240, 300].entries())
      await store.append(
        id,
        version,
        opened("checkout"),
        log.slice(from, from === 300 ? undefined : from + (from < 120 ? 30 : 60)),
      );
    await open(store, "search");
    assert.deepEqual(await store.log(id), log);
    const recent = await store.recent(id);
    assert.deepEqual(recent, recentOf(log));
    assert.deepEqual([recent[0], recent.length], [openedEvent(6), 40 + 39 + 200]);
    assert.deepEqual(await store.recent(idOf("search")), await store.log(idOf("search")));
    assert.deepEqual(await store.recent(idOf("nothing")), []);
  });

  test(`${name}: facts are chained over writes and rounds, and lie in the record exactly as memory has them`, async () => {
    const play = async (store: Store): Promise<Stored> => {
      const { handle } = createProcess({ store, policyOf: () => policy, clock: () => at, log: silent });
      const notified = (minute: number, alerts: Alert[]) =>
        handle(idOf("checkout"), {
          ...{ type: "RecordAlerts", at: at + minute, alerts, truncated: minute === 2 },
          ...(minute === 1 && { trace: "00-1-2-01" }),
        });
      await notified(1, [alert("f1"), { ...alert("f2"), annotations: { long: "é".repeat(20_000) } }]);
      await notified(2, [{ ...alert("f3"), labels: { z: "-0", a: "1e3", "": "" } }]);
      for (const minute of [3, 4])
        await notified(
          minute,
          ["f1", "f2", "f3"].map((print) => ({ ...alert(print), status: "resolved", endsAt: at + 3 })),
        );
      await handle(idOf("checkout"), { type: "Expire", at: at + 10_000 });
      return handle(idOf("checkout"), {
        type: "RecordAlerts",
        at: at + 20_000,
        alerts: [{ ...alert("f9"), startsAt: at + 19_000 }],
        truncated: false,
      });
    };
    const store = await fresh();
    const { incident } = await play(store);
    assert.deepEqual(incident.chain, (await play(memoryStore())).incident.chain);
    const { incident: read, version } = await store.load(idOf("checkout"));
    const checked = checkRecord(read.id, await store.record(read.id), { head: read.chain, version });
    assert.deepEqual(checked, { before: 0, facts: checked.facts, head: incident.chain });
    assert.ok(checked.facts >= 4, `${checked.facts} facts`);
    assert.deepEqual(await store.record("search/production"), []);
  });

  test(`${name}: an incident that an earlier version stored goes on, and its chain begins there`, async () => {
    const store = await fresh();
    await open(store, "checkout");
    const { handle } = createProcess({ store, policyOf: () => policy, clock: () => at, log: silent });
    const { incident } = await handle(idOf("checkout"), { type: "Expire", at: at + 10_000 });
    const checked = checkRecord(incident.id, await store.record(incident.id), { head: incident.chain });
    assert.deepEqual(checked, { before: 1, facts: 1, head: incident.chain });
  });

  test(`${name}: the list has the incident written last first`, async () => {
    const store = await fresh();
    await open(store, "checkout");
    await open(store, "search");
    await store.append("checkout/production", 1, closed("checkout"), [closedEvent(2)]);
    assert.deepEqual(await store.list(), ["checkout/production", "search/production"]);
  });

  test(`${name}: only incidents in an active status are active`, async () => {
    const store = await fresh();
    await open(store, "checkout");
    await open(store, "search");
    await store.append("checkout/production", 1, closed("checkout"), [closedEvent(2)]);
    assert.deepEqual(await store.active(), [{ incident: opened("search"), version: 1 }]);
  });

  test(`${name}: a verified scale for a time is watched until that time is over`, async () => {
    const store = await fresh();
    const pull = { number: 7, url: "u", branch: "b", head: "h", base: "main", baseSha: "s", diff: "d" };
    const remedy = {
      ...({
        kind: "scale",
        target: "Deployment/shop/api",
        field: "replicas",
        to: "6",
        title: "more",
      } as const),
      ...{ score: 0.9, reasons: [], until: at + 1000 },
      edit: { file: "api.yaml", path: "spec.replicas", before: "3", after: "6" },
    };
    const diagnosis = { suspects: [], none: 0.1, onsetAt: at, remedies: [remedy] };
    const events: Event[] = [
      openedEvent(1, [alert("f1")]),
      { type: "IncidentDiagnosed", at, diagnosis, due: at + 9 },
      { type: "RemedyProposed", at, remedy, pull, due: at + 9 },
      { type: "RemedyMerged", at, sha: "f", by: "ann", due: at + 9 },
      { type: "RemedyDeployed", at, sha: "f", due: at + 9 },
      { type: "IncidentClosed", at, outcome: "verified" },
    ];
    const verified = after(idOf("checkout"), ...events);
    await store.append("checkout/production", 0, verified, events);
    assert.deepEqual(await store.active(), [{ incident: verified, version: 1 }]);
    const over = decide(verified, { type: "Expire", at: at + 1000 }, policy);
    await store.append("checkout/production", 1, over.reduce(evolve, verified), over);
    assert.deepEqual(await store.active(), []);
  });

  test(`${name}: an incident is pending from its write until that version is consumed`, async () => {
    const store = await fresh();
    await open(store, "checkout");
    assert.deepEqual(await store.pending(), [{ id: "checkout/production", version: 1 }]);
    await store.append("checkout/production", 1, closed("checkout"), [closedEvent(2)]);
    await store.consume("checkout/production", 1);
    assert.deepEqual(await store.pending(), [{ id: "checkout/production", version: 2 }]);
    await store.consume("checkout/production", 2);
    assert.deepEqual(await store.pending(), []);
  });

  test(`${name}: consuming an earlier version never lowers the mark`, async () => {
    const store = await fresh();
    await open(store, "checkout");
    const posted: Event = { type: "MessagePosted", at: at + 1, message: { channel: "C1", ts: "1.1" } };
    await store.append("checkout/production", 1, evolve(opened("checkout"), posted), [posted]);
    await store.consume("checkout/production", 2);
    await store.consume("checkout/production", 1);
    assert.deepEqual(await store.pending(), []);
  });

  test(`${name}: deploys come newest first, those of that service and environment at or after the instant`, async () => {
    const store = await fresh();
    const linked = { ...deploy("c", at + 3), url: "https://ci.example/3", version: "v1.2 “rc”" };
    await store.recordDeploy(deploy("b", at + 2));
    await store.recordDeploy(linked);
    await store.recordDeploy(deploy("a", at + 1));
    await store.recordDeploy({ ...deploy("d", at + 4), environment: "staging" });
    await store.recordDeploy({ ...deploy("e", at + 5), service: "search" });
    assert.deepEqual(await store.deploys("checkout", "production", at + 2), [linked, deploy("b", at + 2)]);
  });

  test(`${name}: the same deploy recorded twice is one, another status of it is another`, async () => {
    const store = await fresh();
    await store.recordDeploy(deploy("a", at));
    await store.recordDeploy(deploy("a", at));
    assert.deepEqual(await store.deploys("checkout", "production", 0), [deploy("a", at)]);
    await store.recordDeploy({ ...deploy("a", at), status: "failed" });
    assert.equal((await store.deploys("checkout", "production", 0)).length, 2);
  });

  test(`${name}: when a deploy was reported, and for when, is kept; of the same deploy the first report`, async () => {
    const store = await fresh();
    const heard = { ...deploy("a", at), heard: { at: at + 9, told: at + 3600 } };
    await store.recordDeploy(heard);
    await store.recordDeploy({ ...heard, heard: { at: at + 99, told: at } });
    await store.recordDeploy(deploy("b", at + 1));
    assert.deepEqual(await store.deploys("checkout", "production", at), [deploy("b", at + 1), heard]);
    assert.deepEqual((await store.changes("checkout", "production", at)).deploys.at(-1), heard);
  });

  test(`${name}: why a deploy failed is kept`, async () => {
    const store = await fresh();
    const failed = { ...deploy("a", at), status: "failed" as const, detail: "denied" };
    await store.recordDeploy(failed);
    assert.deepEqual(await store.deploys("checkout", "production", at), [failed]);
  });

  test(`${name}: a rollout that started is kept as that`, async () => {
    const store = await fresh();
    const started = { ...deploy("a", at), status: "started" as const };
    await store.recordDeploy(started);
    assert.deepEqual(await store.deploys("checkout", "production", 0), [started]);
  });

  test(`${name}: what changed at a service is its deploys and its flags, each newest first, at or after the instant`, async () => {
    const store = await fresh();
    const linked = { ...flip("fx/new-rates", at + 3), url: "https://flags.example/fx" };
    for (const one of [flip("b", at + 2), linked, flip("a", at + 1), flip("c", at)])
      await store.recordFlip(one);
    await store.recordFlip({ ...flip("d", at + 4), environment: "staging" });
    await store.recordFlip({ ...flip("e", at + 5), service: "search" });
    await store.recordDeploy(deploy("a", at));
    await store.recordDeploy(deploy("b", at + 2));
    assert.deepEqual(await store.changes("checkout", "production", at + 1), {
      deploys: [deploy("b", at + 2)],
      flips: [linked, flip("b", at + 2), flip("a", at + 1)],
    });
    assert.deepEqual(await store.deploys("checkout", "production", at), [
      deploy("b", at + 2),
      deploy("a", at),
    ]);
    assert.deepEqual(await store.changes("billing", "production", 0), { deploys: [], flips: [] });
  });

  test(`${name}: the same flip recorded twice is one, another change of the flag at that instant is another`, async () => {
    const store = await fresh();
    await store.recordFlip(flip("a", at));
    await store.recordFlip({ ...flip("a", at), url: "https://flags.example/a" });
    assert.deepEqual((await store.changes("checkout", "production", 0)).flips, [flip("a", at)]);
    await store.recordFlip({ ...flip("a", at), change: "turned off" });
    await store.recordFlip(flip("b", at));
    assert.equal((await store.changes("checkout", "production", 0)).flips.length, 3);
  });

  test(`${name}: a register never written has version 0, and then holds what was written last`, async () => {
    const store = await fresh();
    assert.deepEqual(await store.register("switch"), { version: 0 });
    const stop = { stopped: true, at, by: "ann", why: "a “drill” \u2028 🚲" };
    await store.setRegister("switch", 0, stop);
    assert.deepEqual(await store.register("switch"), { version: 1, value: stop });
    await store.setRegister("switch", 1, { ...stop, stopped: false });
    assert.deepEqual(await store.register("switch"), { version: 2, value: { ...stop, stopped: false } });
    assert.deepEqual(await store.register("actions"), { version: 0 });
    assert.deepEqual(await store.list(), []);
  });

  test(`${name}: a register written on another version than the stored one is a conflict and changes nothing`, async () => {
    const store = await fresh();
    const stop = (by: string) => ({ stopped: true, at, by, why: "" });
    await store.setRegister("switch", 0, stop("ann"));
    for (const version of [0, 2])
      await assert.rejects(store.setRegister("switch", version, stop("bob")), ConflictError);
    const results = await Promise.allSettled(
      ["cy", "di"].map((by) => store.setRegister("switch", 1, stop(by))),
    );
    assert.deepEqual(results.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    assert.equal((await store.register("switch")).version, 2);
  });

  test(`${name}: a store that can take writes is ready`, async () => {
    const store = await fresh();
    await store.ready();
    assert.deepEqual(await store.list(), []);
  });
};
