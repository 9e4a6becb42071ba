import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { alert, id, resolved, sha } from "../support/incident.ts";
import { burning, type World, world } from "../support/world.ts";

/** Two alerts of one trouble, each with a rule of its own; `firing` are the alerts whose expressions are true now. */
const slow = { fingerprint: "f2", name: "PaymentsSlow", startsAt: 10_500 };
const exprOf: Record<string, string> = {
  PaymentErrorsHigh: "payments_failing > 0",
  PaymentsSlow: "latency > 2",
};

const two = (): { made: World; firing: Set<string> } => {
  const made = world();
  const firing = new Set(Object.keys(exprOf));
  made.work.metrics = {
    ...made.work.metrics,
    rules: async (_, name) => [
      { labels: {}, forMs: 0, keepFiringMs: 0, everyMs: 60_000, expr: exprOf[name] ?? "", active: [] },
    ],
    range: async (_, query, grid) => {
      const name = Object.keys(exprOf).find((one) => exprOf[one] === query);
      if (name !== undefined && !firing.has(name)) return [];
      const instants = Array.from({ length: grid.count }, (_, index) => grid.start + index * grid.stepMs);
      return [{ labels: {}, points: instants.map((at): [number, number] => [at, 1]) }];
    },
  };
  return { made, firing };
};
const live = async (made: World): Promise<void> => {
  await made.alerts([burning, alert(slow)]);
  await made.settle();
  await made.approve();
  await made.settle();
  made.state.now = 30_000;
  await made.deploy();
  await made.settle();
};
const statusAt = async (made: World, now: number): Promise<string> => {
  made.state.now = now;
  return (await made.settle()).status;
};

for (const [quiet, other] of [
  ["PaymentErrorsHigh", "PaymentsSlow"],
  ["PaymentsSlow", "PaymentErrorsHigh"],
] as const)
  test(`the fix is not verified while ${other} fires, although ${quiet} is quiet`, async () => {
    const { made, firing } = two();
    await live(made);
    firing.delete(quiet);
    assert.equal(await statusAt(made, 40_000), "deployed");
    firing.delete(other);
    assert.equal(await statusAt(made, 50_000), "closed");
  });

test("an alert that is told while the recovery is read is judged before anything is verified", async () => {
  const { made, firing } = two();
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  made.state.now = 30_000;
  await made.deploy();
  await made.settle();
  firing.delete("PaymentErrorsHigh");
  made.state.now = 40_000;
  const { range } = made.work.metrics;
  let isTold = false;
  made.work.metrics.range = async (...asked) => {
    if (!isTold) {
      isTold = true;
      await made.alerts([alert(slow)]);
    }
    return range(...asked);
  };
  assert.equal((await made.settle()).status, "deployed");
  firing.delete("PaymentsSlow");
  assert.equal(await statusAt(made, 50_000), "closed");
  assert.equal((await made.store.load(id)).incident.round, 1);
});

test("an alert that resolved meanwhile is asked about as well: its expression may still be true", async () => {
  const { made, firing } = two();
  await live(made);
  await made.alerts([resolved({ ...slow, endsAt: 31_000 })]);
  firing.delete("PaymentErrorsHigh");
  assert.equal(await statusAt(made, 40_000), "deployed");
  firing.delete("PaymentsSlow");
  assert.equal(await statusAt(made, 50_000), "closed");
});

test("a trouble whose alerts all resolved has recovered only when the expression of each is quiet", async () => {
  for (const other of Object.keys(exprOf)) {
    const { made, firing } = two();
    await made.alerts([burning, alert(slow)]);
    await made.settle();
    const ends = { startsAt: 10_000, endsAt: 39_000 };
    await made.alerts([resolved(ends), resolved({ ...slow, endsAt: 39_000 })]);
    firing.clear();
    firing.add(other);
    assert.equal(await statusAt(made, 50_000), "proposed", other);
    firing.clear();
    assert.equal(await statusAt(made, 70_000), "closed", other);
    assert.equal((await made.store.load(id)).incident.round, 1);
  }
});

