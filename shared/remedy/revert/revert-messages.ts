import type { Commit, Landed, OpenPull } from "../../ports/history.ts";

const named = /\breverts commit ([0-9a-f]{7,40})\b/gi;

/** Most messages revert nothing, and to look for every match costs much more than to look for one. */
const any = new RegExp(named.source, "i");

/** The commits that a message says it reverts: 7 to 40 hexadecimal digits each. */
export const revertedIds = (message: string): string[] =>
  any.test(message) ? [...message.matchAll(named)].flatMap(([, id]) => id?.toLowerCase() ?? []) : [];

/** The commits of `shas` that a message says it reverts; an abbreviation that fits two of them names neither. */
export const revertedShas = (message: string, shas: string[]): string[] =>
  revertedIds(message).flatMap((id) => {
    const [sha, another] = shas.filter((one) => one.startsWith(id));
    return sha === undefined || another !== undefined ? [] : [sha];
  });

/** Whether a message says that it reverts this commit. */
export const isRevertOf = (message: string, sha: string): boolean => revertedShas(message, [sha]).length > 0;

/** The latest commit whose message says that it reverts `sha`, unless a later one reverts that in turn. */
export const takenBack = (sha: string, commits: Landed[]): Landed | undefined => {
  const shas = [sha, ...commits.map((commit) => commit.sha)];
  const undone = new Set<string>();
  for (const commit of commits.toReversed()) {
    if (undone.has(commit.sha)) continue;
    const reverted = revertedShas(commit.message, shas);
    if (reverted.includes(sha)) return commit;
    for (const each of reverted) undone.add(each);
  }
  return undefined;
};

const numberOf = ({ title }: Pick<Commit, "title">): string | undefined =>
  /^Merge pull request #(\d+) /.exec(title)?.[1] ?? /\(#(\d+)\)$/.exec(title)?.[1];
const withoutNumber = (title: string) => title.replace(/ \(#\d+\)$/, "");

/** Whether an open pull request says that it takes the change back: as git, as GitHub's button, or by its title. */
export const takesBack = (
  pull: Pick<OpenPull, "title" | "body">,
  commit: Pick<Commit, "sha" | "title">,
  { repository, number = numberOf(commit) }: { repository: string; number?: string | undefined },
): boolean => {
  if (isRevertOf(pull.body, commit.sha)) return true;
  const reverts = /^Reverts (\S+)#(\d+)$/m.exec(pull.body.replaceAll("\r", ""));
  if (number !== undefined && reverts)
    return reverts[2] === number && reverts[1]?.toLowerCase() === repository.toLowerCase();
  const titles = [commit.title, withoutNumber(commit.title)].map((title) => `Revert "${title}"`);
  return titles.includes(withoutNumber(pull.title.trim()));
};
