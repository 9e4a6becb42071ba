import assert from "node:assert/strict";
import { test } from "node:test";
import { processOf } from "../../infra/aws/adapters/store.ts";
import { dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { chanceOf } from "../simulation/chance.ts";
import { clientOf, createTable } from "../simulation/dynamodb.ts";
import { createSchedule } from "../simulation/schedule.ts";
import { alert, id, notify } from "../support/incident.ts";
import { service, silent } from "../support/world.ts";

/** So many notifications at once, each with an alert of its own, each in a process of its own; a call of DynamoDB takes 5 to 9 ms. */
const burst = async (count: number, summary: string) => {
  const begin = 1_000_000;
  const schedule = createSchedule(begin);
  const chance = chanceOf(7, "burst");
  const table = createTable(() => {}, schedule.now);
  let writes = 0;
  const send = async <T>(_: string, name: string, work: () => T | Promise<T>): Promise<T> => {
    if (name === "UpdateItemCommand") writes += 1;
    await schedule.sleep(chance.between(3, 7));
    const [done] = await Promise.allSettled([(async () => work())()]);
    await schedule.sleep(2);
    if (done.status === "rejected") throw done.reason;
    return done.value;
  };
  const results: string[] = [];
  let tookMs = 0;
  const end = (result: string): void => {
    results.push(result);
    tookMs = schedule.now() - begin;
  };
  for (let index = 0; index < count; index++) {
    const store = dynamodbStore({
      client: clientOf(table, { call: send }),
      table: "countersteer",
      clock: schedule.now,
    });
    const host = { clock: schedule.now, wait: schedule.sleep, random: chance.next, log: silent };
    const process = processOf({ ...host, config: () => ({ services: [service()] }) }, store);
    const told = notify([alert({ fingerprint: `f${index}`, annotations: { summary } })]);
    process.handle(id, told).then(
      () => end("accepted"),
      (error: Error) => end(error.message),
    );
  }
  await schedule.run(begin + 10_000, () => results.length === count);
  const states = [...table.items.values()].flatMap(
    ({ sk }) => /^piece#(snapshot[^#]*)/.exec(sk?.S ?? "")?.[1] ?? [],
  );
  const stored = await dynamodbStore({
    client: clientOf(table, { call: async (_, __, work) => work() }),
    table: "countersteer",
    clock: schedule.now,
  }).load(id);
  return { results, tookMs, writes, states: new Set(states).size, stored };
};

test("200 notifications at once on one incident are all accepted, within the time of a receiver", async () => {
  const { results, tookMs, writes, stored } = await burst(200, "payments fail");
  assert.deepEqual([...new Set(results)], ["accepted"]);
  assert.equal(results.length, 200);
  assert.ok(tookMs < 8_000, `it took ${tookMs} ms`);
  assert.ok(writes < 1_500, `${writes} conditional writes`);
  // An incident keeps its first 100 alerts.
  assert.equal(stored.incident.alerts.length, 100);
});

test("a burst of large alerts leaves one piece of the incident's state, the one in use", async () => {
  const { results, states, stored } = await burst(30, "x".repeat(20_000));
  assert.deepEqual([results.length, [...new Set(results)]], [30, ["accepted"]]);
  assert.deepEqual([stored.version, states], [30, 1]);
});
