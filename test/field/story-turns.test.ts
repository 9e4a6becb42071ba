import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { headline } from "../../shared/text/timeline.ts";
import { alert, id, sha } from "../support/incident.ts";
import { burning, culprit, world } from "../support/world.ts";
import {
  asked,
  at,
  buttons,
  change,
  comments,
  day,
  detailOf,
  ended,
  expire,
  hour,
  lines,
  minute,
  outcomeOf,
  pullOf,
  replies,
} from "./story.ts";

// Stories between the approval and weeks after, each with a turn that people must be told of.

test("an alert that resolves between the approval and the merge: nothing is merged, people say whether it is still wanted, and the next firing asks again", async () => {
  const made = await asked();
  await made.approve();
  made.state.now += 1000;
  await made.alerts([ended(made.state.now)]);
  const open = await made.settle();
  assert.equal(open.status, "proposed");
  assert.match(replies(made), /still wanted/);
  const over = await expire(made, 11 * minute);
  assert.equal(outcomeOf(over), "recovered");
  assert.deepEqual([made.state.merges, pullOf(made).state], [0, "closed"]);
  assert.doesNotMatch(replies(made) + comments(made), /Needs a person|nobody decided/);
  assert.match(comments(made), /Recovered.*nobody said in time that it is still wanted/s);
  made.state.now = hour;
  await made.alerts([{ ...burning, startsAt: hour }]);
  const again = await made.settle();
  assert.equal(again.status, "proposed");
  assert.notEqual(buttons(made), undefined);
});

test("a new alert that comes with the fix is told in thread and pull request, and is the next round's at once", async () => {
  const made = world();
  made.work.metrics.rules = async (_, name) => [
    { expr: `${name}_failing > 0`, labels: {}, forMs: 0, keepFiringMs: 0, everyMs: minute, active: [] },
  ];
  await asked(made);
  await made.bringLive(minute);
  made.state.now += 2000;
  const other = alert({ fingerprint: "f2", name: "RefundsFail", startsAt: made.state.now });
  made.work.metrics.range = async (_, query, grid) => {
    if (query === "PaymentErrorsHigh_failing > 0") return [];
    return [
      {
        labels: {},
        points: Array.from({ length: grid.count }, (__, i) => [grid.start + i * grid.stepMs, 1]),
      },
    ];
  };
  await made.alerts([other]);
  await made.settle();
  assert.match(replies(made), /RefundsFail joined/);
  assert.match(comments(made), /RefundsFail/);
  const next = await at(made, 3 * minute);
  assert.equal(next.round, 2);
  assert.match(replies(made), /Verified, the trouble is over: PaymentErrorsHigh .*quiet for/);
  assert.match(replies(made), /PaymentErrorsHigh ended when c{12} .* was taken back/);
});

test("a pull request that somebody closes after the approval is a no with a name, and is not merged", async () => {
  const made = await asked();
  await made.approve();
  made.state.refusal = { result: "blocked", detail: "405", checks: { failing: [], running: ["ci"] } };
  await made.settle();
  change(made, { state: "closed", by: "bea", closedAt: made.state.now });
  const now = await at(made, made.state.now + minute);
  assert.ok(now.status === "closed" || now.status === "escalated");
  assert.equal(made.state.merges, 0);
  assert.match(`${replies(made)}${detailOf(now)}`, /bea/);
  assert.equal(buttons(made), undefined);
});

