import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert } from "../../shared/incident/model.ts";
import type { ActiveAlert } from "../../shared/ports/active-alerts.ts";
import { sha } from "../support/incident.ts";
import { burning, type World, world } from "../support/world.ts";

const rule = (expr: string) => ({
  ...{ expr, labels: {}, forMs: 0, keepFiringMs: 0, everyMs: 60_000, active: [] },
});

/** Merged and live, while the alert's expression is still true. */
const live = async (made: World): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  made.state.now += 1_000;
  await made.deploy(sha("f"));
  await made.settle();
  made.state.reading = { result: "firing", at: made.state.now };
  return made;
};
const end = async (made: World): Promise<unknown[]> => {
  made.state.now += 6_000;
  await made.settle();
  const now = (await made.store.load("payment-gateway/production")).incident;
  made.state.now = ("due" in now ? now.due : made.state.now) + 1;
  await made.handle({ type: "Expire", at: made.state.now });
  const ended = (await made.store.load("payment-gateway/production")).incident;
  return [ended.status, "verdict" in ended ? ended.verdict : undefined];
};

test("the rule is stored with the diagnosis, and later rules do not change the question", async () => {
  const made = await live(world());
  const { incident } = await made.store.load("payment-gateway/production");
  assert.deepEqual(
    incident.questions?.map(({ alert, rules }) => [alert, rules.map(({ expr }) => expr)]),
    [[burning.name, ["payments_failing > 0"]]],
  );
  made.work.metrics.rules = async () => [rule("payments_failing > 1000")];
  assert.deepEqual(await end(made), ["escalated", "rule_changed"]);
});

test("a rule that is gone is told as that, and an alert that goes on as that", async () => {
  const gone = await live(world());
  gone.work.metrics.rules = async () => [];
  assert.deepEqual(await end(gone), ["escalated", "rule_gone"]);
  assert.deepEqual(await end(await live(world())), ["escalated", "still_firing"]);
});

const held = (alert: Alert, over: Partial<ActiveAlert>): ActiveAlert => ({
  ...{ alert, silencedBy: [], inhibitedBy: [] },
  ...over,
});

test("an alert that a silence or another alert hides is not over", async () => {
  const hidden: [Partial<ActiveAlert>, string][] = [
    [{ silencedBy: ["ann: known"] }, "silenced"],
    [{ inhibitedBy: ["f9"] }, "inhibited"],
  ];
  for (const [over, verdict] of hidden) {
    const made = world();
    made.work.activeAlerts = { list: async () => [held(burning, over)] };
    assert.deepEqual(await end(await live(made)), ["escalated", verdict]);
  }
});

test("a truncated notification is completed from Alertmanager that holds its alerts, and from no other", async () => {
  const other = { ...burning, fingerprint: "ffff", name: "Another", labels: { ...burning.labels, pod: "b" } };
  for (const [alerts, truncated] of [
    [[burning, other], false],
    [[other], true],
  ] as const) {
    const made = world();
    made.work.activeAlerts = { list: async () => alerts.map((alert) => held(alert, {})) };
    await made.alerts([burning], true);
    await made.settle();
    const { incident } = await made.store.load("payment-gateway/production");
    assert.deepEqual(
      ["truncated" in incident && incident.truncated, incident.alerts.length],
      [truncated, truncated ? 1 : 2],
    );
  }
});
