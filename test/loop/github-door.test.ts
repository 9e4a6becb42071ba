import assert from "node:assert/strict";
import { test } from "node:test";
import type { Configured } from "../../shared/config.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { id, sha } from "../support/incident.ts";
import { burning, policy, service, type World, world } from "../support/world.ts";

const people = { UANN: { github: "ann" }, UBEN: { github: "ben" }, UCAT: { github: "cat" } };
const asked = async (over: Partial<Configured> = {}): Promise<World> => {
  const configured = service({ approvers: ["UANN", "UBEN"], ...over });
  const made = world({ configured, people });
  made.state.authors = { logins: ["ann"], isComplete: true };
  await made.alerts([burning]);
  await made.settle();
  return made;
};
const review = (by: string, state: "approved" | "changes_requested" | "dismissed", head = sha("d")) => ({
  ...{ by, state, head },
});
let comments = 0;
const say = (made: World, by: string, text: string, at = made.state.now + 1): void => {
  made.state.said.commands.push({ id: ++comments, by, text: `/countersteer ${text}`, at });
};
const types = async (made: World) => (await made.store.log(id)).map(({ type }) => type);
const told = (made: World, word: string) =>
  [...made.state.comments.values()].filter((text) => text.includes(word));

test("an approving review of the head by an entitled account merges, and is told in Slack once", async () => {
  const made = await asked();
  made.state.said.reviews = [review("Ben", "approved")];
  const incident = await made.settle();
  assert.equal(incident.status, "merged");
  const approval = (await made.store.log(id)).find(({ type }) => type === "RemedyApproved");
  assert.equal(approval?.type === "RemedyApproved" && approval.by, "Ben (GitHub)");
  const replies = [...made.state.replies.values()].filter((text) => text.startsWith("Approved"));
  assert.deepEqual(replies, [`Approved: by Ben (GitHub), for exactly ${"d".repeat(12)}, on GitHub`]);
});

test("a review of an older head, of a stranger, and of the author alone merge nothing", async () => {
  const made = await asked();
  made.state.said.reviews = [
    review("ben", "approved", sha("9")),
    review("mallory", "approved"),
    review("ann", "approved"),
  ];
  const incident = await made.settle();
  assert.equal(incident.status, "proposed");
  assert.deepEqual(incident.status === "proposed" && incident.votes?.map(({ by }) => by), ["ann (GitHub)"]);
  assert.equal(made.state.merges, 0);
  const refused = async () =>
    (await made.store.log(id)).flatMap((event) =>
      event.type === "AttemptRefused" ? [`${event.by} ${event.attempt} ${event.code}`] : [],
    );
  assert.deepEqual(await refused(), ["mallory (GitHub) approve not_approver"]);
  await made.settle();
  assert.equal((await refused()).length, 1);
});

test("a look-up of a team that fails is a fact with its code, and merges nothing", async () => {
  const made = await asked({ approvers: ["github:team/acme/payments"] });
  made.state.failing.isMember = new UpstreamError("github", "membership of ben: 502", { retryable: true });
  made.state.said.reviews = [review("ben", "approved")];
  await made.settle();
  const delays = (await made.store.log(id)).flatMap((event) =>
    event.type === "StepDelayed" ? [[event.step, event.failed, event.detail]] : [],
  );
  assert.deepEqual([delays, made.state.merges], [[["ask", "github", "membership of ben: 502"]], 0]);
});

test("the same person in Slack and by a review is one of two", async () => {
  const made = await asked({ policy: { ...policy, quorum: 2 } });
  made.state.said.reviews = [review("ben", "approved")];
  assert.equal((await made.settle()).status, "proposed");
  made.state.said.reviews.push(review("ann", "approved"));
  assert.equal((await made.settle()).status, "merged");
});

test("a dismissed review takes its approval back, before and after it was enough", async () => {
  const made = await asked({ policy: { ...policy, quorum: 2 } });
  made.state.said.reviews = [review("ben", "approved")];
  await made.settle();
  made.state.said.reviews = [review("ben", "dismissed")];
  const alone = await made.settle();
  assert.deepEqual(alone.status === "proposed" && alone.votes, []);

  const other = await asked();
  other.state.said.reviews = [review("ben", "approved")];
  other.state.failing.merge = new UpstreamError("github", "502", { retryable: true });
  assert.equal((await other.settle()).status, "approved");
  other.state.said.reviews = [review("ben", "dismissed")];
  delete other.state.failing.merge;
  const again = await other.settle();
  assert.equal(
    again.status === "proposed" && again.moved,
    "the review of ben (GitHub) does not approve it any more",
  );
  assert.equal(other.state.merges, 0);
});

