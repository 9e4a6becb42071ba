import { raw } from "hono/html";
import type { Html } from "./layout.ts";

/**
 * The part of GitHub's Markdown that pull requests use, as HTML. Everything else is text: the only
 * tags that pass are `details`, `summary`, `sub` and `br`, without attributes, and the only links http, https and mailto.
 */
export const markdown = (text: string): Html =>
  raw(
    blocks(
      text
        .replace(/<!--[\s\S]*?-->/g, "")
        .replace(/\r\n?/g, "\n")
        .split("\n"),
      0,
    ),
  );

type Block = { used: number; html: string };
type Rule = { start: RegExp; render(lines: string[], depth: number): Block };

const item = /^( *)(?:[-*+]|\d{1,9}[.)]) +(.*)$/;
/** The nesting depth of quotes and lists; deeper ones become paragraphs. */
const maxDepth = 12;
const one = (html: string): Block => ({ used: 1, html });

const blocks = (lines: string[], depth: number): string => {
  let out = "";
  for (let at = 0; at < lines.length; ) {
    const { used, html } = block(lines.slice(at, at + 5000), depth);
    out += html;
    at += used;
  }
  return out;
};

const block = (lines: string[], depth: number): Block => {
  const [first = ""] = lines;
  if (first.trim() === "") return one("");
  const rule = depth < maxDepth && rules.find(({ start }) => start.test(first));
  if (rule) return rule.render(lines, depth + 1);
  const end = lines.findIndex(
    (line, index) => index > 0 && (line.trim() === "" || rules.some(({ start }) => start.test(line))),
  );
  const text = lines.slice(0, end < 0 ? undefined : end);
  return { used: text.length, html: `<p>${inline(text.join("\n"))}</p>` };
};

const fence = (lines: string[]): Block => {
  const mark = /`{3,}|~{3,}/.exec(lines[0]!)![0];
  const end = lines.findIndex((line, index) => index > 0 && line.trim().startsWith(mark));
  const code = lines.slice(1, end < 0 ? undefined : end).join("\n");
  return { used: end < 0 ? lines.length : end + 1, html: `<pre><code>${escapeHtml(code)}</code></pre>` };
};

const heading = (line: string): string => {
  const [, marks = "#", text = ""] = /^(#+) +(.*?) *#*$/.exec(line) ?? [];
  return `<h${marks.length}>${inline(text)}</h${marks.length}>`;
};

const quote = (lines: string[], depth: number): Block => {
  const end = lines.findIndex((line) => !/^ {0,3}>/.test(line));
  const inner = lines.slice(0, end < 0 ? undefined : end);
  const html = blocks(
    inner.map((line) => line.replace(/^ {0,3}> ?/, "")),
    depth,
  );
  return { used: inner.length, html: `<blockquote>${html}</blockquote>` };
};

const list = (lines: string[], depth: number): Block => {
  const [, indent = ""] = item.exec(lines[0]!)!;
  const ordered = /^ *\d/.test(lines[0]!);
  const items: string[][] = [];
  let used = 0;
  for (const line of lines) {
    const found = item.exec(line);
    const deeper = line.startsWith(`${indent}  `);
    if (line.trim() === "" ? !lines[used + 1]?.startsWith(`${indent}  `) : !found && !deeper) break;
    if (found && found[1]!.length <= indent.length) items.push([found[2]!]);
    if (!found || found[1]!.length > indent.length) items.at(-1)?.push(line.slice(indent.length + 2));
    used += 1;
  }
  const tag = ordered ? "ol" : "ul";
  const html = items.map(([first = "", ...rest]) => `<li>${inline(task(first))}${blocks(rest, depth)}</li>`);
  return { used: Math.max(used, 1), html: `<${tag}>${html.join("")}</${tag}>` };
};

const task = (text: string): string => text.replace(/^\[ \] /, "☐ ").replace(/^\[x\] /i, "☑ ");

const foldable = (line: string): string =>
  line
    .split(/(<\/?(?:details|summary)(?: open)?>)/i)
    .map((part) => (/^<\/?(details|summary)( open)?>$/i.test(part) ? part.toLowerCase() : inline(part)))
    .join("");

const cells = (row: string): string[] =>
  row
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => inline(cell.trim().replaceAll("\\|", "|")));

const table = (lines: string[]): Block => {
  const end = lines.findIndex((line) => !/^ *\|.*\|/.test(line));
  const rows = lines.slice(0, end < 0 ? undefined : end);
  if (!/^[\s|:-]+$/.test(rows[1] ?? "")) return one(`<p>${inline(lines[0]!)}</p>`);
  const row = (line: string, tag: string) =>
    `<tr>${cells(line)
      .map((cell) => `<${tag}>${cell}</${tag}>`)
      .join("")}</tr>`;
  const [head = "", , ...body] = rows;
  const html = `<table><thead>${row(head, "th")}</thead><tbody>${body.map((line) => row(line, "td")).join("")}</tbody></table>`;
  return { used: rows.length, html };
};

const rules: Rule[] = [
  { start: /^ {0,3}(`{3,}|~{3,})/, render: fence },
  { start: /^ {0,3}#{1,6} /, render: ([line = ""]) => one(heading(line.trim())) },
  { start: /^ {0,3}([-*_])( *\1){2,} *$/, render: () => one("<hr>") },
  { start: /^ {0,3}>/, render: quote },
  { start: item, render: list },
  { start: /^ *<\/?(details|summary)( open)?>/i, render: ([line = ""]) => one(foldable(line.trim())) },
  { start: /^ *\|.*\|/, render: table },
];

