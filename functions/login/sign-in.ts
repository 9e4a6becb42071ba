import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { readBody } from "../../shared/adapters/http/request-body.ts";
import { bearer } from "../../shared/adapters/http/signature.ts";
import { type Markup, page } from "../pages/page.ts";
import { type Access, addressOf, hasLogin, sessionMs, tokenJar, tokenReader } from "./access.ts";
import { checkHost, checkOrigin, publicOrigin } from "./address.ts";
import { signingInByOidc } from "./oidc.ts";
import { placeOf } from "./place.ts";
import { refusedSignIn, type SignIn } from "./refused.ts";
import { endCookie, startSession } from "./session.ts";

const cap = 4 * 1024;

/** The addresses at which people sign in to the pages, and out. */
export const signingIn = (app: Hono, login: SignIn): void => {
  app.get("/sign-in", (context) => {
    checkHost(context, addressOf(login));
    const isOut = context.req.query("out") !== undefined;
    return signInPage(context, login, { to: placeOf(context.req.query("to")), isOut });
  });
  signingInByOidc(app, login);
  app.post("/sign-in", async (context) => {
    checkOrigin(context, addressOf(login), { cookies: true });
    const form = new URLSearchParams(new TextDecoder().decode(await readBody(context.req.raw, cap)));
    const to = placeOf(form.get("to") ?? undefined);
    const given = `Bearer ${form.get("token")?.trim() ?? ""}`;
    if (!login.access.tokens.some((token) => bearer(given, token))) {
      login.log.warn("sign-in refused", { because: "the token is wrong" });
      await refusedSignIn(login, "the token is wrong");
      return signInPage(context, login, { to, problem: "That is not the token of this server." });
    }
    await startSession(context, tokenJar(login, context), tokenReader, {
      now: login.clock(),
      ms: sessionMs(login),
    });
    return context.redirect(to, 303);
  });
  app.post("/sign-out", (context) => {
    checkOrigin(context, addressOf(login), { cookies: true });
    endCookie(context, tokenJar(login, context));
    return context.redirect("/sign-in?out", 303);
  });
};

/** Sends a browser to where people sign in, and back here after that. */
export const toSignIn = (context: Context, { issuer, tokens }: Access): Response => {
  const { pathname, search } = new URL(context.req.url);
  const way = issuer !== undefined && tokens.length === 0 ? "/sign-in/oidc" : "/sign-in";
  return context.redirect(`${way}?${new URLSearchParams({ to: pathname + search })}`, 302);
};

type Asked = { to: string; problem?: string; isOut?: boolean };

const signInPage = async (
  context: Context,
  login: SignIn,
  { to, problem, isOut = false }: Asked,
): Promise<Response> => {
  const body = html`<h1>Sign in</h1>
${isOut ? html`<p class="quiet">You are signed out here.${await endLink(login, context)}</p>` : ""}${problem === undefined ? "" : html`<p class="waiting" role="alert">${problem}</p>`}
${ways(login.access, to)}`;
  return page(context, { isOutside: true, title: "Sign in", body, ...(problem && { status: 401 }) });
};

/** Signing out here leaves the person signed in at the issuer. */
const endLink = async (login: SignIn, context: Context): Promise<Markup | ""> => {
  const { issuer } = login.access;
  const backTo = `${publicOrigin(context, addressOf(login))}/sign-in`;
  const url = await issuer?.signOut(backTo).catch(() => undefined);
  return url === undefined ? "" : html` <a href="${url}">Sign out of ${issuer?.name}, too</a>`;
};

const ways = (access: Access, to: string): Markup => {
  if (!hasLogin(access)) return html`<p>This server has no login. <a href="/incidents">All incidents</a></p>`;
  const { issuer, tokens } = access;
  if (issuer === undefined && tokens.length === 0)
    return html`<p>Open the address at which your proxy signs you in. This request did not come through it.</p>`;
  return html`${issuer === undefined ? "" : html`<p><a class="button" href="/sign-in/oidc?${new URLSearchParams({ to })}">Sign in with ${issuer.name}</a></p>`}${tokens.length === 0 ? "" : tokenForm(to)}`;
};

const tokenForm = (to: string) =>
  html`<form class="sign-in" method="post" action="/sign-in"><input type="hidden" name="to" value="${to}">
<label for="token">Token (<code>PAGES_TOKEN</code> of this server)</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus> <button>Sign in</button></form>`;
