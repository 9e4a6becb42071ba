import { type Answer, failed, type Method, string } from "./method.ts";
import { type Json, type Message, messageJson, order, type Slack } from "./state.ts";

/** One page of messages: `oldest` and `latest` are exclusive unless `inclusive`; the cursor is an offset. */
const pageOf = (slack: Slack, args: Json, messages: Message[]): Answer => {
  const inclusive = String(args.inclusive) === "true" || args.inclusive === "1";
  const after = (ts: string) =>
    inclusive ? order(ts) >= order(string(args.oldest)) : order(ts) > order(string(args.oldest));
  const before = (ts: string) =>
    inclusive ? order(ts) <= order(string(args.latest)) : order(ts) < order(string(args.latest));
  const found = messages.filter(({ ts }) => (!args.oldest || after(ts)) && (!args.latest || before(ts)));
  const limit = Math.min(Math.max(Number(args.limit) || 100, 1), 999);
  const start = Number(Buffer.from(string(args.cursor), "base64url").toString()) || 0;
  const end = start + limit;
  const more = found.length > end;
  const withMetadata = String(args.include_all_metadata) === "true" || args.include_all_metadata === "1";
  return {
    ok: true,
    messages: found.slice(start, end).map((message) => messageJson(slack, message, withMetadata)),
    has_more: more,
    ...(more && { response_metadata: { next_cursor: Buffer.from(String(end)).toString("base64url") } }),
  };
};

export const history: Method = (slack, args) => {
  const channel = slack.channels.find(({ id }) => id === args.channel);
  if (!channel) return failed("channel_not_found");
  const seen = slack.messages.filter(
    (one) => one.channel === channel.id && (!one.threadTs || one.broadcast) && !one.onlyFor,
  );
  return pageOf(slack, args, seen.reverse());
};

export const replies: Method = (slack, args) => {
  const channel = slack.channels.find(({ id }) => id === args.channel);
  if (!channel) return failed("channel_not_found");
  const seen = slack.messages.filter((one) => one.channel === channel.id && !one.onlyFor);
  const root = seen.find(({ ts }) => ts === args.ts)?.threadTs ?? args.ts;
  const thread = seen.filter((one) => one.ts === root || one.threadTs === root);
  return thread.length === 0 ? failed("thread_not_found") : pageOf(slack, args, thread);
};
