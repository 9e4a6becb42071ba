import { createHmac, randomBytes } from "node:crypto";
import { withIds } from "./method.ts";
import { type Json, type Message, messageJson, type Slack, teamOf } from "./state.ts";
import { applyAnswer, stateOf } from "./views.ts";

/** The number of times that a `response_url` may be used. */
const responseUses = 5;

export type Click = { channel: string; ts: string; actionId: string; user: string; blockId?: string };
/** `values` are the texts entered, by block id. */
export type Submission = { viewId: string; user: string; values: Record<string, string> };
/** The app's answer; `status` is 0 when it did not answer in time. */
export type Answer = { status: number; body: string };

/** Posts a payload as Slack does, signed over the raw body with its timestamp. */
const send = async (slack: Slack, payload: Json): Promise<Answer> => {
  const url = slack.interactionsUrl();
  if (!url) return { status: 0, body: "no interactions URL is connected" };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(slack.clock() / 1000));
  const mac = createHmac("sha256", slack.signingSecret).update(`v0:${timestamp}:${body}`).digest("hex");
  const headers = {
    "Content-Type": "application/x-www-form-urlencoded",
    // A kept connection may be closed by the receiver in the instant in which it is used again.
    Connection: "close",
    "X-Slack-Request-Timestamp": timestamp,
    "X-Slack-Signature": `v0=${mac}`,
    "User-Agent": "Slackbot 1.0 (sandbox)",
  };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body,
      signal: AbortSignal.timeout(slack.patienceMs),
      redirect: "manual",
    });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    return { status: 0, body: (error as Error).message };
  }
};

const newTrigger = (slack: Slack, user: string): string => {
  const id = `${slack.nextTs().replace(".", "")}.${slack.clock()}.${randomBytes(16).toString("hex")}`;
  slack.triggers.set(id, { user, at: slack.clock(), used: false });
  return id;
};

const newResponse = (slack: Slack, message: Message, user: string): string => {
  const id = randomBytes(12).toString("hex");
  slack.responses.set(id, { channel: message.channel, ts: message.ts, user, left: responseUses });
  return `${slack.origin}/slack/respond/${id}`;
};

const elements = (blocks: Json[] = []) =>
  blocks.flatMap((block) =>
    [block.accessory, ...((block.elements as unknown[]) ?? [])]
      .filter(Boolean)
      .map((element) => ({ block, element: element as Json })),
  );

const common = (slack: Slack, user: string) => {
  const person = slack.people.find(({ id }) => id === user);
  if (!person) throw new Error(`no user ${user}`);
  return {
    user: { id: person.id, username: person.name, name: person.name, team_id: teamOf(slack, person) },
    api_app_id: slack.bot.appId,
    token: "deprecated-verification-token",
    trigger_id: newTrigger(slack, user),
    team: slack.team,
    enterprise: null,
    is_enterprise_install: false,
  };
};

/** Presses a button of a message as a person. Throws when there is no such button. */
export const click = async (
  slack: Slack,
  { channel, ts, actionId, user, blockId }: Click,
): Promise<Answer> => {
  const message = slack.messages.find(
    (one) => one.channel === channel && one.ts === ts && (one.onlyFor ?? user) === user,
  );
  const found = elements(message?.blocks).find(
    ({ block, element }) => element.action_id === actionId && (blockId ?? block.block_id) === block.block_id,
  );
  if (!message || !found) throw new Error(`no button ${actionId} on message ${ts} of ${channel}`);
  const { text, value, style } = found.element;
  const action = {
    action_id: actionId,
    block_id: found.block.block_id,
    type: "button",
    text,
    value,
    style,
    action_ts: slack.nextTs(),
  };
  return send(slack, {
    type: "block_actions",
    ...common(slack, user),
    container: {
      type: "message",
      message_ts: ts,
      channel_id: channel,
      is_ephemeral: message.onlyFor !== undefined,
    },
    channel: { id: channel, name: slack.channels.find(({ id }) => id === channel)?.name },
    message: messageJson(slack, message),
    state: { values: {} },
    response_url: newResponse(slack, message, user),
    actions: [action],
  });
};

/** Submits a modal as a person, and does with it what the app answers. */
export const submitView = async (slack: Slack, { viewId, user, values }: Submission): Promise<Answer> => {
  const view = slack.views.find((one) => one.id === viewId && one.user === user);
  if (!view) throw new Error(`no view ${viewId} is open for ${user}`);
  const payload = {
    id: view.id,
    team_id: slack.team.id,
    ...view.view,
    state: { values: stateOf(view, values) },
    hash: view.hash,
    root_view_id: view.id,
    previous_view_id: null,
    app_id: slack.bot.appId,
    bot_id: slack.bot.botId,
  };
  const answer = await send(slack, {
    type: "view_submission",
    ...common(slack, user),
    view: payload,
    response_urls: [],
  });
  applyAnswer(slack, view, answer);
  slack.version += 1;
  return answer;
};

/** Takes a post to a `response_url`: a message for the person, or a change of the message they clicked. */
export const respond = (slack: Slack, id: string, body: Json): boolean => {
  const target = slack.responses.get(id);
  if (!target || target.left <= 0) return false;
  target.left -= 1;
  slack.version += 1;
  const original = slack.messages.find((one) => one.channel === target.channel && one.ts === target.ts);
  if (body.delete_original) slack.messages = slack.messages.filter((one) => one !== original);
  if (body.delete_original) return true;
  const content = {
    text: String(body.text ?? ""),
    ...(Array.isArray(body.blocks) && { blocks: withIds(body.blocks) }),
  };
  if (body.replace_original && original) Object.assign(original, content, { editedTs: slack.nextTs() });
  if (body.replace_original) return true;
  const onlyFor = body.response_type === "in_channel" ? {} : { onlyFor: target.user };
  slack.messages.push({
    channel: target.channel,
    ts: slack.nextTs(),
    user: slack.bot.user,
    ...content,
    ...onlyFor,
  });
  return true;
};
