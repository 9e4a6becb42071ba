import assert from "node:assert/strict";
import { test } from "node:test";
import type { Configured } from "../../shared/config.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Event } from "../../shared/incident/events.ts";
import { doors } from "../support/doors.ts";
import { id, resolved, sha } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { burning, policy, service, world } from "../support/world.ts";

const question = { incident: id, round: 1, head: sha("d"), nonce: "nonce" };
const people = { UANN: { github: "ann-on-github" }, UBEN: { github: "ben" } };
const both = { approvers: ["UANN", "UBEN"] };

/** A service whose culprit was written by Ann, with a question about it. */
const asked = async (over: Partial<Configured> = {}, options: Parameters<typeof world>[0] = {}) => {
  const made = world({ configured: service({ ...both, ...over }), people, ...options });
  await made.alerts([burning]);
  await made.settle();
  const at = doors(made);
  const press = (user: string, value: object = {}) =>
    at.interact(click("approve", user, { ...question, ...value }));
  const last = () => made.state.whispers.at(-1);
  const types = async () => (await made.store.log(id)).map(({ type }) => type);
  const statusOf = async () => (await made.store.load(id)).incident.status;
  return { made, at, press, last, types, statusOf };
};

test("the author of the culprit is told that a second person is needed, whose approval merges with both names", async () => {
  const { made, press, last, statusOf } = await asked();
  await press("UANN");
  assert.equal(await statusOf(), "proposed");
  assert.equal(
    last(),
    "UANN: your approval counts; still needed: a second person, as the author of a change does not approve its revert alone (four eyes)",
  );
  await press("UANN");
  assert.match(last()!, /^UANN: your approval counts already; still needed: a second person/);
  await press("UBEN");
  assert.equal(await statusOf(), "approved");
  await made.settle();
  const merged = (await made.store.log(id)).find(({ type }) => type === "RemedyApproved") as Event & {
    by: string;
  };
  assert.equal(merged.by, "uann (UANN) and uben (UBEN)");
  assert.equal(made.state.merges, 1);
});

test("the question shows who approved so far, and the pull request is told each approval once", async () => {
  const { made, press } = await asked({ policy: { ...policy, quorum: 2 } });
  await press("UBEN");
  await made.settle();
  const [message] = [...made.state.messages.values()];
  assert.deepEqual(
    message?.lines.find(({ label }) => label === "Approved so far"),
    { label: "Approved so far", text: "by uben" },
  );
  const comments = [...made.state.comments.values()].filter((text) => text.includes("One approval"));
  assert.equal(comments.length, 1);
  assert.match(comments[0]!, /by uben; still needed: 1 more of the approvers of payment-gateway$/);
});

for (const [standing, why] of [
  ["guest", "guests never decide"],
  ["bot", "bots never decide"],
  ["stranger", "people of another Slack organisation never decide"],
  ["deactivated", "this Slack account is deactivated"],
  [
    "unseen",
    "Slack does not show your account to this app, so it is not known whether you are of this organisation; another approver may decide, or list the id that your Slack profile shows",
  ],
] as const)
  test(`a ${standing} on the list approves and rejects nothing`, async () => {
    const { made, at, press, last, statusOf } = await asked();
    made.state.standings.UBEN = standing;
    await press("UBEN");
    assert.equal(last(), `UBEN: ${why}; nothing was changed`);
    await at.interact(click("reject", "UBEN", question));
    assert.equal(last(), `UBEN: ${why}; nothing was changed`);
    assert.equal(await statusOf(), "proposed");
  });

test("one person with two ids on Enterprise Grid is one vote", async () => {
  const { made, press, last, statusOf } = await asked({ policy: { ...policy, quorum: 2 } });
  made.state.listedAs = { WBEN: "UBEN" };
  await press("WBEN");
  await press("UBEN");
  assert.equal(
    last(),
    "UBEN: your approval counts already; still needed: 1 more of the approvers of payment-gateway",
  );
  assert.equal(await statusOf(), "proposed");
});

test("without users:read people whom the configuration names may decide, and members of groups may not", async () => {
  const { made, press, last, statusOf } = await asked({ approvers: ["UBEN", "SONCALL"] });
  made.state.groups.SONCALL = ["UCAT"];
  made.state.standings = { UCAT: "unknown", UBEN: "unknown" };
  await press("UCAT");
  assert.equal(
    last(),
    "UCAT: the Slack app lacks the scope users:read, so it is not known who is a guest; nothing was changed",
  );
  await press("UBEN");
  assert.equal(await statusOf(), "approved");
});

