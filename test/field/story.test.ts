import assert from "node:assert/strict";
import { test } from "node:test";
import { doors } from "../support/doors.ts";
import { alert, id, resolved, sha } from "../support/incident.ts";
import { webhook } from "../support/payloads.ts";
import { burning, culprit, type World, world } from "../support/world.ts";

const minute = 60_000;
const comments = (made: World) => [...made.state.comments.values()].join("\n");
const replies = (made: World) => [...made.state.replies.values()].join("\n");
const live = async (): Promise<World> => {
  const made = world();
  await made.alerts([burning]);
  await made.bringLive(2 * minute);
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
  assert.match(comments(made), /Verified.*the last alert ended at 00:03:00 UTC; waited for: [^i]/s);
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
  assert.match(
    comments(made),
    /asked in Slack: ann; round 2, the same trouble was there before; PaymentErrorsHigh since 03:00:00 UTC/,
  );
  assert.match(
    comments(made),
    /\[#&#8203;1: round 1, recovered\]\(<http:\/\/github\.test\/acme\/payments\/pull\/1>\)/,
  );
});

test("the question's comment names who was asked and links the Slack thread", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  assert.match(
    comments(made),
    /asked in Slack: ann\n\n\[The Slack thread\]\(<http:\/\/slack\.test\/archives\/C1\/p1\.0>\)/,
  );
});

test("the second replica's start after the merge is not told as another alert", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  await made.alerts([{ ...burning, startsAt: burning.startsAt + 30_000 }]);
  await made.settle();
  assert.doesNotMatch(replies(made) + comments(made), /More alerts/);
});

test("an alert that ends after the verdict is told on the pull request, and not in the thread", async () => {
  const made = await live();
  made.state.now = 3 * minute;
  await made.settle();
  const before = made.state.replies.size;
  made.state.now = 7 * minute;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: 6 * minute })]);
  await made.settle();
  assert.match(
    comments(made),
    /Resolved by Alertmanager.*PaymentErrorsHigh resolved; the last alert ended at 00:06:00 UTC/s,
  );
  assert.equal(made.state.replies.size, before);
});

test("a pull request that another takes the place of leads on to it, and the other names it", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.pulls.set(branch, { ...now, conflicts: true });
  await made.settle();
  const links = comments(made);
  assert.match(
    links,
    /Goes on elsewhere.*\[#&#8203;2\]\(<http:\/\/github\.test\/acme\/payments\/pull\/2>\)/s,
  );
  assert.match(
    links,
    /\[#&#8203;1: before it in this round\]\(<http:\/\/github\.test\/acme\/payments\/pull\/1>\)/,
  );
});

test("the pull request of the round before says that its alert fired again, with the next one", async () => {
  const made = await live();
  made.state.now = 3 * minute;
  await made.settle();
  made.state.now = 60 * minute;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: 4 * minute })]);
  await made.alerts([{ ...burning, startsAt: 60 * minute }]);
  await made.settle();
  assert.match(
    comments(made),
    /Fired again.*round 2 of the same incident: PaymentErrorsHigh fired at 01:00:00 UTC/s,
  );
});

test("a new alert after the fix went live is named in the thread and on the pull request, with its incident", async () => {
  const made = await live();
  made.state.now = 2 * minute + 10_000;
  const at = doors(made);
  const startsAt = new Date(2 * minute + 5_000).toISOString();
  await at.notify(webhook([{ labels: { alertname: "QueueFull" }, fingerprint: "d1", startsAt }]));
  await made.settle();
  const told =
    /Another trouble.*QueueFull: a trouble of its own is open beside this one, as number 2; it was told after the fix went live at 00:02:00 UTC, and may come from it/s;
  assert.match(comments(made), told);
  assert.match(replies(made), told);
});

test("a fix of the first trouble is named as ours where another trouble suspects it", async () => {
  const made = await live();
  made.state.commits = [
    { ...culprit, sha: sha("f"), at: minute, title: `Revert "${culprit.title}"`, message: "" },
  ];
  made.state.now = 2 * minute + 10_000;
  const startsAt = new Date(2 * minute + 5_000).toISOString();
  const annotations = { summary: "payments fail for minor units" };
  const [one] = webhook([{ labels: { alertname: "RefundsFail" }, fingerprint: "d1", startsAt }]).alerts;
  await doors(made).notify({ ...webhook([]), alerts: [{ ...one, annotations }] });
  const second = await made.settle(`${id}/2`);
  assert.equal(second.status === "escalated" && second.reason, "own_remedy");
});
