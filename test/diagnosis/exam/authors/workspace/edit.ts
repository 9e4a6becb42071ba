/** The changed lines of one file: lines that open with a blank, a plus or a minus; `@@` opens another hunk. */
export type Edit = { path: string; text: string };

export const edit = (path: string, text: string): Edit => ({ path, text: text.replace(/^\n|\n$/g, "") });

export const changedLines = (edits: readonly Edit[]): number =>
  edits.flatMap(({ text }) => text.split("\n")).filter((line) => /^[+-]/.test(line)).length;

const headingOf = ({ path, text }: Edit): string[] => {
  const fresh = text.split("\n").every((line) => line.startsWith("+"));
  const start = [`diff --git a/${path} b/${path}`];
  if (fresh) start.push("new file mode 100644");
  return [...start, fresh ? "--- /dev/null" : `--- a/${path}`, `+++ b/${path}`];
};

const hunksOf = (text: string, line: number): string[] => {
  const fresh = text.split("\n").every((row) => row.startsWith("+"));
  let at = fresh ? 0 : line;
  let drift = fresh ? 1 : 0;
  return text.split(/\n?@@\n/).flatMap((hunk) => {
    const rows = hunk.split("\n").map((row) => (row === "" ? " " : row));
    const before = rows.filter((row) => !row.startsWith("+")).length;
    const after = rows.filter((row) => !row.startsWith("-")).length;
    const heading = `@@ -${at},${before} +${at + drift},${after} @@`;
    at += before + 23;
    drift += after - before;
    return [heading, ...rows];
  });
};

/** The unified diff of `edits`; the first hunk of each file begins at the line that `lineOf` gives. */
export const patchOf = (edits: readonly Edit[], lineOf: () => number): string =>
  edits.flatMap((each) => [...headingOf(each), ...hunksOf(each.text, lineOf())]).join("\n");
