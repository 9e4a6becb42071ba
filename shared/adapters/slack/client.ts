import { LogLevel, WebClient, type WebClientOptions } from "@slack/web-api";

const timeoutMs = 10_000;
/** `apiUrl` as `https://slack.com/api/`, which it is unless given. `fetch` is for counting and tracing. */
export type SlackOptions = { token: string; apiUrl?: string; fetch?: NonNullable<WebClientOptions["fetch"]> };

/** A client without retries: the caller reads the outcome of the first try before it repeats it. Prints nothing. */
export const slackClient = ({ token, apiUrl, fetch }: SlackOptions): WebClient =>
  new WebClient(token, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    ...(fetch === undefined ? {} : { fetch }),
    logger: noLogger,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    allowAbsoluteUrls: false,
  });

const nothing = () => {};
const noLogger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};
