import assert from "node:assert/strict";
import { test } from "node:test";
import type { Incident } from "../../shared/incident/model.ts";
import { isSameFinding } from "../../shared/policy/recovery/figures.ts";
import type { Grid, Series } from "../../shared/ports/metrics.ts";
import { id, sha } from "../support/incident.ts";
import { burning, policy, service, type World, world } from "../support/world.ts";

const minute = 60_000;
type Course = (at: number) => number;

/** A revert that is live from minute 2 on; each alert's value over time. `rules`: alert → [query, comparison]. */
const live = async (rules: Record<string, [string, string, Course]>): Promise<World> => {
  const made = world({ configured: service({ environments: ["production", "eu"] }) });
  const plain = { labels: {}, forMs: 0, keepFiringMs: 0, everyMs: minute, active: [] };
  made.work.metrics.rules = async (_, name) =>
    Object.entries(rules).flatMap(([alert, [query, compared]]) =>
      alert === name ? [{ ...plain, expr: `${query} ${compared}` }] : [],
    );
  made.work.metrics.range = async (_, query, grid) => seriesOf(rules, query, grid);
  const names = Object.keys(rules);
  await made.alerts(names.map((name, index) => ({ ...burning, name, fingerprint: `a${index}` })));
  await made.bringLive(2 * minute);
  return made;
};

const seriesOf = (
  rules: Record<string, [string, string, Course]>,
  asked: string,
  { start, stepMs, count }: Grid,
): Series[] => {
  const instants = Array.from({ length: count }, (_, index) => start + index * stepMs);
  const found = Object.values(rules).find(([query]) => asked.includes(query));
  if (found === undefined || asked.startsWith("count"))
    return [{ labels: {}, points: instants.map((at) => [at, 1]) }];
  const [query, compared, course] = found;
  const bound = Number(/[\d.]+$/.exec(compared)?.[0]);
  const isTrue = (value: number): boolean => (compared.startsWith(">") ? value > bound : value < bound);
  const points = instants.map((at): [number, number] => [at, course(at)]);
  const kept = asked === query ? points : points.filter(([, value]) => isTrue(value));
  return kept.length === 0 ? [] : [{ labels: {}, points: kept }];
};

const step =
  (before: number, after: number, at = 2 * minute): Course =>
  (now) =>
    now < at ? before : after;
const waiting = (incident: Incident): string | undefined =>
  "delay" in incident ? incident.delay?.detail : undefined;
const ratio = "errors_total / requests_total";

/** A remedy that made it better is never put back. */
for (const [query, compared, course, told] of [
  [ratio, "> 0.05", step(0.3, 0.08), "30 % → 8 %, threshold 5 %, better but not over"],
  [ratio, "> 0.05", step(0.3, 0.31), "30 % → 31 %, threshold 5 %, as before"],
  [ratio, "> 0.05", step(0.3, 0.6), "30 % → 60 %, threshold 5 %, worse than before"],
  ["queue_length", "> 100", step(4000, 900), "4000 → 900, threshold 100, better but not over"],
  ['queue_length{route="/pay"}', "> 100", step(4000, 900), "4000 → 900, threshold 100, better but not over"],
  ["up_sum", "< 3", step(1, 2), "1 → 2, threshold 3, better but not over"],
] as const)
  test(`an alert that still fires is told with its values: ${told}`, async () => {
    const made = await live({ PaymentErrorsHigh: [query, compared, course] });
    made.state.now = 3 * minute;
    assert.equal(waiting(await made.settle()), `PaymentErrorsHigh ${told}`);
    made.state.now = 2 * minute + policy.verifyMs - minute;
    const late = await made.settle();
    if (!told.endsWith("better but not over")) {
      const [vain] = (await made.store.log(id)).filter((event) => event.type === "RemedyIneffective");
      assert.equal(vain?.detail, `PaymentErrorsHigh still fires 9 min after the revert went live; ${told}`);
      return;
    }
    assert.equal(late.status, "deployed");
    made.state.now += 2 * minute;
    await made.handle({ type: "Expire", at: made.state.now });
    const ended = await made.settle();
    assert.equal(
      ended.status === "escalated" && ended.detail,
      `the trouble was not seen to be over in time; PaymentErrorsHigh ${told}`,
    );
  });

test("of two alerts the one that still fires is told with its values", async () => {
  const made = await live({ A: [ratio, "> 0.05", step(0.3, 0.01)], B: ["queue", "> 100", step(400, 300)] });
  made.state.now = 3 * minute;
  assert.equal(
    waiting(await made.settle()),
    "1 of 2 alerts still fires: B; B 400 → 300, threshold 100, better but not over",
  );
});

