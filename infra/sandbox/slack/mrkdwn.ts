import { raw } from "hono/html";
import type { Html } from "../layout.ts";
import type { Slack } from "./state.ts";

type Names = Pick<Slack, "people" | "groups" | "channels" | "bot">;

/** Slack's mrkdwn as HTML. `&`, `<` and `>` come as entities; everything else is escaped here. */
export const mrkdwn = (text: string, names: Names): Html =>
  raw(
    text
      .split(/(```[\s\S]+?```)/)
      .map((part) =>
        /^```[\s\S]+```$/.test(part)
          ? `<pre>${plain(part.slice(3, -3).replace(/^\n/, ""))}</pre>`
          : lines(part, names),
      )
      .join(""),
  );

export const plainText = (text: string): Html => raw(escapeHtml(emoji(text)).replaceAll("\n", "<br>"));

const lines = (text: string, names: Names): string => {
  const groups: { quoted: boolean; lines: string[] }[] = [];
  for (const line of text.split("\n")) {
    const quoted = /^(&gt;|>)/.test(line);
    const shown = quoted ? line.replace(/^(&gt;|>) ?/, "") : line;
    if (groups.at(-1)?.quoted === quoted) groups.at(-1)!.lines.push(shown);
    else groups.push({ quoted, lines: [shown] });
  }
  return groups
    .map(({ quoted, lines }) => {
      const html = lines.map((line) => inline(line, names)).join("<br>");
      return quoted ? `<blockquote>${html}</blockquote>` : html;
    })
    .join("");
};

const spans =
  /`(?<code>[^`\n]{1,3000})`|<(?<control>[^<>\n]{1,3000})>|(?<![\w*])\*(?<strong>(?!\s)[^*\n]{1,3000})\*(?![\w*])|(?<!\w)_(?<em>(?!\s)[^_\n]{1,3000})_(?!\w)|(?<!\w)~(?<gone>(?!\s)[^~\n]{1,3000})~(?!\w)/g;

const inline = (text: string, names: Names): string => {
  let out = "";
  let at = 0;
  for (const found of text.matchAll(spans)) {
    const { code, control, strong, em, gone } = found.groups!;
    out += plain(text.slice(at, found.index));
    if (code) out += `<code>${plain(code)}</code>`;
    if (control) out += reference(control, names);
    if (strong) out += `<strong>${inline(strong, names)}</strong>`;
    if (em) out += `<em>${inline(em, names)}</em>`;
    if (gone) out += `<del>${inline(gone, names)}</del>`;
    at = found.index + found[0].length;
  }
  return out + plain(text.slice(at));
};

/** The text between `<` and `>`: a link, or a mention of a person, a group, a channel or everyone. */
const reference = (control: string, names: Names): string => {
  const [to = "", label] = control.split("|");
  const id = to.replace(/^(@|#|!subteam\^)/, "");
  const known = (name: string | undefined) => `<span class="mention">${plain(name ?? label ?? id)}</span>`;
  if (to.startsWith("@")) {
    const name =
      id === names.bot.user ? names.bot.name : names.people.find((person) => person.id === id)?.realName;
    return known(`@${name ?? id}`);
  }
  if (to.startsWith("#"))
    return known(`#${names.channels.find((channel) => channel.id === id)?.name ?? label ?? id}`);
  if (to.startsWith("!subteam^"))
    return known(`@${names.groups.find((group) => group.id === id)?.handle ?? label ?? id}`);
  if (to.startsWith("!date^")) return plain(label ?? to);
  if (to.startsWith("!")) return known(`@${id.slice(1)}`);
  const url = decode(to);
  const safe = URL.canParse(url) && /^(https?|mailto):$/.test(new URL(url).protocol);
  return safe
    ? `<a href="${escapeHtml(url)}" rel="noopener noreferrer">${plain(label ?? to)}</a>`
    : plain(label ?? to);
};

const emojis: Record<string, string> = {
  rotating_light: "🚨",
  warning: "⚠️",
  white_check_mark: "✅",
  x: "❌",
  eyes: "👀",
  rocket: "🚀",
  mag: "🔍",
  bell: "🔔",
  hourglass_flowing_sand: "⏳",
  rewind: "⏪",
  leftwards_arrow_with_hook: "↩️",
  fire: "🔥",
  bulb: "💡",
  lock: "🔒",
  tada: "🎉",
};
const emoji = (text: string): string => text.replace(/:([a-z_]+):/g, (all, name) => emojis[name] ?? all);
const decode = (text: string): string =>
  text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name as "amp"]!);
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
const plain = (text: string): string => escapeHtml(emoji(decode(text)));
