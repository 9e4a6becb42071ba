import type { WebAPICallResult, WebClient } from "@slack/web-api";
import { UpstreamError } from "../../errors.ts";
import { slackCode, upstream } from "./errors.ts";
import type { Mrkdwn } from "./mrkdwn.ts";

/** The fields that we read of Slack's answers. */
export type Answer = WebAPICallResult & {
  ts?: unknown;
  messages?: Listed[];
  users?: unknown;
  user_id?: unknown;
  bot_id?: unknown;
};
export type Listed = {
  ts?: unknown;
  user?: unknown;
  bot_id?: unknown;
  metadata?: { event_type?: unknown; event_payload?: { marker?: unknown } };
};

/** Slack as this app. `self` reads the app's own ids once. */
export type Slack = { client: WebClient; self: () => Promise<Answer> };

export const connect = (client: WebClient): Slack => {
  let identity: Promise<Answer> | undefined;
  const self = (): Promise<Answer> => {
    identity ??= send(client, "auth.test", "of this app", {}).catch((error) => {
      identity = undefined;
      throw error;
    });
    return identity;
  };
  return { client, self };
};

/** Calls a Web API method. `where` completes the sentence of a failure: `chat.postMessage to C123`. */
export const call = (
  { client }: Slack,
  method: string,
  { where, ...args }: { where: string; text?: Mrkdwn; [name: string]: unknown },
): Promise<Answer> => send(client, method, where, args);

const send = async (
  client: WebClient,
  method: string,
  where: string,
  args: Record<string, unknown>,
): Promise<Answer> => {
  try {
    return await client.apiCall(method, args);
  } catch (error) {
    throw upstream(`${method} ${where}`, error);
  }
};

/** Slack's error code of a call that failed. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof UpstreamError ? slackCode(error.cause) : undefined;
