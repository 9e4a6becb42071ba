import type { Random } from "./random.ts";

/** A change before it has a place in history: paths with the lines of their hunks. */
export type Change = {
  title: string;
  files: Record<string, string>;
  body?: string;
  bot?: boolean;
  author?: string;
};

const authors = [
  "Ines Kovac",
  "Tomasz Wrona",
  "Priya Raman",
  "Lukas Brandt",
  "Aoife Byrne",
  "Mehmet Aydin",
  "Sanne de Wit",
  "Marta Oliveira",
  "Jonas Lind",
  "Yuki Hara",
];

const count = (lines: string[], signs: string) => lines.filter((line) => signs.includes(line[0]!)).length;

const hunk = (lines: string[], section: string, start: number) => {
  const before = count(lines, " -");
  const after = count(lines, " +");
  const heading = `@@ -${before === 0 ? 0 : start},${before} +${after === 0 ? 0 : start},${after} @@`;
  return [section ? `${heading} ${section}` : heading, ...lines].join("\n");
};

/** The unified diff of a file. A line that opens with @@ starts a hunk; the rest of that line is its section. */
const fileDiff = (r: Random, path: string, text: string) => {
  const lines = text
    .replace(/^\n|\n$/g, "")
    .split("\n")
    .map((line) => (line === "" ? " " : line));
  const fresh = lines.every((line) => line.startsWith("+"));
  const gone = lines.every((line) => line.startsWith("-"));
  const head = [
    `diff --git a/${path} b/${path}`,
    ...(fresh ? ["new file mode 100644"] : gone ? ["deleted file mode 100644"] : []),
    fresh ? "--- /dev/null" : `--- a/${path}`,
    gone ? "+++ /dev/null" : `+++ b/${path}`,
  ];
  const hunks: string[] = [];
  let section = "";
  let open: string[] = [];
  let start = fresh || gone ? 1 : r.int(4, 90);
  const close = () => {
    if (open.length > 0) hunks.push(hunk(open, section, start));
    start += open.length + r.int(8, 60);
    open = [];
  };
  for (const line of lines) {
    if (!line.startsWith("@@")) {
      open.push(line);
      continue;
    }
    close();
    section = line.slice(2).trim();
  }
  close();
  return [...head, ...hunks].join("\n");
};

export type Written = {
  subject: string;
  body: string;
  files: string[];
  patch: string;
  author: string;
  bot: boolean;
};

/** The commit's texts. Its files come in path order, as git lists them. */
export const write = (r: Random, change: Change): Written => {
  const files = Object.keys(change.files).sort();
  const bot = change.bot ?? false;
  return {
    subject: change.title,
    body: change.body ?? "",
    files,
    patch: files.map((path) => fileDiff(r, path, change.files[path]!)).join("\n"),
    author: change.author ?? (bot ? "renovate[bot]" : r.pick(authors)),
    bot,
  };
};
