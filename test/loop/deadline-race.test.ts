import assert from "node:assert/strict";
import { test } from "node:test";
import { open, type Stands } from "../../infra/aws/host.ts";
import { ticker } from "../../infra/aws/ticker.ts";
import { createLoop } from "../../infra/local/loop.ts";
import { dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { clientOf, createTable } from "../simulation/dynamodb.ts";
import { id, sha } from "../support/incident.ts";
import { burning, policy, silent, type World, world } from "../support/world.ts";

const settled = () => new Promise((resolve) => void setImmediate(resolve));
const typesOf = async ({ store }: Pick<World, "store">) => (await store.log(id)).map(({ type }) => type);

const approved = async (made: World): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  return made;
};

/** The server's loop, whose ticks come when they are asked for. */
const ticking = (made: World) => {
  const due: (() => void)[] = [];
  const timer = (_: number, work: () => void) => {
    due.push(work);
    return () => {};
  };
  const loop = createLoop({ process: made.process, work: made.work, log: silent, tickMs: 1_000, timer });
  const tick = async (): Promise<void> => {
    due.shift()?.();
    for (let turn = 0; turn < 20; turn++) await settled();
  };
  return { loop, tick };
};

test("on one machine the deadline does not end an incident while its merge is under way, and the merge is recorded", async () => {
  const made = await approved(world());
  const merges: (() => void)[] = [];
  made.work.pulls = {
    ...made.work.pulls,
    merge: () =>
      new Promise((resolve) => {
        merges.push(() => resolve({ result: "merged", sha: sha("f"), by: "countersteer[bot]" }));
      }),
  };
  const { loop, tick } = ticking(made);
  await loop.start();
  for (let turn = 0; merges.length === 0 && turn < 50; turn++) await settled();
  made.state.now += policy.stepMs + 1;
  await tick();
  assert.equal((await made.store.load(id)).incident.status, "approved");
  for (const merge of merges) merge();
  await loop.settled();
  assert.deepEqual((await typesOf(made)).slice(-2), ["RemedyApproved", "RemedyMerged"]);
  await loop.stop();
});

test("on one machine the deadline ends an approved incident that nobody works on", async () => {
  const made = await approved(world());
  made.state.failing.merge = new Error("not yet");
  const { loop, tick } = ticking(made);
  await loop.start();
  await loop.settled();
  made.state.now += policy.stepMs + 1;
  await tick();
  const { incident } = await made.store.load(id);
  assert.equal(incident.status === "escalated" && incident.reason, "overdue");
  await loop.stop();
});

test("on AWS the tick leaves an approved incident alone while a function holds its lease, and ends it afterwards", async () => {
  let made: World | undefined;
  const clock = () => made?.state.now ?? 20_000;
  const table = createTable(() => {}, clock);
  const client = clientOf(table, { call: async (_, __, work) => work() });
  const store = dynamodbStore({ client, table: "countersteer", clock });
  made = await approved(world({ store }));
  const stands = { dynamodb: client, ...made.work } as unknown as Stands;
  const onTick = await open(ticker, {
    ...{ env: { TABLE_NAME: "countersteer" }, loadSecrets: async () => ({}), clock, stands },
    ...{ wait: async () => {}, write: () => {}, config: made.work.configuration() },
  });
  const { version } = await store.load(id);
  const claim = await store.claim(id, { purpose: "work", statuses: ["approved"], version, leaseMs: 90_000 });
  assert.ok(!("refused" in claim));
  made.state.now += policy.stepMs + 1;
  await onTick({} as never);
  assert.equal((await store.load(id)).incident.status, "approved");
  await claim.release();
  await onTick({} as never);
  const { incident } = await store.load(id);
  assert.equal(incident.status === "escalated" && incident.reason, "overdue");
});
