import type { Candidate } from "./case.ts";
import type { Dice } from "./dice.ts";
import { extrasOf } from "./fillers/extras.ts";
import { authors, languageOf, pathOf } from "./world.ts";

/** A path (see `pathOf`) and its changed lines; a line that opens with `@@` starts a hunk. */
export type Diff = readonly [path: string, lines: string];

export type Change = {
  service: string;
  type: string;
  titles: readonly string[];
  body?: string;
  diffs: readonly Diff[];
  bot?: true;
};

export type Words = Readonly<Record<string, string>>;

/** Replaces `%name%` by the word of that name. */
export const fill = (text: string, words: Words): string =>
  text.replace(/%(\w+)%/g, (all, name: string) => words[name] ?? all);

const count = (lines: readonly string[], sign: string) =>
  lines.filter((line) => line.startsWith(sign)).length;

const hunk = (heading: string, lines: readonly string[], start: number): string => {
  const context = count(lines, " ");
  const [removed, added] = [count(lines, "-") + context, count(lines, "+") + context];
  const fresh = removed === 0;
  return [`@@ -${fresh ? 0 : start},${removed} +${fresh ? 1 : start},${added} @@${heading}`, ...lines].join(
    "\n",
  );
};

const hunksOf = (text: string, roll: Dice): string[] => {
  const hunks: string[] = [];
  let start = roll.int(8, 70);
  for (const part of text.replace(/^\n|\n\s*$/g, "").split(/^@@/m)) {
    const lines = part.split("\n");
    const heading = /^[ +-]/.test(lines[0] ?? "") && text.startsWith(part) ? "" : (lines.shift() ?? "");
    const kept = lines.map((line) => (line === "" ? " " : line));
    while (kept.at(-1) === " ") kept.pop();
    if (kept.length > 0) hunks.push(hunk(heading, kept, start));
    start += kept.length + roll.int(9, 60);
  }
  return hunks;
};

const fileDiff = (path: string, text: string, roll: Dice): string => {
  const hunks = hunksOf(text, roll);
  const old = hunks[0]?.startsWith("@@ -0,0") ? "/dev/null" : `a/${path}`;
  return [`diff --git a/${path} b/${path}`, `--- ${old}`, `+++ b/${path}`, ...hunks].join("\n");
};

const subjectOf = (change: Change, conventional: boolean, title: string): string =>
  conventional
    ? `${change.type}(${change.service}): ${title.charAt(0).toLowerCase()}${title.slice(1)}`
    : title;

const bodies = [
  "See the discussion in the ticket.",
  "No change for callers.",
  "Asked for by support.",
  "Follow-up to the review of last week.",
  "Tested on staging with a copy of yesterday's data.",
  "Part of the clean-up that the team agreed on.",
  "The old way confused new colleagues.",
];

/** `extras` holds the choices for the number of accompanying files. */
export type Style = { root: string; conventional: boolean; extras: readonly number[] };

/** The commit of a change, dressed with tests, notes and a pull request number like any other. */
export const commit = (change: Change, style: Style, words: Words, at: number, roll: Dice): Candidate => {
  const own = { svc: change.service, pkg: change.service, ...words };
  const extras = extrasOf(languageOf(change.service), change.bot ? 0 : roll.pick(style.extras), roll);
  const diffs = [...change.diffs, ...extras].map(
    ([path, text]) => [pathOf(fill(path, own), change.service, style.root), fill(text, own)] as const,
  );
  const unique = diffs.filter(([path], index) => diffs.findIndex(([other]) => other === path) === index);
  const title = fill(subjectOf(change, style.conventional, roll.pick(change.titles)), own);
  const sorted = unique.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    sha: roll.hex(40),
    at,
    subject: `${title} (#${roll.int(2100, 9800)})`,
    ...(roll.chance(0.3) ? { body: fill(change.body ?? roll.pick(bodies), own) } : {}),
    files: sorted.map(([path]) => path),
    patch: `${sorted.map(([path, text]) => fileDiff(path, text, roll)).join("\n")}\n`,
    author: change.bot ? "deps-bot" : roll.pick(authors),
    ...(change.bot ? { bot: true } : {}),
  };
};
