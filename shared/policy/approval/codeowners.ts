/** One line of a CODEOWNERS file: the paths that it covers, and their owners; none where it takes owners away. */
type Line = { covers: (path: string) => boolean; owners: string[] };

/**
 * The owners of a path by the text of a CODEOWNERS file: the last line that matches wins. Patterns are those of
 * https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners:
 * gitignore's, without `!`, `[ ]` and `\#`.
 */
export const codeowners = (text: string): ((path: string) => string[]) => {
  const lines = text.split(/\r?\n/).flatMap((line) => lineOf(line) ?? []);
  return (path) => lines.findLast((line) => line.covers(path))?.owners ?? [];
};

const lineOf = (text: string): Line | undefined => {
  const [pattern = "", ...owners] = text
    .replace(/(^|\s)#.*$/, "")
    .trim()
    .split(/(?<!\\)\s+/);
  if (pattern === "" || /^!|[[\]]/.test(pattern)) return undefined;
  return { covers: pathPattern(pattern.replaceAll("\\ ", " ")), owners };
};

/**
 * Whether a gitignore pattern covers a path. Without a slash before its end it matches at any depth; a directory covers what lies below
 * it, except where the pattern ends in `/*`.
 */
export const pathPattern = (pattern: string): ((path: string) => boolean) => {
  const body = pattern.replace(/^\//, "").replace(/\/$/, "");
  const parts = body.split("/");
  const isAnchored = pattern.startsWith("/") || parts.length > 1;
  const wanted = [...(isAnchored ? [] : ["**"]), ...parts, ...belowOf(pattern, parts)];
  return (path) => covers(wanted, path.split("/"), { isStar: (part) => part === "**", fits: fitsPart });
};

/** The parts that stand for what lies below the pattern. */
const belowOf = (pattern: string, parts: string[]): string[] => {
  if (pattern.endsWith("/") || parts.at(-1) === "**") return ["*", "**"];
  return parts.length > 1 && parts.at(-1) === "*" ? [] : ["**"];
};

const fitsPart = (part: string, name: string): boolean =>
  covers([...part], [...name], {
    isStar: (character) => character === "*",
    fits: (character, one) => character === "?" || character === one,
  });

type Wildcards = { isStar: (one: string) => boolean; fits: (wanted: string, one: string) => boolean };

/** Whether the items are the wanted ones, where a star stands for any number of them: in time linear in both, times the stars. */
const covers = (wanted: string[], items: string[], { isStar, fits }: Wildcards): boolean => {
  let [at, star, mark] = [0, -1, 0];
  for (let index = 0; index < items.length; ) {
    const next = wanted[at];
    const item = items[index] ?? "";
    if (next !== undefined && isStar(next)) [star, mark, at] = [at, index, at + 1];
    else if (next !== undefined && fits(next, item)) [at, index] = [at + 1, index + 1];
    else if (star < 0) return false;
    else [mark, at, index] = [mark + 1, star + 1, mark + 1];
  }
  return wanted.slice(at).every(isStar);
};
