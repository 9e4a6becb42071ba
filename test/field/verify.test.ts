import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { readAlert } from "../../functions/verify/read-alert.ts";
import { readRecorded } from "../../functions/verify/recordings.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Question } from "../../shared/incident/recovery.ts";
import type { Labels, Reading } from "../../shared/ports/metrics.ts";
import { activeFor, candidates } from "../../shared/promql/rule-choice.ts";
import { until } from "../support/until.ts";
import { burning, service as configured, policy, world } from "../support/world.ts";
import { type PlayedShape, playedShapes } from "./played-shapes.ts";
import { ruleGuards } from "./rule-guards.ts";
import { ruleSiblings } from "./rule-siblings.ts";
import { isMissing, type Kind, startKinds } from "./verify-kinds.ts";

const own = 'service="pay",environment="production"';
const counter = (phase: string, seconds: number, since: number): number =>
  Math.floor((phase === "bad" ? seconds : seconds - since) * 10);
const frozen = counter;

type Case = Kind & { expected: "verified" | "telemetry_gone" | "no_traffic" | "muted" | "firing" };

/** Kinds of public rules, their windows scaled to seconds. The name of each is its alert's. */
const cases: Record<string, Case> = {
  ...ruleGuards,
  ...ruleSiblings,
  crashloop: {
    rules: [
      {
        alert: "crashloop",
        expr: 'max_over_time(waiting_reason{reason="CrashLoopBackOff"}[5s]) >= 1',
        for: "1s",
      },
    ],
    world: (phase) =>
      phase === "bad" ? `waiting_reason{${own},reason="CrashLoopBackOff"} 1\n` : "other 1\n",
    expected: "verified",
  },
  only5xx: {
    rules: [
      {
        alert: "only5xx",
        expr: 'sum by (service) (rate(only5xx_requests_total{status=~"5.."}[4s])) > 1',
        for: "1s",
      },
    ],
    world: (phase, seconds) =>
      `only5xx_requests_total{${own},status="200"} ${Math.floor(seconds * 10)}\n` +
      (phase === "bad" ? `only5xx_requests_total{${own},status="500"} ${Math.floor(seconds * 10)}\n` : ""),
    expected: "verified",
  },
  notraffic: {
    rules: [
      {
        alert: "notraffic",
        expr: 'sum by (service) (rate(notraffic_total{status="500"}[4s])) / sum by (service) (rate(notraffic_total[4s])) > 0.05',
        for: "1s",
      },
    ],
    world: (phase, seconds, since) =>
      ["500", "200"]
        .map((code) => `notraffic_total{${own},status="${code}"} ${frozen(phase, seconds, since)}\n`)
        .join(""),
    expected: "no_traffic",
  },
  quantile: {
    rules: [
      {
        alert: "quantile",
        expr: "histogram_quantile(0.9, sum by (le) (rate(quantile_bucket[4s]))) > 0.5",
        for: "1s",
      },
    ],
    world: (phase, seconds, since) => {
      const count = frozen(phase, seconds, since);
      return `quantile_bucket{${own},le="0.1"} 0\nquantile_bucket{${own},le="1"} ${count}\nquantile_bucket{${own},le="+Inf"} ${count}\n`;
    },
    expected: "no_traffic",
  },
  muted: {
    rules: [{ alert: "muted", expr: "(wanted > available) and (changes(updated[20s]) == 0)", for: "1s" }],
    world: (phase, _, since) =>
      `wanted{${own}} 3\navailable{${own}} 0\nupdated{${own}} ${phase === "bad" ? 3 : Math.floor(since)}\n`,
    expected: "muted",
  },
  scope: {
    rules: [
      {
        alert: "scope",
        expr: 'sum(rate(scope_total{status="500"}[4s])) / sum(rate(scope_total[4s])) > 0.05',
        for: "1s",
      },
    ],
    world: (phase, seconds, since) =>
      `scope_total{${own},cluster="eu",status="500"} ${Math.floor(seconds * 10)}\n` +
      `scope_total{${own},cluster="eu",status="200"} ${Math.floor(seconds * 10)}\n` +
      `scope_total{${own},cluster="us",status="200"} ${phase === "bad" ? 0 : Math.floor(since * 5000)}\n`,
    labels: { cluster: "eu" },
    expected: "firing",
  },
  relabelled: {
    rules: [{ alert: "relabelled", expr: 'rate(relabelled_errs{service="pay-api"}[4s]) > 1', for: "1s" }],
    world: (phase, seconds, since) =>
      `relabelled_errs{service="pay-api",environment="production"} ${counter(phase, seconds, since)}\n`,
    labels: { service: "pay" },
    expected: "verified",
  },
  unlike: {
    rules: [{ alert: "unlike", expr: "rate(unlike_errors_total[4s]) > 1", for: "1s" }],
    world: (phase, seconds) =>
      `unlike_errors_total{service="pay-api",environment="production"} ${phase === "bad" ? Math.floor(seconds * 10) : 0}\n`,
    labels: { service: "pay" },
    expected: "telemetry_gone",
  },
  flap: {
    rules: [{ alert: "flap", expr: "throttled > 25", for: "4s" }],
    world: (phase, _, since) => `throttled{${own}} ${phase === "bad" || since % 3 < 1 ? 60 : 2}\n`,
    expected: "verified",
  },
  joined: {
    rules: [{ alert: "joined", expr: "queue_depth > 10 and on() (node_info >= 1)", for: "1s" }],
    world: (phase) => `${phase === "bad" ? `queue_depth{${own}} 50\n` : ""}node_info 1\n`,
    expected: "telemetry_gone",
  },
  down: {
    rules: [{ alert: "down", expr: "absent(up_pay == 1)", for: "1s" }],
    world: (phase) => `up_pay{${own}} ${phase === "bad" ? 0 : 1}\n`,
    expected: "verified",
  },
  maintained: {
    rules: [{ alert: "maintained", expr: "jobs > 5 unless on(service) maintenance == 1", for: "1s" }],
    world: (phase) => `jobs{${own}} 9\nmaintenance{service="pay"} ${phase === "bad" ? 0 : 1}\n`,
    expected: "muted",
  },
  defaulted: {
    rules: [{ alert: "defaulted", expr: "(sum(lost_total) or vector(0)) / sum(sent) > 0.1", for: "1s" }],
    world: (phase) => `${phase === "bad" ? `lost_total{${own}} 5\n` : ""}sent{${own}} 10\n`,
    expected: "verified",
  },
};

