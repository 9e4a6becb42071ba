import assert from "node:assert/strict";
import { test } from "node:test";
import { tick } from "../../functions/tick.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import { burning, policy, service, silent, type World, world } from "../support/world.ts";

const minute = 60_000;

type Answer = { status?: number; body: unknown; headers?: Record<string, string> };
/** An answer in the place of Prometheus' own, for rules or for ranges; undefined leaves it. */
type Instead = (path: string, now: number) => Answer | undefined;

const expr = "payments_failing > 0";
const success = (data: unknown, more: object = {}): Answer => ({
  body: { status: "success", data, ...more },
});
const ruleNamed = (query: string, name = burning.name): Answer =>
  success({ groups: [{ rules: [{ type: "alerting", name, query }] }] });

/** A Prometheus of one rule, which is quiet and has data. */
const usual = (path: string, params: URLSearchParams): Answer => {
  if (path.includes("/rules")) return ruleNamed(expr);
  if (params.get("query") === expr) return success({ resultType: "matrix", result: [] });
  const [start, end, step] = ["start", "end", "step"].map((name) => Number(params.get(name)));
  const values: [number, string][] = [];
  for (let at = start!; at <= end! + 1e-6; at += step!) values.push([at, "1"]);
  return success({ resultType: "matrix", result: [{ metric: {}, values }] });
};

const answered = (made: World, instead: Instead): typeof fetch => {
  return async (url, init) => {
    const path = String(url);
    const params = init?.body instanceof URLSearchParams ? init.body : new URLSearchParams();
    const { status = 200, body, headers } = instead(path, made.state.now) ?? usual(path, params);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return new Response(text, {
      status,
      headers: { date: new Date(made.state.now).toUTCString(), ...headers },
    });
  };
};

/** The fix of the alert is live, and Prometheus answers so from the beginning on. */
const live = async (instead: Instead) => {
  const made = world({
    configured: service({ policy: { ...policy, deadlineMs: 30 * minute, page: "pagerduty" } }),
  });
  const pages: string[] = [];
  made.work.paging = {
    raise: async (_, { summary }) => void pages.push(summary),
    resolve: async () => {},
  };
  const url = "http://prometheus.test";
  made.work.metrics = prometheus({ url, clock: made.work.clock, fetch: answered(made, instead) });
  await made.alerts([burning]);
  await made.bringLive(2 * minute);
  const onTick = tick({ ...made, clock: made.work.clock, log: silent, wake: () => {} });
  const pass = async (at: number) => {
    made.state.now = at;
    await onTick();
    return made.settle();
  };
  return { made, pages, pass };
};

const ranges =
  (answer: Answer): Instead =>
  (path) =>
    path.includes("query_range") ? answer : undefined;
const ten = 10 * minute;

const cases: [string, Instead, RegExp][] = [
  ["HTML with 200", ranges({ body: "<html>login</html>" }), /the answer is not Prometheus'/],
  [
    "422",
    ranges({ status: 422, body: { status: "error", errorType: "execution", error: "too many samples" } }),
    /422 execution: too many samples/,
  ],
  [
    "a part of the data",
    ranges(success({ resultType: "matrix", result: [] }, { warnings: ["store b is away"] })),
    /may be partial: store b is away/,
  ],
  [
    "an error about another time",
    (_, now) => ({ ...success({}), headers: { date: new Date(now + ten).toUTCString() } }),
    /its clock is 10 min ahead of ours/,
  ],
  [
    "a rule that is no PromQL",
    (path) => (path.includes("/rules") ? ruleNamed("payments_failing >") : undefined),
    /not PromQL that can be read/,
  ],
  [
    "no rule of that name",
    (path) => (path.includes("/rules") ? ruleNamed(expr, "") : undefined),
    /has no alerting rule of this name/,
  ],
  [
    "nothing at all",
    (path) => (path.includes("/rules") ? success({ groups: null }) : undefined),
    /not a list of rules/,
  ],
];

for (const [what, instead, told] of cases)
  test(`a Prometheus that answers with ${what} verifies nothing, says so, and a person is reached in time`, async () => {
    const { made, pages, pass } = await live(instead);
    const waiting = await pass(3 * minute);
    assert.equal(waiting.status === "deployed" && waiting.delay?.verdict, "telemetry_gone");
    assert.match(waiting.status === "deployed" ? (waiting.delay?.detail ?? "") : "", told);
    const late = await pass(2 * minute + policy.verifyMs + 1);
    assert.equal(late.status === "escalated" && late.verdict, "telemetry_gone");
    const [message] = made.state.messages.values();
    assert.match(message?.lines.map(({ text }) => text).join("\n") ?? "", told);
    await pass(31 * minute);
    assert.equal(pages.length > 0, true);
  });

test("the same Prometheus without such an answer verifies it", async () => {
  const { pass } = await live(() => undefined);
  const over = await pass(3 * minute);
  assert.equal(over.status === "closed" && over.outcome, "verified");
});
