import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import type { Incident } from "../../shared/incident/model.ts";
import { headline } from "../../shared/text/timeline.ts";
import { resolved, sha } from "../support/incident.ts";
import { burning, culprit, type World, world } from "../support/world.ts";

const minute = 60_000;
const hour = 60 * minute;
const asked = async (): Promise<World> => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  return made;
};
const change = (made: World, over: object): void => {
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.pulls.set(branch, { ...now, ...over });
};
const mergedByHand = (made: World) => change(made, { state: "merged", mergeSha: sha("f"), by: "bea" });
const expire = async (made: World, at: number): Promise<Incident> => {
  made.state.now = at;
  await made.handle({ type: "Expire", at });
  return made.settle();
};
const outcome = (incident: Incident) => (incident.status === "closed" ? incident.outcome : incident.status);
const verifies = async (made: World): Promise<void> => {
  made.state.now += minute;
  await made.deploy(sha("f"));
  made.state.now += 1000;
  assert.equal((await made.settle()).status, "deployed");
  made.state.now += minute;
  assert.equal(outcome(await made.settle()), "verified");
};

test("a merge by hand after nobody answered is followed to live and verified", async () => {
  const made = await asked();
  assert.equal((await expire(made, 11 * minute)).status, "escalated");
  mergedByHand(made);
  made.state.now += minute;
  assert.equal((await made.settle()).status, "merged");
  await verifies(made);
});

test("a merge by hand after a rejection is followed, and says who merged", async () => {
  const made = await asked();
  await made.reject("no", "ann");
  await made.settle();
  mergedByHand(made);
  made.state.now += minute;
  assert.equal((await made.settle()).status, "merged");
  assert.match([...made.state.replies.values()].join("\n"), /bea/);
  await verifies(made);
});

test("a deploy that comes after the escalation is live and verified", async () => {
  const made = await asked();
  await made.approve();
  await made.settle();
  assert.equal((await expire(made, 20 * minute)).status, "escalated");
  await verifies(made);
});

test("an alert that resolves after the escalation ends it: nothing says that a person is needed", async () => {
  const made = await asked();
  await expire(made, 11 * minute);
  made.state.now = 12 * minute;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: 12 * minute })]);
  const over = await made.settle();
  assert.equal(outcome(over), "recovered");
  assert.doesNotMatch(headline(over), /needs a person/);
  assert.equal([...made.state.pulls.values()][0]?.state, "closed");
});

test("a pull request that is opened again after it was closed is asked about again", async () => {
  const made = await asked();
  change(made, { state: "closed", by: "bea" });
  assert.equal(outcome(await made.settle()), "withdrawn");
  change(made, { state: "open" });
  made.state.now += minute;
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  assert.match(
    [...made.state.messages.values()]
      .at(-1)!
      .lines.map(({ text }) => text)
      .join("\n"),
    /opened again/,
  );
});

test("a rejected pull request that a person opens again is said, asked about, and verified when it is merged", async () => {
  const made = await asked();
  await made.reject("no", "ann");
  await made.settle();
  made.state.now += minute;
  change(made, { state: "open" });
  made.state.reopened = { by: "bea", at: made.state.now };
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  assert.match([...made.state.replies.values()].join("\n"), /#1 was opened again on GitHub by bea/);
  assert.equal(made.state.checks.at(-1), "d pending");
  mergedByHand(made);
  made.state.now += minute;
  assert.equal((await made.settle()).status, "merged");
  await verifies(made);
});

test("a pull request that a person opens again after the trouble went away is left open, and a merge of it is followed", async () => {
  const made = await asked();
  made.state.now = 3 * minute;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: 3 * minute })]);
  assert.equal(outcome(await made.settle()), "recovered");
  assert.equal([...made.state.pulls.values()][0]?.state, "closed");
  change(made, { state: "open" });
  made.state.now += minute;
  made.state.reopened = { by: "bea", at: made.state.now };
  assert.equal(outcome(await made.settle()), "recovered");
  assert.equal([...made.state.pulls.values()][0]?.state, "open");
  mergedByHand(made);
  assert.equal((await made.settle()).status, "merged");
});

