import type { Context } from "hono";
import { html, raw } from "hono/html";
import { visible } from "../../shared/text/controls.ts";
import { style } from "./style.ts";

export type Markup = ReturnType<typeof html>;

type Page = {
  title: string;
  body: Markup;
  status?: 200 | 400 | 401 | 403 | 404 | 421;
  /** The name of the person who signed in. */
  reader?: string;
  /** Whether the page shows news by itself. */
  refreshes?: boolean;
};

/** A page of HTML without scripts, which no other site may frame or post to. */
export const page = async (
  context: Context,
  { title, body, status = 200, reader, refreshes = true }: Page,
): Promise<Response> => {
  context.header(
    "Content-Security-Policy",
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  );
  // A form's POST has its Origin only with a policy that sends one.
  context.header("Referrer-Policy", "same-origin");
  context.header("X-Content-Type-Options", "nosniff");
  context.header("Cache-Control", "no-store");
  const document = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
${refreshes ? raw('<meta http-equiv="refresh" content="5">') : ""}<link rel="icon" href="data:,"><title>${title} · Countersteer</title><style>${style}</style></head>
<body><header><a class="brand" href="/incidents">Countersteer</a>${reader === undefined ? "" : signedIn(reader)}</header><main>${body}</main></body></html>`;
  // Here and nowhere else, so that no text from outside is forgotten. Our own has none of these characters.
  return context.html(visible(String(await document)), status);
};

const signedIn = (reader: string): Markup =>
  html`<form class="session" method="post" action="/sign-out"><span class="quiet">${reader}</span> <button>Sign out</button></form>`;
