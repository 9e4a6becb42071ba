import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { headline } from "../../shared/text/timeline.ts";
import { alert, sha } from "../support/incident.ts";
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
  detailOf,
  ended,
  expire,
  hour,
  landed,
  line,
  lines,
  minute,
  outage,
  outcomeOf,
  pullOf,
  replies,
  report,
  storedOf,
  ticked,
  waitOf,
} from "./story.ts";

// Stories that turn while people are asked, and between the approval and the merge.

test("author pushes to the revert's branch while people are asked: asked about the new head, the old button decides nothing", async () => {
  const made = await asked();
  change(made, { pull: { ...pullOf(made).pull, head: sha("7"), diff: "other" } });
  assert.equal((await at(made, minute)).status, "proposed");
  await made.approve("UANN", sha("d"));
  await made.settle();
  assert.equal(made.state.merges, 0);
  assert.match(lines(made) + replies(made), /new commits/);
  await made.approve("UANN", sha("7"));
  assert.equal((await at(made, 2 * minute)).status, "merged");
  assert.equal(made.state.posted, 1);
});
test("a stranger closes it, an approver opens it again, Ann approves: both are named, it is verified", async () => {
  const made = await asked();
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
});
test("the author mends it forward and deploys while people are asked, the alert ends: the end names that deploy", async () => {
  const made = await asked();
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
});
test("forty alerts of the same kind join while people are asked: one message, nothing in the thread", async () => {
  const made = await asked();
  for (let n = 0; n < 40; n++)
    await made.alerts([
      alert({ ...burning, fingerprint: `p${n}`, labels: { service: "payment-gateway", pod: `p${n}` } }),
    ]);
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  assert.deepEqual(
    [
      made.state.posted,
      replies(made)
        .split("\n")
        .filter((one) => /joined/.test(one)).length,
    ],
    [1, 0],
  );
});
test("Bea lands her own revert while people are asked and deploys it: ours is closed, it ends as people's, with her name", async () => {
  const made = await asked();
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
});
test("Bea lands her own revert while people are asked and nobody deploys it: the escalation names her, her commit and the deploy that lacks", async () => {
  const made = await asked();
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
});
test("the host is off from before the answer is due until hours later: the escalation says that the host did not run", async () => {
  const made = await asked();
  await ticked(made, minute);
  const back = await ticked(made, 3 * hour);
  assert.equal(back.status, "proposed");
  assert.match(replies(made), /did not look at this from 1970-01-01T00:10Z to 1970-01-01T03:00Z/);
  assert.match(lines(made), /No answer by 03:10/);
  const late = await ticked(made, 3 * hour + 11 * minute);
  assert.equal(detailOf(late), "nobody decided in time");
});
test("the host is off while Bea merges by hand: back, the merge is followed, and nobody is said not to have decided", async () => {
  const made = await asked();
  await ticked(made, minute);
  change(made, byBea);
  const now = await ticked(made, 3 * hour);
  assert.equal(now.status, "merged");
  assert.doesNotMatch(replies(made) + comments(made), /nobody decided/);
  assert.match(replies(made), /by bea/);
});
test("Slack is down from the question past its due time: the escalation says that nobody could be asked, with the cause", async () => {
  const made = world();
  made.state.failing.post = outage("slack", "chat.postMessage to C1: 503");
  await made.alerts([burning]);
  await made.settle().catch(() => {});
  for (let now = minute; now < 11 * minute; now += minute) {
    made.state.now = now;
    await made.settle().catch(() => {});
  }
  made.state.now = 12 * minute;
  await made.handle({ type: "Expire", at: 12 * minute });
  await made.settle().catch(() => storedOf(made));
  assert.equal((await storedOf(made)).status, "escalated");
  const now = await storedOf(made);
  assert.match(detailOf(now), /503/);
  assert.doesNotMatch(detailOf(now), /^nobody decided in time$/);
  assert.match(detailOf(now), /could not be asked|were not asked|was not asked/);
  made.state.failing = {};
  await at(made, 13 * minute);
  assert.match(comments(made), /503/);
});

