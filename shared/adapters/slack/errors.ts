import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from "@slack/web-api";
import { UpstreamError } from "../../errors.ts";

/** Slack's error codes that say "later". The rest say "never so". */
const passing = new Set([
  "ratelimited",
  "rate_limited",
  "internal_error",
  "service_unavailable",
  "fatal_error",
  "request_timeout",
]);

/** Slack's own code for what went wrong, when Slack answered with one. */
export const slackCode = (error: unknown): string | undefined =>
  error instanceof WebAPIPlatformError && /^[a-z0-9_]{1,80}$/.test(String(error.data.error))
    ? error.data.error
    : undefined;

/** The failure of `attempt` (`chat.postMessage to C123`) as an UpstreamError. No request data and no token in it. */
export const upstream = (attempt: string, error: unknown): UpstreamError => {
  const { detail, retryable, status } = describe(error);
  const options = { retryable, cause: error, ...(status === undefined ? {} : { status }) };
  return new UpstreamError("slack", `${attempt}: ${detail}`, options);
};

type Described = { detail: string; retryable: boolean; status?: number };

const describe = (error: unknown): Described => {
  const code = slackCode(error);
  if (error instanceof WebAPIPlatformError && code !== undefined)
    return { detail: `${code}${explained(error)}`, retryable: passing.has(code) };
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

/** What Slack adds to `missing_scope` and `invalid_blocks`. */
const explained = ({ data }: WebAPIPlatformError): string => {
  const { needed } = data as { needed?: unknown };
  if (typeof needed === "string") return ` (needs ${needed.slice(0, 200)})`;
  const first = data.response_metadata?.messages?.[0];
  return first === undefined ? "" : ` (${String(first).slice(0, 200)})`;
};

const network = (error: unknown): string => {
  if (!(error instanceof Error)) return "failed";
  if (error.name === "TimeoutError") return "no answer in time";
  const cause = (error.cause ?? error) as NodeJS.ErrnoException;
  return error.message.startsWith("Retry header") ? "rate limited" : (cause.code ?? cause.message);
};
