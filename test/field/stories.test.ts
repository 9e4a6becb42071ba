import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import type { Incident } from "../../shared/incident/model.ts";
import type { MergeResult } from "../../shared/ports/pulls.ts";
import { headline } from "../../shared/text/timeline.ts";
import { resolved, sha } from "../support/incident.ts";
import { burning, culprit, policy, service, type World, world } from "../support/world.ts";

/** Whole stories from the approval to weeks after, each with a turn that was once told wrong, or not at all. */
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const asked = async (made = world()): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  return made;
};
const change = (made: World, over: object): void => {
  const [branch, now] = [...made.state.pulls].at(-1)!;
  made.state.pulls.set(branch, { ...now, ...over });
};
const onto = (made: World, base: string) => ({
  pull: { ...[...made.state.pulls.values()].at(-1)!.pull, base },
});
const byBea = { state: "merged", mergeSha: sha("f"), by: "bea" };
const expire = async (made: World, at: number): Promise<Incident> => {
  made.state.now = at;
  await made.handle({ type: "Expire", at });
  return made.settle();
};
/** The merge is deployed, and quiet for long enough. */
const verifies = async (made: World): Promise<void> => {
  made.state.now += minute;
  await made.deploy();
  made.state.now += 1000;
  await made.settle();
  made.state.now += minute;
  const over = await made.settle();
  assert.equal(over.status === "closed" && over.outcome, "verified");
  assert.doesNotMatch(headline(over), /needs a person/);
};
const replies = (made: World) => [...made.state.replies.values()].join("\n");
const comments = (made: World) => [...made.state.comments.values()].join("\n");
const detailOf = (incident: Incident): string => ("detail" in incident ? (incident.detail ?? "") : "");

test("retargeted, put right and merged by a person in one go: it is followed and verified", async () => {
  const made = await asked();
  change(made, onto(made, "release"));
  assert.equal((await made.settle()).status, "escalated");
  change(made, { ...onto(made, "main"), ...byBea });
  made.state.now += minute;
  assert.equal((await made.settle()).status, "merged");
  assert.match(replies(made), /by bea/);
  await verifies(made);
});

test("a failing check is named by the escalation, and a merge by hand after it is verified without a failed status", async () => {
  const made = await asked();
  await made.approve();
  const checks = { failing: [{ name: "ci", url: "https://ci.test/1" }], running: [] };
  made.state.refusal = { result: "blocked", detail: "405", checks } satisfies MergeResult;
  await made.settle();
  const late = await expire(made, 20 * minute);
  assert.match(detailOf(late), /ci \(https:\/\/ci\.test\/1\) failed/);
  change(made, byBea);
  made.state.now += minute;
  assert.equal((await made.settle()).status, "merged");
  await verifies(made);
  assert.deepEqual(
    made.state.checks.filter((check) => check.endsWith("failure")),
    [],
  );
});

test("a deploy of the merge that fails and is rolled back by the deployer is told as both", async () => {
  const made = await asked();
  await made.approve();
  made.state.now = minute;
  await made.settle();
  made.work.history.contains = async (_, { ancestor, descendant }) =>
    ancestor === descendant || ancestor === culprit.sha || descendant === "main";
  await made.deploy(sha("f"), "failed");
  made.state.now += 1000;
  await made.deploy(sha("b"));
  made.state.now += 1000;
  assert.equal((await made.settle()).status, "merged");
  const told =
    "the deploy of ffffffffffff at 00:01:00, which holds pull request #1, failed; the next one that succeeds counts; bbbbbbbbbbbb runs since 00:01:01";
  assert.ok(replies(made).includes(`Deploy failed: ${told}`));
  const late = await expire(made, 30 * minute);
  assert.deepEqual(
    [late.status === "escalated" && late.reason, detailOf(late)],
    ["deploy_failed", `the merged change was not reported live in time; ${told}`],
  );
});

test("a fix whose next deploy fails and is rolled back to the change is not verified", async () => {
  const made = await asked();
  await made.bringLive(minute);
  made.work.history.contains = async (_, { ancestor, descendant }) =>
    ancestor === descendant || ancestor === culprit.sha || descendant === "main";
  made.state.now += 1000;
  await made.deploy(sha("f"), "failed");
  made.state.now += 1000;
  await made.deploy(sha("b"));
  made.state.now += minute;
  assert.equal((await made.settle()).status, "merged");
  assert.match(
    replies(made),
    /Not live: the deploy of f{12} .*, failed; .*; b{12} runs since 00:01:02; the change that it takes back runs again: deploy main/,
  );
});

test("a report of the merge that tells a time from days before is named, with what to report", async () => {
  const made = await asked();
  await made.approve();
  made.state.now = 40_000;
  await made.settle();
  const heard = { at: 45_000, told: -2 * day };
  const report = { service: "payment-gateway", environment: "production", status: "succeeded" } as const;
  await made.store.recordDeploy({ ...report, sha: sha("f"), at: -2 * day, heard });
  made.state.now = 50_000;
  const now = await made.settle();
  assert.equal(
    now.status === "merged" && now.delay?.detail,
    "ffffffffffff was reported at 00:00:45 as deployed on 1969-12-30T00:00Z, long before the merge: report the time at which the deploy ended, or none",
  );
  await verifies(made);
});

