import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import { headline } from "../../shared/text/timeline.ts";
import { doors } from "../support/doors.ts";
import { alert, id, resolved, sha } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { burning, culprit, policy, service, type World, world } from "../support/world.ts";
import {
  approved,
  asked,
  at,
  change,
  comments,
  day,
  detailOf,
  ended,
  expire,
  fired,
  holdsCulprit,
  hour,
  lines,
  merged,
  minute,
  named,
  outcomeOf,
  pullOf,
  ratios,
  replies,
  step,
  verified,
  waitOf,
} from "./story.ts";

// Stories of late reports, further firings and late clicks, and the words in which people read them.

test("reports of a renamed repository: the time runs out with the cause and what to report, and the right one ends it after all", async () => {
  const made = await merged();
  const { contains } = made.work.history;
  made.work.history.contains = async (of, range) => {
    if (range.descendant === sha("9"))
      throw new UpstreamError("github", "compare: 404", { retryable: false, status: 404 });
    return contains(of, range);
  };
  made.state.now = minute;
  await made.deploy(sha("9"));
  await made.settle();
  const late = await expire(made, 20 * minute);
  assert.match(
    detailOf(late),
    /acme\/payments has no such commit.*report the deployed commit of acme\/payments/,
  );
  made.state.now = 21 * minute;
  await made.deploy();
  await at(made, 22 * minute);
  assert.equal(outcomeOf(await at(made, 24 * minute)), "verified");
});

test("a deployer whose clock is five minutes behind tells a time before the merge: what holds the merge is live", async () => {
  const made = await asked();
  made.state.now = 6 * minute;
  await made.approve();
  await made.settle();
  await made.store.recordDeploy({
    ...{ service: "payment-gateway", environment: "production", sha: sha("f") },
    ...{ status: "succeeded", at: 3 * minute, heard: { at: 8 * minute, told: 3 * minute } },
  });
  assert.equal((await at(made, 8 * minute)).status, "deployed");
  assert.equal(outcomeOf(await at(made, 10 * minute)), "verified");
});

test("the author re-lands a mended change; the trouble comes back with its deploy: the re-land is suspected first, not the old change", async () => {
  const made = await verified();
  made.state.now = 4 * minute;
  await made.alerts([ended(3 * minute)]);
  await made.settle();
  const reland = {
    ...culprit,
    ...{
      sha: sha("7"),
      title: `Reapply "${culprit.title}"`,
      message: `Reapply "${culprit.title}"`,
      at: 2 * day,
    },
  };
  made.state.commits = [reland];
  made.state.snapshot = { ...made.state.snapshot, commit: reland };
  made.state.now = 2 * day + minute;
  await made.deploy(sha("7"));
  made.state.now = 2 * day + 3 * minute;
  await made.alerts([fired(2 * day + 2 * minute)]);
  const now = await made.settle();
  assert.equal(diagnosisOf(now)?.suspects[0]?.sha, sha("7"));
  const remedy = "remedy" in now ? now.remedy : undefined;
  assert.equal(remedy?.kind === "revert" && remedy.sha, sha("7"));
  assert.match(comments(made), /Fired again.*PaymentErrorsHigh fired at 00:02:00 UTC/s);
});

test("of three alerts two go on: both are named with their values, and the third is not", async () => {
  const made = world();
  ratios(made, { A: step(0.3, 0.01), B: step(0.3, 0.2), C: step(0.4, 0.1) });
  await made.alerts(named("A", "B", "C"));
  await made.bringLive(2 * minute);
  assert.equal(
    waitOf(await at(made, 3 * minute)),
    "2 of 3 alerts still fire: B, C; B 30 % → 20 %, threshold 5 %, better but not over; C 40 % → 10 %, threshold 5 %, better but not over",
  );
});

