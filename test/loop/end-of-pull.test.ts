import assert from "node:assert/strict";
import { test } from "node:test";
import { announce } from "../../functions/announce/announce.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { In } from "../../shared/incident/model.ts";
import { branchFor } from "../../shared/remedy/revert/branch.ts";
import { id, pull, revertOf, sha, suspect } from "../support/incident.ts";
import { burning, service, type World, world } from "../support/world.ts";

/** The end of a pull request whose incident ended: its status, and whether it is closed. */

const other = "checkout/production";
const diagnosis = { suspects: [suspect()], none: 0.1, onsetAt: 10_000, remedies: [revertOf()] };
const asked = async (made: World = world()): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  return made;
};
const endOf = ({ state }: World) => ({
  states: [...state.pulls.values()].map((pull) => pull.state),
  check: state.checks.at(-1),
});
const escalate = (made: World) =>
  made.handle({ type: "Escalate", at: made.state.now, round: 1, reason: "refused", detail: "403" });

test("the pull request of an incident that needs a person is marked so, and stays open", async () => {
  const made = await asked();
  await escalate(made);
  await made.settle();
  assert.deepEqual(endOf(made), { states: ["open"], check: "d failure" });
});

test("an approved pull request that Countersteer could not merge keeps its status, so that a person can", async () => {
  const made = await asked();
  await made.approve();
  made.state.failing.merge = new Error("not yet");
  await made.settle();
  await escalate(made);
  await made.settle();
  assert.deepEqual(endOf(made), { states: ["open"], check: "d success" });
});

test("a rejected pull request that is asked about for another incident is neither closed nor failed", async () => {
  const made = await asked(world({ others: [service({ name: "checkout" })] }));
  const at = made.state.now;
  const { remedy, pull } = (await made.store.load(id)).incident as In<"proposed">;
  const theirs = (command: Parameters<World["handle"]>[0]) => made.process.handle(other, command);
  await theirs({ type: "RecordAlerts", at, truncated: false, alerts: [burning] });
  await theirs({ type: "RecordDiagnosis", at, round: 1, diagnosis });
  await theirs({ type: "RecordProposal", at, round: 1, remedy, pull, guarded: false });
  await made.reject("we roll forward");
  await made.settle();
  assert.deepEqual(endOf(made), { states: ["open"], check: undefined });
});

/** Has the other incident wait for this one. */
const waitFor = async (made: World, found = diagnosis): Promise<void> => {
  const at = made.state.now;
  const theirs = (command: Parameters<World["handle"]>[0]) => made.process.handle(other, command);
  await theirs({ type: "RecordAlerts", at, truncated: false, alerts: [burning] });
  await theirs({ type: "RecordDiagnosis", at, round: 1, diagnosis: found });
  await theirs({ type: "RecordReferral", at, round: 1, to: id, detail: "the same change" });
  await made.handle({ type: "RecordAlerts", at, alerts: [burning], truncated: false, origin: other });
};

test("a rejected pull request that a waiting incident's own people have yet to be asked about stays open", async () => {
  const made = await asked(world({ others: [service({ name: "checkout", approvers: ["UBOB"] })] }));
  await waitFor(made);
  await made.reject("we roll forward");
  await announce(made.process, made.work)(await made.store.load(id));
  assert.deepEqual(endOf(made).states, ["open"]);
});

test("a rejected pull request of a whole deploy is closed where the waiting incident would open another, of its own paths", async () => {
  const range = revertOf({ from: sha("b") });
  const whole = { ...diagnosis, remedies: [range] };
  for (const [paths, state] of [
    [["src/"], "open"],
    [["web/"], "closed"],
  ] as const) {
    const checkout = service({ name: "checkout", approvers: ["UBOB"], paths: [...paths] });
    const made = world({ configured: service({ paths: ["src/"] }), others: [checkout] });
    const at = made.state.now;
    const mine = { ...pull, number: 1, branch: branchFor(range, ["src/"]) };
    made.state.pulls.set(mine.branch, { pull: mine, state: "open", paths: ["src/fx.js"] });
    await made.alerts([burning]);
    await made.handle({ type: "RecordDiagnosis", at, round: 1, diagnosis: whole });
    await made.handle({ type: "RecordProposal", at, round: 1, remedy: range, pull: mine, guarded: false });
    await waitFor(made, whole);
    await made.reject("we roll forward");
    await announce(made.process, made.work)(await made.store.load(id));
    assert.deepEqual(endOf(made).states, [state]);
  }
});

const forbidden = new UpstreamError("github", "close acme/payments#1: 403 Forbidden", { retryable: false });

test("a pull request that nobody needs and that GitHub refuses for good to close is told to a person, once, and tried again with the next news", async () => {
  const made = await asked();
  made.state.failing.closePull = forbidden;
  await made.reject("we roll forward");
  await made.settle();
  await made.settle();
  const told = [...made.state.replies.values()].filter((text) => text.startsWith("Close it by hand"));
  assert.deepEqual(told, [
    "Close it by hand: nobody needs pull request #1 any more, and GitHub refuses to close it (close acme/payments#1: 403 Forbidden)",
  ]);
  assert.deepEqual(endOf(made), { states: ["open"], check: "d failure" });
  made.state.failing = {};
  await made.settle();
  assert.deepEqual(endOf(made).states, ["closed"]);
});

test("a close that fails for now is tried again, and nobody is bothered", async () => {
  const made = await asked();
  made.state.failing.closePull = new UpstreamError("github", "close: 502", { retryable: true });
  await made.reject("we roll forward");
  const seen = await made.store.load(id);
  await assert.rejects(announce(made.process, made.work)(seen), /close: 502/);
  assert.ok((await made.store.log(id)).every(({ type }) => type !== "PullLeftOpen"));
});

test("one whose events GitHub refuses for good to read is told to a person, as nobody knows whether it was opened again", async () => {
  const made = await asked();
  made.work.pulls = {
    ...made.work.pulls,
    async reopened() {
      throw forbidden;
    },
  };
  await made.reject("we roll forward");
  await made.settle();
  await made.settle();
  assert.deepEqual(endOf(made).states, ["open"]);
  assert.match([...made.state.replies.values()].at(-1) ?? "", /^Close it by hand: /);
});

test("one that was never recorded, or gave way, is told as well, also by the round after it", async () => {
  const made = world();
  made.state.failing.closePull = forbidden;
  const at = made.state.now;
  await made.alerts([burning]);
  await made.handle({ type: "RecordDiagnosis", at, round: 1, diagnosis });
  made.state.pulls.set(pull.branch, { pull: { ...pull, number: 1 }, state: "open", paths: ["src/fx.js"] });
  await made.handle({ type: "Escalate", at: 30_000, round: 1, reason: "overdue", detail: "too long" });
  await made.alerts([{ ...burning, status: "resolved", endsAt: at }]);
  await made.alerts([{ ...burning, startsAt: at }]);
  await made.settle();
  const log = await made.store.log(id);
  assert.deepEqual(
    log.flatMap((event) => (event.type === "PullLeftOpen" ? [event.number] : [])),
    [1],
  );
});
