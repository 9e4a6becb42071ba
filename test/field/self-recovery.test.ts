import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import type { Incident } from "../../shared/incident/model.ts";
import { resolved, sha } from "../support/incident.ts";
import { burning, service, type World, world } from "../support/world.ts";

const minute = 60_000;
const asked = async (made: World = world()): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  return made;
};
/** The alert resolves at `at`, and fires again a minute later. */
const recover = async (made: World, at: number): Promise<Incident> => {
  made.state.now = at;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: at })]);
  return made.settle();
};
const again = async (made: World, at: number): Promise<Incident> => {
  made.state.now = at;
  await made.alerts([{ ...burning, startsAt: at }]);
  return made.settle();
};
const stateOfFirst = (made: World) => [...made.state.pulls.values()][0]?.state;

test("when the alert resolves before an answer the pull request is closed, and the next firing asks about the same revert again", async () => {
  const made = await asked();
  const over = await recover(made, 60 * minute);
  assert.equal(over.status === "closed" && over.outcome, "recovered");
  assert.equal(stateOfFirst(made), "closed");
  const next = await again(made, 120 * minute);
  assert.equal(next.status, "proposed");
  assert.equal(next.status === "proposed" && next.remedy.kind === "revert" && next.remedy.sha, sha("c"));
  assert.equal(stateOfFirst(made), "open");
});

test("it recovers by itself every night, and every night the revert is offered", async () => {
  const made = await asked();
  for (let night = 1; night <= 4; night++) {
    await recover(made, night * 24 * 60 * minute);
    assert.equal((await again(made, night * 24 * 60 * minute + 6 * 60 * minute)).status, "proposed");
  }
});

test("a person's no holds for the cooldown, and the escalation names who said it and why", async () => {
  const made = await asked();
  await made.reject("it is the cache", "ann (U0ANN)");
  await made.settle();
  await recover(made, 60 * minute);
  const next = await again(made, 120 * minute);
  assert.equal(next.status === "escalated" && next.reason, "declined_before");
  assert.match(next.status === "escalated" ? next.detail : "", /ann \(U0ANN\).*it is the cache/);
});

