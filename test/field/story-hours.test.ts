import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import { headline } from "../../shared/text/timeline.ts";
import { doors } from "../support/doors.ts";
import { alert, id, resolved, sha } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { burning, culprit, policy, service, world } from "../support/world.ts";
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
  other,
  outage,
  outcomeOf,
  pullOf,
  replies,
  report,
  storedOf,
  ticked,
  verified,
  waitOf,
} from "./story.ts";

// Stories of snoozes, outages, a host that is off, and late reports, from the question to weeks after.

test("the alert ends while the question is snoozed: recovered, and nobody is asked once the snooze is over", async () => {
  const made = await asked();
  await made.handle({ type: "Snooze", at: minute, round: 1, head: sha("d"), by: "ann (UANN)" });
  await at(made, minute);
  made.state.now = 5 * minute;
  await made.alerts([ended(4 * minute)]);
  assert.equal(outcomeOf(await made.settle()), "recovered");
  made.state.now = 17 * minute;
  await made.handle({ type: "Remind", at: made.state.now });
  await made.settle();
  assert.doesNotMatch(replies(made), /decision is needed/);
  assert.equal(pullOf(made).state, "closed");
  assert.match(comments(made), /Snoozed.*by ann.*Recovered.*00:04:00/s);
});
test("Ann leaves the approvers while people are asked, and clicks: she learns why, Bea's yes merges", async () => {
  const made = await asked();
  made.configure({ services: [service({ approvers: ["UBEA"] })] });
  const question = { incident: id, round: 1, head: sha("d"), nonce: "nonce" };
  await doors(made).interact(click("approve", "UANN", question));
  await made.settle();
  assert.equal(made.state.merges, 0);
  assert.match(made.state.whispers.at(-1) ?? "", /UANN: .*(approver|may)/);
  await doors(made).interact(click("approve", "UBEA", question));
  await made.settle();
  const now = await at(made, minute);
  assert.equal(now.status, "merged");
  assert.match(comments(made), /Approved.*by .*bea/is);
});
test("another alert joins and the first one ends while people are asked: the verdict is about both", async () => {
  const made = await asked();
  await made.alerts([alert({ ...burning, fingerprint: "f2", name: "RefundsFail", startsAt: 15_000 })]);
  await made.settle();
  made.state.now = minute;
  await made.alerts([ended(50_000)]);
  assert.equal((await made.settle()).status, "proposed");
  await made.approve();
  await made.settle();
  made.state.now = 2 * minute;
  await made.deploy();
  await made.settle();
  await made.alerts([
    resolved({ fingerprint: "f2", name: "RefundsFail", startsAt: 15_000, endsAt: 2.5 * minute }),
  ]);
  const over = await at(made, 4 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(detailOf(over), /PaymentErrorsHigh, RefundsFail were quiet/);
  assert.match(comments(made), /the last alert ended at 00:02:30/);
});
test("GitHub is down while people are asked, and Ann says yes in Slack: merged once it is back, once", async () => {
  const made = await asked();
  const pull = made.work.pulls.pull;
  made.work.pulls = {
    ...made.work.pulls,
    pull: async () => {
      throw outage("github", "read acme/payments#1: 502");
    },
  };
  await at(made, minute);
  await made.approve();
  await made.settle();
  const now = await storedOf(made);
  assert.equal(now.status, "approved");
  assert.match(waitOf(now), /502/);
  made.work.pulls = { ...made.work.pulls, pull };
  assert.equal((await at(made, 1.9 * minute)).status, "merged");
  assert.equal(made.state.merges, 1);
});
test("a newer version that still holds the change is deployed while people are asked: the question stays as it is", async () => {
  const made = world();
  line(made, "bce9f");
  await report(made, "c", { at: 8_000 });
  await asked(made);
  made.state.now = 2 * minute;
  await made.deploy(sha("9"));
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  assert.deepEqual([made.state.opened, made.state.posted], [1, 1]);
  assert.doesNotMatch(replies(made), /did it themselves|rolled back/);
  await made.approve();
  assert.equal((await made.settle()).status, "merged");
});
test("people roll back by a deploy while they are asked: said with its time, ours stays open for Git, verified as theirs", async () => {
  const made = world();
  line(made, "bce");
  await report(made, "c", { at: 8_000 });
  await asked(made);
  made.state.now = 2 * minute;
  await made.deploy(sha("b"));
  await made.settle();
  await made.settle();
  const over = await at(made, 4 * minute);
  assert.equal(outcomeOf(over), "recovered_by_people");
  assert.equal(pullOf(made).state, "open");
  assert.match(comments(made), /c{12} is no longer live, rolled back by a deploy at 00:02/);
});
test("in observe a first look without a suspect, and the deploy that did it is reported late: it is told", async () => {
  const made = world({
    configured: service({ policy: { ...policy, mode: "observe", lookAgainMs: [2 * minute, 10 * minute] } }),
  });
  made.state.commits = [];
  await made.alerts([burning]);
  await made.settle();
  made.state.commits = [culprit];
  made.state.now = 90_000;
  await report(made, "c", { at: 8_000 });
  await made.settle();
  const now = await at(made, 2 * minute + 1000);
  assert.equal(diagnosisOf(now)?.suspects[0]?.sha, culprit.sha);
  assert.match(`${lines(made)}${replies(made)}`, /round payments to minor units/);
  assert.deepEqual([made.state.opened, made.state.posted], [0, 1]);
});

test("a check runs for ever: a day later a person is told of it by name, merges by hand, and it is verified", async () => {
  const made = await approved();
  made.state.refusal = checks({ running: ["e2e"] });
  await made.settle();
  for (let n = 1; n <= 23; n++) await expire(made, n * hour);
  const late = await expire(made, day + 2 * hour);
  assert.equal(late.status, "escalated");
  assert.match(detailOf(late), /e2e/);
  change(made, byBea);
  await at(made, day + 3 * hour);
  made.state.now = day + 4 * hour;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, day + 4 * hour + 2 * minute)), "verified");
  assert.ok(!made.state.checks.some((one) => one.endsWith("failure")));
});
test("Dan presses yes after it was merged: he learns by whom it was approved or merged, nothing else moves", async () => {
  const made = await merged(world({ configured: service({ approvers: ["UANN", "UDAN"] }) }));
  await doors(made).interact(
    click("approve", "UDAN", { incident: id, round: 1, head: sha("d"), nonce: "nonce" }),
  );
  const now = await made.settle();
  assert.deepEqual([now.status, made.state.merges], ["merged", 1]);
  assert.match(made.state.whispers.at(-1) ?? "", /merged|approved/);
});
test("GitHub merges and its answer is lost: one merge, told once, by whom", async () => {
  const made = await approved();
  made.state.failing["merge after it was applied"] = outage("github", "merge acme/payments#1: 502");
  await made.settle();
  made.state.failing = {};
  assert.equal((await at(made, 50_000)).status, "merged");
  assert.equal(made.state.merges, 1);
  assert.equal(replies(made).match(/^Merged/gm)?.length, 1);
});
test("the host is off for hours after the approval: nothing is merged by so old a yes, people are asked again and told why", async () => {
  const made = await approved();
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  made.state.refusal = undefined;
  const now = await ticked(made, 5 * hour);
  assert.deepEqual([now.status, made.state.merges], ["proposed", 0]);
  assert.match(replies(made), /did not look/);
});

