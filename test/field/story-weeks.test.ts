import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import { headline } from "../../shared/text/timeline.ts";
import { doors } from "../support/doors.ts";
import { alert, id, resolved, sha } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { burning, policy, service, world } from "../support/world.ts";
import {
  approved,
  asked,
  at,
  buttons,
  byBea,
  change,
  checks,
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
  named,
  onto,
  other,
  outage,
  outcomeOf,
  ratios,
  replies,
  step,
  storedOf,
  ticked,
  verified,
  waitOf,
} from "./story.ts";

// Stories of two turns at once, from the approval to weeks after.

test("Slack is down while Ann approves on GitHub's side and it merges: back, the thread tells approval, merge and verdict, each once", async () => {
  const made = await asked();
  made.state.failing.reply = outage("slack", "reply: 502");
  await made.approve();
  await made.settle();
  made.state.now = 2 * minute;
  await made.deploy();
  await made.settle();
  made.state.failing = {};
  assert.equal(outcomeOf(await at(made, 3 * minute)), "verified");
  await at(made, 4 * minute);
  assert.equal(replies(made).match(/^Merged/gm)?.length, 1);
  assert.equal(replies(made).match(/^Verified/gm)?.length, 1);
});
test("two checks fail, one is green again, and then the other: each told once, merged by the same approval", async () => {
  const made = await approved();
  made.state.refusal = checks({ failing: [{ name: "unit" }, { name: "e2e" }] });
  await made.settle();
  made.state.refusal = checks({ failing: [{ name: "e2e" }] });
  await at(made, 40_000);
  made.state.refusal = undefined;
  assert.equal((await at(made, minute)).status, "merged");
  assert.match(replies(made), /unit/);
  assert.match(replies(made), /e2e/);
  assert.deepEqual([made.state.merges, made.state.posted], [1, 1]);
});
test("a check fails for good after the approval, Bea merges by hand and deploys: followed to verified, with her name", async () => {
  const made = await approved();
  made.state.refusal = checks({ failing: [{ name: "e2e" }] });
  await made.settle();
  change(made, byBea);
  assert.equal((await at(made, minute)).status, "merged");
  made.state.now = 2 * minute;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, 3 * minute)), "verified");
  assert.match(comments(made), /e2e.*Merged.*bea.*Verified/s);
});
test("observe is set after the approval and Bea merges by hand: followed to verified, no failed status", async () => {
  const made = await approved();
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  made.configure({ services: [service({ policy: { ...policy, mode: "observe" } })] });
  made.state.refusal = undefined;
  assert.equal((await at(made, minute)).status, "escalated");
  change(made, byBea);
  assert.equal((await at(made, 2 * minute)).status, "merged");
  made.state.now = 3 * minute;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, 4 * minute)), "verified");
  assert.ok(!made.state.checks.some((one) => one.endsWith("failure")));
});
test("retargeted after the approval and merged there by Bea: said as merged into release, never verified", async () => {
  const made = await approved();
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  onto(made, "release");
  change(made, byBea);
  const now = await at(made, minute);
  assert.equal(now.status, "escalated");
  assert.match(detailOf(now), /bea merged #1 into release, main never got it/);
  assert.match(comments(made), /release/);
});
test("Bea closes it after the approval and opens it again: asked again, and Ann's second yes merges", async () => {
  const made = await approved();
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  change(made, { state: "closed", by: "bea", closedAt: 40_000 });
  assert.equal(outcomeOf(await at(made, 40_000)), "withdrawn");
  change(made, { state: "open" });
  made.state.reopened = { by: "bea", at: minute };
  made.state.refusal = undefined;
  assert.equal((await at(made, 2 * minute)).status, "proposed");
  assert.equal(made.state.merges, 0);
  await made.approve();
  assert.equal((await made.settle()).status, "merged");
});

test("a deploy of the merge fails, and the alert ends before the next: the end says that the failed one is not what ended it", async () => {
  const made = await merged();
  made.state.now = 2 * minute;
  await made.deploy(sha("f"), "failed");
  await made.settle();
  made.state.now = 4 * minute;
  await made.alerts([ended(3 * minute)]);
  await made.settle();
  made.state.now = 8 * minute;
  await made.deploy(sha("f"));
  await made.settle();
  const over = await at(made, 9 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(detailOf(over), /ended at 00:03:00 already, before the deploy of the fix/);
});
test("an older version goes live after the merge and then the merge: Not live once, then verified", async () => {
  const made = await merged();
  line(made, "bcefa");
  made.state.now = minute;
  await made.deploy(sha("e"));
  await made.settle();
  made.state.now = 2 * minute;
  await made.deploy(sha("f"));
  await made.settle();
  assert.equal(outcomeOf(await at(made, 3 * minute)), "verified");
  assert.ok((replies(made).match(/does not hold/g) ?? []).length <= 1);
});
test("live, quiet, then over again within the hold: not verified until it is quiet anew", async () => {
  const made = world();
  ratios(made, {
    PaymentErrorsHigh: (now) => (now < 2 * minute || (now >= 4 * minute && now < 6 * minute) ? 0.3 : 0.01),
  });
  await merged(made);
  made.state.now = 2 * minute;
  await made.deploy();
  await made.settle();
  const during = await at(made, 4 * minute);
  assert.equal(during.status, "deployed");
  assert.equal(outcomeOf(await at(made, 9 * minute)), "verified");
});
test("live in a configuration with two alerts, the second gets worse: named with its values as still firing", async () => {
  const made = world();
  ratios(made, { A: step(0.3, 0.01), B: step(0.1, 0.4) });
  await made.alerts(named("A", "B"));
  await made.bringLive(2 * minute);
  const now = await at(made, 3 * minute);
  assert.match(waitOf(now), /1 of 2 alerts still fires: B/);
  assert.match(waitOf(now), /10 % → 40 %/);
  assert.doesNotMatch(waitOf(now), /better/);
});
test("Ann's yes comes twice in a second through two doors: one merge, one Approved", async () => {
  const made = await asked();
  await made.approve();
  await doors(made).interact(
    click("approve", "UANN", { incident: id, round: 1, head: sha("d"), nonce: "nonce" }),
  );
  assert.equal((await made.settle()).status, "merged");
  assert.equal(made.state.merges, 1);
  assert.equal(comments(made).match(/Approved/g)?.length, 1);
});
test("a stranger clicks after the verdict: learns that it is over, and nothing moves", async () => {
  const made = await verified();
  await doors(made).interact(
    click("approve", "UEVE", { incident: id, round: 1, head: sha("d"), nonce: "nonce" }),
  );
  const now = await made.settle();
  assert.deepEqual([outcomeOf(now), made.state.merges], ["verified", 1]);
  assert.match(made.state.whispers.at(-1) ?? "", /UEVE: .*your click changed nothing/);
});

test("nobody deploys, escalated, and then an unrelated older deploy: still not live, and no second word of a person", async () => {
  const made = await merged();
  line(made, "bcefa");
  const late = await expire(made, 20 * minute);
  assert.equal(late.status, "escalated");
  made.state.now = 30 * minute;
  await made.deploy(sha("e"));
  const now = await made.settle();
  assert.equal(now.status, "escalated");
  assert.equal(replies(made).match(/^Needs a person/gm)?.length, 1);
});
test("escalated after the merge and the alert ends, then the deploy a day later: the end stays, and no round is opened", async () => {
  const made = await merged();
  await expire(made, 20 * minute);
  made.state.now = hour;
  await made.alerts([ended(hour)]);
  assert.equal(outcomeOf(await made.settle()), "recovered");
  made.state.now = day;
  await made.deploy();
  const now = await made.settle();
  assert.deepEqual([now.round, outcomeOf(now)], [1, "recovered"]);
  assert.equal(made.state.posted, 1);
});
test("the host is off from the verdict to the next firing: round 2 is opened, and round 1's verdict is told first", async () => {
  const made = await live();
  await ticked(made, 3 * minute);
  made.state.now = day;
  await made.alerts([ended(4 * minute)]);
  await made.settle();
  await made.alerts([fired(day)]);
  const now = await made.settle();
  assert.equal(now.round, 2);
  assert.match(comments(made), /Verified.*Fired again/s);
});
test("verified, and the fixed version fails to deploy an hour later: nothing is told", async () => {
  const made = await verified();
  const before = made.state.replies.size;
  made.state.now = hour;
  await made.deploy(sha("a"), "failed");
  const now = await made.settle();
  assert.deepEqual([outcomeOf(now), made.state.replies.size], ["verified", before]);
});
test("verified, rolled back an hour later to what holds the change, and deployed again: told as not live, once", async () => {
  const made = await verified();
  line(made, "bcefa");
  made.state.now = hour;
  await made.deploy(sha("e"));
  await made.settle();
  made.state.now = hour + minute;
  await made.deploy(sha("a"));
  const now = await made.settle();
  assert.equal(outcomeOf(now), "verified");
  assert.equal(replies(made).match(/^Not live/gm)?.length, 1);
});
test("rejected, and the change is reverted by its author days later and fires no more: nobody is asked, the no stays", async () => {
  const made = await asked();
  await made.reject("it is the cache", "ann (UANN)");
  await made.settle();
  made.state.now = 2 * day;
  await made.deploy(sha("9"));
  await made.alerts([ended(2 * day)]);
  const now = await made.settle();
  assert.deepEqual([outcomeOf(now), now.round, made.state.posted], ["rejected", 1, 1]);
});
test("after the cooldown of a no the same change is asked about again, and the earlier no is named", async () => {
  const made = await asked();
  await made.reject("it is the cache", "ann (UANN)");
  await made.settle();
  made.state.now = hour;
  await made.alerts([ended(hour)]);
  await made.settle();
  made.state.now = 8 * day;
  await made.alerts([fired(8 * day)]);
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  assert.notEqual(buttons(made), undefined);
  assert.match(comments(made), /round 1, rejected/);
});
test("nobody answered, the alert ends and another fires a week later: asked anew, and the round before is linked", async () => {
  const made = await asked();
  await expire(made, 11 * minute);
  made.state.now = hour;
  await made.alerts([ended(hour)]);
  await made.settle();
  made.state.now = 7 * day;
  await made.alerts([alert({ ...burning, fingerprint: "f9", name: "RefundsFail", startsAt: 7 * day })]);
  const now = await made.settle();
  assert.deepEqual([now.status, now.round], ["proposed", 2]);
  assert.match(comments(made), /round 1/);
});
test("verified, and three weeks later another service's alert name fires on a new change: the new one is suspected, the old pull request leads on", async () => {
  const made = await verified();
  line(made, "bcef9");
  made.state.now = 4 * minute;
  await made.alerts([ended(3 * minute)]);
  await made.settle();
  const recent = other("9", 21 * day, { patch: "-const a = 1\n+const minor = payments" });
  made.state.commits = [recent];
  made.state.snapshot = { ...made.state.snapshot, commit: recent };
  made.state.now = 21 * day + minute;
  await made.deploy(sha("9"));
  made.state.now = 21 * day + 3 * minute;
  await made.alerts([
    alert({ ...burning, fingerprint: "f8", name: "RefundsFail", startsAt: 21 * day + 2 * minute }),
  ]);
  const now = await made.settle();
  assert.equal(diagnosisOf(now)?.suspects[0]?.sha, sha("9"));
  assert.deepEqual([now.status, made.state.opened], ["proposed", 2]);
});
test("three rounds of one month, each verified: every pull request has one verdict of its own", async () => {
  const made = await verified();
  await made.alerts([ended(3 * minute)]);
  await made.settle();
  assert.equal(comments(made).match(/\bVerified\b/g)?.length, 1);
  made.state.now = 10 * day;
  await made.alerts([fired(10 * day)]);
  const now = await made.settle();
  assert.equal(now.round, 2);
  assert.match(comments(made), /Fired again.*round 2/s);
  assert.equal((await storedOf(made)).round, 2);
});
test("GitHub refuses the status after nobody decided: the escalation is told in the thread all the same, and the status comes later", async () => {
  const made = await asked();
  made.state.failing.setCheck = outage("github", "set the check: 502");
  await expire(made, 11 * minute);
  assert.match(`${replies(made)}${lines(made)}`, /nobody decided in time/);
  made.state.failing = {};
  await at(made, 12 * minute);
  assert.equal(made.state.checks.at(-1), "d failure");
});
test("the alert ends in the second of the approval and fires again after the merge: one merge, followed to verified", async () => {
  const made = await merged();
  made.state.now = minute;
  await made.alerts([ended(50_000)]);
  await made.settle();
  made.state.now = 90_000;
  await made.alerts([fired(80_000)]);
  await made.settle();
  made.state.now = 2 * minute;
  await made.deploy();
  await made.settle();
  await made.alerts([resolved({ startsAt: 80_000, endsAt: 2.5 * minute })]);
  const over = await at(made, 4 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.deepEqual([made.state.merges, over.round], [1, 1]);
  assert.match(headline(over), /verified/i);
});
