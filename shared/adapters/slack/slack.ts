import type { WebClient } from "@slack/web-api";
import type { EpochMs } from "../../brands.ts";
import { UpstreamError } from "../../errors.ts";
import type { Message } from "../../incident/model.ts";
import type { Chat, Reply, View } from "../../ports/chat.ts";
import { quota, type SharedWaits } from "../http/quota.ts";
import { listedAs, standing } from "./account-kind.ts";
import { call, connect, type Slack } from "./api.ts";
import { type Content, reasonModal, replyContent, viewContent } from "./blocks.ts";
import { format, mrkdwn } from "./mrkdwn.ts";
import { directory, permalink } from "./names.ts";
import { findMessage, marked, ownMessages } from "./own-messages.ts";
import { type Fetch, upload, withoutRefusedPicture } from "./pictures.ts";

export { type SlackOptions, slackClient } from "./client.ts";

/** `waits`: shares the limits with other processes of the same token. */
type SlackAccess = {
  client: WebClient;
  clock?: () => EpochMs;
  waits?: SharedWaits;
  /** Sends pictures. */
  fetch?: Fetch;
  /** The time to wait before a picture that Slack does not know yet is shown once more. */
  pauseMs?: number;
};

/** The patience of a stand-in for Slack, which is reached by plain http: it shares the machine with this program, and may be slow there. */
const standInMs = 60_000;

/** Slack as the chat. Posting and replying read first, so that a call that was applied but not answered is not repeated. */
export const slack = ({ client, clock, waits, fetch, pauseMs }: SlackAccess): Chat => {
  const app = connect(client, clock && quota(clock, waits));
  const shown = <T>(view: View, send: (view: View) => Promise<T>) =>
    withoutRefusedPicture(view, send, pauseMs);
  return {
    ...(client.slackApiUrl.startsWith("http:") && { patienceMs: standInMs }),
    update: (message, view) => shown(view, (one) => update(app, message, one)),
    post: (channel, view, since) => shown(view, (one) => post(app, channel, { view: one, since })),
    upload: (picture) => upload(app, picture, fetch),
    reply: (message, notes) => reply(app, message, notes),
    whisper: (channel, user, text) => whisper(app, channel, { user, text }),
    askReason: (triggerId, state, title) => askReason(app, triggerId, { state, title }),
    listedAs: (user, listed) => listedAs(app, user, listed),
    standing: (user) => standing(app, user),
    isApprover: (user, approvers) => isApprover(app, user, approvers),
    names: directory(app),
    linkTo: (message) => permalink(app, message),
  };
};

const send = async (
  app: Slack,
  { channel, ...content }: Content & { channel: string; [name: string]: unknown },
): Promise<Message> => {
  const where = `to ${channel}`;
  const args = { where, channel, ...content, unfurl_links: false, unfurl_media: false };
  const { ts } = await call(app, "chat.postMessage", args);
  if (typeof ts === "string") return { channel, ts };
  throw new UpstreamError("slack", `chat.postMessage to ${channel}: no ts in the answer`, {
    retryable: true,
  });
};

const update = async (app: Slack, { channel, ts }: Message, view: View): Promise<void> => {
  const where = `of ${channel}/${ts}`;
  await call(app, "chat.update", { where, channel, ts, ...viewContent(view), ...marked(view.marker) });
};

const post = async (
  app: Slack,
  channel: string,
  { view, since }: { view: View; since: number },
): Promise<Message> => {
  const posted = await findMessage(app, { channel, marker: view.marker, since });
  if (posted === undefined) return send(app, { channel, ...viewContent(view), ...marked(view.marker) });
  await update(app, posted, view);
  return posted;
};

const reply = async (app: Slack, { channel, ts }: Message, notes: Reply[]): Promise<void> => {
  if (notes.length === 0) return;
  const posted = new Set<string>();
  for await (const { marker } of ownMessages(app, "conversations.replies", { channel, ts }))
    posted.add(marker);
  for (const note of notes.filter(({ marker }) => !posted.has(marker)))
    await send(app, {
      ...{ channel, thread_ts: ts, ...replyContent(note), ...marked(note.marker) },
      ...(note.broadcast && { reply_broadcast: true }),
    });
};

const whisper = async (
  app: Slack,
  channel: string,
  { user, text }: { user: string; text: string },
): Promise<void> => {
  const where = `to ${user} in ${channel}`;
  const content = { text: mrkdwn(text, maxWhisper) || format`–`, parse: "none" };
  await call(app, "chat.postEphemeral", { where, channel, user, ...content });
};
const maxWhisper = 3000;

const askReason = async (
  app: Slack,
  triggerId: string,
  { state, title }: { state: string; title: string },
): Promise<void> => {
  const view = reasonModal(state, title);
  await call(app, "views.open", { where: "asking why", trigger_id: triggerId, view });
};

/** Throws when one group cannot be read and no other contains the user. */
const isApprover = async (app: Slack, user: string, approvers: string[]): Promise<boolean> => {
  if (approvers.includes(user)) return true;
  const groups = approvers.filter((id) => id.startsWith("S"));
  const members = await Promise.allSettled(
    groups.map((usergroup) => call(app, "usergroups.users.list", { where: `of ${usergroup}`, usergroup })),
  );
  const read = members.filter((group) => group.status === "fulfilled");
  if (read.some(({ value: { users } }) => Array.isArray(users) && users.includes(user))) return true;
  const failed = members.find((group) => group.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return false;
};
