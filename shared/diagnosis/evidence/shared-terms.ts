import type { Commit } from "../../ports/history.ts";
import type { Evidence } from "../model.ts";
import { changedLines } from "../ranking/changed-lines.ts";
import { words } from "../ranking/tokens.ts";

/** A word that a commit shares with what was measured, and where the commit says it. `isOwn`: a name of code that no other commit says. */
export type Link = { word: string; field: keyof typeof fieldNames; weight: number; isOwn?: boolean };

/** Characters read of a patch and of a message. */
export const longest = 6000;
/** Several words of one line are one thing said. */
const maxWords = 4;
const cap = 5;
const fieldNames = {
  lines: "its changed lines",
  path: "its paths",
  message: "its message",
  around: "the lines around its change",
};
/** Log-odds of the rarest possible shared word, by the field of the commit. */
const weights = { lines: 0.6, path: 0.35, message: 0.35, around: 0.2 };
/** Words of plain language tell less. */
export const ordinary = 0.6;

/** Stems that occur in any error, whatever failed. */
export const generic = new Set(
  words(
    `request response status error errors exception failed failure internal server service services client handler handling handle
    handled upstream downstream returned return value values message messages process processing result unexpected invalid prod production
    rate call called calling code data info line list item items name number object operation path total type user using root cause main`,
  ),
);

/** Languages, their runtimes and the folders that frames of any program run through. */
export const ofAnyTrace = new Set(
  words(
    `java kotlin scala groovy python ruby golang rust php javascript typescript node jvm lang util utils springframework apache javax
    jakarta github gitlab internal pkg cmd goroutine thread runtime worker traceback backtrace stack trace recent most vendor dist site
    packages modules usr local var www html opt home srv`,
  ),
);

/** The terms of a commit, by field. */
export const readTerms = ({ sha, message, paths, patch = "" }: Commit) => {
  const around = patch.slice(0, longest);
  const changed = changedLines(around);
  const rawMessage = `${message.slice(0, longest)}\n${paths.slice(0, 60).join("\n")}`.toLowerCase();
  const lines = new Set(words(changed));
  const path = new Set(words(paths.slice(0, 60).join("\n")));
  return {
    sha,
    lines,
    path,
    rawLines: changed.toLowerCase(),
    rawMessage,
    raw: `${rawMessage}\n${around.toLowerCase()}`,
    message: new Set(words(message.slice(0, longest))),
    all: new Set([...words(around), ...path, ...words(message.slice(0, longest))]),
  };
};

/** Each commit that says a word, the rarer the word the more it tells; `part`: whether it is looked for inside of other words, too. */
export const termLinks = (
  texts: ReturnType<typeof readTerms>[],
  word: string,
  { part, wordWeight, as = word }: { part: boolean; wordWeight: number; as?: string },
): [string, Link][] => {
  const holders = texts.filter(
    ({ all, raw }) => all.has(word) || (part && word.length > 7 && raw.includes(word)),
  );
  const rarity = Math.log(20 / holders.length);
  if (holders.length === 0 || rarity <= 0) return [];
  return holders.map(({ sha, lines, rawLines, path, message, rawMessage }) => {
    const isPart = (text: string): boolean => part && text.includes(word);
    const field =
      lines.has(word) || isPart(rawLines)
        ? "lines"
        : path.has(word)
          ? "path"
          : message.has(word) || isPart(rawMessage)
            ? "message"
            : "around";
    return [sha, { word: as, field, weight: rarity * wordWeight * weights[field] }];
  });
};

/** The other side of the links, for people, and which of its words were measured. */
type Shared = { subject: string; words: "log" | "about"; isMeasured?: (word: string) => boolean };

/** The links of each commit as one piece of evidence. */
export const evidenceOfLinks = (links: [string, Link][], shared: Shared): Map<string, Evidence> => {
  const by = new Map<string, Link[]>();
  for (const [sha, link] of links) by.set(sha, [...(by.get(sha) ?? []), link]);
  return new Map([...by].map(([sha, links]) => [sha, toEvidence(links, shared)]));
};

const toEvidence = (links: Link[], { subject, words, isMeasured = () => false }: Shared): Evidence => {
  const top = links.toSorted((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1)).slice(0, maxWords);
  const field = fieldNames[top[0]?.field ?? "message"];
  const shown = top
    .slice(0, 3)
    .map(({ word }) => `“${word}”`)
    .join(", ");
  return {
    weight: Math.min(
      cap,
      top.reduce((sum, { weight }) => sum + weight, 0),
    ),
    reason: `${subject} and ${field} share ${shown}`,
    words,
    ...(top.some(({ word }) => isMeasured(word)) ? { measured: true } : {}),
    ...(links.some(({ isOwn }) => isOwn === true) ? { named: true } : {}),
  };
};
