import { foldersOf } from "../../../git/listing/folders.ts";
import type { ListedChange } from "../../../git/model.ts";
import { broughtBack, saysBroughtBack } from "../../../git/reapplied.ts";
import type { Commit, Undone } from "../../../ports/history.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { type Github, isSha, repoOf } from "../api/repository.ts";
import { listed, readCommit } from "../git/commits.ts";
import { readTree } from "../git/trees.ts";
import { toLanded } from "./landed.ts";

/** GitHub lists this many commits of a comparison on its first page. */
const maxCommits = 250;

/** Says how the commits after `sha`, up to `by`, undo it: by their content, or by a message. Undefined when they do not. */
export const undone = async (
  github: Github,
  service: Service,
  { sha, by }: { sha: string; by: string },
): Promise<Undone | undefined> => {
  if (sha === by || !isSha(sha)) return undefined;
  const [commit, since] = await Promise.all([
    readCommit(github, service, sha),
    sinceOf(github, service, { sha, by }),
  ]);
  const says = since.commits.findLast(({ message }) => saysBroughtBack(message, commit));
  const paths = await pathsBack(github, service, { revert: commit, later: since.files });
  if (paths.length === 0 && says === undefined) return undefined;
  const last = says ?? (await lastChangeOf(github, service, { path: paths[0], by }));
  return { paths, ...(last === undefined ? {} : { commit: toLanded(last) }) };
};

/** The newest commit up to `by` that changed the path. */
const lastChangeOf = async (
  github: Github,
  service: Service,
  { path, by }: { path: string | undefined; by: string },
) => {
  if (path === undefined) return undefined;
  const [last] = await ask(`find who changed ${path} of ${service.repository}`, () =>
    github.octokit.repos.listCommits({ ...repoOf(service), sha: by, path, per_page: 1 }),
  );
  return last && { ...last, message: last.commit.message };
};

/** `listed` cuts the patches of very large comparisons; such files are compared whole. */
const sinceOf = async (github: Github, service: Service, { sha, by }: { sha: string; by: string }) => {
  const basehead = `${sha}...${by}`;
  const { commits, files = [] } = await ask(`compare ${basehead} of ${service.repository}`, () =>
    github.octokit.repos.compareCommitsWithBasehead({
      ...{ ...repoOf(service), basehead, per_page: maxCommits },
    }),
  );
  return {
    commits: commits.map((commit) => ({ ...commit, message: commit.commit.message })),
    files: listed(files),
  };
};

type Both = { revert: Pick<Commit, "paths" | "files" | "parents">; later: ListedChange[] };

/** The paths of the revert that are again as before it. */
const pathsBack = async (github: Github, service: Service, { revert, later }: Both): Promise<string[]> => {
  const touched = later.filter(({ path, previous = path }) =>
    revert.paths.some((own) => own === path || own === previous),
  );
  if (touched.length === 0) return [];
  const byLines = broughtBack(revert.files ?? [], touched);
  const unread = touched.filter(({ path, patch }) => patch === undefined && !byLines.includes(path));
  const [parent] = revert.parents;
  if (unread.length === 0 || parent === undefined) return byLines;
  const folders = foldersOf(unread.map(({ path }) => path));
  const before = await readTree(github, service, { name: parent, folders });
  const same = unread.filter(({ path, sha, status }) =>
    status === "removed" ? !before.has(path) : before.get(path)?.sha === sha,
  );
  return [...byLines, ...same.map(({ path }) => path)];
};
