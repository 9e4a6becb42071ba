import type { Context } from "hono";
import { html, raw } from "hono/html";
import { visible } from "../../shared/text/controls.ts";
import { liveDigest, liveScript } from "./live.ts";
import { style } from "./style.ts";

export type Markup = ReturnType<typeof html>;

type Page = {
  title: string;
  body: Markup;
  status?: 200 | 400 | 401 | 403 | 404 | 421 | 503;
  /** The name of the person who signed in. */
  reader?: string;
  /** Before anybody signed in: it leads nowhere else. */
  isOutside?: boolean;
};

/** A page of HTML with the one script of ours, which no other site may frame or post to. */
export const page = async (
  context: Context,
  { title, body, status = 200, reader, isOutside = false }: Page,
): Promise<Response> => {
  context.header(
    "Content-Security-Policy",
    `default-src 'none'; script-src '${liveDigest}'; connect-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'`,
  );
  // A form's POST has its Origin only with a policy that sends one.
  context.header("Referrer-Policy", "same-origin");
  context.header("X-Content-Type-Options", "nosniff");
  context.header("Cache-Control", "no-store");
  const document = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="${raw(icon)}"><title>${title} · Countersteer</title><style>${style}</style></head>
<body><a class="skip" href="#main">Skip to content</a><header class="top"><a class="brand" href="/incidents">Countersteer</a>${isOutside ? "" : navigation(context.req.path)}${reader === undefined ? "" : session(reader)}</header><main id="main" tabindex="-1">${await unbroken(body)}</main><script>${raw(liveScript)}</script></body></html>`;
  // Here and nowhere else, so that no text from outside is forgotten. Our own has none of these characters.
  return context.html(visible(String(await document)), status);
};

const units = /(?<=\d) (?=(?:%|s|min|h|d|KB|MB)(?![\w-]))/g;

/** A value and its unit stand on one line. An expression is copied into Prometheus, so it keeps its spaces. */
const unbroken = async (body: Markup): Promise<Markup> =>
  raw(
    String(await body)
      .split(/(<pre[^>]*>[\s\S]*?<\/pre>)/)
      .map((part) => (part.startsWith("<pre") ? part : part.replace(units, "\u00a0")))
      .join(""),
  );

/** The pages that every page leads to. */
const places = [
  { path: "/incidents", name: "Incidents" },
  { path: "/left-alone", name: "Left alone" },
  { path: "/report", name: "Report" },
];

const navigation = (here: string): Markup =>
  html`<nav aria-label="Sections">${places.map(({ path, name }) => html`<a href="${path}"${here === path ? raw(' aria-current="page"') : ""}>${name}</a> `)}</nav>`;

/** A circle with an arrow that turns back. */
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%230a53a8'/%3E%3Cpath d='M5 9a3 3 0 1 0 1-3l-1 1V4' fill='none' stroke='white' stroke-width='1.5'/%3E%3C/svg%3E";

const session = (reader: string): Markup =>
  html`<form class="session" method="post" action="/sign-out"><span class="quiet">${reader}</span> <button>Sign out</button></form>`;