test("a pull request that was opened again before the rejection is not asked about again", async () => {
  const made = await asked();
  made.state.reopened = { by: "bea", at: made.state.now };
  made.state.now += minute;
  await made.reject("no", "ann");
  await made.settle();
  change(made, { state: "open" });
  assert.equal(outcome(await made.settle()), "rejected");
});

test("what GitHub refused for its setup is tried again while the alert fires, and is told only when it goes on", async () => {
  const made = world();
  made.state.failing.openPull = new UpstreamError("github", "403 Resource not accessible by integration", {
    retryable: false,
    status: 403,
  });
  await made.alerts([burning]);
  assert.equal((await made.settle()).status, "escalated");
  await made.settle();
  const told = made.state.replies.size;
  for (const at of [6, 20, 60]) {
    made.state.now = at * minute;
    assert.equal((await made.settle()).status, "escalated");
  }
  assert.equal(made.state.replies.size, told);
  made.state.failing = {};
  made.state.now = 180 * minute;
  assert.equal((await made.settle()).status, "proposed");
});

test("a person may have it tried again at once", async () => {
  const made = world();
  made.state.failing.openPull = new UpstreamError("github", "403 Resource not accessible by integration", {
    retryable: false,
    status: 403,
  });
  await made.alerts([burning]);
  await made.settle();
  made.state.failing = {};
  await made.handle({ type: "Retry", at: made.state.now + 1, round: 1, by: "ann" });
  assert.equal((await made.settle()).status, "proposed");
});

test("an escalation fails no status on a head that was approved", async () => {
  const made = await asked();
  await made.approve();
  made.state.failing.merge = new UpstreamError("github", "405 nothing goes", {
    retryable: false,
    status: 405,
  });
  const ended = await made.settle();
  assert.equal(ended.status, "escalated");
  assert.equal(
    made.state.checks.some((check) => check.endsWith("failure")),
    false,
  );
});

test("a revert that a person lands by hand after a no, or after no answer, is followed to its end and named", async () => {
  for (const end of ["rejected", "unanswered"] as const) {
    const made = await asked();
    if (end === "rejected") await made.reject("I do it myself", "ann");
    made.state.now = 11 * minute;
    if (end === "unanswered") await made.handle({ type: "Expire", at: made.state.now });
    await made.settle();
    const title = `Revert "${culprit.title}"`;
    const message = `${title}\n\nThis reverts commit ${culprit.sha}.`;
    const by = { ...culprit, sha: sha("7"), title, message, author: "Bea", at: 12 * minute };
    const { snapshot } = made.state;
    made.state.snapshot = { ...snapshot, ours: snapshot.theirs, since: { ...snapshot.since, commits: [by] } };
    made.state.now = 13 * minute;
    await made.settle();
    await made.deploy(sha("7"));
    made.state.now += 1000;
    await made.settle();
    assert.equal((await made.settle()).status, "deployed");
    made.state.now += minute;
    assert.equal(outcome(await made.settle()), "recovered_by_people");
    assert.match([...made.state.replies.values()].join("\n"), /was already reverted by Bea \(7{12}\)/);
    assert.match([...made.state.comments.values()].join("\n"), /reverted by Bea/);
    assert.equal([...made.state.pulls.values()][0]?.state, "closed");
  }
});

test("a rejected question does not say that the alert fires once it is over", async () => {
  const made = await asked();
  await made.reject("no", "ann");
  await made.settle();
  const shown = () => [...made.state.messages.values()].at(-1)?.lines.map(({ text }) => text)[0];
  assert.equal(shown(), "by ann: “no”; still firing");
  made.state.now = hour;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: hour })]);
  await made.settle();
  assert.equal(shown(), "by ann: “no”; the last alert ended at 01:00:00 UTC");
});
