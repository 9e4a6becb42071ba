import assert from "node:assert/strict";
import { test } from "node:test";
import type { Incident } from "../../shared/incident/model.ts";
import { diagnosisOf } from "../../shared/incident/review.ts";
import { headline } from "../../shared/text/timeline.ts";
import { alert, resolved, sha } from "../support/incident.ts";
import { burning, culprit, type World, world } from "../support/world.ts";

const minute = 60_000;
const hour = 60 * minute;
const outcome = (incident: Incident) => (incident.status === "closed" ? incident.outcome : incident.status);
const replies = (made: World) => [...made.state.replies.values()].join("\n");

/** A revert that was verified; an hour later something is deployed that does not hold it, and the alert fires again. */
const verified = async (): Promise<World> => {
  const made = world();
  await made.deploy(sha("c"));
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  made.state.now = minute;
  await made.deploy();
  await made.settle();
  made.state.now = 3 * minute;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: 2 * minute })]);
  assert.equal(outcome(await made.settle()), "verified");
  return made;
};
const firesAgain = async (made: World, fingerprint = burning.fingerprint): Promise<Incident> => {
  made.state.now = hour + 2 * minute;
  await made.alerts([{ ...burning, fingerprint, startsAt: hour + minute }]);
  await made.settle();
  return made.settle();
};

test("an older version that is deployed after the verdict makes the culprit the first suspect again, and asks for a deploy", async () => {
  const made = await verified();
  made.state.now = hour;
  await made.deploy(sha("b"));
  const now = await firesAgain(made);
  const [first] = diagnosisOf(now)?.suspects ?? [];
  assert.equal(first?.sha, culprit.sha);
  assert.equal(
    first.reasons[0],
    "its revert, pull request #1 (ffffffffffff), is not in what runs now: bbbbbbbbbbbb was deployed at 01:00:00",
  );
  assert.equal(
    headline(now),
    "payment-gateway in production: the revert is not in what runs now, waiting for a deploy",
  );
  assert.match(
    replies(made),
    /Not in what runs now: pull request #1 took c{12} back \(f{12}\), and b{12}, deployed at 01:00:00, runs without it: deploy main again/,
  );
  assert.equal(made.state.opened, 1);
});

test("once the revert is deployed again it is verified", async () => {
  const made = await verified();
  made.state.now = hour;
  await made.deploy(sha("b"));
  await firesAgain(made);
  made.state.now += minute;
  await made.deploy(sha("f"));
  made.state.now += 1000;
  assert.equal((await made.settle()).status, "deployed");
  made.state.now += minute;
  const over = await made.settle();
  assert.equal(outcome(over), "recovered_by_people");
  assert.equal(over.status === "closed" && over.by, undefined);
});

test("a revert that is still live is no reason to suspect what it took back", async () => {
  const made = await verified();
  const now = await firesAgain(made);
  const reasons = diagnosisOf(now)?.suspects.flatMap((one) => one.reasons) ?? [];
  assert.doesNotMatch(reasons.join("\n"), /not in what runs now/);
});

const ours = { ...culprit, sha: sha("f"), at: minute, title: `Revert "${culprit.title}"`, message: "" };

test("a revert of ours that another alert points at is named as ours, and people are asked to bring the change back", async () => {
  const made = await verified();
  made.state.commits = [ours];
  made.state.now = 3 * minute;
  await made.alerts([
    alert({ ...burning, fingerprint: "f9", name: "RefundErrorsHigh", startsAt: 2 * minute }),
  ]);
  const now = await made.settle();
  assert.equal(now.status === "escalated" && now.reason, "own_remedy");
  assert.match(
    now.status === "escalated" ? now.detail : "",
    /^the likeliest change, f{12} “Revert "round payments to minor units"” \(\d+ %\), is Countersteer's own pull request #1: Ann may bring “round payments to minor units” back, mended; no machine reverts it$/,
  );
  assert.equal(diagnosisOf(now)?.suspects[0]?.own?.pull, 1);
  assert.equal(made.state.opened, 1);
});

test("a revert of ours is no suspect of the alert that it ended", async () => {
  const made = await verified();
  made.state.commits = [ours, culprit];
  const now = await firesAgain(made, "f8");
  assert.notEqual(diagnosisOf(now)?.suspects[0]?.sha, ours.sha);
});
