import type { Commit } from "../../ports.ts";
import type { Evidence } from "../case.ts";
import { eachWord, words } from "../tokens.ts";
import { isGrave, type Pattern } from "./logs.ts";

const maxWords = 120;
const longest = 6000;
/** Several words of one line are one thing said. */
const best = 4;
const cap = 5;

/** What the log says as usual, and whether a line speaks of something outside the code. */
type Read = { usual: string; isForeign: (pattern: Pattern) => boolean };
type Link = { word: string; where: "lines" | "path" | "message"; weight: number };

/** What each commit shares with the new kinds of log lines: identifiers, constants, messages and the files of their stack traces. */
export const logLinks = (
  commits: Commit[],
  patterns: Pattern[],
  { usual, isForeign }: Read,
): Map<string, Evidence> => {
  const known = new Set(words(usual.slice(0, 200_000)));
  const grave = patterns.filter((pattern) => isGrave(pattern) && !isForeign(pattern));
  const spoken = grave.map(({ text, trace }) => `${text}\n${trace}`).join("\n");
  const written = new Map<string, string>();
  eachWord(spoken, (word, raw) => written.set(word, written.get(word) ?? raw.toLowerCase()));
  const files = filesOf(spoken);
  const sought = [
    ...new Set([
      ...identifiers(spoken).filter(
        (word) => !files.some((file) => word.endsWith(file.slice(file.lastIndexOf("/") + 1).toLowerCase())),
      ),
      ...words(spoken).filter((word) => word.length > 2 && !known.has(word)),
    ]),
  ].slice(0, maxWords);
  const texts = commits.map((commit) => read(commit));
  const links = new Map<string, Link[]>();
  const add = (sha: string, link: Link) => links.set(sha, [...(links.get(sha) ?? []), link]);
  for (const word of sought) {
    const holders = texts.filter(
      (text) => text.all.has(word) || (word.length > 7 && text.raw.includes(word)),
    );
    const rarity = Math.log(20 / holders.length);
    if (holders.length === 0 || rarity <= 0) continue;
    for (const text of holders) {
      const where =
        text.lines.has(word) || text.rawLines.includes(word)
          ? "lines"
          : text.path.has(word)
            ? "path"
            : "message";
      add(text.sha, {
        word: written.get(word) ?? word,
        where,
        weight: rarity * (isName(word) ? 1 : ordinary) * { lines: 0.6, path: 0.35, message: 0.35 }[where],
      });
    }
  }
  for (const file of files) {
    const holders = commits.filter(({ paths }) => paths.some((path) => path.endsWith(file)));
    for (const { sha } of holders)
      add(sha, { word: file, where: "path", weight: 1 / Math.sqrt(holders.length) });
  }
  return new Map([...links].map(([sha, found]) => [sha, toEvidence(found)]));
};

/** Only machines write it, or it is so long that two texts rarely share it by chance. */
const isName = (word: string): boolean => word.length > 8 || /[^\p{L}]/u.test(word);
/** Words of plain language tell less. */
const ordinary = 0.6;

const identifiers = (text: string): string[] =>
  (text.match(/[A-Za-z_$][\w$.-]*[A-Za-z0-9_$]/g) ?? [])
    .filter((word) => word.length > 7 && /[_$.-]|[a-z][A-Z]/.test(word))
    .map((word) => word.toLowerCase());

/** Files that a trace names, as the end of their path: two folders of it tell enough. */
const filesOf = (text: string): string[] =>
  [
    ...new Set(
      (
        text.match(/[\w./-]*\w\.(?:[cm]?[jt]sx?|py|go|rb|java|kt|rs|php|cs|scala|ex|erl|lua|c|cc|cpp)\b/g) ??
        []
      ).map((path) => path.split("/").slice(-2).join("/")),
    ),
  ].slice(0, 20);

const read = ({ sha, message, paths, patch = "" }: Commit) => {
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

const places = { lines: "its changed lines", path: "its paths", message: "its message" };

const toEvidence = (found: Link[]): Evidence => {
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
    reason: `the log lines that are new since the onset and ${where} share ${shown}`,
  };
};
