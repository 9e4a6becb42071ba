import type { Context } from "hono";
import { html } from "hono/html";
import { capital } from "../../shared/text/format.ts";
import { type Sight, wantsJson } from "../login/guard.ts";
import { page } from "./page.ts";
import { signedIn } from "./signed-in.ts";

/** An address with a value that the page does not have is answered 400 with the sentence, as a page or as JSON. */
export const wrongAddress = (
  context: Context,
  sight: Sight,
  { title, error }: { title: string; error: string },
): Response | Promise<Response> => {
  if (wantsJson(context)) return context.json({ error }, 400);
  const { path } = context.req;
  const body = html`<h1>${title}</h1><p>${capital(error)}. <a href="${path}">${title} without it</a></p>`;
  return page(context, { title, body, status: 400, ...signedIn(sight) });
};