test("changes requested by an approver hold it, by anybody else do nothing, and dismissing asks again", async () => {
  const made = await asked();
  made.state.said.reviews = [review("mallory", "changes_requested")];
  const open = await made.settle();
  assert.equal(open.status === "proposed" && open.held, undefined);
  made.state.said.reviews = [review("ben", "changes_requested")];
  const held = await made.settle();
  assert.equal(held.status === "proposed" && held.held?.by, "github");
  const [message] = [...made.state.messages.values()];
  assert.equal(message?.buttons, undefined);
  assert.match(JSON.stringify(message?.lines), /On hold.*ben asks for changes/);
  made.state.said.reviews = [review("ben", "dismissed")];
  const again = await made.settle();
  assert.deepEqual(again.status === "proposed" && [again.held, again.asked], [undefined, true]);
});

test("the label countersteer/hold stops what is approved, and its removal asks again", async () => {
  const made = await asked();
  await made.approve("UBEN");
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.pulls.set(branch, { ...now, held: true });
  const held = await made.settle();
  assert.deepEqual(held.status === "proposed" && held.held?.by, "github");
  assert.equal(made.state.merges, 0);
  made.state.pulls.set(branch, now);
  const again = await made.settle();
  assert.deepEqual(again.status === "proposed" && [again.held, again.asked], [undefined, true]);
  assert.equal((await types(made)).filter((type) => type === "IncidentHeld").length, 1);
});

test("commands on the pull request approve, reject, hold and retry, each once", async () => {
  const approving = await asked();
  say(approving, "ben", "approve");
  assert.equal((await approving.settle()).status, "merged");

  const rejecting = await asked();
  say(rejecting, "ben", "reject we roll forward");
  const over = await rejecting.settle();
  assert.deepEqual(over.status === "closed" && [over.outcome, over.by, over.detail], [
    "rejected",
    "ben (GitHub)",
    "we roll forward",
  ]);

  const holding = await asked();
  say(holding, "ben", "hold");
  const held = await holding.settle();
  assert.equal(held.status === "proposed" && held.held?.by, "github");
  say(holding, "ann", "retry", holding.state.now + 2);
  const again = await holding.settle();
  assert.deepEqual(again.status === "proposed" && [again.held, again.asked], [undefined, true]);
});

test("who may not decide, forgets the reason, or asks for what is unknown is answered once on the pull request", async () => {
  const made = await asked();
  say(made, "mallory", "approve");
  say(made, "ben", "reject");
  say(made, "ben", "dance");
  say(made, "ben", "explain");
  const incident = await made.settle();
  await made.settle();
  assert.equal(incident.status, "proposed");
  assert.equal((await types(made)).filter((type) => type === "CommandAnswered").length, 4);
  assert.equal(told(made, "mallory is not an approver of payment-gateway").length, 1);
  assert.equal(told(made, "say why").length, 1);
  assert.equal(told(made, "commands are").length, 1);
  assert.equal(told(made, "is suspected").length, 1);
});

test("/countersteer retry has an escalated incident go on, by an approver, once", async () => {
  const made = await asked();
  made.state.now += 700_000;
  await made.process.handle(id, { type: "Expire", at: made.state.now });
  assert.equal((await made.settle()).status, "escalated");
  say(made, "ben", "retry", 1);
  say(made, "mallory", "retry");
  say(made, "ben", "approve");
  say(made, "ben", "retry");
  await made.settle();
  await made.settle();
  const again = await made.settle();
  assert.deepEqual(again.status === "proposed" && again.asked, true);
  const log = await made.store.log(id);
  const resumed = log.filter(({ type }) => type === "IncidentResumed");
  assert.deepEqual(
    resumed.map((event) => event.type === "IncidentResumed" && event.detail),
    ["tried again by ben (GitHub)"],
  );
  assert.equal(told(made, "mallory is not an approver of payment-gateway").length, 1);
  assert.equal(told(made, "/countersteer retry has it go on").length, 1);
  assert.equal(
    [...made.state.replies.values()].filter((text) => text.includes("tried again by ben")).length,
    1,
  );
});

test("a command from before the question decides nothing", async () => {
  const made = await asked();
  say(made, "ben", "approve", 1);
  assert.equal((await made.settle()).status, "proposed");
});

test("a no on the pull request stops what is approved and not merged yet", async () => {
  const made = await asked();
  await made.approve("UBEN");
  say(made, "ann", "reject it was the database");
  const over = await made.settle();
  assert.equal(over.status === "closed" && over.outcome, "rejected");
  assert.equal(made.state.merges, 0);
});

test("while Slack cannot be reached, a review on the pull request approves and merges", async () => {
  const made = world({ configured: service({ approvers: ["UANN", "UBEN"] }), people });
  made.state.authors = { logins: ["ann"], isComplete: true };
  made.state.failing.post = new UpstreamError("slack", "chat.postMessage: 503", { retryable: true });
  await made.alerts([burning]);
  const waiting = await made.settle();
  assert.equal(waiting.status === "proposed" && waiting.delay?.system, "slack");
  made.state.said.reviews = [review("ben", "approved")];
  assert.equal((await made.settle()).status, "merged");
  assert.equal(made.state.merges, 1);
});
