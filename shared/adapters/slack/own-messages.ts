import type { Message } from "../../incident/model.ts";
import { call, codeOf, type Listed, type Slack } from "./api.ts";

/** The metadata by which our messages are found again. */
const eventType = "countersteer_incident";
export const marked = (marker: string) => ({
  metadata: { event_type: eventType, event_payload: { marker } },
});

const pageSize = 200;
const maxPages = 5;
/** Slack's clock may be behind ours. */
const clockSkewMs = 300_000;
/** Errors of an app that may not read the channel; it may still post. */
const unreadable = new Set(["missing_scope", "not_in_channel", "channel_not_found", "no_permission"]);

type Reading = "conversations.history" | "conversations.replies";

/** The messages of this app with a marker, page by page. */
export async function* ownMessages(
  slack: Slack,
  method: Reading,
  { channel, ...args }: { channel: string; [name: string]: unknown },
): AsyncGenerator<{ marker: string; ts: string }> {
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const answer = await call(slack, method, {
      ...{ where: `of ${channel}`, channel, limit: pageSize, include_all_metadata: true },
      ...{ ...args, ...(cursor ? { cursor } : {}) },
    });
    for (const message of answer.messages ?? []) {
      const marker = markerOf(message);
      if (marker !== undefined && (await isOwn(slack, message))) yield { marker, ts: String(message.ts) };
    }
    cursor = answer.response_metadata?.next_cursor;
    if (!cursor) return;
  }
}

const markerOf = ({ metadata }: Listed): string | undefined => {
  const marker = metadata?.event_payload?.marker;
  return metadata?.event_type === eventType && typeof marker === "string" ? marker : undefined;
};

const isOwn = async (slack: Slack, { user, bot_id }: Listed): Promise<boolean> => {
  const app = await slack.self();
  const isBot = app.bot_id !== undefined && bot_id === app.bot_id;
  return isBot || (app.user_id !== undefined && user === app.user_id);
};

/** The message with the marker, posted at or after `since`. Undefined also where the app may not read the channel. */
export const findMessage = async (
  slack: Slack,
  { channel, marker, since }: { channel: string; marker: string; since: number },
): Promise<Message | undefined> => {
  const oldest = Math.max(0, (since - clockSkewMs) / 1000).toFixed(6);
  try {
    const listed = ownMessages(slack, "conversations.history", { channel, oldest, inclusive: true });
    for await (const message of listed) if (message.marker === marker) return { channel, ts: message.ts };
  } catch (error) {
    if (!unreadable.has(codeOf(error) ?? "")) throw error;
  }
  return undefined;
};
