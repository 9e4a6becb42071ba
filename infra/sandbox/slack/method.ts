import { randomBytes } from "node:crypto";
import type { Problem } from "./blocks.ts";
import type { Json, Slack } from "./state.ts";

export type Answer = Json & { ok: boolean };
/** One method of the Web API: its arguments in, what it answers out. */
export type Method = (slack: Slack, args: Json) => Answer;

export const failed = (error: string, extra: Json = {}): Answer => ({ ok: false, error, ...extra });
export const malformed = (error: string, problems: Problem[]): Answer => {
  const lines = problems.map(({ message, pointer }) => `${message} [json-pointer:${pointer}]`);
  return failed(error, {
    errors: lines,
    response_metadata: { messages: lines.map((line) => `[ERROR] ${line}`) },
  });
};
/** A text, Slack's form of one that is not there. */
export const string = (value: unknown): string => (typeof value === "string" ? value : "");

/** Blocks with the ids Slack gives to those that have none. */
export const withIds = (blocks: Json[]): Json[] =>
  blocks.map((block) => ({ ...block, block_id: block.block_id ?? randomBytes(3).toString("hex") }));
