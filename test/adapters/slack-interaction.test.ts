import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { parseInteraction } from "../../shared/adapters/slack/interaction.ts";
import { BadRequest } from "../../shared/errors.ts";

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/slack/${name}`, import.meta.url), "utf8"));
const form = (payload: unknown) =>
  Buffer.from(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
const shape = JSON.parse(
  new URLSearchParams(fixture("block_actions.signed_request.json").body).get("payload")!,
);
const about = { incident: "payment/production", round: 1, head: "abc" };
const click = (changes: object = {}, value: unknown = JSON.stringify(about)) => ({
  ...shape,
  actions: [{ ...shape.actions[0], value, ...changes }],
});
const submission = (value: unknown = "  known batch job\n") => {
  const { view, ...rest } = fixture("view_submission.json");
  const state = { values: { reason: { reason: { type: "plain_text_input", value } } } };
  return { ...rest, view: { ...view, callback_id: "reject", private_metadata: '{"incident":"a/b"}', state } };
};
const refused = (body: Uint8Array) =>
  assert.throws(
    () => parseInteraction(body),
    (error) => error instanceof BadRequest && error.status === 400,
  );

test("a click on a button tells who, where and about what", () => {
  const told = {
    user: "U0APPROVER",
    userName: "ana",
    team: "T0TEAM",
    channel: "C0OPS",
    messageTs: "1795355000.000100",
    ...about,
    triggerId: "13345224609.738474920.8088930838d88f008e0",
  };
  assert.deepEqual(parseInteraction(form(click())), { kind: "approve", ...told });
  assert.deepEqual(parseInteraction(form(click({ action_id: "reject" }))), { kind: "reject", ...told });
});

test("a click on another remedy tells which", () => {
  const chosen = click({ action_id: "choose:2" }, JSON.stringify({ ...about, choice: 2 }));
  assert.deepEqual(parseInteraction(form(chosen)), {
    ...{ kind: "choose", user: "U0APPROVER", userName: "ana", team: "T0TEAM", channel: "C0OPS" },
    messageTs: "1795355000.000100",
    ...{ ...about, choice: 2 },
  });
  refused(form(click({ action_id: "choose:2" })));
});

test("the modal's answer tells the reason and the state it was opened with", () => {
  assert.deepEqual(parseInteraction(form(submission())), {
    kind: "reason",
    user: "U0APPROVER",
    userName: "ana",
    team: "T0TEAM",
    state: '{"incident":"a/b"}',
    reason: "known batch job",
    viewId: "V0VIEW",
  });
});

test("other buttons, modals and kinds of interaction are none of ours", () => {
  const other = { kind: "other" };
  assert.deepEqual(parseInteraction(form(click({ action_id: "open_link" }))), other);
  assert.deepEqual(parseInteraction(form({ ...shape, actions: [] })), other);
  assert.deepEqual(parseInteraction(form({ ...shape, actions: "approve" })), other);
  assert.deepEqual(parseInteraction(form(fixture("view_submission.json"))), other);
  assert.deepEqual(parseInteraction(form({ type: "view_closed", view: null })), other);
  assert.deepEqual(parseInteraction(form({})), other);
});

test("what Slack would not send for our messages is a bad request", () => {
  for (const body of ["", "ssl_check=1", "payload=", "payload={", "payload=null", "payload=7", "payload=%FF"])
    refused(Buffer.from(body));
  for (const value of [
    "INC-1:plan-3:9f2c",
    "null",
    "{}",
    JSON.stringify({ ...about, round: "1" }),
    JSON.stringify({ ...about, head: "" }),
  ])
    refused(form(click({}, value)));
  const { user, ...anonymous } = click();
  refused(form(anonymous));
  refused(form({ ...click(), container: { message_ts: "1" } }));
  refused(form(submission(null)));
});

test("no form throws anything but a bad request", () => {
  const payloads = fc.oneof(
    fc.jsonValue(),
    fc.jsonValue().map((view) => ({ type: "view_submission", view })),
    fc.jsonValue().map((actions) => ({ type: "block_actions", actions })),
  );
  fc.assert(
    fc.property(fc.oneof(payloads.map(form), fc.uint8Array()), (body) => {
      try {
        parseInteraction(body);
      } catch (error) {
        assert.ok(error instanceof BadRequest);
      }
    }),
    { numRuns: 1000 },
  );
});
