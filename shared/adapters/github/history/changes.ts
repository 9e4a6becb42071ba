import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Comparison, ListedCommit } from "../../../ports/changes.ts";
import type { Service } from "../../../ports/service.ts";
import { ask, unlessMissing } from "../api/call.ts";
import { type Github, repoOf } from "../api/repository.ts";
import { listed, maxFiles } from "../git/commits.ts";

type Listed = RestEndpointMethodTypes["repos"]["listCommits"]["response"]["data"][number];

/** GitHub's largest pages: of commits in a comparison, and of commits in a list. */
const pageSize = { compared: 250, listed: 100 };

export const toListed = ({ sha, commit, parents, html_url, author }: Listed): ListedCommit => ({
  sha,
  parents: parents.map((parent) => parent.sha),
  title: commit.message.split("\n")[0]?.trim() ?? "",
  message: commit.message,
  author: author && "login" in author && author.login ? author.login : (commit.author?.name ?? "unknown"),
  at: Date.parse(commit.committer?.date ?? ""),
  writtenAt: Date.parse(commit.author?.date ?? ""),
  url: html_url,
  tree: commit.tree.sha,
});

/** One call for up to 250 commits. GitHub lists the oldest of a comparison first, so the newest of a longer one come from the list. */
export const compareChanges = async (
  github: Github,
  service: Service,
  { from, to, limit }: { from: string; to: string; limit: number },
): Promise<Comparison | undefined> => {
  const basehead = `${from}...${to}`;
  const data = await unlessMissing(
    ask(`compare ${basehead} of ${service.repository}`, () =>
      github.octokit.repos.compareCommitsWithBasehead({
        ...repoOf(service),
        ...{ basehead, per_page: pageSize.compared },
      }),
    ),
  );
  if (data === undefined) return undefined;
  const { status, ahead_by: total, files = [] } = data;
  const wanted = Math.min(total, limit);
  const commits =
    data.commits.length >= wanted
      ? data.commits.map(toListed).toReversed().slice(0, limit)
      : await newest(github, service, { to, limit: wanted });
  return { status, commits, total, ...(files.length < maxFiles && { files: listed(files) }) };
};

const newest = async (
  github: Github,
  service: Service,
  { to, limit, ...range }: { to: string; limit: number; since?: string; until?: string },
): Promise<ListedCommit[]> => {
  const pages = Array.from({ length: Math.ceil(limit / pageSize.listed) }, (_, index) => index + 1);
  const lists = await Promise.all(
    pages.map((page) =>
      ask(`list commits of ${service.repository} up to ${to}`, () =>
        github.octokit.repos.listCommits({
          ...{ ...repoOf(service), sha: to, ...range },
          ...{ per_page: pageSize.listed, page },
        }),
      ),
    ),
  );
  return lists.flat().map(toListed).slice(0, limit);
};

export const ancestors = (
  github: Github,
  service: Service,
  { to, since, until, limit }: { to: string; since: number; until: number; limit: number },
): Promise<ListedCommit[] | undefined> => {
  const range = { since: new Date(since).toISOString(), until: new Date(until).toISOString() };
  return unlessMissing(newest(github, service, { to, limit, ...range }));
};

/** One list a path. */
export const touching = async (
  github: Github,
  service: Service,
  { to, paths, limit }: { to: string; paths: string[]; limit: number },
): Promise<Set<string>> => {
  const lists = await Promise.all(
    paths.map((path) =>
      ask(`list commits of ${service.repository} ${path}`, () =>
        github.octokit.repos.listCommits({
          ...{ ...repoOf(service), sha: to, path: path.replace(/\/+$/, "") },
          per_page: Math.min(limit, pageSize.listed),
        }),
      ),
    ),
  );
  return new Set(lists.flat().map(({ sha }) => sha));
};

export const branchesAt = async (github: Github, service: Service, sha: string): Promise<string[]> => {
  const branches = await unlessMissing(
    ask(`find the branches at ${sha} of ${service.repository}`, () =>
      github.octokit.repos.listBranchesForHeadCommit({ ...repoOf(service), commit_sha: sha }),
    ),
  );
  return (branches ?? []).map(({ name }) => name);
};
