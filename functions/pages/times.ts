import { html } from "hono/html";
import { clock, span } from "../../shared/text/format.ts";
import { instantsIn } from "../../shared/text/instants.ts";
import type { Markup } from "./page.ts";

/** An instant: UTC in the document, which the page's script shows in the reader's own zone. `day`: with the date, `seconds`: to the second. */
export const time = (at: number, how: "minute" | "seconds" | "day" = "minute"): Markup => {
  const iso = isoOf(at);
  const text = { minute: clock(at).slice(0, 5), seconds: clock(at), day: iso.slice(0, 16).replace("T", " ") }[
    how
  ];
  return html`<time datetime="${iso}" title="${iso.slice(0, 19).replace("T", " ")} UTC" data-how="${how}">${text}</time>`;
};

/** A sentence of ours whose times of day the reader sees in their own zone, as those of every other part of the page. */
export const timed = (text: string, near: number): Markup =>
  html`${instantsIn(text, near).map((part) => (typeof part === "string" ? part : time(part.at, part.seconds ? "seconds" : "minute")))}`;

const isoOf = (at: number): string => (Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : String(at));

/** The age, in whole minutes once it is older than one, so that an open page seldom changes. */
export const ago = (at: number, now: number): string => {
  const ms = Math.max(0, now - at);
  return ms < 60_000
    ? "just now"
    : `${span(Math.max(120_000, ms))} ago`.replace("2 min ago", ms < 120_000 ? "1 min ago" : "2 min ago");
};
