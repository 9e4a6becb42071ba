import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import { headline } from "../../shared/text/timeline.ts";
import { alert, id, resolved, sha } from "../support/incident.ts";
import { burning, culprit, service, world } from "../support/world.ts";
import {
  approved,
  asked,
  at,
  change,
  checks,
  comments,
  day,
  detailOf,
  ended,
  expire,
  fired,
  hour,
  landed,
  lines,
  merged,
  message,
  minute,
  onto,
  outcomeOf,
  pullOf,
  replies,
  waitOf,
} from "./story.ts";

// Stories whose ends people read: in the thread, on the pull request and on the page.

test("the author brings the change back with the deploy of the revert: not live, by name; the deploy without it verifies", async () => {
  const made = await merged();
  made.state.undone = { paths: ["src/fx.js"], commit: { ...culprit, sha: sha("7"), author: "Cem" } };
  made.state.now = minute;
  await made.deploy(sha("a"));
  assert.equal((await at(made, 2 * minute)).status, "merged");
  assert.match(replies(made), /Not live: a{12}.*src\/fx\.js is as before it again by 7{12} of Cem/);
  assert.match(comments(made), /Not live.*7{12} of Cem/s);
  made.state.undone = undefined;
  await made.deploy(sha("f"));
  assert.equal((await at(made, 3 * minute)).status, "deployed");
  assert.equal(outcomeOf(await at(made, 4 * minute)), "verified");
});

test("the change comes back while the revert is verified: never verified, and the escalation says by whose commit", async () => {
  const made = await merged();
  made.state.now = minute;
  await made.deploy();
  await made.settle();
  made.state.undone = { paths: ["src/fx.js"], commit: { ...culprit, sha: sha("7"), author: "Cem" } };
  made.state.now += 1000;
  await made.deploy(sha("a"));
  assert.equal((await at(made, 3 * minute)).status, "merged");
  const late = await expire(made, hour);
  assert.equal(late.status === "escalated" && late.verdict, "fix_not_live");
  assert.match(detailOf(late), /^the fix did not go live in time; .*7{12} of Cem/);
});

test("a later deploy that fails leaves the fix live: it is verified, and nothing says that it is not", async () => {
  const made = await merged();
  made.state.now = minute;
  await made.deploy();
  await made.settle();
  made.state.now += 2000;
  await made.deploy(sha("a"), "failed");
  assert.equal(outcomeOf(await at(made, 3 * minute)), "verified");
  assert.doesNotMatch(replies(made), /Not live|Deploy failed/);
});

