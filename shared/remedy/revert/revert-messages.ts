import type { Commit, Landed, OpenPull } from "../../ports/history.ts";

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
  { repository, number = numberOf(commit) }: { repository: string; number?: string | undefined },
): boolean {
  if (revertedBy(pull.body).includes(commit.sha)) return true;
  const reverts = /^Reverts (\S+)#(\d+)$/m.exec(pull.body.replaceAll("\r", ""));
  if (number !== undefined && reverts)
    return reverts[2] === number && reverts[1]!.toLowerCase() === repository.toLowerCase();
  const titles = [commit.title, withoutNumber(commit.title)].map((title) => `Revert "${title}"`);
  return titles.includes(withoutNumber(pull.title.trim()));
}
