import type { Commit } from "../../ports/history.ts";
import type { Evidence } from "../model.ts";
import { frequentErrors, type Pattern } from "../onset/log-patterns.ts";
import { eachWord, words } from "../ranking/tokens.ts";
import { bumpedPackages } from "./bumped-packages.ts";
import {
  evidenceOfLinks,
  generic,
  type Link,
  longest,
  ofAnyTrace,
  ordinary,
  readTerms,
  termLinks,
} from "./shared-terms.ts";

const maxWords = 120;
/** A number of the error that only one change sets, and a file of its stack trace that only one touches. */
const numberWeight = 1.5;
const traceWeight = 2;
/** A library that it runs through, of which only one change takes another version. */
const libraryWeight = 2.5;

/** The usual log lines, and whether a line speaks of something outside the code. */
type Read = {
  usual: string;
  service: string;
  /** The names of services, hosts and teams that the alerts' labels tell. */
  parties: string[];
  /** The alerts' text. A line that only repeats it counts as words, not as a measurement. */
  alerts: string;
  isForeign: (pattern: Pattern) => boolean;
};

/** Links each commit to the new kinds of log lines by identifiers, constants, messages and the files of stack traces. */
export const logLinks = (commits: Commit[], patterns: Pattern[], given: Read): Map<string, Evidence> => {
  if (patterns.length === 0) return new Map();
  const [outside, inside] = [
    frequentErrors(patterns).filter(given.isForeign),
    frequentErrors(patterns).filter((one) => !given.isForeign(one)),
  ];
  const lines = inside.map(({ text, trace, fields = "" }) => `${text}\n${fields}\n${trace}`).join("\n");
  const files = filesOf(lines);
  /** Each name for those that hold it, the less the more of them do. */
  const sharedNames = (
    names: string[],
    holds: (commit: Commit, name: string) => boolean,
    link: Omit<Link, "word">,
  ): [string, Link][] =>
    names.flatMap((word) => {
      const holders = commits.filter((commit) => holds(commit, word));
      const weight = link.weight / Math.sqrt(holders.length);
      return holders.map(({ sha }): [string, Link] => [sha, { ...link, word, weight }]);
    });
  // Lines about things outside the code still contain names of the code.
  const allLines = [lines, ...outside.map(({ text, fields = "" }) => `${text}\n${fields}`)].join("\n");
  const names = identifiers(allLines, [...files, given.service]);
  const isSet = ({ patch = "" }: Commit, number: string): boolean => sets(patch.slice(0, longest), number);
  const isTouched = ({ paths }: Commit, file: string): boolean => paths.some((path) => path.endsWith(file));
  return evidenceOfLinks(
    [
      ...wordLinks(commits, { lines, names, given }),
      ...sharedNames(numbersOf(allLines, given.usual), isSet, { field: "lines", weight: numberWeight }),
      ...sharedNames(librariesOf(lines), raises, { field: "lines", weight: libraryWeight }),
      ...sharedNames(files, isTouched, { field: "path", weight: traceWeight }),
    ],
    { subject: "the log lines that are new since the onset", words: "log", isMeasured: notIn(given.alerts) },
  );
};

/** Whether the alerts do not say a word themselves. */
const notIn = (alerts: string): ((word: string) => boolean) => {
  const lowerCased = alerts.toLowerCase();
  return (word) => !lowerCased.includes(word.toLowerCase());
};

/** The names and the rarer words of the lines, for each commit that says them. */
const wordLinks = (
  commits: Commit[],
  { lines, names, given }: { lines: string; names: string[]; given: Read },
): [string, Link][] => {
  // The service's name stands in its lines and its paths alike. The names that labels tell say where, not what.
  const usualWords = new Set([
    ...words(given.usual.slice(0, 200_000)),
    ...words([given.service, ...given.parties].join("\n")),
  ]);
  const written = new Map<string, string>();
  eachWord(lines, (word, raw) => written.set(word, written.get(word) ?? raw.toLowerCase()));
  const rarer = words(lines).filter(
    (word) => word.length > 2 && !usualWords.has(word) && !generic.has(word) && !ofAnyTrace.has(word),
  );
  const texts = commits.map((commit) => readTerms(commit));
  return [...new Set([...names, ...rarer])].slice(0, maxWords).flatMap((word) => {
    const links = termLinks(texts, word, {
      part: true,
      wordWeight: isName(word) ? 1 : ordinary,
      as: written.get(word) ?? word,
    });
    const isOwn = links.length === 1 && names.includes(word);
    return links.map(([sha, link]): [string, Link] => [
      sha,
      { ...link, isOwn: isOwn && link.field === "lines" },
    ]);
  });
};

/** Only machines write it, or it is so long that two texts rarely share it by chance. */
const isName = (word: string): boolean => word.length > 8 || /[^\p{L}]/u.test(word);

/** Names that only code has (camelCase, snake_case), without the usual words. */
const identifiers = (text: string, usualWords: string[]): string[] => {
  const ends = usualWords
    .map((name) => name.slice(name.lastIndexOf("/") + 1).toLowerCase())
    .filter((name) => name !== "");
  return (text.match(/[A-Za-z_$][\w$.-]*[A-Za-z0-9_$]/g) ?? [])
    .filter((word) => word.length > 7 && /[_$.-]|[a-z][A-Z]/.test(word))
    .map((word) => word.toLowerCase())
    .filter((word) => !ends.some((end) => word.endsWith(end)));
};

/** Numbers of two digits and more that are news in the log: a limit that was reached is told with its value. */
const numbersOf = (lines: string, usual: string): string[] => {
  const usualWords = new Set(usual.slice(0, 200_000).match(/(?<![\w.])\d{2,7}(?![\w.]*\d)/g));
  const found = lines.match(/(?<![\w.-])\d{2,7}(?!\d|[.:-]\d)/g) ?? [];
  return [...new Set(found)].filter((number) => !usualWords.has(number)).slice(0, 20);
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
  return [...new Set([...found].map(([, name]) => (name ?? "").toLowerCase()))].slice(0, 20);
};
/** Whether a change moves the version of the library. Its name in lines around a change says nothing. */
const raises = (commit: Commit, name: string): boolean => bumpedPackages(commit).has(name);
