import assert from "node:assert/strict";
import { test } from "node:test";
import { createLoop } from "../../infra/local/loop.ts";
import { doors } from "../support/doors.ts";
import { id, sha } from "../support/incident.ts";
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

test("from the alert to the question an incident is read six times at most, from the approval to the merge four times", async () => {
  const made = world();
  const { process, work, store } = made;
  const loop = createLoop({ process, work, log: silent, tickMs: 86_400_000 });
  const at = doors(made, { wake: loop.wake });
  const told = async () => {
    while ((await store.pending()).length > 0) await new Promise(setImmediate);
  };
  const since = counting(made);

  await at.notify(webhook([{ labels: { environment: "production" } }]));
  await told();
  const question = since();
  assert.equal((await store.load(id)).incident.status, "proposed");
  assert.equal(question.appends, 4);
  assert.ok(question.loads <= 6, `${question.loads} reads`);

  since();
  await at.interact(click("approve", "UANN", { incident: id, round: 1, head: sha("d"), nonce: "nonce" }));
  await told();
  const merge = since();
  assert.equal((await store.load(id)).incident.status, "merged");
  assert.equal(merge.appends, 2);
  assert.ok(merge.loads <= 4, `${merge.loads} reads`);
  await loop.stop();
});
