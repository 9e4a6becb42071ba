import type { UpstreamError } from "../../errors.ts";

/** Makes the error for what went wrong with one request. */
type Fail = (what: string, cause?: unknown) => UpstreamError;

/** An address without its credentials, which fetch refuses in a URL, and the header that they go into. */
export const split = (text: string): { base: string; login: Record<string, string> } => {
  const url = new URL(text);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  const base = `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  if (username === "" && password === "") return { base, login: {} };
  const pair = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { base, login: { authorization: `Basic ${pair.toString("base64")}` } };
};

/** The whole answer as text, at most `maxBytes` of it. Throws what `fail` makes. */
export const readText = async (response: Response, maxBytes: number, fail: Fail): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.byteLength;
      if (length > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw fail(`the answer broke off: ${reason(error)}`, error);
  }
  if (length > maxBytes) throw fail(`the answer is larger than ${maxBytes} bytes`);
  return Buffer.concat(chunks).toString("utf8");
};

/** The status of a redirect and the address that it leads to, without its query; undefined for any other answer. */
export const redirection = ({ status, headers }: Response, asked: string): string | undefined => {
  if (status < 300 || status > 399) return undefined;
  const to = URL.parse(headers.get("location") ?? "", asked);
  if (to === null) return `HTTP ${status}, a redirect to nowhere`;
  const place = `${to.host}${to.pathname}`;
  const where = `HTTP ${status}, a redirect to ${to.protocol}//${place}`.slice(0, 200);
  return isSignIn(place)
    ? `${where}, where people sign in: set an address without that login, or a token that it takes`
    : `${where}, which is not followed`;
};

/** Whether an address looks like a page of a login, such as `acme.okta.com/oauth2/v1/authorize` or `git.acme.com/login`. */
const isSignIn = (place: string): boolean =>
  /(^|[^a-z])(log-?in|sign-?in|sso|saml2?|oauth2?|oidc|auth|authorize|okta|accounts)([^a-z]|$)/i.test(place);

/** Why a request got no answer. */
export const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return "failed";
  if (error.name === "TimeoutError") return "no answer in time";
  const cause = error.cause instanceof Error ? error.cause : error;
  return "code" in cause ? String(cause.code) : cause.message;
};
