import assert from "node:assert/strict";
import { test } from "node:test";
import { announce } from "../../functions/announce/announce.ts";
import { branchFor, seriesBranch } from "../../shared/remedy/revert/branch.ts";
import { id, pull, revertOf, sha, suspect } from "../support/incident.ts";
import { burning, service, type World, world } from "../support/world.ts";
import { diagnosis, gitops, inGitops, numberedAlike, other, statesOf, two } from "./pulls.ts";

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

test("a pull request that was opened and is recorded only now stays open while its incident goes on", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  made.state.pulls.set(pull.branch, { pull: { ...pull, number: 1 }, state: "open", paths: ["src/fx.js"] });
  await announce(made.process, made.work)(await made.store.load(id));
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
