import type { Chat } from "../../shared/ports/chat.ts";

/** Slack waits 3 s for the acknowledgement: https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response */
const slackMs = 3_000;

/** How long each part of an answer to a person may take, so that the chat still waits for the whole. */
export const patienceOf = ({ patienceMs = slackMs }: Pick<Chat, "patienceMs">) => ({
  lookUpMs: patienceMs / 2,
  modalMs: (patienceMs * 5) / 6,
  whisperMs: patienceMs / 3,
});
