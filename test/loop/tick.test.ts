import assert from "node:assert/strict";
import { test } from "node:test";
import { tick } from "../../functions/tick.ts";
import type { Command } from "../../shared/incident/commands.ts";
import { id } from "../support/incident.ts";
import { burning, world } from "../support/world.ts";

const minute = 60_000;

/** An incident whose first step was delayed, and the instants from then on at which the tick wants a look at it. */
const looks = async (over: Partial<Extract<Command, { type: "Delay" }>>, instants: number[]) => {
  const made = world();
  await made.alerts([burning]);
  const begin = made.state.now;
  const delay = { type: "Delay", round: 1, step: "diagnose", detail: "GitHub is down" } as const;
  await made.handle({ ...delay, at: begin, ...over });
  const onTick = tick({ store: made.store, process: made.process, clock: () => made.state.now });
  const looked: number[] = [];
  for (const instant of instants) {
    made.state.now = begin + instant;
    if ((await onTick()).some(({ incident }) => incident.id === id)) looked.push(instant);
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
  const onTick = tick({ store: made.store, process: made.process, clock: () => made.state.now });
  const statusAt = async (now: number) => {
    made.state.now = now;
    await onTick();
    return (await made.store.load(id)).incident.status;
  };
  assert.equal(await statusAt(20_000 + minute - 1), "opened");
  assert.equal(await statusAt(20_000 + minute), "escalated");
});
