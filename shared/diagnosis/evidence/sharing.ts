import type { Commit } from "../../ports.ts";
import type { Evidence } from "../case.ts";
import { words } from "../tokens.ts";

/** A word that a commit shares with what was measured, and where the commit says it. */
export type Link = { word: string; where: keyof typeof places; weight: number };

/** Characters read of a patch and of a message. */
export const longest = 6000;
/** Several words of one line are one thing said. */
const best = 4;
const cap = 5;
const places = { lines: "its changed lines", path: "its paths", message: "its message" };
/** What a word as rare as can be tells, by where it stands. */
export const weights = { lines: 0.6, path: 0.35, message: 0.35 };
/** Words of plain language tell less. */
export const ordinary = 0.6;

/** What any error says, whatever failed: stems as the words of a text are told. */
export const generic = new Set(
  words(
    `request response status error errors exception failed failure internal server service services client handler handling handle
    handled upstream downstream returned return value values message messages process processing result unexpected invalid prod production
    rate call called calling code data info line list item items name number object operation path total type user using root cause main`,
  ),
);

/** What a commit says, and where. */
export const read = ({ sha, message, paths, patch = "" }: Commit) => {
  const changed = patch.slice(0, longest);
  const raw = `${message.slice(0, longest)}\n${paths.slice(0, 60).join("\n")}`.toLowerCase();
  const lines = new Set(words(changed));
  const path = new Set(words(paths.slice(0, 60).join("\n")));
  return {
    sha,
    lines,
    path,
    rawLines: changed.toLowerCase(),
    raw: `${raw}\n${changed.toLowerCase()}`,
    all: new Set([...lines, ...path, ...words(message.slice(0, longest))]),
  };
};

/** What was shared as one piece of evidence. `what` is what the words are shared with. */
export const toEvidence = (found: Link[], what: string): Evidence => {
  const top = found.toSorted((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1)).slice(0, best);
  const where = places[top[0]!.where];
  const shown = top
    .slice(0, 3)
    .map(({ word }) => `“${word}”`)
    .join(", ");
  return {
    weight: Math.min(
      cap,
      top.reduce((sum, { weight }) => sum + weight, 0),
    ),
    reason: `${what} and ${where} share ${shown}`,
  };
};