const verdictOf = (reading: Reading): string =>
  reading.result === "quiet" ? "verified" : (reading.verdict ?? reading.result);

type Played = { url: string; fired: Map<string, Labels>; began: number };
const service = configured({ verify: { holdMs: 4_000 } });
const second = 1_000;
/** Past the fix, and behind it: the last instant that is asked about. */
const last = 33 * second;

/** The rules of these kinds record metrics or ask for other alerts: the clock must come to the instant that is asked about. */
const isLive = ({ rules }: Kind): boolean => rules.length > 1;

/** Answers for one name of a list of rules that was read once, as a newer Prometheus selects them by itself. */
const selectingRules = (): typeof fetch => {
  const lists = new Map<string, Promise<RuleList>>();
  return async (given, options) => {
    const url = new URL(String(given));
    if (!url.pathname.endsWith("/rules")) return fetch(given, options);
    const names = url.searchParams.getAll("rule_name[]");
    url.searchParams.delete("rule_name[]");
    const list =
      lists.get(url.href) ?? fetch(url, options).then((answer) => answer.json() as Promise<RuleList>);
    lists.set(url.href, list);
    const groups = (await list).data.groups.map((group) => ({
      ...group,
      rules: group.rules.filter(({ name }) => names.includes(name)),
    }));
    return Response.json({
      status: "success",
      data: { groups: groups.filter(({ rules }) => rules.length > 0) },
    });
  };
};
type RuleList = { data: { groups: { rules: { name: string }[] }[] } };

/** Every kind has come to its verdict. `fixed` is when their troubles ended. */
const kindsCome = async ({ url, fired, began }: Played): Promise<(fixed: number) => Promise<void>> => {
  const names = Object.keys(cases);
  const metrics = prometheus({ url, fetch: selectingRules() });
  const questions = new Map<string, Question>();
  const alertOf = (name: string) => ({
    name,
    labels: { service: "pay", environment: "production", ...fired.get(name), ...cases[name]?.labels },
  });
  for (const name of names) {
    const found = candidates(await metrics.rules(service, name), alertOf(name).labels);
    const [series] = found.map((rule) => activeFor(rule, alertOf(name).labels));
    const recordings = found.map(({ expr }) => readRecorded({ metrics, service }, expr));
    const recorded = await Promise.all(recordings);
    const rules = found.map((rule, index) => ({ ...rule, recorded: recorded[index] ?? {} }));
    questions.set(name, { alert: name, at: began, rules, ...(series && { series }) });
  }
  const read = async (name: string, { fixed, to }: { fixed: number; to: number }): Promise<string> => {
    const from = to - service.verify.holdMs;
    const asked = { alert: alertOf(name), window: { from, to }, fired: { from: began, to: fixed } };
    const reading = await readAlert(metrics, service, { ...asked, question: questions.get(name) });
    return reading.result === "quiet" && reading.since > from ? "early" : verdictOf(reading);
  };
  const verdict = async (name: string, fixed: number): Promise<string> => {
    const { expected } = cases[name] ?? {};
    let found = "early";
    for (let to = fixed + service.verify.holdMs + second; to <= fixed + last; to += second) {
      if (cases[name] && isLive(cases[name])) await pause(Math.max(0, to + second - Date.now()));
      found = await read(name, { fixed, to });
      if (found === expected || found === "verified") return found;
    }
    return found;
  };
  return async (fixed) => {
    const verdicts = names.map(async (name) => [name, await verdict(name, fixed)]);
    const expected = Object.fromEntries(names.map((name) => [name, cases[name]?.expected]));
    assert.deepEqual(Object.fromEntries(await Promise.all(verdicts)), expected);
  };
};

