import { UpstreamError } from "../../errors.ts";
import { readText, reason, redirection } from "../http/response-text.ts";

type Sent = { method: string; headers: Record<string, string>; body?: URLSearchParams | null | undefined };

const timeoutMs = 5_000;
const maxBytes = 512 * 1024;

/** `fetch` that follows no redirect, ends in time and reads no more than a bounded answer. Throws UpstreamError. */
export const boundedFetch =
  (send: typeof fetch = fetch) =>
  async (url: string, { method, headers, body }: Sent): Promise<Response> => {
    const { origin, pathname } = new URL(url);
    const fail = (what: string, cause?: unknown) =>
      new UpstreamError("oidc", `${method} ${origin}${pathname}: ${what}`, { retryable: true, cause });
    const response = await send(url, {
      ...{ method, headers, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) },
      ...(body && { body }),
    }).catch((error: unknown) => {
      throw fail(reason(error), error);
    });
    const elsewhere = redirection(response, url);
    if (elsewhere !== undefined) throw fail(elsewhere);
    if (response.status >= 500) throw fail(String(response.status));
    const text = await readText(response, maxBytes, fail);
    return new Response(text === "" ? null : text, { status: response.status, headers: response.headers });
  };
