import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import { alertLines } from "../../shared/text/chat-message.ts";
import { alert, resolved, sha } from "../support/incident.ts";
import { burning, culprit, policy, type World, world } from "../support/world.ts";

const hour = 3_600_000;
/** Friday: asked, and nobody answered; the alert goes away by itself meanwhile, unseen because Alertmanager was down. */
const friday = async (): Promise<World> => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  made.state.now = policy.approvalMs + 60_000;
  await made.handle({ type: "Expire", at: made.state.now });
  assert.equal((await made.settle()).status, "escalated");
  return made;
};
const monday = async (made: World, over = {}) => {
  made.state.now = 60 * hour;
  await made.alerts([{ ...burning, startsAt: 60 * hour, ...over }]);
  return made.settle();
};
/** A newer change that would be the first suspect by itself. */
const newer = (made: World): void => {
  const commit = { ...culprit, sha: sha("8"), title: "payments: minor units again", at: 60 * hour - 60_000 };
  made.state.commits = [commit];
};

test("Monday's firing finds Friday's open pull request and asks about it again, with its culprit", async () => {
  const made = await friday();
  newer(made);
  const now = await monday(made);
  assert.equal(now.status === "proposed" && now.pull.number, 1);
  assert.equal(now.status === "proposed" && now.remedy.kind === "revert" && now.remedy.sha, sha("c"));
  assert.equal(made.state.opened, 1);
  const question = [...made.state.messages.values()].at(-1)!;
  assert.notEqual(question.buttons, undefined);
  assert.match([...made.state.replies.values()].join("\n"), /nobody answered by .* and it is still open/);
});

test("a pull request that was pushed to, closed or retargeted meanwhile, or another alert, is no question to repeat", async () => {
  for (const change of ["pushed", "retargeted", "another alert"] as const) {
    const made = await friday();
    newer(made);
    const [branch, now] = [...made.state.pulls][0]!;
    if (change === "pushed") made.state.pulls.set(branch, { ...now, pull: { ...now.pull, head: sha("7") } });
    if (change === "retargeted")
      made.state.pulls.set(branch, { ...now, pull: { ...now.pull, base: "release" } });
    const incident = await monday(
      made,
      change === "another alert" ? { name: "DiskFull", fingerprint: "f9" } : {},
    );
    const first = "diagnosis" in incident ? incident.diagnosis?.remedies[0] : undefined;
    assert.equal(first?.kind === "revert" && first.sha, sha("8"), change);
  }
});

test("alerts that ended in an earlier round are not shown as today's", async () => {
  const made = world();
  await made.alerts([burning, alert({ fingerprint: "f2", name: "OldTrouble", startsAt: 10_000 })]);
  await made.settle();
  made.state.now = hour;
  await made.alerts([
    resolved({ startsAt: burning.startsAt, endsAt: hour }),
    resolved({ fingerprint: "f2", name: "OldTrouble", startsAt: 10_000, endsAt: hour }),
  ]);
  await made.settle();
  made.state.now = 30 * hour;
  await made.alerts([{ ...burning, startsAt: 30 * hour }]);
  const now = await made.settle();
  assert.doesNotMatch(alertLines(now).join(), /OldTrouble/);
  assert.doesNotMatch(made.state.proposals.at(-1)!.body, /OldTrouble/);
  assert.equal(now.alerts.length, 2);
});

test("the words of an alert that ended in an earlier round point at no change of today", async () => {
  const made = world();
  const words = { annotations: { summary: "payments round minor units" } };
  await made.alerts([alert({ fingerprint: "f2", name: "OldTrouble", startsAt: 10_000, ...words })]);
  await made.settle();
  made.state.now = hour;
  const ended = { fingerprint: "f2", name: "OldTrouble", startsAt: 10_000, endsAt: hour };
  await made.alerts([resolved({ ...ended, ...words })]);
  await made.settle();
  made.state.now = 3 * hour;
  await made.alerts([alert({ fingerprint: "f3", name: "CartSlow", startsAt: 3 * hour, annotations: {} })]);
  const now = await made.settle();
  const [first] = diagnosisOf(now)?.suspects ?? [];
  assert.equal(first?.sha, sha("c"));
  assert.doesNotMatch(first.reasons.join("; "), /minor|payment|round/);
});

test("a question that nobody answered is remembered although the alert went away over the weekend", async () => {
  const made = await friday();
  made.state.now += hour;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: made.state.now })]);
  const over = await made.settle();
  assert.equal(over.status === "closed" && over.outcome, "recovered");
  assert.equal([...made.state.pulls.values()][0]?.state, "closed");
  made.state.commits = [{ ...culprit, sha: sha("8"), at: 60 * hour, title: "round payments again" }, culprit];
  made.state.now = 61 * hour;
  await made.alerts([{ ...burning, startsAt: 61 * hour - 60_000 }]);
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  const remedy = "remedy" in now ? now.remedy : undefined;
  assert.equal(remedy?.kind === "revert" && remedy.sha, culprit.sha);
  assert.match(
    diagnosisOf(now)?.notes?.join("\n") ?? "",
    /pull request #1 was asked about before this alert fired again, nobody answered by .*Z, and it was closed when the alert went away: it comes first again/,
  );
  assert.equal([...made.state.pulls.values()][0]?.state, "open");
  assert.equal(made.state.opened, 1);
});
