import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import { headline } from "../../shared/text/timeline.ts";
import { alert, id, resolved, sha } from "../support/incident.ts";
import { burning, culprit, policy, service, type World, world } from "../support/world.ts";
import { byBea, dump, line, other, ticked } from "./grid.ts";
import {
  approved, asked, at, buttons, change, checks, comments, day, detailOf, ended, expire, fired, hour, landed, lines,
  merged, message, minute, outcomeOf, pullOf, ratios, replies, step, verified, waitOf,
} from "./story.ts";

// Round A: actor × moment × thing done. Written before any was run.

const story = (name: string, play: () => Promise<World>) =>
  test(name, async () => {
    let made: World | undefined;
    try {
      made = await play();
    } catch (error) {
      const last = (error as { made?: World }).made;
      throw error;
    } finally {
      const seen = made ?? current;
      if (seen !== undefined) dump(seen, (await seen.store.load(id)).incident, name);
    }
  });
let current: World | undefined;
const on = (made: World): World => (current = made);
const status = async (made: World) => (await made.store.load(id)).incident;
const report = (made: World, letter: string, over: object = {}) =>
  made.store.recordDeploy({ service: "payment-gateway", environment: "production", sha: sha(letter), status: "succeeded", at: made.state.now, ...over });
const outage = (system: "github" | "slack", what: string) => new UpstreamError(system, what, { retryable: true, status: 502 });
const live = async (made = world()): Promise<World> => {
  await merged(on(made));
  made.state.now = 2 * minute;
  await made.deploy();
  await made.settle();
  return made;
};
const closedByUs = /PaymentErrorsHigh/;

