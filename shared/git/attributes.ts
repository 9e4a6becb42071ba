/** The rule by which git merges a path: as text, unless it has one. `other` is also a rule that is in doubt. */
export type MergeRule = "union" | "other" | undefined;

/** The rule that the lines of `.gitattributes` in `folder` may give `path`. It is `union` only when each of them says so of just this path. */
export const mergeRule = (attributes: string, folder: string, path: string): MergeRule => {
  const inFolder = folder === "" ? path : path.slice(folder.length + 1);
  const lines = attributes.split(/\r?\n/).map((line) => line.trim());
  const macros = lines.filter((line) => line.startsWith("[attr]") && /\bmerge\b/.test(line));
  const names = [
    "merge",
    "binary",
    ...macros.map((line) => line.slice("[attr]".length).split(/[\s=]/, 1).join("")),
  ];
  const rules = lines.flatMap((line): MergeRule[] => {
    if (line === "" || line.startsWith("#") || line.startsWith("[attr]")) return [];
    const [pattern = "", ...words] = line.startsWith('"') ? ["**", ...line.split(/\s+/)] : line.split(/\s+/);
    const own = words.filter((word) => names.includes(word.replace(/^[-!]/, "").split("=", 1).join("")));
    if (own.length === 0 || !matches(pattern, inFolder)) return [];
    return own.every((word) => word === "merge=union") && isPlain(pattern, inFolder) ? ["union"] : ["other"];
  });
  return rules.includes("other") ? "other" : rules[0];
};

/** Whether a pattern without doubts means the path: a name, or `*` and an ending. */
const isPlain = (pattern: string, path: string): boolean =>
  /^\/?[\w./-]+$/.test(pattern)
    ? pattern.replace(/^\//, "") === path || (!pattern.includes("/") && path.endsWith(`/${pattern}`))
    : /^\*\.[\w.-]+$/.test(pattern) && path.endsWith(pattern.slice(1));

/** gitignore's patterns, as wide as they can be read. */
const matches = (pattern: string, path: string): boolean => {
  if (/[[\]\\!]/.test(pattern)) return true;
  const anchored = pattern.replace(/\/$/, "").includes("/");
  const subject = anchored ? path : path.slice(path.lastIndexOf("/") + 1);
  const source = pattern
    .replace(/^\//, "")
    .replace(/[.+^${}()|]/g, "\\$&")
    .replace(/\*\*\/|\*\*|\*|\?/g, (glob) => ({ "**/": "(.*/)?", "**": ".*", "*": "[^/]*" })[glob] ?? "[^/]");
  return new RegExp(`^${source}$`, "i").test(subject);
};