test("a fix that a later deploy does not hold is not verified: it is waited for again", async () => {
  const { made, firing } = two();
  await live(made);
  firing.clear();
  made.state.now = 31_000;
  await made.deploy(sha("b"));
  assert.equal(await statusAt(made, 45_000), "merged");
});

const firesAnew: Record<string, { alert: typeof burning; other: string }> = {
  PaymentErrorsHigh: { alert: burning, other: "PaymentsSlow" },
  PaymentsSlow: { alert: alert(slow), other: "PaymentErrorsHigh" },
};
for (const [name, { alert: first, other }] of Object.entries(firesAnew))
  test(`${name} that resolves for want of data and fires anew after the fix is still judged by it`, async () => {
    const { made, firing } = two();
    await live(made);
    firing.delete(other);
    await made.alerts([resolved({ ...first, status: "resolved", endsAt: 31_000 })]);
    made.state.now = 33_000;
    await made.alerts([{ ...first, startsAt: 32_000 }]);
    assert.equal(await statusAt(made, 40_000), "deployed");
    const { incident } = await made.store.load(id);
    assert.match(incident.status === "deployed" ? (incident.delay?.detail ?? "") : "", new RegExp(name));
    firing.delete(name);
    assert.equal(await statusAt(made, 50_000), "closed");
    assert.equal((await made.store.load(id)).incident.round, 1);
  });

test("the only alert that fires anew after the fix leaves nothing verified", async () => {
  const { made, firing } = two();
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  made.state.now = 30_000;
  await made.deploy();
  await made.settle();
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: 31_000 })]);
  made.state.now = 33_000;
  await made.alerts([{ ...burning, startsAt: 32_000 }]);
  assert.equal(await statusAt(made, 40_000), "deployed");
  firing.clear();
  assert.equal(await statusAt(made, 50_000), "closed");
  assert.equal((await made.store.load(id)).incident.round, 1);
});

test("a trouble whose alerts all resolved is asked about by each, also by one that was not asked about before", async () => {
  const { made, firing } = two();
  const { rules } = made.work.metrics;
  const down = new UpstreamError("prometheus", "rules: 503", { retryable: true });
  made.work.metrics.rules = async (service, name) => {
    if (name === slow.name) throw down;
    return rules(service, name);
  };
  await made.alerts([burning, alert(slow)]);
  await made.settle();
  await made.alerts([resolved({ endsAt: 39_000 }), resolved({ ...slow, endsAt: 39_000 })]);
  made.work.metrics.rules = rules;
  firing.delete("PaymentErrorsHigh");
  assert.equal(await statusAt(made, 50_000), "proposed");
  firing.clear();
  assert.equal(await statusAt(made, 70_000), "closed");
});

test("an incident of which no alert is left to judge by is inconclusive", async () => {
  const { made, firing } = two();
  await live(made);
  firing.clear();
  const { incident, version } = await made.store.load(id);
  await made.store.append(id, version, { ...incident, alerts: [] }, []);
  made.state.now = 40_000;
  const left = await made.settle();
  assert.equal(left.status === "deployed" && left.delay?.verdict, "telemetry_gone");
});

test("a machine that is gone is missed only where no new one came since the onset, also before the deploy was reported", async () => {
  for (const [came, found] of [
    [30_000, "verified"],
    [undefined, "telemetry_gone"],
  ] as const) {
    const made = world();
    const instance = "10.0.0.1:80";
    const { range } = made.work.metrics;
    made.work.metrics.range = async (service, query, grid) => {
      if (!query.startsWith("count by (instance)")) return range(service, query, grid);
      const now = grid.start + (grid.count - 1) * grid.stepMs;
      const others = ["10.0.0.2:80", ...(came !== undefined && now >= came ? ["10.0.0.3:80"] : [])];
      const running = now < 60_000 ? [instance, ...others] : others;
      return running.map((one) => ({ labels: { instance: one }, points: [[now, 1]] }));
    };
    await made.alerts([{ ...burning, labels: { ...burning.labels, instance } }]);
    await made.bringLive(60_000);
    made.state.now = 80_000;
    const over = await made.settle();
    const finding = over.status === "closed" ? over.outcome : "delay" in over && over.delay?.verdict;
    assert.equal(finding, found);
  }
});
