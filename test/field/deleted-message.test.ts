import assert from "node:assert/strict";
import { test } from "node:test";
import { isFinal } from "../../functions/announce/all.ts";
import { announce } from "../../functions/announce/announce.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { id } from "../support/incident.ts";
import { burning, type World, world } from "../support/world.ts";

/** Somebody deletes the incident's message: every write to it, or to its thread, finds it gone. */
const deleted = (made: World, ts: string): void => {
  const { chat } = made.work;
  const gone = new UpstreamError("slack", "chat.update of C1: message_not_found", {
    retryable: false,
    gone: true,
  });
  const { update, reply } = chat;
  chat.update = async (message, view) => {
    if (message.ts === ts) throw gone;
    return update(message, view);
  };
  chat.reply = async (message, notes) => {
    if (message.ts === ts) throw gone;
    return reply(message, notes);
  };
};
const asked = async (): Promise<World> => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  return made;
};

test("a deleted message is posted anew, says so, and goes on being brought up to date", async () => {
  const made = await asked();
  deleted(made, "1.0");
  await made.approve();
  const merged = await made.settle();
  assert.equal(merged.status === "merged" && merged.message?.ts, "2.0");
  assert.equal(made.state.posted, 2);
  const text = () => [...made.state.messages.values()].at(-1)!.lines.map(({ label }) => label);
  assert.ok(text().includes("Posted anew"));
  assert.deepEqual([...made.state.messages.values()].at(-1)!.links.at(-1), {
    ...{ text: "The thread before", url: "http://slack.test/archives/C1/p1.0" },
  });
  await made.deploy();
  made.state.now += 1000;
  assert.equal((await made.settle()).status, "deployed");
  assert.equal(made.state.posted, 2);
  assert.equal([...made.state.messages.values()].at(-1)!.links.at(-1)?.text, "The thread before");
  assert.ok(text().includes("Live"));
});

test("a message that is posted anew counts though its thread cannot be written yet", async () => {
  const made = await asked();
  deleted(made, "1.0");
  const { reply } = made.work.chat;
  const down = new UpstreamError("slack", "chat.postMessage to C1: 503", { retryable: true });
  made.work.chat.reply = async (message, notes) => {
    if (message.ts === "2.0") throw down;
    return reply(message, notes);
  };
  await made.approve();
  const merged = await made.settle();
  assert.equal(merged.status === "merged" && merged.message?.ts, "2.0");
  assert.equal(made.state.posted, 2);
});

test("a message that is deleted as soon as it is posted is not posted for ever", async () => {
  const made = await asked();
  const gone = new UpstreamError("slack", "chat.update of C1: message_not_found", {
    retryable: false,
    gone: true,
  });
  made.work.chat.update = async () => {
    throw gone;
  };
  await made.approve();
  await made.settle();
  assert.equal(made.state.posted, 2);
});

test("a question whose message was deleted meanwhile is asked in a new one", async () => {
  const made = world();
  made.state.failing.openPull = new UpstreamError("github", "github is down", { retryable: true });
  await made.alerts([burning]);
  await made.settle();
  assert.equal(made.state.posted, 1);
  deleted(made, "1.0");
  made.state.failing = {};
  const now = await made.settle();
  assert.equal(now.status === "proposed" && now.asked && now.message?.ts, "2.0");
  assert.notEqual([...made.state.messages.values()].at(-1)?.buttons, undefined);
});

test("another failure of Slack posts nothing anew", async () => {
  const made = await asked();
  made.work.chat.update = async () => {
    throw new UpstreamError("slack", "chat.update of C1: cant_update_message", { retryable: false });
  };
  await made.approve();
  await made.settle();
  assert.equal(made.state.posted, 1);
});

test("news after a message was deleted twice within minutes is told in a third one, ten minutes after the second", async () => {
  const made = await asked();
  deleted(made, "1.0");
  const { post } = made.work.chat;
  // Slack's timestamps are those of the instant in which it posts.
  made.work.chat.post = async (channel, view, since) => {
    const { ts } = await post(channel, view, since);
    return { channel, ts: ts === "2.0" ? String(made.state.now / 1000) : ts };
  };
  await made.approve();
  const merged = await made.settle();
  assert.equal(merged.status === "merged" && merged.message?.ts, "20");
  deleted(made, "20");
  await made.handle({ type: "Abandon", at: made.state.now, round: 1, detail: "not configured any more" });
  made.state.now += 9 * 60_000;
  await made.settle();
  const again = announce(made.process, made.work)(await made.store.load(id));
  await assert.rejects(again, (error) => !isFinal(error));
  assert.equal(made.state.posted, 2);
  made.state.now += 60_000;
  const over = await made.settle();
  assert.equal(made.state.posted, 3);
  assert.equal(over.status === "closed" && over.message?.ts, "3.0");
  assert.ok([...made.state.replies.keys()].some((marker) => marker.endsWith(":IncidentClosed")));
});
