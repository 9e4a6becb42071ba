import type { Markdown } from "../brands.ts";
import type { Block } from "../incident/chain/block.ts";
import { canonical } from "../incident/chain/canonical.ts";
import { sha256 } from "../incident/chain/link.ts";
import { linkOf } from "../incident/chain/record.ts";
import { clip, short } from "./format.ts";
import { code, inline, markdown } from "./markdown.ts";

/** Below GitHub's 65,536 characters, with room for a marker. */
const max = 65_000;

/** The text with a line that people read, and the block that `audit verify` reads. The block has the digest of the text. */
export const withRecord = (text: Markdown, block: Block | undefined): string => {
  if (block === undefined) return clip(text, max);
  const line = lineOf(block);
  const room = max - line.length - hidden({ ...block, text: "0".repeat(64) }).length - 10;
  const shown = `${clip(text, room)}\n\n${line}`;
  return `${shown}\n\n${hidden({ ...block, text: textDigest(shown, block) })}`;
};

const lineOf = ({ incident, head, pull }: Block): Markdown => {
  const fact = markdown`Record of ${inline(incident)}: fact ${head.n}, ${code(head.hash)}`;
  if (pull === undefined) return markdown`<sub>${fact}</sub>`;
  const [commit, base] = [code(short(pull.head)), code(short(pull.baseSha))];
  return markdown`<sub>${fact}; this pull request has head ${commit} on ${inline(pull.base)} ${base}, diff ${code(pull.diff)}</sub>`;
};

/** The block neither ends the comment nor mentions or refers to anything. These characters stand only in strings of JSON. */
const hidden = (block: Block & { text: string }): string => {
  const json = JSON.stringify(block)
    .replaceAll("--", "-\\u002d")
    .replace(/[<>@#]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
  return `<!-- countersteer-record ${json} -->`;
};

/** The digest of the text that people read and of the block. GitHub may change line ends and the space around a text. */
const textDigest = (text: string, block: Block): string =>
  sha256(canonical({ ...block, text: text.replace(/\r\n?/g, "\n").trim() }));

/** Whether a text without a record must have had one. `known`: an earlier text has one; before that an older version may have written it. */
export const isBereft = (text: string, known: boolean): boolean =>
  /countersteer-record|<sub>Record of /.test(text) || (known && /<!-- countersteer:/.test(text));

export type Read = { block: Block } | { fault: string } | undefined;

/** The block of a text; undefined for a text without one. `fault`: it is not as it was written. */
export const readRecord = (text: string): Read => {
  const parts = text.split(/<!-- countersteer-record (.*?) -->/s);
  if (parts.length === 1) return undefined;
  const [shown = "", json = "", rest = ""] = parts;
  if (parts.length > 3) return { fault: "it has more than one record" };
  if (!/^\s*(<!-- countersteer:[^<>]* -->)?\s*$/.test(rest))
    return { fault: "text was added after its record" };
  const read = parsed(json);
  if (read === undefined) return { fault: "its record cannot be read" };
  return read.text === textDigest(shown, read)
    ? { block: read }
    : { fault: "its text or its record was changed after it was written" };
};

const parsed = (json: string): (Block & { text: string }) | undefined => {
  try {
    const read: unknown = JSON.parse(json);
    return isBlock(read) ? read : undefined;
  } catch {
    return undefined;
  }
};

const isBlock = (read: unknown): read is Block & { text: string } => {
  if (!isMembers(read)) return false;
  const { incident, round, from, facts, head, text, pull } = read;
  const isHeaded = typeof incident === "string" && typeof round === "number" && typeof text === "string";
  if (!isHeaded || !isHead(from) || !isHead(head) || !Array.isArray(facts)) return false;
  return facts.every(isTold) && (pull === undefined || isMembers(pull));
};

const isTold = (told: unknown): boolean => {
  if (!isMembers(told)) return false;
  if (isMembers(told.fact)) return linkOf(told.fact) !== undefined && typeof told.fact.type === "string";
  return isHead(told) && typeof told.digest === "string" && typeof told.type === "string";
};

const isHead = (head: unknown): boolean =>
  isMembers(head) && Number.isSafeInteger(head.n) && typeof head.hash === "string";

const isMembers = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
