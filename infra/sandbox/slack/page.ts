import type { Context, Hono } from "hono";
import { csrf } from "hono/csrf";
import { html } from "hono/html";
import { type Html, layout } from "../layout.ts";
import { fileRoutes } from "./files.ts";
import { type Answer, click, respond, submitView } from "./interactions.ts";
import { avatar, messageHtml } from "./message.ts";
import type { Channel, Json, Person, Slack, View } from "./state.ts";
import { closeView } from "./views.ts";

const personOf = (slack: Slack, id: unknown): Person =>
  slack.people.find((person) => person.id === id) ?? slack.people[0]!;
const pagePath = (channel: string, user: string, notice = ""): string =>
  `/slack/${encodeURIComponent(channel)}?${new URLSearchParams({ user, ...(notice && { notice }) })}`;

/** Slack's message to the person when the app did not accept their click. */
const complaint = ({ status, body }: Answer): string => {
  if (status >= 200 && status < 300) return "";
  return status === 0 ? `Countersteer did not answer: ${body}` : `Countersteer answered ${status}.`;
};

const modalHtml = (slack: Slack, { id, view, errors, notice }: View, me: Person, channel: Channel): Html => {
  type Label = { text: string };
  const { title, submit, close, blocks } = view as {
    title: Label;
    submit?: Label;
    close?: Label;
    blocks: Json[];
  };
  const field = (block: Json): Html => {
    const { label, hint, element, optional } = block as {
      label: Label;
      hint?: Label;
      element: Json;
      optional?: boolean;
    };
    const name = `value:${block.block_id}`;
    const [error, need] = [errors[String(block.block_id)], optional ? "" : "required"];
    const {
      placeholder,
      initial_value = "",
      max_length = 3000,
    } = element as { placeholder?: Label; initial_value?: string; max_length?: number };
    const attributes = html`id="${name}" name="${name}" maxlength="${max_length}" placeholder="${placeholder?.text ?? ""}" ${need} aria-describedby="${name}-said"`;
    return html`<div class="field"><label for="${name}">${label.text}${optional ? html` <span class="dim">(optional)</span>` : ""}</label>
${element.multiline ? html`<textarea rows="4" ${attributes}>${initial_value}</textarea>` : html`<input value="${initial_value}" ${attributes}>`}
<p id="${name}-said" class="${error ? "error" : "dim"}">${error ?? hint?.text ?? ""}</p></div>`;
  };
  const body = blocks.map((block) =>
    block.type === "input" ? field(block) : messageHtml(slack, viewMessage(channel, block), me),
  );
  return html`<dialog open aria-labelledby="modal-title"><form method="post" action="/slack/submit" data-quiet>
<h2 id="modal-title">${title.text}</h2>
<input type="hidden" name="channel" value="${channel.id}"><input type="hidden" name="user" value="${me.id}"><input type="hidden" name="view" value="${id}">
${notice ? html`<p class="error" role="alert">${notice}</p>` : ""}${body}
<footer><button class="button" type="submit" name="close" value="1" formnovalidate>${close?.text ?? "Cancel"}</button>
${submit ? html`<button class="button primary" type="submit">${submit.text}</button>` : ""}</footer></form></dialog>`;
};
const viewMessage = (channel: Channel, block: Json) => ({
  channel: channel.id,
  ts: "0",
  user: "",
  text: "",
  blocks: [block],
});

const channelPage = (slack: Slack, channel: Channel, me: Person, notice: string): Html => {
  const seen = slack.messages.filter(
    (one) =>
      one.channel === channel.id && (!one.threadTs || one.broadcast) && (one.onlyFor ?? me.id) === me.id,
  );
  const view = slack.views.findLast(({ user }) => user === me.id);
  return layout(
    `#${channel.name} · Slack`,
    "slack",
    html`<aside>
<a class="home" href="/">Sandbox</a>
<form class="me" method="get" action="/slack/${channel.id}">${avatar(me.name)}
<label>You are <select name="user" data-choose>${slack.people.map(
      (person) =>
        html`<option value="${person.id}" ${person.id === me.id ? "selected" : ""}>${person.realName}${person.note ? ` (${person.note})` : ""}</option>`,
    )}</select></label><noscript><button class="button">Switch</button></noscript></form>
<nav aria-label="Channels">${slack.channels.map(
      (one) =>
        html`<a href="${pagePath(one.id, me.id)}" ${one === channel ? 'aria-current="page"' : ""}># ${one.name}</a>`,
    )}</nav></aside>
<main><h1># ${channel.name}</h1>
<div id="notice" data-live>${notice ? html`<p class="notice" role="alert">${notice}</p>` : ""}</div>
<ol class="messages" id="messages" data-live aria-live="polite">${
      seen.length === 0
        ? html`<li class="empty dim">Nothing here yet. Countersteer will post here.</li>`
        : seen.map((message) => messageHtml(slack, message, me))
    }</ol>
<div id="modal" data-live>${view ? modalHtml(slack, view, me, channel) : ""}</div></main>`,
  );
};

/** Slack as people see it, and the buttons they press: each becomes a signed interaction. */
export const slackPages = (app: Hono, slack: Slack): void => {
  fileRoutes(app, slack);
  channelRoutes(app, slack);
  interactionRoutes(app, slack);
};

const channelRoutes = (app: Hono, slack: Slack): void => {
  app.get("/slack", (c) =>
    c.redirect(
      pagePath(
        (
          slack.channels.find(({ id }) => slack.messages.some(({ channel }) => channel === id)) ??
          slack.channels[0]!
        ).id,
        personOf(slack, c.req.query("user")).id,
      ),
    ),
  );

  app.get("/slack/:channel", (c, next) => {
    const channel = slack.channels.find(({ id, name }) => [id, name].includes(c.req.param("channel")));
    if (!channel) return next();
    return c.html(
      channelPage(slack, channel, personOf(slack, c.req.query("user")), c.req.query("notice") ?? ""),
    );
  });

  app.get("/slack/archives/:channel/:message", (c) =>
    c.redirect(pagePath(c.req.param("channel"), personOf(slack, c.req.query("user")).id)),
  );
};

const interactionRoutes = (app: Hono, slack: Slack): void => {
  app.use("/slack/click", csrf());
  app.use("/slack/submit", csrf());
  const fields = async (c: Context): Promise<Record<string, string>> =>
    Object.fromEntries(new URLSearchParams(await c.req.text()));

  app.post("/slack/click", async (c) => {
    const { channel = "", ts = "", block_id = "", action_id = "", user = "" } = await fields(c);
    const answer = await click(slack, { channel, ts, blockId: block_id, actionId: action_id, user }).catch(
      gone,
    );
    return c.redirect(pagePath(channel, user, complaint(answer)), 303);
  });

  app.post("/slack/submit", async (c) => {
    const { channel = "", view: viewId = "", user = "", close, ...rest } = await fields(c);
    const view = slack.views.find(({ id }) => id === viewId);
    if (view && close) closeView(slack, view);
    const values = Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [key.replace(/^value:/, ""), value]),
    );
    if (view && !close) await submitView(slack, { viewId, user, values });
    return c.redirect(pagePath(channel, user), 303);
  });

  app.post("/slack/respond/:id", async (c) => {
    const known = respond(slack, c.req.param("id"), await c.req.json());
    return known ? c.text("ok") : c.text("expired_url", 404);
  });
};

const gone = (error: Error): Answer => ({ status: 0, body: error.message });
