import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { type Sandbox, startSandbox } from "../../infra/sandbox/index.ts";
import { slack, slackClient } from "../../shared/adapters/slack/slack.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Chat, View } from "../../shared/ports/chat.ts";
import { anyText, anyUrl } from "../support/any-text.ts";

const at = Date.UTC(2026, 10, 22, 14);
const channel = "C0OPS";
const view = (changes: Partial<View> = {}): View => ({
  marker: "payment/production#1",
  headline: "payment: 44 % errors",
  lines: [{ label: "Suspect", text: "new rounding, by Ann" }],
  links: [{ text: "Pull request", url: "https://git.example/pull/7" }],
  buttons: { incident: "payment/production", round: 1, head: "abc", others: [] },
  ...changes,
});
const note = (marker: string) => ({ marker, lines: [{ label: "Approved", text: `by ann (${marker})` }] });

const sandboxed = async () => {
  const sandbox = await startSandbox({ repos: {}, clock: () => at, log: () => {} });
  const chat = slack({ client: slackClient({ apiUrl: sandbox.slack, token: sandbox.slackToken }) });
  return { sandbox, chat, [Symbol.asyncDispose]: () => sandbox.close() };
};
const calls = (sandbox: Sandbox) => sandbox.requests().map(({ path }) => path.slice(1));
const upstream = (message: string | RegExp, retryable: boolean, status?: number) => (error: unknown) => {
  assert.ok(error instanceof UpstreamError);
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
  assert.deepEqual([error.system, error.retryable, error.status], ["slack", retryable, status]);
  return true;
};

