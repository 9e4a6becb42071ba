import assert from "node:assert/strict";
import { test } from "node:test";
import { createLoop } from "../../infra/local/loop.ts";
import type { TableCall } from "../support/aws-calls.ts";
import { doors } from "../support/doors.ts";
import { id, sha } from "../support/incident.ts";
import { awsHost } from "../support/loop-hosts.ts";
import { click, webhook } from "../support/payloads.ts";
import { silent, type World, world } from "../support/world.ts";

/** Counts the reads and the writes of the world's store since the last look. */
const counting = ({ store }: World) => {
  const { load, append } = store;
  let counts = { loads: 0, appends: 0 };
  store.load = (one) => {
    counts.loads += 1;
    return load(one);
  };
  store.append = (...written) => {
    counts.appends += 1;
    return append(...written);
  };
  return () => {
    const counted = counts;
    counts = { loads: 0, appends: 0 };
    return counted;
  };
};

const alertOf = webhook([{ labels: { environment: "production" } }]);
const approval = (nonce = "nonce") =>
  click("approve", "UANN", { incident: id, round: 1, head: sha("d"), nonce });

test("on one machine, from the alert to the question an incident is read six times at most, from the approval to the merge four times", async () => {
  const made = world();
  const { process, work, store } = made;
  const loop = createLoop({ process, work, log: silent, tickMs: 86_400_000 });
  const at = doors(made, { wake: loop.wake });
  const told = async () => {
    while ((await store.pending()).length > 0) await new Promise(setImmediate);
  };
  const since = counting(made);

  await at.notify(alertOf);
  await told();
  const question = since();
  assert.equal((await store.load(id)).incident.status, "proposed");
  assert.equal(question.appends, 4);
  assert.ok(question.loads <= 6, `${question.loads} reads`);

  since();
  await at.interact(approval());
  await told();
  const merge = since();
  assert.equal((await store.load(id)).incident.status, "merged");
  assert.equal(merge.appends, 2);
  assert.ok(merge.loads <= 4, `${merge.loads} reads`);
  await loop.stop();
});

/** The calls about the incident's own item: those on the way to the outcome, and those of who announces it beside that. */
const countOf = (calls: readonly TableCall[], operation: string) => {
  const made = calls.filter((call) => call.operation === operation && call.of === "incident");
  const by = made.map(({ caller }) => caller).filter((caller) => caller !== "the test");
  const told = by.filter((caller) => caller === "announce").length;
  return { way: by.length - told, told };
};

test("on AWS too, and every write is announced with two reads at most", async (t) => {
  const host = await awsHost();
  t.after(host.stop);
  const made = await host.world();
  const at = doors(made, { send: host.receive });

  await at.notify(alertOf);
  await host.flow();
  const asking = host.calls().slice();
  assert.equal((await made.store.load(id)).incident.status, "proposed");
  const question = countOf(asking, "GetItem");
  assert.equal(countOf(asking, "UpdateItem").way, 4);
  assert.ok(question.way <= 6, `${question.way} reads`);
  // A claim reads once, and once more after the lease is given back: for news that met the lease meanwhile.
  assert.ok(question.told <= 8, `${question.told} reads of the announcer`);

  const [message] = made.state.messages.values();
  await at.interact(approval(message?.buttons?.nonce));
  await host.flow();
  const merging = host.calls().slice(asking.length);
  assert.equal((await made.store.load(id)).incident.status, "merged");
  const merge = countOf(merging, "GetItem");
  assert.equal(countOf(merging, "UpdateItem").way, 2);
  assert.ok(merge.way <= 4, `${merge.way} reads`);
  assert.ok(merge.told <= 4, `${merge.told} reads of the announcer`);
});
