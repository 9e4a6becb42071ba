import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../shared/adapters/memory.ts";
import { ConflictError } from "../../shared/errors.ts";
import type { Store } from "../../shared/ports/store.ts";
import { createProcess, type Step } from "../../shared/process.ts";
import { alert, id, notify, opened, policy } from "../support/incident.ts";
import { silent } from "../support/world.ts";

/** A process over a store whose conflicts are counted. */
const counting = () => {
  const inner = memoryStore();
  const conflicts: unknown[] = [];
  const store: Store = {
    ...inner,
    append: (...args) =>
      inner.append(...args).catch((error: unknown) => {
        conflicts.push(error);
        throw error;
      }),
  };
  const process = createProcess({ store, clock: () => 30, log: silent, policyOf: () => policy });
  return { store, process, conflicts };
};
const more = (index: number) => notify([alert({ fingerprint: `f${index}`, startsAt: 10 + index })]);

test("commands of one incident that come at once wait for each other, and none conflicts", async () => {
  const { store, process, conflicts } = counting();
  await Promise.all(Array.from({ length: 50 }, (_, index) => process.handle(id, more(index))));
  assert.deepEqual(conflicts, []);
  const { incident, version } = await store.load(id);
  assert.deepEqual([version, incident.alerts.length], [50, 50]);
});

test("a decision on what was read too early is taken again on what is stored", async () => {
  const { store, process, conflicts } = counting();
  const early = await store.load(id);
  await process.handle(id, more(0));
  const { version, incident } = await process.handle(id, more(1), early);
  assert.deepEqual([version, incident.alerts.length], [2, 2]);
  assert.ok(conflicts.length === 1 && conflicts[0] instanceof ConflictError);
});

test("a step does nothing for an incident in a status that it does not serve", async () => {
  const { store, process } = counting();
  await process.handle(id, notify([alert()]));
  let runs = 0;
  const step: Step<"approved"> = {
    ...{ name: "merge", statuses: ["approved"] },
    work: async () => {
      runs += 1;
      return { type: "Escalate", reason: "refused", detail: "" };
    },
  };
  assert.equal(await process.run(step, await store.load(id)), undefined);
  assert.equal(runs, 0);
  assert.deepEqual(
    (await store.log(id)).map(({ type }) => type),
    [opened().type],
  );
});
