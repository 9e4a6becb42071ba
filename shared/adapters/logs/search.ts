import { UpstreamError } from "../../errors.ts";
import { readText, reason, redirection, split } from "../http/response-text.ts";

export type SearchOptions = { url: string; headers?: Record<string, string>; fetch?: typeof fetch };
type Request = { path: string; init?: RequestInit };

const timeoutMs = 10_000;
const maxBytes = 4 * 1024 * 1024;

/** Asks one log store over HTTP for JSON: in bounded time and bytes, no redirect followed. Throws UpstreamError. */
export const searchOf =
  (
    system: "loki" | "elasticsearch" | "cloudwatch",
    { url, headers = {}, fetch: get = fetch }: SearchOptions,
  ) =>
  async ({ path, init = {} }: Request): Promise<unknown> => {
    const { base, login } = split(url);
    const fail = (what: string, cause?: unknown) =>
      new UpstreamError(system, `${system}: ${what}`, { retryable: true, cause });
    const response = await get(`${base}${path}`, {
      ...init,
      headers: { accept: "application/json", ...init.headers, ...login, ...headers },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: unknown) => {
      throw fail(reason(error), error);
    });
    const text = await readText(response, maxBytes, fail);
    const elsewhere = redirection(response, base);
    if (elsewhere !== undefined) throw fail(elsewhere);
    if (response.status !== 200) throw fail(`HTTP ${response.status} ${text.slice(0, 200)}`.trim());
    try {
      return JSON.parse(text);
    } catch (error) {
      throw fail("the answer is not JSON", error);
    }
  };
