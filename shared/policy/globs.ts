/**
 * Whether a path matches a glob: `*` and `?` stay within a folder, `**` crosses folders. Without a slash, the name of the file is
 * matched. Takes time in proportion to both lengths: an expression would backtrack over several `**`.
 */
export const matchesGlob = (path: string, glob: string): boolean => {
  const fixed = /^\/?([^*?]*)/.exec(glob)?.[1] ?? "";
  if (glob.includes("/") && !`${path}/`.startsWith(fixed)) return false;
  const parts =
    glob
      .replace(/^\//, "")
      .replace(/\/$/, "/**")
      .match(/\*\*\/|\*\*|[\s\S]/gu) ?? [];
  const characters = [...(glob.includes("/") ? path : (path.split("/").at(-1) ?? path))];
  const end: Row = [...characters.map(() => false), true];
  return parts.reduceRight((rest, part) => rowOf(part, characters, rest), end)[0] ?? false;
};

/** Whether the rest of the glob matches the rest of the path, for each index of the path. */
type Row = boolean[];

const rowOf = (part: string, characters: string[], rest: Row): Row => {
  const row: Row = [...rest];
  let isAhead = false;
  for (let at = characters.length; at >= 0; at--) {
    const next = rest[at + 1] ?? false;
    const isFolder = characters[at] === "/";
    isAhead ||= isFolder && next;
    if (part === "**/") row[at] = rest[at] || isAhead;
    else if (part === "**") row[at] = rest[at] || (row[at + 1] ?? false);
    else if (part === "*") row[at] = rest[at] || (!isFolder && (row[at + 1] ?? false));
    else row[at] = next && (part === "?" ? !isFolder : part === characters[at]);
  }
  return row;
};
