import { html } from "hono/html";
import type { Html } from "../layout.ts";
import { mrkdwn, plainText } from "./mrkdwn.ts";
import type { Json, Message, Person, Slack } from "./state.ts";

type Text = { type: string; text: string };
type Confirm = { title: Text; text: Text; confirm: Text; deny: Text; style?: string };
type Button = {
  type: string;
  action_id?: string;
  text: Text;
  style?: string;
  url?: string;
  confirm?: Confirm;
};
type Overflow = { type: "overflow"; options: { text: Text; url?: string }[] };
const textHtml = (slack: Slack, { type, text }: Text): Html =>
  type === "mrkdwn" ? mrkdwn(text, slack) : plainText(text);

const clock = (ts: string): Html => {
  const date = new Date(Number(ts) * 1000);
  return html`<time datetime="${date.toISOString()}">${date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC", timeZoneName: "short" })}</time>`;
};

export const avatar = (name: string, bot = false): Html =>
  html`<span class="avatar ${bot ? "bot" : `hue${name.charCodeAt(0) % 5}`}" aria-hidden="true">${bot ? "↺" : name[0]}</span>`;

const elementHtml = (
  message: Message,
  me: Person,
  block: Json,
  element: Button | Overflow,
): Html | string => {
  if ("options" in element) return menuHtml(element);
  return element.type === "button" ? buttonHtml(message, me, block, element) : "";
};

/** The pages of an overflow menu. */
const menuHtml = ({ options }: Overflow): Html =>
  html`<details class="menu"><summary class="button" aria-label="More">⋯</summary><ul>${options.map(
    ({ text, url = "" }) =>
      html`<li><a href="${url}" rel="noopener noreferrer">${plainText(text.text)}</a></li>`,
  )}</ul></details>`;

const buttonHtml = (message: Message, me: Person, block: Json, button: Button): Html => {
  if (button.url)
    return html`<a class="button" href="${button.url}" rel="noopener noreferrer">${plainText(button.text.text)}</a>`;
  const press = (text: string, style: string): Html =>
    html`<form method="post" action="/slack/click" data-quiet>
<input type="hidden" name="channel" value="${message.channel}"><input type="hidden" name="ts" value="${message.ts}">
<input type="hidden" name="block_id" value="${block.block_id}"><input type="hidden" name="action_id" value="${button.action_id}">
<input type="hidden" name="user" value="${me.id}">
<button class="button ${style}" type="submit">${plainText(text)}</button></form>`;
  const { confirm, style = "" } = button;
  if (confirm === undefined) return press(button.text.text, style);
  const id = `c${message.ts}${block.block_id}${button.action_id}`.replace(/[^\w-]/g, "-");
  return html`<button class="button ${style}" type="button" popovertarget="${id}">${plainText(button.text.text)}</button>
<div class="confirm" id="${id}" popover role="dialog" aria-labelledby="${id}-title"><h2 id="${id}-title">${plainText(confirm.title.text)}</h2><p>${plainText(confirm.text.text)}</p>
<div class="actions"><button class="button" type="button" popovertarget="${id}" popovertargetaction="hide">${plainText(confirm.deny.text)}</button>${press(confirm.confirm.text, confirm.style ?? "primary")}</div></div>`;
};

const imageHtml = ({ slack_file: file, alt_text: alt }: Json): Html =>
  html`<img class="picture" src="/slack/files/${encodeURIComponent(String(Object(file).id))}" alt="${alt}" width="380" height="150">`;

const blockHtml = (slack: Slack, message: Message, me: Person, block: Json): Html | string => {
  const { text, fields, elements, accessory } = block as {
    text?: Text;
    fields?: Text[];
    elements?: unknown[];
    accessory?: Button;
  };
  if (block.type === "divider") return html`<hr>`;
  if (block.type === "image") return imageHtml(block);
  if (block.type === "header") return html`<h2 class="message-title">${plainText(text!.text)}</h2>`;
  if (block.type === "context")
    return html`<p class="context">${(elements as Text[]).map((one) => html`<span>${one.text ? textHtml(slack, one) : ""}</span>`)}</p>`;
  if (block.type === "actions")
    return html`<div class="actions">${(elements as (Button | Overflow)[]).map((one) => elementHtml(message, me, block, one))}</div>`;
  if (block.type !== "section") return "";
  return html`<div class="section"><div>${text ? html`<p>${textHtml(slack, text)}</p>` : ""}
${fields ? html`<div class="fields">${fields.map((field) => html`<p>${textHtml(slack, field)}</p>`)}</div>` : ""}</div>
${accessory ? elementHtml(message, me, block, accessory) : ""}</div>`;
};

/** A message with its thread, as one person sees it. */
export const messageHtml = (slack: Slack, message: Message, me: Person): Html => {
  const { channel, ts, user } = message;
  const bot = user === slack.bot.user;
  const name = bot ? slack.bot.name : (slack.people.find(({ id }) => id === user)?.realName ?? user);
  const thread = slack.messages.filter(
    (one) => one.channel === channel && one.threadTs === ts && (one.onlyFor ?? me.id) === me.id,
  );
  const body = message.blocks?.length
    ? message.blocks.map((block) => blockHtml(slack, message, me, block))
    : html`<p>${mrkdwn(message.text, slack)}</p>`;
  return html`<li class="message ${message.onlyFor ? "ephemeral" : ""}" id="m${ts}">
${avatar(name, bot)}
<div class="content">
${message.onlyFor ? html`<p class="only">Only visible to you</p>` : ""}
<p class="who"><strong>${name}</strong>${bot ? html` <span class="tag">App</span>` : ""} ${clock(ts)}${message.editedTs ? html` <span class="dim">(edited)</span>` : ""}</p>
<div class="body">${body}</div>
${thread.length > 0 ? html`<details class="thread" id="t${ts}"><summary>${thread.length} ${thread.length === 1 ? "reply" : "replies"}</summary><ol>${thread.map((one) => messageHtml(slack, one, me))}</ol></details>` : ""}
</div></li>`;
};
