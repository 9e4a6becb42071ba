import { clip } from "./format.ts";

/** Text from outside as GitHub Markdown that shows it and does nothing else. */

const defaultMax = 1000;
const maxFence = 20_000;
/** Keeps GitHub's filters, which work on the rendered text, from seeing a mention, a reference or a link. */
const gap = "&#8203;";
const structural = /[&<>"'\\`*_~[\]()!|${}^=]/g;

/** One line, in prose, headings, lists and table cells alike. */
export function inline(text: string, max = defaultMax): string {
  return clip(oneLine(text), max)
    .replace(structural, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/(?<!&)#/g, `#${gap}`)
    .replace(/@/g, `@${gap}`)
    .replace(/\bGH-(?=\d)/gi, `$&${gap}`)
    .replace(/:(?=\/\/)|\bwww(?=\.)|\b(?:mailto|xmpp):/gi, `$&${gap}`)
    .replace(/^([-+]|\d+[.)]|\d+&#41;)/, (marker) => `${gap}${marker}`);
}

/** A code span, its fence longer than any run of backticks inside; `<code>` where a table cell could split it. */
export function code(text: string, max = defaultMax): string {
  const line = clip(oneLine(text), max);
  if (line === "") return "";
  if (line.includes("|")) return `<code>${inline(line, max)}</code>`;
  const fence = "`".repeat(longestRun(line) + 1);
  const pad = /^`|`$/.test(line) ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A fenced block of its own; `language` is ours. */
export function fenced(text: string, language = "", max = maxFence): string {
  const lines = clip(visible(text.replace(/\r\n?|[\u2028\u2029]/g, "\n")), max);
  const fence = "`".repeat(Math.max(3, longestRun(lines) + 1));
  return `${fence}${language}\n${lines}${lines === "" || lines.endsWith("\n") ? "" : "\n"}${fence}`;
}

/** A link to a web page, or only its text when `url` is not one. */
export function link(text: string, url: string): string {
  const shown = inline(text);
  const parsed = URL.parse(url);
  if (!parsed || !["https:", "http:"].includes(parsed.protocol) || parsed.username !== "") return shown;
  const href = parsed.href.replace(/[<>\\`|\s]/g, encodeURIComponent).replaceAll("&", "&amp;");
  return `[${shown}](<${href}>)`;
}

const oneLine = (text: string): string => visible(text).replace(/\s+/g, " ").trim();

/** Without what shows nothing or turns text around: control, bidirectional and zero-width characters. */
const visible = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\P{Cc}\t\n\r]|[\u200B\u2060\uFEFF\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/gu, "");

const longestRun = (text: string): number =>
  Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
