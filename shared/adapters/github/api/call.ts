import { array, lazy, object, optional, string, union } from "zod";
import { asError, UpstreamError } from "../../../errors.ts";

/** An error of Octokit. It has no response when GitHub did not answer. */
type Failure = Error & {
  status?: number;
  response?: { headers: Record<string, string | number | undefined>; data?: unknown };
};

const maxDetail = 300;

/**
 * Makes one call and returns its data. `what` names the attempt and its object: `merge acme/shop#4`.
 * Every failure becomes an UpstreamError; the outcome of a write that failed retryably is unknown.
 */
export const ask = async <T>(what: string, call: () => Promise<{ data: T }>): Promise<T> => {
  try {
    const { data } = await call();
    if (typeof data !== "string") return data;
  } catch (error) {
    throw failed(what, asError(error));
  }
  throw new UpstreamError("github", `${what}: the answer could not be read`, { retryable: true });
};

/** GitHub answers 404 or 422 for an ambiguous name, an unknown one, or a commit that a forced push removed. */
export const isMissing = (error: unknown): boolean =>
  error instanceof UpstreamError && (error.status === 404 || error.status === 422);

export const unlessMissing = async <T>(reading: Promise<T>): Promise<T | undefined> => {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

const failed = (what: string, error: Failure): UpstreamError => {
  if (error instanceof UpstreamError) return error;
  if (error.cause instanceof UpstreamError) return error.cause;
  const { response, status } = error;
  if (!response || status === undefined)
    return new UpstreamError("github", `${what}: no answer (${plain(error.message)})`, {
      retryable: true,
      cause: error,
    });
  const renewal = status === 401 ? "; GitHub takes the token no longer, so renew it and press Retry" : "";
  const message = `${what}: ${status} ${plain(messageIn(error))}${limit(response.headers)}${renewal}`;
  return new UpstreamError("github", message, { retryable: passing(error), status, cause: error });
};

/** Outages and rate limits pass; GitHub answers some rate limits with 403. */
const passing = ({ status = 0, response, message }: Failure): boolean => {
  if (status >= 500 || status === 429 || status === 408) return true;
  const headers = response?.headers ?? {};
  const limited = headers["retry-after"] !== undefined || String(headers["x-ratelimit-remaining"]) === "0";
  return status === 403 && (limited || /rate limit|abuse/i.test(message));
};

const limit = (headers: Record<string, string | number | undefined>): string => {
  if (headers["retry-after"] !== undefined) return `, retry after ${headers["retry-after"]} s`;
  const reset = Number(headers["x-ratelimit-reset"]);
  const spent = String(headers["x-ratelimit-remaining"]) === "0" && Number.isFinite(reset);
  return spent ? `, rate limit resets at ${new Date(reset * 1000).toISOString()}` : "";
};

const detail = union([string(), object({ message: optional(string()) })]).nullable();
const refusal = lazy(() =>
  object({ message: string(), errors: optional(array(detail.catch(null)).catch([])) }),
);

/** GitHub's message, and the messages of its `errors`. */
const messageIn = ({ response, message }: Failure): string => {
  const data = refusal.safeParse(response?.data).data;
  if (data === undefined) return message;
  const details = (data.errors ?? []).map((error) => (typeof error === "string" ? error : error?.message));
  return [data.message, ...details.filter((detail) => detail)].join(": ");
};

const secret =
  /\b(gh[a-z]_|github_pat_)\w+|\beyJ[\w-]+\.[\w-]+\.[\w-]+|\b(bearer|token|basic) [\w.~+/=-]{8,}/gi;

const plain = (text: string): string =>
  text
    .replace(secret, "[redacted]")
    .replace(/\p{Cc}+/gu, " ")
    .slice(0, maxDetail);
