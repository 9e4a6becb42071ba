import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "../../shared/config.ts";
import { incidentId } from "../../shared/incident/model.ts";
import { doors } from "../support/doors.ts";
import { alert, sha } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { service, type World, world } from "../support/world.ts";

const hold = { labels: ["node", "zone"], services: 3, withinMs: 60_000 };
const names = ["a", "b", "c", "d"];
const idOf = (name: string) => incidentId(name, "production");
const file = (over: Partial<Config> = {}): Config => ({
  ...{ services: names.map((name) => service({ name, repository: `acme/${name}` })), hold },
  ...over,
});

const start = (config = file()): World => {
  const made = world();
  made.configure(config);
  return made;
};
const fire = async (made: World, name: string, labels: Record<string, string>, startsAt = 10_000) => {
  const alerts = [alert({ fingerprint: `f-${name}`, startsAt, labels: { service: name, ...labels } })];
  await made.process.handle(idOf(name), {
    type: "RecordAlerts",
    at: made.state.now,
    alerts,
    truncated: false,
  });
};
const settleAll = async (made: World) => {
  for (const name of names) await made.settle(idOf(name));
};
const heldOf = async (made: World, name: string) => {
  const { incident } = await made.store.load(idOf(name));
  return "held" in incident ? incident.held : undefined;
};
const statusOf = async (made: World, name: string) => (await made.store.load(idOf(name))).incident.status;

test("services that share a node are held for it: one message, no revert, and each says which cause it waits for", async () => {
  const made = start();
  for (const name of ["a", "b", "c"]) await fire(made, name, { node: "n1" });
  await settleAll(made);
  assert.equal(made.state.opened, 0);
  assert.equal(made.state.posted, 1);
  const [message] = [...made.state.messages.values()];
  assert.equal(message?.headline, "a in production: waits for one cause of many services");
  assert.match(
    message?.lines[0]?.text ?? "",
    /^3 services \(a, b, c\) share node=n1 and broke within 60 s: no change/,
  );
  assert.equal(message?.buttons, undefined);
  assert.match(
    (await heldOf(made, "b"))?.detail ?? "",
    /it waits for that cause, of which a\/production tells$/,
  );
});

test("two services, other nodes, or alerts too far apart share no cause", async () => {
  const runs: [string, string, number][][] = [
    [
      ["a", "n1", 10_000],
      ["b", "n1", 10_000],
    ],
    [
      ["a", "n1", 10_000],
      ["b", "n2", 10_000],
      ["c", "n3", 10_000],
    ],
    [
      ["a", "n1", 10_000],
      ["b", "n1", 10_000],
      ["c", "n1", 71_000],
    ],
  ];
  for (const run of runs) {
    const made = start();
    made.state.now = 80_000;
    for (const [name, node, at] of run) await fire(made, name, { node }, at);
    await settleAll(made);
    assert.deepEqual(
      await Promise.all(run.map(([name]) => heldOf(made, name))),
      run.map(() => undefined),
    );
  }
});

test("a service elsewhere is asked about while the others are held", async () => {
  const made = start();
  for (const name of ["a", "b", "c"]) await fire(made, name, { node: "n1" });
  await fire(made, "d", { node: "n9" });
  await settleAll(made);
  assert.equal(await statusOf(made, "d"), "proposed");
  assert.equal(made.state.opened, 1);
});

test("every service at once is one cause, whatever their labels", async () => {
  const made = start();
  for (const name of names) await fire(made, name, {});
  await settleAll(made);
  assert.match((await heldOf(made, "d"))?.detail ?? "", /share every service/);
  assert.equal(made.state.opened, 0);
});

test("a question that was open before the cause showed is put back, and an approval of it merges nothing", async () => {
  const made = start();
  await fire(made, "a", { node: "n1" });
  await made.settle(idOf("a"));
  const question = { incident: idOf("a"), round: 1, head: sha("d"), nonce: "nonce" };
  await doors(made).interact(click("approve", "UANN", question));
  assert.equal(await statusOf(made, "a"), "approved");
  for (const name of ["b", "c"]) await fire(made, name, { node: "n1" });
  await settleAll(made);
  assert.equal(await statusOf(made, "a"), "proposed");
  assert.equal(made.state.merges, 0);
  await doors(made).interact(click("approve", "UANN", question));
  assert.match(made.state.whispers.at(-1) ?? "", /share node=n1/);
});

test("one that comes later joins the cause, and the leader tells again once it has doubled", async () => {
  const made = start(file({ hold: { ...hold, services: 2 } }));
  for (const name of ["a", "b"]) await fire(made, name, { zone: "z" });
  await settleAll(made);
  made.state.now = 900_000;
  for (const name of ["c", "d"]) await fire(made, name, { zone: "z" }, 800_000);
  await settleAll(made);
  await settleAll(made);
  assert.match((await heldOf(made, "c"))?.detail ?? "", /of which a\/production tells/);
  assert.match((await heldOf(made, "a"))?.detail ?? "", /^4 services/);
  assert.equal(made.state.posted, 1);
});

test("when fewer services are in trouble the others go on, and a person releases one before", async () => {
  const made = start();
  for (const name of ["a", "b", "c"]) await fire(made, name, { node: "n1" });
  await settleAll(made);
  await doors(made).interact(click("retry", "UANN", { incident: idOf("b"), round: 1, head: "" }));
  await made.settle(idOf("b"));
  assert.equal(await statusOf(made, "b"), "proposed");
  assert.equal(await statusOf(made, "a"), "opened");
  const ended = [
    alert({
      fingerprint: "f-c",
      status: "resolved",
      endsAt: made.state.now,
      labels: { service: "c", node: "n1" },
    }),
  ];
  await made.process.handle(idOf("c"), {
    type: "RecordAlerts",
    at: made.state.now,
    alerts: ended,
    truncated: false,
  });
  await settleAll(made);
  assert.equal(await heldOf(made, "a"), undefined);
  assert.notEqual(await statusOf(made, "a"), "opened");
});