test("Ann takes her yes back while checks run: rejected by her, closed, nothing merged", async () => {
  const made = await approved();
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  await made.reject("wait, it is the provider", "ann (UANN)");
  const over = await made.settle();
  assert.equal(outcomeOf(over), "rejected");
  assert.deepEqual([made.state.merges, pullOf(made).state], [0, "closed"]);
  assert.match(comments(made), /Approved.*Rejected.*ann.*it is the provider/s);
});
test("a bot updates the branch from main after the approval: asked again, its changes are said to be the same", async () => {
  const made = await approved();
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  change(made, { pull: { ...pullOf(made).pull, head: sha("8") } });
  made.state.refusal = undefined;
  const now = await at(made, 40_000);
  assert.deepEqual([now.status, made.state.merges], ["proposed", 0]);
  assert.match(replies(made), /changes are the same/);
  assert.equal(made.state.posted, 1);
});
test("the mode is set to observe after the approval: nothing is merged, and the reason is told", async () => {
  const made = await approved();
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  made.configure({ services: [service({ policy: { ...policy, mode: "observe" } })] });
  made.state.refusal = undefined;
  const now = await at(made, minute);
  assert.equal(made.state.merges, 0);
  assert.match(`${detailOf(now)}${replies(made)}`, /observe/);
});
test("the service leaves the configuration after the approval: given up, nothing merged, the pull request says why", async () => {
  const made = await approved();
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  made.configure({ services: [service({ name: "other" })] });
  made.state.refusal = undefined;
  await made.settle().catch(() => {});
  await made.settle().catch(() => {});
  const now = await storedOf(made);
  assert.equal(made.state.merges, 0);
  assert.equal(outcomeOf(now), "abandoned");
  assert.match(headline(now as never), /no longer configured|given up/i);
});
test("the merge queue takes it out again: a person is told why and what to do, Retry puts it in again", async () => {
  const made = world();
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
  assert.match(comments(made), /took .*1 out.*tried again by bea.*Merged/s);
});
test("GitHub answers 502 to the merge for half a minute: merged once, by the same approval, no second question", async () => {
  const made = await approved();
  made.state.failing.merge = outage("github", "merge acme/payments#1: 502");
  await made.settle().catch(() => {});
  await made.settle().catch(() => {});
  assert.match(waitOf(await storedOf(made)), /502/);
  made.state.failing = {};
  assert.equal((await at(made, 50_000)).status, "merged");
  assert.deepEqual([made.state.merges, made.state.posted], [1, 1]);
});
test("GitHub is down for 20 minutes after the approval: a person is told of GitHub; Retry asks or merges, and it ends verified", async () => {
  const made = await approved();
  made.state.failing.merge = outage("github", "merge acme/payments#1: 502");
  await made.settle().catch(() => {});
  made.state.now = 3 * minute;
  await made.handle({ type: "Expire", at: made.state.now });
  await made.settle().catch(() => {});
  const late = await storedOf(made);
  assert.equal(late.status, "escalated");
  assert.match(detailOf(late), /502/);
  made.state.failing = {};
  await at(made, 5 * minute);
  const back = await at(made, 20 * minute);
  // Its approval was for this; GitHub is back and the alert still fires: it goes on by itself, or asks.
  assert.ok(["merged", "proposed", "approved"].includes(back.status), back.status);
});
test("GitHub takes the app's rights away before the merge and gives them back in time: the same approval merges, one message", async () => {
  const made = await approved();
  made.state.failing.merge = new UpstreamError(
    "github",
    "merge acme/payments#1: 403 Resource not accessible",
    { retryable: false, status: 403 },
  );
  const refused = await made.settle();
  assert.equal(refused.status, "escalated");
  assert.match(detailOf(refused), /403/);
  made.state.failing = {};
  const now = await at(made, 7 * minute);
  assert.equal(now.status, "merged");
  assert.deepEqual([made.state.merges, made.state.posted], [1, 1]);
});
test("the rights come back after the approval is too old: people are asked again and told why", async () => {
  const made = await approved();
  made.state.failing.merge = new UpstreamError(
    "github",
    "merge acme/payments#1: 403 Resource not accessible",
    { retryable: false, status: 403 },
  );
  await made.settle();
  made.state.failing = {};
  const now = await at(made, hour);
  assert.deepEqual([now.status, made.state.merges], ["proposed", 0]);
  assert.notEqual(buttons(made), undefined);
  assert.match(lines(made) + replies(made), /tried again/);
});
test("GitHub refuses for signatures, Bea merges by hand: told what to do, followed, verified", async () => {
  const made = await approved();
  made.state.refusal = {
    result: "refused",
    detail: "main asks for signed commits",
    instruction: "sign and merge it on GitHub",
  };
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
});
