import { type WebAPICallResult, WebAPIRateLimitedError, type WebClient } from "@slack/web-api";
import { UpstreamError } from "../../errors.ts";
import type { Quota } from "../http/quota.ts";
import { limited, slackCode, upstream } from "./errors.ts";
import type { Mrkdwn } from "./mrkdwn.ts";

/** The fields that we read of Slack's answers. */
export type Answer = WebAPICallResult & {
  ts?: unknown;
  messages?: Listed[];
  users?: unknown;
  user_id?: unknown;
  bot_id?: unknown;
  url?: unknown;
  upload_url?: unknown;
  file_id?: unknown;
  user?: { name?: unknown; real_name?: unknown; profile?: { display_name?: unknown } };
  usergroups?: { id?: unknown; handle?: unknown }[];
};
export type Listed = {
  ts?: unknown;
  user?: unknown;
  bot_id?: unknown;
  metadata?: { event_type?: unknown; event_payload?: { marker?: unknown } };
};

/** Slack as this app. `self` reads the app's own ids once. */
export type Slack = { client: WebClient; quota: Quota | undefined; self: () => Promise<Answer> };

export const connect = (client: WebClient, quota?: Quota): Slack => {
  let identity: Promise<Answer> | undefined;
  const self = (): Promise<Answer> => {
    identity ??= send({ client, quota }, "auth.test", { where: "of this app", args: {} }).catch((error) => {
      identity = undefined;
      throw error;
    });
    return identity;
  };
  return { client, quota, self };
};

/** Calls a Web API method. `where` completes the sentence of a failure: `chat.postMessage to C123`. */
export const call = (
  app: Pick<Slack, "client" | "quota">,
  method: string,
  { where, ...args }: { where: string; text?: Mrkdwn; [name: string]: unknown },
): Promise<Answer> => send(app, method, { where, args });

/** Slack limits each method by itself: https://docs.slack.dev/apis/web-api/rate-limits */
const send = async (
  { client, quota }: Pick<Slack, "client" | "quota">,
  method: string,
  { where, args }: { where: string; args: Record<string, unknown> },
): Promise<Answer> => {
  const until = await quota?.blocked(method);
  if (until !== undefined) throw limited(`${method} ${where}`, until);
  try {
    return await client.apiCall(method, args);
  } catch (error) {
    if (error instanceof WebAPIRateLimitedError) await quota?.block(method, error.retryAfter * 1000);
    throw upstream(`${method} ${where}`, error, await quota?.blocked(method));
  }
};

/** Slack's error code of a call that failed. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof UpstreamError ? slackCode(error.cause) : undefined;
