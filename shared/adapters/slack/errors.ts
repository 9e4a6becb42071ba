import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from "@slack/web-api";
import type { EpochMs } from "../../brands.ts";
import { UpstreamError } from "../../errors.ts";
import { ownValue } from "../../records.ts";
import { clock } from "../../text/format.ts";

/** Slack's error codes that may pass. All others are final. */
const passing = new Set([
  "ratelimited",
  "rate_limited",
  "internal_error",
  "service_unavailable",
  "fatal_error",
  "request_timeout",
]);

/** Slack answers 200 with these where the token does not count. */
const unauthorized = new Set([
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
]);

/** Slack's own code for what went wrong, when Slack answered with one. */
export const slackCode = (error: unknown): string | undefined =>
  error instanceof WebAPIPlatformError && /^[a-z0-9_]{1,80}$/.test(String(error.data.error))
    ? error.data.error
    : undefined;

/** The failure of `attempt` (`chat.postMessage to C123`) as an UpstreamError. No request data and no token in it. */
export const upstream = (attempt: string, error: unknown, retryAt?: EpochMs): UpstreamError => {
  const { detail, retryable, status } = describe(error);
  const options = {
    ...{ retryable, cause: error },
    ...(status !== undefined && { status }),
    ...(retryAt !== undefined && { retryAt }),
    ...(gone.has(slackCode(error) ?? "") && { gone: true }),
  };
  return new UpstreamError("slack", `${attempt}: ${detail}`, options);
};

/** The codes of a message, or a thread, that somebody deleted. */
const gone = new Set(["message_not_found", "thread_not_found"]);

/** A call that is not made, because Slack said to wait until then. */
export const limited = (attempt: string, retryAt: EpochMs): UpstreamError =>
  new UpstreamError("slack", `${attempt}: rate limited until ${clock(retryAt)}`, {
    ...{ retryable: true, status: 429, retryAt },
  });

type Described = { detail: string; retryable: boolean; status?: number };

const describe = (error: unknown): Described => {
  const code = slackCode(error);
  if (error instanceof WebAPIPlatformError && code !== undefined)
    return {
      ...{ detail: `${code}${explained(error)}${todoOf(code)}`, retryable: passing.has(code) },
      ...(unauthorized.has(code) && { status: 401 }),
    };
  if (error instanceof WebAPIPlatformError) return { detail: "the answer is not Slack's", retryable: true };
  if (error instanceof WebAPIRateLimitedError)
    return { detail: `rate limited for ${error.retryAfter} s`, retryable: true, status: 429 };
  if (error instanceof WebAPIHTTPError) {
    const { statusCode: status } = error;
    return { detail: `HTTP ${status}`, retryable: status >= 500 || status === 408 || status === 429, status };
  }
  const cause = error instanceof WebAPIRequestError ? error.original : error;
  return { detail: network(cause), retryable: true };
};

const inChannel = "; invite the app to the channel, or name another channel in the configuration";
const todos: Record<string, string> = {
  is_archived: "; restore the channel, or name another channel in the configuration",
  channel_not_found: inChannel,
  not_in_channel: inChannel,
};

/** The way to mend a setup that Slack refuses. */
const todoOf = (code: string): string =>
  unauthorized.has(code) ? "; renew the bot token" : (ownValue(todos, code) ?? "");

/** The detail that Slack adds to `missing_scope` and `invalid_blocks`. */
const explained = ({ data }: WebAPIPlatformError): string => {
  const needed = "needed" in data ? data.needed : undefined;
  if (typeof needed === "string") return ` (needs ${needed.slice(0, 200)})`;
  const first = data.response_metadata?.messages?.[0];
  return first === undefined ? "" : ` (${String(first).slice(0, 200)})`;
};

const network = (error: unknown): string => {
  if (!(error instanceof Error)) return "failed";
  if (error.name === "TimeoutError") return "no answer in time";
  if (error.message.startsWith("Retry header")) return "rate limited";
  const cause = error.cause instanceof Error ? error.cause : error;
  if (/redirect/i.test(cause.message))
    return "it redirects, which is not followed: something before Slack wants people to sign in, or SLACK_API_URL is another's";
  return "code" in cause ? String(cause.code) : cause.message;
};
