import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import type { Incident } from "../../shared/incident/model.ts";
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
  await made.bringLive(minute);
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
    /Not in what runs now: pull request #1 took c{12} back \(f{12}\), and b{12}, deployed at 01:00:00, runs without it; deploy main again/,
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

/** Every commit holds the culprit, and only the revert's own holds the revert. */
const holdsCulprit = async (_: unknown, { ancestor, descendant }: { ancestor: string; descendant: string }) =>
  ancestor === culprit.sha || ancestor === descendant || descendant === "main";

test("a deploy without a verified fix is told when it comes, once, and so is the next deploy with it", async () => {
  const made = await verified();
  made.work.history.contains = holdsCulprit;
  made.state.now = hour;
  await made.deploy(sha("b"));
  const undone = await made.settle();
  assert.equal(headline(undone), "payment-gateway in production: was verified, and is not in what runs now");
  const told =
    "bbbbbbbbbbbb, deployed at 01:00:00, does not hold pull request #1; the change that it takes back runs again: deploy main";
  assert.match(replies(made), new RegExp(`Not live: ${told}`));
  assert.match(
    [...made.state.comments.values()].join("\n"),
    /Not live\*\*[\s\S]*b{12}, deployed at 01:00:00/,
  );
  made.state.now += minute;
  await made.deploy(sha("d"));
  await made.settle();
  assert.equal(replies(made).match(/Not live/g)?.length, 1);
  made.state.now += minute;
  await made.deploy(sha("f"));
  const again = await made.settle();
  assert.equal(headline(again), "payment-gateway in production: verified, the trouble is over");
  assert.match(replies(made), /Live again: f{12}, which holds it, is deployed/);
});

test("a version from before the change needs no revert, and a deploy months later is nobody's news", async () => {
  const before = await verified();
  before.state.now = hour;
  before.work.history.contains = async (_, { ancestor, descendant }) =>
    ancestor !== culprit.sha && ancestor === descendant;
  await before.deploy(sha("b"));
  await before.settle();
  assert.doesNotMatch(replies(before), /Not live/);
  const late = await verified();
  late.work.history.contains = holdsCulprit;
  late.state.now = 31 * 24 * hour;
  await late.deploy(sha("b"));
  await late.settle();
  assert.doesNotMatch(replies(late), /Not live/);
});

test("a change that its author brings back weeks later is told when it is deployed", async () => {
  const made = await verified();
  made.state.now = 20 * 24 * hour;
  made.work.history.contains = async () => true;
  made.work.history.undone = async () => ({
    paths: ["src/pay.ts"],
    commit: { ...culprit, sha: sha("7"), author: "Ann" },
  });
  await made.deploy(sha("8"));
  await made.settle();
  assert.match(
    replies(made),
    /Not live: 8{12}, deployed at 00:00:00, holds the merge of pull request #1, but src\/pay.ts is as before it again by 7{12} of Ann: the fix is not live; the change that was taken back runs again/,
  );
});
