import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { WebClient } from "@slack/web-api";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../infra/sandbox/index.ts";

const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => "error" as never,
};
const client = (sandbox: Sandbox, token = sandbox.slackToken) =>
  new WebClient(token, {
    slackApiUrl: sandbox.slack,
    logger: silent,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });

const newSlack = async (t: TestContext, options: Partial<SandboxOptions> = {}) => {
  const logged: string[] = [];
  const sandbox = await startSandbox({ repos: {}, log: (line) => logged.push(line), ...options });
  t.after(() => sandbox.close());
  return { sandbox, slack: client(sandbox), logged };
};
type Refusal = { error: string; response_metadata?: { messages?: string[] } };
const refusal = async (call: Promise<unknown>): Promise<Refusal> => {
  try {
    await call;
  } catch (error) {
    return (error as { data: Refusal }).data;
  }
  throw new Error("the call was not refused");
};

const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });
const button = (action_id: string, extra: object = {}) => ({
  type: "button",
  action_id,
  text: { type: "plain_text", text: "Approve" },
  value: "v",
  ...extra,
});
const actions = (...elements: object[]) => ({ type: "actions", elements });

test("a message is posted, brought up to date and found again with its metadata", async (t) => {
  const { slack } = await newSlack(t);
  const metadata = { event_type: "incident", event_payload: { marker: "m1" } };
  const posted = await slack.chat.postMessage({
    channel: "C0OPS",
    text: "Trouble",
    blocks: [section("*Trouble*")],
    metadata,
  });
  assert.deepEqual([posted.message!.text, posted.message!.blocks], ["Trouble", undefined]);
  const other = await slack.chat.postMessage({ channel: "C0OPS", text: "Else" });
  await slack.chat.postMessage({ channel: "C0OPS", text: "A reply", thread_ts: posted.ts! });
  await slack.chat.update({ channel: posted.channel!, ts: posted.ts!, text: "Better" });
  const history = await slack.conversations.history({ channel: "C0OPS", include_all_metadata: true });
  assert.deepEqual(
    history.messages!.map(({ text }) => text),
    ["Else", "Better"],
  );
  const found = history.messages![1]!;
  assert.deepEqual([found.metadata, found.reply_count, found.blocks!.length], [metadata, 1, 1]);
  const later = await slack.conversations.history({ channel: "C0OPS", oldest: posted.ts! });
  assert.deepEqual(
    later.messages!.map(({ ts }) => ts),
    [other.ts],
  );
  const plain = await slack.conversations.history({ channel: "C0OPS" });
  assert.equal(plain.messages![1]!.metadata, undefined);
  const thread = await slack.conversations.replies({ channel: "C0OPS", ts: posted.ts! });
  assert.deepEqual(
    thread.messages!.map(({ text }) => text),
    ["Better", "A reply"],
  );
});

test("a long history comes in pages", async (t) => {
  const { slack } = await newSlack(t);
  for (const text of ["1", "2", "3"]) await slack.chat.postMessage({ channel: "#ops", text });
  const seen: string[] = [];
  for await (const page of slack.paginate("conversations.history", { channel: "C0OPS", limit: 2 }))
    seen.push((page as unknown as { messages: { text: string }[] }).messages.map(({ text }) => text).join());
  assert.deepEqual(seen, ["3,2", "1"]);
});

test("what Slack refuses is refused, with status 200 and its name", async (t) => {
  const { slack, sandbox, logged } = await newSlack(t);
  const post = (given: object) =>
    refusal(slack.chat.postMessage({ channel: "C0OPS", text: "x", ...given } as never));
  assert.equal((await refusal(client(sandbox, "xoxb-wrong").auth.test())).error, "invalid_auth");
  assert.equal((await post({ channel: "C0NOPE" })).error, "channel_not_found");
  assert.equal((await post({ text: "" })).error, "no_text");
  assert.equal((await post({ text: "x".repeat(40_001) })).error, "msg_too_long");
  assert.equal((await post({ thread_ts: "1.1" })).error, "thread_not_found");
  assert.equal((await post({ metadata: { event_type: "x" } })).error, "invalid_metadata_format");
  assert.equal(
    (await refusal(slack.chat.update({ channel: "C0OPS", ts: "1.1", text: "x" }))).error,
    "message_not_found",
  );
  assert.equal(
    (await refusal(slack.chat.postEphemeral({ channel: "C0OPS", user: "U0NOPE", text: "x" }))).error,
    "user_not_in_channel",
  );
  assert.equal(
    (await refusal(slack.usergroups.users.list({ usergroup: "S0NOPE" }))).error,
    "no_such_subteam",
  );
  assert.equal((await refusal(slack.users.info({ user: "U0NOPE" }))).error, "user_not_found");
  assert.equal((await refusal(slack.apiCall("chat.nope"))).error, "unknown_method");
  assert.deepEqual(logged, ["sandbox has no Slack method chat.nope"]);
});

