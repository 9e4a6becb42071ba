type Wrong = { code: string; line: number; message: string };
type Unreadable = { path: string; line: number; message: string };

/** The errors of a text that is not YAML, in plain words: each key that stands twice, and of the others the first, from which the rest follow. */
export const unreadableIn = (errors: Wrong[]): Unreadable[] => {
  const [tab] = errors.filter(({ code }) => code === "TAB_AS_INDENT");
  const twice = errors.filter(({ code }) => code === "DUPLICATE_KEY");
  const [other] = errors.filter(({ code }) => code !== "DUPLICATE_KEY");
  const told = tab !== undefined ? [tab] : [...twice, ...(other === undefined ? [] : [other])];
  return told
    .map((error) => ({ path: "", line: error.line, message: sentence(error) }))
    .sort((a, b) => a.line - b.line);
};

const sentence = ({ code, message }: Wrong): string => {
  // The library finds an open bracket on the line below it.
  if (code === "BAD_INDENT" && message.startsWith("Flow "))
    return `a ${message.startsWith("Flow map") ? "{" : "["} on a line above is not closed: write the bracket that closes it`;
  const said = sentences[code];
  return said ?? `is not YAML here: ${message.replace(/^./, (letter) => letter.toLowerCase())}`;
};

export const badAlias =
  "this alias (*name) names an anchor (&name) that the file does not have before it: put a text that begins with * in quotes";

const sentences: Record<string, string> = {
  MULTIPLE_DOCS: "a second document begins here: a configuration is one document",
  TOO_DEEP: "lists and maps lie in one another too deep to be read",
  TAB_AS_INDENT: "this line begins with a tab: indent with spaces",
  DUPLICATE_KEY: "this key stands twice in one map: keep one of the two",
  BAD_INDENT: "this line is not indented as the keys beside it: keys of one map begin in the same column",
  MISSING_CHAR:
    "a quote, bracket or colon is missing here: close what was opened, and write a colon and a space after a key",
  BLOCK_AS_IMPLICIT_KEY:
    "this line is not indented as the keys beside it, or a value with a colon is not in quotes",
  BAD_ALIAS: badAlias,
};