test("the deploy of the merge fails twice and the alert ends: both are told, the end says that it was merged and not live", async () => {
  const made = await merged();
  line(made, "bcefa");
  made.state.now = 2 * minute;
  await made.deploy(sha("f"), "failed");
  await made.settle();
  made.state.now = 4 * minute;
  await made.deploy(sha("a"), "failed");
  await made.settle();
  const late = await expire(made, 12 * minute);
  assert.equal(late.status === "escalated" && late.reason, "deploy_failed");
  made.state.now = 20 * minute;
  await made.alerts([ended(19 * minute)]);
  const over = await made.settle();
  assert.equal(outcomeOf(over), "recovered");
  assert.match(comments(made), /f{12} at 00:02:00.*failed.*a{12} at 00:04:00.*failed/s);
  assert.match(headline(over), /recovered after the merge, which was not verified/);
});
test("production gets the merge three days after the escalation: live, verified, no person needed any more", async () => {
  const made = await merged();
  await report(made, "f", { environment: "staging", at: minute });
  await expire(made, 20 * minute);
  made.state.now = 3 * day;
  await made.deploy();
  await made.settle();
  const over = await at(made, 3 * day + 2 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.doesNotMatch(`${headline(over)}${lines(made)}`, /needs a person/i);
});
test("nobody deploys the merge for a week: the pull request says that it is followed no longer", async () => {
  const made = await merged();
  await expire(made, 20 * minute);
  await expire(made, 8 * day);
  assert.match(comments(made), /No longer followed/);
});
test("the host is off while the merge is deployed: back, it is live and verified, and nobody is called", async () => {
  const made = await merged();
  await report(made, "f", { at: 2 * minute });
  await ticked(made, 2 * hour);
  const over = await ticked(made, 2 * hour + minute);
  assert.equal(outcomeOf(over), "verified");
  assert.doesNotMatch(comments(made), /Needs a person/);
});

test("Prometheus cannot be read until the time is over; back, Bea retries: verified, with the outage on the pull request", async () => {
  const made = await live();
  made.state.reading = { result: "unknown", detail: "query: 503" };
  await at(made, 3 * minute);
  const late = await expire(made, 14 * minute);
  assert.equal(late.status === "escalated" && late.verdict, "telemetry_gone");
  made.state.reading = { result: "quiet", since: 0 };
  await made.handle({ type: "Retry", at: 20 * minute, round: 1, by: "bea (UBEA)" });
  const over = await at(made, 20 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.match(comments(made), /503.*tried again by bea.*Verified/s);
});
test("GitHub takes no comment from the verdict until the next firing: round 1's end is told first, then round 2, each once", async () => {
  const made = await live();
  made.state.failing.comment = outage("github", "comment: 502");
  assert.equal(outcomeOf(await at(made, 3 * minute)), "verified");
  await made.alerts([ended(3 * minute)]);
  await made.settle();
  made.state.now = hour;
  await made.alerts([fired(hour)]);
  await made.settle();
  made.state.failing = {};
  await at(made, hour + minute);
  await at(made, hour + 2 * minute);
  assert.match(comments(made), /Verified.*Fired again/s);
  assert.equal(comments(made).match(/quiet for/g)?.length, 1);
});
test("the next deploy fails and the deployer puts the fix back: verified, nothing is told as not live", async () => {
  const made = await live();
  line(made, "bcefa");
  made.state.now += 1000;
  await made.deploy(sha("a"), "failed");
  made.state.now += 1000;
  await made.deploy(sha("f"));
  await made.settle();
  assert.equal(outcomeOf(await at(made, 4 * minute)), "verified");
  assert.doesNotMatch(replies(made), /Not live/);
});
test("GitHub refuses the app while the fix is looked at: told with 403, and once it is mended it is verified by itself", async () => {
  const made = await live();
  const { contains } = made.work.history;
  made.work.history.contains = async () => {
    throw new UpstreamError("github", "compare: 403 suspended", { retryable: false, status: 403 });
  };
  made.state.now += 1000;
  await made.deploy(sha("a"));
  await made.settle();
  const refused = await at(made, 3 * minute);
  assert.notEqual(outcomeOf(refused), "verified");
  assert.match(`${detailOf(refused)}${waitOf(refused)}`, /403/);
  made.work.history.contains = contains;
  await at(made, 20 * minute);
  const over = await at(made, 22 * minute);
  assert.equal(outcomeOf(over), "verified");
});
test("the page that the deadline raised is resolved once, at the verdict", async () => {
  const made = world({
    configured: service({ policy: { ...policy, deadlineMs: minute, page: "pagerduty" } as typeof policy }),
  });
  const pages: string[] = [];
  made.work.paging = {
    raise: async (_, { summary }) => void pages.push(`raise ${summary}`),
    resolve: async () => void pages.push("resolve"),
  };
  await live(made);
  await made.handle({ type: "Remind", at: 2 * minute + 1000 });
  await made.settle();
  assert.match(pages.at(-1) ?? "", /raise .*not verified 60 s after the first alert/);
  assert.equal(outcomeOf(await at(made, 3 * minute)), "verified");
  assert.equal(pages.at(-1), "resolve");
  assert.match(comments(made), /A person is paged/);
});

test("the repository is renamed after the verdict and deploys are reported by commits GitHub does not know: nothing false is told", async () => {
  const made = await verified();
  made.work.history.contains = async () => {
    throw new UpstreamError("github", "compare: 404", { retryable: false, status: 404 });
  };
  made.state.now = hour;
  await made.deploy(sha("9"));
  const now = await made.settle();
  assert.equal(outcomeOf(now), "verified");
  assert.doesNotMatch(replies(made), /Not live/);
});
test("Alertmanager repeats the alert for ten minutes after the verdict and then resolves it: no new round", async () => {
  const made = await verified();
  for (const n of [5, 8, 12]) {
    made.state.now = n * minute;
    await made.alerts([burning]);
    await made.settle();
  }
  made.state.now = 13 * minute;
  await made.alerts([ended(3 * minute)]);
  const now = await made.settle();
  assert.deepEqual([now.round, outcomeOf(now), made.state.posted], [1, "verified", 1]);
});
test("the alert repeats for a day after the no: nobody is asked again, nothing is posted", async () => {
  const made = await asked();
  await made.reject("it is the cache", "ann (UANN)");
  await made.settle();
  const before = made.state.replies.size;
  for (let n = 1; n <= 6; n++) {
    made.state.now = n * 4 * hour;
    await made.alerts([burning]);
    await made.settle();
  }
  assert.deepEqual(
    [(await storedOf(made)).round, made.state.posted, made.state.replies.size],
    [1, 1, before],
  );
});
test("a late report of a failed deploy from before the verdict: nothing is told", async () => {
  const made = await verified();
  const before = made.state.replies.size;
  made.state.now = hour;
  await report(made, "f", { status: "failed", at: 2.5 * minute });
  const now = await made.settle();
  assert.equal(outcomeOf(now), "verified");
  assert.equal(made.state.replies.size, before);
});

test("Bea closed it, and it fires the next day: declined before by Bea, told on the pull request as well", async () => {
  const made = await asked();
  change(made, { state: "closed", by: "bea", closedAt: minute });
  assert.equal(outcomeOf(await at(made, minute)), "withdrawn");
  made.state.now = hour;
  await made.alerts([ended(hour)]);
  await made.settle();
  made.state.now = day;
  await made.alerts([fired(day)]);
  const now = await made.settle();
  assert.equal(now.status === "escalated" && now.reason, "declined_before");
  assert.match(detailOf(now), /bea/);
  assert.match(comments(made), /Withdrawn.*by bea.*Fired again.*Needs a person.*bea/s);
  assert.equal(made.state.opened, 1);
});
test("after the no another pod fires: the no is named, nobody is asked", async () => {
  const made = await asked();
  await made.reject("it is the cache", "ann (UANN)");
  await made.settle();
  made.state.now = hour;
  await made.alerts([ended(hour)]);
  await made.settle();
  made.state.now = 2 * hour;
  await made.alerts([
    alert({
      ...burning,
      fingerprint: "pod2",
      labels: { service: "payment-gateway", pod: "pay-2" },
      startsAt: 2 * hour,
    }),
  ]);
  const now = await made.settle();
  assert.equal(now.status === "escalated" && now.reason, "declined_before");
  assert.match(detailOf(now), /ann.*it is the cache/);
  assert.equal(buttons(made), undefined);
});
test("a new change in round 2 is rejected and the alert ends: each pull request has its own end, and the first leads to the second", async () => {
  const made = await verified();
  line(made, "bcef9");
  made.state.now = 4 * minute;
  await made.alerts([ended(3 * minute)]);
  await made.settle();
  made.state.commits = [other("9", 2 * day, { patch: "-const a = 1\n+const minor = payments" })];
  made.state.snapshot = { ...made.state.snapshot, commit: other("9", 2 * day) };
  made.state.now = 2 * day + minute;
  await made.deploy(sha("9"));
  made.state.now = 2 * day + 3 * minute;
  await made.alerts([fired(2 * day + 2 * minute)]);
  assert.equal((await made.settle()).status, "proposed");
  await made.handle({
    type: "Reject",
    at: made.state.now,
    round: 2,
    head: pullOf(made).pull.head,
    by: "ann (UANN)",
    detail: "a provider",
  });
  await made.settle();
  made.state.now = 2 * day + hour;
  await made.alerts([resolved({ startsAt: 2 * day + 2 * minute, endsAt: 2 * day + hour })]);
  const over = await made.settle();
  assert.equal(outcomeOf(over), "rejected");
  assert.match(comments(made), /round 2.*#&#8203;2/s);
  assert.match(comments(made), /Rejected.*a provider.*Resolved by Alertmanager.*01:00:00/s);
});
test("nobody is suspected, a mended version is deployed and the alert ends: the thread names that deploy", async () => {
  const made = world();
  made.state.commits = [];
  await made.alerts([burning]);
  await made.settle();
  assert.equal((await made.settle()).status, "escalated");
  made.state.now = 5 * minute;
  await made.deploy(sha("9"));
  await made.settle();
  made.state.now = 8 * minute;
  await made.alerts([ended(7 * minute)]);
  const over = await made.settle();
  assert.equal(outcomeOf(over), "recovered");
  assert.match(replies(made), /9{12} at 00:05:00/);
});
test("nobody is suspected until the deploy that did it is reported late: diagnosed again, asked, merged and verified", async () => {
  const made = world();
  made.state.commits = [];
  await made.alerts([burning]);
  await made.settle();
  assert.equal((await made.settle()).status, "escalated");
  made.state.commits = [culprit];
  made.state.now = 3 * minute;
  await report(made, "c", { at: 8_000, heard: { at: 3 * minute, told: 8_000 } });
  assert.equal((await made.settle()).status, "proposed");
  assert.match(replies(made), /became known/);
  await made.approve();
  await made.settle();
  made.state.now = 5 * minute;
  await made.deploy();
  await made.settle();
  assert.equal(outcomeOf(await at(made, 7 * minute)), "verified");
});
test("in mode auto, with nothing measured against the change, people are asked and nothing is merged", async () => {
  const made = world({ configured: service({ policy: { ...policy, mode: "auto" } }) });
  line(made, "bcef");
  await report(made, "c", { at: 8_000 });
  await made.alerts([burning]);
  assert.equal((await made.settle()).status, "proposed");
  assert.deepEqual([made.state.merges, made.state.posted], [0, 1]);
  assert.notEqual(buttons(made), undefined);
});
