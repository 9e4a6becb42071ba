import type { Context } from "hono";
import { html } from "hono/html";
import { type Reader, visibleServices } from "../../shared/policy/visibility.ts";
import { page } from "../pages/page.ts";
import { addressOf, hasLogin, type LoginContext, personOf, readerOf } from "./access.ts";
import { checkHost } from "./address.ts";
import { toSignIn } from "./sign-in.ts";

/** The services of whose incidents the reader may know. */
export type Sight = {
  reader: Reader;
  isVisible: (service: string) => boolean;
  /** Whether a person signed in, who may press a button. */
  isPerson?: boolean;
};
type Handler = (context: Context, sight: Sight) => Response | Promise<Response>;

/** Lets only readers who are known to a page, with what they may see. A browser is sent to the page where people sign in. */
export const guarded =
  (login: LoginContext, handler: Handler) =>
  async (context: Context): Promise<Response> => {
    checkHost(context, addressOf(login));
    const reader = await readerOf(login, context);
    if (reader !== undefined) {
      const isPerson = (await personOf(login, context)) !== undefined;
      return handler(context, { reader, isVisible: visibleServices(login.config, reader), isPerson });
    }
    if (!hasLogin(login.access)) return refused(context);
    // A program that gave a token is told that it is wrong.
    if (!wantsJson(context) && context.req.header("authorization") === undefined)
      return toSignIn(context, login.access);
    context.header("WWW-Authenticate", "Bearer");
    return context.json(
      {
        error:
          login.access.tokens.length > 0
            ? "the pages need a login: give the token of this server as a bearer token"
            : "the pages need a login: sign in with a browser; a program needs a bearer token, PAGES_TOKEN",
      },
      401,
    );
  };

export const wantsJson = (context: Context): boolean =>
  (context.req.header("accept") ?? "").includes("application/json");

const refused = (context: Context): Response | Promise<Response> =>
  wantsJson(context)
    ? context.json({ error: noLogin }, 403)
    : page(context, {
        isOutside: true,
        title: "No login",
        body: html`<h1>No login</h1><p>${noLogin}</p>`,
        status: 403,
      });

export const noLogin =
  "the pages have no login, and this server is reached from beyond its machine, so they are not shown: set PAGES_TOKEN, PAGES_OIDC_ISSUER or PAGES_PROXY_HEADER, or PAGES_LOGIN=none to show them to everybody";
