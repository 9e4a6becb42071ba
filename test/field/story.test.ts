import assert from "node:assert/strict";
import { test } from "node:test";
import { alert, resolved } from "../support/incident.ts";
import { burning, type World, world } from "../support/world.ts";

const minute = 60_000;
const comments = (made: World) => [...made.state.comments.values()].join("\n");
const replies = (made: World) => [...made.state.replies.values()].join("\n");
const live = async (): Promise<World> => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  made.state.now = 2 * minute;
  await made.deploy();
  await made.settle();
  return made;
};

test("an alert that comes after the fix is told in the thread and on the pull request", async () => {
  const made = await live();
  await made.alerts([alert({ fingerprint: "f7", name: "QueueFull", startsAt: 2 * minute })]);
  await made.settle();
  assert.match(comments(made), /More alerts.*QueueFull joined/s);
  assert.match(replies(made), /More alerts: QueueFull joined/);
});

test("alerts that join before anything was merged are on the question, not in the thread", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  await made.alerts([alert({ fingerprint: "f7", name: "QueueFull", startsAt: 15_000 })]);
  await made.settle();
  assert.doesNotMatch(replies(made), /More alerts/);
});

test("the last comment says when the trouble ended and what was waited for", async () => {
  const made = await live();
  made.state.now = 3 * minute;
  made.state.reading = { result: "unknown", detail: "no data" };
  await made.settle();
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: 3 * minute })]);
  made.state.reading = { result: "quiet", since: 0 };
  made.state.now = 4 * minute;
  const ended = await made.settle();
  assert.equal(ended.status === "closed" && ended.outcome, "verified");
  assert.match(comments(made), /Verified.*the last alert ended at 00:03:00 UTC; waited for: inconclusive/s);
});

test("the question of a later round names the pull requests of the rounds before", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  made.state.now = 60 * minute;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: 60 * minute })]);
  await made.settle();
  made.state.now = 180 * minute;
  await made.alerts([{ ...burning, startsAt: 180 * minute }]);
  await made.settle();
  assert.match(comments(made), /round 2, the same trouble had before: .*1 in round 1 .*recovered/);
});
