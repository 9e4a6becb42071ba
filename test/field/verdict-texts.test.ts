import assert from "node:assert/strict";
import { test } from "node:test";
import { toJson } from "../../functions/pages/json.ts";
import type { Incident } from "../../shared/incident/model.ts";
import type { Verdict } from "../../shared/incident/recovery.ts";
import type { Grid, Series } from "../../shared/ports/metrics.ts";
import { id, sha } from "../support/incident.ts";
import { burning, type World, world } from "../support/world.ts";

type Answer = (query: string) => boolean;
type Monitor = { expr: string; isGone?: boolean; answers: Answer };

const expr = "rate(payments_failing[1m]) > 1";
const everything: Answer = () => true;

/** A Prometheus that has one rule, and series for the queries that `answers` names. */
const watched = (made: World, monitor: Monitor): Monitor => {
  const { metrics } = made.work;
  metrics.rules = async () =>
    monitor.isGone
      ? []
      : [{ expr: monitor.expr, labels: {}, forMs: 0, keepFiringMs: 0, everyMs: 60_000, active: [] }];
  metrics.range = async (_, query, grid) => (monitor.answers(query) ? [full(grid)] : []);
  return monitor;
};

const full = ({ start, stepMs, count }: Grid): Series => ({
  labels: {},
  points: Array.from({ length: count }, (_, index) => [start + index * stepMs, 1]),
});

/** An approved revert that is live, and its verification until it gave up. `after` happens once the revert is live. */
const played = async (after: (monitor: Monitor, made: World) => void, first = expr) => {
  const made = world();
  const monitor = watched(made, { expr: first, answers: everything });
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  await made.deploy();
  await made.settle();
  after(monitor, made);
  made.state.now += 60_000;
  await made.settle();
  made.state.now += 600_000;
  await made.handle({ type: "Expire", at: made.state.now });
  return { made, incident: await made.settle() };
};

const verdictOf = async (made: World, incident: Incident) =>
  toJson(incident, await made.store.log(id)).verdict;

const failures: [string, Verdict, (monitor: Monitor, made: World) => void, string?][] = [
  ["that is still true", "still_firing", () => {}],
  ["whose series are gone", "telemetry_gone", (monitor) => (monitor.answers = () => false)],
  [
    "whose denominator is gone",
    "no_traffic",
    (monitor) => (monitor.answers = (query) => query.startsWith("count")),
    "failing_ratio / rate(requests[1m]) > 0.5",
  ],
  [
    "that mutes itself",
    "muted",
    (monitor) => (monitor.answers = (query) => !query.includes("changes(")),
    "replicas_missing > 0 and changes(replicas_updated[10m]) == 0",
  ],
  ["that has another threshold now", "rule_changed", (monitor) => (monitor.expr = expr.replace("1", "1000"))],
  ["that has no rule any more", "rule_gone", (monitor) => (monitor.isGone = true)],
];

for (const [what, verdict, after, first] of failures)
  test(`an alert ${what} is never verified: ${verdict} is in the JSON, the message, the thread and the pull request`, async () => {
    const { made, incident } = await played(after, first);
    assert.equal(incident.status, "escalated");
    assert.equal(await verdictOf(made, incident), verdict);
    // The code of a verdict is told where its words are others.
    const told = verdict === "still_firing" ? "still firing; " : `(${verdict}); `;
    const [message] = made.state.messages.values();
    const shown = message?.lines.find(({ label }) => label === "Why a person is needed")?.text ?? "";
    assert.ok(shown.includes(told), shown);
    assert.ok([...made.state.replies.values()].some((text) => text.includes(shown)));
    const comments = [...made.state.comments.values()].map((text) =>
      text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
    );
    assert.ok(
      comments.some((text) => text.includes(told)),
      comments.join("\n"),
    );
  });

test("a revert that a later deploy no longer holds ends as fix_not_live", async () => {
  const { made, incident } = await played((monitor, made) => {
    monitor.answers = (query) => query !== expr;
    made.state.now += 1000;
    void made.deploy(sha("b"));
  });
  assert.equal(incident.status, "escalated");
  assert.equal(await verdictOf(made, incident), "fix_not_live");
});

test("an alert that is quiet, with data to show it, closes as fixed and needs no more words", async () => {
  const { made, incident } = await played((monitor) => (monitor.answers = (query) => query !== expr));
  assert.equal(incident.status === "closed" && incident.outcome, "verified");
  assert.equal(await verdictOf(made, incident), "fixed");
  const [message] = made.state.messages.values();
  assert.equal(
    message?.lines.some(({ label }) => label === "Why a person is needed"),
    false,
  );
});

test("where one of two alerts still fires, its name is told", async () => {
  const made = world();
  const asked = new Map([
    ["Errors", "errors > 1"],
    ["Latency", "latency > 1"],
  ]);
  made.work.metrics.rules = async (_, name) => [
    { expr: asked.get(name) ?? "", labels: {}, forMs: 0, keepFiringMs: 0, everyMs: 60_000, active: [] },
  ];
  let firing = ["errors > 1", "latency > 1"];
  made.work.metrics.range = async (_, query, grid) =>
    firing.includes(query) || query.startsWith("count") ? [full(grid)] : [];
  await made.alerts([
    { ...burning, name: "Errors", fingerprint: "e" },
    { ...burning, name: "Latency", fingerprint: "l" },
  ]);
  await made.settle();
  await made.approve();
  await made.settle();
  await made.deploy();
  await made.settle();
  firing = ["latency > 1"];
  made.state.now += 60_000;
  await made.settle();
  made.state.now += 600_000;
  await made.handle({ type: "Expire", at: made.state.now });
  const incident = await made.settle();
  assert.equal(
    "detail" in incident ? incident.detail : incident.status,
    "the trouble was not seen to be over in time; 1 of 2 alerts still fires: Latency",
  );
});
