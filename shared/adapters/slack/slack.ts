import type { WebAPICallResult, WebClient } from "@slack/web-api";
import { UpstreamError } from "../../errors.ts";
import type { Message } from "../../incident/model.ts";
import type { Chat } from "../../ports/chat.ts";
import { type Content, reasonModal, replyContent, viewContent } from "./blocks.ts";
import { slackCode, upstream } from "./errors.ts";
import { mrkdwn } from "./mrkdwn.ts";

export { type SlackOptions, slackClient } from "./client.ts";

/** The metadata by which our messages are found again. */
const eventType = "countersteer_incident";
const marked = (marker: string) => ({ metadata: { event_type: eventType, event_payload: { marker } } });

const pageSize = 200;
const maxPages = 5;
/** Slack's clock may be behind ours. */
const clockSkewMs = 300_000;
/** The app may not read this channel; it may still post. */
const unreadable = new Set(["missing_scope", "not_in_channel", "channel_not_found", "no_permission"]);

type Found = {
  ts?: unknown;
  user?: unknown;
  bot_id?: unknown;
  metadata?: { event_type?: unknown; event_payload?: { marker?: unknown } };
};
type Answer = WebAPICallResult & {
  ts?: unknown;
  messages?: Found[];
  users?: unknown;
  user_id?: unknown;
  bot_id?: unknown;
};

/** Slack. Posting and replying read first, so that a call applied but not answered is not repeated. */
export const slack = ({ client }: { client: WebClient }): Chat => {
  const call = async (method: string, where: string, args: Record<string, unknown>): Promise<Answer> => {
    try {
      return await client.apiCall(method, args);
    } catch (error) {
      throw upstream(`${method} ${where}`, error);
    }
  };

  let identity: Promise<Answer> | undefined;
  const self = (): Promise<Answer> => {
    identity ??= call("auth.test", "of this app", {}).catch((error) => {
      identity = undefined;
      throw error;
    });
    return identity;
  };
  const isOurs = async ({ user, bot_id }: Found): Promise<boolean> => {
    const us = await self();
    return (
      (us.bot_id !== undefined && bot_id === us.bot_id) || (us.user_id !== undefined && user === us.user_id)
    );
  };

  /** Our marked messages that one of the reading methods lists, page by page. */
  async function* ours(method: string, channel: string, args: Record<string, unknown>) {
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page++) {
      const list = {
        channel,
        limit: pageSize,
        include_all_metadata: true,
        ...args,
        ...(cursor ? { cursor } : {}),
      };
      const answer = await call(method, `of ${channel}`, list);
      for (const message of answer.messages ?? []) {
        const marker = message.metadata?.event_payload?.marker;
        if (message.metadata?.event_type !== eventType || typeof marker !== "string") continue;
        if (await isOurs(message)) yield { marker, ts: String(message.ts) };
      }
      cursor = answer.response_metadata?.next_cursor;
      if (!cursor) return;
    }
  }

  const find = async (channel: string, marker: string, since: number): Promise<Message | undefined> => {
    const oldest = Math.max(0, (since - clockSkewMs) / 1000).toFixed(6);
    try {
      for await (const found of ours("conversations.history", channel, { oldest, inclusive: true }))
        if (found.marker === marker) return { channel, ts: found.ts };
    } catch (error) {
      if (!unreadable.has(slackCode((error as UpstreamError).cause) ?? "")) throw error;
    }
    return undefined;
  };

  const say = async (channel: string, content: Content, rest: Record<string, unknown>): Promise<Message> => {
    const args = { channel, ...content, ...rest, unfurl_links: false, unfurl_media: false };
    const { ts } = await call("chat.postMessage", `to ${channel}`, args);
    if (typeof ts === "string") return { channel, ts };
    throw new UpstreamError("slack", `chat.postMessage to ${channel}: no ts in the answer`, {
      retryable: true,
    });
  };

  const update: Chat["update"] = async ({ channel, ts }, view) => {
    await call("chat.update", `of ${channel}/${ts}`, {
      channel,
      ts,
      ...viewContent(view),
      ...marked(view.marker),
    });
  };

  return {
    update,
    post: async (channel, view, since) => {
      const posted = await find(channel, view.marker, since);
      if (posted === undefined) return say(channel, viewContent(view), marked(view.marker));
      await update(posted, view);
      return posted;
    },
    reply: async ({ channel, ts }, notes) => {
      if (notes.length === 0) return;
      const there = new Set<string>();
      for await (const { marker } of ours("conversations.replies", channel, { ts })) there.add(marker);
      for (const { marker, lines } of notes.filter((note) => !there.has(note.marker)))
        await say(channel, replyContent(lines), { thread_ts: ts, ...marked(marker) });
    },
    whisper: async (channel, user, text) => {
      const args = { channel, user, text: mrkdwn(text, 3000) || "–", parse: "none" };
      await call("chat.postEphemeral", `to ${user} in ${channel}`, args);
    },
    askReason: async (triggerId, state, title) => {
      await call("views.open", "asking why", { trigger_id: triggerId, view: reasonModal(state, title) });
    },
    isApprover: async (user, approvers) => {
      if (approvers.includes(user)) return true;
      const groups = approvers.filter((id) => id.startsWith("S"));
      const members = await Promise.allSettled(
        groups.map((usergroup) => call("usergroups.users.list", `of ${usergroup}`, { usergroup })),
      );
      const read = members.filter((group) => group.status === "fulfilled");
      if (read.some(({ value: { users } }) => Array.isArray(users) && users.includes(user))) return true;
      const failed = members.find((group) => group.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      return false;
    },
  };
};
