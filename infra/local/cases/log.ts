import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Commit, Tree } from "../../../shared/ports.ts";

const run = promisify(execFile);
const git = async (directory: string, args: string[]): Promise<string> =>
  (await run("git", ["-C", directory, "-c", "core.quotePath=false", ...args], { maxBuffer: 1 << 30 })).stdout;

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

/** The changed lines of a commit, with the names of the files they are in. */
export const readPatch = async (directory: string, sha: string): Promise<string> =>
  (
    await git(directory, [
      "show",
      "--first-parent",
      "-m",
      "--format=",
      "--unified=0",
      "--no-color",
      "--no-ext-diff",
      sha,
    ])
  )
    .split("\n")
    .filter((line) => /^([+-]|@@)/.test(line))
    .join("\n")
    .slice(0, 8000);

const toCommit = (entry: string): Commit => {
  const [sha, parents, seconds, author, message, paths] = entry.split("\x1f");
  return {
    sha: sha!,
    parents: parents!.split(" ").filter((parent) => parent !== ""),
    title: message!.split("\n")[0]!.trim(),
    message: message!.trim(),
    author: author!,
    at: Number(seconds) * 1000,
    url: "",
    paths: paths!.split("\n").filter((path) => path !== ""),
  };
};

/** Every file of a commit. */
export const treeOf = async (directory: string, sha: string): Promise<Tree> => {
  const out = await git(directory, ["ls-tree", "-r", "-l", "-z", sha]);
  const entries = out.split("\0").filter((entry) => entry !== "");
  return new Map(
    entries.map((entry) => {
      const [mode, , blob, size] = entry.slice(0, entry.indexOf("\t")).split(/ +/);
      const known = size === "-" ? {} : { size: Number(size) };
      return [entry.slice(entry.indexOf("\t") + 1), { mode: mode!, sha: blob!, ...known }];
    }),
  );
};

export const blobOf = async (directory: string, sha: string): Promise<Uint8Array> =>
  (await run("git", ["-C", directory, "cat-file", "blob", sha], { maxBuffer: 1 << 30, encoding: "buffer" }))
    .stdout;
