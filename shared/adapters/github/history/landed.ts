import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Commit, Landed } from "../../../ports/history.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { type Github, never, repoOf } from "../api/repository.ts";

type Listed = RestEndpointMethodTypes["repos"]["listCommits"]["response"]["data"][number];
type Pull =
  RestEndpointMethodTypes["repos"]["listPullRequestsAssociatedWithCommit"]["response"]["data"][number];

/** Commits of a pull request that are looked at. */
const pageSize = 100;

/**
 * Every commit that a pull request merged by rebase left on the branch, when `commit` is one of them and not the
 * only one. GitHub is not asked about a merge, a squash (its title ends in the number), or a commit that landed the
 * moment it was written.
 */
export const landed = async (
  github: Github,
  service: Service,
  commit: Commit,
): Promise<{ number: number; commits: Landed[] } | undefined> => {
  const { parents, title, at, writtenAt } = commit;
  if (parents.length !== 1 || /\(#\d+\)$/.test(title) || writtenAt === undefined || writtenAt === at)
    return undefined;
  const pull = await mergedPull(github, service, commit);
  if (!pull) return undefined;
  const [own, line] = await Promise.all([
    ask(`list the commits of ${service.repository}#${pull.number}`, () =>
      github.octokit.pulls.listCommits({ ...repoOf(service), pull_number: pull.number, per_page: pageSize }),
    ),
    ask(`list commits of ${service.repository} up to ${pull.tip}`, () =>
      github.octokit.repos.listCommits({ ...repoOf(service), sha: pull.tip, per_page: pageSize }),
    ),
  ]);
  if (own.length >= pageSize)
    throw never(
      `${commit.sha} landed with #${pull.number} of ${service.repository}, which has ${pageSize} commits or more: take them back with --range`,
    );
  const commits = replayed(own, line, pull.tip).map(toLanded);
  return commits.length > 1 && commits.some(({ sha }) => sha === commit.sha)
    ? { number: pull.number, commits }
    : undefined;
};

const mergedPull = async (github: Github, service: Service, { sha }: Commit) => {
  const pulls = await ask(`list the pull requests of commit ${sha} of ${service.repository}`, () =>
    github.octokit.repos.listPullRequestsAssociatedWithCommit({ ...repoOf(service), commit_sha: sha }),
  );
  const landedHere = ({ merged_at, base }: Pull) => merged_at && base.ref === service.branch;
  const pull = pulls.find(landedHere);
  return pull?.merge_commit_sha ? { number: pull.number, tip: pull.merge_commit_sha } : undefined;
};

/** The branch's line from `tip` down, as long as it replays the pull request's commits: a rebase keeps message, author and when it was written. */
const replayed = (own: Listed[], line: Listed[], tip: string): Listed[] => {
  const bySha = new Map(line.map((commit) => [commit.sha, commit]));
  const left = own.filter(({ parents }) => parents.length === 1);
  const found: Listed[] = [];
  for (let commit = bySha.get(tip); commit; commit = bySha.get(commit.parents[0]?.sha ?? "")) {
    const at = left.findLastIndex((one) => same(one, commit!));
    if (at < 0) break;
    left.length = at;
    found.push(commit);
  }
  return found;
};

const same = ({ commit: a }: Listed, { commit: b }: Listed): boolean =>
  a.message === b.message && a.author?.email === b.author?.email && a.author?.date === b.author?.date;

export const toLanded = ({
  sha,
  commit,
  author,
  parents,
}: Pick<Listed, "sha" | "commit" | "author" | "parents">): Landed => ({
  sha,
  parents: parents.map((parent) => parent.sha),
  message: commit.message,
  author: author && "login" in author && author.login ? author.login : (commit.author?.name ?? "unknown"),
});
