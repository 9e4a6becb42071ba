/** Whether a path matches a glob: `*` and `?` stay within a folder, `**` crosses folders. Without a slash, the name of the file is matched. */
export const matchesGlob = (path: string, glob: string): boolean =>
  expressionOf(glob).test(glob.includes("/") ? path : (path.split("/").at(-1) ?? path));

const expressionOf = (glob: string): RegExp => {
  const anchored = glob.replace(/^\//, "").replace(/\/$/, "/**");
  const source = anchored
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => wild[part] ?? part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${source.join("")}$`, "s");
};

const wild: Record<string, string> = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" };
