import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { slack, slackClient } from "../../../shared/adapters/slack/slack.ts";
import type { Chat } from "../../../shared/ports/chat.ts";
import { waitsOf } from "../../host/settings/waits.ts";
import type { Host } from "../host.ts";
import { renewing } from "./renewing.ts";
import { storeOf } from "./store.ts";

export const chatOf = (host: Host): Chat => renewing(host, () => madeOf(host));

const madeOf = (host: Host): Chat => {
  const { env, secret, clock } = host;
  const token = secret("SLACK_BOT_TOKEN");
  if (token === undefined) throw new Error("SLACK_BOT_TOKEN is not set");
  const apiUrl = env.SLACK_API_URL;
  return slack({
    clock,
    waits: waitsOf(storeOf(host), "slack"),
    client: slackClient({ token, fetch: observedFetch("slack"), ...(apiUrl ? { apiUrl } : {}) }),
  });
};