test("retargeted to the new name of the branch, and the configuration learns that name: people are asked again, and it merges", async () => {
  const made = await asked();
  onto(made, "trunk");
  const gone = await at(made, minute);
  assert.equal(gone.status === "escalated" && gone.reason, "retargeted");
  made.configure({ services: [service({ branch: "trunk" })] });
  const now = await at(made, 20 * minute);
  assert.equal(now.status, "proposed");
  assert.notEqual(message(made).buttons, undefined);
  assert.match(replies(made), /#1 goes to trunk again|#1 goes to trunk, /);
});

test("retargeted after the approval and put right: the approval does not come back by itself", async () => {
  const made = await approved();
  made.state.refusal = checks({ running: ["ci"] });
  await made.settle();
  onto(made, "release");
  assert.equal((await at(made, minute)).status, "escalated");
  onto(made, "main");
  made.state.refusal = undefined;
  const now = await at(made, 2 * minute);
  assert.deepEqual([now.status, made.state.merges], ["proposed", 0]);
  await made.approve();
  assert.equal((await at(made, 3 * minute)).status, "merged");
});

test("a check fails, is run again and gets green: told once with its link, merged by the same approval, nobody asked twice", async () => {
  const made = await approved();
  made.state.refusal = checks({ failing: [{ name: "ci", url: "https://ci.test/1" }] });
  await made.settle();
  assert.match(replies(made), /ci \(https:\/\/ci\.test\/1\) failed/);
  made.state.refusal = checks({ running: ["ci"] });
  assert.equal((await at(made, 50_000)).status, "approved");
  assert.equal((await expire(made, 100_000)).status, "approved");
  made.state.refusal = undefined;
  assert.equal((await at(made, 110_000)).status, "merged");
  assert.equal(replies(made).match(/ci\.test\/1/g)?.length, 1);
  assert.equal(made.state.posted, 1);
});

test("while checks run the message says until when they took before", async () => {
  const made = await approved();
  made.state.refusal = checks({ running: ["ci", "e2e"], until: 30 * minute });
  const now = await made.settle();
  assert.match(waitOf(now), /ci, e2e still run, as long as before until 00:30:00/);
  assert.match(lines(made), /until 00:30:00/);
  assert.equal((await expire(made, 29 * minute)).status, "approved");
});

test("a conflict after the approval: a new revert against the new base is asked about, the old button decides nothing", async () => {
  const made = await approved();
  made.state.refusal = { result: "conflict", detail: "#1 conflicts with main as it is now" };
  const now = await made.settle();
  assert.deepEqual([now.status, made.state.merges], ["proposed", 0]);
  assert.match(replies(made), /conflicts with main/);
  made.state.refusal = undefined;
  await made.approve("UANN", sha("d"));
  await made.settle();
  assert.equal(made.state.merges, 0);
  await made.approve("UANN", pullOf(made).pull.head);
  assert.equal((await at(made, minute)).status, "merged");
});

test("a conflict that no machine solves names the commit and its author, and leaves no button", async () => {
  const made = await approved();
  made.state.refusal = { result: "conflict", detail: "#1 conflicts with main as it is now" };
  const { snapshot } = made.state;
  const by = {
    ...{ sha: sha("5"), title: "use decimals", message: "use decimals", author: "Dora" },
    ...{ parents: [], at: 30_000 },
  };
  made.state.snapshot = { ...snapshot, ours: new Map([["src/fx.js", { mode: "100644", sha: "worse" }]]) };
  made.work.history.dependents = async () => ({ commits: [by], own: false });
  const texts: Record<string, string> = { bad: "a\nbad\n", worse: "a\nworse\n", good: "a\ngood\n" };
  made.work.trees.blob = async (_, name) => Buffer.from(texts[name] ?? "");
  const now = await made.settle();
  assert.equal(now.status, "escalated");
  const told = /changed since by Dora in 5{12} "use decimals"/;
  assert.match(detailOf(now), told);
  assert.match(comments(made), /Needs a person.*changed since by Dora/s);
  assert.doesNotMatch(comments(made), /the next one is made/);
  assert.equal(message(made).buttons, undefined);
});

test("merged, never deployed, and the trouble goes away: recovered after the merge, not by itself, and not verified", async () => {
  const made = await merged();
  const late = await expire(made, 20 * minute);
  assert.equal(
    detailOf(late),
    "the merged change was not reported live in time; no deploy that holds pull request #1 was reported: deploy main, or have its deploys reported",
  );
  made.state.now = 30 * minute;
  await made.alerts([ended(30 * minute)]);
  const over = await made.settle();
  assert.equal(outcomeOf(over), "recovered");
  assert.match(detailOf(over), /pull request #1 was merged before/);
  assert.match(headline(over), /recovered after the merge, which was not verified/);
  assert.match(comments(made), /Recovered.*00:30:00/s);
});

test("escalated as its deploy failed; the next one succeeds an hour later: live, verified, and no person is needed", async () => {
  const made = await merged();
  made.state.now = minute;
  await made.deploy(sha("f"), "failed");
  await made.settle();
  const late = await expire(made, 20 * minute);
  assert.equal(late.status === "escalated" && late.reason, "deploy_failed");
  made.state.now = 80 * minute;
  await made.deploy();
  assert.equal((await at(made, 81 * minute)).status, "deployed");
  const over = await at(made, 83 * minute);
  assert.equal(outcomeOf(over), "verified");
  assert.doesNotMatch(`${headline(over)}${lines(made)}`, /needs a person/i);
});

test("three weekends unanswered: the same pull request each time, never a second one, and one message a round", async () => {
  const made = await asked();
  await expire(made, 11 * minute);
  for (const weekend of [1, 2]) {
    const monday = weekend * 7 * day;
    made.state.now = monday;
    await made.alerts([fired(monday)]);
    const again = await made.settle();
    assert.deepEqual([again.status, again.status === "proposed" && again.pull.number], ["proposed", 1]);
    await expire(made, monday + 11 * minute);
  }
  assert.deepEqual([made.state.opened, made.state.posted], [1, 3]);
  assert.match(comments(made), /round 3, the same trouble was there before/);
});

test("Friday's question is unanswered and Bea reverts by hand on Sunday: Monday's firing asks about no second revert and names her", async () => {
  const made = await asked();
  await expire(made, 11 * minute);
  landed(made, "Bea", 2 * day);
  made.state.now = 3 * day;
  await made.alerts([fired(3 * day)]);
  await made.settle();
  const now = await made.settle();
  assert.notEqual(now.status, "proposed");
  assert.equal(made.state.opened, 1);
  assert.match(`${replies(made)}${detailOf(now)}`, /reverted by Bea \(7{12}\)/);
  assert.doesNotMatch(replies(made), /it is asked about again/);
  const shown = diagnosisOf(now)?.suspects[0]?.score;
  assert.equal("remedy" in now && now.remedy?.score, shown);
});

test("the last round's other alert is in nothing that today's people read", async () => {
  const made = world();
  await made.alerts([burning, alert({ fingerprint: "f2", name: "OldTrouble", startsAt: 10_000 })]);
  await made.settle();
  made.state.now = hour;
  await made.alerts([
    ended(hour),
    resolved({ fingerprint: "f2", name: "OldTrouble", startsAt: 10_000, endsAt: hour }),
  ]);
  await made.settle();
  const before = new Set([...made.state.comments.keys(), ...made.state.replies.keys()]);
  made.state.now = day;
  await made.alerts([fired(day)]);
  await made.settle();
  await made.approve();
  await made.process.handle(id, { type: "RecordAlerts", at: day, alerts: [fired(day)], truncated: false });
  await made.settle();
  const today = [...made.state.comments, ...made.state.replies].filter(([key]) => !before.has(key));
  assert.doesNotMatch(`${today.map(([, text]) => text).join("\n")}${lines(made)}`, /OldTrouble/);
  assert.doesNotMatch(made.state.proposals.at(-1)!.body, /OldTrouble/);
});

test("an old round's alert that resolves late ends nothing of today's", async () => {
  const made = world();
  await made.alerts([burning, alert({ fingerprint: "f2", name: "OldTrouble", startsAt: 10_000 })]);
  await made.settle();
  await made.reject("not it");
  await made.settle();
  made.state.now = hour;
  await made.alerts([ended(hour)]);
  await made.settle();
  made.state.now = 8 * day;
  await made.alerts([fired(8 * day)]);
  assert.equal((await made.settle()).status, "proposed");
  made.state.now += minute;
  await made.alerts([resolved({ fingerprint: "f2", name: "OldTrouble", startsAt: 10_000, endsAt: 7 * day })]);
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  assert.doesNotMatch(lines(made), /OldTrouble/);
});

test("an ended incident fails its status once, however often it is told of, and again only with other words", async () => {
  const made = await asked();
  await expire(made, 11 * minute);
  for (const n of [12, 13, 14]) await at(made, n * minute);
  assert.deepEqual(made.state.checks, ["d failure"]);
  await made.alerts([ended(15 * minute)]);
  await at(made, 16 * minute);
  await at(made, 17 * minute);
  assert.deepEqual(made.state.checks, ["d failure", "d failure"]);
});

test("a push before anybody approved says nothing of an approval, and one after it does", async () => {
  const early = await asked();
  change(early, { pull: { ...pullOf(early).pull, head: sha("8") } });
  await at(early, minute);
  assert.doesNotMatch(`${replies(early)}${comments(early)}`, /was approved/);
  const late = await approved();
  change(late, { pull: { ...pullOf(late).pull, head: sha("8") } });
  await at(late, minute);
  assert.match(comments(late), /whatever was approved no longer counts/);
});
