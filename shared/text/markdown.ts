import type { Markdown } from "../brands.ts";
import { visible } from "./controls.ts";
import { clip } from "./format.ts";

/** Text from outside as GitHub Markdown that shows it and does nothing else. */

const defaultMax = 1000;
const maxFence = 20_000;
/** Keeps GitHub's filters, which work on the rendered text, from seeing a mention, a reference or a link. */
const gap = "&#8203;";
const structural = /[&<>"'\\`*_~[\]()!|${}^=]/g;

/** The only place where a string becomes Markdown. */
const encoded = (text: string): Markdown => text as Markdown;

/** Our own Markdown around encoded text: `markdown\`**${inline(name)}**\``. */
export const markdown = (ours: TemplateStringsArray, ...parts: (Markdown | number | "")[]): Markdown =>
  encoded(String.raw({ raw: ours }, ...parts));

/** The parts with `separator`, which is ours, between them. */
export const joined = (parts: Markdown[], separator: " " | "\n" | "\n\n" | ""): Markdown =>
  encoded(parts.join(separator));

/** The text with a part behind its first paragraph. Encoded text has no empty line. */
export const behindFirst = (text: Markdown, part: Markdown): Markdown => {
  const end = text.indexOf("\n\n");
  return end < 0
    ? encoded(`${text}\n\n${part}`)
    : encoded(`${text.slice(0, end)}\n\n${part}${text.slice(end)}`);
};

/** One line, in prose, headings, lists and table cells alike. */
export const inline = (text: string, max = defaultMax): Markdown => encoded(inlineText(text, max));

const inlineText = (text: string, max: number): string =>
  clip(oneLine(text), max)
    .replace(structural, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/(?<!&)#/g, `#${gap}`)
    .replace(/@/g, `@${gap}`)
    .replace(/\bGH-(?=\d)/gi, `$&${gap}`)
    .replace(/:(?=\/\/)|\bwww(?=\.)|\b(?:mailto|xmpp):/gi, `$&${gap}`)
    .replace(/^([-+]|\d+[.)]|\d+&#41;)/, (marker) => `${gap}${marker}`);

/** A code span, its fence longer than any run of backticks inside; `<code>` where a table cell could split it. */
export const code = (text: string, max = defaultMax): Markdown => {
  const line = clip(oneLine(text), max);
  if (line === "") return encoded("");
  if (line.includes("|")) return markdown`<code>${inline(line, max)}</code>`;
  const fence = "`".repeat(longestRun(line) + 1);
  const pad = /^`|`$/.test(line) ? " " : "";
  return encoded(`${fence}${pad}${line}${pad}${fence}`);
};

/** A fenced block of its own; `language` is ours. */
export const fenced = (text: string, language = "", max = maxFence): Markdown => {
  const lines = clip(shown(text.replace(/\r\n?|[\u2028\u2029]/g, "\n")), max);
  const fence = "`".repeat(Math.max(3, longestRun(lines) + 1));
  return encoded(`${fence}${language}\n${lines}${lines === "" || lines.endsWith("\n") ? "" : "\n"}${fence}`);
};

/** A link to a web page, or only its text when `url` is not one. */
export const link = (text: string, url: string): Markdown => {
  const label = inline(text);
  const href = hrefOf(url);
  return href === undefined ? label : encoded(`[${label}](<${href}>)`);
};

/** The end of a text that leads to the incident's page; nothing where there are no pages. */
export const wholeStory = (page: string | undefined): Markdown =>
  page === undefined ? markdown`` : markdown` ${link("The incident", page)} has the whole story.`;

/** A picture, or only its description when `url` is not a web address. */
export const image = (alt: string, url: string): Markdown => {
  const label = inline(alt);
  const href = hrefOf(url);
  return href === undefined ? label : encoded(`![${label}](<${href}>)`);
};

const hrefOf = (url: string): string | undefined => {
  const parsed = URL.parse(url);
  if (!parsed || !["https:", "http:"].includes(parsed.protocol) || parsed.username !== "") return undefined;
  return parsed.href.replace(/[<>\\`|\s]/g, encodeURIComponent).replaceAll("&", "&amp;");
};

const oneLine = (text: string): string => shown(text.replace(/\s+/g, " ").trim());

/** The text without what has no width; controls and marks that turn its direction are shown. */
const shown = (text: string): string => visible(text.toWellFormed().replace(/[\u200B\u2060\uFEFF]/g, ""));

const longestRun = (text: string): number =>
  Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
