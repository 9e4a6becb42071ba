import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Tree } from "../../shared/git/model.ts";
import { blobId } from "../../shared/git/object-ids.ts";
import { gitSync, shellSync } from "./git-runner.ts";

export { applied as apply, blobId } from "../../shared/git/object-ids.ts";

/** A file of a made-up history. `content` of a symbolic link is its target, of a submodule its commit. */
export type File = { mode: string; content: Buffer };
export type Files = Map<string, File>;
type Commit = { files: Files; parents: number[]; message?: string };

export const file = (content: string | Buffer, mode = "100644"): File => ({
  mode,
  content: typeof content === "string" ? Buffer.from(content) : content,
});
export const files = (entries: Record<string, string | Buffer | File>): Files =>
  new Map(
    Object.entries(entries).map(([path, value]) => [
      path,
      typeof value === "string" || Buffer.isBuffer(value) ? file(value) : value,
    ]),
  );

const idOf = ({ mode, content }: File) => (mode === "160000" ? content.toString() : blobId(content));
export const treeOf = (tree: Files): Tree =>
  new Map([...tree].map(([path, entry]) => [path, { mode: entry.mode, sha: idOf(entry) }]));

const settings = `[core]
	repositoryFormatVersion = 0
	fileMode = true
	fsync = none
[fastimport]
	unpackLimit = 0
[gc]
	auto = 0
[advice]
	detachedHead = false
`;

/** Does what `git init` does, without a process. A pack is written and removed faster than a file for each object. */
export const initialize = (gitDir: string): void => {
  for (const folder of ["objects", "refs/heads"]) mkdirSync(join(gitDir, folder), { recursive: true });
  writeFileSync(join(gitDir, "HEAD"), "ref: refs/heads/main\n");
  writeFileSync(join(gitDir, "config"), `${settings}[core]\n\tbare = ${!gitDir.endsWith("/.git")}\n`);
};

/** A repository with a work tree in a temporary folder. */
export type Repository = {
  dir: string;
  git: (args: string[], input?: string | Buffer) => string;
  /** Runs a script of git commands with these as its arguments. */
  shell: (script: string, args: string[]) => string;
  remove: () => void;
};
export function repository(): Repository {
  const dir = mkdtempSync(join(tmpdir(), "countersteer-revert-"));
  const env = {
    ...{ GIT_AUTHOR_NAME: "Ann", GIT_AUTHOR_EMAIL: "ann@example.com", GIT_AUTHOR_DATE: "1700000000 +0000" },
    ...{ GIT_COMMITTER_NAME: "Ann", GIT_COMMITTER_EMAIL: "ann@example.com" },
    GIT_COMMITTER_DATE: "1700000000 +0000",
  };
  const git = (args: string[], input: string | Buffer = "") =>
    gitSync(dir, args, { env, input }).toString("latin1");
  const shell = (script: string, args: string[]) => shellSync(dir, script, args, env).toString("latin1");
  initialize(join(dir, ".git"));
  return { dir, git, shell, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Does what `git update-ref` does to a branch, without a process. */
export const point = ({ dir }: Repository, branch: string, sha: string): void => {
  const file = join(dir, ".git/refs/heads", branch);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${sha}\n`);
};

/** Writes the commits in one go; returns their ids. */
export function write({ git, dir }: Repository, commits: Commit[]): string[] {
  const parts: Buffer[] = [];
  const say = (text: string) => parts.push(Buffer.from(text));
  const data = (content: Buffer) =>
    parts.push(Buffer.from(`data ${content.length}\n`), content, Buffer.from("\n"));
  commits.forEach(({ files, parents, message }, at) => {
    say(
      `commit refs/made/${at}\nmark :${at + 1}\ncommitter Ann <ann@example.com> ${1_700_000_000 + at} +0000\n`,
    );
    data(Buffer.from(message ?? `Commit ${at}`));
    for (const [i, parent] of parents.entries()) say(`${i === 0 ? "from" : "merge"} :${parent + 1}\n`);
    say("deleteall\n");
    for (const [path, { mode, content }] of files) {
      say(`M ${mode} ${mode === "160000" ? content : "inline"} ${path}\n`);
      if (mode !== "160000") data(content);
    }
  });
  git(["fast-import", "--quiet", "--force", "--export-marks=.git/marks"], Buffer.concat(parts));
  const ids: string[] = [];
  for (const line of readFileSync(join(dir, ".git/marks"), "utf8").trim().split("\n")) {
    const [mark, id] = line.split(" ");
    ids[Number(mark!.slice(1)) - 1] = id!;
  }
  return ids;
}

const reverting = `
rm -f .git/index.lock
git update-ref --no-deref HEAD "$1" && git reset -q --hard && git clean -fdxq || exit 2
shift
git revert --no-commit "$@" >&2 || exit 0
git ls-files -s -z && printf clean`;

/** The result of `git revert` on top of `head`: the reverted tree, or undefined on a conflict or when git itself crashes. */
export function judge({ shell }: Repository, sha: string, head: string, mainline?: number): Tree | undefined {
  const listed = shell(reverting, [head, ...(mainline ? ["-m", String(mainline)] : []), sha]);
  return listed.endsWith("clean") ? index(listed.slice(0, -"clean".length)) : undefined;
}

function index(listing: string): Tree {
  const lines = listing.split("\0").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [mode, sha] = line.split(" ") as [string, string];
      return [Buffer.from(line.slice(line.indexOf("\t") + 1), "latin1").toString(), { mode, sha }];
    }),
  );
}

export const listing = (tree: Tree): string[] =>
  [...tree].map(([path, { mode, sha }]) => `${mode} ${sha} ${path}`).sort();