test("a button of another message, another channel or another question decides nothing and says so", async () => {
  const { made, at, press, last, statusOf } = await asked();
  const elsewhere = (container: object) =>
    at.interact({ ...click("approve", "UBEN", question), container: { type: "message", ...container } });
  await elsewhere({ channel_id: "C1", message_ts: "9.9" });
  assert.match(last()!, /not on the message that asks now/);
  await elsewhere({ channel_id: "C2", message_ts: "1.0" });
  assert.match(last()!, /not on the message that asks now/);
  await press("UBEN", { nonce: "guessed" });
  assert.match(last()!, /you are asked anew/);
  await at.interact(click("approve", "UBEN", { incident: id, round: 1, head: sha("d") }));
  assert.match(last()!, /you are asked anew/);
  assert.equal(await statusOf(), "proposed");
  assert.equal(made.state.whispers.length, 4);
});

test("a member of a GitHub team approves in Slack, by the account that people maps", async () => {
  const { made, press, last, statusOf } = await asked({ approvers: ["github:team/payments"] });
  await press("UBEN");
  assert.equal(last(), "UBEN: you are not an approver of payment-gateway; nothing was changed");
  made.state.teams["acme/payments"] = ["ben"];
  await press("UBEN");
  assert.equal(await statusOf(), "approved");
});

test("the owners of what the pull request touches approve it, by the CODEOWNERS of its branch", async () => {
  const { made, press, last, statusOf } = await asked(
    { approvers: ["codeowners"] },
    { configured: service({ approvers: ["codeowners"] }) },
  );
  await press("UBEN");
  assert.equal(last(), "UBEN: you are not an approver of payment-gateway; nothing was changed");
  made.state.codeowners = "* @eve\nsrc/ @ben";
  await made.handle({
    type: "RecordMove",
    at: made.state.now,
    round: 1,
    detail: "asked anew",
    pull: await pullOf(made),
  });
  await made.settle();
  await press("UBEN");
  assert.equal(await statusOf(), "approved");
});

const pullOf = async (made: ReturnType<typeof world>) => {
  const { incident } = await made.store.load(id);
  assert.ok(incident.status === "proposed");
  return incident.pull;
};

test("when the configuration has changed since the question, the click is refused and people are asked anew", async () => {
  const { made, press, last, types, statusOf } = await asked();
  made.configure({ ...made.work.configuration(), services: [service({ approvers: ["UBEN"] })] });
  await press("UBEN");
  assert.equal(
    last(),
    "UBEN: who may approve has changed since this was asked, so it is asked anew; nothing was changed",
  );
  await made.settle();
  assert.deepEqual((await types()).slice(-2), ["ApprovalVoided", "ApprovalRequested"]);
  await press("UBEN");
  assert.equal(await statusOf(), "approved");
});

test("an approver who was taken off the list after the approval merges nothing: people are asked anew", async () => {
  const { made, press, types } = await asked();
  await press("UBEN");
  made.configure({ ...made.work.configuration(), services: [service({ approvers: ["UANN"] })] });
  await made.settle();
  assert.equal(made.state.merges, 0);
  assert.deepEqual((await types()).slice(-2), ["ApprovalVoided", "ApprovalRequested"]);
});

test("an approver who has left the group between the click and the merge merges nothing", async () => {
  const { made, press } = await asked({ approvers: ["SONCALL"] });
  made.state.groups.SONCALL = ["UBEN"];
  await press("UBEN");
  made.state.groups.SONCALL = [];
  const incident = await made.settle();
  assert.equal(made.state.merges, 0);
  assert.equal(
    incident.status === "proposed" && incident.moved,
    "uben may not approve this alone any more: 1 more of the approvers of payment-gateway needed",
  );
});

test("an approver who has become a guest before the merge merges nothing", async () => {
  const { made, press } = await asked();
  await press("UBEN");
  made.state.standings.UBEN = "guest";
  const incident = await made.settle();
  assert.deepEqual([made.state.merges, incident.status], [0, "proposed"]);
});