test("a person who lands the revert on Saturday and deploys it: Monday's firing asks for no second revert", async () => {
  const made = await asked();
  await expire(made, 11 * minute);
  change(made, { state: "merged", mergeSha: sha("f"), by: "bea" });
  await at(made, day);
  await made.deploy();
  await at(made, day + minute);
  assert.equal(outcomeOf(await at(made, day + 2 * minute)), "verified");
  made.state.now = 3 * day;
  await made.alerts([ended(day), { ...burning, startsAt: 3 * day }]);
  await made.settle();
  const again = await made.settle();
  assert.equal(made.state.opened, 1);
  assert.match(`${detailOf(again)}${replies(made)}`, /#1/);
});

test("a deploy of the merge to another environment is not live", async () => {
  const made = await asked();
  await made.approve();
  await made.settle();
  made.state.now = minute;
  await made.store.recordDeploy({
    ...{ service: "payment-gateway", environment: "staging", sha: sha("f"), at: minute },
    status: "succeeded",
  });
  const now = await at(made, 2 * minute);
  assert.equal(now.status, "merged");
  assert.doesNotMatch(replies(made), /^Live/m);
});

test("Slack that is down when it is verified does not hold the verdict up, and hears it later", async () => {
  const made = await asked();
  await made.bringLive(minute);
  const { reply, update } = made.work.chat;
  const down = new UpstreamError("slack", "chat.postMessage to C1: 503", { retryable: true });
  made.work.chat.reply = async () => {
    throw down;
  };
  made.work.chat.update = async () => {
    throw down;
  };
  const over = await at(made, 3 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(comments(made), /quiet for/);
  Object.assign(made.work.chat, { reply, update });
  await at(made, 4 * minute);
  assert.match(replies(made), /quiet for/);
});

test("GitHub that is down when it is verified gets the verdict later, once", async () => {
  const made = await asked();
  await made.bringLive(minute);
  made.state.failing.comment = new UpstreamError("github", "comment: 502", { retryable: true });
  const over = await at(made, 3 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(replies(made), /quiet for/);
  made.state.failing = {};
  await at(made, 4 * minute);
  await at(made, 5 * minute);
  assert.equal(comments(made).match(/quiet for/g)?.length, 1);
});

test("a later deploy that holds the fix as well changes nothing of the verdict", async () => {
  const made = await asked();
  await made.bringLive(minute);
  made.state.now += 2000;
  await made.deploy(sha("a"));
  const over = await at(made, 3 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.doesNotMatch(replies(made), /Not live/);
});

test("telemetry that is gone for the whole time is for people, and its return ends the incident without a person", async () => {
  const made = await asked();
  await made.bringLive(minute);
  const { range } = made.work.metrics;
  made.work.metrics.range = async () => [];
  await at(made, 3 * minute);
  const late = await expire(made, 14 * minute);
  assert.equal(late.status, "escalated");
  assert.match(detailOf(late), /returns nothing/);
  made.work.metrics.range = range;
  made.state.now = 20 * minute;
  await made.alerts([ended(20 * minute)]);
  const over = await made.settle();
  assert.equal(over.status, "closed");
  assert.doesNotMatch(headline(over), /needs a person/);
});

test("a silence while it is verified is told, and its end verifies", async () => {
  const made = await asked();
  const held = { silencedBy: ["ann: deploy"] };
  await made.bringLive(minute);
  made.state.reading = { result: "firing", at: 0 };
  made.work.activeAlerts = { list: async () => [{ alert: burning, inhibitedBy: [], ...held }] };
  const open = await at(made, 3 * minute);
  assert.equal("delay" in open && open.delay?.verdict, "silenced");
  assert.match("delay" in open ? (open.delay?.detail ?? "") : "", /ann/);
  made.work.activeAlerts = { list: async () => [] };
  made.state.reading = { result: "quiet", since: 4 * minute };
  assert.equal(outcomeOf(await at(made, 6 * minute)), "verified");
});

test("a push to the branch after the approval voids it and asks again, by name of what moved", async () => {
  const made = await asked();
  await made.approve();
  made.state.beforeMerge = () => change(made, { pull: { ...pullOf(made).pull, head: sha("7") } });
  const now = await made.settle();
  assert.equal(made.state.merges, 0);
  assert.ok(now.status === "proposed" || now.status === "escalated");
  assert.match(replies(made), /moved|push|changed/i);
});

test("a bot that closes the stale pull request is no person's no: the next firing gets the revert again", async () => {
  const made = await asked();
  await expire(made, 11 * minute);
  change(made, { state: "closed", by: "stale[bot]", closedAt: day });
  await at(made, day);
  made.state.now = 3 * day;
  await made.alerts([{ ...burning, startsAt: 3 * day }]);
  const again = await made.settle();
  assert.equal(again.status, "proposed");
  assert.notEqual(buttons(made), undefined);
});

test("a bot that closes the pull request while people are asked decides nothing: it is for a person, and Retry asks again", async () => {
  const made = await asked();
  change(made, { state: "closed", by: "lint[bot]", closedAt: minute });
  const now = await at(made, minute);
  assert.equal(now.status, "escalated");
  assert.match(detailOf(now), /#1 was closed by lint\[bot\]/);
  await made.handle({ type: "Retry", at: minute, round: 1, by: "bea" });
  const again = await made.settle();
  assert.deepEqual([again.status, pullOf(made).state], ["proposed", "open"]);
  assert.notEqual(buttons(made), undefined);
});

test("the same alert an hour after the verdict opens a round that links the one before", async () => {
  const made = await asked();
  await made.deploy(culprit.sha);
  await made.bringLive(minute);
  assert.equal(outcomeOf(await at(made, 3 * minute)), "verified");
  made.state.now = hour;
  await made.alerts([ended(3 * minute), { ...burning, startsAt: hour }]);
  const again = await made.settle();
  assert.equal(again.round, 2);
  assert.match(`${lines(made)}${replies(made)}`, /round 1|before|earlier/i);
});

test("a person who merges while the question is open is named, and no button is left", async () => {
  const made = await asked();
  change(made, { state: "merged", mergeSha: sha("f"), by: "bea" });
  const now = await at(made, minute);
  assert.equal(now.status, "merged");
  assert.match(`${lines(made)}${replies(made)}`, /bea/);
  assert.equal(buttons(made), undefined);
  assert.deepEqual(
    made.state.checks.filter((check) => check.endsWith("failure")),
    [],
  );
});

test("a deploy whose clock is ten minutes ahead is verified once that time has come, and hangs for no longer", async () => {
  const made = await asked();
  await made.approve();
  await made.settle();
  made.state.now = minute;
  await made.store.recordDeploy({
    ...{ service: "payment-gateway", environment: "production", sha: sha("f"), at: 11 * minute },
    status: "succeeded",
  });
  const open = await at(made, 2 * minute);
  assert.notEqual(open.status, "closed");
  let over = open;
  for (let now = 3 * minute; now <= 15 * minute; now += minute) over = await at(made, now);
  assert.equal(outcomeOf(over), "verified");
});

test("fifty reports of one deploy are one fact and one message", async () => {
  const made = await asked();
  await made.approve();
  await made.settle();
  made.state.now = minute;
  for (let count = 0; count < 50; count++) {
    await made.deploy();
    made.state.now += 100;
    await made.settle();
  }
  const log = await made.store.log(id);
  assert.equal(log.filter(({ type }) => type === "RemedyDeployed").length, 1);
  assert.equal(replies(made).match(/^Live/gm)?.length, 1);
});

test("an alert that Alertmanager resolves after the verdict is told on the pull request only, with its time", async () => {
  const made = await asked();
  await made.bringLive(minute);
  await at(made, 3 * minute);
  const before = [made.state.replies.size, made.state.posted];
  made.state.now = 4 * minute;
  await made.alerts([ended(3 * minute)]);
  const over = await made.settle();
  assert.equal(outcomeOf(over), "verified");
  assert.deepEqual([made.state.replies.size, made.state.posted], before);
  assert.match(comments(made), /Resolved by Alertmanager.*00:03:00/s);
});

test("nobody is suspected, and it goes away after a person brought an older version live: it is told when", async () => {
  const unlikely = {
    ...culprit,
    title: "tidy",
    message: "tidy",
    paths: ["docs/a.md"],
    patch: "+a",
    at: -5 * day,
  };
  const made = world();
  made.state.commits = [unlikely];
  await made.alerts([burning]);
  const open = await made.settle();
  assert.notEqual(open.status, "proposed");
  made.state.now = 5 * minute;
  await made.deploy(sha("b"));
  await made.settle();
  made.state.now = 8 * minute;
  await made.alerts([ended(8 * minute)]);
  const over = await made.settle();
  assert.equal(over.status, "closed");
  assert.match(`${lines(made)}${replies(made)}`, /00:08:00/);
});

test("a click on a question of the round before decides nothing about this round's", async () => {
  const made = await asked();
  await at(made, 30_000);
  await made.alerts([ended(30_000)]);
  await made.settle();
  made.state.now = hour;
  await made.alerts([{ ...burning, startsAt: hour }]);
  assert.equal((await made.settle()).status, "proposed");
  await made.reject("not it");
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  assert.equal(now.round, 2);
});
