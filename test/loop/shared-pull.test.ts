import assert from "node:assert/strict";
import { test } from "node:test";
import { updatePull } from "../../functions/announce/pull.ts";
import { incidentWithRemedy } from "../../functions/propose/shared-pull.ts";
import type { In } from "../../shared/incident/model.ts";
import { id, resolved, revertOf, sha, suspect } from "../support/incident.ts";
import { burning, service, type World, world } from "../support/world.ts";
import { diagnosis, gitops, inGitops, numberedAlike, other, statesOf, two } from "./pulls.ts";

/** Has the first incident take another remedy, so that its pull request is to be closed. */
const chosen = async (made: World): Promise<void> => {
  await made.alerts([burning]);
  const remedies = [revertOf(), revertOf({ sha: sha("b"), title: "bump the base image", score: 0.5 })];
  const suspects = [suspect(), suspect({ sha: sha("b"), score: 0.5 })];
  const diagnosis = { suspects, none: 0.1, onsetAt: 10_000, remedies };
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  await made.settle();
  await made.handle({ type: "Choose", at: made.state.now, round: 1, head: sha("d"), choice: 1, by: "ann" });
};

/** Makes the other incident ask about the pull request that is open. */
const askedElsewhere = async (made: World): Promise<void> => {
  const mine = (await made.store.load(id)).incident as In<"diagnosed">;
  const { replaced } = mine;
  assert.ok(replaced !== undefined);
  const at = made.state.now;
  await made.process.handle(other, { type: "RecordAlerts", at, truncated: false, alerts: [burning] });
  await made.process.handle(other, { type: "RecordDiagnosis", at, round: 1, diagnosis: mine.diagnosis });
  const { remedy, pull } = replaced;
  await made.process.handle(other, { type: "RecordProposal", at, round: 1, remedy, pull, guarded: false });
};

test("a pull request that gives way to another stays open while people are asked about it for another incident", async () => {
  const made = two();
  await chosen(made);
  await askedElsewhere(made);
  await made.settle();
  assert.deepEqual(statesOf(made), ["open", "open"]);
});

test("an incident that ends does not close the pull request that gave way and is asked about elsewhere", async () => {
  const made = two();
  await chosen(made);
  await askedElsewhere(made);
  await made.handle({ type: "Expire", at: 10_000_000 });
  await made.settle();
  assert.deepEqual(statesOf(made), ["open"]);
});

test("a pull request that gave way stays open once a person opened it again, although the incident ends", async () => {
  const made = two();
  await chosen(made);
  made.state.reopened = { by: "bob", at: made.state.now };
  await made.handle({ type: "Expire", at: 10_000_000 });
  await made.settle();
  assert.deepEqual(statesOf(made), ["open"]);
});

test("a rejected pull request is closed although the next round asks about another repository's of its number", async () => {
  const made = world({ configured: service({ gitops: [gitops] }) });
  await made.alerts([burning]);
  const asked = await made.settle();
  assert.ok(asked.status === "proposed");
  await made.reject("we roll forward");
  const { incident: ended } = await made.store.load(id);
  assert.ok(ended.status === "closed");
  const now = { ...asked, round: 2, remedy: inGitops, pull: { ...numberedAlike, number: asked.pull.number } };
  await updatePull(made.work, ended, await made.store.log(id), now);
  assert.deepEqual(statesOf(made), ["closed"]);
});

test("our own pull request from a branch with a number is completed, and never taken for one of people", async () => {
  const made = world();
  await made.alerts([burning]);
  const { pull: first } = (await made.settle()) as In<"proposed">;
  const numbered = { ...first, number: 2, branch: `${first.branch}-2` };
  const body = `This reverts commit ${sha("c")}.`;
  made.state.snapshot.pulls = [
    { number: 2, url: numbered.url, title: "Revert", body, branch: numbered.branch, own: true },
  ];
  await made.handle({ type: "RecordConflict", at: 21_000, round: 1, pull: 1, detail: "it conflicts" });
  const after = await made.settle();
  assert.equal(after.status, "proposed");
});

test("a pull request of people that takes the change back is followed", async () => {
  const made = world();
  const body = `This reverts commit ${sha("c")}.`;
  made.state.snapshot.pulls = [
    { number: 9, url: "http://github.test/9", title: "Revert", body, branch: "hotfix-2", own: true },
  ];
  await made.alerts([burning]);
  const after = await made.settle();
  assert.equal(after.status === "merged" && after.fix?.pull?.number, 9);
  assert.equal(made.state.opened, 0);
  await made.alerts([resolved({ startsAt: 10_000 })]);
});

