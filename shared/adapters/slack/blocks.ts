import type { Reply, View, ViewLine } from "../../ports/chat.ts";
import { format, link, type Mrkdwn, mention, mrkdwn, type PlainText, plain } from "./mrkdwn.ts";

/** Block Kit's limits (https://docs.slack.dev/reference/block-kit), and ours below the undocumented one on the whole. */
const limits = { header: 150, section: 3000, sections: 6500, lines: 40, label: 75, context: 1900, text: 500 };

type Block = Record<string, unknown>;
/** The arguments of chat.postMessage and chat.update. Notifications and screen readers show `text`. */
export type Content = { text: Mrkdwn; blocks: Block[]; parse: "none" };

/** The incident's message. Text that is too long is cut, never refused. */
export const viewContent = (view: View): Content => ({
  text: fallback(view.headline, view.lines[0]),
  parse: "none",
  blocks: [
    { type: "header", text: plainText(view.headline.trim() || "Incident", limits.header) },
    ...mentions(view.mentions),
    ...sections(view.lines),
    ...links(view.links),
    ...(view.buttons === undefined ? [] : [...choices(view.buttons), actions(view.buttons)]),
    ...(view.stop === undefined ? [] : [stopAction(view.stop)]),
    ...(view.retry === undefined ? [] : [retryAction(view.retry)]),
  ],
});

/** A reply in the message's thread. */
export const replyContent = ({ lines, mentions: ids }: Pick<Reply, "lines" | "mentions">): Content => {
  const blocks = [...mentions(ids), ...sections(lines)];
  const [first, ...rest] = lines;
  return {
    text: fallback(first === undefined ? "" : [first.label, first.text].filter(Boolean).join(": "), rest[0]),
    parse: "none",
    blocks: blocks.length === 0 ? [section(format`–`)] : blocks,
  };
};

/** The modal that asks why. Its answer comes back with callback id `reject`, and `state` as private metadata. */
export const reasonModal = (state: string, title: string): Block => ({
  type: "modal",
  callback_id: "reject",
  private_metadata: state,
  title: plainText(title.trim() || "Reject", 24),
  submit: plainText("Reject", 24),
  close: plainText("Cancel", 24),
  blocks: [
    {
      type: "input",
      block_id: "reason",
      label: plainText("Why should this not be merged?", 2000),
      element: { type: "plain_text_input", action_id: "reason", multiline: true, max_length: maxReason },
    },
  ],
});
const maxReason = 1000;

const fallback = (headline: string, line: ViewLine | undefined): Mrkdwn => {
  const parts = [headline, line?.text ?? ""].filter((part) => part.trim() !== "");
  return mrkdwn(parts.join(" – "), limits.text) || format`Incident`;
};

const plainText = (text: string, limit: number): { type: "plain_text"; text: PlainText } => ({
  type: "plain_text",
  text: plain(text, limit) || plain("–", limit),
});
const section = (text: Mrkdwn): Block => ({
  type: "section",
  text: { type: "mrkdwn", text, verbatim: true },
});

/** Mentions of these users and groups; nothing else in a message mentions anybody. */
const mentions = (ids: string[] = []): Block[] =>
  ids.length === 0 ? [] : [section(ids.map(mention).reduce((all, one) => format`${all} ${one}`))];

const sections = (lines: ViewLine[]): Block[] => {
  const blocks: Block[] = [];
  let left = limits.sections;
  for (const line of lines) {
    if (left < 100 || blocks.length === limits.lines) return [...blocks, section(format`…`)];
    const text = paragraph(line, Math.min(left, limits.section));
    if (text === "") continue;
    blocks.push(section(text));
    left -= text.length;
  }
  return blocks;
};

const paragraph = ({ label = "", text }: ViewLine, limit: number): Mrkdwn => {
  const name = mrkdwn(label, limits.label);
  if (name === "") return mrkdwn(text, limit);
  const head = format`*${name}*`;
  const rest = mrkdwn(text, limit - head.length - 2);
  return rest === "" ? head : format`${head}  ${rest}`;
};

/** As many links as fit, in one line of small print. */
const links = (all: View["links"]): Block[] => {
  let text = format``;
  for (const { text: shown, url } of all) {
    const next = text === "" ? link(shown, url) : format`${text}  ·  ${link(shown, url)}`;
    if (next.length <= limits.context) text = next;
  }
  return text === "" ? [] : [{ type: "context", elements: [{ type: "mrkdwn", text, verbatim: true }] }];
};

/** One button for each remedy that may be chosen instead. Nothing is merged by it. */
const choices = ({ others, ...question }: NonNullable<View["buttons"]>): Block[] =>
  others.length === 0
    ? []
    : [
        {
          type: "actions",
          block_id: "choice",
          elements: others.slice(0, maxChoices).map(({ choice, text }) => ({
            type: "button",
            action_id: `choose:${choice}`,
            value: JSON.stringify({ ...question, choice }),
            text: plainText(`Instead: ${text}`, 75),
          })),
        },
      ];
const maxChoices = 5;

/** Until the merge any approver may still say no. */
const stopAction = (question: NonNullable<View["stop"]>): Block => ({
  type: "actions",
  block_id: "stop",
  elements: [
    {
      ...{ type: "button", action_id: "reject", value: JSON.stringify(question), style: "danger" },
      text: plainText("Reject", 75),
    },
  ],
});

/** Trying again merges nothing that was not approved. */
const retryAction = ({ text = "Retry", ...question }: NonNullable<View["retry"]>): Block => ({
  type: "actions",
  block_id: "retry",
  elements: [
    { type: "button", action_id: "retry", value: JSON.stringify(question), text: plainText(text, 75) },
  ],
});

/** Approving merges to production, so a second tap confirms it. */
const actions = (buttons: NonNullable<View["buttons"]>): Block => {
  const { others: _, ...question } = buttons;
  const { incident, head } = question;
  const value = JSON.stringify(question);
  const button = { type: "button", value };
  const confirm = {
    title: plainText("Merge the pull request?", 100),
    text: plainText(`${incident}: exactly ${head.slice(0, 12)} is merged as soon as you approve.`, 300),
    confirm: plainText("Approve", 30),
    deny: plainText("Back", 30),
  };
  return {
    type: "actions",
    block_id: "decision",
    elements: [
      { ...button, action_id: "approve", style: "primary", text: plainText("Approve", 75), confirm },
      { ...button, action_id: "reject", style: "danger", text: plainText("Reject", 75) },
    ],
  };
};