// ---- while the question is open
story("A1 author pushes to the revert's branch while people are asked: asked about the new head, the old button decides nothing", async () => {
  const made = on(await asked());
  change(made, { pull: { ...pullOf(made).pull, head: sha("7"), diff: "other" } });
  assert.equal((await at(made, minute)).status, "proposed");
  await made.approve("UANN", sha("d"));
  await made.settle();
  assert.equal(made.state.merges, 0);
  assert.match(lines(made) + replies(made), /new commits/);
  await made.approve("UANN", sha("7"));
  assert.equal((await at(made, 2 * minute)).status, "merged");
  assert.equal(made.state.posted, 1);
  return made;
});
story("A2 a stranger closes it, an approver opens it again, Ann approves: both are named, it is verified", async () => {
  const made = on(await asked());
  change(made, { state: "closed", by: "mallory", closedAt: 30_000 });
  assert.equal(outcomeOf(await at(made, 40_000)), "withdrawn");
  change(made, { state: "open" });
  made.state.reopened = { by: "ann-on-github", at: minute };
  const now = await at(made, minute);
  assert.equal(now.status, "proposed");
  await made.approve();
  await made.settle();
  made.state.now = 2 * minute;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, 3 * minute)), "verified");
  assert.match(comments(made), /mallory.*ann-on-github.*Verified/s);
  return made;
});
story("A3 the author mends it forward and deploys while people are asked, the alert ends: the end names that deploy", async () => {
  const made = on(await asked());
  line(made, "bce9");
  await report(made, "c", { at: 8_000 });
  made.state.now = 3 * minute;
  await made.deploy(sha("9"));
  await made.settle();
  made.state.now = 5 * minute;
  await made.alerts([ended(4 * minute)]);
  const over = await made.settle();
  assert.equal(outcomeOf(over), "recovered");
  assert.equal(pullOf(made).state, "closed");
  assert.match(comments(made), /9{12}.*00:03:00/s);
  return made;
});
story("A4 forty alerts of the same kind join while people are asked: one message, nothing in the thread", async () => {
  const made = on(await asked());
  for (let n = 0; n < 40; n++) await made.alerts([alert({ ...burning, fingerprint: `p${n}`, labels: { service: "payment-gateway", pod: `p${n}` } })]);
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  assert.deepEqual([made.state.posted, replies(made).split("\n").filter((one) => /joined/.test(one)).length], [1, 0]);
  assert.match(lines(made), /PaymentErrorsHigh/);
  return made;
});
story("A5 Bea lands her own revert while people are asked and deploys it: ours is closed, it ends as people's, with her name", async () => {
  const made = on(await asked());
  line(made, "bce7");
  await report(made, "c", { at: 8_000 });
  landed(made, "Bea", minute);
  made.state.now = 2 * minute;
  await made.deploy(sha("7"));
  made.state.now += 1000;
  await made.settle();
  await made.settle();
  made.state.now = 4 * minute;
  await made.settle();
  await made.alerts([ended(3 * minute)]);
  const over = await at(made, 5 * minute);
  assert.equal(outcomeOf(over), "recovered_by_people");
  assert.equal(pullOf(made).state, "closed");
  assert.match(comments(made), /Bea/);
  assert.doesNotMatch(headline(over), /needs a person/);
  return made;
});
story("A6 Bea lands her own revert while people are asked and nobody deploys it: the escalation names her, her commit and the deploy that lacks", async () => {
  const made = on(await asked());
  line(made, "bce7");
  await report(made, "c", { at: 8_000 });
  landed(made, "Bea", minute);
  // A webhook of the push looks again.
  await made.handle({ type: "LookAgain", at: minute, round: 1, head: sha("d"), by: "ann" });
  await made.settle();
  const late = await expire(made, hour);
  assert.equal(late.status, "escalated");
  assert.match(detailOf(late), /Bea.*7{12}/);
  assert.match(detailOf(late), /deploy/);
  return made;
});
story("A7 the host is off from before the answer is due until hours later: the escalation says that the host did not run", async () => {
  const made = on(await asked());
  await ticked(made, minute);
  const late = await ticked(made, 3 * hour);
  assert.equal(late.status, "escalated");
  assert.match(detailOf(late), /did not run|was not running|was off|was down/);
  return made;
});
story("A8 the host is off while Bea merges by hand: back, the merge is followed, and nobody is said not to have decided", async () => {
  const made = on(await asked());
  await ticked(made, minute);
  change(made, byBea);
  const now = await ticked(made, 3 * hour);
  assert.equal(now.status, "merged");
  assert.doesNotMatch(replies(made) + comments(made), /nobody decided/);
  assert.match(replies(made), /by bea/);
  return made;
});
story("A9 Slack is down from the question past its due time: the escalation says that nobody could be asked, with the cause", async () => {
  const made = on(world());
  made.state.failing.post = outage("slack", "chat.postMessage to C1: 503");
  await made.alerts([burning]);
  await made.settle().catch(() => {});
  for (let now = minute; now < 11 * minute; now += minute) { made.state.now = now; await made.settle().catch(() => {}); }
  made.state.now = 12 * minute;
  await made.handle({ type: "Expire", at: 12 * minute });
  const late = await made.settle().catch(() => status(made));
  assert.equal((await status(made)).status, "escalated");
  const now = await status(made);
  assert.match(detailOf(now), /503/);
  assert.doesNotMatch(detailOf(now), /^nobody decided in time$/);
  assert.match(detailOf(now), /could not be asked|were not asked|was not asked/);
  made.state.failing = {};
  await at(made, 13 * minute);
  assert.match(comments(made), /503/);
  return made;
});

