import assert from "node:assert/strict";
import { test } from "node:test";
import { waitsOf } from "../../infra/host/settings/waits.ts";
import { ask } from "../../shared/adapters/github/api/call.ts";
import { githubClient } from "../../shared/adapters/github/github.ts";
import { quota } from "../../shared/adapters/http/quota.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";
import { slack, slackClient } from "../../shared/adapters/slack/slack.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { type Canned, serve } from "../support/answering.ts";
import { burning, world } from "../support/world.ts";

const view = { marker: "a", headline: "h", lines: [], links: [] };

test("after Slack's Retry-After nothing is posted for any incident until the second that it named", async () => {
  let now = 1_000_000;
  let limited = true;
  await using server = await serve(({ path }): Canned => {
    if (path.endsWith("chat.postMessage") && limited)
      return { status: 429, headers: { "retry-after": "120" }, body: "" };
    return { body: JSON.stringify({ ok: true, ts: "1.0", messages: [] }) };
  });
  const chat = slack({ client: slackClient({ token: "t", apiUrl: `${server.url}/` }), clock: () => now });
  const posts = () => server.asked.filter(({ path }) => path.endsWith("chat.postMessage")).length;
  const refused = (error: unknown) =>
    error instanceof UpstreamError && error.retryable && error.retryAt === 1_120_000;
  for (const channel of ["C1", "C2", "C3"]) {
    await assert.rejects(chat.post(channel, { ...view, marker: channel }, 0), refused);
    now += 20_000;
  }
  assert.equal(posts(), 1);
  await chat.whisper("C1", "U1", "other methods have limits of their own");
  limited = false;
  now = 1_119_999;
  await assert.rejects(chat.post("C1", view, 0), refused);
  now = 1_120_000;
  await chat.post("C1", view, 0);
  assert.equal(posts(), 2);
});

for (const [kind, headers] of [
  ["Retry-After", { "retry-after": "60" }],
  [
    "a spent limit",
    { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1060", date: new Date(1_000_000).toUTCString() },
  ],
] as const)
  test(`after ${kind} of GitHub nothing is asked until then`, async () => {
    let now = 5_000_000;
    let limited = true;
    await using server = await serve(
      (): Canned =>
        limited
          ? {
              status: 403,
              headers,
              body: JSON.stringify({ message: "You have exceeded a secondary rate limit" }),
            }
          : { body: JSON.stringify({ login: "us" }) },
    );
    const client = githubClient({ apiUrl: server.url, token: "t", clock: () => now });
    const read = (user: string) => ask("read", () => client.octokit.users.getByUsername({ username: user }));
    await assert.rejects(read("a"), { retryable: true });
    now += 59_999;
    await assert.rejects(
      read("b"),
      (error: unknown) => error instanceof UpstreamError && error.retryAt === 5_060_000,
    );
    assert.equal(server.asked.length, 1);
    limited = false;
    now += 1;
    assert.equal((await read("c")).login, "us");
    assert.equal(server.asked.length, 2);
  });

/** Processes of one credential, as Lambda containers are, on one store. */
test("what one process is told to wait, every other of the same credential waits, to the second and by method", async () => {
  let now = 1_000_000;
  const store = memoryStore();
  const reads = { count: 0 };
  const counted: typeof store = {
    ...store,
    register: (name) => {
      reads.count++;
      return store.register(name);
    },
  };
  const container = (credential = "slack") => quota(() => now, waitsOf(counted, credential));
  const [ask, announce, other] = [container(), container(), container("GITHUB_READ")];
  assert.equal(await announce.blocked("chat.postMessage"), undefined);
  await Promise.all([ask.block("chat.postMessage", 120_000), other.block("github", 5_000)]);
  now += 1_000;
  assert.equal(await announce.blocked("chat.postMessage"), 1_120_000);
  assert.equal(await announce.blocked("chat.update"), undefined);
  assert.equal(await container("GITHUB_READ").blocked("github"), 1_005_000);
  assert.equal(await container("GITHUB").blocked("github"), undefined);
  const before = reads.count;
  for (let times = 0; times < 5; times++) await announce.blocked("chat.update");
  assert.equal(reads.count, before);
  now = 1_120_000;
  assert.equal(await container().blocked("chat.postMessage"), undefined);
  await ask.block("chat.update", 1_000);
  assert.deepEqual((await store.register("waits")).value, { "slack chat.update": 1_121_000 });
});

test("a step that was told when to try again is delayed until then, and the incident says so", async () => {
  const made = world();
  made.state.failing.commits = new UpstreamError("github", "rate limited", {
    retryable: true,
    retryAt: 99_000,
  });
  await made.alerts([burning]);
  const waiting = await made.settle();
  assert.equal(waiting.status === "opened" && waiting.delay?.retryAt, 99_000);
});
