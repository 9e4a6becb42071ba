import { UpstreamError } from "../../../errors.ts";
import type { Proposal } from "../../../ports/pulls.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { type Github, never, repoOf } from "../api/repository.ts";
import { contains } from "../git/compare.ts";
import { writeTree } from "../git/trees.ts";
import { readHead } from "./pulls.ts";

/** A proposal, and the tree that it makes of the branch as it was read. */
export type Work = { proposal: Proposal; tree: string };
/** The head of a branch of ours. `created` is false when an earlier try left it. */
export type Branch = { head: string; tree: string; created: boolean };

/** The head of the new branch; without author and committer GitHub signs the commit as ours. */
export const createBranch = async (
  github: Github,
  service: Service,
  { proposal, tree }: Work,
): Promise<Branch> => {
  const { branch, commitMessage: message, snapshot } = proposal;
  const { sha } = await ask(`write a commit to ${service.repository}`, () =>
    github.octokit.git.createCommit({ ...repoOf(service), message, tree, parents: [snapshot.head] }),
  );
  try {
    await ask(`create branch ${branch} of ${service.repository}`, () =>
      github.octokit.git.createRef({ ...repoOf(service), ref: `refs/heads/${branch}`, sha }),
    );
    return { head: sha, tree, created: true };
  } catch (error) {
    if (!isRefused(error, /already exists/i)) throw error;
  }
  const head = await readHead(github, service, branch);
  return { head, tree: await mustHoldRevert(github, service, { proposal, tree, head }), created: false };
};

/** Its tree; one commit on top of the service's branch that is its parent with exactly our edits. */
export const mustHoldRevert = async (
  github: Github,
  service: Service,
  { proposal, tree, head }: Work & { head: string },
): Promise<string> => {
  const { branch, edits, snapshot } = proposal;
  const read = (sha: string) =>
    ask(`read commit ${sha} of ${service.repository}`, () =>
      github.octokit.git.getCommit({ ...repoOf(service), commit_sha: sha }),
    );
  const commit = await read(head);
  const [parent, another] = commit.parents;
  if (!parent || another) throw taken(service, branch, `${head} is not a revert of one commit`);
  if (parent.sha === snapshot.head && commit.tree.sha === tree) return tree;
  const [before, landed] = await Promise.all([
    read(parent.sha),
    contains(github, service, { ancestor: parent.sha, descendant: service.branch }),
  ]);
  const expected = landed ? await tryTree(github, service, { base: before.tree.sha, edits }) : undefined;
  if (expected !== commit.tree.sha) throw taken(service, branch, `${head} on it is not this revert`);
  return commit.tree.sha;
};

const tryTree = async (
  github: Github,
  service: Service,
  { base, edits }: { base: string; edits: Proposal["edits"] },
): Promise<string | undefined> => {
  try {
    return await writeTree(github, service, base, edits);
  } catch (error) {
    if (isRefused(error, /./)) return undefined;
    throw error;
  }
};

export const isRefused = (error: unknown, said: RegExp): boolean =>
  error instanceof UpstreamError && error.status === 422 && said.test(error.message);

export const taken = (service: Service, branch: string, why: string) =>
  never(`branch ${branch} of ${service.repository} is taken: ${why}`);
