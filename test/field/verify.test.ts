import assert from "node:assert/strict";
import { test } from "node:test";
import { readAlert } from "../../functions/verify/read-alert.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Question } from "../../shared/incident/model.ts";
import type { Reading } from "../../shared/ports/metrics.ts";
import { activeFor, candidates } from "../../shared/promql/rule-choice.ts";
import { service as configured } from "../support/world.ts";
import { ask, isMissing, type Kind, startKinds } from "./verify-kinds.ts";

const own = 'service="pay",environment="production"';
const counter = (phase: string, seconds: number, since: number): number =>
  Math.floor((phase === "bad" ? seconds : seconds - since) * 10);
const frozen = counter;

type Case = Kind & { expected: "verified" | "telemetry_gone" | "no_traffic" | "muted" | "firing" };

/** Kinds of public rules, their windows scaled to seconds. The name of each is its alert's. */
const cases: Record<string, Case> = {
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

test("kinds of public rules come to their verdicts on a real Prometheus", {
  skip: isMissing && "prometheus is not on PATH: the kinds were NOT tried against the real one",
}, async (t) => {
  const kinds = await startKinds(cases);
  t.after(kinds.stop);
  const names = Object.keys(cases);
  const fired = await ask(kinds.firing, (firing) => names.every((name) => firing.has(name)), 20_000);
  assert.deepEqual([...fired.keys()].sort(), names.toSorted());
  const metrics = prometheus({ url: kinds.url });
  const service = configured({ verify: { holdMs: 4_000 } });
  const began = Date.now() - 5_000;
  const questions = new Map<string, Question>();
  const alertOf = (name: string) => ({
    name,
    labels: { service: "pay", environment: "production", ...fired.get(name), ...cases[name]?.labels },
  });
  for (const name of names) {
    const rules = candidates(await metrics.rules(service, name), alertOf(name).labels);
    const [series] = rules.map((rule) => activeFor(rule, alertOf(name).labels));
    questions.set(name, { alert: name, at: began, rules, ...(series && { series }) });
  }
  const fixed = kinds.fix();
  const read = async (name: string): Promise<string> => {
    const to = Date.now();
    const from = to - service.verify.holdMs;
    if (from < fixed + 1_000) return "early";
    const asked = { alert: alertOf(name), window: { from, to }, fired: { from: began, to: fixed } };
    const reading = await readAlert(metrics, service, { ...asked, question: questions.get(name) });
    return reading.result === "quiet" && reading.since > from ? "early" : verdictOf(reading);
  };
  const verdicts = await Promise.all(
    names.map(async (name) => {
      const { expected } = cases[name] ?? { expected: "" };
      return [
        name,
        await ask(
          () => read(name),
          (found) => found === expected || found === "verified",
          12_000,
        ),
      ];
    }),
  );
  assert.deepEqual(
    Object.fromEntries(verdicts),
    Object.fromEntries(names.map((name) => [name, cases[name]?.expected])),
  );
});
