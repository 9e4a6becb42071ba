import { visible } from "../../text/controls.ts";
import { clock } from "../../text/format.ts";

/**
 * Encoders for Slack's two kinds of text. Both put untrusted text on one line and never fail; both cut with "…" so
 * that the result has at most `limit` UTF-16 units. https://docs.slack.dev/messaging/formatting-message-text
 */

declare const encoded: unique symbol;
/** Text for a `mrkdwn` object. Only the encoders of this file make one, so raw text does not compile in its place. */
export type Mrkdwn = string & { readonly [encoded]: "mrkdwn" };
/** Text for a `plain_text` object. */
export type PlainText = string & { readonly [encoded]: "plain" };

/** Encodes for `plain_text` objects, which Slack shows as they are. */
export const plain = (text: string, limit: number): PlainText => fit([...flat(text)], limit) as PlainText;

/** Encodes for `mrkdwn` objects with `verbatim`, and the top-level `text`: no mention, link or format can come of it. */
export const mrkdwn = (text: string, limit: number): Mrkdwn => {
  const points = [...flat(text)];
  const pieces = points.map((point, index) => encode(point, points[index - 1], points[index + 1]));
  return markup(fit(pieces, limit));
};

/** Tag of a template whose literal parts are ours and whose values are encoded already. */
export const format = (parts: TemplateStringsArray, ...values: Mrkdwn[]): Mrkdwn =>
  markup(String.raw({ raw: parts }, ...values));

const markup = (text: string): Mrkdwn => text as Mrkdwn;

/** A link, or only its text when the URL is not an http(s) one that Slack can hold. */
export const link = (text: string, url: string): Mrkdwn => {
  const shown = mrkdwn(text, maxLinkText) || format`link`;
  const target = safeUrl(url);
  return target === undefined ? shown : format`<${target}|${shown}>`;
};

/** An instant as the time of the day in the reader's own zone: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
export const timeOf = (at: number, seconds = false): Mrkdwn => {
  const fallback = mrkdwn(`${clock(at).slice(0, seconds ? 8 : 5)} UTC`, maxLinkText);
  return markup(`<!date^${Math.floor(at / 1000)}^${seconds ? "{time_secs}" : "{time}"}|${fallback}>`);
};

const maxLinkText = 150;
const maxUrl = 1500;

const safeUrl = (text: string): Mrkdwn | undefined => {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password, href } = new URL(text);
  if ((protocol !== "https:" && protocol !== "http:") || username !== "" || password !== "") return undefined;
  const escaped = href.replace(/[<>|\s]/g, encodeURIComponent).replaceAll("&", "&amp;");
  return escaped.length > maxUrl ? undefined : markup(escaped);
};

/** Line ends become spaces; other controls, and marks that turn the direction of text, are shown. */
const flat = (text: string): string =>
  visible(
    text
      .toWellFormed()
      .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, " ")
      .trim(),
  );

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
/** Slack has no escape for its format characters; these look alike and mean nothing. */
const lookalikes: Record<string, string> = { "*": "∗", _: "ˍ", "~": "∼", "`": "'" };
const wordChar = /[\p{L}\p{N}]/u;

const encode = (point: string, before: string | undefined, after: string | undefined): string => {
  // A ">" at the start of a line would quote it.
  if (point === ">" && before === undefined) return "›";
  const entity = entities[point];
  if (entity !== undefined) return entity;
  const harmless = lookalikes[point];
  if (harmless === undefined) return point;
  // Inside a word (`payment_gateway`) Slack formats nothing, and names stay fit for copying.
  return point !== "`" && wordChar.test(before ?? "") && wordChar.test(after ?? "") ? point : harmless;
};

const fit = (pieces: string[], limit: number): string => {
  const whole = pieces.join("");
  if (whole.length <= limit) return whole;
  let cut = "";
  for (const piece of pieces) {
    if (cut.length + piece.length > limit - 1) break;
    cut += piece;
  }
  // A format character that stood inside a word must not end one now.
  return `${cut.replace(/[*_~]+$/, "")}…`;
};

/** Mentions one user (`U…`, `W…`) or one user group (`S…`). Anything else is shown as text and mentions nobody. */
export const mention = (id: string): Mrkdwn => {
  const shown = mrkdwn(id, maxLinkText);
  if (!/^[UWS][A-Z0-9]{2,}$/.test(id)) return shown;
  return id.startsWith("S") ? format`<!subteam^${shown}>` : format`<@${shown}>`;
};
