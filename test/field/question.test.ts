import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert } from "../../shared/incident/model.ts";
import type { ActiveAlert } from "../../shared/ports/active-alerts.ts";
import { id, sha } from "../support/incident.ts";
import { burning, service, type World, world } from "../support/world.ts";

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

test("a notification that shows known alerts and leaves others out is truncated, once, until they are known", async () => {
  const made = world();
  await made.alerts([burning]);
  for (let repeat = 0; repeat < 3; repeat++) await made.alerts([burning], true);
  const { incident } = await made.store.load(id);
  assert.equal("truncated" in incident && incident.truncated, true);
  const facts = (await made.store.log(id)).map(({ type }) => type);
  assert.deepEqual(facts, ["IncidentOpened", "AlertsJoined"]);
  made.work.activeAlerts = { list: async () => [{ alert: burning, silencedBy: [], inhibitedBy: [] }] };
  const known = await made.settle();
  assert.equal("truncated" in known && known.truncated, false);
});

test("an Alertmanager of another cluster hides nothing, and the thread says so", async () => {
  const foreign = held({ ...burning, fingerprint: "ffff" }, { silencedBy: ["bob: their maintenance"] });
  for (const list of [[], [foreign]]) {
    const made = world();
    made.work.activeAlerts = { list: async () => list };
    await live(made);
    assert.match(
      [...made.state.replies.values()].join("\n"),
      /so it is another one: silences and inhibitions are not seen/,
    );
    assert.deepEqual(await end(made), ["escalated", "still_firing"]);
  }
});

test("a silence of a pod that came with the fix hides it", async () => {
  const made = world();
  const next = held({ ...burning, fingerprint: "ffff" }, { silencedBy: ["bob: quiet please"] });
  made.work.activeAlerts = { list: async () => [held(burning, {})] };
  await live(made);
  await made.alerts([{ ...burning, status: "resolved", endsAt: made.state.now }]);
  made.work.activeAlerts = { list: async () => [next] };
  assert.deepEqual(await end(made), ["escalated", "silenced"]);
});

/** The notes of the first message about an alert with this rule. */
const notesOn = async (expr: string): Promise<string> => {
  const made = world();
  made.work.metrics.rules = async () => [rule(expr)];
  await made.alerts([burning]);
  await made.settle();
  const [message] = made.state.messages.values();
  return message?.lines.find(({ label }) => label === "Note")?.text ?? "";
};

test("the first message says that an alert can never be verified, and why", async () => {
  const known = await notesOn("vector(1)");
  assert.match(known, /^\S+ can never be verified: no selector in its expression .*; set verify\.data$/m);
});

test("the first message says of a rule about growth that a plateau does not verify it", async () => {
  const growth = /^\S+ can be verified only once its value is back .*, so set verify\.expr$/m;
  assert.match(await notesOn("deriv(queue_length[10m]) > 5"), growth);
  assert.doesNotMatch(await notesOn("increase(errors_total[10m]) > 5"), growth);
});

const minute = 60_000;
const openedAt = 20_000;

test("a rule that looks back is waited for, but not longer than the deadline allows", async () => {
  for (const [deadlineMs, waitMs] of [
    [0, 60 * minute + 10_000],
    [45 * minute, 45 * minute - 1_000],
  ] as const) {
    const made = world({ configured: service({ policy: { ...service().policy, deadlineMs } }) });
    made.work.metrics.rules = async () => [rule("increase(payments_failing[1h]) > 0")];
    const deployedAt = openedAt + 1_000;
    const { state } = await live(made);
    assert.equal(state.now, deployedAt);
    const { incident } = await made.store.load("payment-gateway/production");
    assert.equal(incident.status === "deployed" && incident.due - deployedAt, waitMs);
  }
});

test("an alert that keeps firing for a time is verified after as long a quiet", async () => {
  const made = world();
  made.work.metrics.rules = async () => [{ ...rule("payments_failing > 0"), keepFiringMs: minute }];
  await live(made);
  made.state.reading = { result: "quiet", since: made.state.now };
  made.state.now += 30_000;
  assert.equal((await made.settle()).status, "deployed");
  made.state.now += 31_000;
  const over = await made.settle();
  assert.equal(over.status === "closed" && over.outcome, "verified");
});

/** A leak: it climbs by `pace` a minute from the last restart on, and the alert compares it with 90. */
const leaking = async (pace: number) => {
  const made = world();
  const hour = 60 * minute;
  made.state.now = 48 * hour;
  const firing = { ...burning, startsAt: made.state.now - minute };
  const deployedAt = made.state.now + 1_000;
  made.work.metrics.rules = async () => [rule("memory > 90")];
  made.work.metrics.range = async (_, query, { start, stepMs, count }) => {
    const restartedAt = (at: number) => (at < deployedAt ? firing.startsAt - 3 * hour : deployedAt);
    const points = Array.from({ length: count }, (_, index) => start + index * stepMs)
      .map((at): [number, number] => [at, ((at - restartedAt(at)) / minute) * (at < deployedAt ? 0.5 : pace)])
      .filter(([at, value]) => at >= restartedAt(at) && (!query.includes(">") || value > 90));
    return points.length === 0 ? [] : [{ labels: {}, points }];
  };
  await made.alerts([firing]);
  await made.settle();
  await made.approve();
  await made.settle();
  made.state.now = deployedAt;
  await made.deploy(sha("f"));
  await made.settle();
  made.state.now += 10 * minute;
  await made.settle();
  return made;
};

test("a leak that climbs as before is not over: the verdict says how long it took to hurt, and looks again then", async () => {
  const made = await leaking(0.5);
  const { incident } = await made.store.load("payment-gateway/production");
  assert.equal(incident.status, "deployed");
  const delay = incident.status === "deployed" ? incident.delay : undefined;
  assert.match(
    delay?.detail ?? "",
    /is quiet so far; it took 3 h to hurt last time, and its value climbs as before: looked at again at/,
  );
  assert.equal(delay?.verdict, "still_firing");
});

test("a value that climbs much slower than before is over", async () => {
  const { store } = await leaking(0.01);
  const { incident } = await store.load("payment-gateway/production");
  assert.equal(incident.status === "closed" && incident.outcome, "verified");
});
