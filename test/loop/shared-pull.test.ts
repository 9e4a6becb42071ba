import assert from "node:assert/strict";
import { test } from "node:test";
import { awaitAll } from "../../functions/announce/all.ts";
import { announce } from "../../functions/announce/announce.ts";
import { updatePull } from "../../functions/announce/pull.ts";
import { incidentWithRemedy } from "../../functions/propose/shared-pull.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { In } from "../../shared/incident/model.ts";
import { branchFor, seriesBranch } from "../../shared/remedy/revert/branch.ts";
import { id, pull, resolved, revertOf, sha, suspect } from "../support/incident.ts";
import { burning, service, type World, world } from "../support/world.ts";

const other = "checkout/production";
const two = (): World => world({ others: [service({ name: "checkout" })] });
const statesOf = ({ state }: World) => [...state.pulls.values()].map((pull) => pull.state);

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

const diagnosis = { suspects: [suspect()], none: 0.1, onsetAt: 10_000, remedies: [revertOf()] };

/** The process ends after it opened the pull request and before it recorded that; then the incident ends. */
const openedUnrecorded = async (made: World): Promise<void> => {
  await made.alerts([burning]);
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  made.state.pulls.set(pull.branch, { pull: { ...pull, number: 1 }, state: "open", paths: ["src/fx.js"] });
  await made.handle({ type: "Escalate", at: 30_000, round: 1, reason: "overdue", detail: "too long" });
};

test("a pull request that was opened but never recorded is closed when its incident goes another way", async () => {
  const made = world();
  await openedUnrecorded(made);
  await made.settle();
  assert.deepEqual(statesOf(made), ["closed"]);
  assert.match(made.state.comments.get(`${id}#1:unfinished`) ?? "", /not needed any more/);
});

test("a pull request that this incident never recorded stays open once a person opened it again, and not where we did", async () => {
  for (const [by, state] of [
    [{ by: "bob" }, "open"],
    [{ by: "countersteer[bot]", byUs: true }, "closed"],
  ] as const) {
    const made = world();
    made.state.reopened = { ...by, at: made.state.now };
    await openedUnrecorded(made);
    await made.settle();
    assert.deepEqual(statesOf(made), [state]);
  }
});

test("a pull request that gave way stays open once a person opened it again, although the incident ends", async () => {
  const made = two();
  await chosen(made);
  made.state.reopened = { by: "bob", at: made.state.now };
  await made.handle({ type: "Expire", at: 10_000_000 });
  await made.settle();
  assert.deepEqual(statesOf(made), ["open"]);
});

test("a pull request that was never recorded stays open for the incident that is to have it", async () => {
  const made = two();
  await openedUnrecorded(made);
  const at = made.state.now;
  await made.process.handle(other, { type: "RecordAlerts", at, truncated: false, alerts: [burning] });
  await made.process.handle(other, { type: "RecordDiagnosis", at, round: 1, diagnosis });
  await made.settle();
  assert.deepEqual(statesOf(made), ["open"]);
});

test("a pull request that was never recorded is closed where people have made the fix for the other incident too", async () => {
  const made = two();
  await openedUnrecorded(made);
  const at = made.state.now;
  await made.process.handle(other, { type: "RecordAlerts", at, truncated: false, alerts: [burning] });
  await made.process.handle(other, { type: "RecordDiagnosis", at, round: 1, diagnosis });
  const fix = { kind: "revert", at, detail: "already reverted by Ben", by: "Ben", sha: sha("9") } as const;
  await made.process.handle(other, { type: "RecordFix", at, round: 1, fix });
  assert.equal((await made.store.load(other)).incident.status, "merged");
  await made.settle();
  assert.deepEqual(statesOf(made), ["closed"]);
});

