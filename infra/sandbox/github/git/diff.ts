import { repoUrl } from "../json.ts";
import type { Github, Repo } from "../state.ts";

export type ChangedFile = {
  path: string;
  previous?: string;
  status: "added" | "removed" | "modified" | "renamed" | "changed";
  sha: string;
  additions: number;
  deletions: number;
  /** The diff from the first `@@`; absent for binary files, pure renames and diffs too large to show. */
  patch?: string;
};

const statuses = { A: "added", D: "removed", M: "modified", R: "renamed", T: "changed" } as const;
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
/** GitHub shows no patch past this much of it (docs: "Limits on diffs", 1 MB or 20,000 lines). */
const limits = { bytes: 1_000_000, lines: 20_000 };

/** The files that changed between two commits, by path, in one run of `git diff-tree`. No `from` means everything is new. */
export const changedFiles = async (
  repo: Repo,
  from: string | undefined,
  to: string,
): Promise<ChangedFile[]> => {
  const ran = await repo.git.run([
    "diff-tree",
    "-r",
    "-M",
    "-z",
    "--raw",
    "--numstat",
    "--patch",
    "--full-index",
    "--abbrev=40",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    from ?? emptyTree,
    to,
    "--",
  ]);
  if (ran.code !== 0) throw new Error(`git diff-tree ${from} ${to}: ${ran.stderr.trim()}`);
  return parseDiff(ran.stdout.toString());
};

const parseDiff = (text: string): ChangedFile[] => {
  const files: ChangedFile[] = [];
  let at = 0;
  const field = (): string => {
    const end = text.indexOf("\0", at);
    const value = text.slice(at, end);
    at = end + 1;
    return value;
  };
  while (text[at] === ":") {
    const [, , from = "", to = "", letter = "M"] = field().split(" ");
    const status = statuses[letter[0] as keyof typeof statuses] ?? "modified";
    const first = field();
    const path = status === "renamed" ? field() : first;
    const sha = status === "removed" ? from : to;
    files.push({
      path,
      status,
      sha,
      additions: 0,
      deletions: 0,
      ...(status === "renamed" && { previous: first }),
    });
  }
  for (const file of files) {
    const [added, removed, path] = field().split("\t");
    if (path === "") [field(), field()];
    file.additions = Number(added) || 0;
    file.deletions = Number(removed) || 0;
  }
  // Content lines start with a blank, a sign or a backslash, so this never splits inside a file.
  const patches = text.slice(text[at] === "\0" ? at + 1 : at).split(/(?<=\n)(?=diff --git )/);
  for (const file of files) {
    // A change of type is shown by git as a removal and an addition.
    const parts = patches.splice(0, file.status === "changed" ? 2 : 1);
    const patch = parts.map(hunks).filter(Boolean).join("\n");
    const shown =
      patch !== "" && patch.length <= limits.bytes && file.additions + file.deletions <= limits.lines;
    if (shown) file.patch = patch;
  }
  return files;
};

const hunks = (patch: string): string => {
  const start = patch.indexOf("\n@@ ");
  return start < 0 ? "" : patch.slice(start + 1).replace(/\n$/, "");
};

export const fileJson = (github: Github, repo: Repo, at: string, file: ChangedFile) => {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  const page = `${github.origin}/github/${repo.fullName}`;
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${at}/${path}`,
    raw_url: `${page}/raw/${at}/${path}`,
    contents_url: `${repoUrl(github, repo)}/contents/${path}?ref=${at}`,
    ...(file.patch !== undefined && { patch: file.patch }),
    ...(file.previous !== undefined && { previous_filename: file.previous }),
  };
};
