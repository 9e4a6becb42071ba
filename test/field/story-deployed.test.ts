import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import { headline } from "../../shared/text/timeline.ts";
import { alert, id, resolved, sha } from "../support/incident.ts";
import { burning, culprit, policy, service, world } from "../support/world.ts";
import {
  asked,
  at,
  byBea,
  change,
  comments,
  day,
  detailOf,
  ended,
  expire,
  fired,
  hour,
  line,
  lines,
  live,
  merged,
  minute,
  other,
  outage,
  outcomeOf,
  pullOf,
  ratios,
  replies,
  report,
  storedOf,
  ticked,
  verified,
} from "./story.ts";

// Stories that turn between the merge and weeks later, and after an end that people gave.

test("the alert ends after the merge and before the deploy: the verdict says that the fix did not end it, the next firing does not learn from it", async () => {
  const made = await asked();
  await report(made, "c", { at: 8_000 });
  await made.approve();
  await made.settle();
  made.state.now = 3 * minute;
  await made.alerts([ended(2 * minute)]);
  await made.settle();
  made.state.now = 5 * minute;
  await made.deploy();
  await made.settle();
  const over = await at(made, 7 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(detailOf(over), /ended at 00:02:00 already, before/);
  made.state.commits = [{ ...culprit, sha: sha("8"), title: "tidy", message: "tidy", patch: "+a", at: day }];
  made.state.now = day + minute;
  await made.alerts([fired(day + minute)]);
  const again = await made.settle();
  assert.doesNotMatch((diagnosisOf(again)?.notes ?? []).join(), /was taken back/);
});
test("the deploy is overdue, Bea presses Retry, and deploys: waited for again, live, verified, all of it on the pull request", async () => {
  const made = await merged();
  await expire(made, 20 * minute);
  await made.handle({ type: "Retry", at: 21 * minute, round: 1, by: "bea (UBEA)" });
  assert.equal((await at(made, 21 * minute)).status, "merged");
  made.state.now = 25 * minute;
  await made.deploy();
  await made.settle();
  const over = await at(made, 27 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(comments(made), /Merged.*Needs a person.*Goes on.*bea.*Live.*Verified/s);
  assert.equal(made.state.merges, 1);
});
test("the alert comes and goes three times while the deploy is on its way: no word of it in the thread, verified", async () => {
  const made = await merged();
  for (const n of [1, 2, 3]) {
    made.state.now = n * minute;
    await made.alerts([
      resolved({ startsAt: n === 1 ? 10_000 : (n - 1) * minute + 30_000, endsAt: n * minute }),
    ]);
    made.state.now += 30_000;
    await made.alerts([fired(n * minute + 30_000)]);
    await made.settle();
  }
  made.state.now = 5 * minute;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, 7 * minute)), "verified");
  assert.doesNotMatch(replies(made), /joined|resolved/i);
});
test("a rollout of the merge starts, is told twice, and succeeds: one Live, verified", async () => {
  const made = await merged();
  await report(made, "f", { status: "started", at: minute });
  await at(made, minute);
  await report(made, "f", { status: "started", at: minute + 5000 });
  await at(made, 2 * minute);
  made.state.now = 3 * minute;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, 5 * minute)), "verified");
  assert.equal(replies(made).match(/^Live/gm)?.length, 1);
  assert.doesNotMatch(replies(made), /Not live|failed/);
});
test("GitHub cannot compare for the whole time in which the deploy is waited for: the escalation names GitHub, and once it is back the deploy is found and verified", async () => {
  const made = await merged();
  const { contains } = made.work.history;
  made.work.history.contains = async () => {
    throw outage("github", "compare: 503");
  };
  made.state.now = 2 * minute;
  await report(made, "a");
  await made.settle().catch(() => {});
  await made.settle().catch(() => {});
  made.state.now = 20 * minute;
  await made.handle({ type: "Expire", at: made.state.now });
  await made.settle().catch(() => {});
  const late = await storedOf(made);
  assert.match(detailOf(late), /compare: 503/);
  assert.doesNotMatch(detailOf(late), /no deploy that holds/);
  made.work.history.contains = contains;
  await at(made, 21 * minute);
  const over = await at(made, 23 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.doesNotMatch(headline(over), /needs a person/);
});
test("the service leaves the configuration after the merge: given up, and told that the merged change is not followed", async () => {
  const made = await merged();
  made.configure({ services: [service({ name: "other" })] });
  await made.settle().catch(() => {});
  await made.settle().catch(() => {});
  const now = await storedOf(made);
  assert.equal(outcomeOf(now), "abandoned");
  assert.match(detailOf(now), /#1|merged/);
});
test("a merge on Saturday that nobody deploys, and Monday's firing: asked for a deploy, by the pull request's number, no second revert", async () => {
  const made = await asked();
  line(made, "bcef");
  await report(made, "c", { at: 8_000 });
  await expire(made, 11 * minute);
  change(made, byBea);
  await at(made, day);
  await expire(made, day + hour);
  made.state.now = 3 * day;
  await made.alerts([resolved({ startsAt: 10_000, endsAt: day + 2 * hour }), fired(3 * day)]);
  await made.settle();
  const now = await made.settle();
  assert.equal(made.state.opened, 1);
  assert.match(`${detailOf(now)}${replies(made)}${lines(made)}`, /#1.*deploy main/s);
});

test("a rollback by hand to a version from before the change while it is verified: told as that, never verified, the deploy of main verifies", async () => {
  const made = world();
  line(made, "bcef");
  await report(made, "c", { at: 8_000 });
  await live(made);
  made.state.now = 2 * minute + 2000;
  await made.deploy(sha("b"));
  assert.equal((await at(made, 3 * minute)).status, "merged");
  assert.match(replies(made), /Not live: b{12}.*rollback by hand: deploy main/);
  made.state.now = 5 * minute;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, 7 * minute)), "verified");
});
test("the same alert of another pod joins while it is verified: told which one", async () => {
  const made = await live();
  made.state.now += 1000;
  await made.alerts([
    alert({
      ...burning,
      fingerprint: "pod2",
      labels: { service: "payment-gateway", pod: "pay-2" },
      startsAt: made.state.now - 500,
    }),
  ]);
  await made.settle();
  assert.match(replies(made), /PaymentErrorsHigh joined.*pay-2/);
});
test("a silence outlasts the time to verify: a person is told by whom, and the end of the alert ends it without one", async () => {
  const made = await live();
  made.state.reading = { result: "firing", at: 0 };
  made.work.activeAlerts = {
    list: async () => [{ alert: burning, inhibitedBy: [], silencedBy: ["dan: deploy"] }],
  };
  await at(made, 3 * minute);
  const late = await expire(made, 14 * minute);
  assert.equal(late.status === "escalated" && late.verdict, "silenced");
  assert.match(detailOf(late), /dan/);
  made.work.activeAlerts = { list: async () => [] };
  made.state.reading = { result: "quiet", since: 15 * minute };
  made.state.now = 20 * minute;
  await made.alerts([ended(19 * minute)]);
  const over = await made.settle();
  assert.equal(over.status, "closed");
  assert.match(comments(made), /#1|merged before/);
  assert.doesNotMatch(headline(over), /needs a person/);
});
test("the host is off while the fix is live, and the trouble is over when it is back: verified, nobody is called", async () => {
  const made = await live();
  const over = await ticked(made, 3 * hour);
  assert.equal(outcomeOf(over), "verified");
  assert.doesNotMatch(replies(made) + comments(made), /Needs a person/);
});
test("the trouble is not over in time, Bea retries, and it is over: verified, with both on the pull request", async () => {
  const made = world();
  ratios(made, { PaymentErrorsHigh: (now) => (now < 2 * minute ? 0.3 : now < 20 * minute ? 0.1 : 0.01) });
  await live(made);
  await at(made, 3 * minute);
  const late = await expire(made, 14 * minute);
  assert.equal(late.status === "escalated" && late.reason, "not_recovered");
  assert.match(detailOf(late), /30 % → 10 %/);
  await made.handle({ type: "Retry", at: 21 * minute, round: 1, by: "bea (UBEA)" });
  const over = await at(made, 23 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(comments(made), /Needs a person.*tried again by bea.*Verified.*30 % → 1 %/s);
});
test("a withdrawal that nobody answers: the escalation says what is live and what it would have done", async () => {
  const made = world({ configured: service({ policy: { ...policy, minConfidence: 0 } }) });
  made.state.reading = { result: "firing", at: 0 };
  await made.alerts([burning]);
  await made.bringLive(2 * minute);
  await at(made, 9 * minute);
  assert.equal((await made.settle()).status, "proposed");
  const late = await expire(made, 30 * minute);
  assert.equal(late.status, "escalated");
  assert.match(lines(made), /nobody decided in time/);
  assert.match(lines(made), /#1/);
});

test("the same alert of another pod within the hour: round 2 says that the revert runs and the cause is another, no second revert", async () => {
  const made = await verified();
  made.state.now = 4 * minute;
  await made.alerts([ended(3 * minute)]);
  made.state.now = 30 * minute;
  await made.alerts([
    alert({
      ...burning,
      fingerprint: "pod2",
      labels: { service: "payment-gateway", pod: "pay-2" },
      startsAt: 29 * minute,
    }),
  ]);
  const now = await made.settle();
  assert.deepEqual([now.round, now.status, made.state.opened], [2, "escalated", 1]);
  assert.match(detailOf(now), /f{12}.*another cause/);
});
test("a new change goes out days later and the alert fires: it is the suspect, not the old one, and both pull requests are linked", async () => {
  const made = await verified();
  line(made, "bcef9");
  made.state.now = 4 * minute;
  await made.alerts([ended(3 * minute)]);
  await made.settle();
  made.state.commits = [other("9", 2 * day, { patch: "-const a = 1\n+const minor = payments" }), culprit];
  made.state.snapshot = { ...made.state.snapshot, commit: other("9", 2 * day) };
  made.state.now = 2 * day + minute;
  await made.deploy(sha("9"));
  made.state.now = 2 * day + 3 * minute;
  await made.alerts([fired(2 * day + 2 * minute)]);
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  assert.equal("remedy" in now && now.remedy?.kind === "revert" && now.remedy.sha, sha("9"));
  assert.match(comments(made), /Fired again.*\[#&#8203;2\]/s);
  assert.match(comments(made), /#&#8203;1: round 1, verified/);
});
test("Alertmanager repeats the same firing for hours after the verdict: people are told that it still fires there", async () => {
  const made = await verified();
  const before = made.state.replies.size;
  for (const n of [4, 8, 12]) {
    made.state.now = n * hour;
    await made.alerts([burning]);
    await made.settle();
  }
  assert.ok(made.state.replies.size > before || (await storedOf(made)).round === 2, "nobody was told");
  assert.ok(made.state.replies.size - before < 3 && made.state.posted <= 2, "spam");
});
test("a part of the change is brought back and deployed days later, and the alert fires: what came back is named, and its commit is the suspect", async () => {
  const made = await verified();
  made.state.now = 4 * minute;
  await made.alerts([ended(3 * minute)]);
  await made.settle();
  const part = other("7", 2 * day, {
    title: `Reapply "${culprit.title}"`,
    message: `Reapply "${culprit.title}"`,
    author: "Ann",
  });
  made.state.commits = [part];
  made.state.snapshot = { ...made.state.snapshot, commit: part };
  made.work.history.contains = async () => true;
  made.work.history.undone = async () => ({ paths: ["src/fx.js"], commit: part });
  made.state.now = 2 * day + minute;
  await made.deploy(sha("7"));
  await made.settle();
  assert.match(replies(made), /src\/fx\.js is as before it again by 7{12} of Ann/);
  made.state.now = 2 * day + 3 * minute;
  await made.alerts([fired(2 * day + 2 * minute)]);
  const now = await made.settle();
  assert.equal(diagnosisOf(now)?.suspects[0]?.sha, sha("7"));
});

test("after a no an older version is deployed and the alert ends: the pull request tells the deploy and the end", async () => {
  const made = await asked();
  line(made, "bce");
  await report(made, "c", { at: 8_000 });
  await made.reject("no revert, we roll back", "ann (UANN)");
  await made.settle();
  made.state.now = 4 * minute;
  await made.deploy(sha("b"));
  await made.settle();
  made.state.now = 6 * minute;
  await made.alerts([ended(5 * minute)]);
  const over = await made.settle();
  assert.equal(outcomeOf(over), "rejected");
  assert.match(comments(made), /no revert, we roll back.*b{12}.*00:04:00/s);
  assert.match(comments(made), /the last alert ended at 00:05:00/);
});
test("after nobody answered an older version is deployed and the alert ends: the end tells that deploy, and nobody is needed", async () => {
  const made = await asked();
  line(made, "bce");
  await report(made, "c", { at: 8_000 });
  await expire(made, 11 * minute);
  made.state.now = 14 * minute;
  await made.deploy(sha("b"));
  await made.settle();
  made.state.now = 16 * minute;
  await made.alerts([ended(15 * minute)]);
  const over = await made.settle();
  assert.equal(over.status, "closed");
  assert.match(comments(made), /b{12}.*00:14:00/s);
  assert.doesNotMatch(headline(over), /needs a person/);
});
test("the queue merges it after the no: said as a merge after the no, by whom, followed and verified", async () => {
  const made = await asked();
  await made.reject("not now", "ann (UANN)");
  await made.settle();
  change(made, { ...byBea, by: "github-merge-queue[bot]" });
  assert.equal((await at(made, minute)).status, "merged");
  assert.match(replies(made), /Merged: as f{12} by github-merge-queue/);
  made.state.now = 2 * minute;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, 4 * minute)), "verified");
  assert.match(comments(made), /Rejected.*ann.*not now.*Merged.*Verified/s);
});
test("Friday's open pull request conflicts by Monday: Monday's firing asks about a new one that can be merged, and the old one leads on", async () => {
  const made = await asked();
  await expire(made, 11 * minute);
  change(made, { conflicts: true });
  made.state.now = 3 * day;
  await made.alerts([fired(3 * day)]);
  await made.settle();
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  assert.deepEqual([made.state.opened, "pull" in now && now.pull?.number], [2, 2]);
  assert.match(comments(made), /\[#&#8203;2\]/);
  await made.approve("UANN", pullOf(made).pull.head);
  await made.process.handle(id, {
    type: "Approve",
    at: made.state.now,
    round: 2,
    head: pullOf(made).pull.head,
    vote: {
      person: "UANN",
      by: "ann",
      at: made.state.now,
      door: "slack",
      of: ["the approvers of payment-gateway"],
      relation: "independent",
    },
    required: { groups: [{ of: "the approvers of payment-gateway", quorum: 1 }], fourEyes: "off" },
  });
  assert.equal((await made.settle()).status, "merged");
});
