import assert from "node:assert/strict";
import { test } from "node:test";
import { refer } from "../../functions/refer.ts";
import type { Command } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import { id, pull, revertOf, sha, suspect } from "../support/incident.ts";
import { burning, service, world } from "../support/world.ts";

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