/** Two incidents that opened one pull request at the same moment, so that each asks its own people. */
const askedTwice = async (): Promise<World> => {
  const made = world({ others: [service({ name: "checkout", approvers: ["UBEN"] })] });
  await made.alerts([burning]);
  const mine = (await made.settle()) as In<"proposed">;
  const at = made.state.now;
  const { remedy, pull } = mine;
  await made.process.handle(other, { type: "RecordAlerts", at, truncated: false, alerts: [burning] });
  await made.process.handle(other, { type: "RecordDiagnosis", at, round: 1, diagnosis: mine.diagnosis });
  await made.process.handle(other, { type: "RecordProposal", at, round: 1, remedy, pull, guarded: false });
  return made;
};
const askedBoth = async (): Promise<World> => {
  const made = await askedTwice();
  const { pull: one, terms } = (await made.store.load(id)).incident as In<"proposed">;
  await made.process.handle(other, {
    ...{ type: "RecordRequest", at: made.state.now, round: 1, head: one.head },
    ...{ message: { channel: "C0PAY", ts: "9.0" }, terms: terms! },
  });
  return made;
};

test("an incident that opened the pull request of another at the same moment waits for that one's question", async () => {
  const made = await askedTwice();
  const waiting = await made.settle(other);
  assert.deepEqual(waiting.status === "referred" && waiting.referral.to, id);
  assert.deepEqual(statesOf(made), ["open"]);
});

test("a pull request about which two incidents ask is merged only when the people of both said yes", async () => {
  const made = await askedBoth();
  await made.approve();
  await made.settle();
  assert.deepEqual([(await made.store.load(other)).incident.status, made.state.merges], ["referred", 0]);
  await made.settle(other);
  const again = await made.settle();
  assert.deepEqual(again.status === "proposed" && [again.sharers, again.asked], [["checkout"], true]);
  assert.equal(made.state.merges, 0);
});

test("an incident without a say in auto-merge has its merge compared with the approval of the one that armed it", async () => {
  const made = await askedBoth();
  const mine = (await made.store.load(id)).incident as In<"proposed">;
  await made.approve();
  const at = made.state.now;
  await made.handle({
    ...{ type: "RecordArming", at, round: 1, head: mine.pull.head, how: "auto-merge" },
    detail: "a review is missing",
  });
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.isSameMerged = false;
  const by = "countersteer[bot]";
  made.state.pulls.set(branch, { ...now, state: "merged", mergeSha: sha("f"), by });
  const differs = `its changes are not those of ${"d".repeat(12)}, which UANN approved`;
  const first = await made.settle(other);
  assert.equal(first.status === "merged" && first.merge?.differs, differs);
  const armed = await made.settle();
  assert.equal(armed.status === "merged" && armed.merge?.differs, differs);
});

test("an incident whose shared merge another one has found to differ tells the same", async () => {
  const made = await askedBoth();
  const differs = "GitHub merged it before auto-merge could be taken back";
  const { pull: shared } = (await made.store.load(id)).incident as In<"proposed">;
  const at = made.state.now;
  const merged = {
    type: "RecordMerge",
    at,
    round: 1,
    pull: shared.number,
    sha: sha("f"),
    by: "bot",
  } as const;
  await made.handle({ ...merged, differs });
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.pulls.set(branch, { ...now, state: "merged", mergeSha: sha("f"), by: "bot" });
  const after = await made.settle(other);
  assert.equal(after.status === "merged" && after.merge?.differs, differs);
});

test("a rejected pull request is closed, whatever other pull request is asked about for another incident", async () => {
  const made = two();
  await made.alerts([burning]);
  await made.settle();
  const at = made.state.now;
  const mine = (await made.store.load(id)).incident as In<"proposed">;
  const theirs = {
    ...mine.pull,
    number: 9,
    url: "http://github.test/acme/payments/pull/9",
    branch: "theirs",
  };
  await made.process.handle(other, { type: "RecordAlerts", at, truncated: false, alerts: [burning] });
  await made.process.handle(other, { type: "RecordDiagnosis", at, round: 1, diagnosis });
  const { remedy } = mine;
  await made.process.handle(other, {
    ...{ type: "RecordProposal", at, round: 1, remedy, pull: theirs, guarded: false },
  });
  await made.reject("we roll forward");
  await made.settle();
  assert.deepEqual(statesOf(made), ["closed"]);
});

test("of two incidents that are about to open one pull request, the one whose id comes first opens it", async () => {
  const made = two();
  const at = made.state.now;
  for (const one of [id, other]) {
    await made.process.handle(one, { type: "RecordAlerts", at, truncated: false, alerts: [burning] });
    await made.process.handle(one, { type: "RecordDiagnosis", at, round: 1, diagnosis });
  }
  const diagnosed = async (one: string) => (await made.store.load(one)).incident as In<"diagnosed">;
  const [mine, theirs] = [await diagnosed(id), await diagnosed(other)];
  assert.equal(await incidentWithRemedy(made.work, mine, revertOf()), other);
  assert.equal(await incidentWithRemedy(made.work, theirs, revertOf()), undefined);
});
