import { UpstreamError } from "../../../errors.ts";
import { changedTree } from "../../../git/listing/apply.ts";
import type { ListedChange, Tree } from "../../../git/model.ts";
import type { ChangeOnBranch, Commit, Since } from "../../../ports/history.ts";
import type { Service } from "../../../ports/service.ts";
import type { Made, Sides, Tip } from "../../../ports/trees.ts";
import { ask, isMissing, unlessMissing } from "../api/call.ts";
import { type Github, never, repoOf } from "../api/repository.ts";
import { maxFiles, readCommit } from "../git/commits.ts";
import { compare } from "../git/compare.ts";
import { isLarge, listTree, readTree, treeOnce } from "../git/trees.ts";
import { openPulls, since } from "./branch-delta.ts";

/** Reads the commit, the commits after it and the open pull requests at once. Throws a final error for a change that cannot be reverted. */
export const readChange = async (github: Github, service: Service, sha: string): Promise<ChangeOnBranch> => {
  const seen = github.commits.has(`${service.repository} ${sha}`);
  const reading = named(github, service, sha);
  aheadOf(github, service, { reading, ...(!seen && { early: `${sha}~1` }) });
  const [commit, after, pulls] = await Promise.allSettled([
    reading,
    since(github, service, sha),
    openPulls(github, service),
  ]);
  if (commit.status === "rejected") throw commit.reason;
  if (after.status === "rejected") throw noBranch(service, after.reason);
  if (pulls.status === "rejected") throw pulls.reason;
  return { commit: commit.value, since: after.value, pulls: pulls.value };
};

/**
 * Starts reading the parent's files while the rest is on its way. GitHub resolves `<sha>~1` as git does; if it does
 * not, the parent is read by its own id.
 */
const aheadOf = (
  github: Github,
  service: Service,
  { reading, early }: { reading: Promise<Commit>; early?: string },
): void => {
  if (isLarge(github, service)) return;
  const listing = early === undefined ? undefined : listTree(github, service, early);
  const read = async () => {
    const [sha] = (await reading).parents;
    if (sha === undefined) return;
    await treeOnce(github, service, { sha, derive: async () => (await listing)?.tree });
  };
  listing?.catch(() => undefined);
  read().catch(() => undefined);
};

const named = async (github: Github, service: Service, sha: string): Promise<Commit> => {
  try {
    return await readCommit(github, service, sha);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw never(`${service.repository} has no commit ${sha}, or the token may not see it`);
  }
};

const noBranch = (service: Service, error: unknown): unknown =>
  isMissing(error) ? never(`${service.repository} has no branch ${service.branch}`) : error;

/** The files of the change's first parent. */
export const readBefore = (
  github: Github,
  service: Service,
  { commit: { sha, parents }, folders }: { commit: Made; folders?: string[] | undefined },
): Promise<Tree> => {
  const [name] = parents;
  if (name !== undefined) return readTree(github, service, { name, folders });
  throw never(
    `revert ${sha} of ${service.repository}: it is the first commit, there is nothing to go back to`,
  );
};

type ChangeOf = { commit: Made; from?: string };

/** The files of the change where GitHub lists all of them. */
export const readChanged = async (
  github: Github,
  service: Service,
  { commit, from }: ChangeOf,
): Promise<ListedChange[] | undefined> =>
  from === undefined ? commit.files : (await between(github, service, { commit, from })).files;

/** The files after a change and before it (its first parent's or `from`'s). The list of changes may prove the former without a read. */
export const readSides = async (
  github: Github,
  service: Service,
  { commit, from, folders }: ChangeOf & { folders?: string[] | undefined },
): Promise<Sides> => {
  const made = from === undefined ? commit : await between(github, service, { commit, from });
  const before = readBefore(github, service, { commit: made, folders });
  const { tree, files } = made;
  // Which listing the files after it are derived from is known once the ones before it are read.
  if (files) await before;
  const base = treeOnce(github, service, {
    ...{ sha: commit.sha, folders },
    derive: async () => (tree !== undefined && files ? changedTree(await before, files, tree) : undefined),
  });
  const [theirs, after] = await Promise.all([before, base]);
  return { base: after, theirs, ...(files && { files }) };
};

const between = async (
  github: Github,
  service: Service,
  { commit: { sha, tree }, from }: { commit: Made; from: string },
): Promise<Made> => {
  const { status, files } = await compare(github, service, { base: from, head: sha });
  if (status !== "ahead") throw never(`${from} of ${service.repository} is not before ${sha}`);
  const changes: ListedChange[] = files.map(({ previous, ...file }) => ({
    ...file,
    ...(previous && { previous }),
  }));
  return {
    ...{ sha, parents: [from] },
    ...(tree !== undefined && { tree }),
    ...(files.length < maxFiles && { files: changes }),
  };
};

/** The branch's head, its tree and its files. `base` (the files of the change) and the list of later changes may prove them without a read. */
export const readTip = async (
  github: Github,
  service: Service,
  {
    since,
    base,
    folders,
  }: { since: Pick<Since, "head" | "files">; base?: Tree; folders?: string[] | undefined },
): Promise<Tip> => {
  const { files } = since;
  const head = since.head ?? (await readBranchHead(github, service));
  const ours = await treeOnce(github, service, {
    ...{ sha: head.tree, folders },
    derive: async () => (since.head && files && base ? changedTree(base, files, head.tree) : undefined),
  });
  return { head: head.sha, headTree: head.tree, ours };
};

export const readBranchHead = async (
  github: Github,
  service: Service,
): Promise<{ sha: string; tree: string }> => {
  const { commit } = await orRenamed(
    github,
    service.repository,
    ask(`read branch ${service.branch} of ${service.repository}`, () =>
      github.octokit.repos.getBranch({ ...repoOf(service), branch: service.branch }),
    ),
  );
  return { sha: commit.sha, tree: commit.commit.tree.sha };
};

/** Names the default branch where GitHub does not find the one that is read: it was renamed, and the configuration names the old one. */
export const orRenamed = async <T>(github: Github, repository: string, reading: Promise<T>): Promise<T> => {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof UpstreamError) || error.status !== 404) throw error;
    const now = await unlessMissing(defaultBranch(github, repository));
    if (now === undefined) throw error;
    const message = `${error.message}; the default branch of ${repository} is ${now}, so name it as the branch in the configuration and press Retry`;
    throw new UpstreamError("github", message, { retryable: false, status: 404, cause: error });
  }
};

/** The repository's default branch. */
export const defaultBranch = async (github: Github, repository: string): Promise<string> => {
  const data = await ask(`read ${repository}`, () => github.octokit.repos.get(repoOf({ repository })));
  return data.default_branch;
};
