/**
 * Whether a line of `.gitattributes` in `folder` may give `path` a merge rule of its own, so that git would not
 * merge it as text. In doubt it may.
 */
export const hasMergeRule = (attributes: string, folder: string, path: string): boolean => {
  const inFolder = folder === "" ? path : path.slice(folder.length + 1);
  const lines = attributes.split(/\r?\n/).map((line) => line.trim());
  const macros = lines.filter((line) => line.startsWith("[attr]") && /\bmerge\b/.test(line));
  const names = [
    "merge",
    "binary",
    ...macros.map((line) => line.slice("[attr]".length).split(/[\s=]/, 1).join("")),
  ];
  return lines.some((line) => {
    if (line === "" || line.startsWith("#") || line.startsWith("[attr]")) return false;
    const [pattern, ...words] = line.startsWith('"') ? ["**", ...line.split(/\s+/)] : line.split(/\s+/);
    if (!words.some((word) => names.includes(word.replace(/^[-!]/, "").split("=", 1).join("")))) return false;
    return matches(pattern ?? "", inFolder);
  });
};

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