test("a verdict has the values before and after", async () => {
  const made = await live({ PaymentErrorsHigh: [ratio, "> 0.05", step(0.3, 0.002)] });
  made.state.now = 3 * minute;
  const ended = await made.settle();
  assert.equal(
    ended.status === "closed" && ended.detail,
    "PaymentErrorsHigh was quiet for 5 s with the revert live; 30 % → 0.2 %, threshold 5 %",
  );
});

test("a verdict by the rule that fired says when Prometheus evaluates another one by now, or none", async () => {
  for (const [expr, what] of [
    [`${ratio} > 0.001`, `has changed since it fired (now ${ratio} > 0.001)`],
    [undefined, "is gone from Prometheus"],
  ] as const) {
    const made = await live({ PaymentErrorsHigh: [ratio, "> 0.05", step(0.3, 0.002)] });
    const rule = { labels: {}, forMs: 0, keepFiringMs: 0, everyMs: minute, active: [] };
    made.work.metrics.rules = async () => (expr === undefined ? [] : [{ ...rule, expr }]);
    made.state.now = 3 * minute;
    const ended = await made.settle();
    assert.equal(
      ended.status === "closed" && ended.outcome === "verified" && ended.detail?.split("; ").at(-1),
      `PaymentErrorsHigh: its rule ${what}, and the verdict is by the rule that fired (${ratio} > 0.05)`,
    );
  }
});

test("values that only move on are one fact, until the end is near", async () => {
  const made = await live({ PaymentErrorsHigh: ["queue", "> 100", (at) => 9000 - at / 100] });
  const waits = async () => (await made.store.log(id)).filter(({ type }) => type === "StepDelayed").length;
  for (let at = 3; at < 6; at++) {
    made.state.now = at * minute;
    await made.settle();
  }
  assert.ok((await waits()) <= 2);
  assert.ok(isSameFinding("A 30 % → 8 %: better", "A 30 % → 7.5 %: better"));
  assert.ok(!isSameFinding("A 30 % → 8 %: better", "A 30 % → 31 %: as before"));
});

test("a part of the deploy that fails after another part is live is told at once, and is no reason to put the fix back", async () => {
  const made = await live({ PaymentErrorsHigh: [ratio, "> 0.05", step(0.3, 0.29)] });
  made.state.now = 3 * minute;
  await made.store.recordDeploy({
    ...{ service: "payment-gateway", environment: "production", sha: sha("f"), status: "failed" },
    ...{ at: 3 * minute, url: "https://ci.test/9" },
  });
  const told =
    "the deploy of ffffffffffff at 00:03:00 failed (https://ci.test/9), after it went live at 00:02:00: a part may run without the fix";
  made.state.now += 1000;
  assert.ok(waiting(await made.settle())?.includes(told));
  assert.match([...made.state.replies.values()].join("\n"), /a part may run without the fix/);
  made.state.now = 2 * minute + policy.verifyMs / 2 + minute;
  assert.equal((await made.settle()).status, "deployed");
});

test("of environments that are deployed one after another, the failed one names those before it", async () => {
  const made = world({ configured: service({ environments: ["production", "eu"] }) });
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  const report = (environment: string, status: "succeeded" | "failed", at: number) =>
    made.store.recordDeploy({ service: "payment-gateway", environment, sha: sha("f"), status, at });
  await report("eu", "succeeded", 2 * minute);
  await report("production", "failed", 3 * minute);
  made.state.now = 4 * minute;
  await made.settle();
  assert.match(
    [...made.state.replies.values()].join("\n"),
    /Deploy failed: the deploy of f{12} at 00:03:00, which holds pull request #1, failed in production after eu \(00:02:00\)/,
  );
});

test("the values are those of the alert's own cluster, where the expression adds clusters up", async () => {
  const made = world();
  const expr = "sum(errors) / sum(requests) > 0.05";
  const plain = { labels: {}, forMs: 0, keepFiringMs: 0, everyMs: minute, active: [] };
  made.work.metrics.rules = async () => [{ ...plain, expr }];
  made.work.metrics.range = async (_, query, { start, stepMs, count }) => {
    const series = (labels: Record<string, string>, course: Course): Series => ({
      labels,
      points: Array.from({ length: count }, (_none, index) => start + index * stepMs).map((at) => [
        at,
        course(at),
      ]),
    });
    if (query.startsWith("count by")) return ["eu", "us"].map((cluster) => series({ cluster }, () => 1));
    return [series({}, query.includes('cluster="eu"') ? () => 0.5 : step(0.5, 0.002))];
  };
  await made.alerts([{ ...burning, labels: { ...burning.labels, cluster: "eu" } }]);
  await made.bringLive(2 * minute);
  made.state.now = 3 * minute;
  assert.match(waiting(await made.settle()) ?? "", /50 % → 50 %, threshold 5 %, as before$/);
});