/** A Slack that answers each method as told, an object as JSON with status 200. */
const canned = async (
  answers: Record<
    string,
    { status?: number; headers?: Record<string, string>; body?: string } | { ok: boolean }
  >,
) => {
  const asked: { method: string; args: URLSearchParams; authorization: string | undefined }[] = [];
  const server = createServer(async (request, response) => {
    const method = request.url!.slice(1);
    const args = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    asked.push({ method, args, authorization: request.headers.authorization });
    const answer = answers[method] ?? { ok: false, error: "unknown_method" };
    if ("ok" in answer) return response.end(JSON.stringify(answer));
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body ?? "");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  const chat = slack({ client: slackClient({ apiUrl, token: "xoxb-canary" }) });
  return { chat, asked, [Symbol.asyncDispose]: async () => void (await close()) };
};

test("a question is posted once, found again by its marker and brought up to date", async () => {
  await using env = await sandboxed();
  const message = await env.chat.post(channel, view(), at);
  assert.deepEqual(calls(env.sandbox), ["conversations.history", "chat.postMessage"]);
  assert.deepEqual(await env.chat.post(channel, view({ headline: "payment: recovered" }), at), message);
  const [only, ...others] = env.sandbox.messages(channel);
  assert.deepEqual(others, []);
  assert.equal(only?.ts, message.ts);
  assert.deepEqual(only?.metadata, {
    event_type: "countersteer_incident",
    event_payload: { marker: "payment/production#1" },
  });
  assert.match(only?.text ?? "", /^payment: recovered/);
});

test("a message that was applied but not answered is adopted by the next try", async () => {
  await using env = await sandboxed();
  env.sandbox.fault({ match: /chat\.postMessage/, drop: "after" });
  await assert.rejects(env.chat.post(channel, view(), at), upstream(/^chat\.postMessage to C0OPS: /, true));
  const [applied] = env.sandbox.messages(channel);
  assert.deepEqual(await env.chat.post(channel, view(), at), { channel, ts: applied?.ts });
  assert.equal(env.sandbox.messages(channel).length, 1);
});

test("another round has another message", async () => {
  await using env = await sandboxed();
  const first = await env.chat.post(channel, view(), at);
  const second = await env.chat.post(channel, view({ marker: "payment/production#2" }), at);
  assert.notEqual(first.ts, second.ts);
});

test("the marker is found on a later page, among much other traffic", async () => {
  await using env = await sandboxed();
  const message = await env.chat.post(channel, view(), at);
  for (let index = 0; index < 450; index++)
    await env.chat.post("C0PAYMENTS", view({ marker: `other ${index}` }), at + 3_600_000);
  const client = slackClient({ apiUrl: env.sandbox.slack, token: env.sandbox.slackToken });
  for (let index = 0; index < 450; index++)
    await client.chat.postMessage({ channel, text: `chatter ${index}` });
  assert.deepEqual(await env.chat.post(channel, view(), at), message);
});

test("updating keeps the marker and can take the buttons away", async () => {
  await using env = await sandboxed();
  const message = await env.chat.post(channel, view(), at);
  const { buttons, ...decided } = view({ headline: "payment: approved" });
  await env.chat.update(message, decided);
  const [only] = env.sandbox.messages(channel);
  assert.deepEqual(
    only?.blocks?.map(({ type }) => type),
    ["header", "section", "context"],
  );
  assert.deepEqual(await env.chat.post(channel, decided, at), message);
});

test("each reply is in the thread once, however often it is told", async () => {
  await using env = await sandboxed();
  const message = await env.chat.post(channel, view(), at);
  await env.chat.reply(message, []);
  await env.chat.reply(message, [note("a"), note("b")]);
  env.sandbox.fault({ match: /chat\.postMessage/, fail: { status: 503, applied: true } });
  await assert.rejects(
    env.chat.reply(message, [note("a"), note("c")]),
    upstream("chat.postMessage to C0OPS: HTTP 503", true, 503),
  );
  await env.chat.reply(message, [note("a"), note("b"), note("c"), note("d")]);
  const replies = env.sandbox.messages(channel).filter(({ threadTs }) => threadTs === message.ts);
  const marker = (metadata: unknown) =>
    (metadata as { event_payload: { marker: string } }).event_payload.marker;
  assert.deepEqual(
    replies.map(({ metadata }) => marker(metadata)),
    ["a", "b", "c", "d"],
  );
  assert.match(replies[0]?.text ?? "", /^Approved: by ann/);
});

test("a whisper is seen by one person, and its text is only text", async () => {
  await using env = await sandboxed();
  await env.chat.whisper(channel, "U0EVE", "you may not <!channel>");
  const [only] = env.sandbox.messages(channel);
  assert.deepEqual([only?.onlyFor, only?.text], ["U0EVE", "you may not &lt;!channel&gt;"]);
});

test("the reason is asked in a modal, for as long as the click allows", async () => {
  await using env = await sandboxed();
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    seen.push(Buffer.concat(await request.toArray()).toString());
    response.end();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  env.sandbox.connect({
    slackInteractions: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
  });
  const message = await env.chat.post(channel, view(), at);
  await env.sandbox.click({ ...message, actionId: "reject", user: "U0ANN" });
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  const { trigger_id } = JSON.parse(new URLSearchParams(seen[0]).get("payload")!);
  await env.chat.askReason(trigger_id, '{"round":1}', "Reject the revert");
  const [opened] = env.sandbox.views("U0ANN");
  assert.deepEqual([opened?.view.callback_id, opened?.view.private_metadata], ["reject", '{"round":1}']);
  await assert.rejects(
    env.chat.askReason(trigger_id, "{}", "Again"),
    upstream(/^views\.open asking why: /, false),
  );
});

test("an approver is listed, or a member of a listed group at the time of the click", async () => {
  await using env = await sandboxed();
  const approvers = ["U0EVE", "S0APPROVERS"];
  assert.equal(await env.chat.isApprover("U0EVE", approvers), true);
  assert.deepEqual(calls(env.sandbox), []);
  assert.equal(await env.chat.isApprover("U0BEN", approvers), true);
  assert.equal(await env.chat.isApprover("U0STRANGER", approvers), false);
  assert.equal(await env.chat.isApprover("U0BEN", []), false);
  assert.deepEqual(calls(env.sandbox), ["usergroups.users.list", "usergroups.users.list"]);
});

test("names of people and groups are asked once each, and what Slack does not tell stays an id", async () => {
  await using env = await sandboxed();
  const ids = ["U0ANN", "S0APPROVERS", "U0GONE"];
  assert.deepEqual(await env.chat.names(ids), ["ann", "@approvers", "U0GONE"]);
  assert.deepEqual(await env.chat.names(ids.slice(0, 2)), ["ann", "@approvers"]);
  assert.deepEqual(calls(env.sandbox), ["users.info", "usergroups.list", "users.info"]);
  env.sandbox.fault({ match: /users\.info/, fail: { status: 503 } });
  assert.deepEqual(await env.chat.names(["U0BEN"]), ["U0BEN"]);
  assert.deepEqual(await env.chat.names(["U0BEN"]), ["ben"]);
});

test("a message's address is the permalink of its workspace", async () => {
  await using env = await sandboxed();
  const message = await env.chat.post(channel, view(), at);
  const link = await env.chat.linkTo(message);
  assert.equal(link, `${env.sandbox.url}/slack/archives/C0OPS/p${message.ts.replace(".", "")}`);
  assert.ok((await fetch(link ?? "")).url.startsWith(`${env.sandbox.url}/slack/C0OPS`));
});

test("an approver look-up that fails says so instead of guessing, unless another group answers", async () => {
  await using env = await sandboxed();
  await assert.rejects(
    env.chat.isApprover("U0BEN", ["S0GONE"]),
    upstream(/^usergroups\.users\.list of S0GONE: /, false),
  );
  await assert.rejects(env.chat.isApprover("U0EVE", ["S0APPROVERS", "S0GONE"]), UpstreamError);
  assert.equal(await env.chat.isApprover("U0BEN", ["S0GONE", "S0APPROVERS"]), true);
});

test("a person is a member, a guest, a bot or a stranger as Slack tells, and by the team of the click", async () => {
  const person = (id: string, is?: "guest" | "bot" | "stranger" | "deactivated") => ({
    ...{ id, name: id.toLowerCase(), realName: id },
    ...(is && { is }),
  });
  const people = [
    person("UANN"),
    person("UGUEST", "guest"),
    person("UBOT", "bot"),
    person("UELSE", "stranger"),
    person("UGONE", "deactivated"),
  ];
  const sandbox = await startSandbox({ repos: {}, clock: () => at, log: () => {}, slack: { people } });
  const chat = slack({ client: slackClient({ apiUrl: sandbox.slack, token: sandbox.slackToken }) });
  try {
    const standings = await Promise.all(people.map(({ id }) => chat.standing({ id })));
    assert.deepEqual(standings, ["member", "guest", "bot", "stranger", "deactivated"]);
    assert.equal(await chat.standing({ id: "UANN", team: "T0SANDBOX" }), "member");
    assert.equal(await chat.standing({ id: "UANN", team: "T0ELSEWHERE" }), "stranger");
    assert.equal(await chat.standing({ id: "UNOBODY" }), "unseen");
    assert.equal(await chat.standing({ id: "UNOBODY", team: "T0ELSEWHERE" }), "stranger");
    assert.equal(await chat.standing({ id: "WNOBODY", team: "T0ELSEWHERE" }), "unseen");
  } finally {
    await sandbox.close();
  }
});

test("people of another workspace of the same enterprise are members, and of another enterprise strangers", async () => {
  const user = (enterprise_id: string) => ({
    ok: true,
    user: { team_id: "T2", enterprise_user: { enterprise_id } },
  });
  const self = { ok: true, team_id: "T1", enterprise_id: "E1" };
  await using ours = await canned({ "auth.test": self, "users.info": user("E1") });
  assert.equal(await ours.chat.standing({ id: "UANN", team: "T2" }), "member");
  await using theirs = await canned({ "auth.test": self, "users.info": user("E2") });
  assert.equal(await theirs.chat.standing({ id: "UANN", team: "T1" }), "stranger");
});

test("an account of Enterprise Grid is the listed person by its other id, asked from either side", async () => {
  const self = { ok: true, team_id: "T1", enterprise_id: "E1" };
  const user = { ok: true, user: { id: "UANN", enterprise_user: { id: "WANN", enterprise_id: "E1" } } };
  await using grid = await canned({ "auth.test": self, "users.info": user });
  assert.equal(await grid.chat.listedAs("WANN", ["S0TEAM", "UANN"]), "UANN");
  assert.equal(await grid.chat.listedAs("UANN", ["WANN"]), "WANN");
  assert.equal(await grid.chat.listedAs("UANN", ["UANN"]), "UANN");
  assert.equal(await grid.chat.listedAs("UBEN", ["S0TEAM"]), "UBEN");
  await using plain = await canned({ "auth.test": { ok: true, team_id: "T1" } as { ok: boolean } });
  assert.equal(await plain.chat.listedAs("UBEN", ["UANN"]), "UBEN");
  assert.deepEqual(
    plain.asked.map(({ method }) => method),
    ["auth.test"],
  );
  const gone = { ok: false, error: "user_not_found" };
  await using foreign = await canned({ "auth.test": self, "users.info": gone });
  assert.equal(await foreign.chat.listedAs("WEVE", ["UANN"]), "WEVE");
});

test("a server that does not know the method that tells of people leaves nobody's standing known", async () => {
  const self = { ok: true, team_id: "T1" } as never;
  await using bare = await canned({ "auth.test": self });
  assert.equal(await bare.chat.standing({ id: "UANN", team: "T1" }), "unknown");
});

test("a person whom Slack calls a stranger is one, also with this workspace's id", async () => {
  const user = { id: "UANN", team_id: "T1", is_stranger: true };
  const answers = { "auth.test": { ok: true, team_id: "T1" }, "users.info": { ok: true, user } };
  await using env = await canned(answers as never);
  assert.equal(await env.chat.standing({ id: "UANN", team: "T1" }), "stranger");
});

test("a message is looked for from five minutes before its time on, as Slack's clock may be behind", async () => {
  const answers = {
    "conversations.history": { ok: true, messages: [] },
    "chat.postMessage": { ok: true, ts: "1.1" },
  };
  await using env = await canned(answers as never);
  await env.chat.post("C123", view(), at);
  const [history] = env.asked.filter(({ method }) => method === "conversations.history");
  assert.equal(history?.args.get("oldest"), (at / 1000 - 300).toFixed(6));
});

test("an app that may not read users knows nobody's standing, except that of another workspace; a failure says so", async () => {
  const self = { ok: true, team_id: "T1" };
  await using bare = await canned({
    "auth.test": self,
    "users.info": { ok: false, error: "missing_scope" } as never,
  });
  assert.equal(await bare.chat.standing({ id: "UANN", team: "T1" }), "unknown");
  assert.equal(await bare.chat.standing({ id: "UANN", team: "T2" }), "stranger");
  await using down = await canned({ "auth.test": self, "users.info": { status: 503 } });
  await assert.rejects(down.chat.standing({ id: "UANN" }), upstream(/^users\.info of UANN: /, true, 503));
});

test("whatever Slack answers instead becomes one error that says what was tried, and whether to try again", async () => {
  const post = (chat: Chat) => chat.post("C123", view(), at);
  const platform = (error: string, rest: object = {}) => ({ ok: false, error, ...rest });
  const cases: [Parameters<typeof canned>[0][string], string, boolean, number?][] = [
    [
      platform("channel_not_found"),
      "channel_not_found; invite the app to the channel, or name another channel in the configuration",
      false,
    ],
    [
      platform("is_archived"),
      "is_archived; restore the channel, or name another channel in the configuration",
      false,
    ],
    [platform("invalid_auth"), "invalid_auth; renew the bot token", false, 401],
    [platform("missing_scope", { needed: "chat:write" }), "missing_scope (needs chat:write)", false],
    [
      platform("invalid_blocks", {
        response_metadata: { messages: ["[ERROR] too long [json-pointer:/blocks/0]"] },
      }),
      "invalid_blocks ([ERROR] too long [json-pointer:/blocks/0])",
      false,
    ],
    [platform("internal_error"), "internal_error", true],
    [platform("fatal_error"), "fatal_error", true],
    [platform("token_revoked"), "token_revoked; renew the bot token", false, 401],
    [platform("service_unavailable"), "service_unavailable", true],
    [platform("ratelimited"), "ratelimited", true],
    [{ status: 429, headers: { "retry-after": "30" } }, "rate limited for 30 s", true, 429],
    [{ status: 429 }, "rate limited", true],
    [{ status: 500, body: "oops" }, "HTTP 500", true, 500],
    [{ status: 404, body: "oops" }, "HTTP 404", false, 404],
    [
      { status: 302, headers: { location: "http://169.254.169.254/" } },
      "it redirects, which is not followed: something before Slack wants people to sign in, or SLACK_API_URL is another's",
      true,
    ],
    [{ body: "<html>proxy</html>" }, "the answer is not Slack's", true],
    [{ ok: true }, "no ts in the answer", true],
  ];
  for (const [answer, detail, retryable, status] of cases) {
    await using env = await canned({ "conversations.history": { ok: true }, "chat.postMessage": answer });
    await assert.rejects(post(env.chat), (error: Error) => {
      assert.doesNotMatch(JSON.stringify(error) + error.stack, /canary/);
      return upstream(`chat.postMessage to C123: ${detail}`, retryable, status)(error);
    });
    assert.equal(env.asked.filter(({ method }) => method === "chat.postMessage").length, 1, detail);
  }
});

test("an unreachable Slack is worth another try", async () => {
  const gone = await canned({});
  await gone[Symbol.asyncDispose]();
  await assert.rejects(
    gone.chat.post("C123", view(), at),
    upstream("conversations.history of C123: ECONNREFUSED", true),
  );
});

test("a channel that the app may not read is posted to all the same; a failing read is not", async () => {
  for (const error of ["missing_scope", "not_in_channel"]) {
    await using env = await canned({
      "conversations.history": { ok: false, error } as { ok: boolean },
      "chat.postMessage": { ok: true, ts: "1.2" } as { ok: boolean },
    });
    assert.deepEqual(await env.chat.post("C123", view(), at), { channel: "C123", ts: "1.2" });
  }
  await using env = await canned({
    "conversations.history": { status: 503 },
    "chat.postMessage": { ok: true, ts: "1.2" } as { ok: boolean },
  });
  await assert.rejects(
    env.chat.post("C123", view(), at),
    upstream("conversations.history of C123: HTTP 503", true, 503),
  );
  assert.deepEqual(
    env.asked.map(({ method }) => method),
    ["conversations.history"],
  );
});

test("a message that somebody else marked as ours is not taken for ours", async () => {
  const metadata = { event_type: "countersteer_incident", event_payload: { marker: view().marker } };
  const messages = [
    { ts: "1.1", user: "U0EVE", metadata },
    { ts: "1.2", bot_id: "B0OTHER", metadata },
    { ts: "1.3", metadata },
  ];
  await using env = await canned({
    "conversations.history": { ok: true, messages } as { ok: boolean },
    "auth.test": { ok: true, user_id: "U0US", bot_id: "B0US" } as { ok: boolean },
    "chat.postMessage": { ok: true, ts: "1.4" } as { ok: boolean },
  });
  assert.deepEqual(await env.chat.post("C123", view(), at), { channel: "C123", ts: "1.4" });
  assert.deepEqual(
    env.asked.map(({ method }) => method),
    ["conversations.history", "auth.test", "chat.postMessage"],
  );
});

test("Slack takes any view", async () => {
  await using env = await sandboxed();
  const text = fc.oneof(anyText(40), fc.constant("<&>*_\n".repeat(900)), fc.constant(" "));
  const line = fc.record({ label: text, text }, { requiredKeys: ["text"] });
  const links = fc.array(fc.record({ text, url: fc.oneof(anyUrl, text) }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(text, fc.array(line, { maxLength: 60 }), links, async (headline, lines, links) => {
      const message = await env.chat.post(channel, view({ headline, lines, links }), at);
      await env.chat.update(message, view({ headline, lines, links }));
      await env.chat.reply(message, [{ marker: `${Math.random()}`, lines }]);
    }),
    { numRuns: 40 },
  );
});

const picture = { png: () => new Uint8Array([137, 80, 78, 71]), alt: "22 % fail since 12:03" };

test("a picture is uploaded without a channel and shown below the headline", async () => {
  await using at = await sandboxed();
  const file = await at.chat.upload(picture);
  assert.deepEqual(
    at.sandbox.requests().map(({ method, path }) => `${method} ${path.replace(/F[0-9A-F]+/, "F…")}`),
    ["POST /files.getUploadURLExternal", "POST /slack/upload/F…", "POST /files.completeUploadExternal"],
  );
  await at.chat.post(channel, view({ picture: { file, alt: picture.alt } }), 0);
  const [message] = at.sandbox.messages(channel);
  assert.deepEqual(
    message?.blocks?.slice(0, 2).map(({ block_id: _, ...block }) => block),
    [
      { type: "header", text: { type: "plain_text", text: "payment: 44 % errors" } },
      { type: "image", slack_file: { id: file }, alt_text: "22 % fail since 12:03" },
    ],
  );
  const shown = await fetch(`${at.sandbox.url}/slack/files/${file}`);
  assert.deepEqual(new Uint8Array(await shown.arrayBuffer()), picture.png());
});

test("a message whose picture Slack does not take goes without it", async () => {
  await using at = await sandboxed();
  const chat = slack({
    client: slackClient({ apiUrl: at.sandbox.slack, token: at.sandbox.slackToken }),
    pauseMs: 0,
  });
  const posted = await chat.post(channel, view({ picture: { file: "F0GONE", alt: "a chart" } }), 0);
  assert.deepEqual(calls(at.sandbox), [
    ...["conversations.history", "chat.postMessage", "conversations.history", "chat.postMessage"],
    ...["conversations.history", "chat.postMessage"],
  ]);
  await chat.update(posted, view({ picture: { file: "F0GONE", alt: "a chart" }, headline: "changed" }));
  const [message] = at.sandbox.messages(channel);
  assert.equal(JSON.stringify(message?.blocks).includes("F0GONE"), false);
  assert.match(message?.text ?? "", /^changed/);
});

test("bytes of a picture go to Slack's own host only, and a scope that is missing is told", async () => {
  const answer = { ok: true, upload_url: "https://files.slack.com.evil.test/upload", file_id: "F1" };
  await using elsewhere = await canned({ "files.getUploadURLExternal": answer });
  await assert.rejects(
    elsewhere.chat.upload(picture),
    upstream("upload of a chart: Slack told no address of its own to send it to", true),
  );
  await using refused = await canned({
    "files.getUploadURLExternal": { body: '{"ok":false,"error":"missing_scope","needed":"files:write"}' },
  });
  await assert.rejects(
    refused.chat.upload(picture),
    upstream("files.getUploadURLExternal for a chart: missing_scope (needs files:write)", false),
  );
});

test("a stand-in by plain http is told to wait longer for an answer than Slack, which is told nothing", () => {
  const chatAt = (apiUrl?: string) =>
    slack({ client: slackClient({ token: "t", ...(apiUrl && { apiUrl }) }) });
  assert.deepEqual(
    [chatAt(), chatAt("http://127.0.0.1:9/slack/api/")].map(({ patienceMs }) => patienceMs),
    [undefined, 60_000],
  );
});
