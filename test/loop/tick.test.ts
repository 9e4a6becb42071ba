import assert from "node:assert/strict";
import { test } from "node:test";
import { tick } from "../../functions/tick.ts";
import type { Command } from "../../shared/incident/commands.ts";
import { id } from "../support/incident.ts";
import { burning, silent, world } from "../support/world.ts";

const minute = 60_000;

/** An incident whose first step was delayed, and the instants from then on at which the tick wants a look at it. */
const looks = async (over: Partial<Extract<Command, { type: "Delay" }>>, instants: number[]) => {
  const made = world();
  await made.alerts([burning]);
  const begin = made.state.now;
  const delay = { type: "Delay", round: 1, step: "diagnose", detail: "GitHub is down" } as const;
  await made.handle({ ...delay, at: begin, ...over });
  const looked: number[] = [];
  const wake: Parameters<typeof tick>[0]["wake"] = (wanted) => {
    if (wanted.looks.some((one) => one.id === id)) looked.push(made.state.now - begin);
  };
  const onTick = tick({ ...made, clock: () => made.state.now, log: silent, wake });
  for (const instant of instants) {
    made.state.now = begin + instant;
    await onTick();
  }
  return looked;
};

test("a system that named a time to wait is left alone until then", async () => {
  const retryAt = 20_000 + 30_000;
  assert.deepEqual(await looks({ retryAt }, [0, 10_000, 29_999, 30_000]), [30_000]);
});

test("a delayed incident is looked at ever less often, half as often as it has waited", async () => {
  const every = Array.from({ length: 17 }, (_, index) => index * 1_000);
  assert.deepEqual(await looks({}, every), [0, 1_000, 2_000, 4_000, 8_000, 16_000]);
});

test("an incident is not ended by a tick before its time, and is by the first after it", async () => {
  const made = world();
  await made.alerts([burning]);
  const onTick = tick({ ...made, clock: () => made.state.now, log: silent, wake: () => {} });
  const statusAt = async (now: number) => {
    made.state.now = now;
    await onTick();
    return (await made.store.load(id)).incident.status;
  };
  assert.equal(await statusAt(20_000 + minute - 1), "opened");
  assert.equal(await statusAt(20_000 + minute), "escalated");
});

test("an incident whose deadline cannot be handled is logged, and the others are ended", async () => {
  const made = world();
  const ids = [id, "fx/production", "mail/production"];
  for (const one of ids)
    await made.process.handle(one, {
      ...{ type: "RecordAlerts", at: made.state.now, alerts: [burning], truncated: false },
    });
  made.state.now += 2 * minute;
  const process: Pick<typeof made.process, "handle" | "policyOf"> = {
    policyOf: made.process.policyOf,
    handle: async (one, ...rest) => {
      if (one === "fx/production") throw new Error("it cannot be read");
      return made.process.handle(one, ...rest);
    },
  };
  const failures: unknown[] = [];
  const log = { ...silent, error: (_: string, fields?: object) => void failures.push(fields) };
  const onTick = tick({ store: made.store, process, clock: () => made.state.now, log, wake: () => {} });
  const { unreadable, overdue } = await onTick();
  assert.deepEqual([unreadable, overdue, failures.length], [1, 1, 1]);
  const statuses = await Promise.all(ids.map(async (one) => (await made.store.load(one)).incident.status));
  assert.deepEqual(statuses, ["escalated", "opened", "escalated"]);
});

test("looks that cannot be asked for fail the tick after the deadlines were handled", async () => {
  const made = world();
  await made.alerts([burning]);
  made.state.now += 2 * minute;
  const wake = async (): Promise<void> => {
    throw new Error("throttled");
  };
  const onTick = tick({ ...made, clock: () => made.state.now, log: silent, wake });
  await assert.rejects(onTick(), /throttled/);
  assert.equal((await made.store.load(id)).incident.status, "escalated");
});

test("an open question waits for webhooks: no tick of its first nine minutes looks at it", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  const begin = made.state.now;
  const looked: number[] = [];
  const wake: Parameters<typeof tick>[0]["wake"] = ({ looks: wanted }) => {
    if (wanted.some((one) => one.id === id)) looked.push((made.state.now - begin) / minute);
  };
  const onTick = tick({ ...made, clock: () => made.state.now, log: silent, wake });
  for (let passed = 0; passed <= 9; passed += 0.5) {
    made.state.now = begin + passed * minute;
    await onTick();
  }
  assert.deepEqual(looked, []);
});
