import { object, optional, string } from "zod";
import { BadRequest } from "../../errors.ts";
import { format, type Mrkdwn, mrkdwn } from "./mrkdwn.ts";

/** A slash command as a person typed it: `/countersteer TEXT`. */
export type SlackCommand = { user: string; userName?: string; channel: string; text: string };

const id = string().min(1).max(255);
const form = object({
  command: string(),
  text: optional(string().max(3000)),
  user_id: id,
  user_name: optional(string()),
  channel_id: id,
});

/** Reads the form that Slack posts for a slash command. Throws BadRequest for what Slack would not send. */
export const parseCommand = (body: Uint8Array): SlackCommand => {
  const fields = Object.fromEntries(new URLSearchParams(Buffer.from(body).toString("utf8")));
  const parsed = form.safeParse(fields);
  if (!parsed.success)
    throw new BadRequest(400, `not a slash command: ${parsed.error.issues[0]?.path.join(".")} is malformed`);
  const { user_id: user, user_name: userName, channel_id: channel, text = "" } = parsed.data;
  return { user, channel, text: text.trim(), ...(userName !== undefined && { userName }) };
};

/** The answer that Slack shows, line by line: to the whole channel, or to the person alone. */
export const commandReply = (
  lines: string[],
  isPublic: boolean,
): { response_type: "in_channel" | "ephemeral"; text: Mrkdwn } => ({
  response_type: isPublic ? "in_channel" : "ephemeral",
  text: lines.map((line) => mrkdwn(line, 500)).reduce((all, line) => format`${all}\n${line}`),
});
