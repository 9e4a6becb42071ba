import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { ListedChange } from "../../../git/model.ts";
import type { Commit } from "../../../ports/history.ts";
import type { Service } from "../../../ports/service.ts";
import { inParallel } from "../api/cache.ts";
import { ask } from "../api/call.ts";
import { type Github, repoOf } from "../api/repository.ts";

type Details = RestEndpointMethodTypes["repos"]["getCommit"]["response"]["data"];
type Range = { since: number; until: number; limit: number };

const pageSize = 100;
/** GitHub takes 100 calls at once from everyone who uses the same token. */
const parallelReads = 30;
const maxPatch = 200_000;
/** GitHub lists this many files of a commit or a comparison at once. */
export const maxFiles = 300;

/** One list a path prefix and page, all at once; then the details of each commit. */
export const commits = async (github: Github, service: Service, range: Range): Promise<Commit[]> => {
  const paths = service.paths.length > 0 ? service.paths : [undefined];
  const pages = Array.from({ length: Math.ceil(range.limit / pageSize) }, (_, at) => at + 1);
  const lists = await Promise.all(
    paths.flatMap((path) => pages.map((page) => list(github, service, range, { path, page }))),
  );
  const landed = new Map(
    lists.flat().map((entry) => [entry.sha, Date.parse(entry.commit.committer?.date ?? "")]),
  );
  const newest = [...landed].sort(([, a], [, b]) => b - a).slice(0, range.limit);
  return inParallel(parallelReads, newest, ([sha]) => readCommit(github, service, sha));
};

/** Pages of the history that are read, all at once. */
const historyPages = [1, 2];

export const shas = async (
  github: Github,
  service: Service,
  range: Omit<Range, "limit">,
): Promise<string[]> => {
  const whole = { ...range, limit: pageSize };
  const lists = await Promise.all(
    historyPages.map((page) => list(github, service, whole, { path: undefined, page })),
  );
  return [...new Set(lists.flat().map(({ sha }) => sha))];
};

const list = (
  github: Github,
  service: Service,
  { since, until, limit }: Range,
  { path, page }: { path: string | undefined; page: number },
) => {
  return ask(`list commits of ${service.repository} ${path ?? ""}`.trim(), () =>
    github.octokit.repos.listCommits({
      ...repoOf(service),
      sha: service.branch,
      since: new Date(since).toISOString(),
      until: new Date(until).toISOString(),
      per_page: Math.min(limit, pageSize),
      page,
      ...(path === undefined ? {} : { path: path.replace(/\/+$/, "") }),
    }),
  );
};

export const readCommit = (github: Github, service: Service, sha: string): Promise<Commit> => {
  return github.commits.read(`${service.repository} ${sha}`, async () =>
    toCommit(
      await ask(`read commit ${sha} of ${service.repository}`, () =>
        github.octokit.repos.getCommit({ ...repoOf(service), ref: sha }),
      ),
    ),
  );
};

const toCommit = ({ sha, commit, parents, html_url, author, files = [] }: Details): Commit => {
  const patch = files.flatMap((file) => (file.patch ? `--- ${file.filename}\n${file.patch}` : [])).join("\n");
  return {
    sha,
    parents: parents.map((parent) => parent.sha),
    title: commit.message.split("\n", 1).join("").trim(),
    message: commit.message,
    author: author && "login" in author && author.login ? author.login : (commit.author?.name ?? "unknown"),
    at: Date.parse(commit.committer?.date ?? ""),
    writtenAt: Date.parse(commit.author?.date ?? ""),
    url: html_url,
    paths: [...new Set(files.flatMap((file) => [file.filename, file.previous_filename ?? []].flat()))],
    removed: files.flatMap(({ status, filename, previous_filename }) =>
      status === "removed" ? [filename] : status === "renamed" ? [previous_filename ?? []].flat() : [],
    ),
    ...(patch === "" ? {} : { patch: patch.slice(0, maxPatch) }),
    tree: commit.tree.sha,
    ...(files.length < maxFiles && { files: listed(files) }),
  };
};

type File = {
  filename: string;
  status: string;
  sha: string | null;
  previous_filename?: string;
  patch?: string;
};

/** Files as GitHub lists them; the patches of very large changes are left out. */
export const listed = (files: File[]): ListedChange[] => {
  let room = maxPatch;
  return files.map(({ filename, status, sha, previous_filename, patch }) => {
    room -= patch?.length ?? 0;
    return {
      ...{ path: filename, status },
      ...(sha !== null && { sha }),
      ...(previous_filename !== undefined && { previous: previous_filename }),
      ...(patch !== undefined && room >= 0 && { patch }),
    };
  });
};