test("a trouble that ends after the rejection is told on the pull request", async () => {
  const made = await asked();
  await made.reject("not it");
  await made.settle();
  made.state.now = hour;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: hour })]);
  const over = await made.settle();
  assert.equal(over.status === "closed" && over.outcome, "rejected");
  assert.match(comments(made), /Resolved by Alertmanager.*the last alert ended at 01:00:00 UTC/s);
});

/** Nobody answered, nobody watches any more, and then a person merged it. */
const mergedUnseen = async (): Promise<World> => {
  const made = await asked(world({ configured: service({ policy: { ...policy, minConfidence: 0 } }) }));
  await expire(made, 11 * minute);
  await expire(made, 8 * day);
  change(made, byBea);
  return made;
};
const firesAgain = async (made: World): Promise<Incident> => {
  made.state.now = 9 * day;
  await made.alerts([{ ...burning, startsAt: 9 * day }]);
  return made.settle();
};

test("a revert that was merged while nobody watched is told with what to do, by what runs", async () => {
  const untold = await firesAgain(await mergedUnseen());
  assert.equal(
    detailOf(untold),
    "pull request #1, merged by bea, has taken this change back already, and no report tells what is deployed: deploy main, unless it runs",
  );
  const live = await mergedUnseen();
  live.state.now = 8 * day + hour;
  await live.deploy(sha("a"));
  const held = await firesAgain(live);
  assert.equal(
    detailOf(held),
    "pull request #1, merged by bea, has taken this change back already, and aaaaaaaaaaaa, which runs, holds it: the trouble has another cause",
  );
});

test("checks that run for half an hour are waited for with one status, and no second question", async () => {
  const made = world();
  const { pulls } = made.work;
  const posted: string[] = [];
  made.work.pulls = {
    ...pulls,
    setCheck: async (place, check) => {
      if (!check.unlessSet) posted.push(check.state);
      await pulls.setCheck(place, check);
    },
  };
  await asked(made);
  await made.approve();
  const checks = { failing: [], running: ["ci"] };
  made.state.refusal = { result: "blocked", detail: "405", checks } satisfies MergeResult;
  for (let look = 0; look < 30; look++) {
    assert.equal((await expire(made, made.state.now + 50_000)).status, "approved");
  }
  made.state.refusal = undefined;
  made.state.now += minute;
  assert.equal((await made.settle()).status, "merged");
  // The world plays each step twice at the same instant.
  assert.deepEqual([posted, made.state.posted], [["success", "success"], 1]);
});

test("an alert that goes on firing for a day after nobody answered asks nobody again", async () => {
  const made = await asked();
  await expire(made, 11 * minute);
  for (let repeat = 1; repeat <= 6; repeat++) {
    made.state.now = repeat * 4 * hour;
    await made.alerts([burning]);
    assert.equal((await made.settle()).status, "escalated");
  }
  assert.deepEqual([made.state.posted, made.state.opened], [1, 1]);
});

test("the same alert while its revert is live has another cause, and the change is not taken back twice", async () => {
  const made = await asked();
  await made.deploy(culprit.sha);
  await made.bringLive(2 * minute);
  made.state.now = 3 * minute;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: 3 * minute })]);
  await made.settle();
  made.state.now = 23 * minute;
  await made.alerts([{ ...burning, startsAt: 22 * minute }]);
  const again = await made.settle();
  assert.equal(again.status, "escalated");
  assert.match(detailOf(again), /ffffffffffff, which runs, holds it: the trouble has another cause$/);
  assert.equal(made.state.opened, 1);
});

test("a retargeted pull request is told also where its Slack message was deleted", async () => {
  const made = await asked();
  const gone = new UpstreamError("slack", "message_not_found", { retryable: false, gone: true });
  const { update, reply } = made.work.chat;
  made.work.chat.update = async (message, view) => {
    if (message.ts === "1.0") throw gone;
    await update(message, view);
  };
  made.work.chat.reply = async (message, notes) => {
    if (message.ts === "1.0") throw gone;
    await reply(message, notes);
  };
  change(made, onto(made, "release"));
  assert.equal((await made.settle()).status, "escalated");
  const lines = [...made.state.messages.values()].at(-1)?.lines.map(({ text }) => text) ?? [];
  assert.equal(made.state.posted, 2);
  assert.match(lines.join("\n"), /#1 goes to release now, not to main/);
});

test("a revert by a person that lands after the approval is followed in place of ours", async () => {
  const made = await asked();
  await made.approve();
  made.state.refusal = { result: "conflict", detail: "#1 conflicts with main as it is now" };
  const title = `Revert "${culprit.title}"`;
  const by = {
    sha: sha("7"),
    title,
    message: `${title}\n\nThis reverts commit ${culprit.sha}.`,
    author: "Bea",
    parents: [],
    at: 30_000,
  };
  const { snapshot } = made.state;
  made.state.snapshot = { ...snapshot, ours: snapshot.theirs, since: { ...snapshot.since, commits: [by] } };
  const now = await made.settle();
  assert.equal(now.status === "merged" && now.fix?.by, "Bea");
  assert.equal(made.state.merges, 0);
});

test("GitHub that cannot tell what a later deploy holds leaves nothing verified", async () => {
  const made = await asked();
  await made.bringLive(2 * minute);
  made.work.history.contains = async () => {
    throw new UpstreamError("github", "compare: 503", { retryable: true });
  };
  made.state.now += 1000;
  await made.deploy(sha("b"));
  made.state.now += minute;
  const now = await made.settle();
  assert.equal(now.status === "deployed" && now.delay?.detail, "compare: 503");
});
