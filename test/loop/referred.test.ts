import assert from "node:assert/strict";
import { test } from "node:test";
import { refer } from "../../functions/refer.ts";
import type { Command } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import { id, pull, revertOf, sha, suspect } from "../support/incident.ts";
import { burning, service, type World, world } from "../support/world.ts";

const other = "checkout/production";

/** The incident waits for another one, of a service with people of its own, whose pull request ends by this command. */
const after = async (end: (at: number) => Command) => {
  const made = world({ others: [service({ name: "checkout", approvers: ["UBOB"] })] });
  const at = made.state.now;
  const diagnosis = { suspects: [suspect()], none: 0.1, onsetAt: 10_000, remedies: [revertOf()] };
  await made.alerts([burning]);
  await made.handle({ type: "RecordDiagnosis", at, round: 1, diagnosis });
  await made.handle({ type: "RecordReferral", at, round: 1, to: other, detail: "the same change" });
  const theirs = (command: Command) => made.process.handle(other, command);
  await theirs({ type: "RecordAlerts", at, alerts: [burning], truncated: false, origin: id });
  await theirs({ type: "RecordDiagnosis", at, round: 1, diagnosis });
  await theirs({ type: "RecordProposal", at, round: 1, remedy: revertOf(), pull, guarded: false });
  await theirs(end(at));
  return refer(made.work, (await made.store.load(id)).incident as In<"referred">);
};

test("when the people of another service reject the shared revert, this incident asks its own people", async () => {
  const reject = (at: number): Command => ({
    ...{ type: "Reject", at, round: 1, head: sha("d"), by: "UBOB", detail: "not for us" },
  });
  assert.equal((await after(reject))?.type, "ReturnReferral");
});

test("when the shared revert ends otherwise, a person is told, and it is not asked about again", async () => {
  const withdraw = (at: number): Command => ({
    ...{ type: "Withdraw", at, round: 1, pull: pull.number, detail: "closed on GitHub", by: "UBOB" },
  });
  const intent = await after(withdraw);
  assert.deepEqual(intent, {
    ...{ type: "Escalate", reason: "elsewhere" },
    detail: `${other} ended otherwise (withdrawn); the same change`,
  });
});

/** The incident waits for another one, which counted it in, and has ended since. `ahead`: the clock was wrong when the incident was opened. */
const counted = async (ahead = 0) => {
  const made = world({ others: [service({ name: "checkout", approvers: ["UBOB"] })] });
  const at = made.state.now;
  const diagnosis = { suspects: [suspect()], none: 0.1, onsetAt: 10_000, remedies: [revertOf()] };
  const wait = async (round: number, opened: number): Promise<void> => {
    await made.handle({
      type: "RecordAlerts",
      at: opened,
      alerts: [{ ...burning, startsAt: opened }],
      truncated: false,
    });
    await made.handle({ type: "RecordDiagnosis", at, round, diagnosis });
    await made.handle({ type: "RecordReferral", at, round, to: other, detail: "the same change" });
  };
  const waiting = async () => (await made.store.load(id)).incident as In<"referred">;
  await wait(1, at + ahead);
  assert.equal(await refer(made.work, await waiting()), null);
  await made.process.handle(other, { type: "Escalate", at, round: 1, reason: "refused", detail: "no token" });
  return { made, wait, waiting };
};
const roundOfOther = async ({ store }: World) => (await store.load(other)).incident.round;

test("the other incident's end counts, although the clock was ahead when this one was opened", async () => {
  const { made, waiting } = await counted(4 * 60_000);
  assert.equal((await refer(made.work, await waiting()))?.type, "Escalate");
  assert.equal(await roundOfOther(made), 1);
});

test("the other incident's end does not count for a later round of this one", async () => {
  const { made, wait, waiting } = await counted();
  await made.handle({
    type: "Escalate",
    at: made.state.now,
    round: 1,
    reason: "elsewhere",
    detail: "it ended",
  });
  await wait(2, made.state.now + 1);
  assert.equal(await refer(made.work, await waiting()), null);
  assert.equal(await roundOfOther(made), 2);
  assert.equal(await refer(made.work, await waiting()), null);
  assert.equal(await roundOfOther(made), 2);
});
