import { UpstreamError } from "../../../errors.ts";
import type { Proposal } from "../../../ports/pulls.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { type Github, repoOf } from "../api/repository.ts";
import { writeTree } from "../git/trees.ts";
import { createBranch, taken } from "./branch.ts";
import { createPull, mustBeApprovable, takeOver } from "./open.ts";
import { findPull } from "./pulls.ts";

/** `tree` is that of the branch's head. `adopted`: an earlier try had opened it. */
export type Opened = { number: number; url: string; head: string; tree: string; adopted: boolean };

/**
 * Tree, commit, branch and pull request in four calls, without label or check. A branch or pull request of an earlier try is adopted; when
 * GitHub refuses the pull request for good, the branch made for it is deleted.
 */
export const openOnce = async (github: Github, service: Service, proposal: Proposal): Promise<Opened> => {
  const { branch, edits, snapshot } = proposal;
  mustBeApprovable(`open the pull request from ${branch} of ${service.repository}`, edits);
  const work = { proposal, tree: await writeTree(github, service, snapshot.headTree, edits) };
  const made = await createBranch(github, service, work);
  if (made.created) {
    const pull = await open(github, service, proposal);
    return { number: pull.number, url: pull.html_url, head: made.head, tree: made.tree, adopted: false };
  }
  const found = await findPull(github, service, branch);
  if (found) {
    const { number, url, head } = await takeOver(github, service, { ...work, found });
    return { number, url, head, tree: made.tree, adopted: true };
  }
  const pull = await createPull(github, service, proposal);
  if (!pull) throw taken(service, branch, "GitHub refuses another pull request from it");
  return { number: pull.number, url: pull.html_url, head: made.head, tree: made.tree, adopted: false };
};

const open = async (github: Github, service: Service, proposal: Proposal) => {
  const { branch } = proposal;
  try {
    const pull = await createPull(github, service, proposal);
    if (pull) return pull;
    throw taken(service, branch, "GitHub refuses another pull request from it");
  } catch (error) {
    if (error instanceof UpstreamError && error.retryable) throw error;
    await ask(`remove branch ${branch} of ${service.repository}`, () =>
      github.octokit.git.deleteRef({ ...repoOf(service), ref: `heads/${branch}` }),
    ).catch(() => undefined);
    throw error;
  }
};
