import type { ListedChange } from "../../../shared/git/model.ts";
import type { Changes, Comparison, ListedCommit } from "../../../shared/ports/changes.ts";
import { git } from "../../host/git.ts";
import { readLog, readPatch } from "./log.ts";

/** The reads of a diagnosis without deploys. A clone knows no pull requests; its merges and squashes say theirs. */
export type RecordedChanges = Pick<
  Changes,
  "compare" | "ancestors" | "mergedPulls" | "touching" | "withFiles"
>;

const format = "%x1e%H%x1f%P%x1f%ct%x1f%at%x1f%an%x1f%T%x1f%B";

export const changesOfClone = (directory: string): RecordedChanges => ({
  ancestors: async (_, { to, since, until, limit }) =>
    listed(directory, [
      `--since-as-filter=@${Math.floor(since / 1000)}`,
      ...[`--until=@${Math.floor(until / 1000)}`, `--max-count=${limit}`, to],
    ]),
  mergedPulls: async () => [],
  touching: async (_, { to, paths, limit }) => {
    const out = await git(directory, ["log", "--format=%H", `--max-count=${limit}`, to, "--", ...paths]);
    return new Set(out.split("\n").filter((sha) => sha !== ""));
  },
  withFiles: async (_, change) => {
    const [commit] = await readLog(directory, { limit: 1, from: change.sha });
    const patch = await readPatch(directory, change.sha);
    return { ...change, paths: commit?.paths ?? [], patch };
  },
  compare: (_, range) => compare(directory, range),
});

const listed = async (directory: string, args: string[]): Promise<ListedCommit[]> =>
  (await git(directory, ["log", `--format=${format}`, ...args])).split("\x1e").slice(1).map(toListed);

const toListed = (entry: string): ListedCommit => {
  const [sha = "", parents = "", seconds, written, author = "", tree = "", body = ""] = entry.split("\x1f");
  return {
    ...{ sha, parents: parents.split(" ").filter((parent) => parent !== ""), author, tree, url: "" },
    ...{ title: body.split("\n", 1).join("").trim(), message: body.trim() },
    ...{ at: Number(seconds) * 1000, writtenAt: Number(written) * 1000 },
  };
};

const compare = async (
  directory: string,
  { from, to, limit }: { from: string; to: string; limit: number },
): Promise<Comparison> => {
  const counts = await git(directory, ["rev-list", "--left-right", "--count", `${from}...${to}`]);
  const [behind = 0, total = 0] = counts.trim().split(/\s+/).map(Number);
  const commits = await listed(directory, [`--max-count=${limit}`, `${from}..${to}`]);
  const files = await filesBetween(directory, from, to);
  return { status: statusOf(total, behind), commits, total, files };
};

const statusOf = (ahead: number, behind: number): Comparison["status"] => {
  if (ahead > 0) return behind > 0 ? "diverged" : "ahead";
  return behind > 0 ? "behind" : "identical";
};

const filesBetween = async (directory: string, from: string, to: string): Promise<ListedChange[]> => {
  const range = `${from}...${to}`;
  const out = await git(directory, ["diff", "--name-only", "--no-renames", "-z", range]);
  return out
    .split("\0")
    .filter((path) => path !== "")
    .map((path) => ({ path, status: "modified" }));
};
