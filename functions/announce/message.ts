import { UpstreamError } from "../../shared/errors.ts";
import type { Message, Started } from "../../shared/incident/model.ts";
import type { View } from "../../shared/ports/chat.ts";
import { clock } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";

type Posted = Pick<Started, "service" | "openedAt">;
type Writing = { incident: Posted; message: Message; now: View };

/** A message that was posted anew and is gone within this time is deleted by a rule of the workspace, not by a person. */
const leastMs = 10 * 60_000;

/** Does `tell`, which writes to the message; where somebody deleted it, posts it anew and returns the new one. */
export const orAnew = async (
  { chat, serviceOf, clock: time }: Pick<Work, "chat" | "serviceOf" | "clock">,
  { incident, message, now }: Writing,
  tell: () => Promise<void>,
): Promise<Message | undefined> => {
  try {
    await tell();
    return undefined;
  } catch (error) {
    if (!(error instanceof UpstreamError) || !error.gone) throw error;
    if (message.before !== undefined && time() - Number(message.ts) * 1000 < leastMs) throw error;
  }
  const { channel } = serviceOf(incident.service);
  const linked = await withThreadBefore(chat, now, { channel: message.channel, before: message.ts });
  return chat.post(channel, anew(message, linked), incident.openedAt);
};

/** Its marker names the message that it replaces, so that it is posted once. */
const anew = ({ ts }: Message, now: View): View => ({
  ...now,
  marker: `${now.marker}/${ts}`,
  lines: [
    ...now.lines,
    {
      label: "Posted anew",
      text: `the message of ${clock(Number(ts) * 1000)} was deleted; its thread may still be there`,
    },
  ],
});

/** The view with a link to the thread of the deleted message, where there was one. */
export const withThreadBefore = async (
  chat: Pick<Work["chat"], "linkTo">,
  now: View,
  { channel, before }: Pick<Message, "channel" | "before">,
): Promise<View> => {
  const url = before === undefined ? undefined : await chat.linkTo({ channel, ts: before });
  return url === undefined ? now : { ...now, links: [...now.links, { text: "The thread before", url }] };
};
