/** A Markdown table. Cells are Markdown on one line; a bar in them is escaped. */
export const table = (heads: string[], rows: string[][]): string =>
  [heads, heads.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`)
    .join("");

/** Pages are named from the root where an editor shows the text; here they become links beside each other. */
export const linkPages = (text: string): string =>
  text.replace(/\bdocs\/(([\w-]+)\.md)/g, (_, page: string, name: string) => `[${name}](${page})`);