test("while it cannot be read who belongs to the group, nothing is merged, and it is merged once it can", async () => {
  const { made, press } = await asked({ approvers: ["SONCALL"] });
  made.state.groups.SONCALL = ["UBEN"];
  await press("UBEN");
  made.state.failing.isApprover = new UpstreamError("slack", "usergroups.users.list: 503", {
    retryable: true,
  });
  const waiting = await made.settle();
  assert.deepEqual([made.state.merges, waiting.status], [0, "approved"]);
  delete made.state.failing.isApprover;
  await made.settle();
  assert.equal(made.state.merges, 1);
});

test("a no between the approval and the merge closes the pull request, also while the merge is under way", async () => {
  const { made, press } = await asked();
  await press("UBEN");
  const setCheck = made.work.pulls.setCheck;
  made.work.pulls.setCheck = async (...given) => {
    await setCheck(...given);
    await made.reject("wrong culprit", "UANN");
  };
  const incident = await made.settle();
  assert.deepEqual(incident.status === "closed" && [incident.outcome, incident.by], ["rejected", "UANN"]);
  assert.equal(made.state.merges, 0);
  const [pull] = [...made.state.pulls.values()];
  assert.equal(pull?.state, "closed");
});

test("an approved incident keeps the button to reject it", async () => {
  const { made, press } = await asked();
  await press("UBEN");
  made.state.failing.merge = new UpstreamError("github", "merge: 502", { retryable: true });
  await made.settle();
  const [message] = [...made.state.messages.values()];
  assert.deepEqual(message?.stop, { incident: id, round: 1, head: sha("d"), nonce: "nonce" });
  assert.equal(message?.buttons, undefined);
});

test("an alert that resolved after the approval is asked about again, and an answer then merges", async () => {
  const { made, press, statusOf } = await asked();
  await press("UBEN");
  await made.alerts([resolved({ startsAt: 10_000, endsAt: 19_000 })]);
  const again = await made.settle();
  assert.equal(made.state.merges, 0);
  assert.equal(
    again.status === "proposed" && again.moved,
    "every alert resolved after the approval; is it still wanted?",
  );
  await press("UBEN");
  assert.equal(await statusOf(), "approved");
  await made.settle();
  assert.equal(made.state.merges, 1);
});

test("with mergeAfterRecovery an alert that resolved after the approval keeps nothing from being merged", async () => {
  const { made, press } = await asked({ policy: { ...policy, mergeAfterRecovery: true } });
  await press("UBEN");
  await made.alerts([resolved({ startsAt: 10_000, endsAt: 19_000 })]);
  await made.settle();
  assert.equal(made.state.merges, 1);
});

test("a question that an older version asked, and an approval that it took, are asked anew", async () => {
  const made = world({ configured: service(both), people });
  made.state.failing.post = new UpstreamError("slack", "chat.postMessage: 503", { retryable: true });
  await made.alerts([burning]);
  await made.settle();
  const message = { channel: "C1", ts: "1.0" };
  await made.handle({ type: "RecordRequest", at: made.state.now, round: 1, message, head: sha("d") });
  delete made.state.failing.post;
  const again = await made.settle();
  assert.equal(
    again.status === "proposed" && again.moved,
    "an older version asked, which did not note its terms",
  );
  assert.ok(again.status === "proposed" && again.terms?.nonce === "nonce");
});

test("refused attempts are facts with a reason code, each once, and no more than twenty in a round", async () => {
  const { made, at, press, statusOf } = await asked();
  await press("UEVE");
  await press("UEVE");
  await press("UBEN", { nonce: "old" });
  made.state.standings.UGUEST = "guest";
  await press("UGUEST");
  made.state.failing.standing = new UpstreamError("slack", "503", { retryable: true });
  await press("UBEN");
  delete made.state.failing.standing;
  const codes = async () =>
    (await made.store.log(id)).flatMap((event) =>
      event.type === "AttemptRefused" ? [`${event.by} ${event.attempt} ${event.code}`] : [],
    );
  assert.deepEqual(await codes(), [
    "ueve (UEVE) approve not_approver",
    "uben (UBEN) approve superseded",
    "uguest (UGUEST) approve outsider",
    "uben (UBEN) approve lookup_failed",
  ]);
  await at.interact(click("reject", "UEVE", question));
  assert.equal((await codes()).at(-1), "ueve (UEVE) reject not_approver");
  for (let stranger = 0; stranger < 30; stranger++) await press(`UX${stranger}`);
  assert.equal((await codes()).length, 20);
  assert.equal(await statusOf(), "proposed");
  await press("UBEN");
  assert.equal(await statusOf(), "approved");
});
