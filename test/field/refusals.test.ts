import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf } from "../../shared/adapters/github/merging/refusal.ts";
import type { Checks, MergeResult } from "../../shared/ports/pulls.ts";
import { sha } from "../support/incident.ts";
import { burning, policy, service, type World, world } from "../support/world.ts";

const minute = 60_000;
const approved = async (refusal?: MergeResult, made = world()): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  made.state.refusal = refusal;
  return made;
};
const blocked = (checks: Partial<Checks> = {}): MergeResult => ({
  ...{ result: "blocked", detail: "405 Required status check is expected." },
  checks: { failing: [], running: [], ...checks },
});
const replies = (made: World) => [...made.state.replies.values()].join("\n");

for (const [message, kind] of [
  ["Changes must be made through the merge queue", "person"],
  ["Repository rule violations found Merge method squash is not allowed on this branch.", "method"],
  ["Squash merges are not allowed on this repository.", "method"],
  ["Merge commits are not allowed on this repository.", "method"],
  ["Rebase merges are not allowed on this repository.", "method"],
  ["This branch must not contain merge commits.", "method"],
  ["Commits must have verified signatures.", "person"],
  ["At least 1 approving review is required by reviewers with write access.", "person"],
  ["Waiting on code owner review from acme/payments.", "person"],
  ["A conversation must be resolved before this pull request can be merged.", "person"],
  ["Pull Request is still a draft", "person"],
  ["You're not authorized to push to this branch.", "person"],
  ["Repository was archived so is read-only.", "person"],
  ['Required status check "ci" is expected.', "wait"],
  ["2 of 3 required status checks are pending.", "wait"],
  ["Base branch was modified. Review and try the merge again.", "wait"],
  ["Something that nobody has seen yet", "wait"],
] as const)
  test(`“${message}” is for: ${kind}`, () => assert.equal(refusalOf(message).kind, kind));

test("what no waiting mends is said at once with what to do, and the later merge by hand is followed", async () => {
  const made = await approved({
    result: "refused",
    detail: "405 merge queue",
    instruction: "press “Merge when ready”",
  });
  const ended = await made.settle();
  assert.equal(ended.status === "escalated" && ended.reason, "merge_refused");
  assert.equal(ended.status === "escalated" && ended.detail, "405 merge queue; press “Merge when ready”");
  assert.deepEqual([...new Set(made.state.checks)], ["d success"]);
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.pulls.set(branch, { ...now, state: "merged", mergeSha: sha("f"), by: "queue" });
  made.state.now += minute;
  assert.equal((await made.settle()).status, "merged");
});

test("after a review was given, Retry merges what was approved without asking again", async () => {
  const made = await approved({
    result: "refused",
    detail: "405 review",
    instruction: "let a reviewer approve it",
  });
  await made.settle();
  made.state.refusal = undefined;
  await made.handle({ type: "Retry", at: made.state.now + minute, round: 1, by: "ann" });
  assert.equal((await made.settle()).status, "merged");
  assert.equal(made.state.merges, 1);
});

test("a failing check is told in the thread at once, with its link, and the approval stands", async () => {
  const made = await approved(blocked({ failing: [{ name: "ci", url: "https://ci.test/7" }] }));
  assert.equal((await made.settle()).status, "approved");
  assert.match(replies(made), /because ci \(https:\/\/ci\.test\/7\) failed/);
  made.state.refusal = undefined;
  made.state.now += minute;
  assert.equal((await made.settle()).status, "merged");
});

test("while checks run the approval is not overdue, and until when they took before is said", async () => {
  const until = 20_000 + 40 * minute;
  const made = await approved(blocked({ running: ["ci"], until }));
  const waiting = await made.settle();
  assert.equal(waiting.status === "approved" && waiting.due, until + 2 * 60_000);
  assert.match(
    waiting.status === "approved" ? waiting.delay!.detail : "",
    /ci still runs, as long as before until 00:40:20/,
  );
  made.state.refusal = undefined;
  await made.handle({ type: "Expire", at: until });
  made.state.now = until;
  assert.equal((await made.settle()).status, "merged");
});

test("checks of unknown length move the due time on as long as they run, at most for a day", async () => {
  const day = 24 * 60 * minute;
  const stepMs = day / 6;
  const made = await approved(undefined, world({ configured: service({ policy: { ...policy, stepMs } }) }));
  for (let at = 20_000; at < day; at += stepMs / 2) {
    made.state.refusal = blocked({ running: ["ci"] });
    made.state.now = at;
    await made.handle({ type: "Expire", at });
    assert.equal((await made.settle()).status, "approved");
  }
  made.state.now = day + 60_000;
  await made.handle({ type: "Expire", at: made.state.now });
  assert.equal((await made.settle()).status, "escalated");
});

test("a conflict closes the pull request, and a new one is asked about, without a button of the old one", async () => {
  const made = await approved({ result: "conflict", detail: "#1 conflicts with main as it is now" });
  const again = await made.settle();
  assert.equal(again.status === "proposed" && again.pull.number, 2);
  assert.equal(made.state.merges, 0);
  const text = [...made.state.messages.values()]
    .at(-1)!
    .lines.map(({ text }) => text)
    .join("\n");
  assert.match(text, /#1 conflicts with main as it is now/);
  assert.match([...made.state.comments.values()].join("\n"), /Opened anew/);
});

test("a conflict is seen before anybody decides", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  const [branch, now] = [...made.state.pulls][0]!;
  const closed: number[] = [];
  const { pulls } = made.work;
  made.work.pulls = {
    ...pulls,
    closePull: async (place, pull) => {
      closed.push(pull.number);
      await pulls.closePull(place, pull);
    },
  };
  made.state.pulls.set(branch, { ...now, conflicts: true });
  await made.settle();
  const events = await made.store.log("payment-gateway/production");
  assert.equal(events.filter(({ type }) => type === "RemedyOutdated").length, 1);
  assert.deepEqual([...new Set(closed)], [now.pull.number]);
});

test("a pull request that another incident of ours closed is no withdrawal: it is opened again", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.pulls.set(branch, { ...now, state: "closed", closedByUs: true });
  assert.equal((await made.settle()).status, "proposed");
  assert.equal(made.state.pulls.get(branch)?.state, "open");
});
