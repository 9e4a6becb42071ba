import assert from "node:assert/strict";
import { test } from "node:test";
import { awaitAll } from "../../functions/announce/all.ts";
import { announce } from "../../functions/announce/announce.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { id, pull, resolved, revertOf } from "../support/incident.ts";
import { burning, world } from "../support/world.ts";
import { diagnosis, other, statesOf, two } from "./pulls.ts";

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
