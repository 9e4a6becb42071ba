import type { Guard } from "../../policy/guarded-paths.ts";
import type { Landed } from "../../ports/history.ts";
import { plainTitle, titleOf } from "./commit-message.ts";

/** Later changes that were stacked on these, as ghstack and Graphite write it into messages: they go back first. */
export const stackedLater = (messages: string[], since: Landed[]): Guard[] => {
  const own = new Set(messages.flatMap(numbersOf));
  return since
    .filter(({ message }) => needed(message).some((number) => own.has(number)))
    .map(({ sha, message }) => ({
      reason: `${sha.slice(0, 12)} "${plainTitle(titleOf(message))}" is stacked on it: take that back first, or both together`,
    }));
};

/** The numbers of the pull request that a commit landed with. */
const numbersOf = (message: string): string[] => {
  const title = /\(#(\d+)\)$/.exec(titleOf(message))?.[1];
  const resolved = /^Pull Request resolved: \S+\/pull\/(\d+)$/m.exec(message)?.[1];
  return [title, resolved].filter((one) => one !== undefined);
};

/** The pull requests below a commit in its stack. */
const needed = (message: string): string[] => {
  const said = [...message.matchAll(/^(?:ghstack dependencies|depends[- ]on|stacked on)\b(.*)$/gim)];
  return [...said.flatMap(([, rest = ""]) => numbersIn(rest)), ...belowInList(message)];
};

const numbersIn = (text: string): string[] =>
  [...text.matchAll(/(?:#|\/pull\/)(\d+)\b/g)].map(([, number = ""]) => number);

/** Of the list of a stack, the newest first, the entries below the one that an arrow or a hand marks as its own. */
const belowInList = (message: string): string[] => {
  if (!/\b(ghstack|graphite)\b/i.test(message)) return [];
  const entries = message.split("\n").filter((line) => /^\s*[*-]\s.*(?:#|\/pull\/)\d+\b/.test(line));
  const own = entries.findIndex((line) => /->|👈/.test(line));
  return own < 0 ? [] : entries.slice(own + 1).flatMap(numbersIn);
};
