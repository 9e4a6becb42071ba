import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "../../shared/config.ts";
import { id, type pull as proposal, resolved, sha } from "../support/incident.ts";
import { burning, service, type World, world } from "../support/world.ts";

/** In the instant before the merge, each thing that moved since the approval keeps it back. */

const approved = async (made: World = world()): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  return made;
};
/** The pull request on GitHub, as somebody changes it there. */
const change = ({ state }: World, over: Partial<typeof proposal>, now: object = {}): void => {
  const [[branch, before] = []] = [...state.pulls];
  assert.ok(branch !== undefined && before !== undefined);
  state.pulls.set(branch, { ...before, ...now, pull: { ...before.pull, ...over } });
};
const movedIn = async (made: World): Promise<string | undefined> => {
  const incident = await made.settle();
  return incident.status === "proposed" ? incident.moved : incident.status;
};

test("nothing is merged that has another head or another diff than was approved", async () => {
  for (const [over, why] of [
    [{ head: sha("8") }, "the pull request's branch was updated; its changes are the same"],
    [{ diff: "another" }, "the pull request's branch has new commits"],
    [{ head: sha("8"), diff: "another" }, "the pull request's branch has new commits"],
  ] as const) {
    const made = await approved();
    change(made, over);
    assert.equal(await movedIn(made), why);
    assert.equal(made.state.merges, 0);
  }
});

test("a question whose diff changed on the same head is asked anew", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  change(made, { diff: "another" });
  assert.equal(await movedIn(made), "the pull request's branch has new commits");
});

test("a pull request that a person closed after the approval is not merged", async () => {
  const made = await approved();
  change(made, {}, { state: "closed", by: "bob" });
  const incident = await made.settle();
  assert.equal(incident.status === "closed" && incident.outcome, "withdrawn");
  assert.deepEqual([made.state.merges, made.state.checks.includes("d success")], [0, false]);
});

test("a no that comes while the step reads GitHub keeps the merge back", async () => {
  const made = await approved();
  const { setCheck } = made.work.pulls;
  made.work.pulls.setCheck = async (...args) => {
    await setCheck(...args);
    await made.reject("not this one");
  };
  const incident = await made.settle();
  assert.equal(incident.status === "closed" && incident.outcome, "rejected");
  assert.equal(made.state.merges, 0);
});

test("a failing check is told at once, as news", async () => {
  const made = await approved();
  const checks = { failing: [{ name: "unit tests" }], running: ["lint"] };
  made.state.refusal = { result: "blocked", detail: "required checks", checks };
  const incident = await made.settle();
  assert.match(
    (incident.status === "approved" && incident.delay?.detail) || incident.status,
    /^approved, and not merged because unit tests failed;/,
  );
  assert.match([...made.state.replies.values()].join(), /because unit tests failed/);
});

test("while a check runs the approval stands until after the next look, also where a step's own time is shorter", async () => {
  const made = await approved();
  made.state.refusal = {
    result: "blocked",
    detail: "required checks",
    checks: { failing: [], running: ["lint"] },
  };
  const incident = await made.settle();
  assert.ok(incident.status === "approved");
  const left = incident.due - made.state.now;
  assert.equal(left, 2 * 60_000);
});

test("after a recovery of which not every alert is known, what was approved is merged; after a whole one it is asked about", async () => {
  const ended = resolved({ startsAt: 10_000, endsAt: 19_000 });
  const partly = await approved();
  await partly.alerts([ended], true);
  await partly.settle();
  assert.equal(partly.state.merges, 1);
  const wholly = await approved();
  await wholly.alerts([ended]);
  assert.equal(await movedIn(wholly), "every alert resolved after the approval; is it still wanted?");
  assert.equal(wholly.state.merges, 0);
});

test("once others may approve, people are asked anew, also where the one who approved still may", async () => {
  const made = await approved();
  const wider: Config = { services: [service({ approvers: ["UANN", "UBOB"] })] };
  made.configure(wider);
  assert.equal(await movedIn(made), "who may approve this has changed");
  assert.equal(made.state.merges, 0);
  assert.equal((await made.store.load(id)).incident.round, 1);
});
