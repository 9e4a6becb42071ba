import type { Context } from "hono";
import { deleteCookie, generateSignedCookie, getSignedCookie } from "hono/cookie";
import { array, lazy, literal, number, object, string, union } from "zod";
import type { EpochMs } from "../../shared/brands.ts";
import type { Reader } from "../../shared/policy/visibility.ts";

const session = lazy(() =>
  object({
    kind: literal("session"),
    reader: object({
      name: string(),
      groups: union([array(string()), literal("all")]),
      email: string().exactOptional(),
    }),
    until: number(),
  }),
);

/** The keys that verify a cookie, the first of which signs, and whether it goes over TLS only. */
export type Jar = { keys: string[]; isSecure: boolean };

const name = "countersteer_session";

/** The reader whose session the request carries. */
export const sessionOf = async (context: Context, jar: Jar, now: EpochMs): Promise<Reader | undefined> => {
  const read = session.safeParse(await readCookie(context, name, jar));
  return read.success && read.data.until > now ? read.data.reader : undefined;
};

export const startSession = (
  context: Context,
  jar: Jar,
  reader: Reader,
  { now, ms }: { now: EpochMs; ms: number },
): Promise<boolean> => writeCookie(context, name, { kind: "session", reader, until: now + ms }, { jar, ms });

export const endCookie = (context: Context, { isSecure }: Jar, cookie = name): void => {
  deleteCookie(context, cookie, { path: "/", secure: isSecure, ...prefixOf(isSecure) });
};

/** Browsers drop a longer cookie without a word (RFC 6265 §6.1). */
export const maxCookieBytes = 4096;

/** Signs a JSON value into a cookie that no script reads. False, and no cookie, where it would be too long. */
export const writeCookie = async (
  context: Context,
  cookie: string,
  value: object,
  { jar: { keys, isSecure }, ms }: { jar: Jar; ms: number },
): Promise<boolean> => {
  const [key = ""] = keys;
  const made = await generateSignedCookie(cookie, JSON.stringify(value), signingKey(key), {
    ...{ path: "/", httpOnly: true, secure: isSecure, maxAge: ms / 1000 },
    // A link in Slack must find the session, so not Strict; addresses that act check the Origin.
    sameSite: "Lax",
    ...prefixOf(isSecure),
  });
  if (made.length > maxCookieBytes) return false;
  context.header("Set-Cookie", made, { append: true });
  return true;
};

/** The JSON value of a cookie that one of the keys signed. */
export const readCookie = async (
  context: Context,
  cookie: string,
  { keys, isSecure }: Jar,
): Promise<unknown> => {
  for (const key of keys) {
    const text = await getSignedCookie(context, signingKey(key), cookie, prefixOf(isSecure).prefix);
    if (text) return JSON.parse(text);
  }
  return undefined;
};

/** The same secret may be a token elsewhere: no signature of a cookie is of use there. */
const signingKey = (key: string): string => `countersteer cookie ${key}`;

/** No other host of the domain can set the cookie where there is TLS. */
const prefixOf = (isSecure: boolean): { prefix?: "host" } => (isSecure ? { prefix: "host" } : {});