test("a pull request that was declined, and that a person opens again, is asked about", async () => {
  const made = await asked();
  await made.reject("it is the cache", "ann");
  await made.settle();
  await recover(made, 60 * minute);
  assert.equal((await again(made, 120 * minute)).status, "escalated");
  assert.equal((await made.settle()).status, "escalated");
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.pulls.set(branch, { ...now, state: "open" });
  made.state.now += minute;
  assert.equal((await made.settle()).status, "proposed");
  assert.match([...made.state.replies.values()].join("\n"), /#1 was opened again on GitHub/);
});

test("Retry on a declined revert does not ask about its closed pull request", async () => {
  const made = await asked();
  await made.reject("no", "ann");
  await made.settle();
  await recover(made, 60 * minute);
  await again(made, 120 * minute);
  await made.handle({ type: "Retry", at: made.state.now, round: 2, by: "bea" });
  const next = await made.settle();
  assert.equal(next.status === "escalated" && next.reason, "declined_before");
});

test("a person's no is not for ever: after the cooldown the revert is offered again", async () => {
  const made = await asked(
    world({ configured: service({ policy: { ...service().policy, cooldownMs: 60 * minute } }) }),
  );
  await made.reject("no", "ann");
  await made.settle();
  await recover(made, 30 * minute);
  assert.equal((await again(made, 200 * minute)).status, "proposed");
});

test("a pull request that someone closed on GitHub is a no, with the name of who closed it", async () => {
  const made = await asked();
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.pulls.set(branch, { ...now, state: "closed", by: "bea" });
  const withdrawn = await made.settle();
  assert.equal(withdrawn.status === "closed" && withdrawn.outcome, "withdrawn");
  await recover(made, 60 * minute);
  const next = await again(made, 120 * minute);
  assert.equal(next.status === "escalated" && next.reason, "declined_before");
  assert.match(next.status === "escalated" ? next.detail : "", /bea/);
});

test("three turns within half an hour are one question that stays open and counts them", async () => {
  const made = await asked();
  const posted = () => made.state.posted;
  await recover(made, 2 * minute);
  await again(made, 4 * minute);
  const before = posted();
  for (let turn = 1; turn <= 9; turn++) {
    assert.equal((await recover(made, (4 + 2 * turn) * minute)).status, "proposed");
    assert.equal((await again(made, (5 + 2 * turn) * minute)).status, "proposed");
  }
  assert.equal(posted(), before);
  assert.equal(stateOfFirst(made), "open");
  const text = [...made.state.messages.values()]
    .at(-1)!
    .lines.map(({ label, text }) => `${label}: ${text}`)
    .join("\n");
  assert.match(text, /Flapping: .*\d+ times/);
});

test("a flapping alert that stays quiet for half an hour has recovered", async () => {
  const made = await asked();
  await recover(made, 2 * minute);
  await again(made, 4 * minute);
  assert.equal((await recover(made, 6 * minute)).status, "proposed");
  made.state.now = 35 * minute;
  assert.equal((await made.settle()).status, "proposed");
  made.state.now = 36 * minute;
  const over = await made.settle();
  assert.equal(over.status === "closed" && over.outcome, "recovered");
});

test("a flapping alert that is quiet when the time to answer is over calls nobody, and recovers or is for a person by what it does next", async () => {
  for (const next of ["recovers", "fires"] as const) {
    const made = await asked();
    await recover(made, 2 * minute);
    await again(made, 4 * minute);
    await recover(made, 6 * minute);
    made.state.now = 25 * minute;
    await made.handle({ type: "Expire", at: made.state.now });
    assert.equal((await made.settle()).status, "proposed");
    if (next === "fires") {
      await again(made, 26 * minute);
      await made.handle({ type: "Expire", at: made.state.now });
      const ended = await made.settle();
      assert.equal(ended.status === "escalated" && ended.reason, "unanswered");
      continue;
    }
    made.state.now = 36 * minute;
    const over = await made.settle();
    assert.equal(over.status === "closed" && over.outcome, "recovered");
    assert.doesNotMatch(told(made), /Needs a person/);
  }
});

/** Approved, then every alert resolves, and nobody says in time whether the revert is still wanted. */
const overtaken = async (answer: (made: World) => void = () => {}): Promise<[World, Incident]> => {
  const made = await asked();
  await made.approve();
  await recover(made, 30_000);
  answer(made);
  made.state.now = 11 * minute;
  await made.handle({ type: "Expire", at: made.state.now });
  return [made, await made.settle()];
};

test("an approval that the recovery overtook, and that nobody repeats, ends as recovered, and no person is called", async () => {
  const [made, over] = await overtaken();
  assert.deepEqual(over.status === "closed" && [over.outcome, over.verdict, over.detail], [
    "recovered",
    "fixed",
    "every alert resolved after the approval, and nobody said in time that it is still wanted; nothing was merged",
  ]);
  assert.doesNotMatch(told(made), /Needs a person/);
  const next = await again(made, 60 * minute);
  assert.equal(next.status === "proposed" && next.pull.number, 1);
  assert.match(
    next.status === "proposed" ? (next.diagnosis.notes ?? []).join() : "",
    /pull request #1 was asked about .* it was closed when the alert went away: it comes first again/,
  );
});

test("where Prometheus doubts that recovery, a person is called with the doubt", async () => {
  const [made, doubted] = await overtaken((made) => {
    made.work.metrics.range = async () => [];
  });
  assert.equal(doubted.status === "proposed" && doubted.delay?.verdict, "telemetry_gone");
  made.state.now += minute;
  await made.handle({ type: "Expire", at: made.state.now });
  const ended = await made.settle();
  assert.deepEqual(ended.status === "escalated" && [ended.reason, ended.verdict], [
    "unanswered",
    "telemetry_gone",
  ]);
});

const told = (made: World): string => [...made.state.replies.values()].join("\n");
const plainRule = { labels: {}, forMs: 0, keepFiringMs: 0, everyMs: minute, active: [] };

test("an alert that resolves as its series vanish is no recovery; people are told, and the question stays open", async () => {
  const made = await asked();
  made.work.metrics.range = async () => [];
  const doubted = await recover(made, 60 * minute);
  assert.equal(doubted.status, "proposed");
  assert.equal(stateOfFirst(made), "open");
  assert.match(
    told(made),
    /every alert resolved, but that is no recovery; .*no data to show that it is quiet/,
  );
  assert.ok([...made.state.messages.values()].at(-1)?.buttons);
  made.state.now = 60 * 60 * minute;
  await made.handle({ type: "Expire", at: made.state.now });
  const ended = await made.settle();
  assert.equal(ended.status === "escalated" && ended.verdict, "telemetry_gone");
});

test("an alert by LogQL, whose rule Prometheus does not have, is judged by verify.expr when it resolves", async () => {
  const expr = "log_errors > 5";
  for (const [isQuiet, verdict] of [
    [true, "fixed"],
    [false, undefined],
  ] as const)
    for (const rules of [[], undefined]) {
      const configured = service({ verify: { holdMs: 10_000, expr, data: "log_lines" } });
      const made = world({ configured });
      made.work.metrics.rules = async () => {
        if (rules === undefined) throw new UpstreamError("prometheus", "no rules here", { retryable: false });
        return rules;
      };
      const { range } = made.work.metrics;
      made.work.metrics.range = async (of, query, grid) =>
        query === expr && isQuiet ? [] : range(of, query, grid);
      await asked(made);
      const over = await recover(made, 60 * minute);
      assert.equal(over.status === "closed" ? over.verdict : undefined, verdict);
      assert.equal(over.status, isQuiet ? "closed" : "proposed");
    }
});

test("once the series are back and quiet, it has recovered, and the closing fact says fixed", async () => {
  const made = await asked();
  const { range } = made.work.metrics;
  made.work.metrics.range = async () => [];
  await recover(made, 60 * minute);
  made.work.metrics.range = range;
  made.state.now += minute;
  const over = await made.settle();
  assert.deepEqual(over.status === "closed" && [over.outcome, over.verdict], ["recovered", "fixed"]);
});

test("an alert that fires again leaves no doubt about a recovery", async () => {
  const made = await asked();
  made.work.metrics.range = async () => [];
  await recover(made, 60 * minute);
  const next = await again(made, 61 * minute);
  assert.equal(next.status, "proposed");
  assert.equal("delay" in next && next.delay, false);
});

test("a rule that was deleted or raised resolves its alert and ends nothing", async () => {
  for (const [rules, verdict] of [
    [[], "rule_gone"],
    [[{ ...plainRule, expr: "payments_failing > 1000" }], "rule_changed"],
  ] as const) {
    const made = await asked();
    made.state.reading = { result: "firing", at: 0 };
    made.work.metrics.rules = async () => [...rules];
    const doubted = await recover(made, 60 * minute);
    assert.equal(doubted.status === "proposed" && doubted.delay?.verdict, verdict);
  }
});

test("where Prometheus cannot be asked, the alerts decide, and that is said", async () => {
  const made = await asked();
  made.state.reading = { result: "unknown", detail: "HTTP 502" };
  const over = await recover(made, 60 * minute);
  assert.deepEqual(over.status === "closed" && [over.outcome, over.verdict], ["recovered", undefined]);
  assert.match(
    over.status === "closed" ? (over.detail ?? "") : "",
    /; Prometheus did not tell, as PaymentErrorsHigh could not be read \(HTTP 502\)$/,
  );
});

test("a trouble that was handed over and vanishes stays with people, who are told once", async () => {
  const made = await asked();
  made.state.now = 3 * 60 * minute;
  await made.handle({ type: "Expire", at: made.state.now });
  await made.settle();
  const { range } = made.work.metrics;
  made.work.metrics.range = async () => [];
  const doubted = await recover(made, made.state.now + minute);
  assert.equal(doubted.status === "escalated" && doubted.verdict, "telemetry_gone");
  made.work.metrics.range = range;
  const over = await made.settle();
  assert.deepEqual(over.status === "closed" && [over.outcome, over.verdict], ["recovered", "fixed"]);
});
