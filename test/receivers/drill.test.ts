import assert from "node:assert/strict";
import { test } from "node:test";
import { complete } from "../../functions/diagnose/complete.ts";
import { changeDrill } from "../../functions/drill/record.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";
import type { In } from "../../shared/incident/model.ts";
import { doors } from "../support/doors.ts";
import { alert, id } from "../support/incident.ts";
import { click, webhook } from "../support/payloads.ts";
import { world } from "../support/world.ts";

const mark = { countersteer_drill: "ab12" };
const outcomes = async (response: Response) =>
  ((await response.json()) as { receipts: { outcome: string }[] }).receipts.map(({ outcome }) => outcome);
const begun = async () => {
  const at = doors();
  assert.equal((await at.operate("/drills", { id: "ab12" })).status, 201);
  const noted = async () => (await at.operate("/drills/ab12")).json();
  return { ...at, noted };
};

test("an alert that either mark of a drill is on opens nothing, and the others of its group do", async () => {
  const { notify, made } = await begun();
  const marked = [
    { labels: { environment: "production", ...mark }, fingerprint: "a1" },
    { labels: { environment: "production", alertname: "CountersteerDrill" }, fingerprint: "a2" },
  ];
  assert.deepEqual(await outcomes(await notify(webhook(marked))), ["drill", "drill"]);
  assert.equal((await made.store.load(id)).version, 0);
  assert.deepEqual(await made.store.list(), []);
  const real = { labels: { environment: "production" }, fingerprint: "a3" };
  assert.deepEqual(await outcomes(await notify(webhook([...marked, real]))), ["drill", "drill", "opened"]);
  const { incident } = await made.store.load(id);
  assert.deepEqual(
    incident.alerts.map(({ fingerprint }) => fingerprint),
    ["a3"],
  );
});

test("the first firing of a drill's alert is noted, and neither a repetition nor its end", async () => {
  const { notify, made, noted } = await begun();
  const began = made.state.now;
  const send = (over: object) => notify(webhook([{ labels: mark, fingerprint: "a1", ...over }]));
  await send({ status: "resolved", endsAt: new Date(began).toISOString() });
  assert.deepEqual(await noted(), { id: "ab12", at: began });
  made.state.now += 5_000;
  await send({});
  made.state.now += 5_000;
  await send({});
  assert.deepEqual(await noted(), { id: "ab12", at: began, arrivedAt: began + 5_000 });
});

test("drills that are begun at once are all noted, and only the latest twenty are kept", async () => {
  const store = memoryStore();
  const begin = (number: number) => {
    const name = `drill${String(number).padStart(2, "0")}`;
    return changeDrill(store, name, (known) => known ?? { id: name, at: number });
  };
  await Promise.all([begin(1), begin(2), begin(3)]);
  const idsIn = async () => ((await store.register("drills")).value ?? []).map(({ at }) => at);
  assert.deepEqual((await idsIn()).toSorted(), [1, 2, 3]);
  for (let number = 4; number <= 23; number++) await begin(number);
  assert.deepEqual(
    await idsIn(),
    Array.from({ length: 20 }, (_, index) => 23 - index),
  );
});

test("an alert of a drill that nobody began here is on the page of what was left alone", async () => {
  const { notify, made } = await begun();
  await notify(webhook([{ labels: { countersteer_drill: "other" }, fingerprint: "a1" }]));
  const { value = [] } = await made.store.register("left");
  assert.deepEqual(
    value.map(({ kind, reason, looked }) => [kind, reason, looked]),
    [["alerts", "drill", { countersteer_drill: "other" }]],
  );
});

test("the first answer to a drill's question is noted, decides nothing, and its person is told", async () => {
  const { interact, made, noted } = await begun();
  const began = made.state.now;
  const question = { incident: "drill:ab12", round: 1, head: "d".repeat(40), nonce: "nonce" };
  for (const [action, user] of [
    ["approve", "UANN"],
    ["reject", "UBEN"],
  ] as const) {
    made.state.now += 1_000;
    assert.equal((await interact(click(action, user, question))).status, 200);
  }
  assert.deepEqual(await noted(), {
    ...{ id: "ab12", at: began, answer: { at: began + 1_000, by: "UANN", does: "approve" } },
  });
  const told = "this is a drill: your answer is noted, and nothing is merged";
  assert.deepEqual(made.state.whispers, [`UANN: ${told}`, `UBEN: ${told}`]);
  await interact(click("approve", "UANN", { ...question, incident: "drill:gone" }));
  assert.equal(made.state.whispers.at(-1), "UANN: this drill is over, or was never begun here");
  assert.deepEqual(await made.store.list(), []);
});

test("only the operator begins a drill or reads it, and an id that is none is refused", async () => {
  const { operate, noted } = await begun();
  assert.equal((await operate("/drills", { id: "ab12" }, "Bearer wrong")).status, 401);
  assert.equal((await operate("/drills/ab12", {}, "Bearer wrong")).status, 401);
  assert.equal((await operate("/drills", { id: "../x" })).status, 400);
  assert.equal((await operate("/drills/none")).status, 404);
  assert.deepEqual(Object.keys((await noted()) as object), ["id", "at"]);
});

test("a drill's alert that Alertmanager lists completes no truncated group", async () => {
  const { work } = world();
  const held = [alert(), alert({ fingerprint: "a2", labels: { ...alert().labels, ...mark } })];
  const activeAlerts = {
    list: async () => held.map((one) => ({ alert: one, silencedBy: [], inhibitedBy: [], mutedBy: [] })),
  };
  const found = await complete({ ...work, activeAlerts }, {
    ...{ alerts: [alert()], truncated: true },
  } as In<"opened">);
  assert.deepEqual(found, [alert()]);
});
