type Wrong = { code: string; line: number; message: string };
type Unreadable = { path: string; line: number; message: string };

/** The errors of a text that is not YAML, in plain words: each key that stands twice, and of the others the first, from which the rest follow. */
export const unreadableIn = (errors: Wrong[], text: string): Unreadable[] => {
  const [tab] = errors.filter(({ code }) => code === "TAB_AS_INDENT");
  const twice = errors.filter(({ code }) => code === "DUPLICATE_KEY");
  const [other] = errors.filter(({ code }) => code !== "DUPLICATE_KEY");
  const told = tab !== undefined ? [tab] : [...twice, ...(other === undefined ? [] : [other])];
  const lines = text.split("\n");
  return told
    .map((error) => ({ path: "", line: error.line, message: sentence(error, lines) }))
    .sort((a, b) => a.line - b.line);
};

const sentence = ({ code, message, line }: Wrong, lines: string[]): string => {
  const here = lines[line - 1] ?? "";
  // The library finds an open bracket on the line below it.
  if (code === "BAD_INDENT" && message.startsWith("Flow "))
    return `a ${message.startsWith("Flow map") ? "{" : "["} on a line above is not closed: write the bracket that closes it`;
  if (code === "BAD_INDENT") return badIndent(lines, line);
  const [, key] = keyOf.exec(here) ?? [];
  if (code === "DUPLICATE_KEY" && key !== undefined && !/[{[]/.test(here))
    return `the key ${key} stands twice in one map: keep one of the two`;
  if (code === "BLOCK_AS_IMPLICIT_KEY") return `${colonInValue}${quotedHere(here)}`;
  if (code === "MULTILINE_IMPLICIT_KEY") return `${noColon}${spacedHere(here)}`;
  return sentences[code] ?? `is not YAML here: ${message.replace(/^./, (letter) => letter.toLowerCase())}`;
};

const keyOf = /^\s*(?:- )?["']?([\w.-]+)["']?:(?:\s|$)/;
const colonInValue =
  "this line is not indented as the keys beside it, or a value with a colon is not in quotes";
const noColon = "a key without its colon, or without the space after it: keys are written KEY: VALUE";
const dashAlone = "an entry of a list begins with a dash and a space";

const quotedHere = (here: string): string => {
  const [, key, value] = /^\s*(?:- )?([\w.-]+):\s+([^"'#]*: [^"'#]*?)\s*$/.exec(here) ?? [];
  return key === undefined ? "" : `: write ${key}: "${value}"`;
};

const spacedHere = (here: string): string => {
  const [, key, value] = /^\s*(?:- )?([A-Za-z]\w*):(\S.*?)\s*$/.exec(here) ?? [];
  return key === undefined ? "" : `, here ${key}: ${value}`;
};

/** The column of the first character, 0 in a line without any. */
const columnOf = (text: string): number => Math.max(0, text.search(/\S/));

/** Keys of one map begin in one column: the line and the last one above it that has keys, or a dash that is not written as one. */
const badIndent = (lines: string[], line: number): string => {
  const here = lines[line - 1] ?? "";
  const [, entry] = /^\s*-([^\s-].*?)\s*$/.exec(here) ?? [];
  if (entry !== undefined) return `${dashAlone}: write - ${entry}`;
  const above = lines.slice(0, line - 1).filter((one) => one.trim() !== "" && !/^\s*#/.test(one));
  const isEntry = above.some((one) => one.startsWith(`${" ".repeat(columnOf(here))}- `));
  if (isEntry && keyOf.test(here))
    return `this line stands in the column of a list's dashes: ${dashAlone}, here - ${here.trim()}`;
  const last = above.at(-1);
  const columns =
    last === undefined
      ? ""
      : `; this one begins in column ${columnOf(here) + 1}, the line above it in column ${columnOf(last) + 1}`;
  return `this line is not indented as the keys beside it: keys of one map begin in the same column${columns}`;
};

export const badAlias =
  "this alias (*name) names an anchor (&name) that the file does not have before it: put a text that begins with * in quotes";

const sentences: Record<string, string> = {
  MULTIPLE_DOCS:
    "a second document begins here: a configuration is one document, so leave the line --- out, or write the rest into a file that include names",
  TOO_DEEP: "lists and maps lie in one another too deep to be read",
  TAB_AS_INDENT: "this line begins with a tab: indent with spaces, as many as the keys beside it have",
  DUPLICATE_KEY: "a key stands twice in one map: keep one of the two",
  MISSING_CHAR:
    "a quote, bracket or colon is missing here: close what was opened, and write a colon and a space after a key",
  TAG_RESOLVE_FAILED:
    "a word that begins with ! is a tag of another program, which nobody resolves here: write the value itself, or put a text that begins with ! in quotes",
  BAD_ALIAS: badAlias,
};
