import type { EpochMs } from "../../brands.ts";
import type { Button, Reply, Span, View, ViewLine } from "../../ports/chat.ts";
import { instantsIn } from "../../text/instants.ts";
import { format, link, type Mrkdwn, mention, mrkdwn, type PlainText, plain, timeOf } from "./mrkdwn.ts";

/** Block Kit's limits (https://docs.slack.dev/reference/block-kit), and ours below the undocumented one on the whole. */
const limits = {
  header: 150,
  section: 3000,
  sections: 6500,
  lines: 40,
  label: 75,
  context: 1900,
  text: 500,
  lead: 1500,
  alt: 1000,
};

type Block = Record<string, unknown>;
/** The arguments of chat.postMessage and chat.update. Notifications and screen readers show `text`. */
export type Content = { text: Mrkdwn; blocks: Block[]; parse: "none" };

/** The incident's message. Text that is too long is cut, never refused. */
export const viewContent = (view: View): Content => ({
  text: fallback(view.headline, view.lines[0]),
  parse: "none",
  blocks: [
    ...top(view),
    ...pictureOf(view),
    ...sections(view.lines, view.near),
    ...(view.lead === undefined || view.buttons === undefined ? links(view.links) : []),
    ...(view.buttons === undefined
      ? []
      : [actions(view.buttons, view.lead ? menuOf(view.links) : []), ...choices(view.buttons)]),
    ...(view.stop === undefined ? [] : [stopAction(view.stop)]),
    ...(view.retry === undefined ? [] : [retryAction(view.retry)]),
    ...(view.reland === undefined ? [] : [relandAction(view.reland)]),
  ],
});

const top = ({ headline, lead, mentions: ids = [] }: View): Block[] => {
  const first = spanned(lead ?? [], limits.lead);
  if (first.trim() === "")
    return [
      { type: "header", text: plainText(headline.trim() || "Incident", limits.header) },
      ...mentions(ids),
    ];
  const asked = ids.map(mention).reduce((all, one) => format`${all} ${one}`, first);
  return [section(asked)];
};

const pictureOf = ({ picture }: View): Block[] =>
  picture === undefined
    ? []
    : [
        {
          ...{ type: "image", slack_file: { id: picture.file } },
          alt_text: plain(picture.alt, limits.alt) || plain("a chart", limits.alt),
        },
      ];

