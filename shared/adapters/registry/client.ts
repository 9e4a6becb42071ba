import { lazy, object, optional, string } from "zod";
import { messageOf, UpstreamError } from "../../errors.ts";

/**
 * A configured registry. Image names begin with `host`; its API is at `url` (default `https://HOST`); its tokens come
 * from the origin `realm` where that is another. `login` is `USER:PASSWORD`, or gets it; it is sent to these two origins only.
 */
export type RegistryAccess = {
  host: string;
  url?: string;
  realm?: string;
  login?: string | (() => Promise<string>);
};
type Asked = { repository: string; path: string; accept: string; maxBytes: number; what: string };
/** The bytes of an answer; undefined for 404. Throws UpstreamError. */
type RegistryClient = (asked: Asked) => Promise<Uint8Array | undefined>;

const timeoutMs = 10_000;
const maxRedirects = 3;
const maxToken = 64 * 1024;
const token = lazy(() => object({ token: optional(string()), access_token: optional(string()) }));

/** A registry's origin, the origins that may be given its login, and the login as a header. */
type Connection = {
  base: URL;
  trusted: Set<string>;
  basic: () => Promise<string | undefined>;
  get: typeof fetch;
};

export const registryClient = (access: RegistryAccess, get: typeof fetch): RegistryClient => {
  const connection = connectionOf(access, get);
  return async ({ repository, path, accept, maxBytes, what }) => {
    const url = new URL(`/v2/${repository}/${path}`, connection.base);
    const first = await follow(connection, url, { headers: { accept }, what });
    const response =
      first.status === 401 ? await again(connection, first, { url, repository, accept, what }) : first;
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    if (response.status !== 200) throw await refused(response, what);
    return capped(response, maxBytes, what);
  };
};

const connectionOf = ({ host, url, realm, login }: RegistryAccess, get: typeof fetch): Connection => {
  const base = new URL(url ?? (host === "docker.io" ? hub.url : `https://${host}`));
  const tokens = realm ?? (host === "docker.io" ? hub.realm : undefined);
  const trusted = new Set([base.origin, ...(tokens === undefined ? [] : [new URL(tokens).origin])]);
  const basic = async () => {
    const known = typeof login === "function" ? await login() : login;
    return known && `Basic ${Buffer.from(known).toString("base64")}`;
  };
  return { base, trusted, basic, get };
};

type Request = { headers: Record<string, string>; what: string };

const fetchOnce = ({ get }: Connection, url: URL, { headers, what }: Request): Promise<Response> =>
  get(url, { headers, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) }).catch(
    (cause: unknown) => {
      throw new UpstreamError("registry", `${what}: no answer (${messageOf(cause)})`, {
        retryable: true,
        cause,
      });
    },
  );

/** Registries keep blobs in a storage elsewhere. A blob is held against its digest, so it alone may redirect. */
const mayRedirect = (url: URL): boolean => /\/blobs\/sha(256|512):[0-9a-f]+$/.test(url.pathname);

/** Follows the redirects of a blob. Another origin gets no credentials. */
const follow = async (connection: Connection, start: URL, { headers, what }: Request): Promise<Response> => {
  const { authorization, ...open } = headers;
  let url = start;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const isOwn = url.origin === connection.base.origin && authorization !== undefined;
    const response = await fetchOnce(connection, url, {
      headers: isOwn ? { ...open, authorization } : open,
      what,
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    if (!mayRedirect(start)) throw final(`${what}: ${response.status} it redirects, and only blobs may`);
    url = redirectOf(connection, URL.parse(location, url.href), `${what}: ${response.status}`);
  }
  throw final(`${what}: it redirects too often`);
};

const redirectOf = ({ base }: Connection, next: URL | null, what: string): URL => {
  if (!next || (next.protocol !== "https:" && next.origin !== base.origin && base.protocol === "https:"))
    throw final(`${what} points to an address that is not https`);
  if (next.protocol !== "https:" && next.protocol !== "http:")
    throw final(`${what} points to an address that is not http or https`);
  if (isAddress(next.hostname) && !isAddress(base.hostname))
    throw final(`${what} points to an address without a name, which may be one of your own network`);
  return next;
};

const isAddress = (hostname: string): boolean =>
  /^\[|^\d{1,3}(\.\d{1,3}){3}$/.test(hostname) || hostname === "localhost";

/** The request once more, with the credentials that the refusal asks for. */
const again = async (
  connection: Connection,
  denied: Response,
  { url, repository, accept, what }: { url: URL; repository: string; accept: string; what: string },
): Promise<Response> => {
  await denied.body?.cancel();
  const challenge = denied.headers.get("www-authenticate") ?? "";
  const authorization = await authorize(connection, challenge, { repository, what });
  return authorization === undefined
    ? denied
    : follow(connection, url, { headers: { accept, authorization }, what });
};

/** The answer to a challenge (https://distribution.github.io/distribution/spec/auth/token/); undefined for one that cannot be met. */
const authorize = async (
  connection: Connection,
  challenge: string,
  { repository, what }: { repository: string; what: string },
): Promise<string | undefined> => {
  const { basic, trusted } = connection;
  if (/^basic\b/i.test(challenge)) return basic();
  const given = parametersOf(challenge);
  const address = /^bearer\b/i.test(challenge) && given.realm ? URL.parse(given.realm) : null;
  if (!address) return undefined;
  if (!trusted.has(address.origin))
    throw final(
      `${what}: its tokens come from ${address.origin}, which the configuration does not name as its realm`,
    );
  if (given.service !== undefined) address.searchParams.set("service", given.service);
  address.searchParams.set("scope", `repository:${repository}:pull`);
  return getToken(connection, address, `${what}: get a token`);
};

const getToken = async (connection: Connection, address: URL, what: string): Promise<string | undefined> => {
  const basic = await connection.basic();
  const response = await fetchOnce(connection, address, {
    headers: basic ? { authorization: basic } : {},
    what,
  });
  if (response.status !== 200) throw await refused(response, what);
  const text = new TextDecoder().decode(await capped(response, maxToken, what));
  const answer = token.safeParse(asJson(text));
  const found = answer.data?.token ?? answer.data?.access_token;
  return found && `Bearer ${found}`;
};

const asJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const hub = { url: "https://registry-1.docker.io", realm: "https://auth.docker.io" };

const parametersOf = (challenge: string): Record<string, string | undefined> =>
  Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value]) => [key.toLowerCase(), value]),
  );

const final = (message: string, status?: number) =>
  new UpstreamError("registry", message, { retryable: false, ...(status !== undefined && { status }) });

const refused = async (response: Response, what: string): Promise<UpstreamError> => {
  await response.body?.cancel();
  const { status } = response;
  const retryable = status >= 500 || status === 429;
  return new UpstreamError("registry", `${what}: ${status}`, { retryable, status });
};

const capped = async (response: Response, max: number, what: string): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.byteLength;
      if (length > max) throw final(`${what}: the answer is larger than ${max} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof UpstreamError) throw cause;
    throw new UpstreamError("registry", `${what}: the answer broke off`, { retryable: true, cause });
  }
  return Buffer.concat(chunks, length);
};