const malformed: [string, object[], string][] = [
  [
    "a section longer than 3000 characters",
    [section("x".repeat(3001))],
    "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
  ],
  ["an empty section", [section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"],
  ["a section of nothing", [{ type: "section" }], "missing required field: text [json-pointer:/blocks/0]"],
  [
    "a header in mrkdwn",
    [{ type: "header", text: { type: "mrkdwn", text: "x" } }],
    "must be one of: plain_text [json-pointer:/blocks/0/text/type]",
  ],
  [
    "a header longer than 150 characters",
    [{ type: "header", text: { type: "plain_text", text: "x".repeat(151) } }],
    "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
  ],
  [
    "an unknown key",
    [{ ...section("x"), colour: "red" }],
    "invalid additional property: colour [json-pointer:/blocks/0]",
  ],
  ["an unknown block", [{ type: "banner" }], "unsupported type: banner [json-pointer:/blocks/0/type]"],
  [
    "a button text longer than 75 characters",
    [actions(button("a", { text: { type: "plain_text", text: "x".repeat(76) } }))],
    "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
  ],
  [
    "a value longer than 2000 characters",
    [actions(button("a", { value: "x".repeat(2001) }))],
    "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
  ],
  [
    "a style that does not exist",
    [actions(button("a", { style: "green" }))],
    "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]",
  ],
  [
    "two buttons with one id",
    [actions(button("a"), button("a"))],
    '`action_id` "a" already exists in the block [json-pointer:/blocks/0/elements]',
  ],
  [
    "two blocks with one id",
    [
      { ...section("x"), block_id: "b" },
      { ...section("y"), block_id: "b" },
    ],
    '`block_id` "b" already exists [json-pointer:/blocks]',
  ],
  [
    "more than 50 blocks",
    Array.from({ length: 51 }, () => ({ type: "divider" })),
    "no more than 50 items allowed [json-pointer:/blocks]",
  ],
  [
    "more than 25 buttons",
    [actions(...Array.from({ length: 26 }, (_, n) => button(`a${n}`)))],
    "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
  ],
  [
    "more than 10 fields",
    [{ type: "section", fields: Array.from({ length: 11 }, () => ({ type: "mrkdwn", text: "x" })) }],
    "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
  ],
];
for (const [name, blocks, message] of malformed)
  test(`${name} is invalid_blocks`, async (t) => {
    const { slack } = await newSlack(t);
    const answer = await refusal(
      slack.chat.postMessage({ channel: "C0OPS", text: "x", blocks: blocks as never }),
    );
    assert.equal(answer.error, "invalid_blocks");
    assert.ok(
      answer.response_metadata!.messages!.includes(`[ERROR] ${message}`),
      JSON.stringify(answer.response_metadata),
    );
  });

test("every block we use is taken", async (t) => {
  const { slack } = await newSlack(t);
  const blocks = [
    { type: "header", text: { type: "plain_text", text: "Trouble", emoji: true } },
    { ...section("x".repeat(3000)), block_id: "text" },
    {
      type: "section",
      fields: [
        { type: "mrkdwn", text: "*a*" },
        { type: "plain_text", text: "b" },
      ],
    },
    { type: "context", elements: [{ type: "mrkdwn", text: "small" }] },
    { type: "divider" },
    actions(button("approve", { style: "primary" }), {
      type: "button",
      text: { type: "plain_text", text: "Open" },
      url: "https://example.com",
    }),
  ];
  assert.equal(
    (await slack.chat.postMessage({ channel: "C0OPS", text: "x", blocks: blocks as never })).ok,
    true,
  );
  const long = Array.from({ length: 5 }, () => section("x".repeat(3000)));
  assert.equal(
    (await refusal(slack.chat.postMessage({ channel: "C0OPS", text: "x", blocks: long as never }))).error,
    "msg_blocks_too_long",
  );
});

test("people and groups are those the sandbox was given", async (t) => {
  const people = [{ id: "U1", name: "zoe", realName: "Zoe" }];
  const { slack } = await newSlack(t, {
    slack: { people, groups: [{ id: "S1", handle: "sre", users: ["U1"] }] },
  });
  assert.deepEqual((await slack.usergroups.users.list({ usergroup: "S1" })).users, ["U1"]);
  assert.equal((await slack.users.info({ user: "U1" })).user!.real_name, "Zoe");
  assert.equal((await slack.auth.test()).user_id, "U0COUNTERSTEER");
});

test("too many calls are 429 with Retry-After when a test says so", async (t) => {
  const { slack, sandbox } = await newSlack(t);
  sandbox.fault({
    system: "slack",
    match: /chat\.postMessage/,
    fail: { status: 429, headers: { "Retry-After": "7" } },
  });
  await assert.rejects(slack.chat.postMessage({ channel: "C0OPS", text: "x" }), {
    code: "slack_webapi_rate_limited_error",
    retryAfter: 7,
  });
  assert.equal((await slack.chat.postMessage({ channel: "C0OPS", text: "x" })).ok, true);
});
