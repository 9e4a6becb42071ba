import type { Passage } from "./comments.ts";

/** The paragraphs, items, cells and headings of a Markdown text, without code. */
export const passagesOf = (markdown: string): Passage[] => {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, blank).replace(/`[^`\n]+`/g, masked);
  return [...prose.matchAll(block)].map(({ index, 0: text }) => ({
    line: prose.slice(0, index).split("\n").length,
    text: text.replace(/^\s*(?:[-*+>]|#+|\d+\.)\s+/, "").replace(/[*_]{1,3}/g, ""),
  }));
};

/** Lines up to the next item, heading, row or empty line; cells of a row are blocks of their own. */
const block = /[^\n|]+(?:\n(?!\s*(?:[-*+#>|]|\d+\.|\n))[^\n|]+)*/g;
const blank = (code: string): string => code.replace(/[^\n]/g, " ");
const masked = (code: string): string => "x".repeat(code.length);
