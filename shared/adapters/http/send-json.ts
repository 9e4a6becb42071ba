import { UpstreamError } from "../../errors.ts";
import { readText, reason, redirection, split } from "./response-text.ts";

export type Upstream = {
  system: UpstreamError["system"];
  /** The base address, with a user and a password where the server asks for them. */
  url: string;
  token?: string | undefined;
  headers?: Record<string, string> | undefined;
  /** The time that an answer may take, ms (10,000). */
  timeoutMs?: number | undefined;
  fetch?: typeof fetch | undefined;
};
type Sent = { method: string; path?: string; body?: unknown };

const usualTimeoutMs = 10_000;
const maxBytes = 5 * 1024 * 1024;

/** Sends JSON and returns the JSON of a 2xx answer. Throws UpstreamError; 429 and 5xx may succeed later, other refusals never. */
export const sendJson = async (upstream: Upstream, { method, path = "", body }: Sent): Promise<unknown> => {
  const { system, url, token, headers, timeoutMs = usualTimeoutMs, fetch: send = fetch } = upstream;
  const { base, login } = split(url);
  const attempt = `${method} ${base}${path}`;
  const failed = (what: string, retryable: boolean, cause?: unknown) =>
    new UpstreamError(system, `${attempt}: ${what}`, { retryable, cause });
  const response = await send(`${base}${path}`, {
    method,
    headers: {
      accept: "application/json",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...login,
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw failed(reason(error), true, error);
  });
  const text = await readText(response, maxBytes, (what, cause) => failed(what, true, cause));
  const elsewhere = redirection(response, `${base}${path}`);
  if (elsewhere !== undefined) throw failed(elsewhere, false);
  if (!response.ok)
    throw failed(
      `${response.status} ${text.slice(0, 300)}`.trim(),
      response.status === 429 || response.status >= 500,
    );
  return parsed(text);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
