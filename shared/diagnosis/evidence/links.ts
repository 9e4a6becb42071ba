import type { Commit } from "../../ports.ts";
import type { Evidence } from "../case.ts";
import { lockPath } from "../features/kind.ts";
import { eachWord, words } from "../tokens.ts";
import { loud, type Pattern } from "./logs.ts";
import { generic, type Link, longest, ordinary, read, toEvidence, weights } from "./sharing.ts";

const maxWords = 120;
/** A number of the error that only one change sets, and a file of its stack trace that only one touches. */
const numbered = 1.5;
const traced = 2;
/** A library that it runs through, of which only one change takes another version. */
const raised = 2.5;

/** What the log says as usual, and whether a line speaks of something outside the code. */
type Read = { usual: string; service: string; isForeign: (pattern: Pattern) => boolean };

/** What each commit shares with the new kinds of log lines: identifiers, constants, messages and the files of their stack traces. */
export const logLinks = (
  commits: Commit[],
  patterns: Pattern[],
  { usual, service, isForeign }: Read,
): Map<string, Evidence> => {
  // What the service is called stands in its lines and its paths alike.
  const known = new Set([...words(usual.slice(0, 200_000)), ...words(service)]);
  const grave = loud(patterns).filter((pattern) => !isForeign(pattern));
  const outside = loud(patterns).filter(isForeign);
  const spoken = grave.map(({ text, trace }) => `${text}\n${trace}`).join("\n");
  const written = new Map<string, string>();
  eachWord(spoken, (word, raw) => written.set(word, written.get(word) ?? raw.toLowerCase()));
  const files = filesOf(spoken);
  const sought = [
    ...new Set([
      ...identifiers([spoken, ...outside.map(({ text }) => text)].join("\n")).filter(
        (word) =>
          word !== service.toLowerCase() &&
          !files.some((file) => word.endsWith(file.slice(file.lastIndexOf("/") + 1).toLowerCase())),
      ),
      ...words(spoken).filter((word) => word.length > 2 && !known.has(word) && !generic.has(word)),
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
        weight: rarity * (isName(word) ? 1 : ordinary) * weights[where],
      });
    }
  }
  for (const number of numbersOf(spoken, usual)) {
    const holders = commits.filter(({ patch = "" }) => sets(patch.slice(0, longest), number));
    for (const { sha } of holders)
      add(sha, { word: number, where: "lines", weight: numbered / Math.sqrt(holders.length) });
  }
  for (const name of librariesOf(spoken)) {
    const holders = commits.filter((commit) => raises(commit, name));
    for (const { sha } of holders)
      add(sha, { word: name, where: "lines", weight: raised / Math.sqrt(holders.length) });
  }
  for (const file of files) {
    const holders = commits.filter(({ paths }) => paths.some((path) => path.endsWith(file)));
    for (const { sha } of holders)
      add(sha, { word: file, where: "path", weight: traced / Math.sqrt(holders.length) });
  }
  return new Map(
    [...links].map(([sha, found]) => [sha, toEvidence(found, "the log lines that are new since the onset")]),
  );
};

/** Only machines write it, or it is so long that two texts rarely share it by chance. */
const isName = (word: string): boolean => word.length > 8 || /[^\p{L}]/u.test(word);

const identifiers = (text: string): string[] =>
  (text.match(/[A-Za-z_$][\w$.-]*[A-Za-z0-9_$]/g) ?? [])
    .filter((word) => word.length > 7 && /[_$.-]|[a-z][A-Z]/.test(word))
    .map((word) => word.toLowerCase());

/** Numbers of two digits and more that are news in the log: a limit that was reached is told with its value. */
const numbersOf = (spoken: string, usual: string): string[] => {
  const known = new Set(usual.slice(0, 200_000).match(/(?<![\w.])\d{2,7}(?![\w.]*\d)/g));
  const found = spoken.match(/(?<![\w.-])\d{2,7}(?!\d|[.:-]\d)/g) ?? [];
  return [...new Set(found)].filter((number) => !known.has(number)).slice(0, 20);
};
/** Whether a change sets a value to that number. */
const sets = (patch: string, number: string): boolean =>
  new RegExp(`^\\+.*[:= (]["']?${number}(?!\\d|\\.\\d)`, "m").test(patch);

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

/** Libraries whose code a stack trace runs through, by the folders in which Node, Python, Ruby and Go keep them. */
const librariesOf = (text: string): string[] => {
  const found = text.matchAll(
    /(?:node_modules\/(?:\.pnpm\/[^/\s]+\/node_modules\/)?|(?:site|dist)-packages\/|\/gems\/|\/pkg\/mod\/)((?:@[\w.-]+\/)?[\w.-]+(?:\/[\w.-]+){0,2}?)(?=[/@]|-\d)/g,
  );
  return [...new Set([...found].map(([, name]) => name!.toLowerCase()))].slice(0, 20);
};
/** Whether a change of what a project depends on names the library. */
const raises = ({ title, paths, patch = "" }: Commit, name: string): boolean =>
  paths.some((path) => lockPath.test(path)) &&
  new RegExp(`(?<![\\w-])${name.replace(/[.\\/]/g, "\\$&")}(?![\\w-])`, "i").test(
    `${title}\n${patch.slice(0, longest)}`,
  );
