import { html } from "hono/html";
import type { Markup } from "./page.ts";

/** A link only where it can do no harm. */
export const anchor = (url: string, text: string): Markup =>
  /^https?:\/\//.test(url) ? html`<a href="${url}" rel="noreferrer">${text}</a>` : html`${text}`;
