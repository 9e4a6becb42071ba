import { createHash } from "node:crypto";
import type { Tree } from "../../../shared/git/model.ts";
import type { Commit } from "../../../shared/ports/history.ts";
import { git, gitBytes } from "../../host/git.ts";

const format = "%x1e%H%x1f%P%x1f%ct%x1f%an%x1f%B%x1f";

/** The main line of a clone, newest first, with the paths each commit touched. */
export const readLog = async (
  directory: string,
  options: { until?: number; since?: number; limit: number; from?: string },
): Promise<Commit[]> => {
  const range = [
    ...(options.since === undefined ? [] : [`--since-as-filter=@${Math.floor(options.since / 1000)}`]),
    ...(options.until === undefined ? [] : [`--until=@${Math.floor(options.until / 1000)}`]),
  ];
  const out = await git(directory, [
    ...[
      "log",
      "--first-parent",
      "-m",
      "--name-only",
      "--no-renames",
      `--max-count=${options.limit}`,
      `--format=${format}`,
    ],
    ...range,
    ...(options.from === undefined ? [] : [options.from]),
  ]);
  return out.split("\x1e").slice(1).map(toCommit);
};

const longestPatch = 200_000;

/** The patch of a commit as GitHub lists it: each file with its hunks, three lines of context and none of git's own headings. */
export const readPatch = async (directory: string, sha: string): Promise<string> => {
  const options = ["--first-parent", "-m", "--format=", "--unified=3", "--find-renames", "--no-color"];
  const out = await git(directory, ["show", ...options, "--no-ext-diff", "--no-textconv", sha]);
  return out
    .split(/^diff --git .*\n/m)
    .flatMap((file) => patchOf(file) ?? [])
    .join("\n")
    .slice(0, longestPatch);
};

/** Undefined for a file without hunks: a binary one, a mode, a pure rename. */
const patchOf = (file: string): string | undefined => {
  const begin = file.search(/^@@ /m);
  if (begin < 0) return undefined;
  const head = file.slice(0, begin);
  const [, added] = /^\+\+\+ "?b\/(.*?)"?\t?$/m.exec(head) ?? [];
  const [, removed] = /^--- "?a\/(.*?)"?\t?$/m.exec(head) ?? [];
  return `--- ${added ?? removed ?? ""}\n${file.slice(begin).trimEnd()}`;
};

const toCommit = (entry: string): Commit => {
  const [sha = "", parents = "", seconds, author = "", message = "", paths = ""] = entry.split("\x1f");
  return {
    sha,
    parents: parents.split(" ").filter((parent) => parent !== ""),
    title: message.split("\n", 1).join("").trim(),
    message: message.trim(),
    author,
    at: Number(seconds) * 1000,
    url: "",
    paths: paths.split("\n").filter((path) => path !== ""),
  };
};

/** The blobs before and after of each file of a commit, as one word; `back` is the reverse. */
export type Blobs = { made: string; back: string };

/** The change of every commit of the main line, by sha, but not of commits that changed nothing or very much. */
export const readBlobs = async (directory: string, limit: number): Promise<Map<string, Blobs>> => {
  const out = await git(directory, [
    ...["log", "--first-parent", "-m", "--raw", "--no-abbrev", "--no-renames"],
    ...[`--max-count=${limit}`, "--format=%x1e%H"],
  ]);
  const found = new Map<string, Blobs>();
  for (const entry of out.split("\x1e").slice(1)) {
    const [sha = "", ...lines] = entry.split("\n").filter((line) => line !== "");
    if (lines.length === 0 || lines.length > maxFiles) continue;
    const changes = lines.map((line) => {
      const [fields = "", path] = line.split("\t");
      const [, , from, to] = fields.split(" ");
      return { path, from, to };
    });
    const word = (some: string[]) => createHash("sha1").update(some.join("\n")).digest("base64");
    found.set(sha, {
      made: word(changes.map(({ path, from, to }) => `${path} ${from} ${to}`)),
      back: word(changes.map(({ path, from, to }) => `${path} ${to} ${from}`)),
    });
  }
  return found;
};

/** A commit of more files is no one's single change. */
const maxFiles = 200;

/** Every file of a commit. */
export const treeOf = async (directory: string, sha: string): Promise<Tree> => {
  const out = await git(directory, ["ls-tree", "-r", "-l", "-z", sha]);
  const entries = out.split("\0").filter((entry) => entry !== "");
  return new Map(
    entries.map((entry) => {
      const [mode = "", , blob = "", size] = entry.slice(0, entry.indexOf("\t")).split(/ +/);
      const known = size === "-" ? {} : { size: Number(size) };
      return [entry.slice(entry.indexOf("\t") + 1), { mode, sha: blob, ...known }];
    }),
  );
};

export const blobOf = (directory: string, sha: string): Promise<Uint8Array> =>
  gitBytes(directory, ["cat-file", "blob", sha]);
