import { UpstreamError } from "../../errors.ts";
import type { Commit, Service, Tree } from "../../ports.ts";
import type { OpenPull, Since } from "../../remedy/lineage.ts";
import { ask } from "./ask.ts";
import { readCommit } from "./commits.ts";
import { type Github, never, repoOf } from "./repository.ts";
import { openPulls, since } from "./since.ts";
import { readTree } from "./trees.ts";

/** A change on the branch, what came after it, and the pull requests that are open. */
export type Known = { commit: Commit; since: Since; pulls: OpenPull[] };

/** All at once, the first thing that is wrong told first. Throws a final error for what cannot be taken back. */
export async function readChange(github: Github, service: Service, sha: string): Promise<Known> {
  const reading = named(github, service, sha);
  aheadOf(github, service, reading);
  const [commit, after, pulls] = await Promise.allSettled([
    reading,
    since(github, service, sha),
    openPulls(github, service),
  ]);
  if (commit.status === "rejected") throw commit.reason;
  if (after.status === "rejected") throw noBranch(service, after.reason);
  if (pulls.status === "rejected") throw pulls.reason;
  return { commit: commit.value, since: after.value, pulls: pulls.value };
}

/** Reads the files to go back to while the rest is on its way; whoever needs them finds them read. */
function aheadOf(github: Github, service: Service, reading: Promise<Commit>): void {
  const read = async () => {
    const [parent] = (await reading).parents;
    if (parent !== undefined) await readTree(github, service, parent);
  };
  read().catch(() => undefined);
}

const missing = (error: unknown): boolean =>
  error instanceof UpstreamError && (error.status === 404 || error.status === 422);

async function named(github: Github, service: Service, sha: string): Promise<Commit> {
  try {
    return await readCommit(github, service, sha);
  } catch (error) {
    if (!missing(error)) throw error;
    throw never(`${service.repository} has no commit ${sha}, or the token may not see it`);
  }
}

const noBranch = (service: Service, error: unknown): unknown =>
  missing(error) ? never(`${service.repository} has no branch ${service.branch}`) : error;

/** The branch's head, its tree and the files in it. */
export async function readHeadTree(github: Github, service: Service, { head }: Pick<Since, "head">) {
  const { sha, tree } = head ?? (await readBranchHead(github, service));
  return { head: sha, headTree: tree, ours: await readTree(github, service, tree) };
}

export async function readBranchHead(
  github: Github,
  service: Service,
): Promise<{ sha: string; tree: string }> {
  const { commit } = await ask(`read branch ${service.branch} of ${service.repository}`, () =>
    github.octokit.repos.getBranch({ ...repoOf(service), branch: service.branch }),
  );
  return { sha: commit.sha, tree: commit.commit.tree.sha };
}

/** The files a change made and those it was made on: its first parent's. */
export async function readSides(
  github: Github,
  service: Service,
  { sha, parents }: Pick<Commit, "sha" | "parents">,
): Promise<{ base: Tree; theirs: Tree }> {
  const [parent] = parents;
  if (parent === undefined)
    throw never(
      `revert ${sha} of ${service.repository}: it is the first commit, there is nothing to go back to`,
    );
  const [base, theirs] = await Promise.all([
    readTree(github, service, sha),
    readTree(github, service, parent),
  ]);
  return { base, theirs };
}

/** The branch that GitHub takes for the main one. */
export async function defaultBranch(github: Github, repository: string): Promise<string> {
  const data = await ask(`read ${repository}`, () => github.octokit.repos.get(repoOf({ repository })));
  return data.default_branch;
}