test("a pull request that was never recorded is closed also where a later diagnosis proposed another remedy", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  const unrecorded = { ...pull, number: 7, url: `${pull.url}/7` };
  made.state.pulls.set(pull.branch, { pull: unrecorded, state: "open", paths: ["src/fx.js"] });
  const other = revertOf({ sha: sha("b"), title: "bump the base image" });
  const { now } = made.state;
  await made.handle({ type: "Escalate", at: now, round: 1, reason: "overdue", detail: "too long" });
  await made.handle({ type: "Retry", at: now, round: 1, by: "ann" });
  const revised = { ...diagnosis, suspects: [suspect({ sha: sha("b") })], remedies: [other] };
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis: revised });
  const asked = await made.settle();
  assert.equal(asked.status === "proposed" && asked.remedy.kind === "revert" && asked.remedy.sha, sha("b"));
  assert.deepEqual(statesOf(made), ["open", "open"]);
  await made.handle({ type: "Expire", at: 10_000_000 });
  await made.settle();
  assert.deepEqual(statesOf(made), ["closed", "open"]);
});

const gitops = { repository: "acme/env", branch: "main", paths: [] };
const inGitops = { ...revertOf({ sha: sha("b"), title: "raise the gateway" }), in: "gitops" as const };
const numberedAlike = { ...pull, url: "http://github.test/acme/env/pull/7", branch: "countersteer/revert-b" };

