import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { readBody } from "../../shared/adapters/http/request-body.ts";
import { bearer } from "../../shared/adapters/http/signature.ts";
import type { Log } from "../../shared/ports/log.ts";
import { page } from "../pages/page.ts";
import { type Access, addressOf, hasLogin, type LoginContext, tokenJar, tokenReader } from "./access.ts";
import { checkHost, checkOrigin } from "./address.ts";
import { endCookie, startSession } from "./session.ts";

type SignIn = LoginContext & { log: Log };

const cap = 4 * 1024;

/** The addresses at which people sign in to the pages, and out. */
export const signingIn = (app: Hono, login: SignIn): void => {
  app.get("/sign-in", (context) => {
    checkHost(context, addressOf(login));
    return signInPage(context, login, { to: placeOf(context.req.query("to")) });
  });
  app.post("/sign-in", async (context) => {
    checkOrigin(context, addressOf(login), { cookies: true });
    const form = new URLSearchParams(new TextDecoder().decode(await readBody(context.req.raw, cap)));
    const to = placeOf(form.get("to") ?? undefined);
    const given = `Bearer ${form.get("token")?.trim() ?? ""}`;
    if (!login.access.tokens.some((token) => bearer(given, token))) {
      login.log.warn("sign-in refused", { because: "the token is wrong" });
      return signInPage(context, login, { to, problem: "That is not the token of this server." });
    }
    await startSession(context, tokenJar(login, context), tokenReader, login.clock());
    return context.redirect(to, 303);
  });
  app.post("/sign-out", (context) => {
    checkOrigin(context, addressOf(login), { cookies: true });
    endCookie(context, tokenJar(login, context));
    return context.redirect("/sign-in", 303);
  });
};

/** The page of ours that the person came for. Any other address is the list: a link must not lead away from here. */
export const placeOf = (to: string | undefined): string =>
  to !== undefined &&
  /^\/incidents(\/[A-Za-z0-9][\w.-]*){0,3}(\?(?:(?:page|after|service|status|q)=[\w.~%+-]{0,100}(?:&(?!$)|$))+)?$/.test(
    to,
  )
    ? to
    : "/incidents";

/** Sends a browser to the page where people sign in, and back here after that. */
export const toSignIn = (context: Context): Response => {
  const { pathname, search } = new URL(context.req.url);
  return context.redirect(`/sign-in?${new URLSearchParams({ to: pathname + search })}`, 302);
};

const signInPage = (
  context: Context,
  { access }: SignIn,
  { to, problem }: { to: string; problem?: string },
): Response | Promise<Response> => {
  const body = html`<h1>Sign in</h1>
${problem === undefined ? "" : html`<p class="waiting" role="alert">${problem}</p>`}
${ways(access, to)}`;
  return page(context, { title: "Sign in", body, ...(problem && { status: 401 }) });
};

const ways = (access: Access, to: string) => {
  if (!hasLogin(access)) return html`<p>This server has no login. <a href="/incidents">All incidents</a></p>`;
  if (access.tokens.length > 0) return tokenForm(to);
  return html`<p>Open the address at which your proxy signs you in. This request did not come through it.</p>`;
};

const tokenForm = (to: string) =>
  html`<form class="sign-in" method="post" action="/sign-in"><input type="hidden" name="to" value="${to}">
<label for="token">Token (<code>PAGES_TOKEN</code> of this server)</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus> <button>Sign in</button></form>`;