// ---- after the approval and before the merge
story("A10 Ann takes her yes back while checks run: rejected by her, closed, nothing merged", async () => {
  const made = on(await approved());
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  await made.reject("wait, it is the provider", "ann (UANN)");
  const over = await made.settle();
  assert.equal(outcomeOf(over), "rejected");
  assert.deepEqual([made.state.merges, pullOf(made).state], [0, "closed"]);
  assert.match(comments(made), /Approved.*Rejected.*ann.*it is the provider/s);
  return made;
});
story("A11 a bot updates the branch from main after the approval: asked again, its changes are said to be the same", async () => {
  const made = on(await approved());
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  change(made, { pull: { ...pullOf(made).pull, head: sha("8") } });
  made.state.refusal = undefined;
  const now = await at(made, 40_000);
  assert.deepEqual([now.status, made.state.merges], ["proposed", 0]);
  assert.match(replies(made), /changes are the same/);
  assert.equal(made.state.posted, 1);
  return made;
});
story("A12 the mode is set to observe after the approval: nothing is merged, and the reason is told", async () => {
  const made = on(await approved());
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  made.configure({ services: [service({ policy: { ...policy, mode: "observe" } })] });
  made.state.refusal = undefined;
  const now = await at(made, minute);
  assert.equal(made.state.merges, 0);
  assert.match(`${detailOf(now)}${replies(made)}`, /observe/);
  return made;
});
story("A13 the service leaves the configuration after the approval: given up, nothing merged, the pull request says why", async () => {
  const made = on(await approved());
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  made.configure({ services: [service({ name: "other" })] });
  made.state.refusal = undefined;
  await made.settle().catch(() => {});
  await made.settle().catch(() => {});
  const now = await status(made);
  assert.equal(made.state.merges, 0);
  assert.equal(outcomeOf(now), "abandoned");
  assert.match(headline(now as never), /no longer configured|given up/i);
  return made;
});
story("A14 the merge queue takes it out again: a person is told why and what to do, Retry puts it in again", async () => {
  const made = on(world());
  made.state.gates = { ...made.state.gates, state: "blocked", queue: { in: false } };
  await approved(made);
  await made.settle();
  made.state.gates = { ...made.state.gates, queue: { in: true } };
  await at(made, 40_000);
  made.state.gates = { ...made.state.gates, queue: { in: false } };
  const out = await at(made, 50_000);
  assert.equal(out.status, "escalated");
  assert.match(detailOf(out), /merge queue of main took #1 out/);
  await made.handle({ type: "Retry", at: minute, round: 1, by: "bea (UBEA)" });
  const now = await at(made, minute);
  assert.equal(now.status, "approved");
  assert.equal(made.state.armed, "queue");
  change(made, { ...byBea, by: "github-merge-queue[bot]" });
  assert.equal((await at(made, 2 * minute)).status, "merged");
  assert.match(comments(made), /took #1 out.*tried again by bea.*Merged/s);
  return made;
});
story("A15 GitHub answers 502 to the merge for half a minute: merged once, by the same approval, no second question", async () => {
  const made = on(await approved());
  made.state.failing.merge = outage("github", "merge acme/payments#1: 502");
  await made.settle().catch(() => {});
  await made.settle().catch(() => {});
  assert.match(waitOf(await status(made)), /502/);
  made.state.failing = {};
  assert.equal((await at(made, 50_000)).status, "merged");
  assert.deepEqual([made.state.merges, made.state.posted], [1, 1]);
  return made;
});
story("A16 GitHub is down for 20 minutes after the approval: a person is told of GitHub; Retry asks or merges, and it ends verified", async () => {
  const made = on(await approved());
  made.state.failing.merge = outage("github", "merge acme/payments#1: 502");
  await made.settle().catch(() => {});
  made.state.now = 3 * minute;
  await made.handle({ type: "Expire", at: made.state.now });
  await made.settle().catch(() => {});
  const late = await status(made);
  assert.equal(late.status, "escalated");
  assert.match(detailOf(late), /502/);
  made.state.failing = {};
  await at(made, 5 * minute);
  const back = await at(made, 20 * minute);
  // Its approval was for this; GitHub is back and the alert still fires: it goes on by itself, or asks.
  assert.ok(["merged", "proposed", "approved"].includes(back.status), back.status);
  return made;
});
story("A17 GitHub takes the app's rights away before the merge and gives them back in time: the same approval merges, one message", async () => {
  const made = on(await approved());
  made.state.failing.merge = new UpstreamError("github", "merge acme/payments#1: 403 Resource not accessible", { retryable: false, status: 403 });
  const refused = await made.settle();
  assert.equal(refused.status, "escalated");
  assert.match(detailOf(refused), /403/);
  made.state.failing = {};
  const now = await at(made, 7 * minute);
  assert.equal(now.status, "merged");
  assert.deepEqual([made.state.merges, made.state.posted], [1, 1]);
  return made;
});
story("A18 the rights come back after the approval is too old: people are asked again and told why", async () => {
  const made = on(await approved());
  made.state.failing.merge = new UpstreamError("github", "merge acme/payments#1: 403 Resource not accessible", { retryable: false, status: 403 });
  await made.settle();
  made.state.failing = {};
  const now = await at(made, hour);
  assert.deepEqual([now.status, made.state.merges], ["proposed", 0]);
  assert.notEqual(buttons(made), undefined);
  assert.match(lines(made) + replies(made), /tried again/);
  return made;
});
story("A19 GitHub refuses for signatures, Bea merges by hand: told what to do, followed, verified", async () => {
  const made = on(await approved());
  made.state.refusal = { result: "refused", detail: "main asks for signed commits", instruction: "sign and merge it on GitHub" };
  const late = await made.settle();
  assert.equal(late.status === "escalated" && late.reason, "merge_refused");
  assert.match(lines(made), /signed commits.*sign and merge it/s);
  change(made, byBea);
  await at(made, minute);
  made.state.now = 2 * minute;
  await made.deploy();
  await made.settle();
  const over = await at(made, 4 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(comments(made), /Approved.*Needs a person.*Merged.*bea.*Verified/s);
  assert.doesNotMatch(headline(over), /needs a person/);
  return made;
});

// ---- after the merge and before it is live
story("A20 the alert ends after the merge and before the deploy: the verdict says that the fix did not end it, the next firing does not learn from it", async () => {
  const made = on(await asked());
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
  return made;
});
story("A21 the deploy is overdue, Bea presses Retry, and deploys: waited for again, live, verified, all of it on the pull request", async () => {
  const made = on(await merged());
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
  return made;
});
story("A22 the alert comes and goes three times while the deploy is on its way: no word of it in the thread, verified", async () => {
  const made = on(await merged());
  for (const n of [1, 2, 3]) {
    made.state.now = n * minute;
    await made.alerts([resolved({ startsAt: n === 1 ? 10_000 : (n - 1) * minute + 30_000, endsAt: n * minute })]);
    made.state.now += 30_000;
    await made.alerts([fired(n * minute + 30_000)]);
    await made.settle();
  }
  made.state.now = 5 * minute;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, 7 * minute)), "verified");
  assert.doesNotMatch(replies(made), /joined|resolved/i);
  return made;
});
story("A23 a rollout of the merge starts, is told twice, and succeeds: one Live, verified", async () => {
  const made = on(await merged());
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
  return made;
});
story("A24 GitHub cannot compare for the whole time in which the deploy is waited for: the escalation names GitHub, and once it is back the deploy is found and verified", async () => {
  const made = on(await merged());
  const { contains } = made.work.history;
  made.work.history.contains = async () => { throw outage("github", "compare: 503"); };
  made.state.now = 2 * minute;
  await report(made, "a");
  await made.settle().catch(() => {});
  await made.settle().catch(() => {});
  made.state.now = 20 * minute;
  await made.handle({ type: "Expire", at: made.state.now });
  await made.settle().catch(() => {});
  const late = await status(made);
  assert.match(detailOf(late), /compare: 503/);
  assert.doesNotMatch(detailOf(late), /no deploy that holds/);
  made.work.history.contains = contains;
  await at(made, 21 * minute);
  const over = await at(made, 23 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.doesNotMatch(headline(over), /needs a person/);
  return made;
});
story("A25 the service leaves the configuration after the merge: given up, and told that the merged change is not followed", async () => {
  const made = on(await merged());
  made.configure({ services: [service({ name: "other" })] });
  await made.settle().catch(() => {});
  await made.settle().catch(() => {});
  const now = await status(made);
  assert.equal(outcomeOf(now), "abandoned");
  assert.match(detailOf(now), /#1|merged/);
  return made;
});
story("A26 a merge on Saturday that nobody deploys, and Monday's firing: asked for a deploy, by the pull request's number, no second revert", async () => {
  const made = on(await asked());
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
  return made;
});

// ---- live, before the verdict
story("A27 a rollback by hand to a version from before the change while it is verified: told as that, never verified, the deploy of main verifies", async () => {
  const made = on(world());
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
  return made;
});
story("A28 the same alert of another pod joins while it is verified: told which one", async () => {
  const made = on(await live());
  made.state.now += 1000;
  await made.alerts([alert({ ...burning, fingerprint: "pod2", labels: { service: "payment-gateway", pod: "pay-2" }, startsAt: made.state.now - 500 })]);
  await made.settle();
  assert.match(replies(made), /PaymentErrorsHigh.*pay-2.*joined/);
  return made;
});
story("A29 a silence outlasts the time to verify: a person is told by whom, and the end of the alert ends it without one", async () => {
  const made = on(await live());
  made.state.reading = { result: "firing", at: 0 };
  made.work.activeAlerts = { list: async () => [{ alert: burning, inhibitedBy: [], silencedBy: ["dan: deploy"] }] };
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
  return made;
});
story("A30 the host is off while the fix is live, and the trouble is over when it is back: verified, nobody is called", async () => {
  const made = on(await live());
  const over = await ticked(made, 3 * hour);
  assert.equal(outcomeOf(over), "verified");
  assert.doesNotMatch(replies(made) + comments(made), /Needs a person/);
  return made;
});
story("A31 the trouble is not over in time, Bea retries, and it is over: verified, with both on the pull request", async () => {
  const made = on(world());
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
  return made;
});
story("A32 a withdrawal that nobody answers: the escalation says what is live and what it would have done", async () => {
  const made = on(world({ configured: service({ policy: { ...policy, minConfidence: 0 } }) }));
  made.state.reading = { result: "firing", at: 0 };
  await made.alerts([burning]);
  await made.bringLive(2 * minute);
  await at(made, 9 * minute);
  assert.equal((await made.settle()).status, "proposed");
  const late = await expire(made, 30 * minute);
  assert.equal(late.status, "escalated");
  assert.match(lines(made), /nobody decided in time/);
  assert.match(lines(made), /#1/);
  return made;
});

// ---- after the verdict
story("A33 the same alert of another pod within the hour: round 2 says that the revert runs and the cause is another, no second revert", async () => {
  const made = on(await verified());
  made.state.now = 4 * minute;
  await made.alerts([ended(3 * minute)]);
  made.state.now = 30 * minute;
  await made.alerts([alert({ ...burning, fingerprint: "pod2", labels: { service: "payment-gateway", pod: "pay-2" }, startsAt: 29 * minute })]);
  const now = await made.settle();
  assert.deepEqual([now.round, now.status, made.state.opened], [2, "escalated", 1]);
  assert.match(detailOf(now), /f{12}.*another cause/);
  return made;
});
story("A34 a new change goes out days later and the alert fires: it is the suspect, not the old one, and both pull requests are linked", async () => {
  const made = on(await verified());
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
  return made;
});
story("A35 Alertmanager repeats the same firing for hours after the verdict: people are told that it still fires there", async () => {
  const made = on(await verified());
  const before = made.state.replies.size;
  for (const n of [4, 8, 12]) {
    made.state.now = n * hour;
    await made.alerts([burning]);
    await made.settle();
  }
  assert.ok(made.state.replies.size > before || (await status(made)).round === 2, "nobody was told");
  assert.ok(made.state.replies.size - before < 3 && made.state.posted <= 2, "spam");
  return made;
});
story("A36 a part of the change is brought back and deployed days later, and the alert fires: what came back is named, and its commit is the suspect", async () => {
  const made = on(await verified());
  made.state.now = 4 * minute;
  await made.alerts([ended(3 * minute)]);
  await made.settle();
  const part = other("7", 2 * day, { title: `Reapply "${culprit.title}"`, message: `Reapply "${culprit.title}"`, author: "Ann" });
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
  return made;
});

// ---- after a rejection, a withdrawal, an escalation
story("A37 after a no an older version is deployed and the alert ends: the pull request tells the deploy and the end", async () => {
  const made = on(await asked());
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
  return made;
});
story("A38 after nobody answered an older version is deployed and the alert ends: the end tells that deploy, and nobody is needed", async () => {
  const made = on(await asked());
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
  return made;
});
story("A39 the queue merges it after the no: said as a merge after the no, by whom, followed and verified", async () => {
  const made = on(await asked());
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
  return made;
});
story("A40 Friday's open pull request conflicts by Monday: Monday's firing asks about a new one that can be merged, and the old one leads on", async () => {
  const made = on(await asked());
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
  await made.process.handle(id, { type: "Approve", at: made.state.now, round: 2, head: pullOf(made).pull.head, vote: { person: "UANN", by: "ann", at: made.state.now, door: "slack", of: ["the approvers of payment-gateway"], relation: "independent" }, required: { groups: [{ of: "the approvers of payment-gateway", quorum: 1 }], fourEyes: "off" } });
  assert.equal((await made.settle()).status, "merged");
  return made;
});
