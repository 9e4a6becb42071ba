import { observedFetch } from "../../shared/adapters/http/observed-fetch.ts";
import { slack, slackClient } from "../../shared/adapters/slack/slack.ts";
import type { Chat } from "../../shared/ports/chat.ts";
import type { Host } from "./host.ts";

export const chatOf = ({ env, secret, clock }: Host): Chat => {
  const token = secret("SLACK_BOT_TOKEN");
  if (token === undefined) throw new Error("SLACK_BOT_TOKEN is not set");
  const apiUrl = env.SLACK_API_URL;
  return slack({
    clock,
    client: slackClient({ token, fetch: observedFetch("slack"), ...(apiUrl ? { apiUrl } : {}) }),
  });
};
