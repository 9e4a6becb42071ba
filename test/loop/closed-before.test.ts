import assert from "node:assert/strict";
import { test } from "node:test";
import { closedBefore as decidedBefore } from "../../functions/propose/closed-before.ts";
import { id, pull, resolved, revertOf } from "../support/incident.ts";
import { burning, service, type World, world } from "../support/world.ts";

const endOf = async (made: World): Promise<string> => {
  const incident = await made.settle();
  return incident.status === "escalated" ? `${incident.reason}: ${incident.detail}` : incident.status;
};
/** A pull request from the revert's branch that was closed before this incident. */
const closedBefore = (over: object, base = "main"): World => {
  const made = world();
  made.state.pulls.set(pull.branch, {
    ...{ pull: { ...pull, number: 1, base }, state: "closed", paths: ["src/fx.js"] },
    ...{ by: "bob", closedAt: 15_000 },
    ...over,
  });
  return made;
};

test("a revert that a person declined is not proposed again within the cooldown", async () => {
  const made = closedBefore({});
  await made.alerts([burning]);
  assert.match(await endOf(made), /^declined_before: bob said no to this revert, pull request #1;/);
});

test("a pull request that Countersteer closed itself is no decision against the revert", async () => {
  const made = closedBefore({ closedByUs: true });
  await made.alerts([burning]);
  assert.equal(await endOf(made), "proposed");
});

test("a pull request to another branch is no decision about this one", async () => {
  const { state, work } = closedBefore({}, "release");
  const [found] = state.pulls.values();
  const incident = { id, service: "payment-gateway", environment: "production" };
  const decided = await decidedBefore({ work, incident, service: service() }, found, revertOf());
  assert.equal(decided, undefined);
});

test("a trouble that went away by itself and comes again is asked about again", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  await made.alerts([resolved({ startsAt: 10_000, endsAt: 19_000 })]);
  made.state.now = 21_000;
  await made.settle();
  assert.equal((await made.store.load(id)).incident.status, "closed");
  made.state.now = 40_000;
  await made.alerts([{ ...burning, startsAt: 39_000 }]);
  assert.equal(await endOf(made), "proposed");
});
