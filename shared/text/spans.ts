import type { Span, ViewLine } from "../ports/chat.ts";
import { clock } from "./format.ts";

/** The spans as plain text, with times of the day in UTC. */
export const plainOf = (spans: Span[]): string =>
  spans
    .map((span) => {
      if (typeof span === "string") return span;
      if ("strong" in span) return plainOf(span.strong);
      return "at" in span ? clock(span.at).slice(0, 5) : span.text;
    })
    .join("");

/** One text a line. A line end within a text would be lost, since chat takes text from outside for one line. */
export const linesOf = (label: string, texts: string[]): ViewLine =>
  texts.length < 2
    ? { label, text: texts.join() }
    : lineOf(
        texts.flatMap((text, index) => (index === 0 ? [text] : ["\n", text])),
        { label },
      );

/** A line that says the same with links and without. */
export const lineOf = (spans: Span[], more: Pick<ViewLine, "label" | "small"> = {}): ViewLine => ({
  ...more,
  text: plainOf(spans),
  spans,
});