/** A reply in the message's thread. */
export const replyContent = ({ lines, mentions: ids, near }: Omit<Reply, "marker">): Content => {
  const blocks = [...mentions(ids), ...sections(lines, near)];
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

const sections = (lines: ViewLine[], near: EpochMs | undefined): Block[] => {
  const blocks: Block[] = [];
  let left = limits.sections;
  for (const line of lines) {
    if (left < 100 || blocks.length === limits.lines) return [...blocks, section(format`…`)];
    const text = paragraph(inZones(line, near), Math.min(left, limits.section));
    if (text === "") continue;
    blocks.push(line.small ? context(text) : section(text));
    left -= text.length;
  }
  return blocks;
};

/** The line with its times of day as instants, each of which Slack shows in the reader's own zone. */
const inZones = (line: ViewLine, near: EpochMs | undefined): ViewLine => {
  if (near === undefined) return line;
  const spans = (line.spans ?? [line.text]).flatMap((one): Span[] =>
    typeof one === "string" && one !== "\n" ? instantsIn(one, near) : [one],
  );
  return spans.length === 1 && typeof spans[0] === "string" ? line : { ...line, spans };
};

const paragraph = ({ label = "", text, spans }: ViewLine, limit: number): Mrkdwn => {
  const shown = (most: number) => (spans === undefined ? mrkdwn(text, most) : spanned(spans, most));
  const name = mrkdwn(label, limits.label);
  if (name === "") return shown(limit);
  const head = format`*${name}*`;
  const rest = shown(limit - head.length - 2);
  return rest === "" ? head : format`${head}  ${rest}`;
};

/** As many spans as fit. Each one is encoded by itself, and the space around it stays. */
const spanned = (spans: Span[], limit: number): Mrkdwn => {
  let text = format``;
  for (const span of spans) {
    const next = encoded(span, limit - text.length);
    if (text.length + next.length > limit) return text;
    text = format`${text}${next}`;
  }
  return text;
};

const encoded = (span: Span, limit: number): Mrkdwn => {
  if (typeof span === "string") return spaced(span, limit);
  if ("at" in span) return timeOf(span.at, span.seconds);
  if ("text" in span) return link(span.text, span.url);
  const inner = spanned(span.strong, limit - 2);
  return inner === "" ? inner : format`*${inner}*`;
};

/** Encoding trims, so the space around the text is put back. */
const spaced = (text: string, limit: number): Mrkdwn => {
  if (text === "\n") return format`\n`;
  if (limit < 3) return format``;
  const inner = mrkdwn(text, limit - 2);
  if (inner === "") return format` `;
  const before = /^\s/.test(text) ? format` ` : format``;
  return /\s$/.test(text) ? format`${before}${inner} ` : format`${before}${inner}`;
};

const context = (text: Mrkdwn): Block => ({
  type: "context",
  elements: [{ type: "mrkdwn", text, verbatim: true }],
});

/** As many links as fit, in one line of small print. */
const links = (all: View["links"]): Block[] => {
  let text = format``;
  for (const { text: shown, url } of all) {
    const next = text === "" ? link(shown, url) : format`${text}  ·  ${link(shown, url)}`;
    if (next.length <= limits.context) text = next;
  }
  return text === "" ? [] : [context(text)];
};

/** One button for each remedy that may be chosen instead. Nothing is merged by it. */
const choices = ({ others, ...buttons }: NonNullable<View["buttons"]>): Block[] =>
  others.length === 0
    ? []
    : [
        {
          type: "actions",
          block_id: "choice",
          elements: others.slice(0, maxChoices).map(({ choice, ...one }) => ({
            ...{ action_id: `choose:${choice}`, value: JSON.stringify({ ...questionOf(buttons), choice }) },
            ...buttonOf(one),
          })),
        },
      ];
const maxChoices = 5;

/** Slack's limits on the dialog that confirms a press. */
const dialog = { title: 100, text: 300, button: 30 };

/** A number and its unit stay on one line of a narrow button. */
const unbroken = (text: string): string => text.replace(/(?<=\d) (?=%|min\b)/g, "\u00a0");

const buttonOf = ({ text, confirm }: Button): Block => ({
  ...{ type: "button", text: plainText(unbroken(text), limits.label) },
  ...(confirm && {
    confirm: {
      title: plainText(confirm.title, dialog.title),
      text: plainText(confirm.text, dialog.text),
      confirm: plainText(confirm.yes, dialog.button),
      deny: plainText("Back", dialog.button),
      ...(confirm.isDanger && { style: "danger" }),
    },
  }),
});

/** Any approver may still say no until the merge. */
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

/** The draft merges nothing, and its author decides about it. */
const relandAction = (asked: NonNullable<View["reland"]>): Block => ({
  type: "actions",
  block_id: "reland",
  elements: [
    {
      ...{ type: "button", action_id: "reland", value: JSON.stringify(asked) },
      text: plainText("Draft the re-land", 75),
    },
  ],
});

/** Approving merges to production, so a second tap confirms it. */
const actions = (buttons: NonNullable<View["buttons"]>, menu: Block[]): Block => {
  const { approve, reject, ruleOut, snooze, look } = buttons;
  const question = questionOf(buttons);
  const value = JSON.stringify(question);
  const plainly = (action_id: string, button: Button | undefined): Block[] =>
    button === undefined ? [] : [{ ...buttonOf(button), value, action_id }];
  return {
    type: "actions",
    block_id: "decision",
    elements: [
      { ...buttonOf(approve ?? approveOf(question)), value, action_id: "approve", style: "primary" },
      ...plainly("rule-out", ruleOut),
      { ...buttonOf(reject ?? { text: "Reject" }), value, action_id: "reject", style: "danger" },
      ...plainly("snooze", snooze),
      ...plainly("look", look),
      ...menu,
    ],
  };
};

/** The question that each button names. */
const questionOf = ({ incident, round, head, nonce }: Omit<NonNullable<View["buttons"]>, "others">) => ({
  ...{ incident, round, head },
  ...(nonce !== undefined && { nonce }),
});

const approveOf = ({ incident, head }: { incident: string; head: string }): Button => ({
  text: "Approve",
  confirm: {
    title: "Merge the pull request?",
    text: `${incident}: exactly ${head.slice(0, 12)} is merged as soon as you approve.`,
    yes: "Approve",
  },
});

/** The pages behind the question, in a menu. */
const menuOf = (pages: View["links"]): Block[] => {
  const options = pages
    .filter(({ url }) => /^https?:\/\//.test(url) && URL.canParse(url) && url.length <= limits.section)
    .slice(0, maxChoices)
    .map(({ text, url }, index) => ({ text: plainText(text, limits.label), value: String(index), url }));
  return options.length === 0 ? [] : [{ type: "overflow", action_id: "more", options }];
};