test("better, then over: the wait told 30 % → 8 %, the verdict tells where it ended", async () => {
  const made = world();
  ratios(made, { PaymentErrorsHigh: (now) => (now < 2 * minute ? 0.3 : now < 4 * minute ? 0.08 : 0.01) });
  await made.alerts([burning]);
  await made.bringLive(2 * minute);
  assert.match(waitOf(await at(made, 3 * minute)), /30 % → 8 %, threshold 5 %, better but not over/);
  const over = await at(made, 6 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(detailOf(over), /30 % → 1 %, threshold 5 %$/);
});

test("an alert that joins between the merge and its deploy is told, and is part of the verdict", async () => {
  const made = world();
  ratios(made, { PaymentErrorsHigh: step(0.3, 0.01, 5 * minute), RefundsFail: step(0.3, 0.2, 5 * minute) });
  await merged(made);
  made.state.now = 2 * minute;
  await made.alerts([alert({ ...burning, fingerprint: "f2", name: "RefundsFail", startsAt: minute })]);
  await made.settle();
  assert.match(replies(made), /RefundsFail joined/);
  assert.match(comments(made), /RefundsFail joined/);
  made.state.now = 5 * minute;
  await made.deploy();
  await made.settle();
  const now = await at(made, 6 * minute);
  assert.equal(now.status, "deployed");
  assert.match(waitOf(now), /1 of 2 alerts still fires: RefundsFail/);
});

test("a click after Ann said no learns her name and her way to object; nothing is merged", async () => {
  const made = await asked();
  await made.reject("it is the cache", "ann (UANN)");
  await made.settle();
  const question = { incident: id, round: 1, head: sha("d"), nonce: "nonce" };
  await doors(made).interact(click("approve", "UANN", question));
  await made.settle();
  assert.match(
    made.state.whispers.at(-1) ?? "",
    /closed \(rejected\) by ann.*open pull request #1 again on GitHub to object/,
  );
  assert.equal(made.state.merges, 0);
});

test("a click on Friday's message on Monday decides nothing, and says where Monday's question is", async () => {
  const made = await asked();
  await expire(made, 11 * minute);
  made.state.now = 3 * day;
  await made.alerts([fired(3 * day)]);
  assert.equal((await made.settle()).status, "proposed");
  const friday = { incident: id, round: 1, head: sha("d"), nonce: "nonce" };
  await doors(made).interact(click("approve", "UANN", friday));
  const now = await made.settle();
  assert.deepEqual([now.status, made.state.merges], ["proposed", 0]);
  assert.match(
    made.state.whispers.at(-1) ?? "",
    /people are asked about pull request #1.* now; answer on its message/,
  );
});

test("the pull request alone tells the whole story a month later", async () => {
  const made = await verified(
    world({ configured: service({ policy: { ...policy, oncall: ["UDAN"] } as typeof policy }) }),
  );
  made.state.now = 5 * minute;
  await made.alerts([ended(4 * minute)]);
  await made.settle();
  const text = comments(made);
  for (const part of [
    /asked in Slack: ann/,
    /The Slack thread/,
    /Approved.*by .*ann/is,
    /Merged.*f{12} by countersteer/s,
    /Live.*f{12} is deployed/s,
    /Verified.*quiet for/s,
    /the last alert ended at 00:04:00 UTC/,
  ])
    assert.match(text, part);
});

test("the third time in a month: the question links both earlier rounds with their ends, and the JSON keeps them in order", async () => {
  const made = await asked();
  await at(made, 30_000);
  await made.alerts([ended(30_000)]);
  assert.equal(outcomeOf(await made.settle()), "recovered");
  made.state.now = 10 * day;
  await made.alerts([fired(10 * day)]);
  await made.settle();
  await made.process.handle(id, {
    ...{ type: "Reject", at: made.state.now, round: 2, head: sha("d"), by: "ann", detail: "the provider" },
  });
  await made.settle();
  made.state.now = 10 * day + hour;
  await made.alerts([resolved({ startsAt: 10 * day, endsAt: 10 * day + hour })]);
  await made.settle();
  made.state.now = 20 * day;
  await made.alerts([fired(20 * day)]);
  assert.equal((await made.settle()).status, "proposed");
  assert.match(comments(made), /round 1, recovered/);
  assert.match(comments(made), /round 2, rejected/);
  const json = await doors(made).app.request(`/incidents/${id}`, { headers: { accept: "application/json" } });
  const { rounds } = (await json.json()) as { rounds: { round: number; outcome: string }[] };
  assert.deepEqual(
    rounds.map(({ round, outcome }) => [round, outcome]),
    [
      [1, "recovered"],
      [2, "rejected"],
    ],
  );
});

test("a deploy of the merge to the wrong environment, then a rollback by hand: what runs is named, and nothing is verified", async () => {
  const made = await merged();
  holdsCulprit(made);
  const report = { service: "payment-gateway", sha: sha("f"), status: "succeeded" } as const;
  await made.store.recordDeploy({ ...report, environment: "staging", at: minute });
  made.state.now = 2 * minute;
  await made.deploy(sha("b"));
  const now = await at(made, 3 * minute);
  assert.equal(now.status, "merged");
  const late = await expire(made, 30 * minute);
  assert.match(detailOf(late), /b{12}, deployed at 00:02:00, does not hold pull request #1/);
  assert.equal(comments(made).match(/does not hold pull request/g)?.length, 1);
});

/** Approved, and every alert resolves before the merge: people are asked whether it is still wanted. */
const overtaken = async (): Promise<World> => {
  const made = await approved();
  made.state.now = 30_000;
  await made.alerts([ended(30_000)]);
  assert.equal((await made.settle()).status, "proposed");
  return made;
};

test("asked whether it is still wanted, the alert fires again, and the second approval merges once", async () => {
  const made = await overtaken();
  made.state.now = 2 * minute;
  await made.alerts([fired(2 * minute)]);
  const now = await made.settle();
  assert.deepEqual([now.status, now.round, made.state.merges], ["proposed", 1, 0]);
  assert.doesNotMatch(lines(made), /is it still wanted/);
  assert.match(lines(made), /every alert resolved after the approval, and it fires again now/);
  await made.approve();
  assert.equal((await made.settle()).status, "merged");
  assert.equal(made.state.merges, 1);
});

test("asked whether it is still wanted, a person merges it on GitHub: named, followed and verified", async () => {
  const made = await overtaken();
  change(made, { state: "merged", mergeSha: sha("f"), by: "bea" });
  assert.equal((await at(made, minute)).status, "merged");
  assert.match(replies(made), /Merged: as f{12} by bea/);
  made.state.now = 2 * minute;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, 3 * minute)), "verified");
});

