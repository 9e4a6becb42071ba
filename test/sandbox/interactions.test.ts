import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { WebClient } from "@slack/web-api";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../infra/sandbox/index.ts";
import { type Answer, app, modal, type Payload } from "./app.ts";

const button = (action_id: string) => ({
  type: "button",
  action_id,
  value: `v-${action_id}`,
  text: { type: "plain_text", text: action_id },
});

const posted = async (
  t: TestContext,
  answer: (slack: WebClient) => Answer,
  options: Partial<SandboxOptions> = {},
) => {
  const sandbox: Sandbox = await startSandbox({ repos: {}, log: () => {}, ...options });
  t.after(() => sandbox.close());
  const slack = new WebClient(sandbox.slackToken, {
    slackApiUrl: sandbox.slack,
    retryConfig: { retries: 0 },
  });
  const { got, url } = await app(t, () => sandbox.slackSigningSecret, answer(slack));
  sandbox.connect({ slackInteractions: { url } });
  const blocks = [{ type: "actions", block_id: "decision", elements: [button("approve"), button("reject")] }];
  const { ts } = await slack.chat.postMessage({
    channel: "C0OPS",
    text: "Approve?",
    blocks: blocks as never,
  });
  return { sandbox, slack, got, message: { channel: "C0OPS", ts: ts! } };
};

test("a click arrives signed and shaped like Slack's block_actions", async (t) => {
  const { sandbox, got, message } = await posted(t, () => () => undefined);
  assert.equal(await sandbox.click({ ...message, actionId: "approve", user: "U0ANN" }), 200);
  const [{ user, actions, channel, container, team, ...rest } = {} as Payload] = got;
  assert.deepEqual(
    [rest.type, user.id, channel, team.id],
    ["block_actions", "U0ANN", { id: "C0OPS", name: "ops" }, "T0SANDBOX"],
  );
  assert.deepEqual(container, {
    type: "message",
    message_ts: message.ts,
    channel_id: "C0OPS",
    is_ephemeral: false,
  });
  const [{ action_ts, text, ...action }] = actions;
  assert.deepEqual(action, {
    action_id: "approve",
    block_id: "decision",
    type: "button",
    value: "v-approve",
  });
  assert.match(`${action_ts} ${rest.trigger_id}`, /^\d+\.\d{6} [\d.]+\.[0-9a-f]{32}$/);
  await assert.rejects(sandbox.click({ ...message, actionId: "nope", user: "U0ANN" }), /no button nope/);
});

test("a modal opens with the click's trigger, once and in time, and its answer comes back", async (t) => {
  let now = Date.now();
  const opened: (string | undefined)[] = [];
  const open = (slack: WebClient, trigger_id: string) =>
    slack.views.open({ trigger_id, view: modal as never }).then(
      () => undefined,
      (error) => error.data.error as string,
    );
  const { sandbox, got, message } = await posted(
    t,
    (slack) =>
      async ({ type, trigger_id, view }) => {
        if (type === "view_submission")
          return view.state.values.reason.text.value === "no"
            ? { response_action: "errors", errors: { reason: "Say more" } }
            : undefined;
        opened.push(await open(slack, trigger_id), await open(slack, trigger_id));
        return undefined;
      },
    { clock: () => now },
  );
  await sandbox.click({ ...message, actionId: "reject", user: "U0BEN" });
  assert.deepEqual(opened, [undefined, "exchanged_trigger_id"]);
  const [view] = sandbox.views("U0BEN");
  const submit = (text: string) =>
    sandbox.submitView({ viewId: view!.id, user: "U0BEN", values: { reason: text } });
  await submit("no");
  assert.deepEqual(
    sandbox.views("U0BEN").map(({ errors }) => errors),
    [{ reason: "Say more" }],
  );
  await submit("known batch job");
  assert.deepEqual(sandbox.views("U0BEN"), []);
  const sent = got.at(-1)!;
  assert.deepEqual(
    [sent.type, sent.user.id, sent.view.private_metadata, sent.view.callback_id],
    ["view_submission", "U0BEN", "state", "reject_reason"],
  );
  assert.deepEqual(sent.view.state.values, {
    reason: { text: { type: "plain_text_input", value: "known batch job" } },
  });
  const slack = new WebClient(sandbox.slackToken, { slackApiUrl: sandbox.slack });
  now += 3001;
  assert.equal(await open(slack, got[0]!.trigger_id), "exchanged_trigger_id");
  assert.equal(await open(slack, got[1]!.trigger_id), "expired_trigger_id");
  assert.equal(await open(slack, "1.2.3"), "invalid_trigger_id");
});

test("a response_url speaks to the person who clicked, five times", async (t) => {
  const { sandbox, got, message } = await posted(t, () => () => undefined);
  await sandbox.click({ ...message, actionId: "approve", user: "U0EVE" });
  const respond = (body: object) =>
    fetch(got[0]!.response_url, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json" },
    });
  assert.equal((await respond({ text: "Not you", replace_original: false })).status, 200);
  assert.deepEqual(
    sandbox.messages("C0OPS").map(({ text, onlyFor }) => [text, onlyFor]),
    [
      ["Approve?", undefined],
      ["Not you", "U0EVE"],
    ],
  );
  for (let n = 0; n < 4; n += 1) await respond({ text: "Done", replace_original: true });
  assert.equal(sandbox.messages("C0OPS")[0]!.text, "Done");
  assert.equal((await respond({ text: "Again" })).status, 404);
});

test("nobody listening is a click without an answer", async (t) => {
  const { sandbox, message } = await posted(t, () => () => undefined);
  sandbox.connect({ slackInteractions: { url: "http://127.0.0.1:9/slack/interactions" } });
  assert.equal(await sandbox.click({ ...message, actionId: "approve", user: "U0ANN" }), 0);
});
