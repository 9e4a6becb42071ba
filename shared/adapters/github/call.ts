import { UpstreamError } from "../../errors.ts";

/** What Octokit throws: a status, and the response unless none came back. */
type Failure = Error & {
  status?: number;
  response?: { headers: Record<string, string | number | undefined>; data?: unknown };
};

const maxDetail = 300;

/**
 * Makes one call and returns its data. `what` says what is attempted, on what: `merge acme/shop#4`.
 * Whatever fails becomes an UpstreamError; the outcome of a write that failed retryably is unknown.
 */
export const ask = async <T>(what: string, call: () => Promise<{ data: T }>): Promise<T> => {
  try {
    const { data } = await call();
    if (typeof data !== "string") return data;
  } catch (error) {
    throw failed(what, error as Failure);
  }
  throw new UpstreamError("github", `${what}: the answer could not be read`, { retryable: true });
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
  const message = `${what}: ${status} ${plain(said(error))}${limit(response.headers)}`;
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

/** GitHub's own words: its message, and those of its `errors`. */
const said = ({ response, message }: Failure): string => {
  const data = response?.data as { message?: unknown; errors?: unknown } | undefined;
  if (typeof data?.message !== "string") return message;
  const errors = Array.isArray(data.errors) ? (data.errors as unknown[]) : [];
  const details = errors.map((error) =>
    typeof error === "string" ? error : ((error as { message?: string } | null)?.message ?? ""),
  );
  return [data.message, ...details.filter((detail) => detail !== "")].join(": ");
};

const secret =
  /\b(gh[a-z]_|github_pat_)\w+|\beyJ[\w-]+\.[\w-]+\.[\w-]+|\b(bearer|token|basic) [\w.~+/=-]{8,}/gi;

const plain = (text: string): string =>
  text
    .replace(secret, "[redacted]")
    .replace(/\p{Cc}+/gu, " ")
    .slice(0, maxDetail);
