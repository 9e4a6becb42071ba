import type { Commit } from "../ports.ts";

/** What has landed on a branch after a change. What GitHub does not list whole is absent. */
export type Since = {
  head?: { sha: string; tree: string };
  /** How many commits the branch has that the change has not: the larger, the older the change. */
  age: number;
  commits: Landed[];
  files?: { path: string; status: string; previous?: string }[];
};
export type Landed = { sha: string; parents: string[]; message: string; author: string };
export type OpenPull = {
  number: number;
  url: string;
  title: string;
  body: string;
  branch: string;
  own: boolean;
};

/** The change that a revert says it takes back. */
export const revertedBy = (message: string): string[] =>
  [...message.matchAll(/\bThis reverts commit ([0-9a-f]{40})\b/g)].map(([, sha]) => sha!);

/** The latest commit whose message says that it takes `sha` back, unless a later one took that back in turn. */
export function takenBack(sha: string, commits: Landed[]): Landed | undefined {
  const undone = new Set<string>();
  for (const commit of commits.toReversed()) {
    if (undone.has(commit.sha)) continue;
    const reverted = revertedBy(commit.message);
    if (reverted.includes(sha)) return commit;
    for (const one of reverted) undone.add(one);
  }
  return undefined;
}

const numberOf = ({ title }: Pick<Commit, "title">): string | undefined =>
  /^Merge pull request #(\d+) /.exec(title)?.[1] ?? /\(#(\d+)\)$/.exec(title)?.[1];
const withoutNumber = (title: string) => title.replace(/ \(#\d+\)$/, "");

/** Whether an open pull request says that it takes the change back: as git, as GitHub's button, or by its title. */
export function takesBack(
  pull: Pick<OpenPull, "title" | "body">,
  commit: Pick<Commit, "sha" | "title">,
  repository: string,
): boolean {
  if (revertedBy(pull.body).includes(commit.sha)) return true;
  const reverts = /^Reverts (\S+)#(\d+)$/m.exec(pull.body.replaceAll("\r", ""));
  const number = numberOf(commit);
  if (number !== undefined && reverts)
    return reverts[2] === number && reverts[1]!.toLowerCase() === repository.toLowerCase();
  const titles = [commit.title, withoutNumber(commit.title)].map((title) => `Revert "${title}"`);
  return titles.includes(withoutNumber(pull.title.trim()));
}

/** The branch's own line from its head down, without what merges brought in. */
export function firstParents(commits: Landed[], head: string): Landed[] {
  const bySha = new Map(commits.map((commit) => [commit.sha, commit]));
  const line: Landed[] = [];
  for (let commit = bySha.get(head); commit; commit = bySha.get(commit.parents[0] ?? "")) line.push(commit);
  return line;
}