test("a pull request that was never recorded is closed although another repository's has its number", async () => {
  const made = world({ configured: service({ gitops: [gitops] }) });
  await made.alerts([burning]);
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  made.state.pulls.set(pull.branch, { pull, state: "open", paths: ["src/fx.js"] });
  const { now: at } = made.state;
  await made.handle({ type: "Escalate", at, round: 1, reason: "overdue", detail: "too long" });
  await made.handle({ type: "Retry", at, round: 1, by: "ann" });
  await made.handle({
    type: "RecordDiagnosis",
    at,
    round: 1,
    diagnosis: { ...diagnosis, remedies: [inGitops] },
  });
  const proposal = { remedy: inGitops, pull: numberedAlike, guarded: false };
  await made.handle({ type: "RecordProposal", at, round: 1, ...proposal });
  await made.handle({ type: "Expire", at: 10_000_000 });
  await made.settle();
  assert.deepEqual(statesOf(made), ["closed"]);
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

for (const [paths, left] of [
  [["lib/"], "closed"],
  [["src/"], "open"],
] as const)
  test(`a whole deploy's pull request within src/ that was never recorded is ${left} when another incident is about to take it back within ${paths}`, async () => {
    const whole = revertOf({ from: sha("b") });
    const made = world({
      configured: service({ paths: ["src/"] }),
      others: [service({ name: "checkout", paths: [...paths] })],
    });
    const found = { ...diagnosis, remedies: [whole] };
    const at = made.state.now;
    await made.alerts([burning]);
    await made.handle({ type: "RecordDiagnosis", at, round: 1, diagnosis: found });
    const branch = branchFor(whole, ["src/"]);
    made.state.pulls.set(branch, { pull: { ...pull, branch }, state: "open", paths: ["src/fx.js"] });
    await made.process.handle(other, { type: "RecordAlerts", at, truncated: false, alerts: [burning] });
    await made.process.handle(other, { type: "RecordDiagnosis", at, round: 1, diagnosis: found });
    await made.handle({ type: "Escalate", at: 30_000, round: 1, reason: "overdue", detail: "too long" });
    await made.settle();
    assert.deepEqual(statesOf(made), [left]);
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

for (const call of ["comment", "setCheck"])
  test(`a ${call} that GitHub refuses for good does not keep a rejected pull request open`, async () => {
    const made = world();
    await made.alerts([burning]);
    await made.settle();
    await made.reject("we roll forward");
    made.state.failing[call] = new UpstreamError("github", "403", { retryable: false });
    await made.settle();
    assert.deepEqual(statesOf(made), ["closed"]);
  });

test("a pull request that puts a remedy back and was never recorded is closed like any other", async () => {
  const made = world();
  const of = revertOf();
  const withdraw = { kind: "withdraw", of, merge: sha("f"), pull: 7, title: of.title, score: 0.2 } as const;
  const branch = `countersteer/withdraw-${of.sha.slice(0, 12)}-7`;
  await made.alerts([burning]);
  await made.handle({
    ...{ type: "RecordDiagnosis", at: made.state.now, round: 1 },
    diagnosis: { ...diagnosis, remedies: [of, withdraw] },
  });
  await made.settle();
  await made.handle({ type: "Choose", at: made.state.now, round: 1, head: sha("d"), choice: 1, by: "ann" });
  made.state.pulls.set(branch, { pull: { ...pull, number: 8, branch }, state: "open", paths: ["src/fx.js"] });
  await made.handle({ type: "Expire", at: 10_000_000 });
  await made.settle();
  assert.deepEqual(statesOf(made), ["closed", "closed"]);
});

test("an earlier round that ended before it had a message is told with its whole story", async () => {
  const made = world();
  made.state.failing.post = new UpstreamError("slack", "down", { retryable: true });
  await made.alerts([burning]);
  await made.settle();
  await made.handle({ type: "Escalate", at: 30_000, round: 1, reason: "refused", detail: "no token" });
  await made.settle();
  made.state.now = 40_000;
  await made.alerts([
    resolved({ startsAt: 10_000, endsAt: 39_000 }),
    { ...burning, fingerprint: "f9", startsAt: 39_500 },
  ]);
  delete made.state.failing.post;
  await made.settle();
  const told = [...made.state.replies.keys()].filter((marker) => marker.startsWith(`${id}#1:`));
  assert.ok(
    told.some((marker) => marker.endsWith("IncidentEscalated")),
    told.join(),
  );
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

test("a pull request that was opened and is recorded only now stays open while its incident goes on", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  made.state.pulls.set(pull.branch, { pull: { ...pull, number: 1 }, state: "open", paths: ["src/fx.js"] });
  await announce(made.process, made.work)(await made.store.load(id));
  assert.deepEqual(statesOf(made), ["open"]);
});

test("a pull request that a person opened again after the end is not closed by a late announcement", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  await made.reject("we roll forward");
  const ended = await made.store.load(id);
  made.state.reopened = { by: "bob", at: made.state.now + 1_000 };
  await announce(made.process, made.work)(ended);
  assert.deepEqual(statesOf(made), ["open"]);
  made.state.reopened = undefined;
  await announce(made.process, made.work)(ended);
  assert.deepEqual(statesOf(made), ["closed"]);
});

test("an announcement fails when one of its sinks does, once every other has been told", async () => {
  const told: string[] = [];
  const tell = async (name: string) => void told.push(name);
  const failed = Promise.reject(new UpstreamError("slack", "down", { retryable: true }));
  const inner = awaitAll([failed, tell("github")]);
  await assert.rejects(awaitAll([inner, failed, tell("page")]), (error) => {
    assert.ok(error instanceof AggregateError);
    assert.deepEqual([error.message, error.errors.map(({ system }) => system)], ["down", ["slack", "slack"]]);
    return true;
  });
  assert.deepEqual(told, ["github", "page"]);
  await awaitAll([tell("again")]);
});

test("an earlier round that never had a pull request, and is told late, does not close the one of a later round", async () => {
  const made = two();
  const at = made.state.now;
  await made.alerts([burning]);
  await made.handle({ type: "RecordDiagnosis", at, round: 1, diagnosis });
  await made.handle({ type: "RecordReferral", at, round: 1, to: other, detail: "the same change" });
  await made.alerts([resolved({ startsAt: 10_000, endsAt: 15_000 })]);
  await made.alerts([{ ...burning, startsAt: 19_000 }]);
  await made.handle({ type: "RecordDiagnosis", at, round: 2, diagnosis });
  made.state.pulls.set(pull.branch, { pull: { ...pull, number: 1 }, state: "open", paths: ["src/fx.js"] });
  await made.handle({
    ...{ type: "RecordProposal", at, round: 2, remedy: revertOf(), guarded: false },
    pull: { ...pull, number: 1 },
  });
  const seen = await made.store.load(id);
  assert.deepEqual(
    "untold" in seen.incident && seen.incident.untold?.map(({ end }) => [end.round, end.status]),
    [[1, "closed"]],
  );
  await announce(made.process, made.work)(seen);
  assert.deepEqual(statesOf(made), ["open"]);
});

test("an earlier round whose pull request gave way, and that is told late, does not close it under the round that asks about it again", async () => {
  const made = world();
  const at = made.state.now;
  const opened = { ...pull, number: 1 };
  const proposal = { type: "RecordProposal", at, remedy: revertOf(), guarded: false, pull: opened } as const;
  await made.alerts([burning]);
  await made.handle({ type: "RecordDiagnosis", at, round: 1, diagnosis });
  made.state.pulls.set(pull.branch, { pull: opened, state: "open", paths: ["src/fx.js"] });
  await made.handle({ ...proposal, round: 1 });
  await made.handle({ type: "RecordConflict", at, round: 1, pull: 1, detail: "it conflicts" });
  await made.handle({ type: "Escalate", at, round: 1, reason: "refused", detail: "not clean" });
  await made.alerts([resolved({ startsAt: 10_000, endsAt: 15_000 })]);
  await made.alerts([{ ...burning, startsAt: 19_000 }]);
  await made.handle({ type: "RecordDiagnosis", at, round: 2, diagnosis });
  await made.handle({ ...proposal, round: 2 });
  const seen = await made.store.load(id);
  assert.deepEqual("untold" in seen.incident && seen.incident.untold?.map(({ end }) => end.round), [1]);
  await announce(made.process, made.work)(seen);
  assert.deepEqual(statesOf(made), ["open"]);
});

for (const [how, given] of [
  ["landed with others by rebase", { landed: [sha("c"), sha("b")] }],
  ["goes back together with a later one", { together: [sha("d"), sha("c")] }],
] as const)
  test(`the unrecorded pull request of a change that ${how} is closed, although its branch has a name of its own`, async () => {
    const made = world();
    const shas = "landed" in given ? given.landed : given.together;
    const branch = seriesBranch([...shas], []);
    const open = { number: 1, url: "u", title: "Revert", body: "", branch, own: true };
    if ("together" in given) made.state.snapshot.pulls = [open];
    const commits = shas.map((one) => ({ sha: one, parents: [sha("a")], message: "m", author: "Ann" }));
    if ("landed" in given) made.work.history.landed = async () => ({ number: 4, commits });
    await made.alerts([burning]);
    await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
    made.state.pulls.set(branch, {
      pull: { ...pull, number: 1, branch },
      state: "open",
      paths: ["src/fx.js"],
    });
    await made.handle({ type: "Escalate", at: 30_000, round: 1, reason: "overdue", detail: "too long" });
    await made.settle();
    assert.deepEqual(statesOf(made), ["closed"]);
  });

test("the unrecorded pull request of a series is closed although a person opened the change's own one again", async () => {
  const made = world();
  const branch = seriesBranch([sha("d"), sha("c")], []);
  made.state.snapshot.pulls = [{ number: 2, url: "u", title: "Revert", body: "", branch, own: true }];
  const at = made.state.now;
  made.work.pulls = {
    ...made.work.pulls,
    reopened: async (_, { number }) => (number === 1 ? { by: "bob", at } : undefined),
  };
  await made.alerts([burning]);
  await made.handle({ type: "RecordDiagnosis", at, round: 1, diagnosis });
  const series = { ...pull, number: 2, url: `${pull.url}2`, branch };
  for (const one of [{ ...pull, number: 1 }, series])
    made.state.pulls.set(one.branch, { pull: one, state: "open", paths: ["src/fx.js"] });
  await made.handle({ type: "Escalate", at: 30_000, round: 1, reason: "overdue", detail: "too long" });
  await made.settle();
  assert.deepEqual(statesOf(made), ["open", "closed"]);
});

test("where GitHub no longer knows the change, an incident is told all the same", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  await made.handle({ type: "Escalate", at: 30_000, round: 1, reason: "overdue", detail: "too long" });
  made.work.history.change = async () => {
    throw new UpstreamError("github", "404", { retryable: false });
  };
  await announce(made.process, made.work)(await made.store.load(id));
  assert.equal(made.state.posted, 1);
});
