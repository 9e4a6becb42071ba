import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { lazy, literal, number, object, string } from "zod";
import { UpstreamError } from "../../shared/errors.ts";
import type { Reader } from "../../shared/policy/visibility.ts";
import type { Issuer } from "../../shared/ports/issuer.ts";
import { clip } from "../../shared/text/format.ts";
import { missing } from "../http/errors.ts";
import { page } from "../pages/page.ts";
import { addressOf, readerFrom, type Session, sessionJar } from "./access.ts";
import { checkHost, publicOrigin } from "./address.ts";
import { placeOf } from "./place.ts";
import { refusedSignIn, type SignIn } from "./refused.ts";
import { endCookie, maxCookieBytes, readCookie, startSession, writeCookie } from "./session.ts";

const cookie = "countersteer_login";
/** The time in which a person signs in at the issuer. */
const loginMs = 10 * 60_000;

const leftFor = lazy(() =>
  object({
    kind: literal("login"),
    ...{ state: string(), nonce: string(), verifier: string(), to: string(), until: number() },
  }),
);

/** The addresses at which an issuer signs people in. Neither changes anything here but the person's own cookies. */
export const signingInByOidc = (app: Hono, login: SignIn): void => {
  const by = (handler: (way: Way, context: Context) => Promise<Response>) => (context: Context) => {
    checkHost(context, addressOf(login));
    const { issuer, session } = login.access;
    if (issuer === undefined || session === undefined) return missing(context);
    return orUnreachable({ login, issuer, session }, context, handler);
  };
  app.get("/sign-in/oidc", by(leave));
  app.get("/sign-in/callback", by(comeBack));
};

type Way = { login: SignIn; issuer: Issuer; session: Session };

/** Sends the person to the issuer, and keeps in a cookie what they must bring back. */
const leave = async ({ login, issuer }: Way, context: Context): Promise<Response> => {
  const { url, ...begun } = await issuer.begin(redirectUri(login, context));
  const to = placeOf(context.req.query("to"));
  const left = { kind: "login", ...begun, to, until: login.clock() + loginMs };
  await writeCookie(context, cookie, left, { jar: sessionJar(login, context), ms: loginMs });
  context.header("Cache-Control", "no-store");
  return context.redirect(url, 302);
};

/** Starts the session of the person whom the issuer sends back, once each thing that was kept is met. */
const comeBack = async ({ login, issuer, session }: Way, context: Context): Promise<Response> => {
  const jar = sessionJar(login, context);
  const kept = leftFor.safeParse(await readCookie(context, cookie, jar));
  if (!kept.success || kept.data.until <= login.clock()) return refuse(login, context, unknownSignIn);
  endCookie(context, jar, cookie);
  const found = await issuer.finish(new URL(context.req.url).searchParams, {
    ...{ redirectUri: redirectUri(login, context), begun: kept.data },
  });
  if ("refused" in found) return refuse(login, context, clip(found.refused, 300));
  const reader = readerFrom(login.config, found);
  const isStarted = await startSession(context, jar, reader, { now: login.clock(), ms: session.ms });
  if (!isStarted) return refuse(login, context, tooManyGroups(reader));
  login.log.info("signed in", { subject: found.subject });
  context.header("Cache-Control", "no-store");
  return context.redirect(placeOf(kept.data.to), 302);
};

const unknownSignIn = "it was begun in another browser or at another address, or more than 10 minutes ago";

const tooManyGroups = ({ groups }: Reader): string =>
  `you are in ${groups.length} groups that visibleTo names, more than fit into a cookie of ${maxCookieBytes} bytes: name fewer of them there, or have the issuer tell fewer`;

const redirectUri = (login: SignIn, context: Context): string =>
  `${publicOrigin(context, addressOf(login))}/sign-in/callback`;

const refuse = async (login: SignIn, context: Context, because: string): Promise<Response> => {
  login.log.warn("sign-in refused", { because });
  await refusedSignIn(login, because);
  const body = html`<h1>Not signed in</h1><p class="waiting" role="alert">${because}</p><p><a href="/sign-in">Sign in again</a></p>`;
  return page(context, { isOutside: true, title: "Not signed in", body, status: 401 });
};

const orUnreachable = async (
  way: Way,
  context: Context,
  handler: (way: Way, context: Context) => Promise<Response>,
): Promise<Response> => {
  const { login, issuer } = way;
  try {
    return await handler(way, context);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    login.log.error("the issuer cannot be asked", { issuer: issuer.name, error });
    const body = html`<h1>Not signed in</h1><p class="waiting" role="alert">${issuer.name} cannot be reached now.</p><p><a href="/sign-in">Try again</a></p>`;
    return page(context, { isOutside: true, title: "Not signed in", body, status: 503 });
  }
};
