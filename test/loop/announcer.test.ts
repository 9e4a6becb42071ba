import assert from "node:assert/strict";
import { test } from "node:test";
import { isFinal } from "../../functions/announce/all.ts";
import { createAnnouncer } from "../../infra/local/announcer.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { id, resolved } from "../support/incident.ts";
import { burning, policy, service, silent, world } from "../support/world.ts";

/** An incident that is opened and not told yet, and the announcer of one machine. */
const untold = async () => {
  const made = world();
  await made.alerts([burning]);
  await made.handle({
    type: "Escalate",
    at: made.state.now,
    round: 1,
    reason: "refused",
    detail: "no token",
  });
  const tell = createAnnouncer({
    process: made.process,
    work: made.work,
    log: silent,
    isStopped: () => false,
  });
  return { made, tell: async () => tell(id, await made.store.load(id)) };
};
const down = new UpstreamError("slack", "down", { retryable: true });

test("news that could not be told stays pending, and is told after a wait that grows", async () => {
  const { made, tell } = await untold();
  made.state.failing.post = down;
  await tell();
  assert.equal((await made.store.pending()).length, 1);
  delete made.state.failing.post;
  await tell();
  assert.equal(made.state.posted, 0, "it is not tried again at once");
  made.state.now += 2_000;
  await tell();
  assert.equal(made.state.posted, 1);
});

test("news that is refused for good is put aside, so that later news is told", async () => {
  const { made, tell } = await untold();
  made.state.failing.post = new UpstreamError("slack", "no such channel", { retryable: false });
  await tell();
  const [first] = await made.store.pending();
  delete made.state.failing.post;
  assert.ok(first === undefined || first.version > 2, "only the page that was asked for since is news");
});

test("news that comes while the news before it is told is still pending afterwards", async () => {
  const { made, tell } = await untold();
  await tell();
  const [left] = await made.store.pending();
  assert.equal(left?.id, id, "the message was recorded meanwhile");
  await tell();
  assert.deepEqual(await made.store.pending(), []);
});

test("a time to wait that Slack names is kept, although the own wait would be shorter", async () => {
  const { made, tell } = await untold();
  const retryAt = made.state.now + 30_000;
  made.state.failing.post = new UpstreamError("slack", "429", { retryable: true, retryAt });
  await tell();
  delete made.state.failing.post;
  made.state.now = retryAt - 1;
  await tell();
  assert.equal(made.state.posted, 0);
  made.state.now = retryAt;
  await tell();
  assert.equal(made.state.posted, 1);
});

test("what failed in several places is refused for good only when each of them refused it for good", () => {
  const refused = new UpstreamError("github", "403", { retryable: false });
  assert.equal(isFinal(new AggregateError([refused, refused])), true);
  assert.equal(isFinal(new AggregateError([refused, down])), false);
  assert.equal(isFinal(new Error("a bug")), false);
});

/** Slack is down while the first round ends, and the second one is handed over. */
const secondRound = async (failure: UpstreamError) => {
  const made = world({ configured: service({ policy: { ...policy, page: "pagerduty" } }) });
  const pages: string[] = [];
  made.work.paging = {
    raise: async (_, { summary }) => void pages.push(summary),
    resolve: async () => {},
  };
  await made.alerts([burning]);
  await made.settle();
  made.state.failing.update = failure;
  made.state.failing.post = failure;
  await made.reject("it is the cache");
  await made.alerts([{ ...burning, fingerprint: "f9", name: "QueueFull", startsAt: made.state.now }]);
  const at = made.state.now;
  await made.handle({ type: "Escalate", at, round: 2, reason: "no_suspect", detail: "nothing is to blame" });
  return { made, pages };
};

test("an end that cannot be told yet keeps nobody from being paged for the round after it", async () => {
  const { made, pages } = await secondRound(down);
  made.state.now += 5 * 60_000;
  await made.settle();
  await made.settle();
  assert.match(pages.at(-1) ?? "", /Slack could not be told: down/);
});

test("an end that Slack refuses for good does not hold back the news of the rounds after it", async () => {
  const { made, pages } = await secondRound(
    new UpstreamError("slack", "chat.update of C1: cant_update_message", { retryable: false }),
  );
  await made.settle();
  await made.settle();
  assert.match(pages.at(-1) ?? "", /Slack could not be told/);
  assert.equal((await made.store.load(id)).incident.untold, undefined);
  assert.ok([...made.state.comments.keys()].some((marker) => marker.includes("#1:")));
});

test("what was told is not told again when an alert that comes and goes has pushed older facts out of sight", async () => {
  const made = world();
  const turn = async (): Promise<void> => {
    const startsAt = made.state.now + 400;
    made.state.now += 800;
    await made.alerts([{ ...burning, startsAt }]);
    await made.alerts([resolved({ startsAt, endsAt: made.state.now })]);
  };
  await made.alerts([burning]);
  await made.settle();
  const flap = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) await turn();
    await made.settle();
  };
  await flap(110);
  await made.approve();
  await made.settle();
  await flap(1);
  const told = [made.state.replies.size, made.state.comments.size];
  await flap(20);
  assert.ok((await made.store.log(id)).length > 260, "every fact is kept");
  assert.ok((await made.store.recent(id)).length < 220);
  assert.deepEqual([made.state.replies.size, made.state.comments.size], told);
});