test("asked whether it is still wanted, a person says no: that is what ended it, and nobody is called", async () => {
  const made = await overtaken();
  await made.reject("over by itself", "ann (UANN)");
  const over = await made.settle();
  assert.equal(outcomeOf(over), "rejected");
  assert.equal(pullOf(made).state, "closed");
  assert.doesNotMatch(replies(made), /Needs a person|Recovered|\?;/);
  assert.doesNotMatch(detailOf(over), /still firing/);
  assert.equal(over.status === "closed" && over.verdict, undefined);
});

test("a rollout that never ends is named by the escalation, since when it runs", async () => {
  const made = await merged();
  await made.store.recordDeploy({
    ...{ service: "payment-gateway", environment: "production", sha: sha("f") },
    ...{ status: "started", at: minute, url: "https://ci.test/7" },
  });
  await at(made, 2 * minute);
  const late = await expire(made, 20 * minute);
  assert.equal(
    detailOf(late),
    "the merged change was not reported live in time; deploying ffffffffffff since 00:01:00, which holds pull request #1 (https://ci.test/7)",
  );
});

test("an alert that ended before the merge was not ended by it: the verdict says so, and the next firing does not learn from it", async () => {
  const made = await asked();
  await made.deploy(culprit.sha);
  await made.approve();
  made.state.now = 2 * minute;
  await made.settle();
  made.state.now = 3 * minute;
  await made.alerts([ended(minute)]);
  await made.deploy();
  await made.settle();
  const over = await at(made, 5 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(detailOf(over), /ended at 00:01:00 already, before the merge/);
  assert.equal(comments(made).match(/the last alert ended at/g)?.length, 1);
  made.state.commits = [{ ...culprit, sha: sha("8"), title: "tidy", message: "tidy", patch: "+a", at: day }];
  made.state.now = day + minute;
  await made.alerts([fired(day + minute)]);
  const again = await made.settle();
  assert.doesNotMatch((diagnosisOf(again)?.notes ?? []).join(), /was taken back/);
});

test("asked to put a revert back that does not help, and the trouble goes away: nothing is put back, the second pull request is closed, and it is said", async () => {
  const made = world({ configured: service({ policy: { ...policy, minConfidence: 0 } }) });
  made.state.reading = { result: "firing", at: 0 };
  await made.alerts([burning]);
  await made.bringLive(2 * minute);
  await at(made, 9 * minute);
  const back = await made.settle();
  assert.equal(back.status === "proposed" && back.remedy.kind, "withdraw");
  made.state.reading = { result: "quiet", since: 9.5 * minute };
  made.state.now = 11 * minute;
  await made.alerts([ended(10 * minute)]);
  const over = await made.settle();
  assert.equal(outcomeOf(over), "recovered");
  assert.match(detailOf(over), /after pull request #1 had seemed not to help; nothing is put back/);
  assert.deepEqual([made.state.merges, pullOf(made).state], [1, "closed"]);
  assert.match(headline(over), /recovered after the merge, which was not verified/);
});

test("another alert of the same change after a no: the no is named, with who said it", async () => {
  const made = await asked();
  await made.reject("it is the cache", "ann (UANN)");
  await made.settle();
  made.state.now = hour;
  await made.alerts([ended(hour)]);
  await made.settle();
  made.state.now = 2 * hour;
  const other = alert({ ...burning, fingerprint: "f7", name: "RefundsFail", startsAt: 2 * hour });
  await made.alerts([other]);
  const now = await made.settle();
  assert.equal(now.status === "escalated" && now.reason, "declined_before");
  assert.match(detailOf(now), /ann \(UANN\).*it is the cache/);
  assert.equal(made.state.opened, 1);
});

test("a forced push takes the verified revert from the branch: the next deploy tells it, with the way back", async () => {
  const made = await verified();
  made.work.history.contains = async (_, { ancestor, descendant }) =>
    ancestor === descendant || ancestor === culprit.sha;
  made.state.now = hour;
  await made.deploy(sha("b"));
  const over = await made.settle();
  assert.match(replies(made), /Not live: b{12}.* force-pushed since; cherry-pick f{12} to main/);
  assert.match(headline(over), /was verified, and is not in what runs now/);
});

test("a click after nobody said that it is still wanted learns that the trouble went away", async () => {
  const made = await overtaken();
  assert.equal(outcomeOf(await expire(made, 11 * minute)), "recovered");
  await doors(made).interact(
    click("approve", "UANN", { incident: id, round: 1, head: sha("d"), nonce: "nonce" }),
  );
  await made.settle();
  assert.match(made.state.whispers.at(-1) ?? "", /closed \(recovered\).*your click changed nothing/);
  assert.equal(made.state.merges, 0);
});

test("nobody answered, Bea presses Retry and Ann approves: the pull request says all three, and it ends as verified", async () => {
  const made = await asked();
  await expire(made, 11 * minute);
  await made.handle({ type: "Retry", at: 20 * minute, round: 1, by: "bea (UBEA)" });
  assert.equal((await at(made, 20 * minute)).status, "proposed");
  await made.approve();
  await made.settle();
  made.state.now = 22 * minute;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, 24 * minute)), "verified");
  assert.match(
    comments(made),
    /Needs a person.*nobody decided in time.*Goes on.*tried again by bea.*Approved.*Verified/s,
  );
  assert.equal(made.state.checks.at(-1), "d success");
});

test("of two alerts one ends while people are asked: the verdict is about both, and says when the last one ended", async () => {
  const made = world();
  await made.alerts([burning, alert({ ...burning, fingerprint: "f2", name: "RefundsFail" })]);
  await made.settle();
  made.state.now = 30_000;
  await made.alerts([resolved({ fingerprint: "f2", name: "RefundsFail", startsAt: 10_000, endsAt: 25_000 })]);
  assert.equal((await made.settle()).status, "proposed");
  await made.bringLive(2 * minute);
  await made.alerts([ended(2.5 * minute)]);
  const over = await at(made, 4 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(comments(made), /Verified.*the last alert ended at 00:02:30 UTC/s);
});