const spans = new RegExp(
  [
    /\\(?<escaped>[!-/:-@[-`{-~])/,
    /(?<ticks>`+)(?<code>[^`](?:[\s\S]{0,2000}?[^`])??)\k<ticks>(?!`)/,
    /(?<picture>!?)\[(?<label>(?:\\.|[^\][\\]){1,500})\]\((?:<(?<angled>[^\s<>]{1,2000})>|(?<to>[^\s()<>]{1,2000}))\)/,
    /<(?<auto>(?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/,
    /(?<bare>https?:\/\/[^\s<>()[\]`"'*]{1,2000}[^\s<>()[\]`"'*.,:;!?])/,
    /\*\*(?<strong>(?!\s)(?:\\.|[^\n*]){1,1000})\*\*/,
    /(?<![*\w])[*](?<em>(?!\s)(?:\\.|[^\n*]){1,1000})[*](?!\w)/,
    /(?<!\w)_(?<under>(?!\s)(?:\\.|[^\n_]){1,1000})_(?!\w)/,
    /~~(?<gone>(?!\s)(?:\\.|[^\n~]){1,1000})~~/,
    /<sub>(?<low>(?:(?!<\/sub>)[^\n]){1,1000})<\/sub>/,
    /(?<br><br ?\/?>|\\\n| {2,}\n|\n)/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

export const inline = (text: string): string => {
  let out = "";
  let at = 0;
  for (const found of text.matchAll(spans)) {
    out += plain(text.slice(at, found.index)) + span(found.groups!, found[0]);
    at = found.index + found[0].length;
  }
  return out + plain(text.slice(at));
};

const span = (groups: Record<string, string | undefined>, all: string): string => {
  const {
    escaped,
    code,
    picture,
    label,
    angled,
    to = angled,
    auto,
    bare,
    strong,
    em,
    under,
    low,
    gone,
  } = groups;
  if (escaped) return escapeHtml(escaped);
  if (code) return `<code>${escapeHtml(code.replace(/^ (.*[^ ].*) $/s, "$1"))}</code>`;
  if (picture && label && to) return image(to, label) ?? link(to, inline(label)) ?? plain(all);
  if (label && to) return link(to, inline(label)) ?? plain(all);
  const url = auto ?? bare;
  if (url) return link(url, escapeHtml(url)) ?? plain(all);
  if (strong) return `<strong>${inline(strong)}</strong>`;
  if (em ?? under) return `<em>${inline((em ?? under)!)}</em>`;
  if (low) return `<sub>${inline(low)}</sub>`;
  return gone ? `<del>${inline(gone)}</del>` : "<br>";
};

/** Pictures out of repositories here; others would be fetched from elsewhere. */
const image = (to: string, alt: string): string | undefined => {
  const path = URL.parse(decode(to))?.pathname ?? "";
  if (!/^\/github\/[\w.-]+\/[\w.-]+\/raw\/[0-9a-f]{40}\/[\w-]+\.png$/.test(path)) return undefined;
  return `<img class="picture" src="${path}" alt="${plain(alt)}">`;
};

const link = (to: string, label: string): string | undefined => {
  const url = decode(to);
  const safe = URL.canParse(url) && /^(https?|mailto):$/.test(new URL(url).protocol);
  return safe ? `<a href="${escapeHtml(url)}" rel="noopener noreferrer nofollow">${label}</a>` : undefined;
};

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };
const decode = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]+));/g, (all, decimal, hex, name) => {
    if (name) return entities[name] ?? all;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
const plain = (text: string): string => escapeHtml(decode(text));
