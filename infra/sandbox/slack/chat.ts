import { checkBlocks, limits, type Problem, textLength } from "./blocks.ts";
import { type Answer, failed, type Method, malformed, string, withIds } from "./method.ts";
import { channelOf, type Json, type Message, messageJson, type Slack } from "./state.ts";

/** The longest text, in characters (docs: chat.postMessage, chat.update). */
const text = { post: 40_000, update: 4_000 };

type Content = Pick<Message, "text" | "blocks" | "metadata">;
/** Reads text, blocks and metadata as chat.* take them, or says why not. */
const content = (slack: Slack, args: Json, max: number): Content | Answer => {
  const { blocks, metadata } = args;
  if (blocks !== undefined && !Array.isArray(blocks)) return failed("invalid_blocks_format");
  if (string(args.text) === "" && !(blocks && blocks.length > 0)) return failed("no_text");
  if (string(args.text).length > max) return failed("msg_too_long");
  const problems = blocks ? [...checkBlocks(blocks), ...unknownFiles(slack, blocks)] : [];
  if (problems.length > 0) return malformed("invalid_blocks", problems);
  if (textLength(blocks) > limits.total) return failed("msg_blocks_too_long");
  const { event_type, event_payload } = (metadata ?? {}) as Json;
  const told = typeof event_type === "string" && typeof event_payload === "object" && event_payload !== null;
  if (metadata !== undefined && !told) return failed("invalid_metadata_format");
  return {
    text: string(args.text),
    ...(blocks && { blocks: withIds(blocks as Json[]) }),
    ...(metadata !== undefined && { metadata: metadata as Json }),
  };
};
/** Slack shows only files that it has taken in. */
const unknownFiles = ({ files }: Slack, blocks: unknown[]): Problem[] =>
  blocks.flatMap((block, index) => {
    const { slack_file: file } = Object(block);
    if (file === undefined || files.get(file.id)?.isComplete) return [];
    return [{ message: "invalid slack file", pointer: `/blocks/${index}/slack_file` }];
  });

const isAnswer = (value: Content | Answer): value is Answer => "ok" in value;

export const postMessage: Method = (slack, args) => {
  const channel = channelOf(slack, args.channel);
  if (!channel) return failed("channel_not_found");
  const read = content(slack, args, text.post);
  if (isAnswer(read)) return read;
  const thread = string(args.thread_ts);
  const parent = slack.messages.find(
    (one) => one.channel === channel.id && one.ts === thread && !one.onlyFor,
  );
  if (thread && !parent) return failed("thread_not_found");
  const threadTs = parent && (parent.threadTs ?? parent.ts);
  const message: Message = {
    channel: channel.id,
    ts: slack.nextTs(),
    user: slack.bot.user,
    ...read,
    ...(threadTs && { threadTs }),
    ...(threadTs && String(args.reply_broadcast) === "true" && { broadcast: true }),
  };
  slack.messages.push(message);
  return { ok: true, channel: channel.id, ts: message.ts, message: answered(slack, message) };
};

/** A message in the answer to a call, as the reference shows it: its blocks and metadata are read from the history. */
const answered = (slack: Slack, message: Message): Json => {
  const { blocks: _, ...rest } = messageJson(slack, message, false);
  return rest;
};

export const update: Method = (slack, args) => {
  const channel = channelOf(slack, args.channel);
  if (!channel) return failed("channel_not_found");
  const message = slack.messages.find(
    (one) => one.channel === channel.id && one.ts === args.ts && !one.onlyFor,
  );
  if (!message) return failed("message_not_found");
  if (message.user !== slack.bot.user) return failed("cant_update_message");
  const read = content(slack, args, text.update);
  if (isAnswer(read)) return read;
  // A field that is left out stays as it was (docs: chat.update).
  Object.assign(message, read, { editedTs: slack.nextTs() });
  return {
    ok: true,
    channel: channel.id,
    ts: message.ts,
    text: message.text,
    message: answered(slack, message),
  };
};

export const postEphemeral: Method = (slack, args) => {
  const channel = channelOf(slack, args.channel);
  if (!channel) return failed("channel_not_found");
  const person = slack.people.find(({ id }) => id === args.user);
  if (!person) return failed("user_not_in_channel");
  const read = content(slack, args, text.post);
  if (isAnswer(read)) return read;
  const threadTs = string(args.thread_ts);
  const ts = slack.nextTs();
  slack.messages.push({
    channel: channel.id,
    ts,
    user: slack.bot.user,
    ...read,
    onlyFor: person.id,
    ...(threadTs && { threadTs }),
  });
  return { ok: true, message_ts: ts };
};