/** Each shape that recovers is verified in time, and no other is at the end of that time. */
const shapesCome = async ({ url, fired, began }: Played, fixed: number, t: TestContext): Promise<void> => {
  const metrics = prometheus({ url });
  const read = async (one: PlayedShape, to: number): Promise<Reading> => {
    const window = { from: to - service.verify.holdMs, to };
    const alert = { name: one.name, labels: { ...one.labels, ...fired.get(one.name) } };
    const question = { ...one.question, series: fired.get(one.name) ?? {} };
    const asked = { alert, window, fired: { from: began, to: fixed }, question };
    const reading = await readAlert(metrics, service, asked);
    const isEarly = reading.result === "quiet" && reading.since > window.from;
    return isEarly ? { result: "unknown", detail: "not quiet for long enough" } : reading;
  };
  const come = async (one: PlayedShape): Promise<Reading> => {
    if (one.isOver)
      for (let to = fixed + 2 * service.verify.holdMs; to < fixed + last; to += second) {
        const reading = await read(one, to);
        if (reading.result === "quiet") return reading;
      }
    return read(one, fixed + last);
  };
  const readings = new Map<string, Reading>();
  for (const one of playedShapes) readings.set(one.name, await come(one));
  for (const [name, reading] of readings) t.diagnostic(`${name}: ${verdictOf(reading)}`);
  const isVerified = ({ name }: PlayedShape): boolean => readings.get(name)?.result === "quiet";
  const names = (some: PlayedShape[]): string[] => some.map(({ name }) => name);
  assert.deepEqual(names(playedShapes.filter((one) => one.isOver && !isVerified(one))), [], "never verified");
  assert.deepEqual(
    names(playedShapes.filter((one) => isVerified(one) && !one.isOver)),
    [],
    "wrongly verified",
  );
  for (const { name, never } of playedShapes)
    if (never !== undefined) assert.match(JSON.stringify(readings.get(name)), never);
};

/** Rules that are written anew, or away, while their trouble goes on. */
const rewritten: Record<string, Kind> = Object.fromEntries(
  ["raised", "deleted"].map((name) => [
    name,
    {
      rules: [{ alert: name, expr: `${name}_depth > 5` }],
      world: () => `${name}_depth{service="payment-gateway",environment="production"} 9\n`,
    },
  ]),
);

/** Each has its fix live, in the whole loop, before its rule changes. */
const rewrittenCome = async ({ url, fired }: Played, rewrite: () => Promise<void>): Promise<void> => {
  const worlds = Object.keys(rewritten).map((name) => {
    const made = world({
      configured: configured({ verify: service.verify, policy: { ...policy, minConfidence: 0 } }),
    });
    made.state.now = Date.now();
    made.work.metrics = prometheus({ url });
    return { name, made };
  });
  for (const { name, made } of worlds) {
    await made.alerts([
      { ...burning, name, labels: { ...fired.get(name) }, startsAt: made.state.now - 5_000 },
    ]);
    await made.bringLive(made.state.now);
  }
  await rewrite();
  const verdicts = worlds.map(async ({ name, made }) => {
    made.state.now += 3 * service.verify.holdMs;
    const now = await until(
      `the changed rule of ${name}`,
      () => made.settle(),
      (one) => "delay" in one && one.delay?.verdict?.startsWith("rule_") === true,
    );
    return [name, "delay" in now && now.delay?.verdict];
  });
  assert.deepEqual(await Promise.all(verdicts), [
    ["raised", "rule_changed"],
    ["deleted", "rule_gone"],
  ]);
};

test("kinds and shapes of public rules come to their verdicts on a real Prometheus, none of them wrongly verified", {
  skip: isMissing && "prometheus is not on PATH: the rules were NOT tried against the real one",
}, async (t) => {
  const shapes = Object.fromEntries(playedShapes.map(({ name, kind }) => [name, kind]));
  const kinds = await startKinds({ ...cases, ...shapes, ...rewritten });
  t.after(kinds.stop);
  const all = [...Object.values(cases), ...Object.values(shapes), ...Object.values(rewritten)];
  const rules = all.flatMap((one) => one.rules);
  // The alert that another one asks for need not fire yet.
  const asked = ({ alert }: { alert: string }): boolean => !alert.endsWith("base");
  const alerting = rules.flatMap((rule) => ("alert" in rule ? [rule] : []));
  const names = [...new Set(alerting.filter(asked).map(({ alert }) => alert))].sort();
  const fired = await until("every alert", kinds.firing, (firing) => names.every((name) => firing.has(name)));
  assert.deepEqual([...fired.keys()].filter((alert) => asked({ alert })).sort(), names);
  const played = { url: kinds.url, fired, began: Date.now() - 5_000 };
  const come = await kindsCome(played);
  // The others need no rule any more.
  const live = Object.fromEntries(Object.entries(cases).filter(([, kind]) => isLive(kind)));
  await kinds.rewrite({ ...live, ...rewritten });
  const fixed = await kinds.fix();
  const rewrite = () =>
    kinds.rewrite({ ...live, raised: { rules: [{ alert: "raised", expr: "raised_depth > 1000" }] } });
  await Promise.all([come(fixed), shapesCome(played, fixed, t), rewrittenCome(played, rewrite)]);
});
