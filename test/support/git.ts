import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gitSync } from "../../infra/host/git.ts";
import type { Tree } from "../../shared/git/model.ts";
import { blobId } from "../../shared/git/object-ids.ts";

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

/** A repository with a work tree in a temporary folder. */
export type Repository = {
  dir: string;
  git: (args: string[], input?: string | Buffer) => string;
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
  git(["init", "-q", "-b", "main", "--template="]);
  appendFileSync(
    join(dir, ".git/config"),
    "[gc]\n\tauto = 0\n[core]\n\tfsync = none\n\tfileMode = true\n[advice]\n\tdetachedHead = false\n",
  );
  return { dir, git, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

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

/** The result of `git revert` on top of `head`: the reverted tree, or undefined on a conflict or when git itself crashes. */
export function judge(
  { git, dir }: Repository,
  sha: string,
  head: string,
  mainline?: number,
): Tree | undefined {
  rmSync(join(dir, ".git/index.lock"), { force: true });
  git(["reset", "-q", "--hard"]);
  git(["clean", "-fdxq"]);
  git(["checkout", "-q", "--detach", "-f", head]);
  try {
    git(["revert", "--no-commit", ...(mainline ? ["-m", String(mainline)] : []), sha]);
  } catch {
    return undefined;
  }
  return index(git(["ls-files", "-s", "-z"]));
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
