import { html } from "hono/html";
import type { Span } from "../../shared/ports/chat.ts";
import { anchor } from "./anchor.ts";
import type { Markup } from "./page.ts";
import { time } from "./times.ts";

/** The sentence of a message, as the page shows it. */
export const spans = (all: Span[]): Markup => html`${all.map(one)}`;

const one = (span: Span): Markup | string => {
  if (typeof span === "string") return span;
  if ("at" in span) return time(span.at);
  return "text" in span ? anchor(span.url, span.text) : html`<b>${spans(span.strong)}</b>`;
};
